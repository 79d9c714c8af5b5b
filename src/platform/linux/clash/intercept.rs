//! The `dlopen` that libpython and the extensions call.
//!
//! The loader looks at the return address to know who calls: the caller's RUNPATH is one of
//! the places where it seeks a library. So a call that is none of our business must reach
//! the real function as if we had never been there, with the same registers and the same
//! return address. A Rust function cannot end in such a jump; a naked one can. Debuggers
//! and profilers find their way through it by the `.cfi` lines.

use std::arch::naked_asm;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::copies;
use super::extension::{self, Python};
use super::file;

/// What `decide` tells the wrapper, in two registers.
#[repr(C)]
struct Decision {
    /// 0: jump to `value`, the real `dlopen`. 1: return `value`, a handle.
    answered: usize,
    value: usize,
}

/// Stands in for `dlopen` in all that is loaded through us.
///
/// # Safety
///
/// As for `dlopen`.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn dlopen(file: *const c_char, mode: c_int) -> *mut c_void {
    naked_asm!(
        ".cfi_startproc",
        "endbr64",
        "push rdi",
        "push rsi",
        "sub rsp, 8", // aligns the stack to 16 bytes for the call
        ".cfi_adjust_cfa_offset 24",
        "mov rdx, [rsp + 24]",
        "call {decide}",
        "add rsp, 8",
        "pop rsi",
        "pop rdi",
        ".cfi_adjust_cfa_offset -24",
        "test rax, rax",
        "jnz 2f",
        "jmp rdx",
        "2:",
        "mov rax, rdx",
        "ret",
        ".cfi_endproc",
        decide = sym decide,
    )
}

/// Stands in for `dlopen` in all that is loaded through us.
///
/// # Safety
///
/// As for `dlopen`.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub unsafe extern "C" fn dlopen(file: *const c_char, mode: c_int) -> *mut c_void {
    naked_asm!(
        ".cfi_startproc",
        "hint #34", // bti c
        "stp x29, x30, [sp, #-32]!",
        ".cfi_def_cfa_offset 32",
        ".cfi_offset x29, -32",
        ".cfi_offset x30, -24",
        "mov x29, sp",
        "stp x0, x1, [sp, #16]",
        "mov x2, x30",
        "bl {decide}",
        "cbnz x0, 2f",
        "mov x16, x1",
        "ldp x0, x1, [sp, #16]",
        "ldp x29, x30, [sp], #32",
        "br x16",
        "2:",
        "mov x0, x1",
        "ldp x29, x30, [sp], #32",
        "ret",
        ".cfi_endproc",
        decide = sym decide,
    )
}

unsafe extern "C" fn decide(file: *const c_char, mode: c_int, caller: *const c_void) -> Decision {
    // SAFETY: errno is the calling thread's own.
    let errno = unsafe { *libc::__errno_location() };
    // A panic cannot pass the caller's frames, which are C; the real function can answer.
    // SAFETY: `file` is what a caller of dlopen passed: null, or NUL-terminated.
    let answer = catch_unwind(AssertUnwindSafe(|| unsafe { answer(file, mode, caller) }));
    match answer.unwrap_or(None) {
        Some(handle) => Decision {
            answered: 1,
            value: handle as usize,
        },
        None => {
            // SAFETY: as above.
            unsafe { *libc::__errno_location() = errno };
            Decision {
                answered: 0,
                value: libc::dlopen as *const () as usize,
            }
        }
    }
}

/// The handle, if this load concerns Python: any that libpython asks for, which are
/// extension modules, and any of a library that takes Python's API from elsewhere.
///
/// A name without a slash is left to the loader, which alone knows where it would look.
///
/// # Safety
///
/// `file` must be null or NUL-terminated.
unsafe fn answer(file: *const c_char, mode: c_int, caller: *const c_void) -> Option<*mut c_void> {
    let python = Python::get()?;
    let from_python = python.span.contains(&(caller as usize));
    if file.is_null() {
        return (from_python || is_ctypes(caller)).then(|| python.reopen());
    }
    // SAFETY: NUL-terminated by contract.
    let path = unsafe { CStr::from_ptr(file) };
    let bytes = path.to_bytes();
    if !bytes.contains(&b'/') || mentions_origin(bytes) {
        return None;
    }
    if !from_python && !file::uses_python(Path::new(OsStr::from_bytes(bytes))) {
        return None;
    }
    extension::open(python, path, mode)
}

/// Whether the path is relative to its caller's folder, which is not ours.
fn mentions_origin(path: &[u8]) -> bool {
    [&b"$ORIGIN"[..], b"${ORIGIN}"]
        .iter()
        .any(|token| path.windows(token.len()).any(|window| window == *token))
}

/// Whether the caller is the module `_ctypes`, which opens the null name to get Python's
/// own API as `ctypes.pythonapi`.
fn is_ctypes(caller: *const c_void) -> bool {
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: any address may be asked about; the record is read only if it was filled in.
    unsafe {
        if libc::dladdr(caller, info.as_mut_ptr()) == 0 {
            return false;
        }
        let name = info.assume_init().dli_fname;
        if name.is_null() {
            return false;
        }
        let path = copies::original(CStr::from_ptr(name));
        let path = path.to_bytes();
        path.rsplit(|byte| *byte == b'/')
            .next()
            .is_some_and(|file| file.starts_with(b"_ctypes."))
    }
}
