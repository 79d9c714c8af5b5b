//! Whether a file is a libpython for this very process.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use object::elf;

use super::clash::file::{self, Layout};

/// Whether `path` is a shared library of Python `version` that this process can load.
pub(super) fn check_library(path: &Path, version: (u8, u8)) -> Result<(), String> {
    let layout = layout(path)?;
    if layout.program.is_some() {
        return Err("is a program, and no shared library".into());
    }
    let soname = file::soname(path).unwrap_or_default();
    match version_in(&soname.to_string_lossy()) {
        Some(theirs) if theirs != version => Err(format!(
            "is the library of Python {}.{}",
            theirs.0, theirs.1
        )),
        _ => Ok(()),
    }
}

/// Whether the static python at `path` can be loaded itself, from a copy that is no program.
/// The text follows on "it".
pub(super) fn check_program(path: &Path) -> Result<(), String> {
    let layout = layout(path)?;
    if layout.program.is_none() {
        return Err("is not a position-independent program".into());
    }
    if layout.thread_local {
        return Err("has thread-local variables, whose place is fixed in a program".into());
    }
    match file::python_names(path) {
        Ok(names) if !names.is_empty() => Ok(()),
        _ => Err("does not export Python's API".into()),
    }
}

fn layout(path: &Path) -> Result<Layout, String> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut head))
        .map_err(|error| format!("cannot be read ({error})"))?;
    check_head(&head)?;
    match Layout::of(path) {
        Ok(layout) if layout.whole => Ok(layout),
        Ok(_) => Err("is cut off".into()),
        Err(why) => Err(format!("is damaged ({why})")),
    }
}

/// The version in a name such as libpython3.12.so.1.0.
fn version_in(soname: &str) -> Option<(u8, u8)> {
    let (major, rest) = soname.strip_prefix("libpython")?.split_once('.')?;
    let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn check_head(head: &[u8]) -> Result<(), String> {
    if head.starts_with(b"!<arch>\n") {
        return Err("is a static archive".into());
    }
    if !head.starts_with(&elf::ELFMAG) {
        let text = head
            .iter()
            .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
        let what = match head {
            [] => "is empty",
            _ if text => "is a text file (perhaps a linker script)",
            _ => "is not an ELF file",
        };
        return Err(what.into());
    }
    let [_, _, _, _, class, order, ..] = *head else {
        return Err("is cut off".into());
    };
    let (Some(&[a, b]), Some(&[c, d])) = (head.get(16..18), head.get(18..20)) else {
        return Err("is cut off".into());
    };
    let half = |bytes: [u8; 2]| match order {
        elf::ELFDATA2MSB => u16::from_be_bytes(bytes),
        _ => u16::from_le_bytes(bytes),
    };
    let theirs = machine(half([c, d]), class, order);
    let own = std::env::consts::ARCH;
    if theirs != own {
        return Err(format!("is for {theirs}, this process is {own}"));
    }
    match half([a, b]) {
        elf::ET_DYN => Ok(()),
        elf::ET_EXEC => Err("is a program at a fixed address".into()),
        _ => Err("is an ELF file, but no shared library".into()),
    }
}

/// The name that Rust has for an ELF machine.
fn machine(number: u16, class: u8, order: u8) -> String {
    let wide = class == elf::ELFCLASS64;
    let little = order == elf::ELFDATA2LSB;
    let name = match (number, wide) {
        (elf::EM_X86_64, true) => "x86_64",
        (elf::EM_X86_64, false) => "x32",
        (elf::EM_386, _) => "x86",
        (elf::EM_AARCH64, true) => "aarch64",
        (elf::EM_ARM, _) => "arm",
        (elf::EM_RISCV, true) => "riscv64",
        (elf::EM_RISCV, false) => "riscv32",
        (elf::EM_PPC64, _) if little == cfg!(target_endian = "little") => "powerpc64",
        (elf::EM_PPC64, _) => "powerpc64 of the other byte order",
        (elf::EM_S390, true) => "s390x",
        (elf::EM_LOONGARCH, true) => "loongarch64",
        _ => return format!("ELF machine {number}"),
    };
    name.into()
}

#[cfg(test)]
mod tests;
