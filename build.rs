//! Gives the shared library its name, and generates the C header into the build folder; a test
//! compares it with the committed `include/emb.h`, and `make header` puts it there.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["src", "cbindgen.toml", "build.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    // Exit functions and thread states of the embedded Python point into the library: it must
    // stay loaded whatever the host does with its handle.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libemb.so.0,-z,nodelete");

    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let header = PathBuf::from(std::env::var("OUT_DIR")?).join("emb.h");
    cbindgen::Builder::new()
        .with_crate(&root)
        .with_config(cbindgen::Config::from_file(root.join("cbindgen.toml"))?)
        .generate()?
        .write_to_file(&header);
    println!("cargo:rustc-env=EMB_GENERATED_HEADER={}", header.display());
    Ok(())
}
