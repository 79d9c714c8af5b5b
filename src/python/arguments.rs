//! The arguments of a call, where CPython wants them.

use std::mem::MaybeUninit;

use super::ffi::{Object, VECTORCALL_ARGUMENTS_OFFSET};
use super::gil::Python;
use super::object::Owned;
use super::symbols::Vectorcall;
use crate::failure::{Failure, Outcome};

/// Where the arguments of a call stand: on the stack, unless they are many.
pub(crate) struct Room<'g> {
    few: [MaybeUninit<Owned<'g>>; FEW + 1],
    many: Vec<MaybeUninit<Owned<'g>>>,
}

const FEW: usize = 8;

impl<'g> Room<'g> {
    #[inline]
    pub(crate) fn new() -> Self {
        Room {
            few: [const { MaybeUninit::uninit() }; FEW + 1],
            many: Vec::new(),
        }
    }

    /// No arguments yet, of at most `count`.
    #[inline]
    pub(crate) fn arguments(&mut self, count: usize) -> Arguments<'g, '_> {
        let slots = if count <= FEW {
            &mut self.few[..]
        } else {
            self.many.resize_with(count + 1, MaybeUninit::uninit);
            &mut self.many[..]
        };
        Arguments { slots, count: 0 }
    }
}

/// The arguments of a call, in the form in which CPython takes them: before the first there is a
/// slot that the callee may use.
pub(crate) struct Arguments<'g, 'r> {
    slots: &'r mut [MaybeUninit<Owned<'g>>],
    count: usize,
}

impl<'g> Arguments<'g, '_> {
    #[inline]
    pub(crate) fn push(&mut self, argument: Owned<'g>) {
        self.slots[self.count + 1].write(argument);
        self.count += 1;
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

    /// Calls one of CPython's two vectorcall functions, of an object or of a method by its name.
    ///
    /// # Safety
    /// `function` takes `target` and these arguments, the last `named` of them for `keywords`.
    #[inline]
    pub(super) unsafe fn pass(
        &mut self,
        py: Python<'g>,
        function: Vectorcall,
        target: Object,
        named: usize,
        keywords: Object,
    ) -> Outcome<Owned<'g>> {
        let count = (self.count - named) | VECTORCALL_ARGUMENTS_OFFSET;
        let slots = self.slots.as_mut_ptr().cast::<Object>();
        // SAFETY: live objects; the slot before the first argument is free to be written.
        unsafe { py.own(function(target, slots.add(1), count, keywords)) }
    }
}

impl Drop for Arguments<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        for slot in &mut self.slots[1..=self.count] {
            // SAFETY: `push` has filled it.
            unsafe { slot.assume_init_drop() }
        }
    }
}
