//! Copies of libraries that the host has mapped already, bound to the host's names.
//!
//! The loader knows one object for each file, whatever path leads to it, and one for each
//! name by which libraries ask for others. If the host has imported an extension from the
//! same file, or one whose helper library has the same name, we would be given the host's
//! object. Instead, the stub gets a copy in memory to depend on, ahead of the original.
//!
//! A copy finds its libraries by name, because the host has them loaded; the folder that
//! `$ORIGIN` means would not lead to them.

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString, OsStr, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::elf::Image;
use super::extension::{Mapped, Python, label, mapped};
use super::file;
use super::process;
use crate::platform::linux::memory::MemoryFile;

type FileId = (u64, u64);

/// The copies of one load.
#[derive(Default)]
pub struct Copies(Vec<Copy>);

struct Copy {
    file: FileId,
    original: CString,
    path: CString,
    /// The copy itself while it is new: the loader has to open it.
    _memory: Option<MemoryFile>,
}

/// A copy that is loaded.
struct Known {
    path: CString,
    original: CString,
}

/// The path by which the loader knows the copy of a file, if there is one.
pub fn known(path: &CStr) -> Option<CString> {
    let table = table();
    let known = table.as_ref()?.get(&file_id(path).ok()?)?;
    Some(known.path.clone())
}

/// The path of the file that this is a copy of; the path itself where it is none.
pub fn original(path: &CStr) -> CString {
    let table = table();
    let copies = table.iter().flat_map(HashMap::values);
    let found = copies.into_iter().find(|copy| copy.path.as_c_str() == path);
    found.map_or_else(|| path.to_owned(), |copy| copy.original.clone())
}

fn table() -> MutexGuard<'static, Option<HashMap<FileId, Known>>> {
    static KNOWN: Mutex<Option<HashMap<FileId, Known>>> = Mutex::new(None);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file_id(path: &CStr) -> io::Result<FileId> {
    let metadata = std::fs::metadata(OsStr::from_bytes(path.to_bytes()))?;
    Ok((metadata.dev(), metadata.ino()))
}

impl Copies {
    /// Copies what a library needs that the host has bound to itself, and, as the last,
    /// the library if that `is_foreign` too.
    pub fn for_load(python: &Python, path: &CStr, is_foreign: bool) -> io::Result<Copies> {
        let mut copies = Copies::default();
        let needed = file::needed(Path::new(OsStr::from_bytes(path.to_bytes())));
        let mut dependencies = Dependencies::default();
        needed.iter().for_each(|name| dependencies.visit(name));
        for (object, path) in dependencies.using_python() {
            if python.is_foreign_to(object) {
                copies.add(path)?;
            }
        }
        if is_foreign {
            copies.add(path)?;
        }
        Ok(copies)
    }

    pub fn paths(&self) -> impl Iterator<Item = &CStr> {
        self.0.iter().map(|copy| copy.path.as_c_str())
    }

    /// Remembers the copies, which are loaded now, for the next library that needs them.
    pub fn keep(self) {
        if !self.0.is_empty() {
            let copies = self.0.into_iter().map(|copy| {
                let Copy {
                    file,
                    original,
                    path,
                    ..
                } = copy;
                (file, Known { path, original })
            });
            table().get_or_insert_default().extend(copies);
        }
    }

    fn add(&mut self, path: &CStr) -> io::Result<()> {
        let (copy, memory) = match known(path) {
            Some(copy) => (copy, None),
            None => {
                let memory = MemoryFile::copy(&label(path), path)?;
                (memory.path.clone(), Some(memory))
            }
        };
        self.0.push(Copy {
            file: file_id(path)?,
            original: path.to_owned(),
            path: copy,
            _memory: memory,
        });
        Ok(())
    }
}

/// The loaded objects among a library's dependencies, and theirs, held so that no other
/// thread can unload them.
#[derive(Default)]
struct Dependencies {
    objects: Vec<(Image, &'static CStr)>,
    handles: Vec<*mut c_void>,
    seen: HashSet<CString>,
}

impl Dependencies {
    fn visit(&mut self, name: &CStr) {
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        let Mapped::Yes(handle) = mapped(name) else {
            return;
        };
        self.handles.push(handle);
        // SAFETY: the handle stays open until `drop`.
        if let Some((object, path)) = unsafe { process::of_handle(handle) } {
            self.objects.push((object, path));
            object.needed().for_each(|name| self.visit(name));
        }
    }

    fn using_python(&self) -> impl Iterator<Item = &(Image, &'static CStr)> {
        self.objects
            .iter()
            .filter(|(object, _)| object.uses_python())
    }
}

impl Drop for Dependencies {
    fn drop(&mut self) {
        for handle in &self.handles {
            // SAFETY: gives back the reference that `visit` took.
            unsafe { libc::dlclose(*handle) };
        }
    }
}
