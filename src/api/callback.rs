//! Host functions as Python callables, from any thread that runs Python.

use std::ffi::{CString, c_char, c_void};
use std::ptr::{self, NonNull};
use std::thread::ThreadId;

use once_cell::sync::OnceCell;

use crate::answer::{Answer, Arguments, Numbers};
use crate::boundary::{self, drop_pending};
use crate::convert::{self, handle};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::class;
use crate::python::deferred;
use crate::python::ffi::PyObject;
use crate::python::function::{self, Call};
use crate::python::gil::Python;
use crate::python::likeness;
use crate::python::object::Owned;
use crate::python::raise;
use crate::python::release::Release;
use crate::status::{EMB_BAD_CALL, EMB_OK, emb_status};
use crate::thread::Pending;
use crate::value::{EMB_FLOAT, EMB_INT, EMB_RESULT_OBJECT, emb_value};

use super::object::emb_object_free;
use super::release::{self, EMB_ONE_THREAD, EMB_RELEASE_QUEUE, emb_release};

/// A function of the host that Python calls, on any thread that runs Python, with the GIL held. A
/// free-threaded Python has none, and calls it on several threads at the same time, unless it is
/// made with EMB_ONE_THREAD.
///
/// `args` holds `nargs` positional arguments, then one for each name in `keywords` (separated by
/// commas; NULL where there are none), in the form that `emb_callback_new` was told. They belong to
/// libemb and live until the function returns; to keep an EMB_OBJECT, take its handle and set the
/// value's kind to EMB_NONE. `result` is None until it is set; an EMB_OBJECT in it is given to
/// libemb, whatever the status; text and bytes in it must stay in place until the function has
/// returned. Where they cannot, `emb_callback_return` takes the result at once.
///
/// Returns EMB_OK, or a negative status with an error pending: that of a call of libemb that
/// failed, which Python then sees as the exception it was, or one made by `emb_error_raise`.
#[allow(non_camel_case_types)]
pub type emb_function = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        args: *mut emb_value,
        nargs: usize,
        keywords: *const c_char,
        keywords_length: i64,
        result: *mut emb_value,
    ) -> emb_status,
>;

/// Added to the flags of `emb_callback_new`: in a class the callable is a method, and gets the
/// instance as its first argument, as a function of Python would.
pub const EMB_CALLBACK_METHOD: u32 = 512;

/// Added to the flags of `emb_callback_new`: the callable is like a function of Python. It says that
/// its class is that of functions, takes attributes and weak references, and becomes a method in
/// whatever class it is put; what it is asked for and does not know, a `__getattr__` of its type is
/// asked, if the host has put one there.
pub const EMB_CALLBACK_FUNCTION: u32 = 2048;

/// Makes a Python callable of a host function. `name` and `doc` (NULL: none) become its `__name__`
/// and `__doc__`; `flags` is the form of its arguments, as for results (EMB_RESULT_AUTO …), plus
/// EMB_ONE_THREAD for hosts that Python's own threads must not call: there Python gets a
/// RuntimeError instead; plus EMB_RELEASE_QUEUE; plus EMB_CALLBACK_METHOD for a method of a class
/// that the host makes by calling `type`; plus EMB_CALLBACK_FUNCTION for what is to pass for a
/// function of Python. Without it the callable is a builtin function.
///
/// Ownership: `userdata` stays the host's until `release(userdata)` is called: once, when Python
/// has no reference to the callable left, or before this function returns an error. `callable`
/// receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_NOT_RUNNING. Threads:
/// any. Since: 0.1.
///
/// # Safety
/// `function` may be called with `userdata` until the release. The texts point to as many bytes of
/// UTF-8 as their lengths say (or EMB_NUL_TERMINATED), `callable` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_callback_new(
    name: *const c_char,
    name_length: i64,
    doc: *const c_char,
    doc_length: i64,
    function: emb_function,
    userdata: *mut c_void,
    flags: u32,
    release: emb_release,
    callable: *mut emb_handle,
) -> emb_status {
    let release = release::wanted(release, userdata, flags);
    boundary::python(|py| {
        let (name, doc) = (text!(name, name_length)?, optional_text!(doc, doc_length)?);
        let callable = out!(callable)?;
        let form = flags & !(EMB_CALLBACK_METHOD | EMB_CALLBACK_FUNCTION | EMB_RELEASE_QUEUE);
        let callback = Callback::new(name, function, userdata, form, release)?;
        let mut made = callback.into_python(py, doc)?;
        if flags & EMB_CALLBACK_FUNCTION != 0 {
            made = likeness::of(py, made)?;
        }
        callable.set(handle(py, as_method(py, made, flags, name)?)?);
        Ok(())
    })
}

