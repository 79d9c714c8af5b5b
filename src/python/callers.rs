//! From which frame Python has called the host: noted with each call, in the one look at the thread
//! state that this takes, for a host that asks later where in Python's stack its functions stand.
//!
//! The thread state tells of the frame that runs in every CPython, but each few versions in another
//! way: it has the frame object itself (up to 3.10), or what is behind it, which the object knows, too
//! (since 3.13); in between another structure stands on the C stack. Which it is, and where, is found at
//! the start.

use std::cell::Cell;
use std::ffi::{c_char, c_int};
use std::iter;
use std::ptr::{self, NonNull};

use super::current::Current;
use super::ffi::{Object, PyThreadState};
use super::symbols::Symbols;
use super::token::Python;
use crate::failure::Outcome;

/// Where a thread state has the frame that runs, in words.
#[derive(Clone, Copy)]
enum Place {
    Unknown,
    In(usize),
    /// Behind a pointer, so far in what that points to.
    Behind(usize, usize),
}

/// How this Python says it.
pub(crate) struct Callers {
    place: Place,
    /// Where a frame object has what stands there, in bytes; None where that is the object itself.
    in_object: Option<usize>,
    /// How far from the thread state that is which stands there while no frame runs: since 3.15 a frame
    /// of no code. 0 where there is nothing.
    at_rest: usize,
}

/// Words that are looked at: of a thread state, of what it points to, and of a frame object behind its
/// header. All of these have more.
const STATE_WORDS: usize = 24;
const WORDS_BEHIND: usize = 2;
const FRAME_WORDS: usize = 3;
/// How far up the C stack something is that Python keeps there of the code that runs.
const NEAR: usize = 1 << 16;

/// What is seen while a frame runs.
struct Seen {
    state: [usize; STATE_WORDS],
    behind: [[usize; WORDS_BEHIND]; STATE_WORDS],
    object: usize,
    in_object: [usize; FRAME_WORDS],
}

impl Seen {
    /// What stands at a place.
    fn at(&self, place: Place) -> usize {
        match place {
            Place::Unknown => 0,
            Place::In(word) => self.state[word],
            Place::Behind(word, further) => self.behind[word][further],
        }
    }

    /// What a word of the frame object says; without one, where that is.
    fn told(&self, word: Option<usize>) -> usize {
        word.map_or(self.object, |word| self.in_object[word])
    }
}

/// What is looked at, and what has been seen so far.
struct Look<'a> {
    api: &'a Symbols,
    state: *mut PyThreadState,
    header: usize,
    seen: Vec<Seen>,
}

thread_local! {
    /// Set while Python runs the script that looks.
    static LOOK: Cell<*mut Look<'static>> = const { Cell::new(ptr::null_mut()) };
}

impl Callers {
    /// Finds out, if it may: the GIL has to be held. `header`: the bytes with which all objects begin.
    pub(crate) fn new(api: &Symbols, current: &Current, header: usize, in_place: bool) -> Self {
        let mut look = Look {
            api,
            state: current.get(),
            header,
            seen: Vec::new(),
        };
        if in_place && !look.state.is_null() {
            look.at_frames();
        }
        let mut found = Self::of(&look.seen, header).unwrap_or(Callers {
            place: Place::Unknown,
            in_object: None,
            at_rest: 0,
        });
        if found.are_in_place() {
            found.look_at_rest(api, look.state);
        }
        found
    }

    fn look_at_rest(&mut self, api: &Symbols, state: *mut PyThreadState) {
        // SAFETY: the GIL is held, and the state is this thread's, as something was seen in it.
        let (is_idle, there) = unsafe { ((api.PyEval_GetFrame)().is_null(), self.running(state)) };
        if is_idle && there != 0 {
            self.at_rest = there.wrapping_sub(state.addr());
        }
    }

    /// The place that has told of each frame while it ran.
    fn of(seen: &[Seen], header: usize) -> Option<Self> {
        let [first, inner, _] = seen else {
            return None;
        };
        let all = |is: &dyn Fn(&Seen) -> bool| seen.iter().all(is);
        let words = 0..STATE_WORDS;
        let in_state = words.clone().map(Place::In);
        let behind = words
            .flat_map(|word| (0..WORDS_BEHIND).map(move |further| Place::Behind(word, further)));
        let places: Vec<_> = in_state.chain(behind).collect();
        let mut ways = iter::once(None).chain((0..FRAME_WORDS).map(Some));
        ways.find_map(|way| {
            let differs = first.told(way) != inner.told(way) && all(&|seen| seen.told(way) != 0);
            let tells = |place: &&Place| all(&|seen| seen.at(**place) == seen.told(way));
            let place = places.iter().find(|place| differs && tells(place))?;
            Some(Callers {
                place: *place,
                in_object: way.map(|word| header + word * size_of::<usize>()),
                at_rest: 0,
            })
        })
    }

    pub(crate) fn are_in_place(&self) -> bool {
        !matches!(self.place, Place::Unknown)
    }

    /// What tells the frame that runs under a thread state from others; 0 where none does.
    ///
    /// # Safety
    /// The state is the calling thread's, which holds the GIL.
    #[inline(always)]
    unsafe fn running(&self, state: *mut PyThreadState) -> usize {
        // SAFETY: the places have been found in one such state, and are the same in all.
        unsafe {
            match self.place {
                Place::In(word) => *state.cast::<usize>().add(word),
                Place::Behind(word, further) => {
                    let behind = *state.cast::<*const usize>().add(word);
                    *behind.add(further)
                }
                Place::Unknown => 0,
            }
        }
    }

