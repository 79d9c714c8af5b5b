//! Functions of the host as Python callables.
//!
//! Each is one of CPython's own builtin functions, the fastest callable there is. Its `self` is an
//! object that owns what belongs to it: the definition that CPython points into, and the host's
//! function.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::holder::{Held, held, hold};
use super::likeness;
use super::object::Owned;
use super::raise;
use super::runtime;
use crate::attention;
use crate::failure::{Failure, Outcome};
use crate::thread::{self, Thread};

/// A function of the host, called by Python with the GIL held.
pub(crate) trait Call: Sized + 'static {
    /// Where this module keeps what it knows of the type of its owner.
    fn class() -> &'static OnceCell<usize>;

    /// `args` holds the positional arguments, then one for each name in `keywords`, a tuple of str.
    fn call<'g>(
        &self,
        py: Python<'g>,
        args: &[NonNull<PyObject>],
        keywords: Option<NonNull<PyObject>>,
    ) -> Outcome<Owned<'g>>;

    /// Python has ended; the host is not called any more.
    fn disarm(&mut self);
}

pub(super) type Trampoline = unsafe extern "C" fn(Object, *const Object, isize, Object) -> Object;

/// CPython's PyMethodDef (stable ABI).
#[repr(C)]
struct Definition {
    name: *const c_char,
    function: Trampoline,
    flags: c_int,
    doc: *const c_char,
}

/// METH_FASTCALL | METH_KEYWORDS: arguments as an array, names of keywords as a tuple.
const FASTCALL_WITH_KEYWORDS: c_int = 0x80 | 0x02;

/// What belongs to one callable.
struct HostFunction<C> {
    function: C,
    definition: Definition,
    /// What the definition points to.
    _texts: [CString; 2],
}

impl<C: Call> Held for HostFunction<C> {
    const NAME: &'static CStr = c"emb.HostFunction";
    const DOC: &'static CStr = c"A function of the host program.";

    fn class() -> &'static OnceCell<usize> {
        C::class()
    }

    fn disarm(&mut self) {
        self.function.disarm();
    }
}

/// A Python callable with this `__name__` and `__doc__`.
pub(crate) fn make<'g, C: Call>(
    py: Python<'g>,
    name: CString,
    doc: CString,
    function: C,
) -> Outcome<Owned<'g>> {
    let definition = Definition {
        name: name.as_ptr(),
        function: trampoline::<C>,
        flags: FASTCALL_WITH_KEYWORDS,
        doc: doc.as_ptr(),
    };
    let texts = [name, doc];
    let owner = hold(
        py,
        HostFunction {
            function,
            definition,
            _texts: texts,
        },
    )?;
    // SAFETY: `owner` was made by `hold`, and the callable keeps it alive.
    let definition = unsafe { held::<HostFunction<C>>(owner.as_ptr()) };
    let definition = definition.map_or(ptr::null(), |owner| &raw const owner.definition);
    // SAFETY: the definition lives as long as its owner, which is the callable's `self`.
    unsafe {
        py.own((py.api().PyCFunction_NewEx)(
            definition.cast_mut().cast(),
            owner.as_ptr(),
            ptr::null_mut(),
        ))
    }
}

/// Asks the function behind a callable, if that was made here, of one like it.
pub(crate) fn behind<C: Call, R>(
    py: Python<'_>,
    callable: &Owned<'_>,
    ask: impl FnOnce(&C) -> Option<R>,
) -> Option<R> {
    let api = py.api();
    let behind = likeness::builtin_of(py, callable);
    let callable = behind.as_ref().unwrap_or(callable);
    if callable.type_ptr() != api.PyCFunction_Type {
        return None;
    }
    // SAFETY: an exact builtin function; its flags and `self` are borrowed from it. Only those
    // made here call the trampoline, and their `self` is a HostFunction.
    unsafe {
        let function = (api.PyCFunction_GetFunction)(callable.as_ptr());
        if function != trampoline::<C> as *mut c_void {
            return None;
        }
        let owner = (api.PyCFunction_GetSelf)(callable.as_ptr());
        held::<HostFunction<C>>(owner).and_then(|owner| ask(&owner.function))
    }
}

unsafe extern "C" fn trampoline<C: Call>(
    owner: Object,
    args: *const Object,
    nargs: isize,
    keywords: Object,
) -> Object {
    // SAFETY: Python passes what it got in `make` as `self`, and an array of live objects.
    let called = catch_unwind(AssertUnwindSafe(|| unsafe {
        call::<C>(owner, args.cast(), nargs, keywords)
    }));
    called.unwrap_or_else(|_| refuse(c"a bug in libemb: a panic in a host function"))
}

/// # Safety
/// As CPython promises for METH_FASTCALL | METH_KEYWORDS.
#[inline(always)]
unsafe fn call<C: Call>(
    owner: Object,
    args: *const NonNull<PyObject>,
    nargs: isize,
    keywords: Object,
) -> Object {
    if attention::is_wanted_for(attention::NOT_RUNNING) && runtime::state() != runtime::RUNNING {
        return refuse(c"the host program has ended its use of Python");
    }
    thread::with(|thread| {
        if thread.has_begun() {
            // SAFETY: the caller's promise.
            return unsafe { call_inside_another::<C>(thread, owner, args, nargs, keywords) };
        }
        // SAFETY: called by Python, which is loaded.
        let py = Python::assume(unsafe { runtime::loaded_unchecked() }, thread);
        let keywords = NonNull::new(keywords);
        let count = nargs as usize + keywords.map_or(0, |names| named(py, names));
        let args = match count {
            0 => &[],
            // SAFETY: CPython passes this many live objects.
            _ => unsafe { std::slice::from_raw_parts(args, count) },
        };
        // SAFETY: `owner` was made in `make` and is alive during the call.
        let Some(owner) = (unsafe { held::<HostFunction<C>>(owner) }) else {
            return refuse(c"this host function has no function");
        };
        let outside = thread.enter_callback(py.caller());
        let result = owner.function.call(py, args, keywords);
        thread.leave_callback(outside);
        match result {
            Ok(object) => object.into_raw().as_ptr(),
            Err(failure) => raised(py, failure),
        }
    })
}

/// Sets aside what a host function further out has begun.
///
/// # Safety
/// As for `call`.
#[cold]
#[inline(never)]
unsafe fn call_inside_another<C: Call>(
    thread: &Thread,
    owner: Object,
    args: *const NonNull<PyObject>,
    nargs: isize,
    keywords: Object,
) -> Object {
    let begun = thread.set_aside();
    // SAFETY: the caller's promise.
    let result = unsafe { trampoline::<C>(owner, args.cast(), nargs, keywords) };
    thread.put_back(begun);
    result
}

/// How many names there are in a tuple.
#[inline(never)]
fn named(py: Python<'_>, names: NonNull<PyObject>) -> usize {
    // SAFETY: a tuple, which the caller keeps.
    unsafe { (py.api().PyTuple_Size)(names.as_ptr()) }.max(0) as usize
}

#[cold]
fn raised(py: Python<'_>, failure: Failure) -> Object {
    raise::set(py, failure);
    ptr::null_mut()
}

/// Sets a SystemError; gives NULL.
#[cold]
fn refuse(message: &CStr) -> Object {
    if let Some(runtime) = runtime::loaded() {
        // SAFETY: called by Python, so the GIL is held; the symbol is a variable with a class.
        unsafe {
            let class = *runtime.api.PyExc_SystemError.cast::<Object>();
            (runtime.api.PyErr_SetString)(class, message.as_ptr());
        }
    }
    ptr::null_mut()
}
