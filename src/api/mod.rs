//! The C ABI, one file for each noun. Functions here check what they were given, do one thing
//! with Python, and hand out the result; `boundary` has the rules they share.
//!
//! Conventions: self first, inputs, options, outputs last; outputs are untouched on failure.
//! What the pointers must be is each function's safety contract, in its documentation.

// In the order of the header, which reads from top to bottom.

pub mod runtime;

pub mod require;

pub mod error;

pub mod code;

pub mod object;

pub mod identity;

pub mod describe;

pub mod sequence;

pub mod bulk;

pub mod context;

pub mod operate;

pub mod call;

pub mod method;

pub mod release;

pub mod array;

pub mod view;

pub mod dlpack;

pub mod exchange;

pub mod callback;

pub mod class;

pub mod thread;

pub mod signal;

pub mod stream;
