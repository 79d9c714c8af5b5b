//! The names that must keep meaning what they mean in the whole process.
//!
//! A stub puts its own dependencies in front of the global scope: what an extension asks
//! for is looked up in libpython, in the extension and in its libraries first. Among those
//! is the C library, and twice that is wrong:
//!
//! * The executable may have *copied* a variable out of a library (`environ`, `std::cout`).
//!   The library itself uses the copy; its own instance is an empty shell, never initialised.
//! * An object ahead of the C library may have *replaced* some of its functions. With a
//!   preloaded allocator, memory from one `malloc` would reach the `free` of another.
//!
//! The stub defines these few names itself, with the addresses that all others use.

use std::collections::{BTreeMap, HashMap, HashSet};

use object::elf::{STT_OBJECT, STT_TLS};

use super::elf::{Image, Name, Symbol, is_python};
use super::process::each_object;
use super::stub::Absolute;

/// The parts of the C library, which are separate files before glibc 2.34. They define
/// some names twice among themselves, and no one interposes by that.
const C_LIBRARY: [&[u8]; 6] = [
    b"libc.so",
    b"libm.so",
    b"libpthread.so",
    b"libdl.so",
    b"librt.so",
    b"ld-linux",
];

/// The names to keep, each with the address its users in the process have.
pub fn kept() -> Vec<Absolute> {
    let mut objects = Vec::new();
    each_object(|object| {
        let path = object.name.to_bytes();
        let file = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        let c_library = C_LIBRARY.iter().any(|part| file.starts_with(part));
        objects.push((object.image, c_library));
    });
    // The objects a program starts with come first, and are never unmapped. What has been
    // loaded since can be, but comes after the C library and interposes nothing in it.
    let end = objects
        .iter()
        .rposition(|(_, c_library)| *c_library)
        .map_or(0, |last| last + 1);
    objects.truncate(end);

    let mut kept = BTreeMap::new();
    copied(&objects, &mut kept);
    replaced(&objects, &mut kept);
    kept.into_values().collect()
}

type Kept = BTreeMap<&'static [u8], Absolute>;

/// Variables that the executable has copied, under all their names: the C library calls
/// the same variable `environ`, `_environ` and `__environ`.
fn copied(objects: &[(Image, bool)], kept: &mut Kept) {
    let Some(((executable, _), libraries)) = objects.split_first() else {
        return;
    };
    let copies: HashMap<&[u8], &Symbol> = executable
        .copies()
        .map(|(name, symbol)| (name.to_bytes(), symbol))
        .collect();
    if copies.is_empty() {
        return;
    }
    for (library, _) in libraries {
        let originals: HashMap<usize, &Symbol> = library
            .defined()
            .filter_map(|(name, symbol)| {
                Some((library.address(symbol), *copies.get(name.to_bytes())?))
            })
            .collect();
        for (name, symbol) in library.defined() {
            if let Some(copy) = originals.get(&library.address(symbol))
                && symbol.st_type() == STT_OBJECT
            {
                keep(kept, name.to_bytes(), executable, copy);
            }
        }
    }
}

/// Names of the C library that an earlier object defines too. Its own address counts: in
/// an executable that is not position independent, `dlsym` may give a jump table's entry.
fn replaced(objects: &[(Image, bool)], kept: &mut Kept) {
    let mut seen = HashSet::new();
    for (position, (library, c_library)) in objects.iter().enumerate() {
        if !c_library {
            continue;
        }
        let names = library
            .defined()
            .map(|(name, _)| Name::new(name.to_bytes()));
        for name in names.filter(|name| seen.insert(name.bytes)) {
            let earlier = objects[..position]
                .iter()
                .filter(|(_, c_library)| !c_library);
            if let Some((image, symbol)) = earlier
                .filter_map(|(image, _)| Some((image, image.find(&name)?)))
                .next()
            {
                keep(kept, name.bytes, image, symbol);
            }
        }
    }
}

/// Python's names are what must not be kept, and thread-local variables have no one address.
fn keep(kept: &mut Kept, name: &'static [u8], definer: &Image, symbol: &Symbol) {
    if !is_python(name) && symbol.st_type() != STT_TLS {
        kept.entry(name).or_insert_with(|| Absolute {
            name: name.to_vec(),
            address: definer.address(symbol),
            kind: symbol.st_type(),
            size: symbol.st_size.get(object::NativeEndian),
        });
    }
}
