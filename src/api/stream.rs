//! Python's output streams, sent to the host.

use std::ffi::{c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::AcqRel, Ordering::Relaxed};
use std::thread::ThreadId;

use once_cell::sync::OnceCell;

use crate::boundary;
use crate::failure::{Failure, Outcome};
use crate::python::errands;
use crate::python::ffi::PyObject;
use crate::python::function::{self, Call};
use crate::python::gil::Python;
use crate::python::holder::aside;
use crate::python::object::Owned;
use crate::python::release::Release;
use crate::python::source;
use crate::python::suspend;
use crate::status::{EMB_BAD_CALL, emb_status};

use super::release::{self, EMB_ONE_THREAD, EMB_RELEASE_QUEUE, emb_release};

/// `emb_stream_set`: `sys.stdout`.
pub const EMB_STDOUT: u32 = 1;
/// `emb_stream_set`: `sys.stderr`.
pub const EMB_STDERR: u32 = 2;

/// Bytes that wait for the host's only thread, at most: it may never come again.
const MOST_WAITING: usize = 16 << 20;

/// Receives what Python writes: `length` bytes of UTF-8, valid until it returns. Called on any
/// thread that runs Python (or, with EMB_ONE_THREAD, on one), with the GIL held; it may call
/// libemb.
#[allow(non_camel_case_types)]
pub type emb_write =
    Option<unsafe extern "C" fn(userdata: *mut c_void, text: *const c_char, length: usize)>;

/// Sends what Python writes to `sys.stdout` (EMB_STDOUT) or `sys.stderr` (EMB_STDERR) to a host
/// function, or, where `write` is NULL, back to where it went at the start. `flags`: with
/// EMB_ONE_THREAD, text that other threads write is kept, and comes in its order when the thread
/// that makes this call writes itself, or at the end of its next call of libemb; plus
/// EMB_RELEASE_QUEUE.
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
    flags: u32,
    release: emb_release,
) -> emb_status {
    let release = release::wanted(release, userdata, flags);
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
        if flags & !(EMB_ONE_THREAD | EMB_RELEASE_QUEUE) != 0 {
            return Err(Failure::argument(format!(
                "flags is {flags:#x}, which has bits other than EMB_ONE_THREAD and \
                 EMB_RELEASE_QUEUE"
            )));
        }
        let sys = py.import("sys")?;
        let new = match write {
            Some(write) => make(
                py,
                Sink {
                    write,
                    userdata,
                    thread: (flags & EMB_ONE_THREAD != 0).then(|| std::thread::current().id()),
                    waiting: AtomicUsize::new(0),
                    release,
                },
            )?,
            None => sys.getattr(format!("__{name}__"))?,
        };
        let earlier = py.or_clear(sys.getattr(name));
        sys.setattr(name, Some(&new))?;
        replaced(py, earlier)
    })
}

/// How many threads are in a host function that is given text.
static WRITING: AtomicUsize = AtomicUsize::new(0);
/// A list of streams that have been replaced meanwhile, or null.
static REPLACED: AtomicPtr<PyObject> = AtomicPtr::new(ptr::null_mut());

/// Lets go of a stream, but not while something is written: up to 3.13, `print` has no reference to its
/// stream, and writes to it twice.
fn replaced(py: Python<'_>, stream: Option<Owned<'_>>) -> Outcome<()> {
    // SAFETY: an owned reference, taken out once, or null.
    let earlier = unsafe { py.own(REPLACED.swap(ptr::null_mut(), AcqRel)) }.ok();
    if WRITING.load(Relaxed) > 0 {
        let all = py.list(
            stream
                .into_iter()
                .chain(earlier)
                .collect::<Vec<_>>()
                .into_iter(),
        )?;
        let other = REPLACED.swap(all.into_raw().as_ptr(), AcqRel);
        // SAFETY: what another thread has left there at the same time, or null.
        drop(unsafe { py.own(other) });
    }
    Ok(())
}

fn make<'g>(py: Python<'g>, sink: Sink) -> Outcome<Owned<'g>> {
    let write = function::make(py, c"write".into(), c"".into(), Arc::new(sink))?;
    let namespace = py.dict()?;
    source::run_own(py, include_str!("stream.py"), &namespace)?;
    let class = py.get_item(&namespace, &py.text("HostStream")?)?;
    class.call(&[write], None)
}

/// Takes text and passes it on.
struct Sink {
    write: unsafe extern "C" fn(*mut c_void, *const c_char, usize),
    userdata: *mut c_void,
    /// The only thread that may call, if there is one.
    thread: Option<ThreadId>,
    /// Bytes that wait for it.
    waiting: AtomicUsize,
    /// Held for its drop.
    release: Release,
}

// SAFETY: the host vouches for its function on every thread, or names the one that calls it; the
// userdata is only handed on.
unsafe impl Send for Sink {}
// SAFETY: as above.
unsafe impl Sync for Sink {}

impl Sink {
    fn write(&self, text: &[u8]) {
        // SAFETY: the host vouched for its function; the bytes live during the call.
        unsafe { (self.write)(self.userdata, text.as_ptr().cast(), text.len()) };
    }
}

/// Has text written when that thread is in Python next.
fn keep(sink: &Arc<Sink>, thread: ThreadId, text: &[u8]) -> Outcome<()> {
    if sink.waiting.load(Relaxed) + text.len() > MOST_WAITING {
        return Err(Failure::own(
            EMB_BAD_CALL,
            format!(
                "{MOST_WAITING} bytes of output wait for the host's only thread (EMB_ONE_THREAD), \
                 which does not come to take them"
            ),
        ));
    }
    sink.waiting.fetch_add(text.len(), Relaxed);
    let (sink, text) = (sink.clone(), text.to_vec());
    errands::leave(
        thread,
        Box::new(move || {
            sink.waiting.fetch_sub(text.len(), Relaxed);
            sink.write(&text);
        }),
    );
    Ok(())
}

impl Call for Arc<Sink> {
    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn call<'g>(
        &self,
        py: Python<'g>,
        args: &[NonNull<PyObject>],
        _keywords: Option<NonNull<PyObject>>,
    ) -> Outcome<Owned<'g>> {
        for argument in args {
            // SAFETY: the caller keeps its arguments alive.
            let text = unsafe { py.share(*argument) };
            let (bytes, length) = py.bytes_of(&text)?;
            // SAFETY: the bytes of a live object, which do not change.
            let bytes = unsafe { std::slice::from_raw_parts(bytes, length) };
            match self.thread {
                Some(only) if only != std::thread::current().id() => keep(self, only, bytes)?,
                // What others wrote before comes before.
                _ => {
                    WRITING.fetch_add(1, Relaxed);
                    errands::see_to(py);
                    // SAFETY: the GIL is held, as `py` proves, and again when the host is done.
                    unsafe {
                        aside(py.runtime, || {
                            self.write(bytes);
                            suspend::end(py);
                        });
                    }
                    WRITING.fetch_sub(1, Relaxed);
                }
            }
        }
        Ok(py.none())
    }

    fn disarm(&mut self) {
        if let Some(sink) = Arc::get_mut(self) {
            sink.release.disarm();
        }
    }
}
