//! What libemb remembers for each host thread: its Python thread state, its lock scopes, its
//! pending error, and the text it was last given.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::ffi::c_char;
use std::ptr;

use crate::handle::{Cache, TABLE};
use crate::platform::{Os, Platform};
use crate::python::deferred::{self, Remains};
use crate::python::describe::Description;
use crate::python::ffi::{Object, PyThreadState};
use crate::python::suspend::Suspended;
use crate::results::Results;
use crate::status::emb_status;
use crate::watched::Watching;

/// An error that waits for `emb_error_take`.
pub(crate) struct Pending {
    pub status: emb_status,
    /// libemb's own message; empty where a Python exception carries it.
    pub message: String,
    /// An owned reference to the Python exception, or null.
    pub exception: Object,
    /// What the exception says, where that was there for the taking.
    pub description: Option<Description>,
}

impl Pending {
    /// An error without a Python exception.
    pub(crate) fn own(status: emb_status, message: String) -> Self {
        Pending {
            status,
            message,
            exception: ptr::null_mut(),
            description: None,
        }
    }

    /// For errors that go where the GIL may not be held.
    pub(crate) fn drop_later(self) {
        self.objects().into_iter().for_each(deferred::drop_later);
    }

    /// The references in it, each perhaps null.
    pub(crate) fn objects(&self) -> [Object; 2] {
        let description = self.description.as_ref();
        let owner = description.map_or(ptr::null_mut(), |description| description.owner);
        [self.exception, owner]
    }
}

/// The texts behind the pointers of the last `emb_error_take`.
pub(crate) struct Taken {
    pub type_name: Cow<'static, str>,
    pub message: Message,
}

/// A text that ends with a NUL byte.
pub(crate) enum Message {
    Own(Cow<'static, str>),
    /// One of Python's.
    Described(Description),
}

impl Taken {
    pub(crate) const NONE: Taken = Taken {
        type_name: Cow::Borrowed("\0"),
        message: Message::Own(Cow::Borrowed("\0")),
    };

    /// Both texts end with a NUL byte, for the host.
    pub(crate) fn new(mut type_name: String, mut message: String) -> Self {
        type_name.push('\0');
        message.push('\0');
        Taken {
            type_name: type_name.into(),
            message: Message::Own(message.into()),
        }
    }

    pub(crate) fn described(description: Description) -> Self {
        Taken {
            type_name: description.class_name.into(),
            message: Message::Described(description),
        }
    }

    /// The message and its length, without the NUL.
    pub(crate) fn message(&self) -> (*const c_char, usize) {
        match &self.message {
            Message::Own(text) => (text.as_ptr().cast(), text.len() - 1),
            Message::Described(description) => (description.text, description.length),
        }
    }

    /// Whether this is all that there is to the exception.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(&self.message, Message::Described(description) if description.is_plain)
    }

    /// "ValueError: message"
    pub(crate) fn whole(&self) -> String {
        let (text, length) = self.message();
        // SAFETY: the text stays as it is for as long as this owns it.
        let message = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length) };
        let message = String::from_utf8_lossy(message);
        format!("{}: {message}", self.type_name.trim_end_matches('\0'))
    }

    /// An owned reference to what the message points into, or null.
    pub(crate) fn owner(&self) -> Object {
        match &self.message {
            Message::Own(_) => ptr::null_mut(),
            Message::Described(description) => description.owner,
        }
    }
}

