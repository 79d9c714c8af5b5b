//! Which memory of the host Python still looks at, so that the host can ask before it moves any.
//!
//! Every array on host memory hangs in one of many short lists, by where its memory begins. Joining
//! and leaving are a few stores, so that wrapping memory costs no more for it. The GIL is the lock,
//! or else one for each few of the lists.

use std::cell::{Cell, UnsafeCell};
use std::ops::Range;
use std::ptr;
use std::sync::MutexGuard;

use super::alone::Alone;
use super::gil::Python;
use super::runtime::{self, Runtime};

/// Memory from here to there, or nothing yet.
pub(crate) struct Loan {
    range: Cell<(usize, usize)>,
    next: Cell<*const Loan>,
    /// What points to this one: the head of a list, or the one before. Null while in no list.
    from: Cell<*const Cell<*const Loan>>,
}

/// Memory of this many bytes has a list of its own.
const CELL_BITS: u32 = 16;
const CELLS: usize = 1024;
/// The list of all that is larger than a cell; there can only be few.
const LARGE: usize = CELLS;

struct Lists(UnsafeCell<[Cell<*const Loan>; CELLS + 1]>);

// SAFETY: each list is only touched by the thread that is alone with it.
unsafe impl Sync for Lists {}

static LISTS: Lists = Lists(UnsafeCell::new(
    [const { Cell::new(ptr::null()) }; CELLS + 1],
));

const LOCKS: usize = 64;

static ALONE: [Alone; LOCKS] = [const { Alone::new() }; LOCKS];

/// All the locks, for a fork.
pub(crate) fn locks() -> Vec<MutexGuard<'static, ()>> {
    ALONE.iter().map(Alone::lock).collect()
}

/// Whoever touches a list is alone with it.
fn alone_with(list: usize) -> &'static Alone {
    &ALONE[list % LOCKS]
}

/// The list that memory hangs in.
fn list_of(start: usize, end: usize) -> usize {
    if end - start > 1 << CELL_BITS {
        LARGE
    } else {
        (start >> CELL_BITS) % CELLS
    }
}

fn heads() -> &'static [Cell<*const Loan>; CELLS + 1] {
    // SAFETY: never replaced as a whole; a list is touched by those who are alone with it.
    unsafe { &*LISTS.0.get() }
}

impl Loan {
    pub(crate) const fn new() -> Self {
        Loan {
            range: Cell::new((0, 0)),
            next: Cell::new(ptr::null()),
            from: Cell::new(ptr::null()),
        }
    }

    /// Begins to count, until the drop.
    ///
    /// # Safety
    /// From now on it stays where it is.
    #[inline(always)]
    pub(crate) unsafe fn join(&self, py: Python<'_>, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let list = list_of(range.start, range.end);
        let _alone = alone_with(list).enter(py.runtime);
        let head = &heads()[list];
        self.range.set((range.start, range.end));
        self.next.set(head.get());
        self.from.set(head);
        // SAFETY: whoever is in a list lives, and stays where it is.
        if let Some(next) = unsafe { head.get().as_ref() } {
            next.from.set(&self.next);
        }
        head.set(self);
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // SAFETY: Python drops it.
        self.leave(unsafe { runtime::loaded_unchecked() });
    }
}

impl Loan {
    /// What the drop does, in line.
    #[inline(always)]
    pub(crate) fn leave(&self, runtime: &Runtime) {
        // SAFETY: dropped by Python, so the GIL is held or this thread is alone with the list; whoever
        // is in a list lives.
        unsafe {
            let (start, end) = self.range.get();
            let alone = alone_with(list_of(start, end));
            let _alone = alone.enter(runtime);
            if let Some(from) = self.from.get().as_ref() {
                from.set(self.next.get());
                if let Some(next) = self.next.get().as_ref() {
                    next.from.set(from);
                }
            }
        }
    }
}

/// How many loans touch some memory.
pub(crate) fn count(py: Python<'_>, memory: Range<usize>) -> usize {
    let first = (memory.start >> CELL_BITS).saturating_sub(1);
    let last = memory.end.saturating_sub(1) >> CELL_BITS;
    let cells = (last + 1).saturating_sub(first).min(CELLS);
    let lists = (first..first + cells).map(|cell| cell % CELLS);
    lists
        .chain([LARGE])
        .map(|list| {
            let _alone = alone_with(list).enter(py.runtime);
            in_list(&heads()[list], &memory)
        })
        .sum()
}

fn in_list(head: &Cell<*const Loan>, memory: &Range<usize>) -> usize {
    let (mut found, mut at) = (0, head.get());
    // SAFETY: whoever is in a list lives, and the caller is alone with this one.
    while let Some(loan) = unsafe { at.as_ref() } {
        let (start, end) = loan.range.get();
        found += usize::from(start < memory.end && memory.start < end);
        at = loan.next.get();
    }
    found
}
