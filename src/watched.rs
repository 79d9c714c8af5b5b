//! Containers among the arguments of a call that Python may change: the host learns which it has
//! changed, and what was in them before: when the call has ended, or when it asks in the middle of it.

use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

use smallvec::SmallVec;

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
    EMB_DICT, EMB_FLOATS, EMB_INTS, EMB_LIST, EMB_OBJECT, EMB_SET, EMB_SHARED, EMB_TUPLE, emb_value,
};

/// One container, and where the host is told of it.
pub(crate) struct Watched {
    /// References of its own, to the container and to a list of what was in it; or null.
    container: Object,
    before: Object,
    /// Of a set, what was in it as a tuple, in the host's order; else null.
    given: Object,
    /// The host's two values: what the container was made of, and the place for the answer.
    host: *mut emb_value,
    /// How many come before it, and are not in it.
    before_it: usize,
}

impl Watched {
    /// The same again, with references of its own.
    fn again(&self, py: Python<'_>) -> Self {
        let shared = |object| {
            // SAFETY: a reference of this one's, or null.
            NonNull::new(object).map(|object| unsafe { py.share(object) }.into_raw())
        };
        Watched {
            container: shared(self.container).map_or(ptr::null_mut(), NonNull::as_ptr),
            before: shared(self.before).map_or(ptr::null_mut(), NonNull::as_ptr),
            given: shared(self.given).map_or(ptr::null_mut(), NonNull::as_ptr),
            ..*self
        }
    }

    /// Moves the references out, so that nothing is left to be told of.
    fn take(&mut self) -> Self {
        Watched {
            container: taken(&mut self.container),
            before: taken(&mut self.before),
            given: taken(&mut self.given),
            ..*self
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        deferred::drop_later(self.container);
        deferred::drop_later(self.before);
        deferred::drop_later(self.given);
    }
}

/// What the calls of a thread watch.
pub(crate) struct Watching {
    /// Of all calls in progress, those of the innermost last.
    all: RefCell<Vec<Watched>>,
    /// Where those begin of the call whose arguments are being made; or NONE.
    making: Cell<usize>,
}

/// No call's.
const NONE: usize = usize::MAX;

impl Watching {
    pub(crate) fn new() -> Self {
        Watching {
            all: RefCell::new(Vec::new()),
            making: Cell::new(NONE),
        }
    }
}

/// One call; its containers are forgotten when it is dropped.
pub(crate) struct Watch<'g> {
    watching: &'g Watching,
    first: usize,
    /// What was being made outside of it.
    outer: usize,
}

impl<'g> Watch<'g> {
    fn begin(py: Python<'g>) -> Self {
        let watching = &py.thread.watching;
        let first = watching.all.borrow().len();
        Watch {
            watching,
            first,
            outer: watching.making.replace(first),
        }
    }

    fn taken(&self) -> Vec<Watched> {
        self.watching.all.borrow_mut().split_off(self.first)
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.watching.making.set(self.outer);
        // Dropped where nothing is borrowed.
        let _ = self.taken();
    }
}

/// Runs a function of the host, whose calls are not those whose arguments may be being made.
#[inline(always)]
pub(crate) fn outside<R>(py: Python<'_>, f: impl FnOnce() -> R) -> R {
    let making = py.thread.watching.making.replace(NONE);
    let done = f();
    py.thread.watching.making.set(making);
    done
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
    let Watching { all, making } = &py.thread.watching;
    let first = making.get();
    if value.length == AGAIN
        && let Some(known) = made(py, items.as_ptr())
    {
        return Ok(known);
    }
    let before_it = all.borrow().len().wrapping_sub(first);
    let (container, given) = match items[0].kind {
        EMB_SET => {
            let mut in_order = items[0];
            in_order.kind = EMB_TUPLE;
            let given = build(&in_order)?;
            (py.apply1(py.api().PySet_New, &given)?, Some(given))
        }
        _ => (build(&items[0])?, None),
    };
    if first == NONE {
        return Ok(container);
    }
    let before = match items[0].kind {
        // The host has them.
        EMB_FLOATS | EMB_INTS => ptr::null_mut(),
        EMB_LIST | EMB_DICT | EMB_SET | EMB_OBJECT if !is_iterator(py, &container) => {
            contents(py, &container)?.into_raw().as_ptr()
        }
        _ => {
            return Err(Failure::argument(format!(
                "{what} has an EMB_WATCHED that holds no list, dict or set"
            )));
        }
    };
    all.borrow_mut().push(Watched {
        container: container.clone().into_raw().as_ptr(),
        before,
        given: given.map_or(ptr::null_mut(), |given| given.into_raw().as_ptr()),
        // SAFETY: the kind says that the items are set.
        host: unsafe { value.r#as.items }.cast_mut(),
        before_it,
    });
    Ok(container)
}

/// The length of a value with the same container as one before.
const AGAIN: u32 = 1;

/// What has been made of these two values, for the same call.
fn made<'g>(py: Python<'g>, host: *const emb_value) -> Option<Owned<'g>> {
    let Watching { all, making } = &py.thread.watching;
    let all = all.borrow();
    let of_the_call = all.get(making.get()..)?;
    let one = of_the_call
        .iter()
        .find(|one| one.host.cast_const() == host)?;
    // SAFETY: a reference of that one's.
    NonNull::new(one.container).map(|container| unsafe { py.share(container) })
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

