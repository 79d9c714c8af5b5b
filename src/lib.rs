//! libemb: CPython, with every package that exists only for CPython, inside any process that
//! can call C.
//!
//! One shared library with a stable C ABI and no link-time Python: it finds a CPython at run
//! time, loads it beside whatever the host is (even one that exports Python's own names, as
//! PyPy does), and gives the host objects, calls, exceptions, and arrays that both sides see
//! without a copy. The C side of the documentation is `include/emb.h`.
//!
//! The crate in reading order, which is also the order of dependency:
//!
//! - [`status`]: the codes every function returns.
//! - [`value`]: the 16-byte tagged values that cross the boundary.
//! - `platform`: what is different on each operating system, loading a library that clashes with the
//!   host's among it.
//! - `python`: the embedded CPython, with no C ABI in it: found (`find`, `probe`), loaded (`symbols`),
//!   started (`start`, `runtime`), and used (`gil`, `object`, ...).
//! - `attention`: the word that says whether an operation has to see to more than its work.
//! - [`handle`]: the table that turns Python objects into numbers a host can hold.
//! - `thread`: what libemb remembers for each host thread, the pending error among it.
//! - `convert`, `answer`, [`results`]: values into objects, objects into values, and the memory that
//!   results point into.
//! - `boundary`, with `macros`: the only code that touches the host's raw pointers; the panic guard.
//! - [`api`]: the C ABI, one file for each noun.
//! - [`command`]: the command `emb`, which tells what is found and runs programs with it.

// In the order in which the header presents what they declare.

pub mod status;

pub mod handle;

pub mod value;

pub mod results;

#[macro_use]
mod macros;

mod boundary;

pub mod api;

pub mod command;

mod answer;
mod attention;
mod convert;
mod doctor;
mod failure;
mod hosted;
mod lent;
mod platform;
mod python;
mod thread;
mod watched;
