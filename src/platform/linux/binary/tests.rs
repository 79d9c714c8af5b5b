#![allow(clippy::unwrap_used)]

use std::fs;

use super::*;
use crate::python::probe::tests::{Folder, library};

/// A shared object's first bytes, for a machine that has this number.
fn head(machine: u16) -> Vec<u8> {
    let mut head = vec![0; 64];
    head[..6].copy_from_slice(b"\x7fELF\x02\x01");
    head[16] = 3;
    head[18..20].copy_from_slice(&machine.to_le_bytes());
    head
}

fn why(head: &[u8]) -> String {
    check_head(head).unwrap_err()
}

#[test]
fn a_file_is_told_by_its_head() {
    assert_eq!(
        why(b"/* GNU ld script */\nINPUT ( x )"),
        "is a text file (perhaps a linker script)"
    );
    assert_eq!(why(b"!<arch>\nabc"), "is a static archive");
    assert_eq!(why(b"\x00\x01\x02"), "is not an ELF file");
    assert_eq!(why(b""), "is empty");
    assert_eq!(why(b"\x7fELF\x02\x01"), "is cut off");
    let own = std::env::consts::ARCH;
    let other = if own == "aarch64" {
        elf::EM_X86_64
    } else {
        elf::EM_AARCH64
    };
    let name = if own == "aarch64" {
        "x86_64"
    } else {
        "aarch64"
    };
    assert_eq!(
        why(&head(other)),
        format!("is for {name}, this process is {own}")
    );
    assert_eq!(
        why(&head(9999)),
        format!("is for ELF machine 9999, this process is {own}")
    );
    let program = fs::read("/proc/self/exe").unwrap();
    assert_eq!(
        check_head(&program[..64]),
        Ok(()),
        "a position-independent program is ET_DYN too"
    );
    let mut fixed = program[..64].to_vec();
    fixed[16..18].copy_from_slice(&2u16.to_ne_bytes());
    assert_eq!(why(&fixed), "is a program at a fixed address");
    let mut object = program[..64].to_vec();
    object[16..18].copy_from_slice(&1u16.to_ne_bytes());
    assert_eq!(why(&object), "is an ELF file, but no shared library");
}

#[test]
fn a_file_that_is_cut_off_is_not_loaded() {
    let folder = Folder::new();
    let path = folder.0.join("libpython3.12.so");
    library(&path);
    assert_eq!(check_library(&path, (3, 12)), Ok(()));
    let whole = fs::read(&path).unwrap();
    for length in [whole.len() - 1, 300] {
        fs::write(&path, &whole[..length]).unwrap();
        let why = check_library(&path, (3, 12)).unwrap_err();
        assert_eq!(why, "is cut off");
    }
    fs::write(&path, &whole[..100]).unwrap();
    let why = check_library(&path, (3, 12)).unwrap_err();
    assert!(why.starts_with("is damaged"), "{why}");
}

#[test]
fn the_version_is_that_of_the_name_the_library_has_for_others() {
    assert_eq!(version_in("libpython3.12.so.1.0"), Some((3, 12)));
    assert_eq!(version_in("libpython3.13t.so.1.0"), Some((3, 13)));
    assert_eq!(version_in("libpython3.so"), None);
    assert_eq!(version_in("libfoo.so.1"), None);
}

#[test]
fn programs_are_no_libraries_and_not_all_can_be_loaded() {
    let own = Path::new("/proc/self/exe");
    let why = check_library(own, (3, 12)).unwrap_err();
    assert_eq!(why, "is a program, and no shared library");
    // The test program is position independent, and Rust's threads have variables.
    let why = check_program(own).unwrap_err();
    assert!(why.starts_with("has thread-local variables"), "{why}");
}
