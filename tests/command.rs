//! The command `emb`: what it runs ends and prints as with the python itself, and it says what it
//! found.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Ended, host, root, run, scratch, skip};

const LIMIT: Duration = Duration::from_secs(60);

fn emb() -> Command {
    let mut command = host(Path::new(env!("CARGO_BIN_EXE_emb")), None);
    command.current_dir(scratch("command"));
    command
}

/// The pythons of this machine that the command can run: in an environment, and without one.
fn pythons() -> Vec<PathBuf> {
    let all = [
        root().join(".venv-test/bin/python3"),
        "/usr/bin/python3".into(),
    ];
    let (there, missing): (Vec<_>, Vec<_>) = all.into_iter().partition(|python| python.exists());
    for python in missing {
        skip("command", &format!("{} is missing", python.display()));
    }
    there
}

fn script(name: &str, text: &str) -> PathBuf {
    let path = scratch("command").join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Both the python and the command run with these arguments.
fn both(python: &Path, arguments: &[&str]) -> (Ended, Ended) {
    let mut native = host(python, None);
    let native = native.current_dir(scratch("command")).args(arguments);
    let mut ours = emb();
    ours.arg("run").arg("--python").arg(python).args(arguments);
    (run(native, LIMIT), run(&mut ours, LIMIT))
}

#[test]
fn programs_run_as_the_python_runs_them() {
    let facts = script(
        "facts.py",
        "import os, sys\n\
         print(__name__, __file__, sys.argv, sys.path, sys.flags, sys.prefix, sys.executable)\n\
         print(sys._base_executable, os.get_exec_path(), sys.stdout.encoding)\n\
         def fail():\n    raise ValueError('some text')\n\
         if sys.argv[1:] == ['raise']:\n    fail()\n\
         sys.exit(sys.argv[1] if len(sys.argv) == 2 else len(sys.argv))\n",
    );
    let facts = facts.to_str().unwrap();
    script(
        "module.py",
        "import sys; print(sys.argv, sys.path[0]); sys.exit(9)\n",
    );
    let expected: [(&[&str], i32); 9] = [
        (&[facts], 1),
        (&[facts, "a", "--python", "-c"], 4),
        (&[facts, "raise"], 1),
        (&[facts, "the reason"], 1),
        (&["-X", "utf8", "-W", "error", facts, "a", "b"], 3),
        (&["-m", "module", "a"], 9),
        (&["-c", "import sys; print(sys.argv); 1/0", "x"], 1),
        (&["nothing.py"], 2),
        (&["--frobnicate"], 2),
    ];
    for python in pythons() {
        for (arguments, code) in expected {
            let (native, ours) = both(&python, arguments);
            assert_eq!(ours.output, native.output, "{python:?} {arguments:?}");
            assert_eq!(ours.status, native.status, "{}", ours.describe());
            assert_eq!(
                ours.status.unwrap().code(),
                Some(code),
                "{}",
                ours.describe()
            );
        }
    }
}

#[test]
fn an_interrupt_ends_it_as_it_ends_python() {
    for python in pythons() {
        let ready = scratch("command").join("ready");
        let _ = fs::remove_file(&ready);
        let code = format!("open({ready:?}, 'w').close(); import time; time.sleep(30)");
        let mut command = emb();
        command
            .args(["run", "--python"])
            .arg(&python)
            .args(["-c", &code]);
        // What runs in the background may have been told to ignore it.
        // SAFETY: `signal` may be called between fork and exec.
        unsafe {
            command.pre_exec(|| {
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                Ok(())
            })
        };
        let child = command.stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while !ready.exists() && start.elapsed() < LIMIT {
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(Duration::from_millis(50));
        let id = i32::try_from(child.id()).unwrap();
        // SAFETY: a signal to a child that has not been waited for.
        unsafe { libc::kill(id, libc::SIGINT) };
        let (status, said) = end_of(child);
        assert_eq!(status.signal(), Some(libc::SIGINT));
        assert!(said.contains("KeyboardInterrupt"), "{said}");
    }
}

/// How a child ends, and what it said on stderr.
fn end_of(mut child: Child) -> (ExitStatus, String) {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < LIMIT, "it does not end");
        thread::sleep(Duration::from_millis(10));
    }
    let ended = child.wait_with_output().unwrap();
    (ended.status, String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn misuse_is_told() {
    let expected: [(&[&str], &str); 5] = [
        (&[], "what to do: doctor or run"),
        (&["frobnicate"], "unknown command 'frobnicate'"),
        (
            &["run", "--python"],
            "missing argument for option '--python'",
        ),
        (&["doctor", "--frob"], "invalid option '--frob'"),
        (&["doctor", "more"], "unexpected argument \"more\""),
    ];
    for (arguments, words) in expected {
        let ended = run(emb().args(arguments), LIMIT);
        let wanted = format!("emb: {words}; `emb --help` tells what there is\n");
        assert_eq!(ended.output, wanted, "{arguments:?}");
        assert_eq!(ended.status.unwrap().code(), Some(2));
    }
    let ended = run(emb().args(["run", "--python=/nowhere", "x.py"]), LIMIT);
    assert_eq!(ended.status.unwrap().code(), Some(1));
    let words = "emb: libemb has no CPython that it can load.\n  the option --python, /nowhere";
    assert!(ended.output.starts_with(words), "{}", ended.output);
}

#[test]
fn the_doctor_reports_in_text_and_json() {
    for python in pythons() {
        let mut command = emb();
        command.args(["doctor", "--json", "--python"]).arg(&python);
        let ended = run(&mut command, LIMIT);
        let report: serde_json::Value = serde_json::from_str(&ended.output).unwrap();
        assert_eq!(report["state"], "running", "{report}");
        assert_eq!(report["error"], serde_json::Value::Null);
        assert_eq!(report["python"]["executable"], python.to_str().unwrap());
        let ended = run(emb().env("EMB_PYTHON", &python).arg("doctor"), LIMIT);
        assert!(ended.succeeded(), "{}", ended.describe());
        let line = format!("{} (EMB_PYTHON): taken", python.display());
        assert!(ended.output.contains(&line), "{}", ended.output);
    }
    let ended = run(
        emb().args(["doctor", "--json", "--python", "/nowhere"]),
        LIMIT,
    );
    assert_eq!(ended.status.unwrap().code(), Some(1));
    let report: serde_json::Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!(report["state"], "idle");
    assert_eq!(report["candidates"][0]["verdict"], "refused");
    let error = report["error"].as_str().unwrap();
    assert!(
        error.starts_with("libemb has no CPython that it can load."),
        "{error}"
    );
}

#[test]
fn each_step_is_shown_on_demand() {
    let Some(python) = pythons().into_iter().next() else {
        return;
    };
    let mut command = emb();
    command.args(["doctor", "--python"]).arg(&python);
    let silent = run(&mut command, LIMIT);
    assert!(!silent.output.contains("libemb: "), "{}", silent.output);
    let spoken = run(command.env("EMB_DEBUG", "1"), LIMIT);
    let path = python.display();
    for line in [
        format!("libemb: asking {path}\n"),
        format!("libemb: the option --python, {path}\nlibemb:     taken\n"),
        "libemb: loaded /".into(),
        "libemb: No name of libpython clashes with the host.\n".into(),
        "libemb: running CPython 3.".into(),
    ] {
        assert!(
            spoken.output.contains(&line),
            "{line:?} is not in: {}",
            spoken.output
        );
    }
}
