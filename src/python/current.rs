//! Which thread state is current: what each operation asks to know whether its thread holds the GIL.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use super::ffi::PyThreadState;
use super::symbols::Symbols;
use crate::platform::{Os, Platform};

type Variable = AtomicPtr<PyThreadState>;

/// How this Python says it.
pub(crate) struct Current {
    ask: unsafe extern "C" fn() -> *mut PyThreadState,
    /// The variable itself, where that is known: in Pythons that have one for all threads.
    variable: Option<&'static Variable>,
    /// Since 3.12 each thread has its own: any state at all means that this thread runs Python.
    pub is_of_thread: bool,
}

impl Current {
    /// None where Python has no function for it. `in_place`: the calling thread holds the GIL, and
    /// what Python has may be read where it stands.
    pub(crate) fn new(api: &Symbols, version: (u8, u8), in_place: bool) -> Option<Self> {
        let ask = api
            ._PyThreadState_UncheckedGet
            .or(api.PyThreadState_GetUnchecked)?;
        let is_of_thread = version >= (3, 12);
        Some(Current {
            ask,
            variable: (in_place && !is_of_thread)
                .then(|| variable(api, ask))
                .flatten(),
            is_of_thread,
        })
    }

    pub(crate) fn is_in_place(&self) -> bool {
        self.variable.is_some()
    }

    /// The current thread state, or null.
    #[inline(always)]
    pub(crate) fn get(&self) -> *mut PyThreadState {
        match self.variable {
            Some(variable) => variable.load(Relaxed),
            // SAFETY: the function only reads a variable.
            None => unsafe {
                std::hint::cold_path();
                (self.ask)()
            },
        }
    }
}

/// Looks for the variable in what Python knows of the process: it changes as the function does that
/// reads it, while the GIL is given up and taken again.
fn variable(
    api: &Symbols,
    ask: unsafe extern "C" fn() -> *mut PyThreadState,
) -> Option<&'static Variable> {
    // The rest of it is objects.
    const WORDS: usize = 512;
    let start = api._PyRuntime?;
    let words = WORDS.min(Os::size_of_variable(start.cast())? / size_of::<Variable>());
    // SAFETY: the variable of this name has as many words, for as long as Python is loaded; others
    // may change them at the same time. The GIL is held, given up, and held again.
    unsafe {
        let all = std::slice::from_raw_parts(start.cast_const().cast::<Variable>(), words);
        let look = |state| all.iter().map(move |word| word.load(Relaxed) == state);
        let held: Vec<_> = look(ask()).collect();
        let own = (api.PyEval_SaveThread)();
        let free: Vec<_> = look(ptr::null_mut()).collect();
        (api.PyEval_RestoreThread)(own);
        let again = look(own);
        let mut found = (held.iter().zip(&free).zip(again))
            .enumerate()
            .filter(|(_, ((held, free), again))| **held && **free && *again)
            .map(|(place, _)| &all[place]);
        found.next().filter(|_| found.next().is_none())
    }
}
