//! Memory that is lent again while Python still has it: the same array, where nobody can tell.
//!
//! What a call makes of an array, and keeps, may be no more than a view (`numpy.frombuffer(a)`,
//! `a[1:]`). Then nobody has the array itself, to change its shape, say, or to compare it, and the
//! next call that lends the same memory is given that one: to make one, and to end it, takes as long
//! as all the rest of such a call.
//!
//! Who has an array is told by the number of its references, before and after a call, and by the
//! call's result. So this is for calls that end with `settle`, where references are counted in place.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use super::arguments::Arguments;
use super::array::{self, HostArray};
use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::ndarray::{C_CONTIGUOUS, WRITEABLE};
use super::numpy;
use super::object::Owned;
use crate::failure::Outcome;

/// The array that was lent last for a number that the host counts in.
struct Latest {
    held: Cell<*const i64>,
    array: Cell<Object>,
    /// Owned, or null while it is not known that nobody has the array itself.
    weak: Cell<Object>,
    /// Whether it is lent to a call of which nobody has heard that it has ended.
    is_open: Cell<bool>,
    /// References to it before that call.
    before: Cell<u32>,
}

impl Latest {
    const fn new() -> Self {
        Latest {
            held: Cell::new(ptr::null()),
            array: Cell::new(ptr::null_mut()),
            weak: Cell::new(ptr::null_mut()),
            is_open: Cell::new(false),
            before: Cell::new(0),
        }
    }

    fn open(&self, py: Python<'_>, array: &Owned<'_>, before: u32) {
        self.is_open.set(true);
        self.before.set(before);
        py.thread.lent.set(array.as_ptr());
    }

    fn forget(&self, py: Python<'_>) {
        self.held.set(ptr::null());
        self.array.set(ptr::null_mut());
        py.drop_object(self.weak.replace(ptr::null_mut()));
    }
}

const PLACES: usize = 64;

struct Table([Latest; PLACES]);

// SAFETY: only touched with the GIL; where there is none, it stays empty.
unsafe impl Sync for Table {}

static TABLE: Table = Table([const { Latest::new() }; PLACES]);

fn place_of(held: *const i64) -> &'static Latest {
    &TABLE.0[(held.addr() >> 4) % PLACES]
}

/// The number that counts the array with this `base`, if it is on memory that was lent.
fn lent_for(py: Python<'_>, base: Object) -> Option<*const i64> {
    // SAFETY: alive as long as the array.
    array::lent_for(&unsafe { py.share(NonNull::new(base)?) })
}

/// The array that Python has of this memory, where nobody has more of it than views.
pub(crate) fn find<'g>(
    py: Python<'g>,
    host: &HostArray<'_>,
    held: *const i64,
) -> Option<Owned<'g>> {
    let latest = place_of(held);
    let weak = NonNull::new(latest.weak.get())?;
    if latest.held.get() != held || latest.is_open.get() {
        return None;
    }
    let array = alive(py, weak).filter(|array| is_as_made(py, array, host, held) == Some(true));
    let references = array
        .as_ref()
        .and_then(|array| py.runtime.counts.references(array));
    let (Some(array), Some(references)) = (array, references) else {
        latest.forget(py);
        return None;
    };
    // One of them is the argument.
    latest.open(py, &array, references - 1);
    Some(array)
}

/// Remembers a new one until the call has ended.
pub(crate) fn note(py: Python<'_>, array: &Owned<'_>, held: *const i64) {
    if held.is_null() || py.runtime.counts.references(array).is_none() {
        return;
    }
    let latest = place_of(held);
    latest.forget(py);
    latest.held.set(held);
    latest.array.set(array.as_ptr());
    latest.open(py, array, 0);
}

/// The call has ended: who has what was lent to it?
#[inline(always)]
pub(crate) fn settle<'g>(
    py: Python<'g>,
    arguments: &Arguments<'g, '_>,
    result: &Outcome<Owned<'g>>,
) {
    if !py.thread.lent.get().is_null() {
        let result = result.as_ref().map_or(ptr::null_mut(), Owned::as_ptr);
        look(py, arguments.as_slice(), result);
    }
}

/// `result` is null where there is none.
#[cold]
#[inline(never)]
fn look<'g>(py: Python<'g>, arguments: &[Owned<'g>], result: Object) {
    let lent = py.thread.lent.replace(ptr::null_mut());
    // An operation that is no call does not look: then this is nothing any more, or something else.
    let Some(array) = arguments.iter().rev().find(|one| one.as_ptr() == lent) else {
        return;
    };
    let Some(latest) = numpy::members(array).and_then(|members| lent_for(py, members.base)) else {
        return;
    };
    let latest = place_of(latest);
    if latest.array.get() != lent {
        return; // another call has lent the same meanwhile
    }
    latest.is_open.set(false);
    // One of them is the argument.
    let others = py.runtime.counts.references(array).unwrap_or(1) - 1;
    // SAFETY: the caller has a reference to it.
    let result = NonNull::new(result).map(|result| unsafe { py.share(result) });
    let is_view = |result| numpy::members(&result).is_some_and(|members| members.base == lent);
    let views = u32::from(result.is_some_and(is_view));
    let only_views = others != 0 && others == latest.before.get() + views;
    if !only_views || !refer(py, latest) {
        latest.forget(py);
    }
}

/// Sees to it that there is a weak reference to the array.
fn refer(py: Python<'_>, latest: &Latest) -> bool {
    if latest.weak.get().is_null() {
        // SAFETY: the array is alive.
        let weak = unsafe { (py.api().PyWeakref_NewRef)(latest.array.get(), ptr::null_mut()) };
        if weak.is_null() {
            py.clear_exception();
        }
        latest.weak.set(weak);
    }
    !latest.weak.get().is_null()
}

fn alive<'g>(py: Python<'g>, weak: NonNull<PyObject>) -> Option<Owned<'g>> {
    let api = py.api();
    // SAFETY: a weak reference; the first gives a reference of one's own, the second a borrowed one.
    unsafe {
        if let Some(get_ref) = api.PyWeakref_GetRef {
            let mut object = ptr::null_mut();
            return (get_ref(weak.as_ptr(), &mut object) == 1)
                .then(|| py.made(object))
                .flatten();
        }
        let object = NonNull::new((api.PyWeakref_GetObject?)(weak.as_ptr()))?;
        (object.as_ptr() != api._Py_NoneStruct).then(|| py.share(object))
    }
}

/// Whether an array is what would be made of the host's memory; None where that cannot be told.
fn is_as_made(
    py: Python<'_>,
    array: &Owned<'_>,
    host: &HostArray<'_>,
    held: *const i64,
) -> Option<bool> {
    let (numpy, members) = (numpy::known()?, numpy::members(array)?);
    let (dtype, _) = numpy.dtypes.known(host.dtype)?;
    if members.shape.is_null() {
        return None; // no dimension
    }
    // SAFETY: as many as there are dimensions.
    let shape = unsafe { std::slice::from_raw_parts(members.shape, members.ndim.try_into().ok()?) };
    let flags = C_CONTIGUOUS | if host.readonly { 0 } else { WRITEABLE };
    Some(
        members.data == host.data
            && shape == host.shape
            && members.flags & (C_CONTIGUOUS | WRITEABLE) == flags
            && members.dtype == dtype.as_ptr()
            && lent_for(py, members.base) == Some(held),
    )
}
