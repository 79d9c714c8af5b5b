//! The programs with AddressSanitizer and UBSan.

use std::process::Command;

use super::common::{Ended, compile, host, output_of, python, run};
use super::{LIMIT, assert_good, source, with_unfit_pythons};

/// ASan's malloc and memcpy also serve libemb and Python, so it sees their use of the host's memory.
/// Leaks are valgrind's job: at its end a running Python still holds most of its memory.
fn run_with_asan(name: &str, argument: Option<&str>) -> Ended {
    let flags = [
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
        "-fno-omit-frame-pointer",
    ];
    let program = compile(&source(name), "asan", &flags);
    let symbols = output_of(Command::new("nm").arg(&program));
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

checked!(
    under_asan,
    |name| super::assert_good(name, &super::run_with_asan(name, None)),
    [
        api_array,
        api_array_again,
        api_array_types,
        api_array_view,
        api_callback,
        api_callback_life,
        api_call,
        api_class,
        api_class_derived,
        api_code,
        api_counts,
        api_dlpack,
        api_error,
        api_lifecycle,
        api_mechanisms,
        api_methods,
        api_objects,
        api_operate,
        api_plain,
        api_sequence,
        api_sized,
        api_stream,
        api_suspend,
        api_text_lifetime,
        api_threads,
        api_watched,
        fault_arguments,
        fault_python,
        fault_special,
        fault_start,
        fault_values,
        leak_arrays,
        leak_handles,
    ]
);