/// One host thread.
pub(crate) struct Thread {
    /// The thread state that lasts as long as the thread; null until the first operation, and
    /// in threads that Python itself started.
    state: Cell<*mut PyThreadState>,
    /// The same if there is one and no error is pending; else what no thread state is. Where this is
    /// the current thread state, an operation can begin at once.
    ready: Cell<*mut PyThreadState>,
    /// Python's main thread state is never deleted, whatever becomes of the thread.
    pub is_main: Cell<bool>,
    /// Open lock scopes (`emb_gil_acquire`).
    pub locks: Cell<u32>,
    /// The process in which this thread has prepared Python for a fork, or 0.
    pub forking: Cell<u32>,
    /// How many of them were open when Python called the host, which may not close those; -1 where
    /// it has not, or the host has returned.
    outside: Cell<i64>,
    /// From which frames of Python the host functions were called that run now, the innermost last.
    callers: RefCell<Vec<usize>>,
    /// What a host function that has given the GIL back puts in its place again when it returns.
    pub suspended: Cell<Suspended>,
    /// An owned reference to what `emb_callback_return` gave, or null.
    pub returned: Cell<Object>,
    /// The containers that calls in progress watch.
    pub watching: Watching,
    /// The array that was lent in this operation: an address to compare, or null.
    pub lent: Cell<Object>,
    /// Whether the outermost lock scope took the GIL and has to give it back.
    pub lock_took_gil: Cell<bool>,
    pending: Cell<Option<Pending>>,
    pub taken: RefCell<Taken>,
    /// An owned reference that an earlier `taken` needed, or null; dropped where the GIL is held.
    pub leftover: Cell<Object>,
    /// The text of the last `emb_doctor`.
    pub report: RefCell<String>,
    /// Free handle slots of this thread.
    pub slots: Cache,
    /// What the latest results point into.
    pub results: Results,
}

thread_local! {
    static END: End = const { End };
}

/// Ends a thread's record when the thread ends.
struct End;

/// Runs `f` with the calling thread's record.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(&Thread) -> R) -> R {
    f(of_host())
}

/// The calling thread's record, for an exported function.
#[inline(always)]
pub(crate) fn of_host<'a>() -> &'a Thread {
    // SAFETY: the record lives until `End` is dropped, which does not happen inside of one.
    unsafe { &*current() }
}

/// The calling thread's record, for a caller that knows how long it may be used.
#[inline]
pub(crate) fn current() -> *const Thread {
    let thread = Os::thread_slot().get();
    if thread.is_null() {
        begin()
    } else {
        thread.cast()
    }
}

#[cold]
extern "C" fn begin() -> *const Thread {
    let thread = Box::into_raw(Box::new(Thread::new()));
    Os::thread_slot().set(thread.cast());
    // In a thread that is ending already, nobody will come to clean up: the record is small.
    let _ = END.try_with(|_| ());
    thread
}

impl Drop for End {
    fn drop(&mut self) {
        // Read where there is no destructor: other variables of the thread may be gone.
        let thread = Os::thread_slot().get().cast::<Thread>();
        // SAFETY: `begin` made the record, in this thread, and nobody uses it at this moment.
        unsafe {
            // Python's main thread: exit functions of the process are still to come.
            if !thread.is_null() && !(*thread).is_main.get() {
                Os::thread_slot().set(ptr::null());
                drop(Box::from_raw(thread.cast_mut()));
            }
        }
    }
}

impl Thread {
    fn new() -> Self {
        Thread {
            state: Cell::new(ptr::null_mut()),
            ready: Cell::new(NOT_READY),
            is_main: Cell::new(false),
            locks: Cell::new(0),
            forking: Cell::new(0),
            outside: Cell::new(-1),
            callers: RefCell::new(Vec::new()),
            suspended: Cell::new(Suspended::NOT),
            returned: Cell::new(ptr::null_mut()),
            watching: Watching::new(),
            lent: Cell::new(ptr::null_mut()),
            lock_took_gil: Cell::new(false),
            pending: Cell::new(None),
            report: RefCell::new(String::new()),
            taken: RefCell::new(Taken::NONE),
            leftover: Cell::new(ptr::null_mut()),
            slots: Cache::new(),
            results: Results::new(),
        }
    }
}

/// The address of no thread state, and not null: null is current where nobody holds the GIL.
const NOT_READY: *mut PyThreadState = ptr::without_provenance_mut(1);

impl Thread {
    #[inline]
    pub(crate) fn state(&self) -> *mut PyThreadState {
        self.state.get()
    }

    pub(crate) fn set_state(&self, state: *mut PyThreadState) {
        self.state.set(state);
        self.see_whether_ready();
    }

    /// Whether an operation can begin at once where this thread state is current.
    #[inline]
    pub(crate) fn is_ready_under(&self, current: *mut PyThreadState) -> bool {
        self.ready.get() == current
    }

