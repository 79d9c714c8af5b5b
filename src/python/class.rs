//! Classes whose methods are functions of the host, and what their instances carry for it.
//!
//! A class is made as a class statement makes one: by the metaclass that its bases ask for. So it
//! may derive from any class of Python, and Python may derive from it.

use std::ffi::{CStr, c_void};

use once_cell::sync::OnceCell;

use super::exporter;
use super::gil::Python;
use super::holder::{Held, held, hold, is};
use super::object::Owned;
use super::raise;
use super::release::{Release, ReleaseFn};
use crate::failure::{Failure, Outcome};

/// How a function belongs to its class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Called with the instance first.
    Method,
    Static,
    /// Called with the class first.
    Class,
    /// Read, set and deleted like a plain attribute.
    Getter,
    Setter,
    Deleter,
}

impl Kind {
    /// Its place among the arguments of `property()`.
    fn of_property(self) -> Option<usize> {
        match self {
            Kind::Getter => Some(0),
            Kind::Setter => Some(1),
            Kind::Deleter => Some(2),
            _ => None,
        }
    }
}

/// One function of a class, under its name.
pub(crate) struct Member<'a, 'g> {
    pub name: &'a str,
    pub kind: Kind,
    pub function: Owned<'g>,
}

/// A class. `namespace` is a mapping of further attributes.
pub(crate) fn make<'g>(
    py: Python<'g>,
    name: &str,
    bases: Owned<'g>,
    namespace: Option<Owned<'g>>,
    members: &[Member<'_, 'g>],
) -> Outcome<Owned<'g>> {
    let types = py.import("types")?;
    let bases = with_exporter(py, bases, members)?;
    let resolved = types.getattr("resolve_bases")?.call(&[bases], None)?;
    for (i, base) in py.items(&resolved)?.iter().enumerate() {
        check_base(py, base, i)?;
    }
    let name = py.text(name)?;
    let prepared = types
        .getattr("prepare_class")?
        .call(&[name.clone(), resolved.clone()], None)?;
    let prepared = py.items(&prepared)?;
    let [metaclass, space, _keywords] = prepared.as_slice() else {
        return Err(Failure::argument("types.prepare_class gave no triple"));
    };
    // Without these, they would be taken from whatever Python code happens to be running.
    set(py, space, "__module__", &py.text("emb")?)?;
    if let Some(namespace) = namespace {
        if !py.is_subtype(namespace.type_ptr(), py.api().PyDict_Type) {
            let class = raise::class_name(&namespace)?;
            return Err(Failure::argument(format!(
                "namespace is a {class}: it takes a dict"
            )));
        }
        space.getattr("update")?.call(&[namespace], None)?;
    }
    for (i, member) in members.iter().enumerate() {
        let earlier = &members[..i];
        if let Some(attribute) = attribute(py, member, earlier, members)? {
            set(py, space, member.name, &attribute)?;
        }
    }
    metaclass.call(&[name, resolved, space.clone()], None)
}

/// Python would take the base's own class for a metaclass, and call that: an interface of zope's wants
/// it, of a number it makes a riddle.
fn check_base<'g>(py: Python<'g>, base: &Owned<'g>, i: usize) -> Outcome<()> {
    let class = raise::class_name(base)?;
    if py.is_subtype(base.type_ptr(), py.api().PyType_Type) || class.contains('.') {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "bases[{i}] is a {class}, which is not a class"
    )))
}

fn set<'g>(py: Python<'g>, space: &Owned<'g>, name: &str, value: &Owned<'g>) -> Outcome<()> {
    py.assign_item(space, &py.text(name)?, value)
}

/// Before 3.12 a class cannot export memory by a method `__buffer__`; a base makes up for it.
fn with_exporter<'g>(
    py: Python<'g>,
    bases: Owned<'g>,
    members: &[Member<'_, 'g>],
) -> Outcome<Owned<'g>> {
    let exports = members.iter().any(|member| member.name == "__buffer__");
    if !exports || py.runtime.version >= (3, 12) {
        return Ok(bases);
    }
    let bases = py.items(&bases)?.into_iter().chain([exporter::class(py)?]);
    py.tuple(bases.collect::<Vec<_>>().into_iter())
}

