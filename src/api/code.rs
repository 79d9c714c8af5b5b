//! Modules and source code.

use std::ffi::c_char;

use crate::boundary;
use crate::convert::{handle, object};
use crate::failure::Outcome;
use crate::handle::emb_handle;
use crate::python::exit;
use crate::python::gil::Python;
use crate::python::object::Owned;
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
/// Ownership: nothing changes hands. `file` is the name for tracebacks (NULL: "<emb>"). `globals`
/// is a dict, or 0 for the namespace of `__main__`. Errors: EMB_EXCEPTION (SyntaxError among
/// them). Threads: any. Since: 0.1.
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
        evaluate(py, source, file, "exec", globals)?;
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
        let value = evaluate(py, source, None, "eval", globals)?;
        answer.give(py, value)
    })
}

/// Compiles with the builtin `compile`, which checks text and syntax, and runs the code.
fn evaluate<'g>(
    py: Python<'g>,
    source: &str,
    file: Option<&str>,
    mode: &str,
    globals: emb_handle,
) -> Outcome<Owned<'g>> {
    let globals = if globals == 0 {
        py.main_namespace()?
    } else {
        object(py, globals, "globals")?
    };
    let builtins = py.import("builtins")?;
    let args = [
        py.text(source)?,
        py.text(file.unwrap_or("<emb>"))?,
        py.text(mode)?,
    ];
    let code = builtins.getattr("compile")?.call(&args, None)?;
    let run = builtins.getattr(if mode == "eval" { "eval" } else { "exec" })?;
    run.call(&[code, globals], None)
}
