//! Compiles and runs the C programs of `ctests/`: as they are, for each CPython of pyenv, under
//! valgrind, and with AddressSanitizer and UBSan. A test has the name of its program. Those for newer
//! pythons and for AArch64 need what `make test-newer` and `make test-aarch64` set up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "ctests/folders.rs"]
mod folders;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::{Ended, compile, find, host, python, root, run, scratch, skip};

const LIMIT: Duration = Duration::from_secs(180);

fn source(name: &str) -> PathBuf {
    root().join("ctests").join(name).with_extension("c")
}

/// What a program says that it could not test.
fn pass_on_skips(name: &str, ended: &Ended) {
    for line in ended.output.lines() {
        if let Some(what) = line.strip_prefix("SKIP ") {
            skip(name, what);
        }
    }
}

fn assert_good(name: &str, ended: &Ended) {
    pass_on_skips(name, ended);
    assert!(ended.succeeded(), "{name}: {}", ended.describe());
}

/// The pythons that are to be refused, where the machine has them.
fn with_unfit_pythons(command: &mut Command) -> &mut Command {
    if let Some(pypy) = find("pypy3") {
        command.env("EMB_TEST_PYPY", pypy);
    }
    if let Some(old) = pyenv_python(7) {
        command.env("EMB_TEST_OLD_PYTHON", old);
    }
    command
}

fn run_program(name: &str) {
    let program = compile::<&str>(&source(name), "plain", &[]);
    let mut command = host(&program, python().as_deref());
    if cfg!(debug_assertions) {
        command.env("EMB_TEST_ROUNDS", "200000"); // a million takes minutes without optimisation
    }
    assert_good(name, &run(with_unfit_pythons(&mut command), LIMIT));
}

macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { run_program(stringify!($name)); })*
    };
}

programs!(
    api_array,
    api_array_types,
    api_array_view,
    api_bulk,
    api_callback,
    api_class,
    api_class_derived,
    api_call,
    api_code,
    api_counts,
    api_describe,
    api_dlpack,
    api_doctor,
    api_error,
    api_exchange,
    api_generic,
    api_lifecycle,
    api_mechanisms,
    api_modules,
    api_objects,
    api_operate,
    api_parallel,
    api_plain,
    api_sequence,
    api_sized,
    api_stream,
    api_text_lifetime,
    api_threads,
    exit,
    fault_arguments,
    fault_python,
    fault_special,
    fault_start,
    fault_values,
    fork,
    fork_prepared,
    leak_arrays,
    leak_errors,
    leak_handles,
    signals,
);

