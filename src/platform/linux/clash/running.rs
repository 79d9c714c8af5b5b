//! Finding a CPython that runs in this process already.

use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;

use super::elf::{Image, Name};
use super::process::each_object;

/// Interpreters other than CPython that export parts of its API, by a name which only they
/// export.
const OTHERS: [&CStr; 2] = [c"rpython_startup_code", c"initialize_graal_capi"];

/// A handle through which the API of an initialised CPython can be looked up, if this
/// process has one: because the host is CPython, or has loaded libpython.
///
/// A libpython that was opened with RTLD_LOCAL is found as well. PyPy does not count.
pub fn running_python() -> Option<*mut c_void> {
    let mut paths: Vec<CString> = Vec::new();
    each_object(|object| {
        if defines(&object.image, c"Py_IsInitialized")
            && !OTHERS.iter().any(|name| defines(&object.image, name))
        {
            paths.push(object.name.to_owned());
        }
    });
    paths.iter().find_map(|path| initialised(path))
}

fn defines(image: &Image, name: &CStr) -> bool {
    image.find(&Name::new(name.to_bytes())).is_some()
}

fn initialised(path: &CStr) -> Option<*mut c_void> {
    // The loader knows the executable by no name; what it exports is in the global scope.
    let path = if path.is_empty() {
        ptr::null()
    } else {
        path.as_ptr()
    };
    // SAFETY: the path is null or NUL-terminated, and nothing new is loaded.
    let handle = unsafe { libc::dlopen(path, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: the handle is open, the name NUL-terminated.
    let address = unsafe { libc::dlsym(handle, c"Py_IsInitialized".as_ptr()) };
    if !address.is_null() {
        // SAFETY: this is the signature in every version, and the function may be called
        // at any time, on any thread, without the GIL.
        let running = unsafe {
            let is_initialised: extern "C" fn() -> c_int = std::mem::transmute(address);
            is_initialised() != 0
        };
        if running {
            return Some(handle);
        }
    }
    // SAFETY: gives back the reference taken above.
    unsafe { libc::dlclose(handle) };
    None
}
