//! Static pythons: those that can be loaded from a copy, and what is said of the others.

use std::path::Path;
use std::process::Command;

use crate::common::{self, find, library, root};
use crate::made::{Linked, static_installation};
use crate::{LIMIT, assert_says, fails, host, need, packages, succeeds, text};

const WHOLE: &str = "run:
import ctypes, json, math, sqlite3, ssl, subprocess, sys
assert ctypes.pythonapi.Py_IsInitialized() == 1
ctypes.pythonapi.PyUnicode_FromString.restype = ctypes.py_object
assert ctypes.pythonapi.PyUnicode_FromString(b'hello') == 'hello'
version = subprocess.check_output([sys.executable, '-c', 'import sys; print(sys.version)'])
assert version.decode().strip() == sys.version
";

fn runs(minor: u8) {
    let test = format!("a_static_python_is_loaded_from_a_copy 3.{minor}");
    let name = format!("static-3.{minor}");
    let prefix = need!(&test, static_installation(&name, minor, Linked::Pie));
    let output = succeeds(host().args([
        text(&prefix),
        WHOLE,
        "eval:__import__('sys').executable",
        "eval:__import__('sys').prefix",
        "doctor",
    ]));
    let python = format!("{}/bin/python3", prefix.display());
    assert_says(&output, &[&format!("\n{python}\n"), "running"]);
    let library = format!("  library      {python}.{minor}\n");
    let how = "It is linked statically: a copy in memory is loaded.\n";
    assert_says(&output, &[&library, how]);
}

#[test]
fn a_static_python_is_loaded_from_a_copy() {
    for minor in 8..=11 {
        runs(minor);
    }
}

#[test]
fn packages_load_into_a_static_python_in_c() {
    let test = "packages_load_into_a_static_python_in_c";
    let packages = need!(test, packages());
    let prefix = need!(test, static_installation("static-c", 11, Linked::Pie));
    succeeds(host().env("PYTHONPATH", packages).args([
        text(&prefix),
        WHOLE,
        "run:import numpy; assert numpy.arange(10.0).sum() == 45.0",
    ]));
}

#[test]
fn packages_load_into_a_static_python_in_pypy() {
    let test = "packages_load_into_a_static_python_in_pypy";
    let packages = need!(test, packages());
    let pypy = need!(test, find("pypy3").ok_or("pypy3 is missing".to_string()));
    let prefix = need!(test, static_installation("static-pypy", 11, Linked::Pie));
    for method in ["stub", "mend"] {
        let mut command = in_pypy(&pypy, &prefix);
        command
            .env("PYTHONPATH", &packages)
            .env("EMB_CLASH", method);
        let ended = common::run(&mut command, LIMIT);
        assert!(ended.succeeded(), "{method}: {}", ended.describe());
        assert_says(&ended.output, &["packages of a static python work"]);
    }
}

fn in_pypy(pypy: &Path, prefix: &Path) -> Command {
    let mut command = common::host(pypy, Some(prefix));
    command.env("EMB_LIBRARY", library());
    command.arg(root().join("tests/hosts/static.py"));
    command
}

/// The message on a static python that cannot be loaded; a good one can be started after it.
fn refused(test: &str, minor: u8, linked: Linked, why: &str) {
    let prefix = need!(test, static_installation(test, minor, linked));
    let output = fails(host().arg(&prefix));
    let soname = format!("libpython3.{minor}.so.1.0");
    assert_says(
        &output,
        &[
            &format!("refused: it is linked statically, {why}, and {soname} is not there: "),
            "libemb needs a Python built with --enable-shared, so build it with \
             `./configure --enable-shared`",
        ],
    );
    let good = need!(test, crate::made::pyenv(12));
    let output = succeeds(host().args([&prefix, &good]));
    assert_says(&output, &["linked statically", "started"]);
}

#[test]
fn a_static_python_with_thread_local_variables_is_refused() {
    let why = "has thread-local variables, whose place is fixed in a program";
    for minor in [12, 13] {
        refused(&format!("thread-local-3.{minor}"), minor, Linked::Pie, why);
    }
}

#[test]
fn a_static_python_at_a_fixed_address_is_refused() {
    refused(
        "fixed-address",
        11,
        Linked::Fixed,
        "is a program at a fixed address",
    );
}

#[test]
fn a_static_python_without_its_api_is_refused() {
    refused("closed", 11, Linked::Closed, "does not export Python's API");
}

/// Debian's own python, in a namespace in which its library is not there.
#[test]
fn debians_python_without_its_library_names_the_package() {
    let test = "debians_python_without_its_library_names_the_package";
    let script = r#"
set -e
folder=$(dirname "$(find /usr/lib -name 'libpython3.11.so.1.0' | head -n 1)")
mkdir -p "$0/upper" "$0/work"
for name in libpython3.11.so.1.0 libpython3.11.so.1 libpython3.11.so; do
    mknod "$0/upper/$name" c 0 0
done
mount -t overlay overlay -o "lowerdir=$folder,upperdir=$0/upper,workdir=$0/work" "$folder" ||
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$0/upper,workdir=$0/work,userxattr" "$folder"
echo mounted
exec "$@"
"#;
    if !Path::new("/usr/bin/python3.11").exists() {
        return crate::skip(test, "there is no Debian 12");
    }
    let program = host().get_program().to_owned();
    let folder = std::env::temp_dir().join(format!("libemb-overlay-{}", std::process::id()));
    let tmpfs = format!("mount -t tmpfs none {0} && exec \"$@\"", folder.display());
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = common::host(Path::new("unshare"), None);
    command.args(["-m", "sh", "-c", &tmpfs, "sh", "sh", "-c", script]);
    command.arg(&folder).arg(program).arg("/usr/bin/python3");
    let ended = common::run(&mut command, LIMIT);
    let _ = std::fs::remove_dir(&folder);
    if !ended.output.contains("mounted") {
        return crate::skip(test, "this process must not mount an overlay");
    }
    assert_says(
        &ended.output,
        &[
            "refused: it is linked statically, is a program at a fixed address, and \
           libpython3.11.so.1.0 is not there: `apt-get install libpython3.11`",
        ],
    );
}
