//! Containers among the arguments of a call that Python may change: the host learns which it has
//! changed, and what was in them before.

use std::ptr;

use crate::boundary;
use crate::convert;
use crate::failure::{Failure, Outcome};
use crate::python::deferred;
use crate::python::ffi::Object;
use crate::python::gil::Python;
use crate::python::numbers;
use crate::python::object::Owned;
use crate::python::raise;
use crate::value::{
    EMB_DICT, EMB_FLOATS, EMB_INTS, EMB_LIST, EMB_OBJECT, EMB_SET, EMB_SHARED, emb_value,
};

/// One container, and where the host is told of it.
pub(crate) struct Watched {
    /// References of its own, to the container and to a list of what was in it; or null.
    container: Object,
    before: Object,
    /// The host's two values: what the container was made of, and the place for the answer.
    host: *mut emb_value,
    /// How many come before it, and are not in it.
    before_it: usize,
}

impl Drop for Watched {
    fn drop(&mut self) {
        deferred::drop_later(self.container);
        deferred::drop_later(self.before);
    }
}

/// The object for a value of the kind EMB_WATCHED, whose container `build` makes. It is watched where
/// the arguments of a call are made that asked for it.
pub(crate) fn container<'g>(
    py: Python<'g>,
    value: &emb_value,
    what: &str,
    build: impl FnOnce(&emb_value) -> Outcome<Owned<'g>>,
) -> Outcome<Owned<'g>> {
    // SAFETY: the kind says that the items are set, and there are two.
    let items = unsafe { boundary::slice(value.r#as.items, 2, what)? };
    let before_it = py.thread.watched.take();
    let count = before_it.as_ref().map_or(0, Vec::len);
    py.thread.watched.set(before_it);
    let container = build(&items[0])?;
    let Some(mut all) = py.thread.watched.take() else {
        return Ok(container);
    };
    let before = match items[0].kind {
        // The host has them.
        EMB_FLOATS | EMB_INTS => Ok(ptr::null_mut()),
        EMB_LIST | EMB_DICT | EMB_SET | EMB_OBJECT if !is_iterator(py, &container) => {
            contents(py, &container).map(|before| before.into_raw().as_ptr())
        }
        _ => Err(Failure::argument(format!(
            "{what} has an EMB_WATCHED that holds no list, dict or set"
        ))),
    };
    let done = before.map(|before| {
        all.push(Watched {
            container: container.clone().into_raw().as_ptr(),
            before,
            // SAFETY: the kind says that the items are set.
            host: unsafe { value.r#as.items }.cast_mut(),
            before_it: count,
        });
    });
    py.thread.watched.set(Some(all));
    done.map(|()| container)
}

/// What is used up by looking at it, and may never end.
fn is_iterator(py: Python<'_>, object: &Owned<'_>) -> bool {
    // SAFETY: a live object.
    unsafe { (py.api().PyIter_Check)(object.as_ptr()) != 0 }
}

/// A list of the items of a list or a set; of the keys and values of a dict, in turn.
fn contents<'g>(py: Python<'g>, container: &Owned<'g>) -> Outcome<Owned<'g>> {
    let api = py.api();
    if is_list(py, container) {
        // SAFETY: a live list; no list is as long.
        return unsafe { py.own((api.PyList_GetSlice)(container.as_ptr(), 0, isize::MAX)) };
    }
    py.list(py.contents(container)?.into_iter())
}

fn is_list(py: Python<'_>, object: &Owned<'_>) -> bool {
    py.is_subtype(object.type_ptr(), py.api().PyList_Type)
}

/// Whether two lists have the same objects in them.
fn are_same<'g>(py: Python<'g>, one: &Owned<'g>, other: &Owned<'g>) -> Outcome<bool> {
    let (one, other) = (py.fast_sequence(one)?, py.fast_sequence(other)?);
    if let (Some(one), Some(other)) = (one.in_place(), other.in_place()) {
        return Ok(one == other);
    }
    let same = |i| one.get(py, i) == other.get(py, i);
    Ok(one.len() == other.len() && (0..one.len()).all(same))
}

/// Runs what makes the arguments of a call, and gives what is to be watched in it.
#[inline]
pub(crate) fn during(
    py: Python<'_>,
    wanted: bool,
    make: impl FnOnce() -> Outcome<()>,
) -> Outcome<Vec<Watched>> {
    if !wanted {
        make()?;
        return Ok(Vec::new());
    }
    let outer = py.thread.watched.replace(Some(Vec::new()));
    let made = make();
    let all = py.thread.watched.replace(outer).unwrap_or_default();
    made.map(|()| all)
}

/// After the call, whose arguments are gone: tells the host which containers are no longer what they
/// were; with `kept`, also which Python still has.
#[inline]
pub(crate) fn tell<'g>(
    py: Python<'g>,
    all: Vec<Watched>,
    kept: bool,
    value: Outcome<Owned<'g>>,
) -> Outcome<Owned<'g>> {
    if all.is_empty() {
        value
    } else {
        look(py, all, kept, value)
    }
}

