//! numpy's C API, found at run time.
//!
//! numpy gives its functions to other extension modules as a table in a capsule. Their places in it
//! are its ABI: entries are added, never moved. So arrays are made without numpy's headers, and
//! with whichever numpy the environment has.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::array::HostArray;
use super::ffi::{Object, PyObject};
use super::format::{self, Field, Kind, Type};
use super::gil::Python;
use super::names::{Meaning, Names};
use super::ndarray::{ALIGNED, Arrays, Members, Usual, WRITEABLE};
use super::object::Owned;
use super::raise;
use super::scalar::{self, Scalars};
use crate::failure::{Failure, Outcome};

type Version = unsafe extern "C" fn() -> c_uint;
type NewFromDescr = unsafe extern "C" fn(
    class: Object,
    descr: Object, // stolen
    ndim: c_int,
    shape: *const i64,
    strides: *const i64,
    data: *mut c_void,
    flags: c_int,
    exemplar: Object,
) -> Object; // new
type SetBaseObject = unsafe extern "C" fn(array: Object, base: Object) -> c_int; // steals the base

// Places in the table.
const VERSION: usize = 0;
const ARRAY_TYPE: usize = 2;
const NEW_FROM_DESCR: usize = 94;
const SET_BASE_OBJECT: usize = 282;

/// The ABIs in which these places are known to be right: that of numpy 1.x and that of 2.x.
const KNOWN_ABIS: [c_uint; 2] = [0x0100_0009, 0x0200_0000];

/// What libemb uses of numpy.
pub(crate) struct Numpy {
    new_from_descr: NewFromDescr,
    set_base_object: SetBaseObject,
    array_type: Object,
    /// None where they are not to be read in place.
    arrays: Option<Arrays>,
    /// dtypes by the text that makes them; the number is the size of an element in bytes.
    pub dtypes: Names,
    /// `copy=False` means that there is to be none; before numpy 2 it meant as few as possible.
    pub refuses_copies: bool,
    pub scalars: Scalars,
}

/// Py_EQ.
pub(crate) const EQUAL: u32 = 2;

// SAFETY: addresses that never change, only used with the GIL held.
unsafe impl Send for Numpy {}
// SAFETY: as above.
unsafe impl Sync for Numpy {}

static NUMPY: OnceCell<Numpy> = OnceCell::new();

/// How far it is with numpy, which anybody may have imported: what it gives out can only be met then.
pub(crate) enum Met {
    Known(&'static Numpy),
    /// It is being imported, and its parts are not in place yet; or it is none that is known.
    NotYet,
    Absent,
}

#[inline]
pub(crate) fn met(py: Python<'_>) -> Met {
    NUMPY.get().map_or_else(|| look_for(py), Met::Known)
}

#[cold]
fn look_for(py: Python<'_>) -> Met {
    // SAFETY: both give references that the interpreter keeps, and need no exception to be clear.
    let (modules, module) = unsafe {
        let modules = (py.api().PyImport_GetModuleDict)();
        (
            modules,
            (py.api().PyDict_GetItemString)(modules, c"numpy".as_ptr()),
        )
    };
    if modules.is_null() || module.is_null() {
        return Met::Absent;
    }
    match get(py).ok().flatten() {
        Some(numpy) => Met::Known(numpy),
        None => {
            py.clear_exception();
            Met::NotYet
        }
    }
}

/// Looks for numpy where it has not been met, and this may be an array of it.
#[inline(always)]
pub(crate) fn meet(py: Python<'_>, exporter: &Owned<'_>) {
    if known().is_none() && exporter.type_ptr() != py.api().PyBytes_Type {
        look_for(py);
    }
}

/// numpy, if it has been met already.
#[inline(always)]
pub(crate) fn known() -> Option<&'static Numpy> {
    NUMPY.get()
}

/// Whether an object is an array of numpy's own class.
#[inline]
pub(crate) fn is_array(object: &Owned<'_>) -> bool {
    numpy_of(object).is_some()
}

