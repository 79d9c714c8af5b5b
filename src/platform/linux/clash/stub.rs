//! The stub: a library of one kilobyte that has dependencies and a few absolute symbols.
//!
//! It has neither code nor data. Its only purpose is to be the root of a load: what the
//! loader maps as a dependency of the stub looks up its symbols in the stub and the
//! stub's dependencies, in their order.

use std::ffi::{CStr, c_int, c_void};
use std::io;

use object::NativeEndian as NE;
use object::pod::bytes_of;
use object::{U16, U32, U64, elf};

use crate::platform::linux::memory::MemoryFile;

#[cfg(target_arch = "x86_64")]
const MACHINE: (u16, u64) = (elf::EM_X86_64, 0x1000);
#[cfg(target_arch = "aarch64")] // where pages can have up to 64 KB
const MACHINE: (u16, u64) = (elf::EM_AARCH64, 0x10000);

/// A symbol with a fixed address, whichever object that address lies in.
pub struct Absolute {
    pub name: Vec<u8>,
    pub address: usize,
    /// One of the STT_ constants. A function chosen at run time (STT_GNU_IFUNC) stays
    /// one: the loader calls the resolver at `address` as it does for any other object.
    pub kind: u8,
    pub size: u64,
}

/// Writes a stub with these dependencies and symbols, and opens it.
///
/// The result is the stub's handle, never closed by us, because what was loaded through
/// the stub goes on using its symbols; or null, and `dlerror` says why.
pub fn open(
    label: &CStr,
    needed: &[&CStr],
    symbols: &[Absolute],
    flags: c_int,
) -> io::Result<*mut c_void> {
    let mut file = MemoryFile::new(label)?;
    file.write(&image(needed, symbols))?;
    // SAFETY: the path is NUL-terminated. The stub runs no code; its dependencies run
    // their initialisers, as they would however they were opened.
    let handle = unsafe { libc::dlopen(file.path.as_ptr(), flags) };
    Ok(handle)
}

/// The bytes of a stub.
///
/// All of it is one segment, writable because older loaders write into the dynamic
/// section: header, program headers, dynamic section, symbols, hash table, strings.
pub(super) fn image(needed: &[&CStr], symbols: &[Absolute]) -> Vec<u8> {
    let mut strings = vec![0];
    let mut add = |name: &[u8]| {
        let offset = strings.len();
        strings.extend_from_slice(name);
        strings.push(0);
        offset
    };
    let needed: Vec<usize> = needed.iter().map(|path| add(path.to_bytes())).collect();
    let names: Vec<usize> = symbols.iter().map(|symbol| add(&symbol.name)).collect();

    let table = symbol_table(symbols, &names);
    let hash = hash_table(symbols);
    let dynamic_at = size_of::<elf::FileHeader64<NE>>() + 3 * size_of::<elf::ProgramHeader64<NE>>();
    let dynamic_size = (needed.len() + 6) * size_of::<elf::Dyn64<NE>>();
    let symbols_at = dynamic_at + dynamic_size;
    let hash_at = symbols_at + table.len();
    let strings_at = hash_at + hash.len();
    let end = strings_at + strings.len();

    let mut file = headers(dynamic_at, dynamic_size, end);
    let mut entry = |tag: u32, value: usize| {
        let (d_tag, d_val) = (U64::new(NE, tag.into()), U64::new(NE, value as u64));
        file.extend_from_slice(bytes_of(&elf::Dyn64::<NE> { d_tag, d_val }));
    };
    needed.iter().for_each(|name| entry(elf::DT_NEEDED, *name));
    entry(elf::DT_HASH, hash_at);
    entry(elf::DT_SYMTAB, symbols_at);
    entry(elf::DT_SYMENT, size_of::<elf::Sym64<NE>>());
    entry(elf::DT_STRTAB, strings_at);
    entry(elf::DT_STRSZ, strings.len());
    entry(elf::DT_NULL, 0);
    file.extend(table.into_iter().chain(hash).chain(strings));
    file
}

