//! Asks an interpreter, by running it, where its library and its folders are.
//!
//! Only the interpreter itself knows: a venv, a conda environment, a shim and a
//! distribution's patched build each have their own rules, and guesses go wrong silently.
//! It runs in just the environment that an embedded start will see. What would end in
//! `Py_FatalError` and take the host along, such as a wrong `PYTHONHOME`, ends a child.

mod child;
mod facts;
mod failure;
mod library;
mod naming;
pub(in crate::python) mod remedy;
#[cfg(test)]
pub(crate) mod tests;

use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Serialize, Serializer};

use child::{End, Limits, Outcome};
use facts::{Details, Identity};
use failure::{failure, not_started};

pub(super) use facts::Text;

const SCRIPT: &str = include_str!("probe.py");
const BEGIN: &str = "<libemb-probe>";
const END: &str = "</libemb-probe>";
const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    output: 4 * 1024 * 1024,
    aloud: false,
};
const MINIMUM: [u16; 2] = [3, 8];

/// A CPython that this process can load.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Interpreter {
    /// `sys.executable`: the python of the venv where it is one, and the program name to
    /// start the embedded interpreter with.
    #[serde(serialize_with = "lossy")]
    pub executable: PathBuf,
    /// The python that a venv was made from, else the same as `executable`.
    #[serde(serialize_with = "lossy")]
    pub base_executable: PathBuf,
    /// The shared library, checked to be one for this process; or the interpreter itself, if
    /// it is linked statically and can be loaded.
    #[serde(serialize_with = "lossy")]
    pub libpython: PathBuf,
    /// Major, minor and micro version.
    pub version: (u8, u8, u8),
    /// `sys.version`, as it is.
    pub version_text: String,
    /// `sys.prefix`.
    #[serde(serialize_with = "lossy")]
    pub prefix: PathBuf,
    /// `sys.base_prefix`.
    #[serde(serialize_with = "lossy")]
    pub base_prefix: PathBuf,
    /// `sys.exec_prefix`.
    #[serde(serialize_with = "lossy")]
    pub exec_prefix: PathBuf,
    /// The folder of the standard library.
    #[serde(serialize_with = "lossy")]
    pub stdlib: PathBuf,
    /// The folder of its packages.
    #[serde(serialize_with = "lossy")]
    pub packages: PathBuf,
    /// Where it looks for modules: `sys.path`.
    #[serde(skip)]
    pub search_path: Vec<PathBuf>,
    /// It belongs to a venv.
    pub venv: bool,
    /// It belongs to a conda environment, or to a venv made from one.
    pub conda: bool,
    /// The interpreter runs on `libpython` itself; else that lies beside a static program.
    pub runs_on_libpython: bool,
    /// Built with `--enable-shared`, whatever the program itself is linked with.
    pub enable_shared: bool,
    /// Built without the GIL.
    pub free_threaded: bool,
    /// Built with `--with-pydebug`, which changes the layout of objects.
    pub debug_build: bool,
    /// `sys.abiflags`.
    pub abiflags: String,
    /// The kernel's name for the machine.
    pub machine: String,
}

impl Display for Interpreter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (major, minor, micro) = self.version;
        let (python, library) = (self.executable.display(), self.libpython.display());
        write!(
            f,
            "CPython {major}.{minor}.{micro} at {python}, library {library}"
        )
    }
}

/// Why an interpreter is not to be used. The text follows on "it" or the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It works, and is another implementation of Python.
    NotCPython(String),
    /// It works, and is too old.
    TooOld(String),
    /// It is broken, or without a library that can be loaded.
    Unusable(String),
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCPython(why) | Self::TooOld(why) | Self::Unusable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Refusal {}

/// Asks the interpreter at `python`, an absolute path whose symlinks are not resolved: a
/// venv is known by the path of its python.
///
/// # Errors
/// [`Refusal`] says why it cannot be used and, where there is one, the remedy.
pub fn probe(python: &Path) -> Result<Interpreter, Refusal> {
    let pythonhome = std::env::var_os("PYTHONHOME").filter(|home| !home.is_empty());
    ask(python, LIMITS, pythonhome)
}

