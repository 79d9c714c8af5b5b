//! Libraries that are in this process more than once.
//!
//! Two files of one library are two libraries to the loader: each has its own variables, and what one
//! has allocated or registered, the other knows nothing of. Often that is intended (wheels bring
//! libraries of their own, under names with a hash), and we make such copies ourselves. But it is the
//! first thing to look at when a process with two worlds in it misbehaves.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;

use super::copies;
use super::process::each_object;
use crate::platform::Twice;

/// The libraries that are loaded more than once now.
pub fn loaded_twice() -> Vec<Twice> {
    let mut objects: Vec<(CString, Option<String>)> = Vec::new();
    each_object(|object| {
        let soname = object.image.soname();
        let soname = soname.map(|name| name.to_string_lossy().into_owned());
        objects.push((object.name.to_owned(), soname));
    });
    let mut libraries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, soname) in &objects {
        let path = name.to_string_lossy().into_owned();
        if let Some(copy) = copies::known(name) {
            let files = libraries.entry(file_name(&path)).or_default();
            files.extend([path.clone(), copy.to_string_lossy().into_owned()]);
        }
        let name = soname.clone().unwrap_or_else(|| file_name(&path));
        if let Some(family) = family(&name) {
            libraries.entry(family.into()).or_default().push(path);
        }
    }
    let twice = libraries.into_iter().filter(|(_, files)| files.len() > 1);
    let plain = |path: String| match std::fs::canonicalize(&path) {
        Ok(plain) => plain.to_string_lossy().into_owned(),
        Err(_) => path, // a copy in memory, or a file that is no more
    };
    twice
        .map(|(library, files)| Twice {
            library,
            files: files.into_iter().map(plain).collect(),
        })
        .collect()
}

fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// A library's name without what tells one build of it from another: its version, and the hashes that
/// wheels give to the libraries in them. None for what is no library but a module, say.
fn family(name: &str) -> Option<&str> {
    let (mut stem, _) = name.split_once(".so")?;
    while let Some((before, hash)) = stem.rsplit_once('-') {
        if hash.len() < 8 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            break;
        }
        stem = before;
    }
    // Python's builds without the GIL and for debugging have letters behind the number.
    let number = stem.trim_end_matches(['t', 'd']);
    let without = number.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // A number without a dot belongs to the name: libc10 is not a libc.
    if number[without.len()..].contains('.') {
        stem = without;
    }
    Some(stem).filter(|stem| stem.len() > 3 && stem.starts_with("lib"))
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn builds_of_one_library_are_a_family() {
        let cases = [
            ("libstdc++.so.6", Some("libstdc++")),
            ("libpython3.11.so.1.0", Some("libpython")),
            ("libpython3.14t.so.1.0", Some("libpython")),
            ("libpython3.14td.so", Some("libpython")),
            ("libcrypt.so.1", Some("libcrypt")),
            (
                "libgfortran-040039e1-0352e75f.so.5.0.0",
                Some("libgfortran"),
            ),
            (
                "libscipy_openblas64_-56d6093b.so",
                Some("libscipy_openblas64_"),
            ),
            ("libc10.so", Some("libc10")),
            ("libc.so.6", Some("libc")),
            ("libxcb-render.so.0", Some("libxcb-render")),
            ("_json.cpython-311-x86_64-linux-gnu.so", None),
            ("lib.so", None),
            ("ld-linux-x86-64.so.2", None),
        ];
        for (name, expected) in cases {
            assert_eq!(family(name), expected, "{name}");
        }
    }
}
