//! What a thread's latest results point into.
//!
//! Text, bytes and unpacked tuples are given to the host as pointers, so that a result takes one
//! crossing. Their memory is kept until the thread has had several more such results: code that runs
//! in between (a finaliser or a signal handler of the host, say) may make some.
//!
//! Nothing long is copied; see `short`.

use std::cell::Cell;
use std::ffi::c_char;
use std::ptr::NonNull;

use crate::handle::emb_handle;
use crate::python::ffi::{Object, PyObject};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::value::*;

mod few;
mod short;
pub(crate) use few::FEW;
use few::Few;
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
        let value = emb_value::tuple(items.as_ptr(), items.len());
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
        self.items.iter().flatten().any(emb_value::is_pointing)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.texts.is_empty() && self.reals.is_empty()
    }
}

/// The latest of something, each in the place of the oldest.
struct Ring<T> {
    places: [Cell<Option<T>>; EMB_RESULTS_KEPT],
    next: Cell<usize>,
}

impl<T> Ring<T> {
    const fn new() -> Self {
        Ring {
            places: [const { Cell::new(None) }; EMB_RESULTS_KEPT],
            next: Cell::new(0),
        }
    }

    /// The place, and what was there.
    #[inline(always)]
    fn replace_oldest(&self, new: Option<T>) -> (usize, Option<T>) {
        let place = self.next.get() % EMB_RESULTS_KEPT;
        self.next.set(place + 1);
        (place, self.places[place].replace(new))
    }

    fn take(&self) -> impl Iterator<Item = T> {
        self.places.iter().filter_map(Cell::take)
    }
}

type Reference = NonNull<PyObject>;

/// One thread's rings of kept results.
pub(crate) struct Results {
    objects: Ring<Reference>,
    texts: Texts,
    /// Memory that unpacked results have, and their objects. They have a ring of their own: a host reads
    /// them step by step, and the finaliser that runs in between may well have sixteen texts.
    unpacked: Ring<Unpacked>,
    few: Few,
}

/// What an unpacked result needs: the object that its values point into, and memory beside it.
struct Unpacked(Option<Reference>, Option<Box<Kept>>);

impl Results {
    pub(crate) const fn new() -> Self {
        Results {
            objects: Ring::new(),
            texts: Texts::new(),
            unpacked: Ring::new(),
            few: Few::new(),
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
        let (place, oldest) = self.objects.replace_oldest(None);
        // SAFETY: the caller's promise; the place is free now.
        let copy = unsafe { self.texts.copy(place, text, length) };
        if let Some(oldest) = oldest {
            let_go(py, oldest);
        }
        Some(copy)
    }

    /// Keeps `object`, and lets the oldest go.
    pub(crate) fn keep(&self, py: Python<'_>, object: Owned<'_>) {
        let (_place, oldest) = self.objects.replace_oldest(Some(object.into_raw()));
        if let Some(oldest) = oldest {
            let_go(py, oldest);
        }
    }

    /// Keeps `object` and memory beside it, and lets the oldest of these go.
    pub(crate) fn keep_with(&self, py: Python<'_>, object: Owned<'_>, kept: Kept) {
        if kept.is_empty() {
            return self.keep(py, object);
        }
        self.keep_unpacked(py, Some(object.into_raw()), kept);
    }

    /// Keeps the memory of an unpacked object, and the object itself if there is need of it: arrays
    /// in a tuple are to go when the host has released them.
    pub(crate) fn keep_memory(&self, py: Python<'_>, object: Owned<'_>, kept: Kept) {
        let object = kept.has_texts().then(|| object.into_raw());
        self.keep_unpacked(py, object, kept);
    }

    fn keep_unpacked(&self, py: Python<'_>, object: Option<Reference>, kept: Kept) {
        let new = Unpacked(object, Some(Box::new(kept)));
        end(py, self.unpacked.replace_oldest(Some(new)).1);
    }

    /// The tuple of few items, which were unpacked from `object`; it lets the oldest go.
    pub(crate) fn keep_few(
        &self,
        py: Python<'_>,
        object: Owned<'_>,
        items: &[emb_value],
    ) -> emb_value {
        let has_texts = items.iter().any(emb_value::is_pointing);
        let new = Unpacked(has_texts.then(|| object.into_raw()), None);
        let (place, oldest) = self.unpacked.replace_oldest(Some(new));
        let value = emb_value::tuple(self.few.copy(place, items), items.len());
        end(py, oldest);
        value
    }

    /// Every reference of the rings, for the end of the thread.
    pub(crate) fn take(&self) -> impl Iterator<Item = Object> {
        let unpacked = self
            .unpacked
            .take()
            .filter_map(|Unpacked(object, _)| object);
        self.objects.take().chain(unpacked).map(NonNull::as_ptr)
    }
}

fn end(py: Python<'_>, oldest: Option<Unpacked>) {
    let Some(Unpacked(object, memory)) = oldest else {
        return;
    };
    drop(memory);
    if let Some(object) = object {
        let_go(py, object);
    }
}

/// To be called last, because it may run code that comes back here.
#[cold]
#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn let_go(py: Python<'_>, oldest: Reference) {
    py.drop_object(oldest.as_ptr());
}
