//! What a thread's latest results point into.
//!
//! Text, bytes and unpacked tuples are given to the host as pointers, so that a result takes one
//! crossing. Their memory is kept until the thread has had several more such results: code that runs
//! in between (a finaliser or a signal handler of the host, say) may make some.
//!
//! Nothing long is copied; see `short`.

use std::cell::{Cell, RefCell};
use std::ffi::c_char;
use std::ptr;

use crate::handle::emb_handle;
use crate::python::ffi::Object;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::value::*;

mod short;
use short::{ROOM, Texts};

/// How many results stay valid.
pub const EMB_RESULTS_KEPT: usize = 16;

/// Memory that belongs to one unpacked result.
#[derive(Default)]
pub(crate) struct Kept {
    items: Vec<Box<[emb_value]>>,
    texts: Vec<Box<str>>,
    reals: Vec<Box<[f64]>>,
}

impl Kept {
    pub(crate) fn tuple(&mut self, items: Vec<emb_value>) -> emb_value {
        let items = items.into_boxed_slice();
        let value = emb_value {
            kind: EMB_TUPLE,
            length: items.len() as u32,
            r#as: emb_payload {
                items: items.as_ptr(),
            },
        };
        self.items.push(items);
        value
    }

    pub(crate) fn big_int(&mut self, text: String) -> emb_value {
        let text = text.into_boxed_str();
        let value = emb_value {
            kind: EMB_BIGINT,
            length: text.len() as u32,
            r#as: emb_payload {
                text: text.as_ptr().cast::<c_char>(),
            },
        };
        self.texts.push(text);
        value
    }

    pub(crate) fn complex(&mut self, parts: [f64; 2]) -> emb_value {
        let parts: Box<[f64]> = Box::new(parts);
        let value = emb_value {
            kind: EMB_COMPLEX,
            length: 2,
            r#as: emb_payload {
                reals: parts.as_ptr(),
            },
        };
        self.reals.push(parts);
        value
    }

    /// The handles of objects inside, except those that the host has taken out by changing the
    /// kind of the value.
    pub(crate) fn left_handles(&self) -> impl Iterator<Item = emb_handle> {
        self.items.iter().flatten().filter_map(emb_value::handle)
    }

    /// Whether some of its values point into the object that was unpacked, and not into this.
    pub(crate) fn has_texts(&self) -> bool {
        let mut items = self.items.iter().flatten();
        items.any(|item| item.kind == EMB_TEXT || item.kind == EMB_BYTES)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.texts.is_empty() && self.reals.is_empty()
    }
}

/// An object, and the memory that its unpacked form has.
type Unpacked = (Object, Kept);

/// One thread's rings of kept results.
pub(crate) struct Results {
    objects: [Cell<Object>; EMB_RESULTS_KEPT],
    texts: Texts,
    next: Cell<usize>,
    /// Those with memory of their own have a ring of their own: a host reads them step by step, and
    /// the finaliser that runs in between may well have sixteen texts.
    unpacked: [RefCell<Option<Unpacked>>; EMB_RESULTS_KEPT],
    next_unpacked: Cell<usize>,
}

impl Results {
    pub(crate) const fn new() -> Self {
        Results {
            objects: [const { Cell::new(ptr::null_mut()) }; EMB_RESULTS_KEPT],
            texts: Texts::new(),
            next: Cell::new(0),
            unpacked: [const { RefCell::new(None) }; EMB_RESULTS_KEPT],
            next_unpacked: Cell::new(0),
        }
    }

    /// Keeps a copy of a text, if it is short, and lets the oldest go.
    ///
    /// # Safety
    /// There are `length` bytes, and a NUL behind them.
    #[inline(always)]
    pub(crate) unsafe fn keep_short(
        &self,
        py: Python<'_>,
        (text, length): (*const c_char, usize),
    ) -> Option<*const c_char> {
        if length >= ROOM {
            return None;
        }
        let (place, oldest) = self.replace_oldest(ptr::null_mut());
        // SAFETY: the caller's promise; the place is free now.
        let copy = unsafe { self.texts.copy(place, text, length) };
        if !oldest.is_null() {
            let_go(py, oldest);
        }
        Some(copy)
    }

    /// Keeps `object`, and lets the oldest go.
    pub(crate) fn keep(&self, py: Python<'_>, object: Owned<'_>) {
        let (_place, oldest) = self.replace_oldest(object.into_raw().as_ptr());
        py.drop_object(oldest);
    }

    /// Keeps `object` and memory beside it, and lets the oldest of these go.
    pub(crate) fn keep_with(&self, py: Python<'_>, object: Owned<'_>, kept: Kept) {
        if kept.is_empty() {
            return self.keep(py, object);
        }
        self.keep_unpacked(py, object.into_raw().as_ptr(), kept);
    }

    /// Keeps the memory of an unpacked object, and the object itself if there is need of it: arrays
    /// in a tuple are to go when the host has released them.
    pub(crate) fn keep_memory(&self, py: Python<'_>, object: Owned<'_>, kept: Kept) {
        if kept.has_texts() {
            return self.keep_unpacked(py, object.into_raw().as_ptr(), kept);
        }
        self.keep_unpacked(py, ptr::null_mut(), kept);
    }

    fn keep_unpacked(&self, py: Python<'_>, object: Object, kept: Kept) {
        let place = self.next_unpacked.get() % EMB_RESULTS_KEPT;
        self.next_unpacked.set(place + 1);
        let oldest = self.unpacked[place].replace(Some((object, kept)));
        if let Some((object, memory)) = oldest {
            drop(memory);
            py.drop_object(object);
        }
    }

    #[inline(always)]
    fn replace_oldest(&self, object: Object) -> (usize, Object) {
        let place = self.next.get() % EMB_RESULTS_KEPT;
        self.next.set(place + 1);
        (place, self.objects[place].replace(object))
    }

    /// Every reference of the rings, for the end of the thread.
    pub(crate) fn take(&self) -> impl Iterator<Item = Object> {
        let plain = self.objects.iter();
        let unpacked = self.unpacked.iter();
        plain
            .map(|object| object.replace(ptr::null_mut()))
            .chain(unpacked.filter_map(|one| one.take().map(|(object, _memory)| object)))
    }
}

/// To be called last, because it may run code that comes back here.
#[cold]
#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn let_go(py: Python<'_>, oldest: Object) {
    py.drop_object(oldest);
}
