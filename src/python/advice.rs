//! What the embedded Python says of a module that is there for another version of Python only,
//! instead of "No module named".

use super::gil::Python;
use crate::failure::Outcome;

/// Puts the finder that says it behind all others.
pub(crate) fn install(py: Python<'_>) -> Outcome<()> {
    let exec = py.import("builtins")?.getattr("exec")?;
    exec.call(&[py.text(include_str!("advice.py"))?, py.dict()?], None)?;
    Ok(())
}
