//! Lists of numbers from and to plain memory, without a value or a handle for each.

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};

/// Integers up to this size are exact in a double.
const EXACT: i64 = 1 << 53;

pub(crate) fn list_of_floats<'g>(py: Python<'g>, numbers: &[f64]) -> Outcome<Owned<'g>> {
    // SAFETY: takes a plain number.
    fill(py, numbers.len(), |i| unsafe {
        (py.api().PyFloat_FromDouble)(numbers[i])
    })
}

pub(crate) fn list_of_ints<'g>(py: Python<'g>, numbers: &[i64]) -> Outcome<Owned<'g>> {
    // SAFETY: takes a plain number.
    fill(py, numbers.len(), |i| unsafe {
        (py.api().PyLong_FromLongLong)(numbers[i])
    })
}

fn fill<'g>(py: Python<'g>, count: usize, make: impl Fn(usize) -> Object) -> Outcome<Owned<'g>> {
    // SAFETY: a new list of this size, filled before anyone sees it; it takes each item over.
    unsafe {
        let list = py.own((py.api().PyList_New)(count as isize))?;
        let slots = py.runtime.lists.slots(list.as_ptr());
        for i in 0..count {
            let item = py.own(make(i))?.into_raw().as_ptr();
            if slots.is_null() {
                py.done((py.api().PyList_SetItem)(list.as_ptr(), i as isize, item))?;
            } else {
                *slots.add(i) = item;
            }
        }
        Ok(list)
    }
}

/// The items as doubles: exact floats, and ints that a double can hold.
pub(crate) fn floats_of(py: Python<'_>, list: &Owned<'_>, most: usize) -> Outcome<Vec<f64>> {
    let api = py.api();
    collect(py, list, most, "float", |class, item| {
        if class == api.PyFloat_Type {
            // SAFETY: an exact float.
            return Some(unsafe { (api.PyFloat_AsDouble)(item) });
        }
        let number = int(py, class, item)?;
        (-EXACT..=EXACT).contains(&number).then_some(number as f64)
    })
}

/// The items as int64_t: exact ints that fit.
pub(crate) fn ints_of(py: Python<'_>, list: &Owned<'_>, most: usize) -> Outcome<Vec<i64>> {
    collect(py, list, most, "int of 64 bits", |class, item| {
        int(py, class, item)
    })
}

fn int(py: Python<'_>, class: Object, item: Object) -> Option<i64> {
    if class != py.api().PyLong_Type {
        return None;
    }
    let mut overflow = 0;
    // SAFETY: an exact int.
    let number = unsafe { (py.api().PyLong_AsLongLongAndOverflow)(item, &mut overflow) };
    (overflow == 0).then_some(number)
}

fn collect<T>(
    py: Python<'_>,
    list: &Owned<'_>,
    most: usize,
    wanted: &str,
    read: impl Fn(Object, Object) -> Option<T>,
) -> Outcome<Vec<T>> {
    let items = py.fast_sequence(list)?;
    let count = items.len();
    if count > most {
        return Err(Failure::argument(format!(
            "capacity is {most}, but there are {count} items"
        )));
    }
    let mut numbers = Vec::with_capacity(count);
    for i in 0..count {
        let Some(item) = items.get(py, i) else { break };
        match read(py.runtime.type_of(item), item.as_ptr()) {
            Some(number) => numbers.push(number),
            None => {
                // SAFETY: the sequence keeps its item alive.
                let item = unsafe { py.share(item) };
                let text = py.repr(&item)?.to_text()?;
                return Err(Failure::argument(format!(
                    "item {i} is {text}, which is no {wanted} that fits exactly"
                )));
            }
        }
    }
    Ok(numbers)
}
