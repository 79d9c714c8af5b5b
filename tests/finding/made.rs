//! Pythons that the tests make themselves.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::common::{cc, output_of, scratch};

/// A folder of pyenv with a shared CPython 3.`minor`.
pub fn pyenv(minor: u8) -> Result<PathBuf, String> {
    let versions = pyenv_root().join("versions");
    let prefix = format!("3.{minor}.");
    let found = fs::read_dir(&versions)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix) && library_of(folder, minor).exists()
        });
    found.ok_or_else(|| format!("{} has no {prefix}x", versions.display()))
}

pub fn pyenv_root() -> PathBuf {
    let home = env::var_os("HOME").unwrap_or_default();
    env::var_os("PYENV_ROOT").map_or_else(|| Path::new(&home).join(".pyenv"), PathBuf::from)
}

pub fn library_of(prefix: &Path, minor: u8) -> PathBuf {
    prefix.join(format!("lib/libpython3.{minor}.so.1.0"))
}

/// How a static python is linked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// Position independent, as compilers do it today.
    Pie,
    /// At a fixed address, as Debian's.
    Fixed,
    /// Position independent, and its API is for itself.
    Closed,
}

/// A static CPython 3.`minor`, linked from the archive of pyenv's build.
pub fn static_program(minor: u8, linked: Linked) -> Result<PathBuf, String> {
    static LINKING: Mutex<()> = Mutex::new(());
    let _alone = LINKING.lock().unwrap_or_else(PoisonError::into_inner);
    let archive = archive(minor)?;
    let (name, flags): (&str, &[&str]) = match linked {
        Linked::Pie => ("pie", &["-fPIE", "-pie", "-Wl,--export-dynamic"]),
        Linked::Fixed => ("fixed", &["-no-pie", "-Wl,--export-dynamic"]),
        Linked::Closed => ("closed", &["-fPIE", "-pie"]),
    };
    let folder = scratch("static");
    let program = folder.join(format!("python3.{minor}-{name}"));
    if program.exists() {
        return Ok(program);
    }
    let source = folder.join("python.c");
    let main = "int Py_BytesMain(int, char **);\n\
                int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }\n";
    fs::write(&source, main).unwrap();
    let mut command = cc();
    command.args(flags).arg(source).arg("-Wl,--whole-archive");
    command.arg(archive).arg("-Wl,--no-whole-archive");
    let unfinished = program.with_extension("unfinished");
    command.args(["-lpthread", "-ldl", "-lutil", "-lm", "-o"]);
    output_of(command.arg(&unfinished));
    fs::rename(unfinished, &program).unwrap();
    Ok(program)
}

/// The archive of pyenv's build.
pub fn archive(minor: u8) -> Result<PathBuf, String> {
    let library = pyenv(minor)?.join(format!("lib/python3.{minor}"));
    let name = format!("libpython3.{minor}.a");
    let found = fs::read_dir(&library)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join(&name)))
        .find(|archive| archive.exists());
    found.ok_or_else(|| format!("{} has no {name}", library.display()))
}

/// An installation of a static CPython, which knows of no shared library: its folder.
///
/// Its standard library is that of pyenv, but for what the build says of itself.
pub fn static_installation(name: &str, minor: u8, linked: Linked) -> Result<PathBuf, String> {
    let program = static_program(minor, linked)?;
    let original = pyenv(minor)?;
    let folder = empty(name);
    let own = |path: &str| folder.join(path);
    fs::create_dir_all(own("bin")).unwrap();
    fs::hard_link(program, own(&format!("bin/python3.{minor}"))).unwrap();
    symlink(format!("python3.{minor}"), own("bin/python3")).unwrap();
    let library = format!("lib/python3.{minor}");
    fs::create_dir_all(own(&library)).unwrap();
    for entry in fs::read_dir(original.join(&library)).unwrap() {
        let from = entry.unwrap().path();
        let file = from.file_name().unwrap().to_str().unwrap();
        let to = own(&library).join(file);
        if file.starts_with("_sysconfigdata") {
            let facts = fs::read_to_string(&from).unwrap();
            let facts = facts
                .replace(original.to_str().unwrap(), folder.to_str().unwrap())
                .replace(
                    &format!("libpython3.{minor}.so"),
                    &format!("libpython3.{minor}.a"),
                )
                .replace("'Py_ENABLE_SHARED': 1", "'Py_ENABLE_SHARED': 0");
            fs::write(to, facts).unwrap();
        } else if file == "site-packages" {
            fs::create_dir(to).unwrap();
        } else if file != "__pycache__" {
            symlink(&from, to).unwrap();
        }
    }
    Ok(folder)
}

/// A folder of a test's own.
pub fn empty(name: &str) -> PathBuf {
    let folder = scratch("made").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file that somebody may run.
pub fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // By another process, so that no child of this one holds it open for writing.
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "printf '%s' \"$1\" > \"$0\" && chmod 755 \"$0\""]);
    output_of(shell.arg(path).arg(text));
}
