//! Compiles and runs the C++ programs of `ctests/`: in C++17 and C++20, without RTTI, and with
//! AddressSanitizer and UBSan. And what must not compile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use common::{compile, cxx, host, python, root, run, scratch, skip};

const LIMIT: Duration = Duration::from_secs(180);
const SANITIZED: [&str; 3] = [
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
];

fn run_program(name: &str, kind: &str, flags: &[&str]) {
    let source = root().join("ctests").join(format!("{name}.cpp"));
    let program = compile(&source, kind, flags);
    let mut command = host(&program, python().as_deref());
    command.env("ASAN_OPTIONS", "detect_leaks=0");
    let ended = run(&mut command, LIMIT);
    for line in ended.output.lines() {
        if let Some(what) = line.strip_prefix("SKIP ") {
            skip(name, what);
        }
    }
    assert!(ended.succeeded(), "{name}, {kind}: {}", ended.describe());
}

macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { run_program(stringify!($name), "cxx", &[]); })*
        /// The newer standard, and no type information at run time.
        mod in_cxx20 {
            $(#[test] fn $name() {
                super::run_program(stringify!($name), "cxx20", &["-std=c++20", "-fno-rtti"]);
            })*
        }
        mod under_asan {
            $(#[test] fn $name() {
                super::run_program(stringify!($name), "cxx-asan", &super::SANITIZED);
            })*
        }
    };
}

programs!(cpp_array, cpp_class, cpp_function, cpp_object);

#[test]
fn every_program_of_the_folder_is_run() {
    let mut found: Vec<_> = fs::read_dir(root().join("ctests"))
        .unwrap()
        .map(|entry| PathBuf::from(entry.unwrap().file_name()))
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "cpp"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, PROGRAMS);
}

/// Code that would be wrong at run time, beside its nearest relative that is right.
#[test]
fn misuse_does_not_compile() {
    let cases = [
        ("f(emb::kw(\"a\", 1), 2);", "f(2, emb::kw(\"a\", 1));"),
        (
            "auto a = f.attr(\"x\"); a.str();",
            "emb::object a = f.attr(\"x\"); a.str();",
        ),
        (
            "f().as<std::string_view>();",
            "emb::object o = f(); o.as<std::string_view>();",
        ),
        (
            "struct own {} x; f(x);",
            "struct own {} x; static_cast<void>(x); f();",
        ),
        (
            "std::vector<int> v; emb::view<int> a(f), b(a);",
            "std::vector<int> v; emb::view<int> a(f), b(std::move(a));",
        ),
        ("std::vector<std::string> v; emb::array a(v);", ""),
    ];
    let folder = scratch("misuse");
    for (number, (wrong, right)) in cases.iter().enumerate() {
        for (code, fine) in [(wrong, false), (right, true)] {
            let path = folder.join(format!("case{number}{fine}.cpp"));
            let source = format!(
                "#include <emb.hpp>\nvoid use(const emb::object &f);\n\
                 void use(const emb::object &f) {{ static_cast<void>(f); {code} }}\n"
            );
            fs::write(&path, source).unwrap();
            let mut command = cxx();
            command.args(["-std=c++17", "-fsyntax-only", "-I"]);
            command.arg(root().join("include")).arg(&path);
            let ended = run(&mut command, LIMIT);
            assert_eq!(ended.succeeded(), fine, "{code}: {}", ended.describe());
        }
    }
}