#[test]
fn every_program_of_the_folder_is_run() {
    let mut missing = Vec::new();
    for entry in fs::read_dir(root().join("ctests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // Those with an argument: for ASan, of `heeds_environment`, and two of tests/header.rs.
        let special =
            ["broken_memory", "environment", "load", "load_late"].contains(&name.as_str());
        let known = special || PROGRAMS.contains(&name.as_str());
        if path.extension().is_some_and(|extension| extension == "c") && !known {
            missing.push(name);
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "add them to `programs!`");
}

/// The table of bad arguments has every function of the header, with its parameters in their order.
#[test]
fn every_parameter_is_given_bad_arguments() {
    let program = compile::<&str>(&source("fault_arguments"), "table", &[]);
    let ended = run(host(&program, None).arg("table"), LIMIT);
    assert!(ended.succeeded(), "{}", ended.describe());
    let table: Vec<_> = ended.output.lines().map(str::to_owned).collect();
    let header = fs::read_to_string(root().join("include/emb.h")).unwrap();
    let symbols = fs::read_to_string(root().join("tests/golden/symbols.txt")).unwrap();
    let declared: Vec<_> = symbols
        .lines()
        .map(|name| parameters(&header, name))
        .collect();
    let missing: Vec<_> = declared.iter().filter(|row| !table.contains(row)).collect();
    assert!(
        missing.is_empty(),
        "fault_arguments.c has no rows {missing:?}"
    );
    assert_eq!(table.len(), declared.len());
}

/// A function of the header with the names of its parameters: `emb_object_length(object, length)`.
fn parameters(header: &str, function: &str) -> String {
    // Prototypes begin in the first column.
    let prototype = ["emb_status ", "uint32_t ", "const char *"]
        .iter()
        .find_map(|returns| header.split_once(&format!("\n{returns}{function}(")));
    let (_, rest) = prototype.unwrap();
    let names: Vec<_> = rest[..rest.find(");").unwrap()]
        .split(',')
        .filter_map(|declared| declared.rsplit([' ', '*']).next())
        .map(|name| name.trim_end_matches('_')) // class_, which C++ has a meaning for
        .filter(|name| *name != "void")
        .collect();
    format!("{function}({})", names.join(", "))
}

/// Debian's torch is for Debian's Python; a wheel of it would take gigabytes.
#[test]
fn api_dlpack_with_torch() {
    let (name, python) = ("api_dlpack with torch", Path::new("/usr/bin/python3"));
    let mut command = host(python, None);
    if !run(command.args(["-I", "-c", "import torch"]), LIMIT).succeeded() {
        return skip(name, "/usr/bin/python3 has no torch");
    }
    let program = compile::<&str>(&source("api_dlpack"), "torch", &[]);
    let mut command = host(&program, Some(python));
    let ended = run(command.arg("torch"), LIMIT);
    // Its numpy may be older than the one that the same program is tested with elsewhere.
    assert!(ended.succeeded(), "{name}: {}", ended.describe());
}

/// The environment that `make test` sets up has numpy; elsewhere it is said what was left out.
#[test]
fn numpy_is_in_the_environment_under_test() {
    let Some(python) = python() else {
        return skip(
            "numpy parts of ctests",
            "no .venv-test, .venv or EMB_PYTHON",
        );
    };
    let mut command = host(&python, None);
    let ended = run(command.args(["-c", "import numpy"]), LIMIT);
    if !ended.succeeded() {
        skip("numpy parts of ctests", "this Python has no numpy");
    }
}

/// Debian's python is static; on a machine without libpython the message names the package. A
/// private mount namespace is such a machine.
#[test]
fn fault_start_static() {
    let name = "fault_start static";
    let libraries: Vec<_> = ["/usr/lib", "/usr/lib/x86_64-linux-gnu"]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten())
        .map(|entry| entry.path())
        .filter(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            file.starts_with("libpython3.") && file.contains(".so") && !path.is_symlink()
        })
        .collect();
    let python = Path::new("/usr/bin/python3");
    if !python.exists() || !Path::new("/var/lib/dpkg").is_dir() {
        return skip(name, "no /usr/bin/python3 of Debian");
    }
    let program = compile::<&str>(&source("fault_start"), "static", &[]);
    let mut script = String::from("set -e\n");
    for library in &libraries {
        script += &format!("mount --bind /dev/null '{}'\n", library.display());
    }
    script += "exec \"$0\" static";
    let mut command = host(Path::new("unshare"), None);
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    let can = run(Command::new("unshare").args(["-rm", "true"]), LIMIT);
    if !can.succeeded() {
        return skip(name, "no right to make a mount namespace");
    }
    assert_good(name, &run(command.arg(script).arg(program), LIMIT));
}

/// pyenv's newest CPython 3.`minor`.
fn pyenv_python(minor: u32) -> Option<PathBuf> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let versions = root
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv")))?
        .join("versions");
    let patch = |path: &PathBuf| -> Option<u32> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix(&format!("3.{minor}."))?.parse().ok()
    };
    let entries = fs::read_dir(versions).ok()?.flatten();
    let newest = entries
        .map(|entry| entry.path())
        .filter(|path| patch(path).is_some())
        .max_by_key(patch)?;
    Some(newest.join("bin/python3")).filter(|python| python.exists())
}

/// Everything that could depend on the version, with one of them.
fn run_with_version(minor: u32) {
    let name = format!("CPython 3.{minor}");
    let Some(python) = pyenv_python(minor) else {
        return skip(&name, "pyenv has none");
    };
    let shared = python
        .ancestors()
        .nth(2)
        .map(|prefix| prefix.join(format!("lib/libpython3.{minor}.so")));
    if !shared.is_some_and(|library| library.exists()) {
        return skip(&name, "pyenv's was built without --enable-shared");
    }
    run_what_depends(&name, LIMIT, |program| {
        let path = compile::<&str>(&source(program), &format!("python3.{minor}"), &[]);
        host(&path, Some(&python))
    });
    heeds_environment(&name, |program| {
        let mut command = match program {
            Some(program) => host(program, Some(&python)),
            None => host(&python, None),
        };
        command.env_remove("MPLBACKEND");
        command
    });
}

/// Every program that could depend on which Python it is, or on the machine.
fn run_what_depends(name: &str, limit: Duration, command: impl Fn(&str) -> Command) {
    let chosen = |name: &&str| {
        name.starts_with("api_")
            || ["exit", "fault_python", "fork", "fork_prepared", "signals"].contains(name)
    };
    let mut failed = Vec::new();
    for program in PROGRAMS.iter().copied().filter(chosen) {
        let ended = run(&mut command(program), limit);
        pass_on_skips(name, &ended);
        if !ended.succeeded() {
            failed.push(format!("{program}: {}", ended.describe()));
        }
    }
    assert!(failed.is_empty(), "{name}\n{}", failed.join("\n"));
}

