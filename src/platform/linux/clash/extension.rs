//! Opening libpython and extension modules so that they bind to libpython.

use std::ffi::{CStr, CString, c_int, c_void};
use std::io;
use std::iter;
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::copies::{self, Copies};
use super::elf::{Image, is_python};
use super::mend::{self, Targets};
use super::process;
use super::stub::{self, Absolute};

/// The libpython of this process, once it has been loaded apart from the host's names.
pub struct Python {
    /// The name by which the loader knows it.
    pub path: CString,
    /// Where it is in memory.
    pub span: Range<usize>,
    pub scope: Scope,
}

/// How objects are opened so that they see libpython first.
pub struct Scope {
    /// What each stub is made of, or none where no stub can be made and libpython is in
    /// the global scope.
    pub stub: Option<StubKind>,
    /// What is corrected after each load; nothing where stubs come before the global scope.
    pub mend: Option<Targets>,
}

pub struct StubKind {
    pub symbols: Vec<Absolute>,
    pub flags: c_int,
}

static PYTHON: OnceLock<Python> = OnceLock::new();
static BOUND: AtomicUsize = AtomicUsize::new(0);

/// How many extension modules have been bound to libpython through us.
pub fn extensions_bound() -> usize {
    BOUND.load(Ordering::Relaxed)
}

impl Python {
    pub fn get() -> Option<&'static Python> {
        PYTHON.get()
    }

    pub fn set(self) {
        // `load` is the only caller and comes here once.
        let _ = PYTHON.set(self);
    }

    /// Another handle to libpython itself.
    pub fn reopen(&self) -> *mut c_void {
        dlopen(&self.path, libc::RTLD_LAZY | libc::RTLD_NOLOAD)
    }

    /// Whether an object takes Python's API from elsewhere than from this libpython.
    ///
    /// The slots tell, and nothing else could: objects come as dependencies of others, so
    /// that a list of what we have opened would not be complete.
    pub fn is_foreign_to(&self, object: &Image) -> bool {
        let ours = |slot: *mut usize| {
            // SAFETY: the caller keeps the object mapped; the loader filled the slot.
            self.span.contains(&unsafe { slot.read_volatile() })
        };
        object.uses_python()
            && !object
                .references()
                .filter(|reference| reference.undefined && is_python(reference.name.to_bytes()))
                .any(|reference| ours(reference.slot))
    }
}

impl Scope {
    /// Opens the last of `needed`, with the others in front of it in its scope.
    ///
    /// Null means that `dlerror` has the reason, which is the same as for a plain
    /// `dlopen`: the loader names the library it stumbled over, not the one that needed it.
    pub fn open(&self, needed: &[&CStr], mode: c_int) -> io::Result<*mut c_void> {
        let Some(path) = needed.last() else {
            return Ok(ptr::null_mut());
        };
        let Some(kind) = &self.stub else {
            return Ok(dlopen(path, mode));
        };
        let flags = mode & (libc::RTLD_LAZY | libc::RTLD_NOW) | kind.flags;
        let root = stub::open(&label(path), needed, &kind.symbols, flags)?;
        if root.is_null() {
            return Ok(root);
        }
        Ok(dlopen(path, mode | libc::RTLD_NOLOAD))
    }
}

/// Opens an extension, or any library that uses Python. None leaves it to a plain `dlopen`.
pub fn open(python: &Python, path: &CStr, mode: c_int) -> Option<*mut c_void> {
    let only_if_loaded = mode & libc::RTLD_NOLOAD != 0;
    match mapped(path) {
        // No such file, or not a library. The real function says it best.
        Mapped::Unknown => None,
        Mapped::No if only_if_loaded => None,
        Mapped::No => Some(bind(python, path, mode, false)),
        Mapped::Yes(handle) => {
            // SAFETY: `mapped` has just opened the handle.
            let object = unsafe { process::of_handle(handle) };
            let foreign = object.is_some_and(|(object, _)| python.is_foreign_to(&object));
            // SAFETY: gives back that reference; the object is not looked at again.
            unsafe { libc::dlclose(handle) };
            match copies::known(path) {
                _ if !foreign => None,
                Some(copy) => Some(dlopen(&copy, mode)),
                None if only_if_loaded => Some(ptr::null_mut()),
                None => Some(bind(python, path, mode, true)),
            }
        }
    }
}

/// Loads a library, or a copy of it, and reports what goes wrong through `dlerror`.
fn bind(python: &Python, path: &CStr, mode: c_int, copied: bool) -> *mut c_void {
    try_bind(python, path, mode, copied).unwrap_or_else(|error| refuse(path, &error))
}

fn try_bind(python: &Python, path: &CStr, mode: c_int, copied: bool) -> io::Result<*mut c_void> {
    let copies = Copies::for_load(python, path, copied)?;
    let needed: Vec<&CStr> = iter::once(python.path.as_c_str())
        .chain(copies.paths())
        .chain((!copied).then_some(path))
        .collect();
    let before = python
        .scope
        .mend
        .as_ref()
        .map(|targets| (mend::loaded(), targets));
    let handle = python.scope.open(&needed, mode)?;
    if handle.is_null() {
        return Ok(handle);
    }
    copies.keep();
    if let Some((before, targets)) = before {
        // SAFETY: the handle is open. Initialisers have run, but no other function of the
        // new objects can be called before their handle is handed out.
        unsafe { mend::since(&before, handle, targets) }?;
    }
    BOUND.fetch_add(1, Ordering::Relaxed);
    Ok(handle)
}

pub enum Mapped {
    No,
    /// A handle, to be closed by who asked.
    Yes(*mut c_void),
    /// The loader cannot read the file.
    Unknown,
}

/// Whether the loader has this file mapped, under this or another path.
pub fn mapped(path: &CStr) -> Mapped {
    let handle = dlopen(path, libc::RTLD_LAZY | libc::RTLD_NOLOAD);
    if !handle.is_null() {
        return Mapped::Yes(handle);
    }
    // SAFETY: dlerror has no preconditions; that a file is not mapped is no error to it.
    if unsafe { libc::dlerror() }.is_null() {
        Mapped::No
    } else {
        Mapped::Unknown
    }
}

/// Reports a failure of our own through `dlerror`, which has no other door: what fails to
/// open is a name that says what went wrong.
fn refuse(path: &CStr, error: &io::Error) -> *mut c_void {
    let text = format!("{} (libemb: {error})", path.to_string_lossy());
    CString::new(text).map_or(ptr::null_mut(), |text| dlopen(&text, libc::RTLD_LAZY))
}

fn dlopen(path: &CStr, mode: c_int) -> *mut c_void {
    // SAFETY: the path is NUL-terminated. What is opened here is what the embedded Python
    // asked for, initialisers included.
    unsafe { libc::dlopen(path.as_ptr(), mode) }
}

/// What /proc/self/maps shows for a memory file. The kernel allows 249 bytes.
pub fn label(path: &CStr) -> CString {
    let path = path.to_bytes();
    let file = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let mut label = b"libemb:".to_vec();
    label.extend_from_slice(&file[..file.len().min(200)]);
    CString::new(label).unwrap_or_default()
}
