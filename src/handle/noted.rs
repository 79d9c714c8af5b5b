//! By which handle the host knows an object.
//!
//! A host that keeps one object of its own for each object of Python notes the handle of it. What it
//! has noted is found again by where Python's object is. Nothing is to be crossed out: a handle that
//! has ended is seen to have ended, and such notes go when there are as many of them as of others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard};

use super::{TABLE, emb_handle};

/// How many notes there may be before one looks for those of ended handles.
const FIRST_LOOK: usize = 1024;

/// Where objects are is as good as random, but for the lowest bits.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize((*byte).into());
        }
    }

    fn write_usize(&mut self, number: usize) {
        // The upper bits of a product depend on all bits of both factors.
        let product = (self.0 ^ number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ product >> 32;
    }
}

pub(crate) struct Notes {
    handles: HashMap<usize, emb_handle, BuildHasherDefault<Mixed>>,
    next_look: usize,
}

static NOTES: Mutex<Notes> = Mutex::new(Notes {
    handles: HashMap::with_hasher(BuildHasherDefault::new()),
    next_look: FIRST_LOOK,
});

/// Held for a few steps, in which no code of others runs.
pub(crate) fn notes() -> MutexGuard<'static, Notes> {
    NOTES
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Where the object of a live handle is.
fn address(handle: emb_handle) -> Option<usize> {
    TABLE.look(handle, |object| object.as_ptr().addr())
}

/// Notes those handles that are live; in the place of an earlier one only if that has ended, or if it
/// is to be `instead` of it. Says how many there are before the first 0.
pub(crate) fn note(handles: &[emb_handle], instead: bool) -> usize {
    let mut notes = notes();
    for &handle in handles {
        let Some(place) = address(handle) else {
            continue;
        };
        match notes.handles.entry(place) {
            Entry::Vacant(entry) => {
                entry.insert(handle);
            }
            Entry::Occupied(mut entry) => {
                if instead || address(*entry.get()) != Some(place) {
                    entry.insert(handle);
                }
            }
        }
    }
    if notes.handles.len() >= notes.next_look {
        notes
            .handles
            .retain(|place, handle| address(*handle) == Some(*place));
        notes.next_look = FIRST_LOOK.max(2 * notes.handles.len());
    }
    let first_none = handles.iter().position(|handle| *handle == 0);
    first_none.unwrap_or(handles.len())
}

/// The live handle that is noted for the object of another; None where that is not live, and 0 where
/// none is noted.
pub(crate) fn noted(object: emb_handle) -> Option<emb_handle> {
    let place = address(object)?;
    let found = notes().handles.get(&place).copied();
    let live = found.filter(|handle| address(*handle) == Some(place));
    Some(live.unwrap_or(0))
}
