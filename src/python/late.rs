//! Exceptions that come too late: an iterator raises after some items of a chunk were read. The
//! items are given to the host; the exception waits here for the next call.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::*};

use super::deferred;
use super::gil::Python;
use super::raise;
use crate::failure::{Failure, Outcome};
use crate::handle::{TABLE, emb_handle};

pub(crate) type Waiting = (emb_handle, emb_handle);

static WAITING: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());
static ANY: AtomicBool = AtomicBool::new(false);

pub(crate) fn waiting() -> std::sync::MutexGuard<'static, Vec<Waiting>> {
    WAITING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Keeps the exception that is set for the next call with this iterator's handle.
pub(crate) fn remember(py: Python<'_>, iterator: emb_handle) {
    let Some(exception) = raise::fetch(py) else {
        return;
    };
    let mut slots = py.thread.slots.borrow_mut();
    let Ok(handle) = TABLE.insert(&mut slots, exception.as_non_null()) else {
        return;
    };
    std::mem::forget(exception);
    let mut waiting = waiting();
    // Iterators that were released before their exception was asked for.
    waiting.retain(|(iterator, exception)| {
        let alive = TABLE.is_live(*iterator);
        if !alive {
            deferred::doom(*exception);
        }
        alive
    });
    waiting.push((iterator, handle));
    ANY.store(true, Release);
}

/// Raises the exception that waits for this iterator's handle, if there is one.
#[inline]
pub(crate) fn report(py: Python<'_>, iterator: emb_handle) -> Outcome<()> {
    if ANY.load(Acquire) {
        take(py, iterator)
    } else {
        Ok(())
    }
}

#[cold]
fn take(py: Python<'_>, iterator: emb_handle) -> Outcome<()> {
    let found = {
        let mut waiting = waiting();
        let place = waiting.iter().position(|(handle, _)| *handle == iterator);
        let found = place.map(|place| waiting.swap_remove(place).1);
        ANY.store(!waiting.is_empty(), Release);
        found
    };
    let Some(handle) = found else { return Ok(()) };
    // SAFETY: the object lives while it is looked at.
    let exception = TABLE.look(handle, |exception| unsafe { py.share(exception) });
    deferred::doom(handle);
    let Some(exception) = exception else {
        return Ok(());
    };
    raise::restore(py, exception);
    Err(Failure::Python)
}