fn as_method<'g>(py: Python<'g>, made: Owned<'g>, flags: u32, name: &str) -> Outcome<Owned<'g>> {
    if flags & EMB_CALLBACK_METHOD == 0 {
        return Ok(made);
    }
    class::bound(py, name, class::Kind::Method, &made)
}

/// Gives the result of the host function that runs, instead of its `result`: the value is made into
/// a Python object at once, so that what it points to need not outlive this call.
///
/// Ownership: `value` is only read; a handle in it stays the caller's. Errors: EMB_BAD_CALL (no
/// host function runs on this thread), EMB_BAD_ARGUMENT, EMB_BAD_HANDLE, EMB_EXCEPTION. Threads:
/// the one that runs the host function. Since: 0.1.
///
/// # Safety
/// `value` points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_callback_return(value: *const emb_value) -> emb_status {
    boundary::python(|py| {
        let object = convert::to_python(py, read!(value)?, "value")?;
        if !py.thread.is_in_callback() {
            return Err(Failure::own(
                EMB_BAD_CALL,
                "emb_callback_return outside of a host function that Python has called",
            ));
        }
        let earlier = py.thread.returned.replace(object.into_raw().as_ptr());
        deferred::drop_later(earlier);
        Ok(())
    })
}

/// The userdata of a callable that `emb_callback_new` has made of this very `function`; `is_one` is
/// 1, or 0 for any other object, where `userdata` is untouched. So a host finds its own functions
/// again.
///
/// Ownership: `userdata` is the host's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT. Threads: any.
/// Since: 0.1.
///
/// # Safety
/// `userdata` points to a pointer, `is_one` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_callback_userdata(
    object: emb_handle,
    function: emb_function,
    userdata: *mut *mut c_void,
    is_one: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (userdata, is_one) = (out!(userdata)?, out!(is_one)?);
        let Some(function) = function else {
            return Err(Failure::argument("function is NULL"));
        };
        let object = convert::object(py, object, "object")?;
        let found = function::behind(py, &object, |callback: &Callback| {
            let is_it = callback.function as *const () == function as *const ();
            is_it.then_some(callback.userdata)
        });
        is_one.set(found.is_some().into());
        if let Some(found) = found {
            userdata.set(found);
        }
        Ok(())
    })
}

fn c_text(text: &str, what: &str) -> Outcome<CString> {
    CString::new(text).map_err(|_| Failure::argument(format!("{what} contains a NUL byte")))
}

/// A host function behind a Python callable.
pub(crate) struct Callback {
    name: String,
    function: unsafe extern "C" fn(
        *mut c_void,
        *mut emb_value,
        usize,
        *const c_char,
        i64,
        *mut emb_value,
    ) -> emb_status,
    userdata: *mut c_void,
    flags: u32,
    /// The only thread that may call, if there is one.
    thread: Option<ThreadId>,
    /// Held for its drop.
    release: Release,
}

impl Call for Callback {
    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    #[inline(always)]
    fn call<'g>(
        &self,
        py: Python<'g>,
        args: &[NonNull<PyObject>],
        keywords: Option<NonNull<PyObject>>,
    ) -> Outcome<Owned<'g>> {
        let mut values = Numbers::new();
        let is_usual = keywords.is_none()
            && self.thread.is_none()
            && self.flags != EMB_RESULT_OBJECT
            && values.fill(py, args);
        if !is_usual {
            return self.call_in_any_case(py, args, keywords);
        }
        let mut result = emb_value::NONE;
        // SAFETY: the host vouched for its function; the values live until it has returned.
        let status = unsafe {
            (self.function)(
                self.userdata,
                values.as_mut_ptr(),
                args.len(),
                ptr::null(),
                0,
                &mut result,
            )
        };
        self.outcome(py, status, &result)
    }

    fn disarm(&mut self) {
        self.release.disarm();
    }
}

