//! Running a program as the Python that was found would run it: by its own main function, so that
//! options, tracebacks, signals and the exit status are Python's.

use std::ffi::{CString, OsString, c_char, c_int};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::clash;
use super::debug;
use super::find;
use crate::failure::{Failure, Outcome};
use crate::status::{EMB_BAD_ARGUMENT, EMB_NO_PYTHON};

type Main = unsafe extern "C" fn(c_int, *mut *mut c_char) -> c_int;

/// Finds and loads a Python, and hands over to it; gives its exit status.
pub(crate) fn main(explicit: Option<&Path>, arguments: Vec<OsString>) -> Outcome<c_int> {
    let no_python = |message: String| Failure::own(EMB_NO_PYTHON, message);
    let found = find::search(explicit)
        .result
        .map_err(|not_found| no_python(not_found.to_string()))?;
    let loaded = clash::load(&found.libpython, &["Py_BytesMain"])
        .map_err(|error| no_python(error.to_string()))?;
    debug::say(|| format!("loaded {}\n{}", found.libpython.display(), loaded.report));
    // By this name Python finds its environment.
    let mut owned = vec![terminated(
        found.executable.as_os_str().as_bytes().to_vec(),
    )?];
    for argument in arguments {
        owned.push(terminated(argument.into_vec())?);
    }
    let count = owned.len() as c_int;
    let mut pointers: Vec<*mut c_char> = owned
        .iter()
        .map(|text| text.as_ptr().cast_mut())
        .chain([std::ptr::null_mut()])
        .collect();
    // SAFETY: the handle is open, the name NUL-terminated.
    let address = unsafe { libc::dlsym(loaded.handle, c"Py_BytesMain".as_ptr()) };
    if address.is_null() {
        return Err(super::runtime::missing("Py_BytesMain"));
    }
    // SAFETY: the function has this signature since 3.8. No Python runs in this process yet, and
    // the arguments, which it does not change, live until it returns.
    let status = unsafe {
        let python: Main = std::mem::transmute(address);
        python(count, pointers.as_mut_ptr())
    };
    Ok(status)
}

fn terminated(text: Vec<u8>) -> Outcome<CString> {
    CString::new(text).map_err(|_| Failure::own(EMB_BAD_ARGUMENT, "an argument has a NUL in it"))
}
