//! Callables that are like functions of Python: they take attributes and weak references, become
//! methods in a class, and say that their class is that of functions.
//!
//! Each stands before one of CPython's builtin functions (see `function`), whose owner it calls at
//! once. What its own attributes do not say, `__getattr__` of the type may know, if somebody has
//! given it one; at last the builtin function is asked.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::ffi::*;
use super::function::Trampoline;
use super::gil::Python;
use super::holder::{basicsize_of_object, refuse_new};
use super::object::Owned;
use super::raise;
use super::runtime;
use crate::failure::{Failure, Outcome};
use crate::thread;

type Vectorcall = unsafe extern "C" fn(Object, *const Object, usize, Object) -> Object;

/// What an instance has behind what `object` itself needs.
#[repr(C)]
struct Inside {
    vectorcall: Option<Vectorcall>,
    attributes: Object,
    weak: Object,
    builtin: Object,
    /// What the builtin function calls, and with what, which it keeps alive.
    function: Option<Trampoline>,
    owner: Object,
    /// How many of the first arguments it does not get.
    left_out: usize,
}

/// The type, and where it has its instances' part.
struct Class {
    kind: Object,
    offset: usize,
}

// SAFETY: a type that lives for good, used with the GIL held, and a number.
unsafe impl Send for Class {}
// SAFETY: as above.
unsafe impl Sync for Class {}

static CLASS: OnceCell<Class> = OnceCell::new();

/// # Safety
/// `function` is an instance.
unsafe fn inside<'a>(function: Object) -> Option<&'a mut Inside> {
    let offset = CLASS.get()?.offset;
    // SAFETY: the caller's promise.
    Some(unsafe { &mut *function.byte_add(offset).cast() })
}

/// The callable that stands before a builtin function, which does not get so many of the first
/// arguments.
pub(crate) fn of<'g>(py: Python<'g>, builtin: Owned<'g>, left_out: usize) -> Outcome<Owned<'g>> {
    let class = match CLASS.get() {
        Some(class) => class,
        // Not inside of the cell, where others would wait for this thread.
        None => {
            let new = make_class(py)?;
            CLASS.get_or_init(|| new)
        }
    };
    // SAFETY: an instance is zeroed, and nobody else has it yet; what `make` has made calls a
    // trampoline.
    unsafe {
        let made = py.own((py.api().PyType_GenericAlloc)(class.kind, 0))?;
        let inside: *mut Inside = made.as_ptr().byte_add(class.offset).cast();
        (*inside).function = std::mem::transmute::<*mut c_void, Option<Trampoline>>((py
            .api()
            .PyCFunction_GetFunction)(
            builtin.as_ptr(),
        ));
        (*inside).owner = (py.api().PyCFunction_GetSelf)(builtin.as_ptr());
        (*inside).builtin = builtin.into_raw().as_ptr();
        (*inside).left_out = left_out;
        (*inside).vectorcall = Some(vectorcall);
        Ok(made)
    }
}

/// The builtin function behind such a callable; of anything else None.
pub(crate) fn builtin_of<'g>(py: Python<'g>, callable: &Owned<'g>) -> Option<Owned<'g>> {
    if callable.type_ptr() != CLASS.get()?.kind {
        return None;
    }
    // SAFETY: an instance, which has a builtin function.
    unsafe {
        let builtin = NonNull::new(inside(callable.as_ptr())?.builtin)?;
        Some(py.share(builtin))
    }
}

/// What a builtin function has to say too, and can be set.
const SAID: [&CStr; 5] = [
    c"__name__",
    c"__qualname__",
    c"__module__",
    c"__doc__",
    c"__text_signature__",
];
/// What cannot be set.
const FIXED: [&CStr; 2] = [c"__dict__", c"__class__"];

/// The attributes that all instances have, in a table that lives for good.
fn getters() -> *mut c_void {
    let said = SAID.map(|name| GetSet::new(name, get, Some(set)));
    let fixed = FIXED.map(|name| GetSet::new(name, get, None));
    let all = said.into_iter().chain(fixed).chain([GetSet::END]);
    Box::leak(all.collect::<Box<[_]>>()).as_mut_ptr().cast()
}

