#![allow(clippy::unwrap_used)]

use super::*;

/// A system that has just these files.
struct Made(&'static [&'static str]);

impl System for Made {
    fn has(&self, path: &Path) -> bool {
        self.0.iter().any(|one| path == Path::new(one))
    }
}

#[test]
fn where_an_interpreter_comes_from_is_told_by_its_prefix() {
    let debian = Made(&["/var/lib/dpkg"]);
    let fedora = Made(&["/usr/bin/dnf"]);
    let none = Made(&[]);
    let shims = Made(&["/opt/py/shims"]);
    let conda = Made(&["/home/u/miniforge3/conda-meta"]);
    let pyenv = |name: &str| Origin::Pyenv(name.into());
    let expected: [(&str, &dyn System, Origin); 14] = [
        ("/usr", &debian, Origin::Debian),
        ("/usr", &fedora, Origin::Fedora),
        ("/usr", &none, Origin::Other),
        ("/usr/local", &debian, Origin::Other),
        ("/home/u/.pyenv/versions/3.12.1", &debian, pyenv("3.12.1")),
        ("/opt/py/versions/3.9.1", &shims, pyenv("3.9.1")),
        ("/opt/py/versions/3.9.1", &none, Origin::Other),
        ("/home/u/miniforge3", &conda, Origin::Conda),
        (
            "/home/u/.local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu",
            &none,
            Origin::Uv,
        ),
        ("/srv/cpython-3.12", &none, Origin::Other),
        (
            "/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12",
            &none,
            Origin::Homebrew,
        ),
        (
            "/usr/local/Cellar/python@3.12/3.12.4/Frameworks/Python.framework/Versions/3.12",
            &none,
            Origin::Homebrew,
        ),
        (
            "/home/linuxbrew/.linuxbrew/opt/python@3.12",
            &none,
            Origin::Homebrew,
        ),
        ("/home/u/python", &none, Origin::Other),
    ];
    for (prefix, system, wanted) in expected {
        assert_eq!(origin(Path::new(prefix), system), wanted, "{prefix}");
    }
}

#[test]
fn each_origin_has_its_remedy() {
    let details = super::super::tests::details(Path::new("/usr"));
    let say = |origin, damaged| advice(&origin, (3, 12, 1), &details, damaged);
    assert_eq!(
        say(Origin::Debian, false),
        "`apt-get install libpython3.12`"
    );
    assert_eq!(
        say(Origin::Debian, true),
        "`apt-get install --reinstall libpython3.12`"
    );
    assert_eq!(
        say(Origin::Pyenv("3.12.1".into()), false),
        "rebuild it with `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force 3.12.1`"
    );
    assert!(say(Origin::Fedora, false).contains("dnf install python3.12-libs"));
    assert!(say(Origin::Conda, false).contains("conda install --force-reinstall python=3.12"));
    assert!(say(Origin::Uv, false).contains("uv python install --reinstall 3.12.1"));
    assert!(say(Origin::Homebrew, false).contains("brew reinstall python@3.12"));
    assert!(say(Origin::Other, false).contains("./configure --enable-shared"));
    assert_eq!(say(Origin::Other, true), "reinstall that Python");
}
