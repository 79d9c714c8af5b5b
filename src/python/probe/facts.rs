//! What the script answers, as it comes.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::de::{Deserialize, Deserializer, Error};

use crate::platform::{Os, Platform};

/// Text of any encoding. The script writes each byte as the character of that number.
#[derive(Clone, Debug, Default)]
pub(in crate::python) struct Text(OsString);

impl Text {
    pub(in crate::python) fn path(&self) -> PathBuf {
        PathBuf::from(&self.0)
    }

    pub(super) fn lossy(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let carried = String::deserialize(deserializer)?;
        let bytes: Result<Vec<u8>, _> = carried.chars().map(u8::try_from).collect();
        Ok(Self(Os::text_of(bytes.map_err(D::Error::custom)?)))
    }
}

/// What every Python tells of itself.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Identity {
    pub implementation: Text,
    pub implementation_version: [u16; 3],
    pub version: [u16; 3],
    pub version_text: Text,
}

/// What is asked of a CPython that is new enough.
#[derive(Clone, Debug, serde::Deserialize)]
pub(super) struct Details {
    pub executable: Text,
    pub base_executable: Text,
    pub prefix: Text,
    pub base_prefix: Text,
    pub exec_prefix: Text,
    pub stdlib: Text,
    pub packages: Text,
    pub search_path: Vec<Text>,
    pub config: Config,
    pub abiflags: Text,
    pub enable_shared: bool,
    pub free_threaded: bool,
    pub debug_build: bool,
    pub pointer_bits: u8,
    pub machine: Text,
    /// `sys.platform`.
    pub platform: Text,
    pub mapped: Vec<Text>,
    pub program: Text,
}

/// Variables of the build, under the names that `sysconfig` has for them.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct Config {
    pub ldlibrary: Option<Text>,
    pub instsoname: Option<Text>,
    pub libdir: Option<Text>,
    pub multiarch: Option<Text>,
    pub libpl: Option<Text>,
    pub pythonframework: Option<Text>,
    pub pythonframeworkprefix: Option<Text>,
}
