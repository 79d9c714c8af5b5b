//! Memory that an object describes by `__array_interface__`, in Python's own terms: that of numpy's
//! times, which the buffer protocol has no letter for, and of objects without a buffer.

use std::ffi::{CString, c_void};
use std::ptr;

use super::array_struct;
use super::dtype;
use super::gil::Python;
use super::memory::{Described, Keeper, Reference, contiguous};
use super::object::Owned;
use crate::failure::{Failure, Outcome};

/// The memory of an object, or None where it does not describe it this way.
pub(crate) fn of<'g>(py: Python<'g>, object: &Owned<'g>) -> Outcome<Option<Described>> {
    let Some(interface) = py.attribute(object, "__array_interface__")? else {
        return array_struct::of(py, object);
    };
    if !py.is_subtype(interface.type_ptr(), py.api().PyDict_Type) {
        return Err(wrong("it is not a dict"));
    }
    let entry = |key: &str| entry(py, &interface, key);
    let (Some(shape), Some(typestr)) = (entry("shape")?, entry("typestr")?) else {
        return Err(wrong("it has no shape or no typestr"));
    };
    let Some((address, readonly)) = entry("data")?
        .map(|data| place(py, &data))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    let (format, itemsize) = element(py, &typestr.to_text()?, entry("descr")?)?;
    let shape = numbers(py, &shape)?;
    let strides = match entry("strides")? {
        Some(strides) => numbers(py, &strides)?,
        None => contiguous(&shape, itemsize),
    };
    Ok(Some(Described {
        data: address,
        itemsize,
        readonly,
        format: CString::new(format).map_err(|_| wrong("its typestr has a NUL byte"))?,
        shape,
        strides,
        // Some make memory for the occasion, which the dict alone keeps.
        keeper: Keeper::Object(Reference::new(
            py.tuple([object.clone(), interface].into_iter())?,
        )),
    }))
}

pub(super) fn wrong(what: &str) -> Failure {
    Failure::argument(format!(
        "the object's __array_interface__ cannot be used: {what}"
    ))
}

/// A value of the dict that is there and not None.
fn entry<'g>(py: Python<'g>, interface: &Owned<'g>, key: &str) -> Outcome<Option<Owned<'g>>> {
    let value = interface.getattr("get")?.call(&[py.text(key)?], None)?;
    Ok((value.as_ptr() != py.api()._Py_NoneStruct).then_some(value))
}

/// Address, and whether it is read-only. None where the memory is behind another object's buffer.
fn place<'g>(py: Python<'g>, data: &Owned<'g>) -> Outcome<Option<(*mut c_void, bool)>> {
    if data.type_ptr() != py.api().PyTuple_Type {
        return Ok(None);
    }
    let mut parts = py.tuple_items(data);
    let (Some(address), Some(readonly)) = (parts.next(), parts.next()) else {
        return Err(wrong("its data is no pair of an address and a flag"));
    };
    let address = py.to_i64(&address)? as usize;
    let readonly = py.truth(&readonly)?;
    Ok(Some((ptr::with_exposed_provenance_mut(address), readonly)))
}

fn numbers<'g>(py: Python<'g>, list: &Owned<'g>) -> Outcome<Vec<isize>> {
    let items = py.items(list)?;
    let each = items
        .iter()
        .map(|number| py.to_i64(number).map(|n| n as isize));
    each.collect()
}

/// The format of an element, and its size.
pub(super) fn element<'g>(
    py: Python<'g>,
    typestr: &str,
    descr: Option<Owned<'g>>,
) -> Outcome<(String, usize)> {
    if let (Some(descr), true) = (&descr, typestr.contains('V')) {
        let fields = py.items(descr)?;
        // Without fields it is one, without a name.
        let first = fields.first().map(|field| py.items(field)).transpose()?;
        let name = first.as_ref().and_then(|field| field.first());
        let named = match name {
            Some(name) => fields.len() > 1 || !name.to_text()?.is_empty(),
            None => false,
        };
        if named {
            return structure(py, &fields);
        }
    }
    let element = dtype::code(typestr).ok_or_else(|| {
        wrong(&format!(
            "elements of type {typestr:?} have no place in memory of their own, or no format"
        ))
    })?;
    Ok((element.format, element.itemsize))
}

/// The format of a structure, from a list of its fields: name, type, and perhaps a shape.
fn structure<'g>(py: Python<'g>, fields: &[Owned<'g>]) -> Outcome<(String, usize)> {
    let (mut format, mut size) = (String::from("T{"), 0);
    for field in fields {
        let parts = py.items(field)?;
        let (Some(name), Some(of)) = (parts.first(), parts.get(1)) else {
            return Err(wrong("a field of its descr has no name or no type"));
        };
        let (of, itemsize) = if of.type_ptr() == py.api().PyList_Type {
            structure(py, &py.items(of)?)?
        } else {
            element(py, &of.to_text()?, None)?
        };
        let shape = parts.get(2).map(|shape| numbers(py, shape)).transpose()?;
        let shape = shape.unwrap_or_default();
        size += shape.iter().product::<isize>() as usize * itemsize;
        if !shape.is_empty() {
            let lengths: Vec<_> = shape.iter().map(isize::to_string).collect();
            format += &format!("({})", lengths.join(","));
        }
        format += &dtype::in_structure(&of);
        let name = field_name(py, name)?;
        if !name.is_empty() {
            format += &format!(":{name}:");
        }
    }
    format.push('}');
    Ok((format, size))
}

/// A field's name; where it has a title too, both are in a tuple.
fn field_name<'g>(py: Python<'g>, name: &Owned<'g>) -> Outcome<String> {
    let name = if name.type_ptr() == py.api().PyTuple_Type {
        py.tuple_items(name).nth(1).map(|name| name.to_text())
    } else {
        Some(name.to_text())
    };
    let name = name.transpose()?.unwrap_or_default();
    if name.contains(':') {
        return Err(wrong(&format!("the field name {name:?} has a colon in it")));
    }
    Ok(name)
}
