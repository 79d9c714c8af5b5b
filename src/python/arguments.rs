//! The arguments of a call, where CPython wants them.

use std::mem::MaybeUninit;

use super::ffi::{Object, VECTORCALL_ARGUMENTS_OFFSET};
use super::gil::Python;
use super::object::Owned;
use super::symbols::Vectorcall;
use crate::failure::{Failure, Outcome};

type Slot<'g> = MaybeUninit<Owned<'g>>;

/// As many need no memory of their own.
pub(crate) const FEW: usize = 8;

/// Where the arguments of a call stand that has few.
pub(crate) struct Few<'g>([Slot<'g>; FEW + 1]);

impl<'g> Few<'g> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Few([const { MaybeUninit::uninit() }; FEW + 1])
    }

    /// No arguments yet, of at most `FEW`.
    #[inline(always)]
    pub(crate) fn arguments(&mut self) -> Arguments<'g, '_> {
        let slots = self.0.as_mut_slice();
        Arguments { slots, count: 0 }
    }
}

/// Where they stand in any case: on the stack, unless they are many.
pub(crate) struct Room<'g> {
    few: Few<'g>,
    many: Option<Box<[Slot<'g>]>>,
}

impl<'g> Room<'g> {
    #[inline]
    pub(crate) fn new() -> Self {
        Room {
            few: Few::new(),
            many: None,
        }
    }

    /// No arguments yet, of at most `count`.
    #[inline]
    pub(crate) fn arguments(&mut self, count: usize) -> Arguments<'g, '_> {
        if count <= FEW {
            return self.few.arguments();
        }
        let slots = (0..=count).map(|_| MaybeUninit::uninit());
        let slots = self.many.insert(slots.collect());
        Arguments { slots, count: 0 }
    }
}

/// The arguments of a call, in the form in which CPython takes them: before the first there is a
/// slot that the callee may use.
pub(crate) struct Arguments<'g, 'r> {
    slots: &'r mut [Slot<'g>],
    count: usize,
}

impl<'g> Arguments<'g, '_> {
    #[inline(always)]
    pub(crate) fn push(&mut self, argument: Owned<'g>) {
        self.slots[self.count + 1].write(argument);
        self.count += 1;
    }

    /// Pushes what `make` makes of each value; false where it fails.
    #[inline(always)]
    pub(crate) fn push_each<T>(
        &mut self,
        values: &[T],
        mut make: impl FnMut(&T) -> Option<Owned<'g>>,
    ) -> bool {
        // One is usual, and a loop takes more to begin with.
        if let [value] = values {
            return make(value).map(|made| self.push(made)).is_some();
        }
        let free = &mut self.slots[self.count + 1..];
        // There is room for all of them, so that the loop need not look.
        let free = &mut free[..values.len()];
        for (slot, value) in free.iter_mut().zip(values) {
            let Some(made) = make(value) else {
                return false;
            };
            slot.write(made);
            self.count += 1;
        }
        true
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[Owned<'g>] {
        // SAFETY: `push` has filled as many slots behind the first.
        unsafe { std::slice::from_raw_parts(self.slots.as_ptr().add(1).cast(), self.count) }
    }

    /// The object whose method is called, and the other arguments.
    pub(super) fn of_method(&self) -> Outcome<(&Owned<'g>, &[Owned<'g>])> {
        let found = self.as_slice().split_first();
        found.ok_or_else(|| Failure::argument("a method call without an object"))
    }

    /// Calls a vectorcall function: the target's own, or CPython's for any object or a method by its name.
    ///
    /// # Safety
    /// `function` takes `target` and these arguments, the last `named` of them for `keywords`, a tuple of names.
    #[inline]
    pub(crate) unsafe fn pass(
        &mut self,
        py: Python<'g>,
        function: Vectorcall,
        target: Object,
        (named, keywords): (usize, Object),
    ) -> Outcome<Owned<'g>> {
        let count = (self.count - named) | VECTORCALL_ARGUMENTS_OFFSET;
        let slots = self.slots.as_mut_ptr().cast::<Object>();
        // SAFETY: live objects; the slot before the first argument is free to be written.
        unsafe { py.own(function(target, slots.add(1), count, keywords)) }
    }
}

impl Arguments<'_, '_> {
    #[inline(always)]
    fn drop_all(&mut self) {
        let filled = self.slots.as_mut_ptr().wrapping_add(1);
        // One is usual, and a loop takes more to begin with.
        if self.count == 1 {
            // SAFETY: `push` has filled it.
            unsafe { (*filled).assume_init_read() }.end();
            return;
        }
        for place in 0..self.count {
            // SAFETY: as above.
            unsafe { (*filled.add(place)).assume_init_read() }.end();
        }
    }

    /// What the drop does, in line.
    #[inline(always)]
    pub(crate) fn end(mut self) {
        self.drop_all();
        std::mem::forget(self);
    }
}

/// What an operation has taken references to: its arguments, and the object that it is done with.
#[derive(Default)]
pub(crate) struct Taken<'g, 'r> {
    pub arguments: Option<Arguments<'g, 'r>>,
    pub object: Option<Owned<'g>>,
}

impl Taken<'_, '_> {
    /// What the drop does, in line.
    #[inline(always)]
    pub(crate) fn end(self) {
        if let Some(arguments) = self.arguments {
            arguments.end();
        }
        if let Some(object) = self.object {
            object.end();
        }
    }
}

impl Drop for Arguments<'_, '_> {
    fn drop(&mut self) {
        self.drop_all();
    }
}
