//! Python objects that own something of the host's: a value of Rust behind an ordinary Python
//! object, inside of it, dropped when the last reference to the object goes.

use std::ffi::{CStr, c_int, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use once_cell::sync::OnceCell;

use super::ffi::*;
use super::gil::Python;
use super::object::Owned;
use super::runtime::{self, Runtime};
use crate::attention;
use crate::failure::{Failure, Outcome};
use crate::thread::{self, Pending, Thread};

/// The buffer protocol's function.
pub(crate) type GetBuffer = unsafe extern "C" fn(Object, *mut PyBuffer, c_int) -> c_int;

/// What a Python object can own; each kind has a Python type of its own.
pub(crate) trait Held: Sized + 'static {
    /// The type's name, with its module.
    const NAME: &'static CStr;
    const DOC: &'static CStr;
    /// Dropping the value may run code of the host.
    const TELLS_HOST: bool = true;
    /// For those that export memory.
    const GET_BUFFER: Option<GetBuffer> = None;

    /// Where this module keeps what it knows of the type.
    fn class() -> &'static OnceCell<usize>;

    /// Drops the value.
    ///
    /// # Safety
    /// It is there, and is not used afterwards.
    unsafe fn end(value: &mut MaybeUninit<Self>, _runtime: &Runtime) {
        // SAFETY: the caller's promise.
        unsafe { value.assume_init_drop() }
    }

    /// The value is dropped after Python has ended: the host may be half gone and is not called.
    fn disarm(&mut self);
}

/// What an instance has behind what `object` itself needs.
#[repr(C)]
struct Inside<T> {
    /// 0 before it has its value: an instance is zeroed when it is made. As large as it is aligned,
    /// so that a value is written in the pieces in which it is read.
    is_there: usize,
    value: MaybeUninit<T>,
}

/// The Python type of one kind of owner.
struct Class {
    kind: Object,
    /// The memory of the last instance that has gone, for the next one, or null. It keeps its type, and
    /// the reference to it.
    spare: AtomicPtr<PyObject>,
}

impl Class {
    /// A new instance with nothing inside; null with an exception where there is no memory.
    #[inline(always)]
    fn instance(&self, py: Python<'_>) -> Object {
        let spare = self.spare.load(Relaxed);
        // SAFETY: the memory of an instance that nobody refers to any more. There is some only with a
        // GIL, which is held, so it is taken by one thread only.
        unsafe {
            if spare.is_null() {
                return (py.api().PyType_GenericAlloc)(self.kind, 0);
            }
            self.spare.store(ptr::null_mut(), Relaxed);
            if !py.runtime.counts.revive(spare) {
                self.revive(py, spare);
            }
            spare
        }
    }

    /// # Safety
    /// The memory of an instance that nobody refers to; the GIL is held.
    #[cold]
    unsafe fn revive(&self, py: Python<'_>, spare: Object) {
        // SAFETY: the caller's promise.
        unsafe {
            match py.api()._Py_NewReference {
                Some(new_reference) => new_reference(spare),
                None => {
                    (py.api().PyObject_Init)(spare, self.kind);
                    py.runtime.counts.decrease(self.kind);
                }
            }
        }
    }

    /// # Safety
    /// `instance` is one that nobody refers to, with nothing inside; the GIL is held.
    #[inline(always)]
    unsafe fn free(&self, runtime: &Runtime, instance: Object) {
        if self.spare.load(Relaxed).is_null() && !runtime.free_threaded {
            self.spare.store(instance, Relaxed);
            return;
        }
        // SAFETY: the caller's promise; an instance has a reference to its type.
        unsafe {
            (runtime.api.PyObject_Free)(instance.cast());
            runtime.counts.decrease(self.kind);
        }
    }
}

/// Where it stands.
static OFFSET: OnceCell<usize> = OnceCell::new();

