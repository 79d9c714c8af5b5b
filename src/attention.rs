//! One word for everything that an operation has to see to besides its work. It is read at the
//! beginning and at the end of each, and nearly always it is zero.
//!
//! In its lower half stands the first of the handles that were released without the GIL (see
//! `handle`), and above that a bit for each of the other things. Beside the word are the handles that
//! Python's main thread has released.

use std::sync::atomic::{AtomicU64, Ordering::*};

use crate::handle::{Aside, LAST_INDEX};

pub(crate) struct Attention {
    word: AtomicU64,
    pub aside: Aside,
}

/// That of the process.
pub(crate) static ATTENTION: Attention = Attention::new(NOT_RUNNING);

const DOOMED: u64 = LAST_INDEX;
/// Python does not run: not yet, not any more, or not in this child of a fork.
pub(crate) const NOT_RUNNING: u64 = 1 << 32;
/// Operations are counted, because the Python is the host's own, which may end.
pub(crate) const COUNTED: u64 = 1 << 33;
/// There is no GIL: each thread may have kept some of what it has released.
pub(crate) const KEPT: u64 = 1 << 34;
/// Ended threads have left something.
pub(crate) const GRAVES: u64 = 1 << 35;
/// Something waits for a thread that alone can call the host. In the lower half: it is asked for alone,
/// at the end of each operation, and so that is one instruction.
pub(crate) const ERRANDS: u64 = LAST_INDEX + 1;

/// Whether an operation has to see to anything when it begins.
#[inline(always)]
pub(crate) fn is_wanted() -> bool {
    ATTENTION.word.load(Acquire) != 0 || !ATTENTION.aside.is_empty()
}

/// Whether there is more than what was released without the GIL.
#[inline(always)]
pub(crate) fn is_wanted_for_more() -> bool {
    is_wanted_for(!DOOMED)
}

/// Whether it has to see to one of these.
#[inline(always)]
pub(crate) fn is_wanted_for(what: u64) -> bool {
    ATTENTION.word.load(Acquire) & what != 0
}

/// Whether references wait to be dropped, or may wait.
pub(crate) fn has_released() -> bool {
    is_wanted_for(DOOMED | KEPT) || !ATTENTION.aside.is_empty()
}

/// Takes no lock and no memory: signal handlers and children of a fork may call it.
pub(crate) fn call(what: u64) {
    ATTENTION.word.fetch_or(what, AcqRel);
}

/// Called before what waits is taken, so that whatever comes meanwhile is seen the next time.
pub(crate) fn end(what: u64) {
    ATTENTION.word.fetch_and(!what, AcqRel);
}

impl Attention {
    pub(crate) const fn new(what: u64) -> Self {
        Attention {
            word: AtomicU64::new(what),
            aside: Aside::new(),
        }
    }

    /// The first of the doomed, or 0.
    pub(crate) fn first_doomed(&self) -> u32 {
        (self.word.load(Relaxed) & DOOMED) as u32
    }

    /// Makes this the first; `link` is told which one was. Says whether there was none.
    pub(crate) fn push_doomed(&self, index: u32, mut link: impl FnMut(u32)) -> bool {
        let mut word = self.word.load(Relaxed);
        loop {
            link((word & DOOMED) as u32);
            let new = word & !DOOMED | u64::from(index);
            match self.word.compare_exchange_weak(word, new, AcqRel, Relaxed) {
                Ok(_) => return word & DOOMED == 0,
                Err(now) => word = now,
            }
        }
    }

    /// Takes over all of them: the first, or 0.
    pub(crate) fn take_doomed(&self) -> u32 {
        (self.word.fetch_and(!DOOMED, AcqRel) & DOOMED) as u32
    }
}
