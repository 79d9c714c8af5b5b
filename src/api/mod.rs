//! The C ABI, one file for each noun. Functions here check what they were given, do one thing
//! with Python, and hand out the result; `boundary` has the rules they share.
//!
//! Conventions: self first, inputs, options, outputs last; outputs are untouched on failure.
//! What the pointers must be is each function's safety contract, in its documentation.

pub mod array;
pub mod call;
pub mod code;
pub mod error;
pub mod object;
pub mod operate;
pub mod runtime;
pub mod sequence;
pub mod thread;
