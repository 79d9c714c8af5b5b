//! What the embedded Python says of a module that is there for another version of Python only,
//! instead of "No module named".

use super::gil::Python;
use super::object::Owned;
use super::source;
use crate::failure::Outcome;

/// Puts the finder that says it behind all others.
pub(crate) fn install(py: Python<'_>) -> Outcome<()> {
    source::run_own(py, include_str!("advice.py"), &py.dict()?)
}

/// How many causes back the reason of a failed import is looked for.
const DEPTH: usize = 8;

/// What the finder has said on the way to a failed import, where the exception that came of it does
/// not: numpy and pandas raise one of their own, with reasons that are none here.
pub(crate) fn behind<'g>(py: Python<'g>, exception: &Owned<'g>) -> Outcome<Option<String>> {
    let import_error = py.import("builtins")?.getattr("ImportError")?;
    if !py.is_instance(exception, &import_error)? {
        return Ok(None);
    }
    let none = py.api()._Py_NoneStruct;
    let mut link = exception.clone();
    for _ in 0..DEPTH {
        let mut next = link.getattr("__cause__")?;
        if next.as_ptr() == none {
            next = link.getattr("__context__")?;
        }
        if next.as_ptr() == none {
            return Ok(None);
        }
        let mark = py.unless_attribute_error(next.getattr("emb_advice"))?;
        if mark.is_some() {
            return next.to_text().map(Some);
        }
        link = next;
    }
    Ok(None)
}
