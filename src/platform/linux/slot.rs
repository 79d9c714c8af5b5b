//! The thread's slot on x86-64.
//!
//! A library's thread-local variables are reached by a call, and of the two calls that the x86-64 ABI
//! knows, Rust takes the slower one, `__tls_get_addr`. The other, by a TLS descriptor (which is what
//! aarch64 always does), is two instructions where the loader had room for the variable beside the
//! thread's own, and right wherever it is.

use std::cell::Cell;
use std::ffi::c_void;

type Slot = Cell<*const c_void>;

/// What the other `slot` has as a variable of Rust.
#[inline]
pub(super) fn of_thread<'a>() -> &'a Slot {
    let slot: *const Slot;
    // SAFETY: the sequence that the ABI prescribes for a variable in thread-local memory, which is
    // zeroed there, so a null pointer. It has no effect that could be seen, and leaves all registers
    // as they are but for these (the vector registers because a loader may have forgotten them).
    unsafe {
        std::arch::asm!(
            "leaq emb_private_thread@tlsdesc(%rip), %rax",
            "call *emb_private_thread@tlscall(%rax)",
            "addq %fs:0, %rax",
            out("rax") slot,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(att_syntax, pure, nomem),
        );
        &*slot
    }
}

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
