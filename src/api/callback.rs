//! Host functions as Python callables, from any thread that runs Python.

use std::ffi::{c_char, c_void};

use crate::boundary;
use crate::convert::{self, handle};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::hosted::Callback;
use crate::python::class;
use crate::python::deferred;
use crate::python::function;
use crate::python::gil::Python;
use crate::python::likeness;
use crate::python::object::Owned;
use crate::status::{EMB_BAD_CALL, emb_status};
use crate::value::emb_value;

use super::release::{self, EMB_RELEASE_QUEUE, emb_release};

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
/// failed, which Python then sees as the exception it was, or one made by `emb_error_raise`. It has
/// to return: what else the host's language throws, or jumps with, must not pass through Python.
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

/// Added to EMB_CALLBACK_FUNCTION: the callable is what a bound method of Python (types.MethodType)
/// calls for a bound method of the host, and is not given its first argument, the method's object.
pub const EMB_CALLBACK_BOUND: u32 = 8192;

/// Added to the flags of `emb_callback_new`: the function is in truth an `emb_packed_function`.
pub const EMB_CALLBACK_PACKED: u32 = 16384;

/// A call of an `emb_packed_function`: what an `emb_function` takes one by one, and the place of its
/// result, which is None until it is set.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_packed_call {
    /// That of the callable.
    pub userdata: *mut c_void,
    /// The arguments.
    pub args: *mut emb_value,
    /// How many there are without the keywords.
    pub nargs: usize,
    /// The names of those behind, or NULL.
    pub keywords: *const c_char,
    /// The bytes of that.
    pub keywords_length: i64,
    /// The result.
    pub result: emb_value,
}

/// A function of the host as `emb_function` describes it, for hosts whose callbacks take time for
/// each parameter that they have.
#[allow(non_camel_case_types)]
pub type emb_packed_function = unsafe extern "C" fn(call: *mut emb_packed_call) -> emb_status;

/// Makes a Python callable of a host function. `name` and `doc` (NULL: none) become its `__name__`
/// and `__doc__`; `flags` is the form of its arguments, as for results (EMB_RESULT_AUTO …), plus
/// EMB_ONE_THREAD for hosts that Python's own threads must not call: there Python gets a
/// RuntimeError instead; plus EMB_RELEASE_QUEUE; plus EMB_CALLBACK_METHOD for a method of a class
/// that the host makes by calling `type`; plus EMB_CALLBACK_FUNCTION for what is to pass for a
/// function of Python, with EMB_CALLBACK_BOUND for the function of a bound method; without it the
/// callable is a builtin function. EMB_CALLBACK_PACKED says that `function` takes one pointer.
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
        let is_like_a_function = flags & EMB_CALLBACK_FUNCTION != 0;
        let is_bound = is_like_a_function && flags & EMB_CALLBACK_BOUND != 0;
        let mut form = flags & !(EMB_CALLBACK_METHOD | EMB_CALLBACK_FUNCTION | EMB_RELEASE_QUEUE);
        if is_bound {
            form &= !EMB_CALLBACK_BOUND;
        }
        let callback = Callback::new(name, function, userdata, form, release)?;
        let mut made = callback.into_python(py, doc)?;
        if is_like_a_function {
            made = likeness::of(py, made, usize::from(is_bound))?;
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

/// Where in Python's stack the host function stands that runs on this thread (`level` 0), or the
/// one so many further out: so a host knows in which order its own stack and Python's belong.
/// `count` receives how many frames have to be gone back, from the one of Python's code that runs
/// now, to that which has called it; all of them where none has; -1 where so many do not run, or
/// this Python does not tell (a free-threaded one, one of the host's own).
///
/// Ownership: a number. Errors: EMB_BAD_ARGUMENT, EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `count` points to an int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_callback_frames(level: usize, count: *mut i64) -> emb_status {
    boundary::python(|py| {
        let count = out!(count)?;
        let found = match py.thread.caller(level) {
            Some(caller) => py.frames_since(caller)?,
            None => None,
        };
        count.set(found.map_or(-1, |found| found as i64));
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
            callback.userdata_of(function as *const ())
        });
        is_one.set(found.is_some().into());
        if let Some(found) = found {
            userdata.set(found);
        }
        Ok(())
    })
}
