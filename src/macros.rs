//! The checks of `boundary`, as the exported functions write them: each names the argument that it
//! checks, so that an error says which one was wrong.
//!
//! The exported functions are `unsafe extern "C"`: their documentation says what each pointer must
//! be. The macros rest on that promise.

macro_rules! text {
    ($pointer:ident, $length:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::text($pointer, $length, stringify!($pointer)) }
    };
}

macro_rules! name {
    ($pointer:ident, $length:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::name($pointer, $length, stringify!($pointer)) }
    };
}

macro_rules! optional_name {
    ($pointer:ident, $length:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::optional_name($pointer, $length, stringify!($pointer)) }
    };
}

macro_rules! optional_text {
    ($pointer:ident, $length:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::optional_text($pointer, $length, stringify!($pointer)) }
    };
}

macro_rules! read {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::read($pointer, stringify!($pointer)) }
    };
}

macro_rules! optional {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::optional($pointer, stringify!($pointer)) }
    };
}

macro_rules! slice {
    ($pointer:ident, $length:expr) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::slice($pointer, $length, stringify!($pointer)) }
    };
}

macro_rules! out {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::Out::new($pointer, stringify!($pointer)) }
    };
}

macro_rules! room {
    ($pointer:ident, $capacity:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::room($pointer, $capacity, stringify!($pointer)) }
    };
}

macro_rules! answer {
    ($pointer:ident, $flags:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::Out::optional($pointer, stringify!($pointer)) }
            .and_then(|out| crate::answer::Answer::new(out, $flags))
    };
}

macro_rules! read_sized {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::sized::read($pointer, stringify!($pointer)) }
    };
}

macro_rules! fill {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::sized::Fill::new($pointer, stringify!($pointer)) }
    };
}

macro_rules! usual_out {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::Out::usual($pointer) }
    };
}

macro_rules! usual_name {
    ($pointer:ident, $length:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::usual_name($pointer, $length) }
    };
}

macro_rules! usual_slice {
    ($pointer:ident, $length:expr, $most:expr) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::usual_slice($pointer, $length, $most) }
    };
}

macro_rules! usual_answer {
    ($pointer:ident, $flags:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::Out::usual_optional($pointer) }
            .and_then(|out| crate::answer::Answer::usual(out, $flags))
    };
}

macro_rules! usual_fill {
    ($pointer:ident) => {
        // SAFETY: the host's promise, as the header states it.
        unsafe { crate::boundary::sized::Fill::usual($pointer) }
    };
}
