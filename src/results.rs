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
pub(crate) use short::Texts;

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

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.texts.is_empty() && self.reals.is_empty()
    }
}

/// One thread's ring of kept results.
pub(crate) struct Results {
    objects: [Cell<Object>; EMB_RESULTS_KEPT],
    next: Cell<usize>,
    /// How many have memory of their own.
    with_memory: Cell<usize>,
    /// That, with their place in the ring.
    memory: RefCell<Vec<(usize, Kept)>>,
}

impl Results {
    pub(crate) const fn new() -> Self {
        Results {
            objects: [const { Cell::new(ptr::null_mut()) }; EMB_RESULTS_KEPT],
            next: Cell::new(0),
            with_memory: Cell::new(0),
            memory: RefCell::new(Vec::new()),
        }
    }

    /// Keeps `object`, and lets the oldest go.
    #[inline]
    pub(crate) fn keep(&self, py: Python<'_>, object: Owned<'_>) {
        let (_, oldest) = self.replace_oldest(object.into_raw().as_ptr());
        self.drop_oldest(py, oldest);
    }

    /// Keeps `object` and memory beside it, and lets the oldest go.
    pub(crate) fn keep_with(&self, py: Python<'_>, object: Owned<'_>, kept: Kept) {
        let (place, oldest) = self.replace_oldest(object.into_raw().as_ptr());
        if !kept.is_empty() {
            self.memory.borrow_mut().push((place, kept));
            self.with_memory.set(self.with_memory.get() + 1);
        }
        self.drop_oldest(py, oldest);
    }

    /// To be called last, because it may run code that comes back here.
    #[inline(always)]
    fn drop_oldest(&self, py: Python<'_>, oldest: Object) {
        // SAFETY: the ring owned the reference.
        if let Some(oldest) = unsafe { py.made(oldest) } {
            oldest.end();
        }
    }

    #[inline(always)]
    fn replace_oldest(&self, object: Object) -> (usize, Object) {
        let place = self.next.get() % EMB_RESULTS_KEPT;
        self.next.set(place + 1);
        if self.with_memory.get() != 0 {
            self.free_memory(place);
        }
        (place, self.objects[place].replace(object))
    }

    #[cold]
    fn free_memory(&self, place: usize) {
        let mut memory = self.memory.borrow_mut();
        memory.retain(|(at, _)| *at != place);
        self.with_memory.set(memory.len());
    }

    /// Every reference of the ring, for the end of the thread.
    pub(crate) fn take(&self) -> impl Iterator<Item = Object> {
        self.objects
            .iter()
            .map(|object| object.replace(ptr::null_mut()))
    }
}
