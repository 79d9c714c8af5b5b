//! Fake interpreters, which are small shell scripts, and the real one that PATH has.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::*;

/// A folder of a test's own, gone with it.
pub(crate) struct Folder(pub PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("libemb-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    /// Another process writes it: one that a test starts at the same moment would inherit
    /// a descriptor of ours, and the kernel runs no file that is open for writing.
    pub(crate) fn script(&self, name: impl AsRef<Path>, body: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = Command::new("/bin/sh")
            .args(["-c", "cat > \"$0\" && chmod +x \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let text = format!("#!/bin/sh\n{body}\n");
        writer
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        assert!(writer.wait().unwrap().success());
        path
    }

    /// A script that answers as the CPython 3.11.4 whose prefix is `self`, with a library.
    pub(crate) fn cpython(&self, name: impl AsRef<Path>) -> PathBuf {
        fs::create_dir_all(self.0.join("lib")).unwrap();
        library(&self.0.join("lib/libpython3.11.so.1.0"));
        self.script(name, &answering("cpython", "[3, 11, 4]", &self.0))
    }
}

/// What is found out about the CPython 3.11.4 of a folder.
pub(crate) fn interpreter_at(folder: &Folder) -> Interpreter {
    ask(&folder.cpython("bin/python3"), LIMITS, None).unwrap()
}

/// Writes a shared library of this machine with nothing in it.
pub(crate) fn library(path: &Path) {
    fs::write(path, crate::platform::small_library()).unwrap();
}

/// What an interpreter says that was installed into `prefix`.
pub(super) fn details(prefix: &Path) -> Details {
    let prefix = prefix.display();
    serde_json::from_str(&format!(
        r#"{{"executable": "{prefix}/bin/python3", "base_executable": "{prefix}/bin/python3",
        "prefix": "{prefix}", "base_prefix": "{prefix}", "exec_prefix": "{prefix}", "stdlib": "", "packages": "",
        "search_path": [], "config": {{"LDLIBRARY": "libpython3.12.so", "INSTSONAME": "libpython3.12.so.1.0",
        "LIBDIR": "{prefix}/lib", "MULTIARCH": "x", "LIBPL": null}}, "abiflags": "", "mapped": [],
        "enable_shared": false, "free_threaded": false, "debug_build": false,
        "pointer_bits": 64, "machine": "", "platform": "linux", "program": ""}}"#
    ))
    .unwrap()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The body of a script that answers, with some noise around.
pub(crate) fn answering(implementation: &str, version: &str, prefix: &Path) -> String {
    let prefix = prefix.display();
    format!(
        r#"cat <<'END'
noise <libemb-probe> without end
<libemb-probe>{{"implementation": "{implementation}", "implementation_version": {version},
"version": {version}, "version_text": "3.11.4 (\u00e4)", "executable": "{prefix}/bin/python3",
"base_executable": "{prefix}/bin/python3", "prefix": "{prefix}", "base_prefix": "{prefix}",
"exec_prefix": "{prefix}", "stdlib": "{prefix}/lib/python3.11",
"packages": "{prefix}/lib/python3.11/site-packages", "search_path": [], "config": {{"LDLIBRARY":
"libpython3.11.a", "INSTSONAME": null, "LIBDIR": "/nowhere/lib", "MULTIARCH": null, "LIBPL": null}},
"abiflags": "", "enable_shared": false, "free_threaded": false, "debug_build": true,
"pointer_bits": {bits}, "machine": "any", "platform": "linux", "mapped": [], "program": ""}}</libemb-probe> and after
END"#,
        bits = usize::BITS
    )
}

fn ask_briefly(python: &Path) -> Result<Interpreter, Refusal> {
    let time = Duration::from_millis(500);
    ask(python, Limits { time, ..LIMITS }, None)
}

fn unusable(python: &Path) -> String {
    match ask(python, LIMITS, None) {
        Err(Refusal::Unusable(why) | Refusal::TooOld(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_is_found_among_noise() {
    let folder = Folder::new();
    let found = ask(&folder.cpython("python3"), LIMITS, None).unwrap();
    assert_eq!(found.version, (3, 11, 4));
    assert_eq!(found.libpython, folder.0.join("lib/libpython3.11.so.1.0"));
    assert!(found.debug_build && !found.venv && !found.runs_on_libpython);
}

#[test]
fn another_implementation_is_named() {
    let folder = Folder::new();
    let python = folder.script("python3", &answering("pypy", "[7, 3, 11]", &folder.0));
    let refusal = ask(&python, LIMITS, None).unwrap_err();
    let why = "it is PyPy 7.3.11 (Python 7.3), not CPython";
    assert_eq!(refusal, Refusal::NotCPython(why.into()));
}

#[test]
fn an_old_python_is_told_so() {
    let folder = Folder::new();
    let short = r#"echo '<libemb-probe>{"implementation": "cpython", "version": [2, 7, 18],
        "implementation_version": [2, 7, 18], "version_text": ""}</libemb-probe>'"#;
    let why = unusable(&folder.script("python3", short));
    assert_eq!(
        why,
        "Python 2.7.18 is too old: libemb needs CPython 3.8 or newer"
    );
}

#[test]
fn a_failure_keeps_the_last_words() {
    let folder = Folder::new();
    let python = folder.script(
        "python3",
        "echo first >&2; echo ] >&2; echo broken >&2; exit 3",
    );
    let why = unusable(&python);
    assert_eq!(
        why,
        "it failed with exit status: 3. It said:\n  first\n  broken"
    );
    let home = Some("/wrong".into());
    let why = ask(&python, LIMITS, home).unwrap_err().to_string();
    assert!(
        why.contains("PYTHONHOME is set to /wrong, which may be the cause"),
        "{why}"
    );
}

#[test]
fn an_answer_before_a_crash_does_not_count() {
    let folder = Folder::new();
    let body = answering("cpython", "[3, 11, 4]", &folder.0) + "\nkill -SEGV $$";
    let why = unusable(&folder.script("python3", &body));
    assert!(why.starts_with("it failed with signal: 11"), "{why}");
}

#[test]
fn what_answers_nothing_or_nonsense_is_refused() {
    let folder = Folder::new();
    let echo = folder.script("echo", "echo \"$@\"");
    assert_eq!(
        unusable(&echo),
        "it ran, but did not answer as a Python does"
    );
    let nonsense = folder.script("nonsense", "echo '<libemb-probe>{1}</libemb-probe>'");
    assert!(unusable(&nonsense).starts_with("it gave an answer that makes no sense"));
    let headless = folder.0.join("headless");
    fs::copy(folder.script("lost", ""), &headless).unwrap();
    folder.script(
        "writer",
        &format!("echo '#!/no/such/shell' > {}", headless.display()),
    );
    assert!(
        Command::new(folder.0.join("writer"))
            .status()
            .unwrap()
            .success()
    );
    assert!(unusable(&headless).contains("in its first line"));
}

#[test]
fn a_hang_is_ended() {
    let folder = Folder::new();
    let start = Instant::now();
    let refusal = ask_briefly(&folder.script("python3", "sleep 60")).unwrap_err();
    assert!(refusal.to_string().contains("was killed"), "{refusal}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_lost_status_leaves_the_answer() {
    let status = Command::new("/bin/sh")
        .args(["-c", "exit 1"])
        .status()
        .unwrap();
    assert!(succeeded(&End::Unknown));
    assert!(!succeeded(&End::Exited(status)));
}

#[test]
fn the_real_python_answers_from_a_path_of_any_bytes() {
    let search = Command::new("/bin/sh")
        .args(["-c", "command -v python3"])
        .output()
        .unwrap();
    let python = OsStr::from_bytes(search.stdout.trim_ascii_end());
    if python.is_empty() {
        eprintln!("SKIP: no python3 on PATH");
        return;
    }
    let direct = match ask(Path::new(python), LIMITS, None) {
        Ok(found) => found,
        Err(refusal) => return eprintln!("SKIP: {refusal}"),
    };
    assert!(direct.stdlib.is_dir() && direct.libpython.is_file());
    let folder = Folder::new();
    let odd = folder.0.join(OsStr::from_bytes(b"v\xff\xfe"));
    let made = Command::new(&direct.executable)
        .args(["-m", "venv", "--without-pip"])
        .arg(&odd)
        .output()
        .unwrap();
    if !made.status.success() {
        eprintln!("SKIP: no venv: {}", String::from_utf8_lossy(&made.stderr));
        return;
    }
    let found = ask(&odd.join("bin/python3"), LIMITS, None).unwrap();
    assert_eq!(found.executable, odd.join("bin/python3"));
    assert_eq!((found.venv, found.prefix.as_path()), (true, odd.as_path()));
    assert_eq!(found.base_prefix, direct.base_prefix);
    assert_eq!(found.libpython, direct.libpython);
    assert!(found.base_executable.is_file() && !found.base_executable.starts_with(&odd));
    assert!(
        serde_json::to_string(&found)
            .unwrap()
            .contains("executable")
    );
}
