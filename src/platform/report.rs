//! What was found and done at the load.

use std::ffi::c_void;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use serde::Serialize;

/// A libpython in this process.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// For `Platform::symbol`. Never closed.
    pub handle: *mut c_void,
    /// What was found and done.
    pub report: Report,
}

/// A library that is loaded more than once, and the files it was loaded from.
#[derive(Debug, Serialize)]
pub(crate) struct Twice {
    pub library: String,
    pub files: Vec<String>,
}

/// How names that the host exports too were kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// There are none, or we were told not to care: libpython is in the global scope.
    Global,
    /// Stubs put libpython before the global scope.
    Stub,
    /// The slots of libpython and of the extensions are corrected after each load.
    Mend,
}

/// What was found and done.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// How the names were kept apart.
    pub method: Method,
    /// The library is a program, a static python, of which a copy was loaded.
    pub program: bool,
    /// The names that libpython and the host both export, sorted.
    pub names: Vec<String>,
    /// The objects of the process that export them.
    pub hosts: Vec<PathBuf>,
    /// Functions of libraries that extension modules are linked with, and that the program
    /// itself exports.
    pub libraries: Vec<String>,
}

/// Of the names that clash, as many are shown to people.
const NAMES_SHOWN: usize = 5;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.program {
            writeln!(f, "It is linked statically: a copy in memory is loaded.")?;
        }
        if !self.libraries.is_empty() {
            let names = self.libraries.join(", ");
            writeln!(
                f,
                "The program itself exports functions of libraries: {names}."
            )?;
        }
        if self.names.is_empty() {
            return write!(f, "No name of libpython clashes with the host.");
        }
        let hosts: Vec<_> = self
            .hosts
            .iter()
            .map(|host| host.display().to_string())
            .collect();
        let how = match self.method {
            Method::Global => "left as they are, as EMB_CLASH asks",
            Method::Stub => {
                "libpython and its extension modules are loaded behind stubs that put libpython first"
            }
            Method::Mend => {
                "the slots of libpython and its extension modules were mended after loading"
            }
        };
        writeln!(
            f,
            "{} names clash with {}: {how}.",
            self.names.len(),
            hosts.join(", ")
        )?;
        let (some, more) = self.names.split_at(self.names.len().min(NAMES_SHOWN));
        let more = if more.is_empty() { "" } else { " …" };
        write!(f, "  such as {}{more}", some.join(", "))
    }
}
