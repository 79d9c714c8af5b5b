#![allow(clippy::unwrap_used)]

use std::fs;

use super::super::tests::Folder;
use super::*;

fn details(prefix: &Path) -> Details {
    let prefix = prefix.display();
    serde_json::from_str(&format!(
        r#"{{"executable": "{prefix}/bin/python3", "base_executable": "{prefix}/bin/python3",
        "prefix": "{prefix}", "base_prefix": "{prefix}", "exec_prefix": "{prefix}", "stdlib": "",
        "config": {{"LDLIBRARY": "libpython3.12.so", "INSTSONAME": "libpython3.12.so.1.0",
        "LIBDIR": "{prefix}/lib", "MULTIARCH": "x", "LIBPL": null}}, "abiflags": "", "mapped": [],
        "enable_shared": false, "free_threaded": false, "debug_build": false,
        "pointer_bits": 64, "machine": ""}}"#
    ))
    .unwrap()
}

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
    let mut object = program[..64].to_vec();
    object[16..18].copy_from_slice(&1u16.to_ne_bytes());
    assert_eq!(why(&object), "is an ELF file, but no shared library");
}

#[test]
fn an_unfit_file_gives_way_to_the_next_and_is_told_of() {
    let folder = Folder::new();
    let libs = folder.0.join("lib");
    fs::create_dir_all(libs.join("x")).unwrap();
    fs::write(libs.join("libpython3.12.so.1.0"), "not a library").unwrap();
    let message = find((3, 12, 1), &details(&folder.0)).unwrap_err();
    let text = libs.join("libpython3.12.so.1.0");
    let expected = format!("and {} is a text file", text.display());
    assert!(message.contains(&expected), "{message}");
    assert!(
        message.ends_with("libemb needs a Python built with --enable-shared"),
        "{message}"
    );
    let own = fs::read("/proc/self/exe").unwrap();
    fs::write(libs.join("x/libpython3.12.so"), &own[..64]).unwrap();
    assert_eq!(
        find((3, 12, 1), &details(&folder.0)).unwrap(),
        libs.join("x/libpython3.12.so")
    );
}

#[test]
fn each_kind_of_installation_has_its_remedy() {
    let folder = Folder::new();
    let version = (3, 12, 1);
    let pyenv = details(&folder.0.join(".pyenv/versions/3.12.1"));
    assert_eq!(
        missing(version, &pyenv, &[]),
        "it is linked statically, and libpython3.12.so.1.0 is not there: rebuild it with \
         `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force 3.12.1`"
    );
    fs::create_dir_all(folder.0.join("conda-meta")).unwrap();
    assert!(missing(version, &details(&folder.0), &[]).contains("conda install"));
    let mut debian = details(Path::new("/usr"));
    debian.abiflags = serde_json::from_str("\"d\"").unwrap();
    let message = missing(version, &debian, &[]);
    assert!(
        message.contains("libpython3.12d.so.1.0 is not there"),
        "{message}"
    );
    if Path::new("/var/lib/dpkg").is_dir() {
        assert!(
            message.ends_with("`apt-get install libpython3.12`"),
            "{message}"
        );
    }
}
