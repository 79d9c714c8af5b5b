//! A host that runs a CPython already: it is attached to, or another one is started beside it.

use std::env;

use super::*;

/// Debian's, which is linked statically and exports the whole API.
fn static_python() -> PathBuf {
    "/usr/bin/python3".into()
}

/// The environment of a newer CPython with the same packages as `.venv-test`.
fn newer_python() -> PathBuf {
    root().join(".venv-test-new/bin/python3")
}

fn jemalloc() -> PathBuf {
    "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2".into()
}

#[test]
fn the_hosts_own_is_attached_to() {
    let test = "beside::the_hosts_own_is_attached_to";
    for (host, other) in [(static_python(), pyenv(12)), (pyenv(12), test_python())] {
        need!(test, host = host, other = other);
        let text = succeeds(&mut script(&host, &other, "attached.py"));
        assert!(text.contains("atexit of the host ran"), "{text}");
    }
}

/// Python 3.8 does not tell the interpreter of a thread.
#[test]
fn subinterpreters_of_the_host_are_refused() {
    let test = "beside::subinterpreters_of_the_host_are_refused";
    let nobody = Path::new("");
    for (minor, refused) in [(9, 4), (10, 4), (11, 4), (12, 8), (13, 8)] {
        need!(test, host = pyenv(minor));
        let text = succeeds(&mut script(&host, nobody, "subinterpreters.py"));
        assert!(
            text.contains(&format!("{refused} calls were refused")),
            "3.{minor}: {text}"
        );
        let text = succeeds(script(&host, nobody, "subinterpreters.py").arg("init"));
        let refused = refused + refused / 2;
        assert!(
            text.contains(&format!("{refused} calls were refused")),
            "3.{minor}: {text}"
        );
    }
}

/// Every extension module of the standard library, while the host imports its own.
#[test]
fn shared_3_11_hosts_3_13() {
    need!(
        "beside::shared_3_11_hosts_3_13",
        host = pyenv(11),
        python = pyenv(13)
    );
    succeeds(&mut script(&host, &python, "beside.py"));
    succeeds(&mut script(&host, &python, "stdlib.py"));
}

#[test]
fn oldest_hosts_3_11() {
    need!(
        "beside::oldest_hosts_3_11",
        host = pyenv(8),
        python = test_python()
    );
    succeeds(&mut script(&host, &python, "beside.py"));
}

/// Also where it has mapped files of the other one's extension modules itself.
#[test]
fn shared_3_12_hosts_3_11() {
    let test = "beside::shared_3_12_hosts_3_11";
    need!(test, host = pyenv(12), python = test_python());
    succeeds(&mut script(&host, &python, "beside.py"));
    let names = "import importlib.util as u, numpy._core._multiarray_umath as m, _decimal; \
                 print(*[u.find_spec(n).origin for n in ('_json', '_ctypes')], _decimal.__file__, \
                 m.__file__)";
    let files = common::output_of(command(&python, &python).args(["-c", names]));
    let mut mapped = script(&host, &python, "beside.py");
    let text = succeeds(mapped.args(files.split_whitespace()));
    assert!(text.contains("4 mapped"), "{text}");
}

/// With another allocator in front of the C library's.
#[test]
fn packages_of_3_11_in_3_12() {
    let test = "beside::packages_of_3_11_in_3_12";
    need!(
        test,
        host = pyenv(12),
        python = test_python(),
        jemalloc = jemalloc()
    );
    let mut packages = script(&host, &python, "packages.py");
    let text = succeeds(packages.env("LD_PRELOAD", jemalloc));
    assert!(text.contains("meanwhile the host imported"), "{text}");
}

#[test]
fn packages_of_a_newer_one_in_static_3_11() {
    let test = "beside::packages_of_a_newer_one_in_static_3_11";
    need!(test, host = static_python(), python = newer_python());
    let text = succeeds(&mut script(&host, &python, "packages.py"));
    assert!(text.contains("meanwhile the host imported"), "{text}");
}

/// A program that has copied `std::cout` out of its library, and has loaded a libpython.
#[test]
fn packages_in_a_program_in_cxx() {
    let test = "beside::packages_in_a_program_in_cxx";
    need!(test, host = pyenv(12), python = test_python());
    let source = root().join("tests/hosts/beside.cpp");
    let program = common::compile(&source, "beside", &["-no-pie", "-fno-pic"]);
    let relocations = common::output_of(Command::new("readelf").arg("-rW").arg(&program));
    let copied = |line: &str| line.contains("COPY") && line.contains("_ZSt4cout");
    assert!(relocations.lines().any(copied), "{relocations}");
    let says = scratch("beside").join("says.so");
    let mut compiler = common::cxx();
    compiler.args(["-std=c++17", "-shared", "-fPIC", "-Wall", "-Werror"]);
    compiler.arg(root().join("tests/hosts/says.cpp")).arg("-o");
    common::output_of(compiler.arg(&says));
    let prefix = host.ancestors().nth(2).unwrap_or(&host);
    let libpython = prefix.join("lib/libpython3.12.so");
    let mut command = command(&program, &python);
    let text = succeeds(command.arg(libpython).arg(&host).arg(says));
    assert!(text.contains("C++ in Python 3.11 says so"), "{text}");
    assert!(text.contains("C++ says 3.5, 3.12 and 3.11"), "{text}");
}

/// As many processes as EMB_TEST_ENDS says, or ten of each kind.
#[test]
fn processes_end_well() {
    let test = "beside::processes_end_well";
    need!(test, host = pyenv(12), python = test_python());
    let ends = env::var("EMB_TEST_ENDS").map_or(10, |number| number.parse().unwrap());
    for _ in 0..ends {
        let text = succeeds(&mut script(&host, &python, "exits.py"));
        assert!(text.contains("atexit ran"), "{text}");
    }
    let nobody = Path::new("");
    for (python, arguments) in [
        (python.as_path(), &[][..]),
        (&python, &["raw"]),
        (nobody, &["attached"]),
        (nobody, &["attached", "raw"]),
    ] {
        for _ in 0..ends {
            let mut command = script(&host, python, "endless.py");
            succeeds(command.args(arguments));
        }
    }
}

/// R, which has loaded libpython for its package reticulate.
#[test]
fn reticulate_in_r() {
    let test = "beside::reticulate_in_r";
    need!(
        test,
        host = tool("Rscript"),
        _reticulate = PathBuf::from("/usr/lib/R/site-library/reticulate"),
        other = pyenv(12)
    );
    let library = scratch("reticulate").join("reticulate.so");
    let folder = common::library_folder().display().to_string();
    let mut compiler = common::cc();
    compiler.args(["-shared", "-fPIC", "-Wall", "-Werror"]);
    compiler.arg("-I").arg(root().join("include"));
    compiler.arg(root().join("tests/hosts/reticulate.c"));
    compiler.arg("-o").arg(&library);
    compiler.args([
        &format!("-L{folder}"),
        &format!("-Wl,-rpath,{folder}"),
        "-lemb",
    ]);
    common::output_of(&mut compiler);
    for beside in [false, true] {
        let python = if beside {
            other.as_path()
        } else {
            Path::new("")
        };
        let mut command = command(&host, python);
        command.arg("--vanilla");
        command.arg(root().join("tests/hosts/reticulate.R"));
        command.arg(&library).arg(static_python());
        succeeds(command.args(beside.then_some("beside")));
    }
}
