//! Where the calling thread keeps the pointer to its record.
//!
//! Every operation begins by reading it. A library's thread-local variables are reached by a call,
//! and of the two calls that the x86-64 ABI knows, Rust takes the slower one, `__tls_get_addr`. The
//! other, by a TLS descriptor (which is what aarch64 always does), is two instructions where the
//! loader had room for the variable beside the thread's own, and right wherever it is.

use std::cell::Cell;

use super::Thread;

type Place = Cell<*const Thread>;

/// The place is the thread's own, and there until the thread has ended.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[inline]
pub(super) fn of_thread<'a>() -> &'a Place {
    let place: *const Place;
    // SAFETY: the sequence that the ABI prescribes for a variable in thread-local memory, which is
    // zeroed there, so a null pointer. It has no effect that could be seen, and leaves all registers
    // as they are but for these (the vector registers because a loader may have forgotten them).
    unsafe {
        std::arch::asm!(
            "leaq emb_private_thread@tlsdesc(%rip), %rax",
            "call *emb_private_thread@tlscall(%rax)",
            "addq %fs:0, %rax",
            out("rax") place,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(att_syntax, pure, nomem),
        );
        &*place
    }
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
std::arch::global_asm!(
    ".section .tbss.emb_private_thread, \"awT\", @nobits",
    ".globl emb_private_thread",
    ".hidden emb_private_thread",
    ".type emb_private_thread, @object",
    ".size emb_private_thread, 8",
    ".balign 8",
    "emb_private_thread:",
    ".zero 8",
    ".previous",
);

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[inline]
pub(super) fn of_thread<'a>() -> &'a Place {
    thread_local! {
        /// A plain pointer has no destructor, so it can be read at any moment of the thread's life.
        static PLACE: Place = const { Cell::new(std::ptr::null()) };
    }
    // SAFETY: without a destructor the variable is there until the thread has ended.
    PLACE.with(|place| unsafe { &*std::ptr::from_ref(place) })
}
