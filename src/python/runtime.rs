//! The one Python of this process, and the states it goes through.
//!
//! Idle → running → ended; or running → forked, in the child of a fork, where only the forking
//! thread lives on and Python's locks may be held by threads that are no more. Where Python was
//! prepared for the fork, it runs again a moment later: see `fork`.

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_void};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::*};

use super::boxes::Boxes;
use super::callers::Callers;
use super::counts::Counts;
use super::current::Current;
use super::describe::Describable;
use super::exports::Exports;
use super::ffi::{Object, PyObject, PyThreadState};
use super::guests;
use super::lists::Lists;
use super::methods::Methods;
use super::names::{self, Names};
use super::subinterpreters::Subinterpreters;
use super::symbols::Symbols;
use super::texts::Texts;
use super::type_slots::TypeSlots;
use super::versions::Versions;
use crate::attention;
use crate::failure::{Failure, Outcome};
use crate::handle::TABLE;
use crate::status::EMB_NOT_RUNNING;

pub(crate) const IDLE: u8 = 0;
pub(crate) const RUNNING: u8 = 1;
pub(crate) const ENDED: u8 = 2;
pub(crate) const FORKED: u8 = 3;

static STATE: AtomicU8 = AtomicU8::new(IDLE);
/// Whether there is one.
static LOADED: AtomicBool = AtomicBool::new(false);
/// Where it stands, for good: what is known of it is read from a fixed address. (An `#[inline]` method
/// of a trait that came here would make this a symbol for other crates, which is found by a detour.)
static RUNTIME: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

struct Place(UnsafeCell<MaybeUninit<Runtime>>);

// SAFETY: written once, by `install`, before anybody reads it.
unsafe impl Sync for Place {}

/// A running CPython.
pub(crate) struct Runtime {
    pub api: Symbols,
    pub counts: Counts,
    pub lists: Lists,
    pub boxes: Boxes,
    pub texts: Texts,
    pub exports: Exports,
    pub versions: Versions,
    pub describable: Describable,
    pub methods: Methods,
    pub type_slots: TypeSlots,
    /// Attribute names.
    pub names: Names,
    /// Lists of keyword names.
    pub keywords: Names,
    pub current: Current,
    pub callers: Callers,
    /// Those of the host's own Python.
    pub subinterpreters: Option<Subinterpreters>,
    /// How a thread gets its state, since 3.15.
    pub attach: Option<Attach>,
    /// A build without the GIL: threads run Python at the same time, also where that has been
    /// given a GIL when it started.
    pub free_threaded: bool,
    /// Python was running before libemb came: its start and its end are the host's business.
    pub attached: bool,
    /// Major and minor.
    pub version: (u8, u8),
    /// Bytes of the header that all objects have; None where nothing is read in place.
    pub header: Option<usize>,
    type_offset: usize,
}

impl Runtime {
    /// Wraps an initialised Python. The caller holds the GIL, unless it is `attached`.
    pub(crate) fn new(api: Symbols, version: (u8, u8), attached: bool) -> Outcome<Self> {
        let type_offset = type_offset(&api).ok_or_else(|| missing("a usable PyType_Type"))?;
        let free_threaded = is_free_threaded(&api);
        if free_threaded {
            TABLE.share();
            attention::call(attention::KEPT);
        }
        if attached {
            guests::count();
        }
        // What is read in place rests on the GIL.
        let in_place = !attached && !free_threaded;
        let current = Current::new(&api, version, in_place);
        let current = current.ok_or_else(|| missing("_PyThreadState_UncheckedGet"))?;
        let header = type_offset + size_of::<Object>();
        let callers = Callers::new(&api, &current, header, in_place);
        let type_slots = TypeSlots::new(&api, in_place);
        Ok(Runtime {
            attach: Attach::new(&api),
            subinterpreters: Subinterpreters::of(&api).filter(|_| attached),
            counts: Counts::new(&api, in_place),
            lists: Lists::new(&api, type_offset, in_place),
            boxes: Boxes::new(&api, type_offset, in_place),
            texts: Texts::new(&api, type_offset, in_place),
            exports: Exports::new(&api, version, in_place),
            versions: Versions::new(&api, type_offset, in_place),
            describable: Describable::new(&api, in_place),
            methods: Methods::new(&api, type_slots.getattro),
            type_slots,
            api,
            names: Names::new("name", names::attribute),
            keywords: Names::new("keywords", names::keywords),
            callers,
            current,
            free_threaded,
            attached,
            version,
            header: in_place.then_some(header),
            type_offset,
        })
    }

    /// What is read where it stands, because its place has been found.
    pub(crate) fn in_place(&self) -> Vec<&'static str> {
        let (real, digits) = self.boxes.are_in_place();
        let all = [
            ("references", self.counts.are_in_place()),
            ("floats", real),
            ("ints", digits),
            ("texts", self.texts.are_in_place()),
            ("lists", self.lists.are_in_place()),
            ("buffers", self.exports.are_in_place()),
            ("versions", self.versions.are_in_place()),
            ("exceptions", self.describable.is_in_place()),
            ("methods", self.methods.are_found()),
            ("types", self.type_slots.are_in_place()),
            ("thread state", self.current.is_in_place()),
            ("frames", self.callers.are_in_place()),
        ];
        let found = all.into_iter().filter(|(_, is_found)| *is_found);
        found.map(|(name, _)| name).collect()
    }

    /// An object's type.
    #[inline]
    pub(crate) fn type_of(&self, object: NonNull<PyObject>) -> Object {
        // SAFETY: every object begins with its header, and `type_offset` is where this Python
        // keeps the type in it.
        unsafe { *object.as_ptr().byte_add(self.type_offset).cast::<Object>() }
    }
}

