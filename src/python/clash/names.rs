//! Which names libpython and the host both export.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::{env, ptr};

use object::elf::STT_TLS;

use super::elf::{each_object, is_python};

/// The names of a libpython to which other objects of this process would answer.
#[derive(Default)]
pub struct Clash {
    pub names: BTreeSet<CString>,
    pub hosts: BTreeSet<PathBuf>,
}

/// Looks for names of libpython in the global scope, where they come from other objects
/// than the one whose [`Image::id`](super::elf::Image::id) is `own`.
///
/// The tables of the loaded objects give the candidates. That is much cheaper than to ask
/// the loader for each of libpython's 1600 names, most of which it would seek in vain in
/// every object. It is asked about the candidates only: what was opened with RTLD_LOCAL
/// is not in the global scope, and clashes with nothing.
pub fn find(libpython: &HashSet<Vec<u8>>, own: Option<usize>) -> Clash {
    let mut candidates: HashMap<CString, Vec<(usize, PathBuf)>> = HashMap::new();
    each_object(|object| {
        if own == Some(object.image.id()) {
            return;
        }
        for (name, symbol) in object.image.defined() {
            let bytes = name.to_bytes();
            if is_python(bytes) && symbol.st_type() != STT_TLS && libpython.contains(bytes) {
                let found = (object.image.address(symbol), path(object.name));
                candidates.entry(name.to_owned()).or_default().push(found);
            }
        }
    });
    let mut clash = Clash::default();
    for (name, definers) in candidates {
        // SAFETY: the name is NUL-terminated; the address is compared, never used.
        let visible = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        if visible != ptr::null_mut() {
            let host = definers.into_iter().find(|(address, _)| *address == visible as usize);
            clash.hosts.extend(host.map(|(_, path)| path));
            clash.names.insert(name);
        }
    }
    clash
}

/// The file of an object; the loader gives the executable no name.
pub fn path(name: &CStr) -> PathBuf {
    if name.is_empty() {
        return env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
    }
    OsStr::from_bytes(name.to_bytes()).into()
}
