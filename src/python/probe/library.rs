//! Which shared library belongs to an interpreter, and why there is none.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use object::elf;

use super::facts::Details;

/// The first file that this process can load, of all the places where `details` say that
/// the interpreter's library may be.
///
/// # Errors
/// The reason why no place has a fitting one, and what to do about it.
pub(super) fn find(version: (u8, u8, u8), details: &Details) -> Result<PathBuf, String> {
    let mut unfit = Vec::new();
    let mut seen = Vec::new();
    for path in places(version, details) {
        // One file often has several of the names; its fault is told once.
        let Ok(real) = path.canonicalize() else {
            continue;
        };
        if seen.contains(&real) {
            continue;
        }
        seen.push(real);
        match check(&path) {
            Ok(()) => return Ok(path),
            Err(why) => unfit.push(format!("{} {why}", path.display())),
        }
    }
    Err(missing(version, details, &unfit))
}

/// Where the library may be, the surest first, each place once.
fn places(version: (u8, u8, u8), details: &Details) -> Vec<PathBuf> {
    let config = &details.config;
    let mut folders = Vec::new();
    if let Some(libdir) = config.libdir.as_ref().map(|text| text.path()) {
        folders.push(libdir.clone());
        folders.extend(
            config
                .multiarch
                .as_ref()
                .map(|arch| libdir.join(arch.path())),
        );
    }
    folders.push(details.base_prefix.path().join("lib"));
    folders.push(details.base_prefix.path().join("lib64"));
    // The paths of the build are of no use in an installation that was moved.
    let base = details.base_executable.path();
    let base = base.canonicalize().unwrap_or(base);
    if let Some(root) = base.parent().and_then(Path::parent) {
        folders.push(root.join("lib"));
    }
    folders.extend(config.libpl.as_ref().map(|text| text.path()));
    // Outside of the installation, the library of that name may be one of another build.
    let prefix = details.base_prefix.path();
    folders.sort_by_key(|folder| !folder.starts_with(&prefix));
    let mut paths: Vec<PathBuf> = details.mapped.iter().map(|text| text.path()).collect();
    for folder in folders {
        for name in names(version, details) {
            let path = folder.join(name);
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

/// The names the build gives, then those that every build uses: a static one names its
/// archive, even where a shared library was put beside it.
fn names(version: (u8, u8, u8), details: &Details) -> Vec<PathBuf> {
    let config = &details.config;
    let mut names: Vec<PathBuf> = [&config.instsoname, &config.ldlibrary]
        .into_iter()
        .flatten()
        .map(|text| text.path())
        .filter(|name| name.to_string_lossy().contains(".so"))
        .collect();
    let soname = soname(version, details);
    names.push(PathBuf::from(soname.trim_end_matches(".1.0")));
    names.push(PathBuf::from(soname));
    names
}

fn soname((major, minor, _): (u8, u8, u8), details: &Details) -> String {
    format!(
        "libpython{major}.{minor}{}.so.1.0",
        details.abiflags.lossy()
    )
}

/// Why there is no library, and how to get one where the interpreter comes from. `unfit`
/// are the files that are there and of no use.
fn missing(version: (u8, u8, u8), details: &Details, unfit: &[String]) -> String {
    let (major, minor, _) = version;
    let soname = soname(version, details);
    let prefix = details.base_prefix.path();
    let linked = match details.mapped.is_empty() {
        true => "it is linked statically, and",
        false => "it is linked dynamically, but",
    };
    let absent = match unfit {
        [] => format!("{linked} {soname} is not there"),
        _ => format!("{linked} {}", unfit.join(", ")),
    };
    if prefix == Path::new("/usr") && Path::new("/var/lib/dpkg").is_dir() {
        return format!("{absent}: `apt-get install libpython{major}.{minor}`");
    }
    if let Some(name) = pyenv_version(&prefix) {
        return format!(
            "{absent}: rebuild it with \
             `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force {name}`"
        );
    }
    if prefix.join("conda-meta").is_dir() {
        return format!(
            "{absent}, though conda's pythons come with it: \
             `conda install --force-reinstall python={major}.{minor}`"
        );
    }
    format!("{absent}: libemb needs a Python built with --enable-shared")
}

/// The name under which pyenv installed `prefix`.
fn pyenv_version(prefix: &Path) -> Option<String> {
    let versions = prefix
        .parent()
        .filter(|parent| parent.ends_with("versions"))?;
    let root = versions.parent()?;
    let ours = root.ends_with(".pyenv") || root.join("shims").is_dir();
    let name = prefix.file_name()?.to_string_lossy().into_owned();
    ours.then_some(name)
}

/// Whether `path` is a shared object for this very process.
fn check(path: &Path) -> Result<(), String> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut head))
        .map_err(|error| format!("cannot be read ({error})"))?;
    check_head(&head)
}

fn check_head(head: &[u8]) -> Result<(), String> {
    if head.starts_with(b"!<arch>\n") {
        return Err("is a static archive".into());
    }
    if !head.starts_with(&elf::ELFMAG) {
        let text = head
            .iter()
            .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
        let what = match head {
            [] => "is empty",
            _ if text => "is a text file (perhaps a linker script)",
            _ => "is not an ELF file",
        };
        return Err(what.into());
    }
    let [_, _, _, _, class, order, ..] = *head else {
        return Err("is cut off".into());
    };
    let (Some(&[a, b]), Some(&[c, d])) = (head.get(16..18), head.get(18..20)) else {
        return Err("is cut off".into());
    };
    let half = |bytes: [u8; 2]| match order {
        elf::ELFDATA2MSB => u16::from_be_bytes(bytes),
        _ => u16::from_le_bytes(bytes),
    };
    let theirs = machine(half([c, d]), class, order);
    let own = std::env::consts::ARCH;
    if theirs != own {
        return Err(format!("is for {theirs}, this process is {own}"));
    }
    match half([a, b]) {
        elf::ET_DYN => Ok(()),
        _ => Err("is an ELF file, but no shared library".into()),
    }
}

/// The name that Rust has for an ELF machine.
fn machine(number: u16, class: u8, order: u8) -> String {
    let wide = class == elf::ELFCLASS64;
    let little = order == elf::ELFDATA2LSB;
    let name = match (number, wide) {
        (elf::EM_X86_64, true) => "x86_64",
        (elf::EM_X86_64, false) => "x32",
        (elf::EM_386, _) => "x86",
        (elf::EM_AARCH64, true) => "aarch64",
        (elf::EM_ARM, _) => "arm",
        (elf::EM_RISCV, true) => "riscv64",
        (elf::EM_RISCV, false) => "riscv32",
        (elf::EM_PPC64, _) if little == cfg!(target_endian = "little") => "powerpc64",
        (elf::EM_PPC64, _) => "powerpc64 of the other byte order",
        (elf::EM_S390, true) => "s390x",
        (elf::EM_LOONGARCH, true) => "loongarch64",
        _ => return format!("ELF machine {number}"),
    };
    name.into()
}

#[cfg(test)]
mod tests;
