//! The objects of this process, as the dynamic loader lists them.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ops::Range;
use std::ptr;

use object::NativeEndian as NE;
use object::elf;

use super::elf::{Dynamic, Image};

type Segment = elf::ProgramHeader64<NE>;

/// A loaded object, valid while the loader keeps it mapped.
pub struct Object<'a> {
    /// Its path, or what it was opened as; empty for the executable.
    pub name: &'a CStr,
    pub image: Image,
    segments: &'a [Segment],
}

impl Object<'_> {
    /// The addresses from the first byte of the object to its last.
    pub fn span(&self) -> Range<usize> {
        let loaded = || {
            self.segments
                .iter()
                .filter(|s| s.p_type.get(NE) == elf::PT_LOAD)
        };
        let start = loaded().map(|s| s.p_vaddr.get(NE)).min().unwrap_or(0) as usize;
        let end = loaded()
            .map(|s| s.p_vaddr.get(NE) + s.p_memsz.get(NE))
            .max()
            .unwrap_or(0);
        self.image.base + start..self.image.base + end as usize
    }
}

/// Shows every loaded object, in the loader's order, which begins with the executable.
///
/// The loader's lock is held meanwhile, so nothing is unmapped under the visitor. For the
/// same reason the visitor must not call `dlopen`, `dlsym` or their like.
pub fn each_object<F: FnMut(&Object)>(mut visit: F) {
    unsafe extern "C" fn show<F: FnMut(&Object)>(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        visit: *mut c_void,
    ) -> c_int {
        // SAFETY: the loader passes a valid record, and our own pointer to `visit`.
        let (info, visit) = unsafe { (&*info, &mut *visit.cast::<F>()) };
        // SAFETY: the record gives address and number of the program headers, which are
        // mapped for as long as the object is.
        let segments = unsafe {
            std::slice::from_raw_parts(info.dlpi_phdr.cast::<Segment>(), info.dlpi_phnum.into())
        };
        let base = info.dlpi_addr as usize;
        let Some(dynamic) = segments
            .iter()
            .find(|s| s.p_type.get(NE) == elf::PT_DYNAMIC)
        else {
            return 0;
        };
        let dynamic = (base + dynamic.p_vaddr.get(NE) as usize) as *const Dynamic;
        // SAFETY: PT_DYNAMIC is the dynamic section, and the loader's lock keeps the object.
        if let Some(image) = unsafe { Image::new(base, dynamic) } {
            // SAFETY: the loader gives a NUL-terminated name.
            let name = unsafe { CStr::from_ptr(info.dlpi_name) };
            let object = Object {
                name,
                image,
                segments,
            };
            // The kernel's own object exports names of the C library, but is in no scope.
            if !object.span().contains(&kernel_object()) {
                visit(&object);
            }
        }
        0
    }
    // SAFETY: `show` is instantiated for the type of `visit`, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(show::<F>), (&raw mut visit).cast()) };
}

fn kernel_object() -> usize {
    // SAFETY: getauxval has no preconditions; it gives 0 where there is no such object.
    unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) as usize }
}

/// The object behind a handle of `dlopen`, and its path.
///
/// # Safety
///
/// The handle must be open, and stay open for as long as the image is used.
pub unsafe fn of_handle(handle: *mut c_void) -> Option<(Image, &'static CStr)> {
    /// The public beginning of the loader's record, `struct link_map` of <link.h>.
    #[repr(C)]
    struct LinkMap {
        base: usize,
        name: *const c_char,
        dynamic: *const Dynamic,
    }
    let mut map: *const LinkMap = ptr::null();
    unsafe extern "C" {
        fn dlinfo(handle: *mut c_void, request: c_int, result: *mut c_void) -> c_int;
    }
    const RTLD_DI_LINKMAP: c_int = 2;
    // SAFETY: the handle is open by contract; the request stores one pointer.
    let status = unsafe { dlinfo(handle, RTLD_DI_LINKMAP, (&raw mut map).cast::<c_void>()) };
    if status != 0 || map.is_null() {
        return None;
    }
    // SAFETY: the record belongs to the open handle.
    unsafe {
        Some((
            Image::new((*map).base, (*map).dynamic)?,
            CStr::from_ptr((*map).name),
        ))
    }
}
