//! Files that the user of the process has no right to: which one it is, and what to do. Root may read
//! everything, so the host runs as somebody else, who may read all that is not closed on purpose.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::common::{find, output_of};
use crate::made::{Linked, library_of, pyenv, script, static_program};
use crate::{assert_says, host, need, succeeds, text};

const PERMIT: &str = "give the user of this process the right to it, and to the folders above it \
                      (`chmod a+rX`), or choose another Python";

/// A folder with the host, the library and pythons, that everybody may read.
struct Stranger {
    setpriv: PathBuf,
    folder: PathBuf,
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Stranger {
    fn new(test: &str) -> Result<Self, String> {
        let setpriv = find("setpriv").ok_or("setpriv is missing")?;
        // SAFETY: no precondition.
        if unsafe { libc::geteuid() } != 0 {
            return Err("only root can run a program as somebody else".into());
        }
        let name = format!("libemb-permission-{test}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(host().get_program(), folder.join("host")).unwrap();
        fs::copy(crate::common::library(), folder.join("libemb.so.1")).unwrap();
        Ok(Stranger { setpriv, folder })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn allow(&self, name: &str, mode: u32) {
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A whole CPython 3.`minor` of its own: a static program, its standard library, and the shared
    /// library beside it.
    fn python(&self, name: &str, minor: u8) -> Result<(), String> {
        let (program, original) = (static_program(minor, Linked::Pie)?, pyenv(minor)?);
        let prefix = self.at(name);
        let library = format!("lib/python3.{minor}");
        fs::create_dir_all(prefix.join("bin")).unwrap();
        fs::create_dir_all(prefix.join(&library)).unwrap();
        fs::copy(program, prefix.join("bin/python3")).unwrap();
        fs::copy(library_of(&original, minor), library_of(&prefix, minor)).unwrap();
        // What the build says of itself leads to what only root may read, and other tests use.
        let copy = "cd \"$0\" && tar -c --exclude=test --exclude=site-packages --exclude=__pycache__ \
                    --exclude=idlelib --exclude='config-*' . | tar -x -C \"$1\" && \
                    sed -i \"s,$2,$3,g\" \"$1\"/_sysconfigdata*.py";
        let mut shell = Command::new("sh");
        shell.args(["-c", copy]).arg(original.join(&library));
        output_of(shell.arg(prefix.join(&library)).arg(original).arg(&prefix));
        Ok(())
    }

    /// The host, run as somebody else.
    fn host(&self) -> Command {
        let mut command = host();
        let environment: Vec<_> = command
            .get_envs()
            .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)))
            .collect();
        command = Command::new(&self.setpriv);
        for (name, value) in environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(self.at("host"));
        command.env("LD_LIBRARY_PATH", &self.folder);
        command.current_dir("/");
        command
    }

    /// `bad` is refused with these words, and then a python that is not closed starts.
    fn refused(&self, bad: &str, words: &[&str]) {
        let output = succeeds(self.host().args([self.at(bad), self.at("good")]));
        assert_says(&output, words);
        assert_says(
            &output,
            &["libemb has no CPython that it can load", "] started"],
        );
    }
}

#[test]
fn a_library_that_may_not_be_read() {
    let test = "a_library_that_may_not_be_read";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    need!(test, stranger.python("closed", 12));
    stranger.allow("closed/lib/libpython3.12.so.1.0", 0o600);
    let library = library_of(&stranger.at("closed"), 12);
    let why = format!("{} cannot be read (Permission denied", text(&library));
    stranger.refused("closed", &["it is linked statically, and ", &why, PERMIT]);
}

/// One that is linked with its library, as the dynamic loader sees it.
#[test]
fn a_python_whose_own_library_may_not_be_read() {
    let test = "a_python_whose_own_library_may_not_be_read";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    let original = need!(test, pyenv(12));
    fs::create_dir_all(stranger.at("closed/bin")).unwrap();
    fs::copy(
        original.join("bin/python3.12"),
        stranger.at("closed/bin/python3"),
    )
    .unwrap();
    // Where the host's own libraries are looked for, and so the child's.
    let library = "libpython3.12.so.1.0";
    fs::copy(library_of(&original, 12), stranger.at(library)).unwrap();
    stranger.allow(library, 0o600);
    let why = "refused: it failed with exit status: 127; the library is not where it looks for it, or \
               may not be read by the user of this process: reinstall";
    stranger.refused("closed", &[why, library]);
}

#[test]
fn a_python_that_may_not_be_run() {
    let test = "a_python_that_may_not_be_run";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    need!(test, stranger.python("closed", 12));
    stranger.allow("closed/bin/python3", 0o744);
    let python = stranger.at("closed/bin/python3");
    let why = format!(
        "{}\n      refused: it cannot be run: Permission denied",
        text(&python)
    );
    stranger.refused("closed", &[&why, PERMIT]);
}

/// A static python that may be run, and whose file cannot be loaded into another process.
#[test]
fn a_static_python_that_may_only_be_run() {
    let test = "a_static_python_that_may_only_be_run";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 11));
    fs::remove_file(library_of(&stranger.at("good"), 11)).unwrap();
    let copy = "cp -a \"$0/good\" \"$0/closed\"";
    output_of(Command::new("sh").args(["-c", copy]).arg(&stranger.folder));
    stranger.allow("closed/bin/python3", 0o711);
    let why = "it is linked statically, cannot be read (Permission denied";
    stranger.refused("closed", &[why, PERMIT]);
}

