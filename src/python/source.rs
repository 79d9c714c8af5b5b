//! Source code: compiled, run, and remembered, so that tracebacks show its lines.

use std::path::Path;

use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};

/// What a piece of source is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Statements, a whole module's worth.
    Exec,
    /// One expression.
    Eval,
}

/// Source that has no file has this name in tracebacks.
const NAMELESS: &str = "<emb>";

/// Compiles with the builtin `compile`, which checks text and syntax, and runs the code.
pub(crate) fn run<'g>(
    py: Python<'g>,
    source: &Owned<'g>,
    file: Option<&str>,
    mode: Mode,
    globals: &Owned<'g>,
) -> Outcome<Owned<'g>> {
    if let Some(file) = file {
        remember(py, source, file)?;
    }
    give_builtins(py, globals)?;
    let builtins = py.import("builtins")?;
    let name = if mode == Mode::Eval { "eval" } else { "exec" };
    let args = [
        source.clone(),
        py.text(file.unwrap_or(NAMELESS))?,
        py.text(name)?,
    ];
    let code = builtins.getattr("compile")?.call(&args, None)?;
    builtins.getattr(name)?.call(&[code, globals.clone()], None)
}

/// Runs a script that is part of the library, in a namespace.
pub(crate) fn run_own<'g>(py: Python<'g>, script: &str, namespace: &Owned<'g>) -> Outcome<()> {
    give_builtins(py, namespace)?;
    let exec = py.import("builtins")?.getattr("exec")?;
    exec.call(&[py.text(script)?, namespace.clone()], None)?;
    Ok(())
}

/// Where a namespace has no builtins, `exec` would take those of the frame that runs: the code that has
/// called the host may have been given others, or none.
fn give_builtins<'g>(py: Python<'g>, globals: &Owned<'g>) -> Outcome<()> {
    if !py.is_subtype(globals.type_ptr(), py.api().PyDict_Type) {
        return Ok(()); // `exec` says what is wrong
    }
    let (name, builtins) = (py.text("__builtins__")?, py.namespace(c"builtins")?);
    // SAFETY: a live dict, and live objects.
    py.done(unsafe {
        match (py.api().PyDict_Contains)(globals.as_ptr(), name.as_ptr()) {
            0 => (py.api().PyDict_SetItem)(globals.as_ptr(), name.as_ptr(), builtins.as_ptr()),
            found => found,
        }
    })
}

/// Gives `linecache` the lines of source that is in no file.
fn remember<'g>(py: Python<'g>, source: &Owned<'g>, file: &str) -> Outcome<()> {
    if Path::new(file).exists() {
        return Ok(());
    }
    let lines = source
        .getattr("splitlines")?
        .call(&[py.constant(py.api()._Py_TrueStruct)], None)?;
    let size = py.int(py.length(source)?)?;
    // No time of change: the entry is never compared with a file.
    let entry = [size, py.none(), lines, py.text(file)?];
    let cache = py.import("linecache")?.getattr("cache")?;
    py.assign_item(&cache, &py.text(file)?, &py.tuple(entry.into_iter())?)
}

/// The text of a source file, decoded as Python would.
pub(crate) fn read<'g>(py: Python<'g>, path: &str) -> Outcome<Owned<'g>> {
    let file = py
        .import("tokenize")?
        .getattr("open")?
        .call(&[py.text(path)?], None)?;
    let text = file.getattr("read")?.call(&[], None);
    // Closed in any case; what reading had to say comes first.
    let pending = if text.is_err() {
        super::raise::fetch(py)
    } else {
        None
    };
    let closed = file
        .getattr("close")
        .and_then(|close| close.call(&[], None));
    if let Some(exception) = pending {
        py.or_clear(closed);
        super::raise::restore(py, exception);
        return text;
    }
    closed.and(text)
}

/// Makes a module of source, as if it had been imported. Where the source raises, there is none.
pub(crate) fn module<'g>(
    py: Python<'g>,
    name: &str,
    source: &Owned<'g>,
    file: Option<&str>,
) -> Outcome<Owned<'g>> {
    let name_object = py.text(name)?;
    let module = py
        .import("types")?
        .getattr("ModuleType")?
        .call(std::slice::from_ref(&name_object), None)?;
    if let Some(file) = file {
        module.setattr("__file__", Some(&py.text(file)?))?;
    }
    let sys = py.import("sys")?;
    if py.contains(&sys.getattr("builtin_module_names")?, &name_object)? {
        return Err(Failure::argument(format!(
            "name is {name:?}, which is a module that Python itself needs: choose another"
        )));
    }
    let modules = sys.getattr("modules")?;
    let earlier = modules
        .getattr("get")?
        .call(std::slice::from_ref(&name_object), None)?;
    py.assign_item(&modules, &name_object, &module)?;
    let namespace = module.getattr("__dict__")?;
    match run(py, source, file, Mode::Exec, &namespace) {
        // The source may have put something else in its place, as imported modules may.
        Ok(_) => py.get_item(&modules, &name_object),
        Err(failure) => {
            let exception = super::raise::fetch(py);
            let undone = if earlier.as_ptr() == py.api()._Py_NoneStruct {
                py.delete_item(&modules, &name_object)
            } else {
                py.assign_item(&modules, &name_object, &earlier)
            };
            py.or_clear(undone);
            if let Some(exception) = exception {
                super::raise::restore(py, exception);
            }
            Err(failure)
        }
    }
}
