//! Runs a program with a limit on its time and on its output, whatever the host has
//! done to its signals.
//!
//! The output goes to files without a name and not to pipes: nobody has to read while the child
//! writes, so there is no thread to leave behind and no way to block. The end of the
//! child is found by asking now and then. Waiting for SIGCHLD would mean to install a
//! handler in a process that is not ours.
//!
//! [`Command`] empties the child's signal mask by itself. A SIGCHLD that the host ignores
//! stays ignored in the child: CPython and the shells that wrappers are written in do not
//! mind. Resetting it takes `pre_exec`, which makes the standard library fork, and that
//! path panics when an exec fails and there is no status to collect.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::platform::{Os, Platform};

/// What a child may use up before it is killed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub time: Duration,
    /// Bytes on each of its two outputs.
    pub output: u64,
    /// Its errors are this process's, and so are the signals from the terminal.
    pub aloud: bool,
}

/// How the child ended.
#[derive(Debug)]
pub(super) enum End {
    Exited(ExitStatus),
    /// It is gone, and the host's SIGCHLD setting or another waiter took its status.
    Unknown,
    TimedOut,
    Flooded,
}

/// What a child left.
#[derive(Debug)]
pub(super) struct Outcome {
    pub end: End,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

const PAUSE: Duration = Duration::from_millis(2);
/// A killed process that is stuck in the kernel is left to whoever reaps it.
const GRACE: Duration = Duration::from_secs(1);

/// Runs `program` with `arguments` in this process's environment, without input.
///
/// # Errors
/// When it cannot be started at all.
pub(super) fn run(program: &Path, arguments: &[&str], limits: Limits) -> io::Result<Outcome> {
    let stdout = Os::nameless_file()?;
    let stderr = Os::nameless_file()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(stdout.try_clone()?);
    if !limits.aloud {
        // A group of its own, so that what a wrapper script started dies with it.
        Os::lead_group(command.stderr(stderr.try_clone()?));
    }
    let mut child = command.spawn()?;
    let end = watch(&mut child, limits, [&stdout, &stderr])?;
    Ok(Outcome {
        end,
        stdout: tail(&stdout, limits.output)?,
        stderr: tail(&stderr, limits.output)?,
    })
}

fn watch(child: &mut Child, limits: Limits, outputs: [&File; 2]) -> io::Result<End> {
    let start = Instant::now();
    loop {
        if let Some(end) = ended(child) {
            return Ok(end);
        }
        let mut flooded = false;
        for output in outputs {
            flooded |= output.metadata()?.len() > limits.output;
        }
        if flooded || start.elapsed() > limits.time {
            kill(child);
            return Ok(if flooded { End::Flooded } else { End::TimedOut });
        }
        thread::sleep(PAUSE);
    }
}

fn ended(child: &mut Child) -> Option<End> {
    match child.try_wait() {
        Ok(None) => None,
        Ok(Some(status)) => Some(End::Exited(status)),
        // ECHILD: the kernel or another thread of the host has reaped it.
        Err(_) => Some(End::Unknown),
    }
}

/// Kills the child and its group, and collects the child.
fn kill(child: &mut Child) {
    Os::kill_group(child.id());
    let start = Instant::now();
    while ended(child).is_none() && start.elapsed() < GRACE {
        thread::sleep(PAUSE);
    }
}

/// The last `limit` bytes. By position: the offset is shared with the child's descriptor.
fn tail(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    let kept = length.min(limit);
    let mut bytes = vec![0; usize::try_from(kept).unwrap_or(0)];
    Os::read_at(file, &mut bytes, length - kept)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SHORT: Limits = Limits {
        time: Duration::from_millis(400),
        output: 64 * 1024,
        aloud: false,
    };

    fn sh(script: &str, limits: Limits) -> Outcome {
        run(Path::new("/bin/sh"), &["-c", script], limits).unwrap()
    }

    #[test]
    fn both_outputs_and_the_status_arrive() {
        let long = Limits {
            time: Duration::from_secs(20),
            ..SHORT
        };
        let outcome = sh("echo out; echo err >&2; exit 3", long);
        assert_eq!(outcome.stdout, b"out\n");
        assert_eq!(outcome.stderr, b"err\n");
        assert!(matches!(outcome.end, End::Exited(status) if status.code() == Some(3)));
    }

    #[test]
    fn a_hang_ends_with_everything_it_started() {
        let start = Instant::now();
        let outcome = sh("echo $$; sleep 30 & sleep 30", SHORT);
        assert!(matches!(outcome.end, End::TimedOut));
        assert!(start.elapsed() < Duration::from_secs(5));
        let group = String::from_utf8(outcome.stdout).unwrap();
        let gone = (0..100).any(|_| {
            thread::sleep(Duration::from_millis(20));
            !alive(group.trim())
        });
        assert!(gone);
    }

    /// Whether a process of `group` runs. Dead ones stay listed until somebody reaps them.
    fn alive(group: &str) -> bool {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok())
            .any(|stat| {
                // After the name: state, parent, group.
                let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
                fields[2] == group && fields[0] != "Z"
            })
    }

    #[test]
    fn endless_output_is_cut() {
        let long = Limits {
            time: Duration::from_secs(20),
            ..SHORT
        };
        let outcome = sh("while :; do echo yes yes yes yes yes yes; done", long);
        assert!(matches!(outcome.end, End::Flooded));
        assert!(outcome.stdout.len() as u64 <= SHORT.output);
    }

    #[test]
    fn what_cannot_be_started_is_an_error() {
        assert!(run(Path::new("/no/such/program"), &[], SHORT).is_err());
    }
}