/// The main interpreter, and what gives a thread a state in it unless it is ending.
pub(crate) struct Attach {
    pub view: *mut c_void,
    pub guard: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    pub close: unsafe extern "C" fn(*mut c_void),
    pub ensure: unsafe extern "C" fn(*mut c_void) -> *mut PyThreadState,
}

// SAFETY: the view may be used on any thread.
unsafe impl Send for Attach {}
// SAFETY: as above.
unsafe impl Sync for Attach {}

impl Attach {
    fn new(api: &Symbols) -> Option<Self> {
        // SAFETY: may be called on any thread; NULL where there is no memory.
        let view = unsafe { (api.PyInterpreterView_FromMain?)() };
        let attach = Attach {
            view,
            guard: api.PyInterpreterGuard_FromView?,
            close: api.PyInterpreterGuard_Close?,
            ensure: api.PyThreadState_Ensure?,
        };
        Some(attach).filter(|attach| !attach.view.is_null())
    }
}

/// Python says it of itself, in the text of its version.
fn is_free_threaded(api: &Symbols) -> bool {
    // SAFETY: a static text, which is there at any moment.
    let text = unsafe { CStr::from_ptr((api.Py_GetVersion)()) };
    text.to_bytes()
        .windows(14)
        .any(|part| part == b"free-threading")
}

/// Where in an object's header the type stands: it differs between ordinary, debug and
/// free-threaded builds, so it is looked for in types, whose own type is known.
fn type_offset(api: &Symbols) -> Option<usize> {
    let types = [
        api.PyLong_Type,
        api.PyFloat_Type,
        api.PyUnicode_Type,
        api.PyTuple_Type,
    ];
    (0..64).step_by(size_of::<Object>()).find(|offset| {
        // SAFETY: type objects are static and far larger than 64 bytes.
        types
            .iter()
            .all(|object| unsafe { *object.byte_add(*offset).cast::<Object>() } == api.PyType_Type)
    })
}

pub(crate) fn missing(name: &str) -> Failure {
    Failure::own(
        crate::status::EMB_NO_PYTHON,
        format!(
            "libpython lacks {name}: it is not a CPython that libemb can use, or it was stripped of its symbols"
        ),
    )
}

pub(crate) fn state() -> u8 {
    STATE.load(Acquire)
}

/// Puts a started Python in place. Called once, under the lock of `start`.
pub(crate) fn install(runtime: Runtime) -> &'static Runtime {
    // SAFETY: nobody reads it before LOADED, STATE or the attention says so.
    let runtime = unsafe { (*RUNTIME.0.get()).write(runtime) };
    LOADED.store(true, Release);
    STATE.store(RUNNING, Release);
    attention::end(attention::NOT_RUNNING);
    runtime
}

pub(crate) fn set_ended() {
    STATE.store(ENDED, Release);
    attention::call(attention::NOT_RUNNING);
}

/// In the child of a fork; async-signal-safe.
pub(crate) fn set_forked() {
    let _ = STATE.compare_exchange(RUNNING, FORKED, AcqRel, Relaxed);
    attention::call(attention::NOT_RUNNING);
}

/// In the child of a fork that Python was prepared for.
pub(crate) fn set_unforked() {
    let unforked = STATE.compare_exchange(FORKED, RUNNING, AcqRel, Relaxed);
    if unforked.is_ok() {
        attention::end(attention::NOT_RUNNING);
    }
}

/// The Python that runs, if one does.
#[inline]
pub(crate) fn running() -> Option<&'static Runtime> {
    // SAFETY: nothing runs before `install` has put it in place.
    (STATE.load(Acquire) == RUNNING).then(|| unsafe { loaded_unchecked() })
}

/// The Python that was started, even if it has ended: its objects are still there, and Python
/// code may still run in its own threads.
pub(crate) fn loaded() -> Option<&'static Runtime> {
    // SAFETY: `install` has been called.
    LOADED.load(Acquire).then(|| unsafe { loaded_unchecked() })
}

/// The Python that was started, for code that can only run once there is one.
///
/// # Safety
/// `install` has been called, and the caller knows it from what was written afterwards.
#[inline(always)]
pub(crate) unsafe fn loaded_unchecked() -> &'static Runtime {
    // SAFETY: the caller's promise.
    unsafe { (*RUNTIME.0.get()).assume_init_ref() }
}

/// The Python that runs, or the error that says why there is none.
#[inline]
pub(crate) fn required() -> Outcome<&'static Runtime> {
    running().ok_or_else(not_running)
}

#[cold]
fn not_running() -> Failure {
    let message = match state() {
        ENDED => "Python was shut down (emb_shutdown); it cannot be used again in this process",
        FORKED => {
            "this process is the child of a fork for which Python was not prepared, so it cannot \
             go on here: fork with Python's os.fork or between emb_fork_prepare and \
             emb_fork_child, spawn a process, or call exec"
        }
        _ => "Python is not running: call emb_init first",
    };
    Failure::own(EMB_NOT_RUNNING, message)
}
