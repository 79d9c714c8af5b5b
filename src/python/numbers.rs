//! Lists of numbers from and to plain memory, without a value or a handle for each.

use std::ptr::NonNull;

use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};

pub(crate) fn list_of_floats<'g>(py: Python<'g>, numbers: &[f64]) -> Outcome<Owned<'g>> {
    let new = py.api().PyFloat_FromDouble;
    // SAFETY: takes a plain number.
    fill(py, numbers, |number| unsafe { new(*number) })
}

pub(crate) fn list_of_ints<'g>(py: Python<'g>, numbers: &[i64]) -> Outcome<Owned<'g>> {
    let new = py.api().PyLong_FromLongLong;
    // SAFETY: takes a plain number.
    fill(py, numbers, |number| unsafe { new(*number) })
}

/// A list of what `make` makes of each number: a new object, or null with an exception.
fn fill<'g, T>(py: Python<'g>, numbers: &[T], make: impl Fn(&T) -> Object) -> Outcome<Owned<'g>> {
    // SAFETY: a new list of this size, filled before anyone sees it; it takes each item over.
    unsafe {
        let list = py.own((py.api().PyList_New)(numbers.len() as isize))?;
        let slots = py.runtime.lists.slots(list.as_ptr());
        if slots.is_null() {
            for (i, number) in numbers.iter().enumerate() {
                let item = py.own(make(number))?.into_raw().as_ptr();
                py.done((py.api().PyList_SetItem)(list.as_ptr(), i as isize, item))?;
            }
            return Ok(list);
        }
        for (i, number) in numbers.iter().enumerate() {
            *slots.add(i) = py.own(make(number))?.into_raw().as_ptr();
        }
        Ok(list)
    }
}

/// Whether a list still has these floats, to the last bit.
pub(crate) fn has_floats<'g>(py: Python<'g>, list: &Owned<'g>, numbers: &[f64]) -> Outcome<bool> {
    has(py, list, numbers, |item, number| {
        // SAFETY: an exact float.
        is_float(py, item)
            && unsafe { py.runtime.boxes.double(item.as_ptr()) }.to_bits() == number.to_bits()
    })
}

/// Whether a list still has these ints.
pub(crate) fn has_ints<'g>(py: Python<'g>, list: &Owned<'g>, numbers: &[i64]) -> Outcome<bool> {
    has(py, list, numbers, |item, number| {
        int(py, item) == Some(*number)
    })
}

fn has<'g, T>(
    py: Python<'g>,
    list: &Owned<'g>,
    numbers: &[T],
    is: impl Fn(NonNull<PyObject>, &T) -> bool,
) -> Outcome<bool> {
    let items = py.fast_sequence(list)?;
    if items.len() != numbers.len() {
        return Ok(false);
    }
    Ok(match items.in_place() {
        Some(all) => all.iter().zip(numbers).all(|(item, one)| is(*item, one)),
        None => {
            let same = |(i, one)| items.get(py, i).is_some_and(|item| is(item, one));
            numbers.iter().enumerate().all(same)
        }
    })
}

/// The items as doubles: exact floats, and ints that a double can hold.
pub(crate) fn floats_of<'g>(py: Python<'g>, list: &Owned<'g>, most: usize) -> Outcome<Vec<f64>> {
    checked(py, list, most, "float", move |item| {
        if is_float(py, item) {
            // SAFETY: an exact float.
            return Some(unsafe { py.runtime.boxes.double(item.as_ptr()) });
        }
        let number = int(py, item)?;
        is_exact(number).then_some(number as f64)
    })
}

/// Whether a double holds it.
#[inline(always)]
fn is_exact(number: i64) -> bool {
    const ALL: i64 = 1 << 53;
    (-ALL..=ALL).contains(&number) || number as f64 as i128 == number.into()
}

#[inline(always)]
fn is_float(py: Python<'_>, item: NonNull<PyObject>) -> bool {
    py.runtime.type_of(item) == py.api().PyFloat_Type
}

/// The items as int64_t: exact ints that fit.
pub(crate) fn ints_of<'g>(py: Python<'g>, list: &Owned<'g>, most: usize) -> Outcome<Vec<i64>> {
    checked(py, list, most, "int of 64 bits", move |item| int(py, item))
}

#[inline]
fn int(py: Python<'_>, item: NonNull<PyObject>) -> Option<i64> {
    if py.runtime.type_of(item) != py.api().PyLong_Type {
        return None;
    }
    // SAFETY: an exact int.
    unsafe { py.runtime.boxes.integer(item.as_ptr()) }
}

/// All of the numbers, before the host is given the first: each is in another place in memory, so that
/// reading them twice would cost more than keeping them in between. No code of Python may run before
/// the last one is read.
fn checked<'g, T>(
    py: Python<'g>,
    list: &Owned<'g>,
    most: usize,
    wanted: &str,
    read: impl Fn(NonNull<PyObject>) -> Option<T>,
) -> Outcome<Vec<T>> {
    let items = py.fast_sequence(&py.beginning(list, most)?)?;
    let count = items.len();
    if count > most {
        return Err(Failure::argument(format!(
            "capacity is {most}, but {}",
            py.how_many(list, count)
        )));
    }
    let mut numbers = room(count)?;
    let mut places = numbers.spare_capacity_mut().iter_mut();
    let mut put = |item| match (read(item), places.next()) {
        (Some(number), Some(place)) => {
            place.write(number);
            true
        }
        _ => false,
    };
    let wrong = match items.in_place() {
        Some(all) => all.iter().position(|item| !put(*item)),
        None => (0..count).position(|i| !items.get(py, i).is_some_and(&mut put)),
    };
    if let Some(i) = wrong {
        return Err(unfit(py, items.get(py, i), i, wanted));
    }
    // SAFETY: each place has been written.
    unsafe { numbers.set_len(count) };
    Ok(numbers)
}

fn room<T>(count: usize) -> Outcome<Vec<T>> {
    let mut room = Vec::new();
    let made = room.try_reserve_exact(count);
    made.map_err(|_| Failure::argument(format!("there is no memory for {count} numbers")))?;
    Ok(room)
}

#[cold]
fn unfit(py: Python<'_>, item: Option<NonNull<PyObject>>, i: usize, wanted: &str) -> Failure {
    let text = item.map_or(Ok("missing".into()), |item| {
        // SAFETY: the sequence keeps its item alive.
        let item = unsafe { py.share(item) };
        py.repr(&item)?.to_text()
    });
    match text {
        Ok(text) => Failure::argument(format!(
            "item {i} is {text}, which is no {wanted} that fits exactly"
        )),
        Err(failure) => failure,
    }
}
