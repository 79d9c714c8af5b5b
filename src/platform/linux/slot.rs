//! The thread's slot on x86-64.
//!
//! A library's thread-local variables are reached by a call, and of the two calls that the x86-64 ABI
//! knows, Rust takes the slower one, `__tls_get_addr`. The other, by a TLS descriptor (which is what
//! aarch64 always does), is right wherever the variable is, and says whether that is the same distance
//! from the thread's own memory in all threads, as it is where the loader had room there: then no later
//! one has to call anything. A variable that can only be there would have the loader refuse the library
//! where it has no such room left.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

type Slot = Cell<*const c_void>;

/// The distance from `%fs:0`, where it is the same in all threads; 0 where that is not known.
static DISTANCE: AtomicIsize = AtomicIsize::new(0);

/// What the other `slot` has as a variable of Rust.
#[inline(always)]
pub(super) fn of_thread<'a>() -> &'a Slot {
    let distance = DISTANCE.load(Relaxed);
    if distance == 0 {
        return asked();
    }
    at(distance)
}

#[inline(always)]
fn at<'a>(distance: isize) -> &'a Slot {
    let slot: *const Slot;
    // SAFETY: the x86-64 ABI has the address of the thread's own memory stand there.
    unsafe {
        std::arch::asm!(
            "addq %fs:0, {}",
            inout(reg) distance => slot,
            options(att_syntax, pure, nomem, nostack),
        );
        &*slot
    }
}

#[cold]
#[inline(never)]
fn asked<'a>() -> &'a Slot {
    let (descriptor, distance): (isize, isize);
    // SAFETY: the sequence that the ABI prescribes for a variable in thread-local memory, which is
    // zeroed there, so a null pointer. It has no effect that could be seen, and leaves all registers
    // as they are but for these (the vector registers because a loader may have forgotten them).
    unsafe {
        std::arch::asm!(
            "leaq emb_private_thread@tlsdesc(%rip), %rax",
            "movq %rax, {}",
            "call *emb_private_thread@tlscall(%rax)",
            out(reg) descriptor,
            out("rax") distance,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(att_syntax, pure, nomem),
        );
    }
    // In a program a linker puts the distance itself into the place of the descriptor. In a library
    // the descriptor's second word is what its function takes, and the distance where it is fixed.
    // SAFETY: where it is no distance, it is the address of a descriptor.
    if descriptor == distance || unsafe { *(descriptor as *const isize).add(1) } == distance {
        DISTANCE.store(distance, Relaxed);
    }
    at(distance)
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