/// An embedded Python takes from its environment what a python program does. `command` is that of
/// our program, or of the python without one.
fn heeds_environment(name: &str, command: impl Fn(Option<&Path>) -> Command) {
    const VARIABLES: [(&str, &str); 13] = [
        ("UNUSED", "1"),
        ("PYTHONHASHSEED", "7"),
        ("PYTHONDEVMODE", "0"), // anything but nothing is yes
        ("PYTHONFAULTHANDLER", "1"),
        ("PYTHONTRACEMALLOC", "3"),
        ("PYTHONINTMAXSTRDIGITS", "5000"),
        ("PYTHONPATH", "/somewhere"),
        ("PYTHONWARNINGS", "error"),
        ("PYTHONNOUSERSITE", "1"),
        ("PYTHONOPTIMIZE", "1"),
        ("LC_ALL", "C"),
        ("LC_ALL", "C.UTF-8"),
        ("LC_ALL", "xx_XX.UTF-8"), // not installed
    ];
    let program = compile::<&str>(&source("environment"), name, &[]);
    for (variable, value) in VARIABLES {
        let outputs = [Some(program.as_path()), None].map(|which| {
            let mut command = command(which);
            command.args(["-c", include_str!("../ctests/environment.py")]);
            common::output_of(command.env(variable, value))
        });
        assert_eq!(outputs[0], outputs[1], "{name} with {variable}={value}");
    }
}

macro_rules! versions {
    ($($name:ident = $minor:literal),* $(,)?) => {
        $(#[test] fn $name() { run_with_version($minor); })*
    };
}

versions!(
    python_3_8 = 8,
    python_3_9 = 9,
    python_3_10 = 10,
    python_3_11 = 11,
    python_3_12 = 12,
    python_3_13 = 13,
);

/// ASan's malloc and memcpy also serve libemb and Python, so it sees their use of the host's memory.
/// Leaks are valgrind's job: at its end a running Python still holds most of its memory.
fn run_with_asan(name: &str, argument: Option<&str>) -> Ended {
    let flags = [
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
        "-fno-omit-frame-pointer",
    ];
    let program = compile(&source(name), "asan", &flags);
    let symbols = common::output_of(Command::new("nm").arg(&program));
    assert!(
        symbols.contains("__asan_init"),
        "{name} is not built with ASan"
    );
    let mut command = host(&program, python().as_deref());
    command.env("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=0");
    command
        .env("EMB_TEST_ROUNDS", "20000")
        .env("EMB_TEST_UNDER_TOOL", "1")
        .args(argument);
    run(with_unfit_pythons(&mut command), LIMIT)
}

#[test]
fn asan_finds_bugs() {
    let bugs = [
        ("overflow", "heap-buffer-overflow"),
        ("use-after-free", "heap-use-after-free"),
        ("undefined", "runtime error: shift exponent"),
    ];
    for (bug, finding) in bugs {
        let ended = run_with_asan("broken_memory", Some(bug));
        assert!(
            !ended.succeeded() && ended.output.contains(finding),
            "{bug}: {}",
            ended.describe()
        );
    }
    assert_good("no bug", &run_with_asan("broken_memory", None));
}

/// What a memory checker says about one program.
mod valgrind {
    use super::*;

    /// The text between two marks, for each place where they are.
    fn each<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
        text.split(begin)
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(end)?.0))
            .collect()
    }

    fn first<'a>(text: &'a str, tag: &str) -> &'a str {
        let found = each(text, &format!("<{tag}>"), &format!("</{tag}>"));
        found.first().copied().unwrap_or("?")
    }

    /// A lost block is libemb's if libemb allocated it, or asked Python for an object and lost
    /// it: no interpreter runs between the allocation and libemb. The same with undefined values:
    /// CPython's own code looks at the digits of a zero, which has none.
    fn is_of_libemb(frames: &[&str]) -> bool {
        let of = |frame: &&str, library: &str| first(frame, "obj").contains(library);
        let Some(libemb) = frames.iter().position(|frame| of(frame, "libemb.so")) else {
            return false;
        };
        let evaluates = |frame: &&str| {
            let function = first(frame, "fn");
            function.starts_with("_PyEval_") || function.starts_with("Py_Initialize")
        };
        !frames[..libemb].iter().any(|frame| {
            let known = of(frame, "vgpreload") || of(frame, "libpython");
            !known || evaluates(frame)
        })
    }

    /// The errors in valgrind's report that count.
    fn findings(report: &str) -> Vec<String> {
        let mut findings = Vec::new();
        for error in each(report, "<error>", "</error>") {
            let (kind, stack) = (first(error, "kind"), first(error, "stack"));
            let frames = each(stack, "<frame>", "</frame>");
            let anybodys = kind.starts_with("Leak_") || kind.starts_with("Uninit");
            if anybodys && !is_of_libemb(&frames) {
                continue;
            }
            let places: Vec<_> = frames
                .iter()
                .map(|frame| format!("    {} ({})", first(frame, "fn"), first(frame, "obj")))
                .collect();
            findings.push(format!("  {kind}\n{}", places.join("\n")));
        }
        findings
    }

    /// The findings, and how the program ended; None without valgrind.
    fn check(name: &str, argument: Option<&str>) -> Option<(Vec<String>, Ended)> {
        let Some(valgrind) = find("valgrind") else {
            skip(&format!("valgrind {name}"), "valgrind is not installed");
            return None;
        };
        let program = compile::<&str>(&source(name), "valgrind", &[]);
        let report = scratch("valgrind").join(format!("{name}{}.xml", argument.unwrap_or("")));
        let mut command = host(&valgrind, python().as_deref());
        command
            .args(["-q", "--leak-check=full", "--show-leak-kinds=definite"])
            .args(["--num-callers=40", "--fullpath-after=", "--xml=yes"])
            // What a fork's child has lost is its parent's.
            .arg("--child-silent-after-fork=yes")
            .arg(format!("--xml-file={}", report.display()))
            .arg(format!(
                "--suppressions={}",
                root().join("ctests/valgrind.supp").display()
            ))
            .arg(&program)
            .args(argument)
            .env("PYTHONMALLOC", "malloc")
            .env("EMB_TEST_ROUNDS", "300")
            .env("EMB_TEST_UNDER_TOOL", "1");
        let ended = run(&mut command, LIMIT);
        let report = fs::read_to_string(report).unwrap_or_default();
        assert!(
            report.contains("<tool>memcheck</tool>"),
            "{name}: valgrind gave no report\n{}",
            ended.describe()
        );
        Some((findings(&report), ended))
    }

    pub fn run_program(name: &str) {
        if let Some((findings, ended)) = check(name, None) {
            assert_good(name, &ended);
            assert!(findings.is_empty(), "{name}\n{}", findings.join("\n"));
        }
    }

    #[test]
    fn finds_bugs() {
        for bug in ["overflow", "use-after-free"] {
            if let Some((findings, _)) = check("broken_memory", Some(bug)) {
                assert!(
                    findings
                        .iter()
                        .any(|finding| finding.contains("InvalidRead")),
                    "{bug} was not found: {findings:?}"
                );
            }
        }
    }

    #[test]
    fn knows_whose_leak_it_is() {
        let stack = |frames: &[(&str, &str)]| -> String {
            let frames = frames
                .iter()
                .map(|(object, function)| {
                    format!("<frame><obj>/x/{object}</obj><fn>{function}</fn></frame>")
                })
                .collect::<String>();
            format!("<error><kind>Leak_DefinitelyLost</kind><stack>{frames}</stack></error>")
        };
        let malloc = ("vgpreload_memcheck.so", "malloc");
        let (call, main) = (("libemb.so", "emb_call"), ("program", "main"));
        let object = ("libpython3.11.so.1.0", "PyFloat_FromDouble");
        let run = ("libpython3.11.so.1.0", "_PyEval_EvalFrameDefault");
        let numpy = ("_multiarray.so", "array_new");
        assert_eq!(findings(&stack(&[malloc, call, main])).len(), 1);
        assert_eq!(findings(&stack(&[malloc, object, call, main])).len(), 1);
        assert_eq!(
            findings(&stack(&[malloc, object, run, call, main])).len(),
            0
        );
        assert_eq!(findings(&stack(&[malloc, numpy, call, main])).len(), 0);
        assert_eq!(findings(&stack(&[malloc, main])).len(), 0);
    }
}