#[inline(always)]
fn numpy_of(array: &Owned<'_>) -> Option<&'static Numpy> {
    known().filter(|numpy| numpy.array_type == array.type_ptr())
}

/// The members of such an array, until it is changed, where they are read in place.
pub(super) fn members<'a>(object: &'a Owned<'_>) -> Option<&'a Members> {
    let arrays = numpy_of(object)?.arrays?;
    // SAFETY: an array, alive as long as the reference.
    Some(unsafe { arrays.members(object.as_ptr()) })
}

/// One that can be described without asking numpy.
///
/// # Safety
/// The GIL is held, and the array does not change, as long as what is given is used.
#[inline(always)]
pub(crate) unsafe fn usual_array<'a>(object: &Owned<'_>, writable: bool) -> Option<Usual<'a>> {
    // SAFETY: the caller's promise.
    unsafe { numpy_of(object)?.arrays?.usual(object.as_ptr(), writable) }
}

/// numpy, or None where it is not installed. One that is broken is an error, not an absence.
#[inline]
pub(crate) fn get(py: Python<'_>) -> Outcome<Option<&'static Numpy>> {
    match NUMPY.get() {
        Some(numpy) => Ok(Some(numpy)),
        None => import(py),
    }
}

#[cold]
fn import(py: Python<'_>) -> Outcome<Option<&'static Numpy>> {
    match py.import("numpy") {
        Ok(module) => {
            // Looked up outside of the cell: this may run Python code, and another thread.
            let numpy = load(py, &module)?;
            let numpy = NUMPY.get_or_init(|| numpy);
            scalar::forget_others();
            Ok(Some(numpy))
        }
        Err(Failure::Python) => absent(py),
        Err(failure) => Err(failure),
    }
}

fn absent(py: Python<'_>) -> Outcome<Option<&'static Numpy>> {
    let Some(exception) = raise::fetch(py) else {
        return Ok(None);
    };
    if raise::class_name(&exception)? == "ModuleNotFoundError"
        && exception.getattr("name")?.to_text()? == "numpy"
    {
        return Ok(None);
    }
    raise::restore(py, exception);
    Err(Failure::Python)
}

fn load(py: Python<'_>, module: &Owned<'_>) -> Outcome<Numpy> {
    // numpy 2 has moved its core; the old place still leads there, with a warning.
    let core = match module.getattr("_core") {
        Ok(core) => core,
        Err(_) => {
            py.clear_exception();
            module.getattr("core")?
        }
    };
    let core = core.getattr("_multiarray_umath")?;
    let capsule = core.getattr("_ARRAY_API")?;
    // SAFETY: a capsule without a name; what it holds is the table.
    let table = unsafe { (py.api().PyCapsule_GetPointer)(capsule.as_ptr(), ptr::null::<c_char>()) };
    if table.is_null() {
        return Err(Failure::Python);
    }
    let table = table.cast::<*mut c_void>();
    // SAFETY: entry 0 has been this function in every ABI; the others are as declared in the ABIs
    // that are known, which is checked before they are read.
    unsafe {
        let version = std::mem::transmute::<*mut c_void, Version>(*table.add(VERSION))();
        if !KNOWN_ABIS.contains(&version) {
            return Err(unknown_abi(py, module, version));
        }
        Ok(Numpy {
            new_from_descr: std::mem::transmute::<*mut c_void, NewFromDescr>(
                *table.add(NEW_FROM_DESCR),
            ),
            set_base_object: std::mem::transmute::<*mut c_void, SetBaseObject>(
                *table.add(SET_BASE_OBJECT),
            ),
            array_type: (*table.add(ARRAY_TYPE)).cast(),
            arrays: Arrays::new(py, &core),
            dtypes: Names::new("dtype", dtype),
            refuses_copies: version == KNOWN_ABIS[1],
            scalars: Scalars::new(table),
        })
    }
}

fn unknown_abi(py: Python<'_>, module: &Owned<'_>, version: c_uint) -> Failure {
    let name = module
        .getattr("__version__")
        .and_then(|version| version.to_text());
    let name = py.or_clear(name).unwrap_or_default();
    Failure::argument(format!(
        "numpy {name} has an ABI ({version:#x}) that this version of libemb does not know: update \
         libemb, or ask for a memoryview (EMB_ARRAY_MEMORYVIEW)"
    ))
}

fn dtype<'g>(py: Python<'g>, text: &str) -> Outcome<Meaning<'g>> {
    let class = py.import("numpy")?.getattr("dtype")?;
    let dtype = match class.call(&[py.text(text)?], None) {
        Ok(dtype) => dtype,
        // numpy does not take the formats that it gives itself.
        Err(failure) => match format::parse(text) {
            None => return Err(failure),
            Some(of) => {
                py.clear_exception();
                class.call(&[specification(py, &of)?], None)?
            }
        },
    };
    if py.truth(&dtype.getattr("hasobject")?)? {
        return Err(Failure::argument(format!(
            "dtype {text:?} holds Python objects, which memory of the host cannot"
        )));
    }
    let size = py.to_i64(&dtype.getattr("itemsize")?)?;
    Ok(Meaning::new(dtype, size as usize))
}

/// What `numpy.dtype()` makes a type of.
fn specification<'g>(py: Python<'g>, of: &Type) -> Outcome<Owned<'g>> {
    let base = match &of.kind {
        Kind::Plain(code) => py.text(code)?,
        Kind::Fields(fields) => {
            let dict = py.dict()?;
            let put = |key: &str, list: Outcome<Vec<Owned<'g>>>| {
                py.set_item(&dict, &py.text(key)?, &py.list(list?.into_iter())?)
            };
            let names = fields.iter().enumerate();
            put("names", names.map(|(i, one)| name(py, i, one)).collect())?;
            let formats = fields.iter().map(|one| specification(py, &one.of));
            put("formats", formats.collect())?;
            let offset = |one: &Field| py.int(one.offset as i64);
            put("offsets", fields.iter().map(offset).collect())?;
            let elements: usize = of.shape.iter().product();
            let size = of.size / elements.max(1);
            py.set_item(&dict, &py.text("itemsize")?, &py.int(size as i64)?)?;
            dict
        }
    };
    if of.shape.is_empty() {
        return Ok(base);
    }
    let shape: Outcome<Vec<_>> = of.shape.iter().map(|n| py.int(*n as i64)).collect();
    py.tuple([base, py.tuple(shape?.into_iter())?].into_iter())
}

