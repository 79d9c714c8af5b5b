//! Reading an object that the dynamic loader has mapped into this process.
//!
//! Everything here is read from memory, through the object's dynamic section, as the
//! loader itself reads it. Files are of no use for this: they may have been replaced or
//! deleted since, and they do not say where a relocation slot is.

use std::ffi::{CStr, c_char};
use std::ops::Range;
use std::ptr;

use super::gnu_hash::GnuHash;
pub use super::gnu_hash::Name;
use object::NativeEndian as NE;
use object::elf;

pub type Symbol = elf::Sym64<NE>;
pub type Dynamic = elf::Dyn64<NE>;
type Relocation = elf::Rela64<NE>;

/// The relocation types by which a symbol's address gets into a slot of eight bytes, and
/// the one that copies a variable into the executable.
#[cfg(target_arch = "x86_64")]
mod relocation {
    pub const ADDRESS: [u32; 3] = [
        object::elf::R_X86_64_GLOB_DAT,
        object::elf::R_X86_64_JUMP_SLOT,
        object::elf::R_X86_64_64,
    ];
    pub const COPY: u32 = object::elf::R_X86_64_COPY;
}
#[cfg(target_arch = "aarch64")]
mod relocation {
    pub const ADDRESS: [u32; 3] = [
        object::elf::R_AARCH64_GLOB_DAT,
        object::elf::R_AARCH64_JUMP_SLOT,
        object::elf::R_AARCH64_ABS64,
    ];
    pub const COPY: u32 = object::elf::R_AARCH64_COPY;
}

