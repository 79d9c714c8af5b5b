//! What memory an array covers, by its shape and strides.

use std::ops::Range;

use smallvec::SmallVec;

use super::array::HostArray;
use crate::failure::{Failure, Outcome};

fn too_large() -> Failure {
    Failure::argument("shape and strides reach beyond the address space")
}

/// Whether elements of that size are aligned there, whatever they are: at most to 16 bytes, and
/// never to what does not divide their size.
#[inline]
pub(super) fn is_aligned(address: usize, itemsize: i64) -> bool {
    const MOST: usize = 16;
    let alignment = 1 << (itemsize as usize | MOST).trailing_zeros();
    address.is_multiple_of(alignment)
}

/// Bytes between neighbours in each dimension.
pub(super) type Strides = SmallVec<[i64; 8]>;

/// The strides that were given, or those of a C-contiguous array. Written where they stay: moving
/// them costs more than computing them.
pub(super) fn fill_strides(
    strides: &mut Strides,
    array: &HostArray<'_>,
    itemsize: i64,
) -> Outcome<()> {
    if let Some(given) = array.strides {
        strides.extend_from_slice(given);
        return Ok(());
    }
    strides.resize(array.shape.len(), 0);
    let mut step = itemsize;
    for (stride, length) in strides.iter_mut().zip(array.shape).rev() {
        *stride = step;
        step = step.checked_mul((*length).max(1)).ok_or_else(too_large)?;
    }
    Ok(())
}

/// The addresses that an array covers.
pub(super) fn range(
    array: &HostArray<'_>,
    strides: &[i64],
    itemsize: i64,
) -> Outcome<Range<usize>> {
    let (below, span) = extent(array.shape, strides, itemsize)?;
    let start = array.data.addr().wrapping_add_signed(below as isize);
    let end = start.checked_add(span as usize).ok_or_else(too_large)?;
    Ok(start..end)
}

/// The addresses that a C-contiguous array covers.
#[inline]
pub(super) fn contiguous_range(array: &HostArray<'_>, itemsize: i64) -> Outcome<Range<usize>> {
    let (mut span, mut is_empty) = (itemsize.max(1), itemsize == 0);
    for length in array.shape {
        is_empty |= *length == 0;
        span = span.checked_mul((*length).max(1)).ok_or_else(too_large)?;
    }
    let start = array.data.addr();
    let span = if is_empty { 0 } else { span as usize };
    Ok(start..start.checked_add(span).ok_or_else(too_large)?)
}

/// The same; None for a shape that is impossible.
#[inline(always)]
pub(super) fn usual_range(array: &HostArray<'_>, itemsize: i64) -> Option<Range<usize>> {
    let mut span = itemsize;
    for length in array.shape {
        if *length < 0 {
            return None;
        }
        span = span.checked_mul(*length)?;
    }
    let start = array.data.addr();
    Some(start..start.checked_add(span as usize)?)
}

/// How far below `data` the array begins (zero or negative), and how many bytes it spans from
/// there.
fn extent(shape: &[i64], strides: &[i64], itemsize: i64) -> Outcome<(i64, i64)> {
    if shape.contains(&0) {
        return Ok((0, 0));
    }
    let (mut lowest, mut highest) = (0_i64, itemsize);
    let mut elements = itemsize.max(1);
    for (length, stride) in shape.iter().zip(strides) {
        let reach = (length - 1).checked_mul(*stride).ok_or_else(too_large)?;
        let side = if reach < 0 { &mut lowest } else { &mut highest };
        *side = side.checked_add(reach).ok_or_else(too_large)?;
        elements = elements.checked_mul(*length).ok_or_else(too_large)?;
    }
    Ok((lowest, highest.checked_sub(lowest).ok_or_else(too_large)?))
}

#[cfg(test)]
mod tests {
    use super::{extent, is_aligned};

    #[test]
    fn elements_are_aligned_to_what_divides_their_size_up_to_sixteen_bytes() {
        for (address, itemsize, expected) in [
            (0x1001, 1, true),
            (0x1002, 2, true),
            (0x1001, 2, false),
            (0x1008, 8, true),
            (0x1004, 8, false),
            (0x1010, 16, true),
            (0x1008, 16, false),
            (0x1010, 32, true), // whatever is in them needs no more
            (0x1008, 32, false),
            (0x1004, 12, true),
            (0x1002, 12, false),
            (0x1003, 3, true),
            (0x1010, 0, true),
        ] {
            let found = is_aligned(address, itemsize);
            assert_eq!(found, expected, "{itemsize} bytes at {address:#x}");
        }
    }

    #[test]
    fn the_extent_covers_negative_zero_and_mixed_strides() {
        assert_eq!(extent(&[], &[], 8).unwrap(), (0, 8));
        assert_eq!(extent(&[10], &[8], 8).unwrap(), (0, 80));
        assert_eq!(extent(&[10], &[-8], 8).unwrap(), (-72, 80));
        assert_eq!(extent(&[3, 4], &[0, 8], 8).unwrap(), (0, 32));
        assert_eq!(extent(&[3, 4], &[-32, 8], 8).unwrap(), (-64, 96));
        assert_eq!(extent(&[0, 4], &[-32, 8], 8).unwrap(), (0, 0));
    }

    #[test]
    fn what_reaches_beyond_the_address_space_is_refused() {
        assert!(extent(&[i64::MAX, 2], &[8, 8], 8).is_err());
        assert!(extent(&[i64::MAX], &[0], 8).is_err());
        assert!(extent(&[3, 3], &[i64::MIN / 2, i64::MAX / 2], 8).is_err());
    }
}
