//! Generates the C header beside the library; `make header` puts it there.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    for path in ["src", "cbindgen.toml", "build.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    // Exit functions and thread states of the embedded Python point into the library: it must
    // stay loaded whatever the host does with its handle.
    if std::env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let abi = abi_version(&root)?;
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libemb.so.{abi},-z,nodelete");
    }

    let header = PathBuf::from(std::env::var("OUT_DIR")?).join("emb.h");
    let mut text = Vec::new();
    cbindgen::Builder::new()
        .with_crate(&root)
        .with_config(cbindgen::Config::from_file(root.join("cbindgen.toml"))?)
        .generate()?
        .write(&mut text);
    fs::write(&header, with_headings(&root, String::from_utf8(text)?)?)?;
    println!("cargo:rustc-env=EMB_GENERATED_HEADER={}", header.display());
    Ok(())
}

/// The number in the SONAME is that of the ABI, which stands in one place.
fn abi_version(root: &Path) -> Outcome<u32> {
    let source = fs::read_to_string(root.join("src/api/runtime.rs"))?;
    let number = between(&source, "pub const EMB_ABI_VERSION: u32 = ", ";");
    Ok(number
        .ok_or("src/api/runtime.rs has no EMB_ABI_VERSION")?
        .parse()?)
}

/// Each file of `src/api` is a section of the header, headed by the file's own first sentence.
fn with_headings(root: &Path, mut header: String) -> Outcome<String> {
    let api = root.join("src/api");
    for line in fs::read_to_string(api.join("mod.rs"))?.lines() {
        let Some(module) = between(line, "pub mod ", ";") else {
            continue;
        };
        let source = fs::read_to_string(api.join(module).with_extension("rs"))?;
        let title: Vec<_> = source
            .lines()
            .map_while(|line| line.strip_prefix("//! "))
            .collect();
        let first = between(&source, "extern \"C\" fn ", "(").ok_or(module)?;
        let declared = ["emb_status ", "uint32_t ", "const char *"]
            .iter()
            .find_map(|returns| header.find(&format!("\n{returns}{first}(")))
            .ok_or(first)?;
        let comment = header[..declared].rfind("/**").ok_or(first)?;
        let rule = "-".repeat(96);
        let title = title.join("\n * ");
        header.insert_str(comment, &format!("/* {rule}\n * {title}\n */\n\n"));
    }
    Ok(header)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}