fn name<'g>(py: Python<'g>, place: usize, field: &Field) -> Outcome<Owned<'g>> {
    if field.name.is_empty() {
        return py.text(&format!("f{place}"));
    }
    py.text(&field.name)
}

impl Numpy {
    /// An array on host memory that `base` keeps in place, with one stride for each dimension, or
    /// none where it is C-contiguous.
    #[inline(always)]
    pub(crate) fn array<'g>(
        &self,
        py: Python<'g>,
        dtype: NonNull<PyObject>,
        array: &HostArray<'_>,
        strides: Option<&[i64]>,
        base: Owned<'g>,
    ) -> Outcome<Owned<'g>> {
        let mut flags = if array.readonly { 0 } else { WRITEABLE };
        if strides.is_none() {
            // numpy looks whether an array is aligned only where it has been given strides.
            flags |= ALIGNED;
        }
        // SAFETY: the arguments are as numpy declares them, of which the dtype lives; it and the base are given up.
        // The host promises the memory until the release, which is when `base` goes.
        unsafe {
            let made = py.own((self.new_from_descr)(
                self.array_type,
                py.share(dtype).into_raw().as_ptr(),
                array.shape.len() as c_int,
                array.shape.as_ptr(),
                strides.map_or(ptr::null(), <[i64]>::as_ptr),
                array.data,
                flags,
                ptr::null_mut(),
            ))?;
            py.done((self.set_base_object)(
                made.as_ptr(),
                base.into_raw().as_ptr(),
            ))?;
            Ok(made)
        }
    }
}