/// A Python object that owns `value`.
#[inline]
pub(crate) fn hold<T: Held>(py: Python<'_>, value: T) -> Outcome<Owned<'_>> {
    // SAFETY: the value is written, whatever comes.
    unsafe {
        hold_made(py, |place: *mut T| {
            place.write(value);
            Ok(())
        })
    }
}

/// A Python object that owns a value which is made where it stays.
///
/// # Safety
/// `make` writes the value, or fails.
#[inline(always)]
pub(crate) unsafe fn hold_made<'g, T: Held>(
    py: Python<'g>,
    make: impl FnOnce(*mut T) -> Outcome<()>,
) -> Outcome<Owned<'g>> {
    const { assert!(align_of::<Inside<T>>() <= size_of::<Object>()) };
    let class = match T::class().get() {
        Some(class) => *class,
        None => make_class::<T>(py)?,
    };
    // SAFETY: the class lives for good; an instance of it has room for what is inside.
    unsafe {
        let class = &*ptr::with_exposed_provenance::<Class>(class);
        let object = py.own(class.instance(py))?;
        let inside = inside::<T>(object.as_ptr());
        make((&raw mut (*inside).value).cast())?;
        (*inside).is_there = 1;
        Ok(object)
    }
}

/// The value that an instance owns.
///
/// # Safety
/// `object` was made by `hold::<T>` (or its type called from Python, which gives None), and lives
/// for as long as the result is used.
#[inline]
pub(crate) unsafe fn held<'a, T: Held>(object: Object) -> Option<&'a T> {
    // SAFETY: the caller's promise; the value stays where it is until the object goes.
    unsafe {
        let inside = &*inside::<T>(object);
        (inside.is_there != 0).then(|| inside.value.assume_init_ref())
    }
}

/// Whether an object was made by `hold::<T>`, or by its type called from Python.
pub(crate) fn is<T: Held>(object: &Owned<'_>) -> bool {
    T::class().get().is_some_and(|class| {
        // SAFETY: what `make_type` has made lives for good.
        let class = unsafe { &*ptr::with_exposed_provenance::<Class>(*class) };
        object.type_ptr() == class.kind
    })
}

/// # Safety
/// `object` is an instance of the type of `T`.
#[inline]
unsafe fn inside<T: Held>(object: Object) -> *mut Inside<T> {
    // SAFETY: `make_type` set OFFSET before any instance could exist, and made room there.
    unsafe { object.byte_add(*OFFSET.get_unchecked()).cast() }
}

/// Not inside of the cell: nobody may wait there for a thread that runs Python. Where two threads
/// make one at the same time, the first is kept.
#[cold]
fn make_class<T: Held>(py: Python<'_>) -> Outcome<usize> {
    let new = make_type::<T>(py)?;
    Ok(*T::class().get_or_init(|| new))
}

