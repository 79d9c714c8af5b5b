//! Correcting what an object was bound to, after it has been loaded.
//!
//! This is for processes in which a stub cannot come before the global scope. The loader
//! binds to the host's names there, and we overwrite the slots that it filled in. It comes
//! too late for initialisers which use Python's API, that is, for static objects of C++
//! that call one of the clashing functions when they are constructed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{CStr, c_int, c_void};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::elf::Image;
use super::process::{self, each_object};

/// What each name has to be bound to.
pub type Targets = HashMap<Vec<u8>, usize>;

/// The objects which are loaded now.
pub fn loaded() -> HashSet<usize> {
    let mut ids = HashSet::new();
    each_object(|object| {
        ids.insert(object.image.id());
    });
    ids
}

/// Mends the object behind a handle and those of its dependencies that came with it.
///
/// Other threads of the host may have loaded objects of their own since `before`, which is
/// why it is not enough for an object to be new.
///
/// # Safety
///
/// The handle must be open, and no code of the new objects be running.
pub unsafe fn since(
    before: &HashSet<usize>,
    handle: *mut c_void,
    targets: &Targets,
) -> io::Result<()> {
    // SAFETY: the handle is open by contract.
    let root = unsafe { process::of_handle(handle) }.map(|(root, _)| root);
    let mut candidates: Vec<(Vec<u8>, Image)> = Vec::new();
    each_object(|object| {
        if !before.contains(&object.image.id()) {
            candidates.push((object.name.to_bytes().to_vec(), object.image));
        }
    });
    let mut queue: Vec<Image> = root
        .into_iter()
        .filter(|root| !before.contains(&root.id()))
        .collect();
    let mut seen: HashSet<usize> = queue.iter().map(Image::id).collect();
    while let Some(object) = queue.pop() {
        // SAFETY: the handle keeps the object and its dependencies mapped.
        unsafe { mend(&object, targets) }?;
        for needed in object.needed() {
            queue.extend(
                candidates
                    .iter()
                    .filter(|(path, image)| answers_to(path, image, needed))
                    .filter(|(_, image)| seen.insert(image.id()))
                    .map(|(_, image)| *image),
            );
        }
    }
    Ok(())
}

fn answers_to(path: &[u8], image: &Image, needed: &CStr) -> bool {
    let file = path.rsplit(|byte| *byte == b'/').next();
    let needed = needed.to_bytes();
    path == needed
        || file == Some(needed)
        || image
            .soname()
            .is_some_and(|soname| soname.to_bytes() == needed)
}

/// # Safety
///
/// The object must stay mapped.
unsafe fn mend(object: &Image, targets: &Targets) -> io::Result<()> {
    // SAFETY: sysconf has no preconditions.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    let mut pages: BTreeMap<usize, Vec<(*mut usize, usize)>> = BTreeMap::new();
    for reference in object.references() {
        if let Some(target) = targets.get(reference.name.to_bytes()) {
            let write = (reference.slot, target.wrapping_add(reference.addend));
            pages
                .entry(reference.slot as usize & !(page - 1))
                .or_default()
                .push(write);
        }
    }
    if pages.is_empty() {
        return Ok(());
    }
    // Two threads that mend one page must not take the permission from each other.
    static PROTECTIONS: Mutex<()> = Mutex::new(());
    let _held = PROTECTIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let protections = protections(pages.keys().copied())?;
    for ((start, writes), protection) in pages.into_iter().zip(protections) {
        let read_only = protection & libc::PROT_WRITE == 0;
        if read_only {
            protect(start, page, protection | libc::PROT_WRITE)?;
        }
        for (slot, address) in writes {
            // SAFETY: the slot is an aligned word in a page that is writable now. The loader
            // is done with it, and others read it whole.
            unsafe { AtomicUsize::from_ptr(slot) }.store(address, Ordering::Release);
        }
        if read_only {
            protect(start, page, protection)?;
        }
    }
    Ok(())
}

fn protect(start: usize, length: usize, protection: c_int) -> io::Result<()> {
    // SAFETY: a page of an object that stays mapped; the caller restores what it was.
    match unsafe { libc::mprotect(start as *mut c_void, length, protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// How each of these pages, in ascending order, is protected. The program headers would
/// only tell how the loader leaves them, and not what has been done to them since.
///
/// The list is in ascending order too, and new objects are near its beginning; the kernel
/// makes it as it is read, so it pays to stop early.
fn protections(pages: impl Iterator<Item = usize>) -> io::Result<Vec<c_int>> {
    let maps = BufReader::new(File::open("/proc/thread-self/maps")?);
    let mut areas = maps.split(b'\n');
    let mut current = (0..0, 0);
    let mut found = Vec::new();
    for page in pages {
        while current.0.end <= page {
            let line = areas
                .next()
                .ok_or_else(|| io::Error::other("a slot is not mapped"))??;
            current = area(&String::from_utf8_lossy(&line)).unwrap_or((0..0, 0));
        }
        if !current.0.contains(&page) {
            return Err(io::Error::other("a slot is not mapped"));
        }
        found.push(current.1);
    }
    Ok(found)
}

/// Reads a line such as `7f0c4000-7f0c5000 r--p 00001000 fe:01 1234 /lib/libz.so`.
fn area(line: &str) -> Option<(Range<usize>, c_int)> {
    let mut fields = line.split(' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?;
    let flag = |letter, value| {
        if permissions.contains(letter) {
            value
        } else {
            0
        }
    };
    let range = usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?;
    let protection =
        flag('r', libc::PROT_READ) | flag('w', libc::PROT_WRITE) | flag('x', libc::PROT_EXEC);
    Some((range, protection))
}
