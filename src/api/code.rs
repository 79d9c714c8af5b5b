//! Modules and source code: imported, run, evaluated, made.

use std::ffi::c_char;

use crate::boundary;
use crate::convert::{handle, object};
use crate::failure::Outcome;
use crate::handle::emb_handle;
use crate::python::exit;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::source::{self, Mode};
use crate::status::emb_status;
use crate::value::emb_value;

/// Imports a module and gives it: "a.b.c" gives the module a.b.c.
///
/// Ownership: `module` receives a handle that the caller releases. Errors: EMB_EXCEPTION
/// (ModuleNotFoundError and whatever the module raises). Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `module` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_import(
    name: *const c_char,
    name_length: i64,
    module: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let (name, module) = (text!(name, name_length)?, out!(module)?);
        let imported = py.import(name)?;
        exit::stay_first();
        module.set(handle(py, imported)?);
        Ok(())
    })
}

/// Executes source code, a whole module's worth.
///
/// Ownership: nothing changes hands. `file` is the name for tracebacks (NULL: "<emb>"), which show
/// the lines of the source whether or not there is such a file. `globals` is a dict, or 0 for the
/// namespace of `__main__`. Errors: EMB_EXCEPTION (SyntaxError among them). Threads: any. Since:
/// 0.1.
///
/// # Safety
/// The texts point to as many bytes of UTF-8 as their lengths say (or EMB_NUL_TERMINATED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_run(
    source: *const c_char,
    source_length: i64,
    file: *const c_char,
    file_length: i64,
    globals: emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let (source, file) = (
            text!(source, source_length)?,
            optional_text!(file, file_length)?,
        );
        source::run(
            py,
            &py.text(source)?,
            file,
            Mode::Exec,
            &namespace(py, globals)?,
        )?;
        exit::stay_first();
        Ok(())
    })
}

/// Evaluates an expression.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says. `globals` as in emb_run.
/// Errors: EMB_EXCEPTION (SyntaxError among them). Threads: any. Since: 0.1.
///
/// # Safety
/// `source` points to `source_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or
/// points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_eval(
    source: *const c_char,
    source_length: i64,
    globals: emb_handle,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (source, answer) = (text!(source, source_length)?, answer!(result, flags)?);
        let globals = namespace(py, globals)?;
        let value = source::run(py, &py.text(source)?, None, Mode::Eval, &globals)?;
        answer.give(py, value)
    })
}

/// Executes a file of source code. Run in `__main__`, it is the program: `__file__` says so, by
/// which the child processes of `multiprocessing` find what is defined in it.
///
/// Ownership: nothing changes hands. `globals` as in emb_run. Errors: EMB_EXCEPTION
/// (FileNotFoundError and SyntaxError among them). Threads: any. Since: 0.1.
///
/// # Safety
/// `path` points to `path_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_run_file(
    path: *const c_char,
    path_length: i64,
    globals: emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let path = text!(path, path_length)?;
        let is_main = globals == 0;
        let globals = namespace(py, globals)?;
        let source = source::read(py, path)?;
        if is_main {
            py.assign_item(&globals, &py.text("__file__")?, &py.text(path)?)?;
        }
        source::run(py, &source, Some(path), Mode::Exec, &globals)?;
        exit::stay_first();
        Ok(())
    })
}

/// Makes a module of source code, under a name by which Python code can import it. Where the source
/// raises, there is no such module afterwards.
///
/// Ownership: `module` receives a handle that the caller releases. `file` as in emb_run; it becomes
/// the module's `__file__`. Errors: EMB_BAD_ARGUMENT (a name of one of `sys.builtin_module_names`),
/// EMB_EXCEPTION (SyntaxError and whatever the source raises). Threads: any. Since: 0.1.
///
/// # Safety
/// The texts point to as many bytes of UTF-8 as their lengths say (or EMB_NUL_TERMINATED), `module`
/// to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_module_new(
    name: *const c_char,
    name_length: i64,
    source: *const c_char,
    source_length: i64,
    file: *const c_char,
    file_length: i64,
    module: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let (name, source) = (text!(name, name_length)?, text!(source, source_length)?);
        let (file, module) = (optional_text!(file, file_length)?, out!(module)?);
        let made = source::module(py, name, &py.text(source)?, file)?;
        exit::stay_first();
        module.set(handle(py, made)?);
        Ok(())
    })
}

/// The namespace that code runs in: a dict of the host's choice, or that of `__main__`.
fn namespace<'g>(py: Python<'g>, globals: emb_handle) -> Outcome<Owned<'g>> {
    if globals == 0 {
        return py.main_namespace();
    }
    object(py, globals, "globals")
}