    /// The thread state under which an operation can begin at once.
    #[inline]
    pub(crate) fn ready(&self) -> Option<*mut PyThreadState> {
        Some(self.ready.get()).filter(|ready| *ready != NOT_READY)
    }

    #[inline]
    pub(crate) fn has_pending(&self) -> bool {
        // SAFETY: only this thread uses its record, and no reference into the cell outlives this.
        unsafe { (*self.pending.as_ptr()).is_some() }
    }

    /// The pending error, moved out. Its references are the caller's.
    #[inline]
    pub(crate) fn take_pending(&self) -> Option<Pending> {
        self.replace_pending(None)
    }

    /// Makes an error the pending one, and gives the earlier one.
    #[inline]
    pub(crate) fn replace_pending(&self, pending: Option<Pending>) -> Option<Pending> {
        let earlier = self.pending.replace(pending);
        self.see_whether_ready();
        earlier
    }

    fn see_whether_ready(&self) {
        let state = self.state.get();
        let is_ready = !state.is_null() && !self.has_pending();
        self.ready.set(if is_ready { state } else { NOT_READY });
    }
}

/// What was so before Python called the host.
pub(crate) struct Outside {
    locks: i64,
    callers: usize,
}

/// What a host function has done so far that is not the business of one that runs inside it.
pub(crate) struct Begun {
    returned: Object,
    suspended: Suspended,
}

impl Thread {
    /// Whether a host function that has not returned yet has done what is to be set aside.
    #[inline(always)]
    pub(crate) fn has_begun(&self) -> bool {
        !self.returned.get().is_null() || !self.suspended.get().state.is_null()
    }

    pub(crate) fn set_aside(&self) -> Begun {
        Begun {
            returned: self.returned.replace(ptr::null_mut()),
            suspended: self.suspended.replace(Suspended::NOT),
        }
    }

    pub(crate) fn put_back(&self, begun: Begun) {
        self.returned.set(begun.returned);
        self.suspended.set(begun.suspended);
    }

    /// Python calls the host, and what has begun is set aside: lock scopes that are open now are closed
    /// by nobody before it returns. Gives what `leave_callback` wants.
    #[inline(always)]
    pub(crate) fn enter_callback(&self, caller: usize) -> Outside {
        let mut callers = self.callers.borrow_mut();
        let outside = Outside {
            locks: self.outside.replace(self.locks.get().into()),
            callers: callers.len(),
        };
        callers.push(caller);
        outside
    }

    /// The host has returned, and its result is fetched: scopes that it left open are closed.
    #[inline(always)]
    pub(crate) fn leave_callback(&self, outside: Outside) {
        self.callers.borrow_mut().truncate(outside.callers);
        self.locks.set(self.outside.replace(outside.locks) as u32);
    }

    /// Of the host function that runs, or the one so many further out, what is known of the frame that has
    /// called it; None where so many do not run.
    pub(crate) fn caller(&self, level: usize) -> Option<usize> {
        self.callers.borrow().iter().rev().nth(level).copied()
    }

    /// The lock scopes that are open, of which the host function that runs may close none.
    pub(crate) fn set_locks(&self, locks: u32) {
        self.locks.set(locks);
        self.outside.set(locks.into());
    }

    /// Python has called the host, which has not returned yet.
    pub(crate) fn is_in_callback(&self) -> bool {
        self.outside.get() >= 0
    }

    /// The lock scopes that the host may not close now.
    pub(crate) fn locks_outside(&self) -> u32 {
        self.outside.get().max(0) as u32
    }
}

impl Drop for Thread {
    /// The thread ends. Whatever needs the GIL is left to others: this must not wait.
    fn drop(&mut self) {
        TABLE.give_back(&self.slots);
        let pending = self.pending.take();
        let pending = pending.map_or([ptr::null_mut(); 2], |error| error.objects());
        let objects = self
            .results
            .take()
            .chain(pending)
            .chain([self.taken.borrow().owner(), self.leftover.get()])
            .filter(|object| !object.is_null())
            .collect();
        let state = self.state.get();
        deferred::bury(Remains {
            state,
            objects,
            holds_gil: self.lock_took_gil.get(),
            thread: Os::thread_number(),
        });
    }
}
