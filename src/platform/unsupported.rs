//! A system that libemb does not run on yet. It compiles there, and says so where a Python would be
//! loaded; what is in here is what an implementation for that system begins with.

use std::cell::Cell;
use std::ffi::{CStr, CString, OsStr, OsString, c_void};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Command;
use std::ptr::{self, NonNull};

use super::{Hook, Loaded, Platform, Twice};

const WHY: &str = "libemb runs on Linux only: on this system it can load no Python";

pub(crate) struct Unsupported;

impl Platform for Unsupported {
    type ThreadNumber = u64;
    type Signals = ();
    type Handler = ();

    fn check_library(_: &Path, _: (u8, u8)) -> Result<(), String> {
        Err(format!("cannot be loaded ({WHY})"))
    }

    fn check_program(_: &Path) -> Result<(), String> {
        Err(format!("cannot be loaded ({WHY})"))
    }

    fn load(_: &Path, _: &[&str]) -> Result<Loaded, String> {
        Err(WHY.into())
    }

    fn running_python() -> Option<*mut c_void> {
        None
    }

    unsafe fn symbol(_: *mut c_void, _: &CStr) -> *mut c_void {
        ptr::null_mut()
    }

    fn size_of_variable(_: *const c_void) -> Option<usize> {
        None
    }

    fn extensions_bound() -> usize {
        0
    }

    fn loaded_twice() -> Vec<Twice> {
        Vec::new()
    }

    fn address_space() -> u64 {
        u64::MAX
    }

    fn reserve(_: usize) -> Option<NonNull<c_void>> {
        None
    }

    unsafe fn open(_: *mut c_void, _: usize) -> bool {
        false
    }

    fn thread_slot<'a>() -> &'a Cell<*const c_void> {
        super::slot::of_thread()
    }

    fn thread_number() -> u64 {
        0
    }

    fn has_ended(_: u64) -> bool {
        true
    }

    fn at_fork(_: Hook, _: Hook, _: Hook) {}

    fn at_exit(_: extern "C" fn()) {}

    fn libraries_loaded() -> u64 {
        0
    }

    fn locale_is_c() -> bool {
        false
    }

    fn save_signals() {}

    fn restore_signals((): ()) {}

    fn handler_of_host(_: i32) -> Option<()> {
        None
    }

    fn share_signal(_: i32, (): ()) {}

    fn nameless_file() -> io::Result<File> {
        Err(io::Error::new(io::ErrorKind::Unsupported, WHY))
    }

    fn read_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }

    fn lead_group(_: &mut Command) {}

    fn kill_group(_: u32) {}

    fn c_text(text: &OsStr) -> Option<CString> {
        CString::new(text.to_str()?).ok()
    }

    fn text_of(bytes: Vec<u8>) -> OsString {
        String::from_utf8_lossy(&bytes).into_owned().into()
    }

    fn is_program(file: &Metadata) -> bool {
        file.is_file()
    }

    fn distrust(_: &Path, _: &Path) -> Option<String> {
        None
    }
}