macro_rules! checked {
    ($tool:ident, $run:expr, [$($name:ident),* $(,)?]) => {
        mod $tool {
            $(#[test] fn $name() { $run(stringify!($name)); })*
        }
    };
}

checked!(
    under_asan,
    |name| super::assert_good(name, &super::run_with_asan(name, None)),
    [
        api_array,
        api_array_types,
        api_array_view,
        api_callback,
        api_call,
        api_class,
        api_class_derived,
        api_code,
        api_counts,
        api_dlpack,
        api_error,
        api_lifecycle,
        api_mechanisms,
        api_objects,
        api_operate,
        api_plain,
        api_sequence,
        api_sized,
        api_stream,
        api_text_lifetime,
        api_threads,
        fault_arguments,
        fault_python,
        fault_special,
        fault_start,
        fault_values,
        leak_arrays,
        leak_handles,
    ]
);

checked!(
    under_valgrind,
    super::valgrind::run_program,
    [
        api_array,
        api_callback,
        api_call,
        api_class,
        api_class_derived,
        api_counts,
        api_error,
        api_lifecycle,
        api_mechanisms,
        api_objects,
        api_sequence,
        api_text_lifetime,
        fault_arguments,
        fault_special,
        fault_values,
        leak_arrays,
        leak_errors,
        leak_handles,
    ]
);