/// Whether a name belongs to the C API of Python, public or private.
pub fn is_python(name: &[u8]) -> bool {
    [&b"Py"[..], b"_Py", b"PY_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The tables that an object's dynamic section leads to.
#[derive(Clone, Copy)]
pub struct Image {
    pub base: usize,
    dynamic: *const Dynamic,
    symbols: *const Symbol,
    strings: *const c_char,
    hash: Hash,
    relocations: [(*const Relocation, usize); 2],
}

/// The table that finds a symbol by name. All objects of the last fifteen years have the
/// GNU one; stubs have the older one, which is simpler to write.
#[derive(Clone, Copy)]
enum Hash {
    Gnu(*const u32),
    SystemV(*const u32),
    None,
}

/// A relocation which puts the address of a symbol into a slot.
pub struct Reference {
    pub name: &'static CStr,
    /// The object does not define the symbol itself.
    pub undefined: bool,
    pub slot: *mut usize,
    pub addend: usize,
}

impl Image {
    /// # Safety
    ///
    /// `dynamic` must be the dynamic section of an object that the loader has mapped at
    /// `base`. The image, and every name it hands out, must not be used after the object
    /// has been unmapped.
    pub unsafe fn new(base: usize, dynamic: *const Dynamic) -> Option<Image> {
        let value = |tag| {
            // SAFETY: by this function's contract `dynamic` is a whole dynamic section.
            unsafe { entries(dynamic) }
                .find(|(t, _)| *t == u64::from(tag))
                .map(|(_, value)| value)
        };
        // glibc writes absolute addresses into the section when it maps it, musl does not,
        // and neither does glibc where the section is read-only.
        let absolute = |value: usize| if value < base { base + value } else { value };
        let table = |at, size: u32| {
            let entries = value(size).unwrap_or(0) / size_of::<Relocation>();
            match value(at) {
                Some(at) => (absolute(at) as *const Relocation, entries),
                None => (ptr::null(), 0),
            }
        };
        let hash = match (value(elf::DT_GNU_HASH), value(elf::DT_HASH)) {
            (Some(at), _) => Hash::Gnu(absolute(at) as *const u32),
            (None, Some(at)) => Hash::SystemV(absolute(at) as *const u32),
            (None, None) => Hash::None,
        };
        Some(Image {
            base,
            dynamic,
            symbols: absolute(value(elf::DT_SYMTAB)?) as *const Symbol,
            strings: absolute(value(elf::DT_STRTAB)?) as *const c_char,
            hash,
            relocations: [
                table(elf::DT_RELA, elf::DT_RELASZ),
                table(elf::DT_JMPREL, elf::DT_PLTRELSZ),
            ],
        })
    }

    /// Tells objects apart: no two share a dynamic section, while all executables that
    /// are not position independent share the base 0.
    pub fn id(&self) -> usize {
        self.dynamic as usize
    }

    /// The symbols that other objects can bind to.
    pub fn defined(&self) -> impl Iterator<Item = (&'static CStr, &'static Symbol)> + use<> {
        let image = *self;
        self.definable()
            .map(move |index| image.symbol(index))
            .filter(|(_, symbol)| {
                symbol.st_shndx.get(NE) != elf::SHN_UNDEF
                    && matches!(
                        symbol.st_bind(),
                        elf::STB_GLOBAL | elf::STB_WEAK | elf::STB_GNU_UNIQUE
                    )
            })
    }

    /// The indices at which symbols can be defined.
    fn definable(&self) -> Range<usize> {
        match self.hash {
            Hash::Gnu(table) => {
                // SAFETY: `new` found this table in a mapped object.
                let (first, end) = unsafe { GnuHash::new(table) }.range();
                first..end
            }
            // SAFETY: as above; the table's second word is the number of symbols.
            Hash::SystemV(table) => 1..unsafe { *table.add(1) as usize },
            Hash::None => 0..0,
        }
    }

    /// The symbol that other objects would get for a name. Most answers are no, and cost
    /// one look at the Bloom filter; to read the names themselves would touch every page
    /// of libraries that have tens of thousands.
    pub fn find(&self, name: &Name) -> Option<&'static Symbol> {
        let Hash::Gnu(table) = self.hash else {
            let found = self.defined().find(|(n, _)| n.to_bytes() == name.bytes);
            return found.map(|(_, symbol)| symbol);
        };
        // SAFETY: `new` found this table in a mapped object.
        let table = unsafe { GnuHash::new(table) };
        table
            .indices(name.hash)
            .map(|index| self.symbol(index))
            .find_map(|(found, symbol)| {
                let defined = symbol.st_shndx.get(NE) != elf::SHN_UNDEF;
                (defined && found.to_bytes() == name.bytes).then_some(symbol)
            })
    }

    /// Whether the object leaves names of Python's API undefined.
    pub fn uses_python(&self) -> bool {
        let first_defined = match self.hash {
            // SAFETY: `new` found this table in a mapped object.
            Hash::Gnu(table) => unsafe { GnuHash::new(table) }.first(),
            _ => 0,
        };
        if first_defined > 1 {
            // The undefined symbols come first, and are few.
            let mut undefined = (1..first_defined).map(|index| self.symbol(index));
            return undefined.any(|(name, _)| is_python(name.to_bytes()));
        }
        self.references()
            .any(|reference| reference.undefined && is_python(reference.name.to_bytes()))
    }

    /// Where a symbol of this object is in memory (for STT_GNU_IFUNC, its resolver).
    pub fn address(&self, symbol: &Symbol) -> usize {
        let value = symbol.st_value.get(NE) as usize;
        if symbol.st_shndx.get(NE) == elf::SHN_ABS {
            value
        } else {
            self.base + value
        }
    }

    /// The slots which hold the address of a symbol.
    pub fn references(&self) -> impl Iterator<Item = Reference> + use<> {
        let image = *self;
        self.relocated()
            .filter(|(kind, ..)| relocation::ADDRESS.contains(kind))
            .map(move |(_, relocation, name, symbol)| Reference {
                name,
                undefined: symbol.st_shndx.get(NE) == elf::SHN_UNDEF,
                slot: (image.base + relocation.r_offset.get(NE) as usize) as *mut usize,
                addend: relocation.r_addend.get(NE) as usize,
            })
    }

    /// The variables that an executable has copied out of its libraries.
    pub fn copies(&self) -> impl Iterator<Item = (&'static CStr, &'static Symbol)> + use<> {
        self.relocated()
            .filter(|(kind, ..)| *kind == relocation::COPY)
            .map(|(_, _, name, symbol)| (name, symbol))
    }

    /// The names by which the object asks for its dependencies.
    pub fn needed(&self) -> impl Iterator<Item = &'static CStr> + use<> {
        self.strings_tagged(elf::DT_NEEDED)
    }

    /// The name by which other objects ask for this one.
    pub fn soname(&self) -> Option<&'static CStr> {
        self.strings_tagged(elf::DT_SONAME).next()
    }

    fn strings_tagged(&self, tag: u32) -> impl Iterator<Item = &'static CStr> + use<> {
        let image = *self;
        // SAFETY: `new` was given a whole dynamic section, which is still mapped.
        unsafe { entries(self.dynamic) }
            .filter(move |(t, _)| *t == u64::from(tag))
            .map(move |(_, value)| image.string(value))
    }

    fn relocated(
        &self,
    ) -> impl Iterator<Item = (u32, &'static Relocation, &'static CStr, &'static Symbol)> + use<>
    {
        let image = *self;
        self.relocations
            .into_iter()
            .filter(|(table, _)| !table.is_null())
            // SAFETY: the dynamic section gave this address and length for the table.
            .flat_map(|(table, count)| unsafe { std::slice::from_raw_parts(table, count) })
            .filter(|relocation| relocation.r_sym(NE, false) != 0)
            .map(move |relocation| {
                let (name, symbol) = image.symbol(relocation.r_sym(NE, false) as usize);
                (relocation.r_type(NE, false), relocation, name, symbol)
            })
    }

    fn symbol(&self, index: usize) -> (&'static CStr, &'static Symbol) {
        // SAFETY: callers stay below `symbol_count` or take the index from a relocation,
        // and the loader has accepted both. `new` ties the lifetime to the mapping.
        let symbol = unsafe { &*self.symbols.add(index) };
        (self.string(symbol.st_name.get(NE) as usize), symbol)
    }

    fn string(&self, offset: usize) -> &'static CStr {
        // SAFETY: offsets come from the object's own tables, and its string table ends
        // with a NUL.
        unsafe { CStr::from_ptr(self.strings.add(offset)) }
    }
}

/// # Safety
///
/// `dynamic` must be a dynamic section, ended by DT_NULL, that outlives the iterator.
unsafe fn entries(dynamic: *const Dynamic) -> impl Iterator<Item = (u64, usize)> + use<> {
    let mut next = dynamic;
    std::iter::from_fn(move || {
        // SAFETY: `next` never passes DT_NULL, by the check below.
        let entry = unsafe { &*next };
        if entry.d_tag.get(NE) == u64::from(elf::DT_NULL) {
            return None;
        }
        // SAFETY: an entry that is not DT_NULL has a successor.
        next = unsafe { next.add(1) };
        Some((entry.d_tag.get(NE), entry.d_val.get(NE) as usize))
    })
}
