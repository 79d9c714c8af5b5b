//! Packages: those that the host asks for are found, or installed.

use std::ffi::c_char;

use crate::boundary;
use crate::failure::{Failure, Outcome};
use crate::python::require;
use crate::status::emb_status;

/// `emb_require`: what the installer says is not shown.
pub const EMB_REQUIRE_QUIET: u32 = 1;

/// Sees to it that packages are there, and starts Python if none runs. `requirements` has one
/// requirement a line, as in a requirements file: "numpy>=2\nmatplotlib". Where the Python that
/// `emb_init` would find has them all, nothing else happens. Otherwise an environment with just
/// these packages is made for it, with uv or pip, below $EMB_CACHE ($XDG_CACHE_HOME/emb,
/// ~/.cache/emb), and Python is started in that; the next time, and in other processes, it is
/// there already and nothing is downloaded. A Python that runs gets the environment's packages on
/// its path, before its own. What the installer says goes to the process's standard error,
/// without EMB_REQUIRE_QUIET (`flags`).
///
/// Ownership: `requirements` is only read. Errors: EMB_BAD_ARGUMENT (not a requirement),
/// EMB_UNSATISFIED (the message has the installer's last words), EMB_CONFLICT (another version is
/// imported already), EMB_NO_PYTHON, EMB_NOT_RUNNING after emb_shutdown. Threads: any; other
/// processes that want the same wait. Since: 0.1.
///
/// # Safety
/// `requirements` points to `requirements_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_require(
    requirements: *const c_char,
    requirements_length: i64,
    flags: u32,
) -> emb_status {
    boundary::host(|thread| {
        let lines = lines(text!(requirements, requirements_length)?)?;
        if flags & !EMB_REQUIRE_QUIET != 0 {
            return Err(Failure::argument(format!(
                "flags is {flags:#x}, which has bits other than EMB_REQUIRE_QUIET"
            )));
        }
        require::require(thread, &lines, flags & EMB_REQUIRE_QUIET != 0)
    })
}

fn lines(text: &str) -> Outcome<Vec<&str>> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    match lines.iter().find(|line| !is_requirement(line)) {
        None => Ok(lines),
        Some(line) => Err(Failure::argument(format!(
            "requirements has the line {line:?}: each begins with the name of a package, as in \
             \"numpy>=2\", and has no NUL byte"
        ))),
    }
}

/// A line that begins with a dash is an option to the installers.
fn is_requirement(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphanumeric()) && !line.contains('\0')
}
