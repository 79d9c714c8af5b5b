//! Files without a name, in memory.

use std::ffi::{CStr, CString, OsStr, c_int};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file that is in no directory, and is gone when the last descriptor of it is closed. The label is
/// what `/proc/self/maps` shows for it.
pub fn nameless(label: &CStr) -> io::Result<File> {
    // Since Linux 6.3 a system can demand one of two flags on whether the file may be
    // executed as a program, which older kernels refuse. Ours never is.
    const MFD_NOEXEC_SEAL: libc::c_uint = 8;
    let create = |flags: libc::c_uint| {
        // SAFETY: the label is NUL-terminated; the kernel copies it.
        unsafe { libc::syscall(libc::SYS_memfd_create, label.as_ptr(), flags) }
    };
    let mut fd = create(libc::MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if fd < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
        fd = create(libc::MFD_CLOEXEC);
    }
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor.
    Ok(unsafe { File::from_raw_fd(fd as c_int) })
}

/// A nameless file, and a path by which the loader can open it for
/// as long as this value lives.
pub struct MemoryFile {
    file: File,
    pub path: CString,
}

impl MemoryFile {
    pub fn new(label: &CStr) -> io::Result<MemoryFile> {
        let file = nameless(label)?;
        let path = CString::new(unique_path(file.as_raw_fd()))?;
        Ok(MemoryFile { file, path })
    }

    /// A copy of a file, by which the loader can be made to map it a second time.
    pub fn copy(label: &CStr, original: &CStr) -> io::Result<MemoryFile> {
        let mut copy = MemoryFile::new(label)?;
        io::copy(
            &mut File::open(OsStr::from_bytes(original.to_bytes()))?,
            &mut copy.file,
        )?;
        Ok(copy)
    }

    /// Adds bytes at the end.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Replaces bytes.
    pub fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    /// Leaves out what comes after `length` bytes.
    pub fn cut(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    /// Whether such files can be made here and the loader will find them.
    pub fn check() -> io::Result<()> {
        let file = MemoryFile::new(c"libemb")?;
        File::open(Path::new(OsStr::from_bytes(file.path.to_bytes()))).map(drop)
    }
}

/// A path to the descriptor that no earlier object had.
///
/// The loader compares names before it looks at files, so that a descriptor's number used
/// again would lead back to the library that had it first. The path counts in binary:
/// each bit adds an empty step, `/` or `/./`. It leads through the thread and not the
/// process, whose entries are gone when its main thread has ended before the others.
fn unique_path(fd: c_int) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let steps: String = (0..u32::BITS - count.leading_zeros())
        .map(|bit| if count >> bit & 1 == 1 { "/./" } else { "/" })
        .collect();
    format!("/proc/thread-self/fd/{steps}{fd}")
}
