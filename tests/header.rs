//! The header and the shared library as a C program meets them: the header is the generated one and
//! compiles everywhere, the ABI is that of the golden files, and loading changes nothing.
//!
//! After an intended change, `EMB_BLESS=1 cargo test --test header` writes the golden files anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use common::{cc, compile, find, host, library, output_of, python, root, run, scratch, skip};

fn header() -> String {
    fs::read_to_string(root().join("include/emb.h")).unwrap()
}

/// Compares with a golden file, line by line, or writes it.
fn assert_golden(name: &str, actual: &str) {
    let path = root().join("tests/golden").join(name);
    if env::var_os("EMB_BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    let lost: Vec<_> = golden
        .lines()
        .filter(|line| !actual.lines().any(|one| one == *line))
        .collect();
    let new: Vec<_> = actual
        .lines()
        .filter(|line| !golden.lines().any(|one| one == *line))
        .collect();
    assert!(
        golden == actual,
        "not as in tests/golden/{name}: gone {lost:?}, new {new:?}; if the ABI is meant to \
         change, EMB_BLESS=1 writes the file"
    );
}

#[test]
fn the_header_is_the_generated_one() {
    let generated = fs::read_to_string(env!("EMB_GENERATED_HEADER")).unwrap();
    let header = header();
    let difference = header
        .lines()
        .zip(generated.lines())
        .find(|(old, new)| old != new);
    assert!(
        header == generated,
        "include/emb.h is not what cbindgen makes of the sources; `make header` writes it. \
         First difference: {difference:?}"
    );
}

#[test]
fn lines_fit_a_window() {
    let header = header();
    let long: Vec<_> = header
        .lines()
        .filter(|line| line.chars().count() > 100)
        .collect();
    assert_eq!(long, Vec::<&str>::new());
}

/// Compiles `source` with every compiler that is there, without a warning.
fn compiles(name: &str, source: &str, extension: &str, standards: &[&str], compilers: &[&str]) {
    let path = scratch("header").join(format!("{name}.{extension}"));
    fs::write(&path, source).unwrap();
    for compiler in compilers {
        if find(compiler).is_none() {
            skip(&format!("header with {compiler}"), "it is not installed");
            continue;
        }
        for standard in standards {
            let mut command = Command::new(compiler);
            command
                .arg(format!("-std={standard}"))
                .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", "-I"])
                .arg(root().join("include"))
                .arg(&path)
                .arg("-o")
                .arg(path.with_extension(format!("{compiler}.{standard}.o")));
            let ended = run(&mut command, Duration::from_secs(60));
            let what = format!("{compiler} -std={standard}, {name}");
            assert!(ended.succeeded(), "{what}: {}", ended.describe());
        }
    }
}

const ALONE: &str = "#include \"emb.h\"\n";
const TWICE: &str = "#include \"emb.h\"\n#include \"emb.h\"\n";
/// Uses one thing of each sort, so that it is more than read.
const USED: &str = "#include \"emb.h\"\n\
    emb_status use(emb_handle object, emb_value *result);\n\
    emb_status use(emb_handle object, emb_value *result) {\n\
      int64_t length = EMB_NUL_TERMINATED;\n\
      if (emb_abi_version() != EMB_ABI_VERSION) return EMB_BAD_CALL;\n\
      return emb_object_getattr(object, \"x\", length, EMB_RESULT_AUTO, result);\n\
    }\n";

#[test]
fn the_header_compiles_as_c() {
    for (name, source) in [("alone", ALONE), ("twice", TWICE), ("used", USED)] {
        compiles(name, source, "c", &["c99", "c11", "c17"], &["gcc", "clang"]);
    }
}

#[test]
fn the_header_compiles_as_cxx() {
    for (name, source) in [("alone", ALONE), ("twice", TWICE), ("used", USED)] {
        compiles(
            name,
            source,
            "cpp",
            &["c++17", "c++20"],
            &["g++", "clang++"],
        );
    }
}

/// The optional headers, each alone and twice.
#[test]
fn the_generic_header_compiles() {
    let source = "#include \"emb_generic.h\"\n".to_owned();
    for (name, source) in [("generic", &source), ("generic_twice", &source.repeat(2))] {
        compiles(name, source, "c", &["c11", "c17"], &["gcc", "clang"]);
    }
}

#[test]
fn the_cxx_headers_compile() {
    let mut headers = vec!["emb.hpp".to_owned()];
    for entry in fs::read_dir(root().join("include/emb")).unwrap() {
        headers.push(format!(
            "emb/{}",
            entry.unwrap().file_name().to_str().unwrap()
        ));
    }
    assert!(headers.len() > 5, "{headers:?}");
    for header in headers {
        let source = format!("#include \"{header}\"\n").repeat(2);
        let name = header.replace('/', "_");
        compiles(
            &name,
            &source,
            "cpp",
            &["c++17", "c++20"],
            &["g++", "clang++"],
        );
    }
}

/// In C a handle is a number like any other, so one must say which is meant.
#[test]
fn the_generic_header_refuses_a_handle_without_a_word() {
    let tail = "); }\n";
    let head = "#include \"emb_generic.h\"\n\
        emb_status use(emb_handle f, emb_handle x);\n\
        emb_status use(emb_handle f, emb_handle x) { return EMB_CALL(f, NULL, ";
    for (argument, fine) in [("EMB_OBJ(x)", true), ("EMB_U64(x)", true), ("x", false)] {
        let path = scratch("header").join("refused.c");
        fs::write(&path, format!("{head}{argument}{tail}")).unwrap();
        let mut command = cc();
        command.args(["-std=c11", "-fsyntax-only", "-I"]);
        command.arg(root().join("include")).arg(&path);
        let ended = run(&mut command, Duration::from_secs(60));
        assert_eq!(ended.succeeded(), fine, "{argument}: {}", ended.describe());
    }
}

/// The names of all functions in the header, with the comment before each.
fn functions(header: &str) -> Vec<(String, String)> {
    let mut functions = Vec::new();
    let mut rest = header;
    while let Some(start) = rest.find("/**") {
        let after = &rest[start..];
        let end = after.find("*/").unwrap() + 2;
        let (comment, code) = (&after[..end], &after[end..]);
        let declaration = code.split(';').next().unwrap();
        if let Some((before, _)) = declaration.split_once('(') {
            let name = before.rsplit([' ', '*', '\n']).next().unwrap();
            if name.starts_with("emb_") && !before.contains("typedef") && !before.contains('#') {
                functions.push((name.into(), comment.into()));
            }
        }
        rest = code;
    }
    functions
}

#[test]
fn every_function_says_the_four_things() {
    let functions = functions(&header());
    let mut silent = Vec::new();
    for (name, comment) in &functions {
        for mark in ["Ownership:", "Errors:", "Threads:", "Since:"] {
            let said = comment.split(mark).nth(1).unwrap_or_default();
            if !said.contains(char::is_alphanumeric) {
                silent.push(format!("{name} lacks {mark:?}"));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:?}");
    // The header and the library have the same functions, so none escaped the search.
    let mut declared: Vec<_> = functions.into_iter().map(|(name, _)| name).collect();
    declared.sort();
    assert_eq!(declared, exported());
}

fn exported() -> Vec<String> {
    let listing = output_of(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(library()),
    );
    let name = |line: &str| line.rsplit(' ').next().unwrap().to_owned();
    let mut names: Vec<_> = listing.lines().map(name).collect();
    names.sort();
    names
}

#[test]
fn the_library_exports_its_functions_and_nothing_else() {
    let names = exported();
    for name in &names {
        assert!(name.starts_with("emb_"), "{name} is exported");
    }
    assert_golden("symbols.txt", &(names.join("\n") + "\n"));
}

#[test]
fn the_library_needs_no_python_and_has_its_name() {
    let dynamic = output_of(Command::new("readelf").arg("-dW").arg(library()));
    let of = |tag: &str| -> Vec<String> {
        dynamic
            .lines()
            .filter(|line| line.contains(tag))
            .map(|line| line.rsplit(['[', ']']).nth(1).unwrap_or(line).to_owned())
            .collect()
    };
    assert_eq!(of("(SONAME)"), ["libemb.so.1"]);
    let known = [
        "libc.so",
        "libgcc_s.so",
        "libm.so",
        "libdl.so",
        "libpthread.so",
        "ld-linux",
    ];
    for needed in of("(NEEDED)") {
        assert!(
            known.iter().any(|name| needed.starts_with(name)),
            "the library needs {needed}"
        );
    }
    assert!(dynamic.contains("NODELETE"), "it could be unloaded");
    assert!(of("(RUNPATH)").is_empty() && of("(RPATH)").is_empty());
    let ldd = output_of(Command::new("ldd").arg(library()));
    assert!(!ldd.contains("python"), "{ldd}");
}

/// The public structs and unions, with their members.
fn structs(header: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut current: Option<Vec<String>> = None;
    for line in header.lines() {
        let line = line.trim();
        if line.starts_with(['*', '/']) {
            continue;
        }
        if line.starts_with("typedef ") && line.ends_with('{') {
            current = Some(Vec::new());
        } else if let Some(name) = line.strip_prefix('}') {
            if let Some(members) = current.take() {
                found.push((name.trim().trim_end_matches(';').to_owned(), members));
            }
        } else if let (Some(members), Some(member)) = (&mut current, line.strip_suffix(';')) {
            let name = member.rsplit([' ', '*']).next().unwrap();
            members.push(name.to_owned());
        }
    }
    found
}

#[test]
fn structs_have_their_sizes_and_offsets() {
    let structs = structs(&header());
    assert!(structs.len() >= 5, "{structs:?}");
    let mut source = String::from("#include \"emb.h\"\n#include <stdio.h>\nint main(void) {\n");
    for (name, members) in &structs {
        source += &format!("  printf(\"{name}: %zu\\n\", sizeof({name}));\n");
        for member in members {
            source += &format!(
                "  printf(\"{name}.{member}: %zu at %zu\\n\", sizeof((({name} *)0)->{member}), \
                 offsetof({name}, {member}));\n"
            );
        }
    }
    source += "  return 0;\n}\n";
    let folder = scratch("layout");
    let (path, program): (PathBuf, PathBuf) = (folder.join("layout.c"), folder.join("layout"));
    fs::write(&path, source).unwrap();
    let mut command = cc();
    command.args(["-std=c11", "-I"]).arg(root().join("include"));
    output_of(command.arg(&path).arg("-o").arg(&program));
    assert_golden("layout.txt", &output_of(&mut Command::new(program)));
}

/// Numbers that bindings have written down: a constant never changes its value.
#[test]
fn constants_keep_their_numbers() {
    let mut constants: Vec<_> = header()
        .lines()
        .filter_map(|line| line.strip_prefix("#define EMB_"))
        .filter_map(|line| line.split_once(' '))
        .map(|(name, number)| format!("EMB_{name} {}\n", number.trim()))
        .collect();
    constants.sort();
    assert_golden("constants.txt", &constants.concat());
}

#[test]
fn loading_does_nothing_to_the_process() {
    let source = root().join("ctests/load.c");
    let program = compile(&source, "load", &["-Wl,--as-needed"]);
    let needed = output_of(Command::new("readelf").arg("-d").arg(&program));
    assert!(!needed.contains("libemb"), "the program is linked with it");
    let mut command = host(&program, None);
    let ended = run(command.arg(library()), Duration::from_secs(20));
    assert!(ended.succeeded(), "{}", ended.describe());
}

/// Threads have records of their own where the loader has room for their pointers, and where not.
#[test]
fn loading_late_needs_no_room_in_static_thread_local_memory() {
    let program = compile(
        &root().join("ctests/load_late.c"),
        "load",
        &["-Wl,--as-needed"],
    );
    for room in ["0", "512"] {
        let mut command = host(&program, python().as_deref());
        let tunable = format!("glibc.rtld.optional_static_tls={room}");
        command.env("GLIBC_TUNABLES", tunable).arg(library());
        let ended = run(&mut command, Duration::from_secs(60));
        assert!(ended.succeeded(), "{room} bytes: {}", ended.describe());
    }
}