#[inline(never)]
fn look<'g>(
    py: Python<'g>,
    all: Vec<Watched>,
    kept: bool,
    value: Outcome<Owned<'g>>,
) -> Outcome<Owned<'g>> {
    // What the call has raised is set aside, for looking runs code of Python.
    let raised = match value {
        Err(Failure::Python) => raise::fetch(py),
        _ => None,
    };
    let result = value.as_ref().map_or(ptr::null_mut(), Owned::as_ptr);
    let mut in_result = usize::MAX;
    // Those that others are in come after these, which go first, or the others would seem to be kept.
    for (i, mut watched) in all.into_iter().enumerate().rev() {
        let is_result = watched.container == result;
        let ours = 1 + u32::from(is_result);
        let asked = kept && (is_result || i < in_result);
        if is_result {
            in_result = in_result.min(watched.before_it);
        }
        // What cannot be looked at any more is not told of.
        let _ = py.or_clear(compare(py, &mut watched, asked.then_some(ours)));
    }
    if let Some(raised) = raised {
        raise::restore(py, raised);
    }
    value
}

/// `ours`: how many references there are to a container that Python has not kept, if that is of interest.
fn compare(py: Python<'_>, watched: &mut Watched, ours: Option<u32>) -> Outcome<()> {
    // SAFETY: the reference is moved out.
    let container = unsafe { py.own(taken(&mut watched.container))? };
    let all = py.runtime.counts.references(&container);
    let is_kept = ours.is_some() && all > ours;
    let told = match changed(py, watched, &container)? {
        None if !is_kept => return Ok(()),
        None => py.tuple([container].into_iter())?,
        Some(changed) if !is_kept => py.tuple(changed.into_iter())?,
        Some([before, now]) => py.tuple([before, now, container].into_iter())?,
    };
    let kind = if is_kept { EMB_SHARED } else { EMB_OBJECT };
    let told = emb_value::object(kind, convert::handle(py, told)?, 0);
    // SAFETY: the host's place for it, the second of its two values, which are there until the call
    // has ended.
    unsafe { watched.host.add(1).write(told) };
    Ok(())
}

fn taken(place: &mut Object) -> Object {
    std::mem::replace(place, ptr::null_mut())
}

/// Tuples of what was in a container, and of what is now, if that is something else.
fn changed<'g>(
    py: Python<'g>,
    watched: &mut Watched,
    container: &Owned<'g>,
) -> Outcome<Option<[Owned<'g>; 2]>> {
    // SAFETY: the first of the host's two values, which are there until the call has ended.
    let made_of = unsafe { *watched.host };
    let (before, now) = if watched.before.is_null() {
        if has_numbers(py, container, &made_of)? {
            return Ok(None);
        }
        (
            convert::to_python(py, &made_of, "numbers")?,
            container.clone(),
        )
    } else {
        // SAFETY: the reference is moved out.
        let before = unsafe { py.own(taken(&mut watched.before))? };
        let now = if is_list(py, container) {
            container.clone()
        } else {
            contents(py, container)?
        };
        if are_same(py, &before, &now)? {
            return Ok(None);
        }
        (before, now)
    };
    let as_tuple = py.api().PyList_AsTuple;
    Ok(Some([
        py.apply1(as_tuple, &before)?,
        py.apply1(as_tuple, &now)?,
    ]))
}

/// Whether a list has the numbers that it was made of.
fn has_numbers<'g>(py: Python<'g>, list: &Owned<'g>, numbers: &emb_value) -> Outcome<bool> {
    let (length, what) = (numbers.length as usize, "numbers");
    // SAFETY: the kind says which member is set; the numbers are there until the call has ended.
    unsafe {
        match numbers.kind {
            EMB_FLOATS => {
                let numbers = boundary::slice(numbers.r#as.reals, length, what)?;
                numbers::has_floats(py, list, numbers)
            }
            _ => {
                let numbers = boundary::slice(numbers.r#as.integers, length, what)?;
                numbers::has_ints(py, list, numbers)
            }
        }
    }
}
