//! Reading a shared library on disk, before it is loaded.

use std::collections::HashSet;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::{ptr, slice};

use object::NativeEndian as NE;
use object::elf::{self, DT_NEEDED};
use object::read::elf::{Dyn, ElfFile64, FileHeader, ProgramHeader};
use object::read::{Object, ObjectSymbol};

use super::elf::is_python;

/// The names of Python's API that a library defines, or why it cannot be read.
pub fn python_names(path: &Path) -> Result<HashSet<Vec<u8>>, String> {
    let mapping = Mapping::new(path).map_err(|error| error.to_string())?;
    let file = ElfFile64::<NE, _>::parse(mapping.bytes()).map_err(|e| e.to_string())?;
    Ok(file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition())
        .filter_map(|symbol| symbol.name_bytes().ok())
        .filter(|name| is_python(name))
        .map(<[u8]>::to_vec)
        .collect())
}

/// Whether a library takes Python's API from elsewhere. A file that is no such library
/// does not: to say what is wrong with it is the loader's business.
pub fn uses_python(path: &Path) -> bool {
    let Ok(mapping) = Mapping::new(path) else {
        return false;
    };
    let Ok(file) = ElfFile64::<NE, _>::parse(mapping.bytes()) else {
        return false;
    };
    file.dynamic_symbols()
        .any(|symbol| symbol.is_undefined() && symbol.name_bytes().is_ok_and(is_python))
}

/// The names by which a library asks for its dependencies; none if it cannot be read.
pub fn needed(path: &Path) -> Vec<CString> {
    tagged(path, DT_NEEDED)
}

/// The name by which other libraries ask for this one.
pub fn soname(path: &Path) -> Option<CString> {
    tagged(path, elf::DT_SONAME).pop()
}

fn tagged(path: &Path, tag: u32) -> Vec<CString> {
    let Ok(mapping) = Mapping::new(path) else {
        return Vec::new();
    };
    tagged_in(mapping.bytes(), tag).unwrap_or_default()
}

fn tagged_in(bytes: &[u8], tag: u32) -> Option<Vec<CString>> {
    let file = ElfFile64::<NE, _>::parse(bytes).ok()?;
    let sections = file.elf_section_table();
    let (entries, strings) = sections.dynamic(NE, bytes).ok()??;
    let strings = sections.strings(NE, bytes, strings).ok()?;
    let found = entries.iter().filter(|entry| entry.tag32(NE) == Some(tag));
    Some(
        found
            .filter_map(|entry| entry.string(NE, strings).ok())
            .filter_map(|name| CString::new(name).ok())
            .collect(),
    )
}

/// What the segments of a library or program say of it.
pub struct Layout {
    /// The file has all its bytes. The loader does not ask, and the process would die where
    /// those are read that are not there.
    pub whole: bool,
    /// It has thread-local variables.
    pub thread_local: bool,
    /// It says that it is a program.
    pub program: Option<Program>,
}

/// What there is to know of a program of which a copy is to be loaded.
pub struct Program {
    /// Where in the file the flags are that say it is one (DF_1_PIE).
    pub flags_at: u64,
    pub flags: u64,
    /// Where that ends which the loader maps; debugging information follows.
    pub end: u64,
}

impl Layout {
    /// Reads it, or says why it cannot be read.
    pub fn of(path: &Path) -> Result<Layout, String> {
        let mapping = Mapping::new(path).map_err(|error| error.to_string())?;
        Layout::of_bytes(mapping.bytes()).map_err(|error| error.to_string())
    }

    fn of_bytes(bytes: &[u8]) -> object::read::Result<Layout> {
        let header = elf::FileHeader64::<NE>::parse(bytes)?;
        let segments = header.program_headers(NE, bytes)?;
        let sections = u64::from(header.e_shnum(NE)) * u64::from(header.e_shentsize(NE));
        let sections_end = header.e_shoff(NE).saturating_add(sections);
        let mut layout = Layout {
            whole: sections_end <= bytes.len() as u64,
            thread_local: false,
            program: None,
        };
        let mut mapped = 0;
        for segment in segments {
            let (start, size) = segment.file_range(NE);
            let end = start.saturating_add(size);
            match segment.p_type(NE) {
                elf::PT_LOAD => {
                    layout.whole &= end <= bytes.len() as u64;
                    mapped = mapped.max(end);
                }
                elf::PT_TLS => layout.thread_local = true,
                elf::PT_DYNAMIC => {
                    let entries = segment
                        .dynamic(NE, bytes)
                        .ok()
                        .flatten()
                        .unwrap_or_default();
                    layout.program = program_flags(start, entries);
                }
                _ => {}
            }
        }
        if let Some(program) = &mut layout.program {
            program.end = mapped;
        }
        Ok(layout)
    }
}

fn program_flags(start: u64, entries: &[elf::Dyn64<NE>]) -> Option<Program> {
    let is_flags = |entry: &elf::Dyn64<NE>| entry.tag32(NE) == Some(elf::DT_FLAGS_1);
    let index = entries.iter().position(is_flags)?;
    let flags = entries[index].d_val(NE);
    let flags_at = start + (index * size_of::<elf::Dyn64<NE>>() + size_of::<u64>()) as u64;
    (flags & u64::from(elf::DF_1_PIE) != 0).then_some(Program {
        flags_at,
        flags,
        end: 0,
    })
}

/// A file in memory. Libraries can be half a gigabyte, of which we look at a few pages;
/// the loader is about to map the same file, and trusts it as much as we do.
struct Mapping {
    start: *mut libc::c_void,
    length: usize,
}

impl Mapping {
    fn new(path: &Path) -> io::Result<Mapping> {
        let file = File::open(path)?;
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        // SAFETY: a new private mapping at an address of the kernel's choice replaces
        // nothing; the result is checked below.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                length,
                libc::PROT_READ,
                libc::MAP_PRIVATE,
                file.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Mapping { start, length })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: `new` mapped that many bytes for reading, and `drop` unmaps them after
        // the last borrow.
        unsafe { slice::from_raw_parts(self.start.cast(), self.length) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: exactly the mapping made by `new`.
        unsafe { libc::munmap(self.start, self.length) };
    }
}
