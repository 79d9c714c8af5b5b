//! What `EMB_DEBUG=1` shows: each step from the search to the running Python, on stderr.

use std::env;
use std::io::Write;

/// Says a step. The text is made only where it is wanted.
pub(crate) fn say(what: impl FnOnce() -> String) {
    if !wanted() {
        return;
    }
    let text = what();
    let mut lines = String::new();
    for line in text.lines() {
        lines += &format!("libemb: {line}\n");
    }
    // In one piece, so that threads do not mix; a host without stderr is no error.
    let _ = std::io::stderr().write_all(lines.as_bytes());
}

/// Asked anew each time: a host may set it before it starts Python.
fn wanted() -> bool {
    env::var_os("EMB_DEBUG").is_some_and(|value| !value.is_empty() && value != "0")
}
