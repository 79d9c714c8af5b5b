//! Many items in one crossing: chunks of an iterator, the contents of a container, lists of
//! numbers from and to the host's memory.

use std::ffi::c_void;

use crate::answer::{Answer, values};
use crate::boundary;
use crate::convert::{self, handle};
use crate::failure::Failure;
use crate::handle::emb_handle;
use crate::python::{late, numbers};
use crate::status::emb_status;
use crate::value::{EMB_FLOAT, EMB_INT, emb_value};

/// Room for so many items is made before they are there.
const USUAL: usize = 1024;

/// The next items of an iterator, up to `capacity` at a time. `count` is how many there are; 0
/// means the end (for what a generator ends with, see `emb_object_send`). Where the iterator raises
/// after some items, these are given first, and the next call for the same handle reports the
/// exception.
///
/// Ownership: `results` receives `count` values as `flags` says; what they point to stays valid as
/// for one result. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: it is not an
/// iterator; or what the iterator raises). Threads: any. Since: 0.1.
///
/// # Safety
/// `results` points to `capacity` emb_values, `count` to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_next_many(
    iterator: emb_handle,
    flags: u32,
    results: *mut emb_value,
    capacity: usize,
    count: *mut usize,
) -> emb_status {
    boundary::python(|py| {
        let (results, count) = (room!(results, capacity)?, out!(count)?);
        Answer::new(None, flags)?;
        if capacity == 0 {
            return Err(Failure::argument("capacity is 0: no item fits"));
        }
        let source = convert::object(py, iterator, "iterator")?;
        late::report(py, iterator)?;
        let mut items = Vec::with_capacity(capacity.min(USUAL));
        while items.len() < capacity {
            match py.next(&source) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(Failure::Python) if !items.is_empty() => {
                    late::remember(py, iterator);
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
        count.set(results.fill(values(py, items, flags)?.into_iter()));
        Ok(())
    })
}

/// The contents of a list, a tuple or any other iterable; of a dict its keys and values, in turn. An
/// iterator that has more is asked for one item more than `capacity`, and these are lost.
///
/// Ownership: `results` receives `count` values as `flags` says; what they point to stays valid as
/// for one result. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (there are more than `capacity`: the
/// message says how many, where that is known), EMB_EXCEPTION (TypeError: it is not iterable).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `results` points to `capacity` emb_values, `count` to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_unpack(
    object: emb_handle,
    flags: u32,
    results: *mut emb_value,
    capacity: usize,
    count: *mut usize,
) -> emb_status {
    boundary::python(|py| {
        let (results, count) = (room!(results, capacity)?, out!(count)?);
        Answer::new(None, flags)?;
        let object = convert::object(py, object, "object")?;
        let items = py.contents(&py.beginning(&object, capacity)?)?;
        if items.len() > capacity {
            return Err(Failure::argument(format!(
                "capacity is {capacity}, but {}",
                py.how_many(&object, items.len())
            )));
        }
        count.set(results.fill(values(py, items, flags)?.into_iter()));
        Ok(())
    })
}

/// Makes a list of `count` numbers in the host's memory: doubles (`kind` is EMB_FLOAT) or int64_t
/// (EMB_INT). For arrays that are shared instead, see `emb_array_from_ptr`.
///
/// Ownership: `data` is only read; `list` receives a handle that the caller releases. Errors:
/// EMB_BAD_ARGUMENT, EMB_EXCEPTION (MemoryError). Threads: any. Since: 0.1.
///
/// # Safety
/// `data` points to `count` numbers, `list` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_list_from_ptr(
    data: *const c_void,
    kind: u32,
    count: usize,
    list: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let list = out!(list)?;
        let made = match kind {
            EMB_FLOAT => {
                let data = data.cast::<f64>();
                numbers::list_of_floats(py, slice!(data, count)?)?
            }
            EMB_INT => {
                let data = data.cast::<i64>();
                numbers::list_of_ints(py, slice!(data, count)?)?
            }
            _ => return Err(not_a_number_kind(kind)),
        };
        list.set(handle(py, made)?);
        Ok(())
    })
}

/// Copies the numbers of a list or tuple into the host's memory: doubles (`kind` is EMB_FLOAT) or
/// int64_t (EMB_INT). Nothing is rounded: an int that a double cannot hold, or a float where an int
/// is wanted, is an error that names the item, and nothing is written.
///
/// Ownership: `data` is the caller's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (another type of
/// item; more than `capacity` items), EMB_EXCEPTION (TypeError: no sequence). Threads: any.
/// Since: 0.1.
///
/// # Safety
/// `data` points to room for `capacity` numbers, `count` to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_list_to_ptr(
    list: emb_handle,
    kind: u32,
    data: *mut c_void,
    capacity: usize,
    count: *mut usize,
) -> emb_status {
    boundary::python(|py| {
        let count = out!(count)?;
        let list = convert::object(py, list, "list")?;
        let written = match kind {
            EMB_FLOAT => {
                let data = data.cast::<f64>();
                room!(data, capacity)?.copy(&numbers::floats_of(py, &list, capacity)?)
            }
            EMB_INT => {
                let data = data.cast::<i64>();
                room!(data, capacity)?.copy(&numbers::ints_of(py, &list, capacity)?)
            }
            _ => return Err(not_a_number_kind(kind)),
        };
        count.set(written);
        Ok(())
    })
}

fn not_a_number_kind(kind: u32) -> Failure {
    Failure::argument(format!(
        "kind is {kind}, which is neither EMB_FLOAT nor EMB_INT"
    ))
}