fn make_class(py: Python<'_>) -> Outcome<Class> {
    let offset = basicsize_of_object(py)?;
    let member = |name: &'static CStr, place: usize| Member::number(name, offset + place);
    let mut members = [
        member(c"__vectorcalloffset__", 0),
        member(c"__dictoffset__", size_of::<Object>()),
        member(c"__weaklistoffset__", 2 * size_of::<Object>()),
        Member::END,
    ];
    let slot = PyTypeSlot::new;
    let mut slots = vec![
        slot(PY_TP_DEALLOC, dealloc as *mut c_void),
        slot(PY_TP_TRAVERSE, traverse as *mut c_void),
        slot(PY_TP_CLEAR, clear as *mut c_void),
        slot(PY_TP_CALL, py.api().PyVectorcall_Call as *mut c_void),
        slot(PY_TP_DESCR_GET, bind as *mut c_void),
        slot(PY_TP_NEW, refuse_new as *mut c_void),
        slot(PY_TP_REPR, repr as *mut c_void),
        slot(PY_TP_GETSET, getters()),
    ];
    let by_members = py.runtime.version >= (3, 9);
    if by_members {
        slots.push(slot(PY_TP_MEMBERS, members.as_mut_ptr().cast()));
    }
    slots.push(slot(0, ptr::null_mut()));
    let mut spec = PyTypeSpec {
        name: c"emb.function".as_ptr(),
        basicsize: (offset + size_of::<Inside>()) as c_int,
        itemsize: 0,
        flags: PY_TPFLAGS_DEFAULT | PY_TPFLAGS_HAVE_GC | PY_TPFLAGS_HAVE_VECTORCALL,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification; CPython copies what it keeps, but for what lives for good.
    let class = unsafe { py.own((py.api().PyType_FromSpec)(&mut spec))? };
    if !by_members {
        set_offsets_of_3_8(&class, offset);
    }
    let kind = class.into_raw().as_ptr();
    Ok(Class { kind, offset })
}

/// Python 3.8 has no members for these three, but its type objects will never change again: the
/// numbers stand at these bytes.
fn set_offsets_of_3_8(class: &Owned<'_>, offset: usize) {
    for (at, place) in [(56, 0), (288, 1), (208, 2)] {
        // SAFETY: the fields of a heap type of 3.8 that nobody has used yet.
        unsafe {
            let field = class.as_ptr().byte_add(at).cast::<usize>();
            *field = offset + place * size_of::<Object>();
        }
    }
}

unsafe extern "C" fn vectorcall(
    function: Object,
    args: *const Object,
    nargs: usize,
    keywords: Object,
) -> Object {
    // SAFETY: called by Python with an instance, whose builtin function keeps the owner.
    unsafe {
        let Some((function, owner, left_out)) = inside(function)
            .and_then(|inside| Some((inside.function?, inside.owner, inside.left_out)))
        else {
            return ptr::null_mut();
        };
        let count = nargs & !VECTORCALL_ARGUMENTS_OFFSET;
        let left_out = left_out.min(count);
        let (args, count) = (args.add(left_out), count - left_out);
        function(owner, args, count as isize, keywords)
    }
}

unsafe extern "C" fn bind(function: Object, instance: Object, _owner: Object) -> Object {
    let Some(runtime) = runtime::loaded() else {
        return ptr::null_mut();
    };
    // SAFETY: called by Python, so the GIL is held and the objects are alive.
    unsafe {
        if instance.is_null() || instance == runtime.api._Py_NoneStruct {
            runtime.counts.increase(function);
            return function;
        }
        (runtime.api.PyMethod_New)(function, instance)
    }
}

unsafe extern "C" fn traverse(function: Object, visit: Visit, with: *mut c_void) -> c_int {
    let Some(runtime) = runtime::loaded() else {
        return 0;
    };
    // SAFETY: Python asks for what an instance refers to.
    unsafe {
        let Some(inside) = inside(function) else {
            return 0;
        };
        // Since 3.9 an instance tells of its type too.
        let class = CLASS.get().filter(|_| runtime.version >= (3, 9));
        let class = class.map_or(ptr::null_mut(), |class| class.kind);
        for object in [inside.attributes, inside.builtin, class] {
            if !object.is_null() {
                let status = visit(object, with);
                if status != 0 {
                    return status;
                }
            }
        }
    }
    0
}

unsafe extern "C" fn clear(function: Object) -> c_int {
    if let Some(runtime) = runtime::loaded() {
        // SAFETY: the reference is the instance's, and taken out before it goes.
        unsafe {
            if let Some(inside) = inside(function) {
                let attributes = std::mem::replace(&mut inside.attributes, ptr::null_mut());
                (runtime.api.Py_DecRef)(attributes);
            }
        }
    }
    0
}

unsafe extern "C" fn dealloc(function: Object) {
    let Some(runtime) = runtime::loaded() else {
        return;
    };
    let api = &runtime.api;
    // SAFETY: Python gives up an instance, once; its references are taken out before they go.
    unsafe {
        // Who looks at it weakly may want it to live: `__del__`, if somebody has given the type one, knows.
        let is_watched = inside(function).is_some_and(|inside| !inside.weak.is_null());
        if is_watched && (api.PyObject_CallFinalizerFromDealloc)(function) < 0 {
            return;
        }
        (api.PyObject_GC_UnTrack)(function.cast());
        if let Some(inside) = inside(function) {
            if !inside.weak.is_null() {
                (api.PyObject_ClearWeakRefs)(function);
            }
            let attributes = std::mem::replace(&mut inside.attributes, ptr::null_mut());
            let builtin = std::mem::replace(&mut inside.builtin, ptr::null_mut());
            (api.Py_DecRef)(attributes);
            (api.Py_DecRef)(builtin);
        }
        (api.PyObject_GC_Del)(function.cast());
        if let Some(class) = CLASS.get() {
            runtime.counts.decrease(class.kind);
        }
    }
}

/// Runs what gives an object, or sets an exception, for Python.
fn answer(ask: impl for<'g> FnOnce(Python<'g>) -> Outcome<Owned<'g>>) -> Object {
    let Some(runtime) = runtime::loaded() else {
        return ptr::null_mut();
    };
    let given = catch_unwind(AssertUnwindSafe(|| {
        thread::with(|thread| {
            let py = Python::assume(runtime, thread);
            match ask(py) {
                Ok(object) => object.into_raw().as_ptr(),
                Err(failure) => {
                    raise::set(py, failure);
                    ptr::null_mut()
                }
            }
        })
    }));
    given.unwrap_or(ptr::null_mut())
}

