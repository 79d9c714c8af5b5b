//! Reading the dynamic symbols of a shared library on disk, before it is loaded.

use std::collections::HashSet;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::{ptr, slice};

use object::NativeEndian;
use object::elf::DT_NEEDED;
use object::read::elf::{Dyn, ElfFile64};
use object::read::{Object, ObjectSymbol};

use super::elf::is_python;

/// The names of Python's API that a library defines, or why it cannot be read.
pub fn python_names(path: &Path) -> Result<HashSet<Vec<u8>>, String> {
    let mapping = Mapping::new(path).map_err(|error| error.to_string())?;
    let file = ElfFile64::<NativeEndian, _>::parse(mapping.bytes()).map_err(|e| e.to_string())?;
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
    let Ok(file) = ElfFile64::<NativeEndian, _>::parse(mapping.bytes()) else {
        return false;
    };
    file.dynamic_symbols()
        .any(|symbol| symbol.is_undefined() && symbol.name_bytes().is_ok_and(is_python))
}

/// The names by which a library asks for its dependencies; none if it cannot be read.
pub fn needed(path: &Path) -> Vec<CString> {
    let Ok(mapping) = Mapping::new(path) else {
        return Vec::new();
    };
    needed_in(mapping.bytes()).unwrap_or_default()
}

fn needed_in(bytes: &[u8]) -> Option<Vec<CString>> {
    let file = ElfFile64::<NativeEndian, _>::parse(bytes).ok()?;
    let sections = file.elf_section_table();
    let (entries, strings) = sections.dynamic(NativeEndian, bytes).ok()??;
    let strings = sections.strings(NativeEndian, bytes, strings).ok()?;
    let needed = entries
        .iter()
        .filter(|entry| entry.tag32(NativeEndian) == Some(DT_NEEDED));
    Some(
        needed
            .filter_map(|entry| entry.string(NativeEndian, strings).ok())
            .filter_map(|name| CString::new(name).ok())
            .collect(),
    )
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
