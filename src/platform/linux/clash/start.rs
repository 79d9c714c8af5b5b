//! Opening libpython itself.

use std::ffi::{CStr, CString, c_int, c_void};
use std::path::Path;

use object::elf::DF_1_PIE;

use super::error::LoadError;
use super::extension::{Mapped, Python, Scope, StubKind, label, mapped};
use super::file::Program;
use super::names::Clash;
use super::stub::Absolute;
use super::{intercept, keep, mend, process};
use crate::platform::linux::memory::MemoryFile;

#[cfg(target_env = "gnu")]
const DEEPBIND: c_int = libc::RTLD_DEEPBIND;
#[cfg(not(target_env = "gnu"))]
const DEEPBIND: c_int = 0;

/// The libpython to open.
pub struct Library<'a> {
    pub path: &'a Path,
    /// The path again, as the loader takes it.
    pub name: CString,
    /// The host has mapped the file, though no Python runs in it.
    pub mapped: bool,
    /// It is a program, a static python.
    pub program: Option<Program>,
}

impl Library<'_> {
    /// Opens it for all to see.
    pub fn load_globally(&self) -> Result<*mut c_void, LoadError> {
        let (name, _copy) = self.own(self.program.is_some())?;
        self.open(
            &name,
            &Scope {
                stub: None,
                mend: None,
            },
            libc::RTLD_GLOBAL,
        )
    }

    /// Opens it through a stub that comes before the global scope.
    pub fn load_first(&self) -> Result<*mut c_void, LoadError> {
        MemoryFile::check().map_err(LoadError::Stub)?;
        let mut symbols = keep::kept();
        symbols.retain(|symbol| symbol.name != b"dlopen");
        symbols.push(Absolute {
            name: b"dlopen".to_vec(),
            address: our_dlopen(),
            kind: object::elf::STT_FUNC,
            size: 0,
        });
        let scope = Scope {
            stub: Some(StubKind {
                symbols,
                flags: DEEPBIND,
            }),
            mend: None,
        };
        let (name, _copy) = self.own(self.mapped || self.program.is_some())?;
        let handle = self.open(&name, &scope, libc::RTLD_LOCAL)?;
        remember(name, handle, scope);
        Ok(handle)
    }

    /// Opens it through a stub that comes after the global scope, or, where no stub can be
    /// made, at the end of the global scope, and corrects what it was bound to.
    pub fn load_and_mend(&self, clash: &Clash) -> Result<*mut c_void, LoadError> {
        let stubs = MemoryFile::check().is_ok();
        let stub = stubs.then(|| StubKind {
            symbols: Vec::new(),
            flags: 0,
        });
        let mut scope = Scope { stub, mend: None };
        let visibility = if stubs {
            libc::RTLD_LOCAL
        } else {
            libc::RTLD_GLOBAL
        };
        let before = mend::loaded();
        let (name, _copy) = self.own(self.mapped || self.program.is_some())?;
        let handle = self.open(&name, &scope, visibility)?;

        let targets = clash.names.iter().filter_map(|name| {
            // SAFETY: the handle is open, the name NUL-terminated.
            let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
            (!address.is_null()).then(|| (name.to_bytes().to_vec(), address as usize))
        });
        let targets = targets
            .chain([(b"dlopen".to_vec(), our_dlopen())])
            .collect();
        // SAFETY: the handle is open, and nothing calls libpython before we hand it out.
        unsafe { mend::since(&before, handle, &targets) }.map_err(LoadError::Mend)?;
        scope.mend = Some(targets);
        remember(name, handle, scope);
        Ok(handle)
    }

    /// The name to open it by, and, where it has to be `copied`, a copy, which must exist until
    /// it is open. Of a file that the host has mapped the loader would give us that object, bound
    /// as it is; a program it would refuse, so the copy does not say that it is one.
    fn own(&self, copied: bool) -> Result<(CString, Option<MemoryFile>), LoadError> {
        if !copied {
            return Ok((self.name.clone(), None));
        }
        let copy = MemoryFile::copy(&label(&self.name), &self.name)
            .and_then(|copy| {
                if let Some(program) = &self.program {
                    let flags = program.flags & !u64::from(DF_1_PIE);
                    copy.write_at(program.flags_at, &flags.to_ne_bytes())?;
                    copy.cut(program.end)?;
                }
                Ok(copy)
            })
            .map_err(LoadError::Stub)?;
        Ok((copy.path.clone(), Some(copy)))
    }

    fn open(
        &self,
        name: &CStr,
        scope: &Scope,
        visibility: c_int,
    ) -> Result<*mut c_void, LoadError> {
        let handle = scope
            .open(&[name], libc::RTLD_NOW | visibility)
            .map_err(LoadError::Stub)?;
        if !handle.is_null() {
            return Ok(handle);
        }
        // SAFETY: null, or a string that is valid until this thread's next call.
        let text = unsafe {
            let text = libc::dlerror();
            if text.is_null() {
                c"no reason given"
            } else {
                CStr::from_ptr(text)
            }
        };
        let text = text.to_string_lossy().into_owned();
        Err(LoadError::Open {
            path: self.path.into(),
            text,
        })
    }
}

fn our_dlopen() -> usize {
    intercept::dlopen as *const () as usize
}

/// From here on, loads that concern Python are ours. Extensions hold the address of our
/// `dlopen` for good, which is one reason why this library is linked with `-z nodelete`.
fn remember(path: CString, handle: *mut c_void, scope: Scope) {
    // SAFETY: the handle is open and never closed.
    let id = unsafe { process::of_handle(handle) }.map(|(image, _)| image.id());
    let mut span = 0..0;
    process::each_object(|object| {
        if Some(object.image.id()) == id {
            span = object.span();
        }
    });
    Python { path, span, scope }.set();
}

/// Tells the host's mapping of this very libpython, if it has one, from others.
pub fn own_mapping(name: &CStr) -> Option<usize> {
    let Mapped::Yes(handle) = mapped(name) else {
        return None;
    };
    // SAFETY: `mapped` has opened the handle, and it is closed after its last use.
    unsafe {
        let id = process::of_handle(handle).map(|(image, _)| image.id());
        libc::dlclose(handle);
        id
    }
}
