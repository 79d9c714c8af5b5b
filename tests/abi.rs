//! The ABI of programs that exist already: what they were compiled against is kept in
//! `tests/abi/<number>/`, and today's library and header have to serve it. The rules are in ABI.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use common::{cc, host, library_folder, output_of, python, root, run, scratch};

fn header() -> String {
    fs::read_to_string(root().join("include/emb.h")).unwrap()
}

/// The number of today's ABI, from the header.
fn number() -> String {
    let header = header();
    let (_, rest) = header.split_once("#define EMB_ABI_VERSION ").unwrap();
    rest.lines().next().unwrap().to_owned()
}

/// The folder of the first header with that number, and its program.
fn kept() -> PathBuf {
    root().join("tests/abi").join(number())
}

fn first_header() -> String {
    fs::read_to_string(kept().join("emb.h")).unwrap()
}

#[test]
fn a_program_of_the_first_header_still_runs() {
    let program = scratch("abi").join("host");
    let libraries = library_folder();
    let mut command = cc();
    command
        .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .arg("-I")
        .arg(kept())
        .arg(kept().join("host.c"))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(libraries)
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .arg("-lemb");
    output_of(&mut command);
    let ended = run(
        &mut host(&program, python().as_deref()),
        Duration::from_secs(60),
    );
    assert!(ended.succeeded(), "{}", ended.describe());
    assert_eq!(ended.output, "as ever\n");
}

/// The header without its comments, and with single blanks.
fn code(header: &str) -> String {
    let mut code = String::new();
    for (i, part) in header.split("/*").enumerate() {
        let after = if i == 0 {
            part
        } else {
            part.split_once("*/").unwrap().1
        };
        code += after;
    }
    code
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn constants(header: &str) -> BTreeMap<String, String> {
    let defined = |line: &str| -> Option<(String, String)> {
        let (name, number) = line.strip_prefix("#define EMB_")?.split_once(' ')?;
        Some((format!("EMB_{name}"), number.trim().to_owned()))
    };
    header.lines().filter_map(defined).collect()
}

/// Functions and types, one declaration a line. Those of structures end with their last member.
fn declarations(header: &str) -> Vec<String> {
    let lines: Vec<_> = code(header)
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("extern \"C\""))
        .map(str::to_owned)
        .collect();
    let mut declarations = Vec::new();
    let (mut current, mut depth) = (String::new(), 0);
    for c in lines.join("\n").chars() {
        current.push(c);
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth == 0 => declarations.push(one_line(&std::mem::take(&mut current))),
            _ => {}
        }
    }
    declarations
}

#[test]
fn constants_of_the_first_header_have_their_numbers() {
    let today = constants(&header());
    let first = constants(&first_header());
    assert!(first.len() > 60, "{first:?}");
    for (name, number) in first {
        assert_eq!(today.get(&name), Some(&number), "{name}: see ABI.md");
    }
}

#[test]
fn declarations_of_the_first_header_are_still_there() {
    let today = declarations(&header());
    let first = declarations(&first_header());
    assert!(first.len() > 70, "{first:?}");
    for declaration in first {
        // A structure that begins with its size may have grown, and a union has one more meaning
        // for each new kind; `layout.txt` says that it stays as large as it is.
        let grows = declaration.contains("{ size_t size;") || declaration.contains("typedef union");
        let start = declaration.rsplit_once(" }").map_or("", |(start, _)| start);
        assert!(
            today.contains(&declaration) || grows && today.iter().any(|one| one.starts_with(start)),
            "changed or gone: {declaration}\nsee ABI.md"
        );
    }
}

/// Constants of one sort never share a number: it would tell two things apart no more.
#[test]
fn no_number_means_two_things() {
    let header = header();
    let mut sorts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut is_kind = false;
    for (name, number) in header
        .lines()
        .filter_map(|line| line.strip_prefix("#define EMB_")?.split_once(' '))
    {
        is_kind |= name == "NONE";
        is_kind &= name != "RESULT_AUTO";
        let sort = match name {
            "NUL_TERMINATED" => continue,
            _ if is_kind => "kind",
            _ if number.starts_with('-') || name == "OK" => "status",
            _ => name.split('_').next().unwrap(),
        };
        let sort = sorts.entry(sort.to_owned()).or_default();
        let earlier = sort.insert(number.to_owned(), name.to_owned());
        assert_eq!(earlier, None, "EMB_{name} has the number {number} too");
    }
    assert!(sorts["kind"].len() > 18);
    assert_eq!(sorts["status"].len(), 10);
}
