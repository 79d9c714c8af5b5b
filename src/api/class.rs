//! Classes of the host, and host objects: instances that carry something of the host's.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use crate::boundary::{self, EMB_NUL_TERMINATED};
use crate::convert::{self, handle, to_python};
use crate::failure::{Complaint, Failure, Outcome};
use crate::handle::emb_handle;
use crate::hosted::Callback;
use crate::python::class::{self, Kind, Member};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::release::Release;
use crate::status::emb_status;
use crate::value::emb_value;

use super::callback::emb_function;
use super::release::{self, emb_release};

/// A method: called with the instance as its first argument.
pub const EMB_METHOD_INSTANCE: u32 = 0;
/// A static method: called with the arguments alone.
pub const EMB_METHOD_STATIC: u32 = 1;
/// A class method: called with the class as its first argument.
pub const EMB_METHOD_CLASS: u32 = 2;
/// Reads a property: called with the instance.
pub const EMB_METHOD_GETTER: u32 = 3;
/// Sets a property, which may have a getter of the same name: called with the instance and a value.
pub const EMB_METHOD_SETTER: u32 = 4;
/// Deletes a property: called with the instance.
pub const EMB_METHOD_DELETER: u32 = 5;

/// One method of a class that `emb_class_new` makes. Its name says what Python uses it for: the
/// names of Python's data model (`__call__`, `__getitem__`, `__len__`, `__iter__`, `__eq__`,
/// `__enter__`, `__buffer__` …) mean what they mean in a class statement.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_method {
    /// Its name in the class. Ends with a NUL byte.
    pub name: *const c_char,
    /// Its documentation, ending with a NUL byte; or NULL.
    pub doc: *const c_char,
    /// What is called. The instance is its first argument, an EMB_OBJECT; what that carries,
    /// `emb_instance_userdata` gives.
    pub function: emb_function,
    /// Given to `function`.
    pub userdata: *mut c_void,
    /// EMB_METHOD_INSTANCE … EMB_METHOD_DELETER.
    pub kind: u32,
    /// As for `emb_callback_new`: the form of the arguments, EMB_ONE_THREAD.
    pub flags: u32,
}

/// Makes a Python class whose methods are functions of the host. Python code may make instances,
/// derive from it, and do with it whatever it does with classes.
///
/// `bases` is a class or a tuple of classes (NULL: `object`); `namespace` a dict of further class
/// attributes, such as `__doc__` and `__module__` (NULL: none); `methods` are `count` functions;
/// `flags` is 0 or EMB_RELEASE_QUEUE.
///
/// Ownership: all is copied. `userdata` stays the host's until `release(userdata)` is called: once,
/// when Python has none of the methods any more, or before this function returns an error. `class`
/// receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE,
/// EMB_EXCEPTION (TypeError: a base that cannot be one). Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED); `bases` and `namespace`
/// are NULL or point to emb_values; `methods` points to `count` of them; `class` to a handle. The
/// functions may be called until the release.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_class_new(
    name: *const c_char,
    name_length: i64,
    bases: *const emb_value,
    namespace: *const emb_value,
    methods: *const emb_method,
    count: usize,
    userdata: *mut c_void,
    flags: u32,
    release: emb_release,
    class: *mut emb_handle,
) -> emb_status {
    let release = release::wanted(release, userdata, flags);
    boundary::python(|py| {
        release::check(flags)?;
        let (name, class) = (text!(name, name_length)?, out!(class)?);
        let bases = match optional!(bases)? {
            Some(bases) => tuple_of(py, to_python(py, bases, "bases")?)?,
            None => py.tuple(std::iter::empty())?,
        };
        let namespace = optional!(namespace)?;
        let namespace = namespace.map(|space| to_python(py, space, "namespace"));
        let methods = slice!(methods, count)?;
        let release = Arc::new(release);
        let members = methods.iter().enumerate().map(|(i, method)| {
            member(py, method, &release).map_err(|failure| of_method(i, failure))
        });
        let members = members.collect::<Outcome<Vec<_>>>()?;
        let made = class::make(py, name, bases, namespace.transpose()?, &members)?;
        class.set(handle(py, made)?);
        Ok(())
    })
}