#[test]
fn a_venv_whose_file_may_not_be_read() {
    let test = "a_venv_whose_file_may_not_be_read";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    let mut make = Command::new(stranger.at("good/bin/python3"));
    make.args(["-I", "-m", "venv", "--without-pip"]);
    output_of(make.arg(stranger.at("venv")));
    succeeds(stranger.host().arg(stranger.at("venv")));
    stranger.allow("venv/pyvenv.cfg", 0o600);
    let file = stranger.at("venv/pyvenv.cfg");
    let why = format!(
        "{}, by which its venv is known, cannot be read",
        text(&file)
    );
    stranger.refused("venv", &[&why, "Permission denied", PERMIT]);
}

#[test]
fn a_standard_library_that_may_not_be_read() {
    let test = "a_standard_library_that_may_not_be_read";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    need!(test, stranger.python("closed", 12));
    stranger.allow("closed/lib/python3.12", 0o700);
    let folder = stranger.at("closed/lib/python3.12");
    stranger.refused("closed", &[text(&folder), PERMIT]);
}

#[test]
fn folders_that_may_not_be_looked_at() {
    let test = "folders_that_may_not_be_looked_at";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    script(&stranger.at("closed/bin/python3"), "#!/bin/sh\n");
    fs::create_dir(stranger.at("project")).unwrap();
    script(&stranger.at("project/.venv/bin/python3"), "#!/bin/sh\n");
    stranger.allow("closed", 0o700);
    stranger.allow("project/.venv", 0o700);
    let why = "refused: it cannot be looked at: Permission denied";
    stranger.refused("closed", &["closed\n", why, PERMIT]);
    // Found by the place where the program runs.
    let mut inside = stranger.host();
    inside.current_dir(stranger.at("project"));
    let output = succeeds(inside.arg("").arg(stranger.at("good")));
    assert_says(
        &output,
        &["the project's .venv, ", why, PERMIT, "] started"],
    );
}

/// A file of the project that may name a Python or not: the report tells that it was not read.
#[test]
fn a_projects_file_that_may_not_be_read() {
    let test = "a_projects_file_that_may_not_be_read";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    let folder = stranger.at("project");
    fs::create_dir(&folder).unwrap();
    fs::write(
        folder.join("pyproject.toml"),
        "[tool.emb]\npython = '../good'\n",
    )
    .unwrap();
    stranger.allow("project/pyproject.toml", 0o600);
    let mut inside = stranger.host();
    inside.current_dir(&folder);
    inside.env("VIRTUAL_ENV", stranger.at("good"));
    let output = succeeds(inside.args(["", "doctor"]));
    let line =
        "pyproject.toml (tool.emb in pyproject.toml): skipped: it cannot be read: Permission";
    assert_says(&output, &[line, "(VIRTUAL_ENV): taken"]);
}

/// Not a reason of its own: what the others miss is what was taken from them.
#[test]
fn what_may_be_read_is_started() {
    let test = "what_may_be_read_is_started";
    let stranger = need!(test, Stranger::new(test));
    need!(test, stranger.python("good", 12));
    let uid = "eval:str(__import__('os').getuid())";
    let output = succeeds(stranger.host().arg(stranger.at("good")).arg(uid));
    assert_says(&output, &["] started", "\n65534\n"]);
}