    /// The same of a frame object.
    ///
    /// # Safety
    /// A live object of that class.
    unsafe fn told_by(&self, frame: Object) -> usize {
        match self.in_object {
            None => frame.addr(),
            // SAFETY: the place has been found in such objects.
            Some(place) => unsafe { *frame.byte_add(place).cast() },
        }
    }
}

/// CPython's PyMethodDef (stable ABI).
#[repr(C)]
struct Definition {
    name: *const c_char,
    function: unsafe extern "C" fn(Object, Object) -> Object,
    flags: c_int,
    doc: *const c_char,
}

/// METH_NOARGS
const NO_ARGUMENTS: c_int = 4;
/// Looks in a frame, in one that this has called, and in the first one again.
const SCRIPT: &str = "look()\n(lambda: look())()\nlook()";

impl Look<'_> {
    fn at_frames(&mut self) {
        let api = self.api;
        let mut definition = Definition {
            name: c"look".as_ptr(),
            function: once,
            flags: NO_ARGUMENTS,
            doc: ptr::null(),
        };
        LOOK.set((&raw mut *self).cast());
        // SAFETY: the functions get live objects, and those that are made here are given up; nothing has
        // the function, and so the definition, when its name is gone from the namespace.
        unsafe {
            let space = (api.PyDict_New)();
            let definition = (&raw mut definition).cast();
            let function = (api.PyCFunction_NewEx)(definition, ptr::null_mut(), ptr::null_mut());
            let [name, script] = ["look", SCRIPT].map(|text| {
                (api.PyUnicode_FromStringAndSize)(text.as_ptr().cast(), text.len() as isize)
            });
            let builtins = (api.PyModule_GetDict)((api.PyImport_AddModule)(c"builtins".as_ptr()));
            let exec = (api.PyDict_GetItemString)(builtins, c"exec".as_ptr());
            let args = (api.PyTuple_New)(2);
            let made = [space, function, name, script, args];
            if made.iter().all(|one| !one.is_null()) && !exec.is_null() {
                (api.PyDict_SetItem)(space, name, function);
                for (place, one) in [script, space].into_iter().enumerate() {
                    (api.Py_IncRef)(one);
                    (api.PyTuple_SetItem)(args, place as isize, one);
                }
                let done = (api.PyObject_Call)(exec, args, ptr::null_mut());
                if !done.is_null() {
                    (api.Py_DecRef)(done);
                }
                (api.PyDict_DelItem)(space, name);
            }
            (api.PyErr_Clear)();
            for one in made.into_iter().filter(|one| !one.is_null()) {
                (api.Py_DecRef)(one);
            }
        }
        LOOK.set(ptr::null_mut());
    }

    /// # Safety
    /// Called by Python, whose thread state and frame objects have more than is read of them. So has what
    /// a thread state points to on the C stack, where more is further up.
    unsafe fn at_this_one(&mut self) {
        let here = (&raw const self).addr();
        let is_near = |word: usize| {
            word > here && word - here < NEAR && word.is_multiple_of(align_of::<usize>())
        };
        // SAFETY: the caller's promise.
        unsafe {
            let state = *self.state.cast::<[usize; STATE_WORDS]>();
            let behind = state.map(|word| match is_near(word) {
                true => *ptr::with_exposed_provenance::<[usize; WORDS_BEHIND]>(word),
                false => [0; WORDS_BEHIND],
            });
            let object = (self.api.PyEval_GetFrame)();
            if object.is_null() {
                return;
            }
            self.seen.push(Seen {
                state,
                behind,
                object: object.addr(),
                in_object: *object.byte_add(self.header).cast(),
            });
        }
    }
}

/// What the script calls.
unsafe extern "C" fn once(_self: Object, _nothing: Object) -> Object {
    // SAFETY: it is in its place while the script runs.
    unsafe {
        let look = &mut *LOOK.get();
        look.at_this_one();
        let none = look.api._Py_NoneStruct;
        (look.api.Py_IncRef)(none);
        none
    }
}

impl<'g> Python<'g> {
    /// What tells the frame that runs from others; 0 where there is none.
    #[inline(always)]
    pub(crate) fn caller(self) -> usize {
        // SAFETY: this thread holds the GIL.
        unsafe { self.runtime.callers.running(self.runtime.current.get()) }
    }

    /// How many frames have to be gone back from the one that runs to that of which `caller` has told; all
    /// of them where it has told of none. None where it is not known.
    pub(crate) fn frames_since(self, caller: usize) -> Outcome<Option<usize>> {
        if !self.runtime.callers.are_in_place() {
            return Ok(None);
        }
        let mut count = 0;
        // SAFETY: this thread holds the GIL.
        let running = unsafe { (self.api().PyEval_GetFrame)() };
        // SAFETY: a frame that runs.
        let mut frame = NonNull::new(running).map(|frame| unsafe { self.share(frame) });
        while let Some(one) = frame {
            // SAFETY: a live frame object.
            if unsafe { self.runtime.callers.told_by(one.as_ptr()) } == caller {
                return Ok(Some(count));
            }
            let back = one.getattr("f_back")?;
            frame = (back.as_ptr() != self.api()._Py_NoneStruct).then_some(back);
            count += 1;
        }
        let at_rest = self.runtime.current.get().addr();
        let at_rest = at_rest.wrapping_add(self.runtime.callers.at_rest);
        Ok((caller == 0 || caller == at_rest).then_some(count))
    }
}
