//! The programs under valgrind, and what it says about them.

use std::fs;

use super::common::{Ended, find, host, python, root, run, scratch, skip};
use super::{LIMIT, assert_good, program};

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
        .arg(program(name))
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

checked!(
    under_valgrind,
    super::run_program,
    [
        api_array,
        api_array_again,
        api_callback,
        api_callback_life,
        api_call,
        api_class,
        api_class_derived,
        api_counts,
        api_error,
        api_lifecycle,
        api_mechanisms,
        api_methods,
        api_objects,
        api_sequence,
        api_text_lifetime,
        api_watched,
        fault_arguments,
        fault_special,
        fault_values,
        leak_arrays,
        leak_errors,
        leak_handles,
    ]
);
