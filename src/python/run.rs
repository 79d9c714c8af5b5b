//! Running a program as the Python that was found would run it: by its own main function, so that
//! options, tracebacks, signals and the exit status are Python's.

use std::ffi::{CString, OsStr, OsString, c_char, c_int};

use super::debug;
use super::find::{self, Named};
use crate::failure::{Failure, Outcome};
use crate::platform::{Os, Platform};
use crate::status::{EMB_BAD_ARGUMENT, EMB_NO_PYTHON};

type Main = unsafe extern "C" fn(c_int, *mut *mut c_char) -> c_int;

/// Finds and loads a Python, and hands over to it; gives its exit status.
pub(crate) fn main(asked: Option<Named<'_>>, arguments: Vec<OsString>) -> Outcome<c_int> {
    let no_python = |message: String| Failure::own(EMB_NO_PYTHON, message);
    let found = find::search(asked)
        .result
        .map_err(|not_found| no_python(not_found.to_string()))?;
    let loaded = Os::load(&found.libpython, &["Py_BytesMain"]).map_err(no_python)?;
    debug::say(|| format!("loaded {}\n{}", found.libpython.display(), loaded.report));
    // By this name Python finds its environment.
    let mut owned = vec![terminated(found.executable.as_os_str())?];
    for argument in arguments {
        owned.push(terminated(&argument)?);
    }
    let count = owned.len() as c_int;
    let mut pointers: Vec<*mut c_char> = owned
        .iter()
        .map(|text| text.as_ptr().cast_mut())
        .chain([std::ptr::null_mut()])
        .collect();
    // SAFETY: the handle is that of the load.
    let address = unsafe { Os::symbol(loaded.handle, c"Py_BytesMain") };
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

fn terminated(text: &OsStr) -> Outcome<CString> {
    Os::c_text(text).ok_or_else(|| Failure::own(EMB_BAD_ARGUMENT, "an argument has a NUL in it"))
}
