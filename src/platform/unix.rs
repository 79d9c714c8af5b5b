//! What POSIX has, for the implementations of all Unix systems.

pub(super) mod signals;

use std::ffi::{CStr, CString, OsStr, OsString, c_void};
use std::fs::{self, File, Metadata};
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::ptr::{self, NonNull};

use super::Hook;

/// # Safety
/// The handle is open.
pub(super) unsafe fn symbol(handle: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { libc::dlsym(handle, name.as_ptr()) }
}

pub(super) fn address_space() -> u64 {
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    // SAFETY: the call fills the limit unless it fails; what is not limited has the highest number.
    unsafe {
        match libc::getrlimit(libc::RLIMIT_AS, limit.as_mut_ptr()) {
            0 => limit.assume_init().rlim_cur,
            _ => u64::MAX,
        }
    }
}

pub(super) fn reserve(bytes: usize) -> Option<NonNull<c_void>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping, wherever there is room.
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_READ, flags, -1, 0) };
    NonNull::new(start).filter(|_| start != libc::MAP_FAILED)
}

/// # Safety
/// `reserve` has given it.
pub(super) unsafe fn open(start: *mut c_void, bytes: usize) -> bool {
    // SAFETY: the caller's promise: a private mapping, where whoever reads still may.
    unsafe { libc::mprotect(start, bytes, libc::PROT_READ | libc::PROT_WRITE) == 0 }
}

pub(super) fn at_fork(before: Hook, in_parent: Hook, in_child: Hook) {
    // SAFETY: a plain registration of functions of this library, which stays loaded.
    unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}

pub(super) fn at_exit(function: extern "C" fn()) {
    // SAFETY: a function of this library, which is never unloaded.
    unsafe { libc::atexit(function) };
}

/// A locale that is not installed is as good as C.
pub(super) fn locale_is_c() -> bool {
    // SAFETY: a name that stands for the environment's; what is made is freed.
    let installed = unsafe {
        let locale = libc::newlocale(libc::LC_CTYPE_MASK, c"".as_ptr(), ptr::null_mut());
        if !locale.is_null() {
            libc::freelocale(locale);
        }
        !locale.is_null()
    };
    if !installed {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    locale.is_none_or(|locale| locale == "C" || locale == "POSIX")
}

pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(buffer, offset)
}

pub(super) fn lead_group(command: &mut Command) {
    command.process_group(0);
}

pub(super) fn kill_group(child: u32) {
    if let Ok(group) = libc::pid_t::try_from(child) {
        // SAFETY: kill takes no pointer. Nobody has waited for the child, so the number has not
        // been given to anybody else.
        unsafe { libc::kill(-group, libc::SIGKILL) };
    }
}

pub(super) fn c_text(text: &OsStr) -> Option<CString> {
    CString::new(text.as_bytes()).ok()
}

pub(super) fn text_of(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

pub(super) fn is_program(file: &Metadata) -> bool {
    file.is_file() && file.permissions().mode() & 0o111 != 0
}

pub(super) fn distrust(folder: &Path, file: &Path) -> Option<String> {
    let (folder, file) = (fs::metadata(folder).ok()?, fs::symlink_metadata(file).ok()?);
    // SAFETY: geteuid has no preconditions and cannot fail.
    let own = unsafe { libc::geteuid() };
    let strange = folder.mode() & 0o002 != 0 && file.uid() != own && file.uid() != 0;
    strange.then(|| {
        format!(
            "it belongs to another user (number {}), and everybody may write into its folder",
            file.uid()
        )
    })
}
