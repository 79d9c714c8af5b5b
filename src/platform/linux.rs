//! Linux, with ELF objects and a loader that does what glibc's does.

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!(
    "libemb knows ELF on x86-64 and AArch64 only: see elf, stub and intercept in src/platform/linux/clash"
);

mod binary;
mod clash;
mod memory;
#[cfg(target_arch = "x86_64")]
mod slot;

use std::cell::Cell;
use std::ffi::{CStr, CString, OsStr, OsString, c_int, c_void};
use std::fs::{File, Metadata};
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;
use std::process::Command;
use std::ptr::{self, NonNull};

#[cfg(not(target_arch = "x86_64"))]
use super::slot;
use super::unix;
use super::{Hook, Loaded, Platform, Twice};

#[cfg(test)]
pub(crate) use clash::small_library;

pub(crate) struct Linux;

impl Platform for Linux {
    type ThreadNumber = libc::pid_t;
    type Signals = unix::signals::Signals;
    type Handler = unix::signals::Handler;

    fn check_library(path: &Path, version: (u8, u8)) -> Result<(), String> {
        binary::check_library(path, version)
    }

    fn check_program(path: &Path) -> Result<(), String> {
        binary::check_program(path)
    }

    fn load(libpython: &Path, required: &[&str]) -> Result<Loaded, String> {
        clash::load(libpython, required).map_err(|error| error.to_string())
    }

    fn running_python() -> Option<*mut c_void> {
        clash::running_python()
    }

    unsafe fn symbol(handle: *mut c_void, name: &CStr) -> *mut c_void {
        // SAFETY: the caller's promise.
        unsafe { unix::symbol(handle, name) }
    }

    fn size_of_variable(address: *const c_void) -> Option<usize> {
        const RTLD_DL_SYMENT: i32 = 1;
        let mut information = MaybeUninit::<libc::Dl_info>::uninit();
        let mut symbol: *const libc::Elf64_Sym = ptr::null();
        // SAFETY: both variables are there to be filled; the symbol is the loader's own, and stays.
        unsafe {
            let found = libc::dladdr1(
                address,
                information.as_mut_ptr(),
                (&raw mut symbol).cast(),
                RTLD_DL_SYMENT,
            );
            let symbol = symbol.as_ref().filter(|_| found != 0)?;
            let is_this = information.assume_init().dli_saddr.cast_const() == address;
            usize::try_from(symbol.st_size).ok().filter(|_| is_this)
        }
    }

    fn extensions_bound() -> usize {
        clash::extensions_bound()
    }

    fn loaded_twice() -> Vec<Twice> {
        clash::loaded_twice()
    }

    #[inline]
    fn address_space() -> u64 {
        unix::address_space()
    }

    fn reserve(bytes: usize) -> Option<NonNull<c_void>> {
        unix::reserve(bytes)
    }

    unsafe fn open(start: *mut c_void, bytes: usize) -> bool {
        // SAFETY: the caller's promise.
        unsafe { unix::open(start, bytes) }
    }

    fn thread_slot<'a>() -> &'a Cell<*const c_void> {
        slot::of_thread()
    }

    fn thread_number() -> libc::pid_t {
        // SAFETY: always succeeds.
        unsafe { libc::gettid() }
    }

    fn has_ended(thread: libc::pid_t) -> bool {
        // SAFETY: signal 0 is not sent; the call only says whether there is such a thread.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, 0) != 0 }
    }

    fn at_fork(before: Hook, in_parent: Hook, in_child: Hook) {
        unix::at_fork(before, in_parent, in_child);
    }

    fn at_exit(function: extern "C" fn()) {
        unix::at_exit(function);
    }

    fn libraries_loaded() -> u64 {
        unsafe extern "C" fn first(
            info: *mut libc::dl_phdr_info,
            _: usize,
            count: *mut c_void,
        ) -> c_int {
            // SAFETY: glibc passes a valid record, and `count` is the variable below.
            unsafe { *count.cast::<u64>() = (*info).dlpi_adds };
            1
        }
        let mut count = 0_u64;
        // SAFETY: the callback writes to `count`, which outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(first), (&raw mut count).cast()) };
        count
    }

    fn locale_is_c() -> bool {
        unix::locale_is_c()
    }

    fn save_signals() -> Self::Signals {
        unix::signals::Signals::save()
    }

    fn restore_signals(signals: Self::Signals) {
        signals.restore();
    }

    fn handler_of_host(number: i32) -> Option<Self::Handler> {
        unix::signals::handler_of_host(number)
    }

    fn share_signal(number: i32, host: Self::Handler) {
        unix::signals::share(number, host);
    }

    fn nameless_file() -> io::Result<File> {
        memory::nameless(c"libemb")
    }

    fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        unix::read_at(file, buffer, offset)
    }

    fn lead_group(command: &mut Command) {
        unix::lead_group(command);
    }

    fn kill_group(child: u32) {
        unix::kill_group(child);
    }

    fn c_text(text: &OsStr) -> Option<CString> {
        unix::c_text(text)
    }

    fn text_of(bytes: Vec<u8>) -> OsString {
        unix::text_of(bytes)
    }

    fn is_program(file: &Metadata) -> bool {
        unix::is_program(file)
    }

    fn distrust(folder: &Path, file: &Path) -> Option<String> {
        unix::distrust(folder, file)
    }
}
