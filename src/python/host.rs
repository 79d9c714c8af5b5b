//! The end of the host's own Python, where it has one: libemb's part ends before.

use std::ptr;
use std::time::Duration;

use once_cell::sync::OnceCell;

use super::exit;
use super::ffi::{NoArguments, Object};
use super::guests;
use super::runtime;
use super::symbols::Symbols;

static HOST: OnceCell<Symbols> = OnceCell::new();
static AT_EXIT: NoArguments = NoArguments::new(c"emb_at_exit", at_exit);

/// Sees to it that libemb's part ends before that Python does. Threads of its own that came later
/// would be ended inside our functions; and an embedded Python beside it could call it no more.
pub(crate) fn end_with(api: Symbols) {
    let api = HOST.get_or_init(|| api);
    guests::count();
    // SAFETY: that Python runs, and these may be called on any thread; each object is released.
    unsafe {
        let state = (api.PyGILState_Ensure)();
        let objects = [
            text(api, "atexit"),
            text(api, "register"),
            AT_EXIT.to_callable(api),
        ];
        if objects.iter().all(|object| !object.is_null()) && !register(api, objects) {
            (api.PyErr_Clear)();
        }
        for object in objects.into_iter().filter(|object| !object.is_null()) {
            (api.Py_DecRef)(object);
        }
        (api.PyGILState_Release)(state);
    }
}

/// # Safety
/// The GIL is held.
unsafe fn text(api: &Symbols, text: &str) -> Object {
    // SAFETY: a text of this length.
    unsafe { (api.PyUnicode_FromStringAndSize)(text.as_ptr().cast(), text.len() as isize) }
}

/// module.name(function); false means that an exception is set.
///
/// # Safety
/// The GIL is held, and the objects are alive.
unsafe fn register(api: &Symbols, [module, name, function]: [Object; 3]) -> bool {
    // SAFETY: as above; what is made here is released here.
    unsafe {
        let module = (api.PyImport_Import)(module);
        let mut callable = ptr::null_mut();
        let mut arguments = ptr::null_mut();
        let mut result = ptr::null_mut();
        if !module.is_null() {
            callable = (api.PyObject_GetAttr)(module, name);
            arguments = (api.PyTuple_New)(1);
        }
        if !callable.is_null() && !arguments.is_null() {
            (api.Py_IncRef)(function);
            (api.PyTuple_SetItem)(arguments, 0, function);
            result = (api.PyObject_Call)(callable, arguments, ptr::null_mut());
        }
        for object in [module, callable, arguments, result] {
            if !object.is_null() {
                (api.Py_DecRef)(object);
            }
        }
        !result.is_null()
    }
}

/// That Python's `atexit` calls this, with its GIL held.
unsafe extern "C" fn at_exit(_: Object, _: Object) -> Object {
    // One of a daemon thread may never end, and is left to its fate.
    const PATIENCE: u32 = 500;
    let Some(api) = HOST.get() else {
        return ptr::null_mut();
    };
    // SAFETY: this thread holds the GIL; it gives it up, and takes it again.
    unsafe {
        let state = (api.PyEval_SaveThread)();
        let ended = std::panic::catch_unwind(|| {
            if runtime::state() == runtime::RUNNING
                && let Some(runtime) = runtime::loaded()
            {
                exit::finish(runtime);
            }
            // Those that wait for the GIL get it, and see that Python has ended.
            for _ in 0..PATIENCE {
                if !guests::are_there() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        drop(ended);
        (api.PyEval_RestoreThread)(state);
        (api.Py_IncRef)(api._Py_NoneStruct);
    }
    api._Py_NoneStruct
}
