//! Gives the shared library its name, and generates the C header into the build folder; a test
//! compares it with the committed `include/emb.h`, and `make header` puts it there.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=build.rs");
    // Exit functions and thread states of the embedded Python point into the library: it must
    // stay loaded whatever the host does with its handle.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libemb.so.0,-z,nodelete");

    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let header = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("emb.h");
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    cbindgen::Builder::new()
        .with_crate(&root)
        .with_config(config)
        .generate()
        .expect("the C ABI's sources parse")
        .write_to_file(&header);
    println!("cargo:rustc-env=EMB_GENERATED_HEADER={}", header.display());
}