/// Makes an instance of a class and lets it carry `userdata`: an object of the host, as Python sees
/// it. Its `__init__` is not called. `flags` is 0 or EMB_RELEASE_QUEUE.
///
/// Ownership: `userdata` stays the host's until `release(userdata)` is called: once, when Python
/// has no reference to the instance left, or before this function returns an error. `object`
/// receives a handle that the caller releases. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (not a
/// class; an instance that has no attributes), EMB_EXCEPTION (TypeError: `__new__` wants
/// arguments). Threads: any. Since: 0.1.
///
/// # Safety
/// `release` may be called with `userdata`; `object` points to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_instance_new(
    class: emb_handle,
    userdata: *mut c_void,
    flags: u32,
    release: emb_release,
    object: *mut emb_handle,
) -> emb_status {
    let release = release::wanted(release, userdata, flags);
    boundary::python(|py| {
        release::check(flags)?;
        let object = out!(object)?;
        let class = convert::object(py, class, "class")?;
        let made = class::instance(py, class, userdata, release)?;
        object.set(handle(py, made)?);
        Ok(())
    })
}

/// Lets an instance that Python has made carry `userdata`, for a host's `__init__`. What it carried
/// before is released. `flags` is 0 or EMB_RELEASE_QUEUE.
///
/// Ownership: as in `emb_instance_new`. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (AttributeError: the
/// object cannot have attributes of its own). Threads: any. Since: 0.1.
///
/// # Safety
/// `release` may be called with `userdata`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_instance_bind(
    object: emb_handle,
    userdata: *mut c_void,
    flags: u32,
    release: emb_release,
) -> emb_status {
    let release = release::wanted(release, userdata, flags);
    boundary::python(|py| {
        release::check(flags)?;
        let object = convert::object(py, object, "object")?;
        class::carry(py, &object, userdata, release)
    })
}

/// What an instance carries; `is_one` is 1, or 0 for an object that carries nothing, or nothing
/// that came with this very `release` (NULL: with any), where `userdata` is untouched. So a host
/// finds its own objects again, and tells their kinds apart.
///
/// Ownership: `userdata` is the host's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT. Threads: any.
/// Since: 0.1.
///
/// # Safety
/// `userdata` points to a pointer, `is_one` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_instance_userdata(
    object: emb_handle,
    release: emb_release,
    userdata: *mut *mut c_void,
    is_one: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (userdata, is_one) = (out!(userdata)?, out!(is_one)?);
        let object = convert::object(py, object, "object")?;
        let found = class::carried(py, &object, release)?;
        is_one.set(found.is_some().into());
        if let Some(found) = found {
            userdata.set(found);
        }
        Ok(())
    })
}

/// A tuple as it is, anything else as the only item of one.
fn tuple_of<'g>(py: Python<'g>, bases: Owned<'g>) -> Outcome<Owned<'g>> {
    if bases.type_ptr() == py.api().PyTuple_Type {
        return Ok(bases);
    }
    py.tuple([bases].into_iter())
}

fn member<'a, 'g>(
    py: Python<'g>,
    method: &'a emb_method,
    release: &Arc<Release>,
) -> Outcome<Member<'a, 'g>> {
    let (name, doc) = (method.name, method.doc);
    let measured = EMB_NUL_TERMINATED;
    let (name, doc) = (text!(name, measured)?, optional_text!(doc, measured)?);
    let kind = match method.kind {
        EMB_METHOD_INSTANCE => Kind::Method,
        EMB_METHOD_STATIC => Kind::Static,
        EMB_METHOD_CLASS => Kind::Class,
        EMB_METHOD_GETTER => Kind::Getter,
        EMB_METHOD_SETTER => Kind::Setter,
        EMB_METHOD_DELETER => Kind::Deleter,
        kind => {
            return Err(Failure::argument(format!(
                "kind is {kind}, which is none of EMB_METHOD_INSTANCE (0) to EMB_METHOD_DELETER (5)"
            )));
        }
    };
    let release = Release::Shared(release.clone());
    let callback = Callback::new(
        name,
        method.function,
        method.userdata,
        method.flags,
        release,
    )?;
    let function = callback.into_python(py, doc)?;
    Ok(Member {
        name,
        kind,
        function,
    })
}

/// Says of which method a complaint is.
fn of_method(index: usize, failure: Failure) -> Failure {
    match failure {
        Failure::Own(complaint) => {
            let Complaint { status, message } = *complaint;
            Failure::own(status, format!("methods[{index}].{message}"))
        }
        failure => failure,
    }
}