fn headers(dynamic_at: usize, dynamic_size: usize, end: usize) -> Vec<u8> {
    let (machine, page) = MACHINE;
    let header_size = size_of::<elf::FileHeader64<NE>>();
    let header = elf::FileHeader64::<NE> {
        e_ident: elf::Ident {
            magic: elf::ELFMAG,
            class: elf::ELFCLASS64,
            data: if cfg!(target_endian = "little") {
                elf::ELFDATA2LSB
            } else {
                elf::ELFDATA2MSB
            },
            version: elf::EV_CURRENT,
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            padding: [0; 7],
        },
        e_type: U16::new(NE, elf::ET_DYN),
        e_machine: U16::new(NE, machine),
        e_version: U32::new(NE, elf::EV_CURRENT.into()),
        e_entry: U64::new(NE, 0),
        e_phoff: U64::new(NE, header_size as u64),
        e_shoff: U64::new(NE, 0),
        e_flags: U32::new(NE, 0),
        e_ehsize: U16::new(NE, header_size as u16),
        e_phentsize: U16::new(NE, size_of::<elf::ProgramHeader64<NE>>() as u16),
        e_phnum: U16::new(NE, 3),
        e_shentsize: U16::new(NE, 0),
        e_shnum: U16::new(NE, 0),
        e_shstrndx: U16::new(NE, 0),
    };
    let mut file = bytes_of(&header).to_vec();
    let mut segment = |kind: u32, offset: usize, size: usize, align: u64| {
        file.extend_from_slice(bytes_of(&elf::ProgramHeader64::<NE> {
            p_type: U32::new(NE, kind),
            p_flags: U32::new(NE, elf::PF_R | elf::PF_W),
            p_offset: U64::new(NE, offset as u64),
            p_vaddr: U64::new(NE, offset as u64),
            p_paddr: U64::new(NE, offset as u64),
            p_filesz: U64::new(NE, size as u64),
            p_memsz: U64::new(NE, size as u64),
            p_align: U64::new(NE, align),
        }));
    };
    segment(elf::PT_LOAD, 0, end, page);
    segment(elf::PT_DYNAMIC, dynamic_at, dynamic_size, 8);
    // Without this header the loader would make all stacks of the process executable.
    segment(elf::PT_GNU_STACK, 0, 0, 16);
    file
}

fn symbol_table(symbols: &[Absolute], names: &[usize]) -> Vec<u8> {
    let entry = |name: usize, info: u8, section: u16, value: usize, size: u64| elf::Sym64::<NE> {
        st_name: U32::new(NE, name as u32),
        st_info: info,
        st_other: elf::STV_DEFAULT,
        st_shndx: U16::new(NE, section),
        st_value: U64::new(NE, value as u64),
        st_size: U64::new(NE, size),
    };
    let mut table = bytes_of(&entry(0, 0, elf::SHN_UNDEF, 0, 0)).to_vec();
    for (symbol, name) in symbols.iter().zip(names) {
        let info = elf::STB_GLOBAL << 4 | symbol.kind;
        let entry = entry(*name, info, elf::SHN_ABS, symbol.address, symbol.size);
        table.extend_from_slice(bytes_of(&entry));
    }
    table
}

/// The hash table, in the format that every loader reads: number of buckets, number of
/// symbols, the first symbol of each bucket, the next symbol after each symbol.
fn hash_table(symbols: &[Absolute]) -> Vec<u8> {
    let buckets = symbols.len().max(1);
    let mut words = vec![0u32; 2 + buckets + 1 + symbols.len()];
    words[0] = buckets as u32;
    words[1] = 1 + symbols.len() as u32;
    for (index, symbol) in (1..).zip(symbols) {
        let bucket = 2 + elf::hash(&symbol.name) as usize % buckets;
        words[2 + buckets + index] = words[bucket];
        words[bucket] = index as u32;
    }
    words.into_iter().flat_map(u32::to_ne_bytes).collect()
}