/// What stands in the class for a member; None where an earlier one stands for it already.
fn attribute<'g>(
    py: Python<'g>,
    member: &Member<'_, 'g>,
    earlier: &[Member<'_, 'g>],
    all: &[Member<'_, 'g>],
) -> Outcome<Option<Owned<'g>>> {
    let is_property = member.kind.of_property().is_some();
    let of_name = |other: &&Member<'_, 'g>| other.name == member.name;
    let clashes = |other: &Member<'_, 'g>| {
        !is_property || other.kind.of_property().is_none() || other.kind == member.kind
    };
    if earlier.iter().filter(of_name).any(clashes) {
        return Err(Failure::argument(format!(
            "methods has {:?} twice: a class has one attribute of a name",
            member.name
        )));
    }
    if earlier.iter().any(|other| of_name(&other)) {
        return Ok(None);
    }
    if is_property {
        return property(py, member.name, all).map(Some);
    }
    bound(py, member.name, member.kind, &member.function).map(Some)
}

fn property<'g>(py: Python<'g>, name: &str, all: &[Member<'_, 'g>]) -> Outcome<Owned<'g>> {
    let mut functions = [py.none(), py.none(), py.none()];
    for member in all.iter().filter(|member| member.name == name) {
        if let Some(place) = member.kind.of_property() {
            functions[place] = member.function.clone();
        }
    }
    let class = py.import("builtins")?.getattr("property")?;
    class.call(&functions, None)
}

/// A function as it stands in a class. As in a class statement, some names need no telling.
pub(crate) fn bound<'g>(
    py: Python<'g>,
    name: &str,
    kind: Kind,
    function: &Owned<'g>,
) -> Outcome<Owned<'g>> {
    let api = py.api();
    let wrap = match (kind, name) {
        (Kind::Static, _) | (Kind::Method, "__new__") => api.PyStaticMethod_New,
        (Kind::Class, _) | (Kind::Method, "__init_subclass__" | "__class_getitem__") => {
            api.PyClassMethod_New
        }
        _ => api.PyInstanceMethod_New,
    };
    py.apply1(wrap, function)
}

/// What an instance carries for the host.
struct Userdata {
    userdata: *mut c_void,
    /// Also held for its drop.
    release: Release,
}

impl Held for Userdata {
    const NAME: &'static CStr = c"emb.Userdata";
    const DOC: &'static CStr = c"What belongs to an object of the host program.";

    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn disarm(&mut self) {
        self.release.disarm();
    }
}

/// Where it stands among the instance's attributes: no identifier, so that no code trips over it.
const PLACE: &[u8] = b"emb.userdata";

/// A new instance that carries `userdata`; `__init__` is not called.
pub(crate) fn instance<'g>(
    py: Python<'g>,
    class: Owned<'g>,
    userdata: *mut c_void,
    release: Release,
) -> Outcome<Owned<'g>> {
    if !py.is_subtype(class.type_ptr(), py.api().PyType_Type) {
        return Err(Failure::argument("class is not a class"));
    }
    let instance = class.getattr("__new__")?.call(&[class], None)?;
    carry(py, &instance, userdata, release)?;
    Ok(instance)
}

/// Makes an instance carry `userdata`, in place of what it carried before.
pub(crate) fn carry(
    py: Python<'_>,
    instance: &Owned<'_>,
    userdata: *mut c_void,
    release: Release,
) -> Outcome<()> {
    let carried = hold(py, Userdata { userdata, release })?;
    let place = py.runtime.names.get(py, PLACE)?;
    if py.is_subtype(instance.type_ptr(), py.api().PyType_Type) {
        // A class, which may be one that nobody may change.
        let set = py.constant(py.api().PyType_Type).getattr("__setattr__")?;
        set.call(&[instance.clone(), place.object(py), carried], None)?;
        return Ok(());
    }
    // Not by way of the class: its own `__setattr__` may be the host's.
    // SAFETY: three live objects.
    py.done(unsafe {
        (py.api().PyObject_GenericSetAttr)(instance.as_ptr(), place.as_ptr(), carried.as_ptr())
    })
}

/// The userdata that an object carries, if it does, and if it is released by this function.
pub(crate) fn carried(
    py: Python<'_>,
    object: &Owned<'_>,
    released_by: Option<ReleaseFn>,
) -> Outcome<Option<*mut c_void>> {
    let place = py.runtime.names.get(py, PLACE)?;
    // SAFETY: two live objects.
    let found = unsafe {
        py.own((py.api().PyObject_GenericGetAttr)(
            object.as_ptr(),
            place.as_ptr(),
        ))
    };
    let Some(found) = py.unless_attribute_error(found)? else {
        return Ok(None);
    };
    if !is::<Userdata>(&found) {
        return Ok(None);
    }
    // SAFETY: its type says that `hold` has made it, and the object keeps it.
    let found = unsafe { held::<Userdata>(found.as_ptr()) };
    let found = found.filter(|found| released_by.is_none_or(|by| found.release.is_by(by)));
    Ok(found.map(|found| found.userdata))
}
