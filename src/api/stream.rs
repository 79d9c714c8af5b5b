//! Python's output streams, sent to the host.

use std::ffi::{c_char, c_void};
use std::ptr::NonNull;

use crate::boundary;
use crate::failure::{Failure, Outcome};
use crate::python::ffi::PyObject;
use crate::python::function::{self, Call};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::release::Release;
use crate::status::emb_status;

use super::array::emb_release;

/// `emb_stream_set`: `sys.stdout`.
pub const EMB_STDOUT: u32 = 1;
/// `emb_stream_set`: `sys.stderr`.
pub const EMB_STDERR: u32 = 2;

/// Receives what Python writes: `length` bytes of UTF-8, valid until it returns. Called on any
/// thread that runs Python, with the GIL held; it may call libemb.
#[allow(non_camel_case_types)]
pub type emb_write =
    Option<unsafe extern "C" fn(userdata: *mut c_void, text: *const c_char, length: usize)>;

/// Sends what Python writes to `sys.stdout` (EMB_STDOUT) or `sys.stderr` (EMB_STDERR) to a host
/// function, or, where `write` is NULL, back to where it went at the start.
///
/// Ownership: `userdata` stays the host's until `release(userdata)` is called: once, when Python
/// no longer has the stream, or before this function returns an error. Errors: EMB_BAD_ARGUMENT,
/// EMB_NOT_RUNNING, EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `write` may be called with `userdata` until the release.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_stream_set(
    stream: u32,
    write: emb_write,
    userdata: *mut c_void,
    release: emb_release,
) -> emb_status {
    // Owned from the first moment, so that every way out of here releases the userdata.
    let release = release.map_or(Release::Nothing, |release| Release::Call(release, userdata));
    boundary::python(|py| {
        let name = match stream {
            EMB_STDOUT => "stdout",
            EMB_STDERR => "stderr",
            _ => {
                return Err(Failure::argument(format!(
                    "stream is {stream}, which is neither EMB_STDOUT nor EMB_STDERR"
                )));
            }
        };
        let sys = py.import("sys")?;
        let new = match write {
            Some(write) => make(
                py,
                Sink {
                    write,
                    userdata,
                    release,
                },
            )?,
            None => sys.getattr(format!("__{name}__"))?,
        };
        sys.setattr(name, Some(&new))
    })
}

fn make<'g>(py: Python<'g>, sink: Sink) -> Outcome<Owned<'g>> {
    let write = function::make(py, c"write".into(), c"".into(), Box::new(sink))?;
    let namespace = py.dict()?;
    let exec = py.import("builtins")?.getattr("exec")?;
    exec.call(
        &[py.text(include_str!("stream.py"))?, namespace.clone()],
        None,
    )?;
    let class = py.get_item(&namespace, &py.text("HostStream")?)?;
    class.call(&[write], None)
}

/// Takes one str and passes it on.
struct Sink {
    write: unsafe extern "C" fn(*mut c_void, *const c_char, usize),
    userdata: *mut c_void,
    /// Held for its drop.
    release: Release,
}

impl Call for Sink {
    fn call<'g>(
        &self,
        py: Python<'g>,
        args: &[NonNull<PyObject>],
        _keywords: Option<Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
        for argument in args {
            // SAFETY: the caller keeps its arguments alive.
            let text = unsafe { py.share(*argument) };
            let (bytes, length) = py.bytes_of(&text)?;
            // SAFETY: the host vouched for its function; the bytes live during the call.
            unsafe { (self.write)(self.userdata, bytes.cast(), length) };
        }
        Ok(py.none())
    }

    fn disarm(&mut self) {
        self.release.disarm();
    }
}
