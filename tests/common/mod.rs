//! What the tests that compile C share: the library under test, a scratch folder, the compiler,
//! programs that end in time, and SKIP lines that are seen.

#![allow(dead_code)]

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `target/<profile>`: this very program is in its folder `deps`.
pub fn profile() -> PathBuf {
    let program = env::current_exe().unwrap();
    program.parent().and_then(Path::parent).unwrap().into()
}

/// The libemb.so that cargo built together with this test.
pub fn library() -> PathBuf {
    let built = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    // `cargo build` links it out of `deps`, `cargo test` leaves it there: the newest is meant.
    let places = [
        profile().join("deps/libemb.so"),
        profile().join("libemb.so"),
    ];
    let newest = places.iter().max_by_key(|path| built(path)).unwrap();
    assert!(newest.exists(), "no libemb.so in {}", profile().display());
    newest.clone()
}

/// A folder of this profile's own, for what the tests compile.
pub fn scratch(name: &str) -> PathBuf {
    let profile = profile();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(profile.file_name().unwrap())
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A folder with the library under its two names, for `-L` and for the run path.
pub fn library_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = scratch("lib");
        for name in ["libemb.so", "libemb.so.1"] {
            let (link, new) = (folder.join(name), folder.join(format!("{name}.new")));
            let _ = fs::remove_file(&new);
            symlink(library(), &new).unwrap();
            fs::rename(new, link).unwrap();
        }
        folder
    })
}

/// Says what was not tested and why, once; past the test harness, which hides the output of what
/// passes.
pub fn skip(what: &str, why: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let line = format!("SKIP {what}: {why}");
    let mut said = SAID.lock().unwrap();
    if !said.contains(&line) {
        let _ = writeln!(std::io::stderr(), "{line}");
        said.push(line);
    }
}

/// A program on PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The C compiler: CC, or the system's.
pub fn cc() -> Command {
    Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
}

/// The C++ compiler: CXX, or the system's.
pub fn cxx() -> Command {
    Command::new(env::var_os("CXX").unwrap_or_else(|| "c++".into()))
}

/// What a program said and how it ended.
pub struct Ended {
    /// None: it took too long and was killed.
    pub status: Option<ExitStatus>,
    /// Both of its streams, in the order in which they were written.
    pub output: String,
}

impl Ended {
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    pub fn describe(&self) -> String {
        match self.status {
            Some(status) => format!("{status}\n{}", self.output),
            None => format!("took too long and was killed\n{}", self.output),
        }
    }
}

/// Runs a program to its end, or kills it.
pub fn run(command: &mut Command, limit: Duration) -> Ended {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = scratch("output").join(format!("{}-{number}", std::process::id()));
    let file = fs::File::create(&path).unwrap();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    let deadline = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let output = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
    let _ = fs::remove_file(path);
    Ended { status, output }
}

/// Runs a program that has to succeed, and gives what it printed.
pub fn output_of(command: &mut Command) -> String {
    let ended = run(command, Duration::from_secs(120));
    assert!(ended.succeeded(), "{command:?}: {}", ended.describe());
    ended.output
}

/// Compiles one C or C++ program of the project against the headers and the library under test.
pub fn compile<S: AsRef<OsStr>>(source: &Path, kind: &str, flags: &[S]) -> PathBuf {
    let is_cxx = source.extension().is_some_and(|suffix| suffix == "cpp");
    let compiler = if is_cxx { cxx() } else { cc() };
    compile_by(compiler, source, kind, flags, library_folder())
}

/// The same with another compiler, and the library in another folder.
pub fn compile_by<S: AsRef<OsStr>>(
    mut command: Command,
    source: &Path,
    kind: &str,
    flags: &[S],
    folder: &Path,
) -> PathBuf {
    let program = scratch(kind).join(source.file_stem().unwrap());
    let is_cxx = source.extension().is_some_and(|suffix| suffix == "cpp");
    command
        .arg(if is_cxx { "-std=c++17" } else { "-std=c11" })
        .args(["-D_GNU_SOURCE", "-g", "-O1", "-pthread"])
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-I")
        .arg(root().join("ctests"))
        .arg(source)
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(folder)
        // Before LD_LIBRARY_PATH, in which cargo names a folder that may have an older library.
        .arg(format!(
            "-Wl,--disable-new-dtags,-rpath,{}",
            folder.display()
        ))
        .args(["-lemb", "-ldl", "-lm"]);
    output_of(&mut command);
    program
}

/// The Python that the programs start: EMB_PYTHON, or the project's test environment, or its
/// demo environment. None: whatever libemb discovers.
pub fn python() -> Option<PathBuf> {
    if let Some(python) = env::var_os("EMB_PYTHON").filter(|python| !python.is_empty()) {
        return Some(python.into());
    }
    [".venv-test/bin/python3", ".venv/bin/python3"]
        .iter()
        .map(|python| root().join(python))
        .find(|python| python.exists())
}

/// A command whose Python is `python`, and is not led astray by the environment.
pub fn host(program: &Path, python: Option<&Path>) -> Command {
    let mut command = Command::new(program);
    let led = |name: &str| {
        name.starts_with("PYTHON")
            || ["EMB_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX", "EMB_CLASH"].contains(&name)
    };
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(led) {
            command.env_remove(name);
        }
    }
    if let Some(python) = python {
        command.env("EMB_PYTHON", python);
    }
    command.env("MPLBACKEND", "Agg");
    command
}
