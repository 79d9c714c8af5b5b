//! The embedded CPython: found, loaded, started and used. Nothing in here knows the C ABI.

pub(crate) mod array;
pub(crate) mod buffer;
pub(crate) mod clash;
pub(crate) mod deferred;
pub(crate) mod dtype;
pub(crate) mod exit;
pub(crate) mod ffi;
pub(crate) mod find;
pub(crate) mod function;
pub(crate) mod gil;
pub(crate) mod holder;
pub(crate) mod late;
pub(crate) mod make;
pub(crate) mod names;
pub(crate) mod numbers;
pub(crate) mod numpy;
pub(crate) mod object;
pub(crate) mod probe;
pub(crate) mod protocol;
pub(crate) mod raise;
pub(crate) mod release;
pub(crate) mod runtime;
pub(crate) mod signals;
pub(crate) mod source;
pub(crate) mod start;
pub(crate) mod symbols;
