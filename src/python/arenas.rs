//! Memory that CPython gives back to the system, kept for the moment when it wants some again.
//!
//! Small objects stand in arenas, which CPython has of the system and gives back when they are empty. A
//! list of a million floats, made for a call and gone after it, is twenty-four megabytes of them: to
//! have new pages for it each time takes longer than to make the floats. So the latest are kept.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Mutex, OnceLock};

use super::symbols::Symbols;

/// As CPython declares it.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct ArenaAllocator {
    context: *mut c_void,
    alloc: Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>,
    free: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, usize)>,
}

/// Bytes that are kept at most.
const MOST: usize = 32 << 20;
/// The size of an arena before Python 3.10; later ones are larger. What is smaller is for the frames of
/// functions, since 3.11.
const SMALLEST: usize = 256 << 10;
/// Arenas that are kept at most.
const PLACES: usize = MOST / SMALLEST;

struct Kept {
    /// The size of those that are kept: all of a CPython's arenas are alike.
    size: usize,
    count: usize,
    arenas: [*mut c_void; PLACES],
}

// SAFETY: an arena in there is nobody's, so that any thread may have it.
unsafe impl Send for Kept {}

/// Interpreters with GILs of their own come here at the same time. Nobody waits: who comes second does
/// without, also in the child of a fork, where the one who was first may be no more.
static KEPT: Mutex<Kept> = Mutex::new(Kept {
    size: 0,
    count: 0,
    arenas: [ptr::null_mut(); PLACES],
});

// SAFETY: functions that any thread may call, as CPython does, and what they are called with.
unsafe impl Send for ArenaAllocator {}
// SAFETY: as above.
unsafe impl Sync for ArenaAllocator {}

/// What really has memory.
static SOURCE: OnceLock<ArenaAllocator> = OnceLock::new();

/// From now on arenas are kept. The GIL is held.
pub(crate) fn keep(api: &Symbols) {
    let (Some(get), Some(set)) = (
        api.PyObject_GetArenaAllocator,
        api.PyObject_SetArenaAllocator,
    ) else {
        return;
    };
    let mut known = ArenaAllocator {
        context: ptr::null_mut(),
        alloc: None,
        free: None,
    };
    // SAFETY: it is filled in.
    unsafe { get(&mut known) };
    if known.alloc.is_none() || known.free.is_none() || SOURCE.set(known).is_err() {
        return;
    }
    let mut ours = ArenaAllocator {
        context: ptr::null_mut(),
        alloc: Some(alloc),
        free: Some(free),
    };
    // SAFETY: two functions that may be called from now on, and are there for good; it is copied.
    unsafe { set(&mut ours) };
}

/// One of those that are kept.
fn take(size: usize) -> Option<*mut c_void> {
    let mut kept = KEPT.try_lock().ok()?;
    let last = kept.count.checked_sub(1).filter(|_| kept.size == size)?;
    kept.count = last;
    kept.arenas.get(last).copied()
}

/// Whether there was room to keep it.
fn put(arena: *mut c_void, size: usize) -> bool {
    if size < SMALLEST {
        return false;
    }
    let Ok(mut kept) = KEPT.try_lock() else {
        return false;
    };
    if kept.count == 0 {
        kept.size = size;
    }
    let count = kept.count;
    let has_room = kept.size == size && (count + 1) * size <= MOST;
    let Some(place) = kept.arenas.get_mut(count).filter(|_| has_room) else {
        return false;
    };
    *place = arena;
    kept.count += 1;
    true
}

/// CPython wants an arena.
///
/// # Safety
/// Called by CPython alone, as the `alloc` of its arena allocator.
unsafe extern "C" fn alloc(_context: *mut c_void, size: usize) -> *mut c_void {
    let anew = || {
        let source = SOURCE.get()?;
        // SAFETY: the function that was there before, with what it asks for.
        Some(unsafe { source.alloc?(source.context, size) })
    };
    take(size).or_else(anew).unwrap_or(ptr::null_mut())
}

/// CPython has no more use for an arena.
///
/// # Safety
/// Called by CPython alone, as the `free` of its arena allocator.
unsafe extern "C" fn free(_context: *mut c_void, arena: *mut c_void, size: usize) {
    if put(arena, size) {
        return;
    }
    if let Some(source) = SOURCE.get()
        && let Some(free) = source.free
    {
        // SAFETY: the function that was there before; the arena is one of its own.
        unsafe { free(source.context, arena, size) };
    }
}
