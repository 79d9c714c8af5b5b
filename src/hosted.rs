//! A function of the host behind a Python callable: its arguments made into values, its result and
//! its errors into Python's.

use std::ffi::{CString, c_char, c_void};
use std::ptr::{self, NonNull};
use std::thread::ThreadId;

use once_cell::sync::OnceCell;

use crate::answer::{Answer, Arguments, Numbers};
use crate::api::callback::{
    EMB_CALLBACK_PACKED, emb_function, emb_packed_call, emb_packed_function,
};
use crate::api::object::emb_object_free;
use crate::api::release::EMB_ONE_THREAD;
use crate::boundary::drop_pending;
use crate::convert;
use crate::failure::{Failure, Outcome};
use crate::python::ffi::PyObject;
use crate::python::function::{self, Call};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::raise;
use crate::python::release::Release;
use crate::python::suspend;
use crate::status::{EMB_BAD_CALL, EMB_OK, emb_status};
use crate::thread::Pending;
use crate::value::{EMB_FLOAT, EMB_INT, EMB_RESULT_OBJECT, emb_value};
use crate::watched;

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
    /// Whether the function takes one pointer.
    is_packed: bool,
    /// The only thread that may call, if there is one.
    thread: Option<ThreadId>,
    /// Every thread may call, and what is a number is passed as one.
    is_usual: bool,
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
        let is_usual = self.is_usual && keywords.is_none() && values.fill(py, args);
        if !is_usual {
            return self.call_in_any_case(py, args, keywords);
        }
        // SAFETY: the values live until the function has returned.
        unsafe { self.run(py, values.as_mut_ptr(), args.len(), ptr::null(), 0) }
    }

    fn disarm(&mut self) {
        self.release.disarm();
    }
}

impl Callback {
    /// The userdata, if this is the host function at that address.
    pub(crate) fn userdata_of(&self, function: *const ()) -> Option<*mut c_void> {
        (self.function as *const () == function).then_some(self.userdata)
    }

    /// Runs the host function; gives what Python gets. Its result is read where it stands: the host has
    /// just written that, part by part, and a copy of the whole would wait for the parts.
    ///
    /// # Safety
    /// What `emb_function` says of `args` and `keywords`.
    #[inline(always)]
    unsafe fn run<'g>(
        &self,
        py: Python<'g>,
        args: *mut emb_value,
        nargs: usize,
        keywords: *const c_char,
        keywords_length: i64,
    ) -> Outcome<Owned<'g>> {
        let (userdata, mut result) = (self.userdata, emb_value::NONE);
        if !self.is_packed {
            // SAFETY: the host vouched for its function, the caller for the arguments.
            let status = watched::outside(py, || unsafe {
                (self.function)(
                    userdata,
                    args,
                    nargs,
                    keywords,
                    keywords_length,
                    &mut result,
                )
            });
            return self.outcome(py, status, &result);
        }
        let mut call = emb_packed_call {
            userdata,
            args,
            nargs,
            keywords,
            keywords_length,
            result,
        };
        // SAFETY: the host says that its function is one of these, and vouched for it.
        let status = watched::outside(py, || unsafe {
            let function = self.function as *const ();
            std::mem::transmute::<*const (), emb_packed_function>(function)(&mut call)
        });
        self.outcome(py, status, &call.result)
    }

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
        let nargs = args.len() - named;
        // Before the arguments end: the result may point into them.
        // SAFETY: the arrays live until the function has returned.
        let outcome = unsafe { self.run(py, values.as_mut_ptr(), nargs, text, length) };
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
        suspend::end(py);
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
        let form = flags & !(EMB_ONE_THREAD | EMB_CALLBACK_PACKED);
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
            is_packed: flags & EMB_CALLBACK_PACKED != 0,
            thread: one_thread.then(|| std::thread::current().id()),
            is_usual: !one_thread && form != EMB_RESULT_OBJECT,
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
        .map(|name| keyword(py, &name))
        .collect::<Outcome<_>>()?;
    Ok((names.join(","), names.len()))
}

fn keyword(py: Python<'_>, name: &Owned<'_>) -> Outcome<String> {
    let is_utf8 = py.utf8(name).is_some();
    let name = name.to_text()?;
    let why = match (is_utf8, name.contains(',')) {
        (true, false) => return Ok(name),
        (true, true) => "has a comma in it",
        (false, _) => "has a lone surrogate in it",
    };
    Err(Failure::argument(format!(
        "the keyword \"{name}\" {why}: host functions get such names in a dict only"
    )))
}
