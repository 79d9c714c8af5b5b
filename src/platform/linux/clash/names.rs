//! Which names libpython and the host both export.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::env;
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use object::elf::STT_TLS;

use super::elf::Name;
use super::process::each_object;

/// The names of a libpython to which other objects of this process would answer.
pub struct Clash {
    pub names: BTreeSet<CString>,
    pub hosts: Vec<PathBuf>,
}

/// Looks for names of libpython in the global scope, where they come from other objects
/// than the one whose [`Image::id`](super::elf::Image::id) is `own`.
///
/// The tables of the loaded objects give the candidates; the loader would seek most of the
/// 1600 names in vain, in every object. It is asked about the candidates only: what was
/// opened with RTLD_LOCAL is not in the global scope, and clashes with nothing.
pub fn find(libpython: &HashSet<Vec<u8>>, own: Option<usize>) -> Clash {
    let names: Vec<Name> = libpython.iter().map(|name| Name::new(name)).collect();
    let mut candidates: HashMap<&[u8], Vec<(usize, usize)>> = HashMap::new();
    let mut objects: Vec<CString> = Vec::new();
    each_object(|object| {
        if own == Some(object.image.id()) {
            return;
        }
        for name in &names {
            let found = object
                .image
                .find(name)
                .filter(|symbol| symbol.st_type() != STT_TLS);
            if let Some(symbol) = found {
                let definer = (object.image.address(symbol), objects.len());
                candidates.entry(name.bytes).or_default().push(definer);
            }
        }
        objects.push(object.name.to_owned());
    });
    let mut names = BTreeSet::new();
    let mut hosts = BTreeSet::new();
    for (name, definers) in candidates {
        let Ok(name) = CString::new(name) else {
            continue;
        };
        // SAFETY: the name is NUL-terminated; the address is compared, never used.
        let visible = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        if !visible.is_null() {
            let host = definers
                .iter()
                .find(|(address, _)| *address == visible as usize);
            hosts.extend(host.map(|(_, object)| *object));
            names.insert(name);
        }
    }
    Clash {
        names,
        hosts: hosts
            .into_iter()
            .map(|object| path(&objects[object]))
            .collect(),
    }
}

/// Functions by which to know the libraries that Python's standard extension modules are linked
/// with, and that programs like to contain: zlib, OpenSSL, Expat, SQLite, bzip2, xz, libffi.
const FUNCTIONS: [&[u8]; 8] = [
    b"deflate",
    b"SSL_new",
    b"EVP_DigestInit_ex",
    b"XML_ParserCreate",
    b"sqlite3_open",
    b"BZ2_bzCompress",
    b"lzma_code",
    b"ffi_call",
];

/// Those of the functions that the executable itself exports, as Node does: `zlib`, say, would be
/// bound to the program's zlib, whatever its version, instead of the one it was built with.
pub fn libraries_in_program() -> Vec<String> {
    let mut found = Vec::new();
    each_object(|object| {
        if object.name.is_empty() {
            let names = FUNCTIONS.iter().map(|name| Name::new(name));
            let there = names.filter(|name| object.image.find(name).is_some());
            found.extend(there.map(|name| String::from_utf8_lossy(name.bytes).into_owned()));
        }
    });
    found
}

/// The file of an object; the loader gives the executable no name.
fn path(name: &CStr) -> PathBuf {
    if name.is_empty() {
        return env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
    }
    OsStr::from_bytes(name.to_bytes()).into()
}