/// Runs what makes the arguments of a call, and watches the containers in them, if that is wanted.
#[inline]
pub(crate) fn during<'g>(
    py: Python<'g>,
    wanted: bool,
    make: impl FnOnce() -> Outcome<()>,
) -> Outcome<Option<Watch<'g>>> {
    if !wanted {
        return make().map(|()| None);
    }
    let watch = Watch::begin(py);
    make()?;
    watch.watching.making.set(watch.outer);
    Ok(Some(watch))
}

/// After the call, whose arguments are gone: tells the host which containers are no longer what they
/// were; with `kept`, also which Python still has.
#[inline]
pub(crate) fn tell<'g>(
    py: Python<'g>,
    watch: Option<Watch<'g>>,
    kept: bool,
    value: Outcome<Owned<'g>>,
) -> Outcome<Owned<'g>> {
    match watch.map(|watch| watch.taken()) {
        Some(all) if !all.is_empty() => look(py, all, kept, value),
        _ => value,
    }
}

/// Where the host's two values are of a container of a call in progress of this thread, or null.
pub(crate) fn place(py: Python<'_>, container: &Owned<'_>) -> *const emb_value {
    let all = py.thread.watching.all.borrow();
    let is_it = |one: &&Watched| one.container == container.as_ptr();
    all.iter().rfind(is_it).map_or(ptr::null(), |one| one.host)
}

/// Before its end: tells the host of the container with these two values, as of one that Python has
/// kept, and the call no more.
pub(crate) fn tell_now(py: Python<'_>, host: *const emb_value) -> Outcome<()> {
    if host.is_null() {
        return Ok(());
    }
    let all = &py.thread.watching.all;
    let is_it = |one: &Watched| one.host.cast_const() == host && !one.container.is_null();
    let Some(at) = all.borrow().iter().rposition(is_it) else {
        return Err(Failure::argument(
            "values are those of no container that a call of this thread looks at: see \
             emb_call_watched",
        ));
    };
    let mut watched = all.borrow()[at].again(py);
    compare(py, &mut watched, |_| true)?;
    // Only now, so that it is not lost where that has failed. It is where it was: calls within have ended.
    let told = all.borrow_mut()[at].take();
    drop(told);
    Ok(())
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
        if watched.container.is_null() {
            continue; // the host knows
        }
        let is_result = watched.container == result;
        let asked = kept && (is_result || i < in_result);
        if is_result {
            in_result = in_result.min(watched.before_it);
        }
        // What cannot be looked at any more is not told of.
        let _ = py.or_clear(compare(py, &mut watched, |references| {
            asked && (is_result || references > Some(1))
        }));
    }
    if let Some(raised) = raised {
        raise::restore(py, raised);
    }
    value
}

/// `is_kept`: whether so many references to a container say that Python has kept it.
fn compare(
    py: Python<'_>,
    watched: &mut Watched,
    is_kept: impl FnOnce(Option<u32>) -> bool,
) -> Outcome<()> {
    // SAFETY: the reference is moved out.
    let container = unsafe { py.own(taken(&mut watched.container))? };
    let is_kept = is_kept(py.runtime.counts.references(&container));
    let (before, now) = looked_at(py, watched, &container)?;
    if now.is_none() && !is_kept {
        return Ok(());
    }
    let as_tuple = py.api().PyList_AsTuple;
    let before = match taken(&mut watched.given) {
        given if given.is_null() => py.apply1(as_tuple, &before)?,
        // SAFETY: the reference is moved out.
        given => unsafe { py.own(given)? },
    };
    let now = now.map_or_else(|| Ok(before.clone()), |now| py.apply1(as_tuple, &now))?;
    let told = [before, now]
        .into_iter()
        .chain(is_kept.then_some(container));
    let told = py.tuple(told.collect::<SmallVec<[_; 3]>>().into_iter())?;
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

/// Lists of what was in a container, and of what is now, if that is something else.
fn looked_at<'g>(
    py: Python<'g>,
    watched: &mut Watched,
    container: &Owned<'g>,
) -> Outcome<(Owned<'g>, Option<Owned<'g>>)> {
    if watched.before.is_null() {
        // SAFETY: the first of the host's two values, which are there until the call has ended.
        let made_of = unsafe { *watched.host };
        if has_numbers(py, container, &made_of)? {
            return Ok((container.clone(), None));
        }
        let before = convert::to_python(py, &made_of, "numbers")?;
        return Ok((before, Some(container.clone())));
    }
    // SAFETY: the reference is moved out.
    let before = unsafe { py.own(taken(&mut watched.before))? };
    let now = if is_list(py, container) {
        container.clone()
    } else {
        contents(py, container)?
    };
    let is_same = are_same(py, &before, &now)?;
    Ok((before, (!is_same).then_some(now)))
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