/// An instance that Python has passed.
///
/// # Safety
/// `function` is alive during the call.
unsafe fn shared<'g>(py: Python<'g>, function: Object) -> Outcome<Owned<'g>> {
    let function = NonNull::new(function).ok_or(Failure::Python)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { py.share(function) })
}

unsafe extern "C" fn get(function: Object, name: *mut c_void) -> Object {
    answer(|py| {
        // SAFETY: a live instance, and one of the names in GETTERS.
        let (function, name) =
            unsafe { (shared(py, function)?, CStr::from_ptr(name.cast::<c_char>())) };
        if name == c"__class__" {
            return Ok(py.constant(py.api().PyFunction_Type));
        }
        attribute(py, &function, name)
    })
}

/// Its attributes, made where it has none.
fn attributes<'g>(py: Python<'g>, function: &Owned<'g>) -> Outcome<Owned<'g>> {
    // SAFETY: a live instance.
    unsafe {
        py.own((py.api().PyObject_GenericGetDict)(
            function.as_ptr(),
            ptr::null_mut(),
        ))
    }
}

fn attribute<'g>(py: Python<'g>, function: &Owned<'g>, name: &CStr) -> Outcome<Owned<'g>> {
    let own = attributes(py, function)?;
    let key = py.text(&name.to_string_lossy())?;
    if py.contains(&own, &key)? {
        return py.get_item(&own, &key);
    }
    let class = py.constant(function.type_ptr());
    if let Some(hook) = py.attribute(&class, "__getattr__")? {
        let asked = hook.call(&[function.clone(), key.clone()], None);
        if let Some(value) = py.unless_attribute_error(asked)? {
            return Ok(value);
        }
    }
    match (name, builtin_of(py, function)) {
        (name, _) if name == c"__dict__" => Ok(own),
        // That of a builtin function begins with the class of its `self`.
        (name, Some(builtin)) if name == c"__qualname__" => builtin.getattr("__name__"),
        (name, Some(builtin)) => builtin.getattr(name.to_bytes()),
        _ => Err(Failure::argument("a function without a function")),
    }
}

unsafe extern "C" fn set(function: Object, value: Object, name: *mut c_void) -> c_int {
    let done = answer(|py| {
        // SAFETY: a live instance, a live object or null, and one of the names in GETTERS.
        let (function, value, name) = unsafe {
            let name = CStr::from_ptr(name.cast::<c_char>());
            let value = NonNull::new(value).map(|value| py.share(value));
            (shared(py, function)?, value, name)
        };
        let own = attributes(py, &function)?;
        let key = py.text(&name.to_string_lossy())?;
        match value {
            Some(value) => py.assign_item(&own, &key, &value)?,
            None => py.delete_item(&own, &key)?,
        }
        Ok(py.none())
    });
    if done.is_null() {
        return -1;
    }
    0
}

unsafe extern "C" fn repr(function: Object) -> Object {
    answer(|py| {
        let address = function.addr();
        // SAFETY: a live instance.
        let function = unsafe { shared(py, function)? };
        let name = attribute(py, &function, c"__qualname__")?
            .to_text()?
            .to_string();
        py.text(&format!("<function {name} at {address:#x}>"))
    })
}
