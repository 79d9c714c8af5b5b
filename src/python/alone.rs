//! What no two threads may do at the same time. With a GIL they cannot, and nothing is done about it.

use std::sync::{Mutex, MutexGuard};

use super::runtime::Runtime;

/// A lock, where there is no GIL. It is held for a few loads and stores: never while code of Python
/// runs or an object is made, when Python may want all threads to pause, also one that waits here.
pub(crate) struct Alone(Mutex<()>);

impl Alone {
    pub(crate) const fn new() -> Self {
        Alone(Mutex::new(()))
    }

    #[inline]
    pub(crate) fn enter(&self, runtime: &Runtime) -> Option<MutexGuard<'_, ()>> {
        runtime.free_threaded.then(|| self.lock())
    }

    /// The lock itself, for a fork.
    #[cold]
    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
