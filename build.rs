//! Gives the shared library its name, and generates the C header into the build folder; a test
//! compares it with the committed `include/emb.h`, and `make header` puts it there.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["src", "cbindgen.toml", "build.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    // Exit functions and thread states of the embedded Python point into the library: it must
    // stay loaded whatever the host does with its handle.
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let abi = abi_version(&root)?;
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libemb.so.{abi},-z,nodelete");

    let header = PathBuf::from(std::env::var("OUT_DIR")?).join("emb.h");
    cbindgen::Builder::new()
        .with_crate(&root)
        .with_config(cbindgen::Config::from_file(root.join("cbindgen.toml"))?)
        .generate()?
        .write_to_file(&header);
    println!("cargo:rustc-env=EMB_GENERATED_HEADER={}", header.display());
    Ok(())
}

/// The number in the SONAME is that of the ABI, which stands in one place.
fn abi_version(root: &Path) -> Result<u32, Box<dyn Error>> {
    let source = fs::read_to_string(root.join("src/api/runtime.rs"))?;
    let (_, rest) = source
        .split_once("pub const EMB_ABI_VERSION: u32 = ")
        .ok_or("src/api/runtime.rs has no EMB_ABI_VERSION")?;
    let (number, _) = rest.split_once(';').ok_or("EMB_ABI_VERSION has no end")?;
    Ok(number.parse()?)
}