impl Callback {
    /// The call where not all of the arguments are numbers, and few.
    #[inline(never)]
    fn call_in_any_case<'g>(
        &self,
        py: Python<'g>,
        args: &[NonNull<PyObject>],
        keywords: Option<NonNull<PyObject>>,
    ) -> Outcome<Owned<'g>> {
        if self
            .thread
            .is_some_and(|only| only != std::thread::current().id())
        {
            return Err(Failure::own(
                EMB_BAD_CALL,
                format!(
                    "{} can be called only on the thread that made it: the host does not allow \
                     others (EMB_ONE_THREAD)",
                    self.name
                ),
            ));
        }
        let mut values = Arguments::new();
        values.fill(py, args, self.flags)?;
        // SAFETY: the caller keeps the tuple.
        let names = keywords.map(|names| unsafe { py.share(names) });
        let names = names.map(|names| join(py, &names)).transpose()?;
        let named = names.as_ref().map_or(0, |(_, count)| *count);
        let (text, length) = match &names {
            Some((text, _)) => (text.as_ptr().cast(), text.len() as i64),
            None => (ptr::null(), 0),
        };
        let mut result = emb_value::NONE;
        // SAFETY: the host vouched for its function; the arrays live until it has returned.
        let status = unsafe {
            (self.function)(
                self.userdata,
                values.as_mut_ptr(),
                args.len() - named,
                text,
                length,
                &mut result,
            )
        };
        // Before the arguments end: the result may point into them.
        let outcome = self.outcome(py, status, &result);
        values.end(py);
        outcome
    }

    /// What Python gets when the host function has returned.
    #[inline(always)]
    fn outcome<'g>(
        &self,
        py: Python<'g>,
        status: emb_status,
        result: &emb_value,
    ) -> Outcome<Owned<'g>> {
        let is_number = result.kind == EMB_INT || result.kind == EMB_FLOAT;
        if !is_number || status != EMB_OK || py.thread.has_pending() {
            return self.other_outcome(py, status, result);
        }
        if !py.thread.returned.get().is_null() {
            return self.other_outcome(py, status, result);
        }
        let mut failure = Failure::Python;
        let made = convert::to_object(py, result, "result", &mut failure);
        made.ok_or(failure)
    }

    /// Where it is no number that the host function has set.
    #[inline(never)]
    fn other_outcome<'g>(
        &self,
        py: Python<'g>,
        status: emb_status,
        result: &emb_value,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: `emb_callback_return` left a reference there, or null.
        let returned = unsafe { py.own(py.thread.returned.replace(ptr::null_mut())) };
        let object = (status == EMB_OK)
            .then(|| returned.or_else(|_| convert::to_python(py, result, "result")));
        if let Some(handle) = result.handle() {
            emb_object_free(handle);
        }
        match object {
            Some(object) => {
                // The host function dealt with an error of its own, and did not fetch it.
                if py.thread.has_pending() {
                    drop_pending(py.thread.take_pending());
                }
                object
            }
            None => Err(self.failure(py, status, py.thread.take_pending())),
        }
    }

    /// Checks what `emb_callback_new` and `emb_class_new` take; dropping `release` tells the host.
    pub(crate) fn new(
        name: &str,
        function: emb_function,
        userdata: *mut c_void,
        flags: u32,
        release: Release,
    ) -> Outcome<Self> {
        let form = flags & !EMB_ONE_THREAD;
        Answer::new(None, form)?;
        let Some(function) = function else {
            return Err(Failure::argument("function is NULL"));
        };
        let one_thread = flags & EMB_ONE_THREAD != 0;
        Ok(Callback {
            name: name.into(),
            function,
            userdata,
            flags: form,
            thread: one_thread.then(|| std::thread::current().id()),
            release,
        })
    }

    /// The callable, with this `__doc__`.
    pub(crate) fn into_python<'g>(self, py: Python<'g>, doc: Option<&str>) -> Outcome<Owned<'g>> {
        let name = c_text(&self.name, "name")?;
        let doc = c_text(doc.unwrap_or_default(), "doc")?;
        function::make(py, name, doc, self)
    }

    /// What Python is to see when the host function reports a failure.
    fn failure(&self, py: Python<'_>, status: emb_status, pending: Option<Pending>) -> Failure {
        match pending {
            Some(pending) if !pending.exception.is_null() => {
                let [exception, text] = pending.objects();
                // SAFETY: the pending error owned these references.
                let (exception, _text) = unsafe { (py.own(exception), py.own(text)) };
                if let Ok(exception) = exception {
                    raise::restore(py, exception);
                }
                Failure::Python
            }
            Some(pending) => Failure::own(pending.status, pending.message),
            None => Failure::own(
                EMB_BAD_CALL,
                format!(
                    "the host function {} returned {status} without an error: it should return \
                     the status of a call that failed, or of emb_error_raise",
                    self.name
                ),
            ),
        }
    }
}

/// Names separated by commas, and how many there are.
fn join(py: Python<'_>, names: &Owned<'_>) -> Outcome<(String, usize)> {
    let names: Vec<_> = py
        .tuple_items(names)
        .map(|name| keyword(&name))
        .collect::<Outcome<_>>()?;
    Ok((names.join(","), names.len()))
}

fn keyword(name: &Owned<'_>) -> Outcome<String> {
    let name = name.to_text()?;
    if name.contains(',') {
        return Err(Failure::argument(format!(
            "the keyword {name:?} has a comma in it: host functions get such names in a dict only"
        )));
    }
    Ok(name)
}
