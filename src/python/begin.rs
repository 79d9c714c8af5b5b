//! From a loaded CPython to an initialised one.
//!
//! The program name (the environment's own python) leads Python to its prefix and its packages,
//! which it would otherwise look for through PATH. Since 3.14 there is a configuration that is set
//! by names, and a start that fails is an error; before, functions that set one thing each.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use super::probe::Interpreter;
use super::runtime::missing;
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::platform::{Os, Platform};
use crate::status::EMB_NO_PYTHON;

/// Initialises Python; the calling thread gets the GIL and the main thread state.
pub(crate) fn begin(api: &Symbols, version: (u8, u8), interpreter: &Interpreter) -> Outcome<()> {
    let program = Os::c_text(interpreter.executable.as_os_str())
        .ok_or_else(|| Failure::own(EMB_NO_PYTHON, "the interpreter's path contains a NUL byte"))?;
    // The configuration takes UTF-8 only.
    match Functions::of(api).filter(|_| program.to_str().is_ok()) {
        Some(functions) => Configuration::new(functions)?.begin(version, &program),
        None => begin_by_functions(api, &program),
    }
}

/// The way before 3.14.
fn begin_by_functions(api: &Symbols, program: &CStr) -> Outcome<()> {
    let set_program_name = api
        .Py_SetProgramName
        .ok_or_else(|| missing("Py_SetProgramName"))?;
    // In the C locale a python program turns on its UTF-8 mode; an embedded one has to be told.
    if let Some(utf8_mode) = api.Py_UTF8Mode.filter(|_| Os::locale_is_c()) {
        // SAFETY: the variable is there, and nobody reads it before the initialisation.
        unsafe { *utf8_mode = 1 };
    }
    // SAFETY: NUL-terminated; Py_SetProgramName has copied the text since 3.8.
    unsafe {
        let wide = (api.Py_DecodeLocale)(program.as_ptr(), ptr::null_mut());
        if wide.is_null() {
            return Err(Failure::own(
                EMB_NO_PYTHON,
                "the interpreter's path cannot be decoded",
            ));
        }
        set_program_name(wide);
        (api.PyMem_RawFree)(wide.cast());
        // Nobody else initialises it. 0: leave the host's signal handlers alone.
        (api.Py_InitializeEx)(0);
    }
    Ok(())
}

/// What makes, fills and uses a configuration, since 3.14.
#[derive(Clone, Copy)]
struct Functions {
    create: unsafe extern "C" fn() -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
    set_int: unsafe extern "C" fn(*mut c_void, *const c_char, i64) -> c_int,
    set_text: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> c_int,
    begin: unsafe extern "C" fn(*mut c_void) -> c_int,
    error: unsafe extern "C" fn(*mut c_void, *mut *const c_char) -> c_int,
}

impl Functions {
    fn of(api: &Symbols) -> Option<Self> {
        Some(Functions {
            create: api.PyInitConfig_Create?,
            free: api.PyInitConfig_Free?,
            set_int: api.PyInitConfig_SetInt?,
            set_text: api.PyInitConfig_SetStr?,
            begin: api.Py_InitializeFromInitConfig?,
            error: api.PyInitConfig_GetError?,
        })
    }
}

/// A PyInitConfig.
struct Configuration {
    functions: Functions,
    own: *mut c_void,
}

impl Drop for Configuration {
    fn drop(&mut self) {
        // SAFETY: made in `new`.
        unsafe { (self.functions.free)(self.own) }
    }
}

/// A new configuration is an isolated one. These make it one that heeds the user's environment, as
/// a python program does.
const LIKE_A_PROGRAM: [(&CStr, i64); 5] = [
    (c"isolated", 0),
    (c"use_environment", 1),
    (c"user_site_directory", 1),
    (c"safe_path", 0),
    (c"configure_locale", 1),
];

/// Variables that Python reads only where the configuration leaves the matter open, which an
/// isolated one does not. These are on where they say anything at all,
const SWITCHES: [(&str, &CStr); 2] = [
    ("PYTHONDEVMODE", c"dev_mode"),
    ("PYTHONFAULTHANDLER", c"faulthandler"),
];
/// and these are numbers.
const NUMBERS: [(&str, &CStr); 3] = [
    ("PYTHONTRACEMALLOC", c"tracemalloc"),
    ("PYTHONINTMAXSTRDIGITS", c"int_max_str_digits"),
    (HASH_SEED, c"hash_seed"),
];
const HASH_SEED: &str = "PYTHONHASHSEED";

impl Configuration {
    fn new(functions: Functions) -> Outcome<Self> {
        // SAFETY: may be called at any time; NULL where there is no memory.
        let own = unsafe { (functions.create)() };
        if own.is_null() {
            return Err(Failure::own(EMB_NO_PYTHON, "no memory for a PyInitConfig"));
        }
        Ok(Configuration { functions, own })
    }

    fn begin(self, version: (u8, u8), program: &CStr) -> Outcome<()> {
        for (option, value) in LIKE_A_PROGRAM {
            self.set(option, value)?;
        }
        self.set(c"utf8_mode", utf8_mode(version).into())?;
        self.heed_environment()?;
        // SAFETY: a configuration, the name of an option, and UTF-8, which is copied.
        self.done(unsafe {
            (self.functions.set_text)(self.own, c"program_name".as_ptr(), program.as_ptr())
        })?;
        // SAFETY: a whole configuration; Python is not initialised, and nobody else does it.
        self.done(unsafe { (self.functions.begin)(self.own) })
    }

    fn heed_environment(&self) -> Outcome<()> {
        for (variable, option) in SWITCHES {
            if std::env::var_os(variable).is_some_and(|value| !value.is_empty()) {
                self.set(option, 1)?;
            }
        }
        for (variable, option) in NUMBERS {
            let value = std::env::var(variable).ok();
            let Some(number) = value.and_then(|text| text.parse().ok()) else {
                continue;
            };
            if variable == HASH_SEED {
                self.set(c"use_hash_seed", 1)?;
            }
            self.set(option, number)?;
        }
        Ok(())
    }

    fn set(&self, option: &CStr, value: i64) -> Outcome<()> {
        // SAFETY: a configuration and the name of an option.
        self.done(unsafe { (self.functions.set_int)(self.own, option.as_ptr(), value) })
    }

    fn done(&self, result: c_int) -> Outcome<()> {
        if result == 0 {
            return Ok(());
        }
        let mut message = ptr::null();
        // SAFETY: a configuration, whose error lives as long; the text ends with a NUL byte.
        let message = unsafe {
            (self.functions.error)(self.own, &mut message);
            match message.is_null() {
                true => "Python gives no reason".into(),
                false => CStr::from_ptr(message).to_string_lossy(),
            }
        };
        Err(Failure::own(
            EMB_NO_PYTHON,
            format!("Python does not start: {message}"),
        ))
    }
}

/// What the user says, or else what a python program would do: since 3.15 it has the mode on.
fn utf8_mode(version: (u8, u8)) -> bool {
    match std::env::var("PYTHONUTF8").as_deref() {
        Ok("0") => false,
        Ok("1") => true,
        _ => version >= (3, 15) || Os::locale_is_c(),
    }
}