fn ask(python: &Path, limits: Limits, home: Option<OsString>) -> Result<Interpreter, Refusal> {
    let outcome = child::run(python, &["-c", SCRIPT], limits).map_err(not_started)?;
    let answer = answer(&outcome)
        .filter(|_| succeeded(&outcome.end))
        .ok_or_else(|| Refusal::Unusable(failure(python, &outcome, limits, home.as_deref())))?;
    let garbled =
        |error| Refusal::Unusable(format!("it gave an answer that makes no sense ({error})"));
    let identity: Identity = serde_json::from_str(answer).map_err(garbled)?;
    let version = judge(&identity)?;
    let details: Details = serde_json::from_str(answer).map_err(garbled)?;
    if details.executable.path().as_os_str().is_empty() {
        let why = "it does not know its own path (its sys.executable is empty)";
        return Err(Refusal::Unusable(why.into()));
    }
    let own_bits = usize::BITS;
    if u32::from(details.pointer_bits) != own_bits {
        let bits = details.pointer_bits;
        let why = format!("it is a {bits}-bit Python, this process has {own_bits} bits");
        return Err(Refusal::Unusable(why));
    }
    let libpython = library::find(version, &details).map_err(Refusal::Unusable)?;
    Ok(interpreter(version, &identity, &details, libpython))
}

/// What a script of libemb's answers that the interpreter at `python` runs, for as long as it takes.
pub(super) fn answer_of(python: &Path, arguments: &[&str]) -> Result<String, String> {
    let limits = Limits {
        time: Duration::MAX,
        aloud: true,
        ..LIMITS
    };
    let outcome = child::run(python, arguments, limits)
        .map_err(|error| format!("{} cannot be run: {error}", python.display()))?;
    match answer(&outcome).filter(|_| succeeded(&outcome.end)) {
        Some(answer) => Ok(answer.to_owned()),
        None => Err(failure(python, &outcome, limits, None)),
    }
}

/// Whether an answer may be believed. Where the host lost the status, the answer decides.
fn succeeded(end: &End) -> bool {
    match end {
        End::Exited(status) => status.success(),
        End::Unknown => true,
        End::TimedOut | End::Flooded => false,
    }
}

/// The JSON between the marks; site modules may print what they like around it.
fn answer(outcome: &Outcome) -> Option<&str> {
    let text = last_between(&outcome.stdout, BEGIN.as_bytes(), END.as_bytes())?;
    std::str::from_utf8(text).ok()
}

fn last_between<'a>(bytes: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let position =
        |place: &[u8], mark: &[u8]| place.windows(mark.len()).rposition(|part| part == mark);
    let before = bytes.get(..position(bytes, end)?)?;
    before.get(position(before, begin)? + begin.len()..)
}

/// The version, if `identity` is a CPython that is new enough.
fn judge(identity: &Identity) -> Result<(u8, u8, u8), Refusal> {
    let [major, minor, micro] = identity.version;
    let name = identity.implementation.lossy();
    if name != "cpython" {
        let [a, b, c] = identity.implementation_version;
        let name = match name.as_str() {
            "pypy" => "PyPy",
            "graalpy" => "GraalPy",
            other => other,
        };
        let why = format!("it is {name} {a}.{b}.{c} (Python {major}.{minor}), not CPython");
        return Err(Refusal::NotCPython(why));
    }
    let small = |number: u16| u8::try_from(number).ok();
    match (small(major), small(minor), small(micro)) {
        (Some(x), Some(y), Some(z)) if [major, minor] >= MINIMUM => Ok((x, y, z)),
        _ => Err(Refusal::TooOld(format!(
            "Python {major}.{minor}.{micro} is too old: libemb needs CPython {}.{} or newer",
            MINIMUM[0], MINIMUM[1]
        ))),
    }
}

fn interpreter(
    version: (u8, u8, u8),
    identity: &Identity,
    details: &Details,
    libpython: PathBuf,
) -> Interpreter {
    let (prefix, base_prefix) = (details.prefix.path(), details.base_prefix.path());
    Interpreter {
        executable: details.executable.path(),
        base_executable: details.base_executable.path(),
        runs_on_libpython: details.mapped.iter().any(|text| text.path() == libpython),
        libpython,
        version,
        version_text: identity.version_text.lossy(),
        venv: prefix != base_prefix,
        conda: base_prefix.join("conda-meta").is_dir(),
        prefix,
        base_prefix,
        exec_prefix: details.exec_prefix.path(),
        stdlib: details.stdlib.path(),
        packages: details.packages.path(),
        search_path: details.search_path.iter().map(|text| text.path()).collect(),
        enable_shared: details.enable_shared,
        free_threaded: details.free_threaded,
        debug_build: details.debug_build,
        abiflags: details.abiflags.lossy(),
        machine: details.machine.lossy(),
    }
}

/// JSON has no place for the bytes of a path that is not UTF-8.
fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