fn make_type<T: Held>(py: Python<'_>) -> Outcome<usize> {
    let offset = basicsize_of_object(py)?;
    let offset = *OFFSET.get_or_init(|| offset);
    let slot = PyTypeSlot::new;
    let mut slots = vec![
        slot(PY_TP_DEALLOC, dealloc::<T> as *mut c_void),
        slot(PY_TP_NEW, refuse_new as *mut c_void),
        slot(PY_TP_DOC, T::DOC.as_ptr().cast_mut().cast()),
    ];
    let by_slot = py.runtime.version >= (3, 9);
    if let Some(get_buffer) = T::GET_BUFFER.filter(|_| by_slot) {
        slots.push(slot(PY_BF_GETBUFFER, get_buffer as *mut c_void));
    }
    slots.push(slot(0, ptr::null_mut()));
    let mut spec = PyTypeSpec {
        name: T::NAME.as_ptr(),
        basicsize: (offset + size_of::<Inside<T>>()) as c_int,
        itemsize: 0,
        flags: PY_TPFLAGS_DEFAULT,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification; CPython copies what it keeps, but for the static texts.
    let class = unsafe { py.own((py.api().PyType_FromSpec)(&mut spec))? };
    if let Some(get_buffer) = T::GET_BUFFER.filter(|_| !by_slot) {
        set_buffer_slot_of_3_8(&class, get_buffer);
    }
    let class = Class {
        kind: class.into_raw().as_ptr(),
        spare: AtomicPtr::new(ptr::null_mut()),
    };
    Ok(ptr::from_ref(Box::leak(Box::new(class))).expose_provenance())
}

/// `object.__basicsize__`: the size of a header in this build of Python.
pub(crate) fn basicsize_of_object(py: Python<'_>) -> Outcome<usize> {
    let object = py.constant(py.api().PyBaseObject_Type);
    let size = py.to_i64(&object.getattr("__basicsize__")?)?;
    usize::try_from(size).map_err(|_| Failure::argument("object.__basicsize__ is negative"))
}

/// Python 3.8 has the buffer protocol's slots, but no number for them in a specification. Its
/// type objects will never change again: `tp_as_buffer` stands at byte 160 and points to the two
/// functions.
pub(crate) fn set_buffer_slot_of_3_8(class: &Owned<'_>, get_buffer: GetBuffer) {
    const TP_AS_BUFFER: usize = 160;
    // SAFETY: a heap type of 3.8 has its own, zeroed PyBufferProcs, and this is its address.
    unsafe {
        let procs = *class
            .as_ptr()
            .byte_add(TP_AS_BUFFER)
            .cast::<*mut *mut c_void>();
        *procs = get_buffer as *mut c_void;
    }
}

pub(super) unsafe extern "C" fn refuse_new(_: Object, _: Object, _: Object) -> Object {
    if let Some(runtime) = runtime::loaded() {
        let message = c"objects of this type are made by the host program";
        // SAFETY: called by Python, so the GIL is held; the symbol is a variable with a class.
        unsafe {
            let class = *runtime.api.PyExc_TypeError.cast::<Object>();
            (runtime.api.PyErr_SetString)(class, message.as_ptr());
        }
    }
    ptr::null_mut()
}

unsafe extern "C" fn dealloc<T: Held>(object: Object) {
    // SAFETY: Python, which is loaded, gives up an instance of the type made here, once. The value
    // stays where it is until it is dropped.
    unsafe {
        let runtime = runtime::loaded_unchecked();
        let inside = &mut *inside::<T>(object);
        if std::mem::take(&mut inside.is_there) != 0 {
            if attention::is_wanted() && runtime::state() == runtime::ENDED {
                inside.value.assume_init_mut().disarm();
            }
            // A panic of ours must not reach Python.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                if T::TELLS_HOST {
                    let value = &mut inside.value;
                    aside(
                        runtime,
                        #[inline(always)]
                        || T::end(value, runtime),
                    );
                } else {
                    inside.value.assume_init_drop();
                }
            }));
        }
        let class = T::class().get_unchecked();
        (*ptr::with_exposed_provenance::<Class>(*class)).free(runtime, object);
    }
}

/// Runs the host's code at a moment that is not the host's: references also go while an exception
/// is on its way through Python, or an error of this thread waits for the host. Both stay.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub(crate) unsafe fn aside(runtime: &Runtime, host: impl FnOnce()) {
    thread::with(|thread| {
        // SAFETY: the GIL is held.
        let raised = !unsafe { (runtime.api.PyErr_Occurred)() }.is_null();
        if raised || thread.has_pending() {
            // SAFETY: as above.
            unsafe { between(runtime, thread, host) };
        } else {
            host();
            if thread.has_pending() {
                forget(thread.take_pending());
            }
        }
    });
}

/// # Safety
/// The GIL is held.
#[cold]
unsafe fn between(runtime: &Runtime, thread: &Thread, host: impl FnOnce()) {
    let pending = thread.take_pending();
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: the three references are moved out, and back in.
    unsafe {
        (runtime.api.PyErr_Fetch)(&mut class, &mut value, &mut traceback);
        host();
        (runtime.api.PyErr_Restore)(class, value, traceback);
    }
    forget(thread.replace_pending(pending));
}

/// What the host's code has left pending is nobody's.
#[cold]
fn forget(left: Option<Pending>) {
    if let Some(left) = left {
        left.drop_later();
    }
}
