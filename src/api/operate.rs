//! Operators: all of Python's, with one function.

use crate::boundary;
use crate::convert::to_python;
use crate::failure::{Failure, Outcome};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::status::emb_status;
use crate::value::emb_value;

/// `left + right`
pub const EMB_OP_ADD: u32 = 0;
/// `left - right`
pub const EMB_OP_SUBTRACT: u32 = 1;
/// `left * right`
pub const EMB_OP_MULTIPLY: u32 = 2;
/// `left / right`
pub const EMB_OP_TRUE_DIVIDE: u32 = 3;
/// `left // right`
pub const EMB_OP_FLOOR_DIVIDE: u32 = 4;
/// `left % right`
pub const EMB_OP_REMAINDER: u32 = 5;
/// `divmod(left, right)`
pub const EMB_OP_DIVMOD: u32 = 6;
/// `left ** right`
pub const EMB_OP_POWER: u32 = 7;
/// `left << right`
pub const EMB_OP_LSHIFT: u32 = 8;
/// `left >> right`
pub const EMB_OP_RSHIFT: u32 = 9;
/// `left & right`
pub const EMB_OP_AND: u32 = 10;
/// `left ^ right`
pub const EMB_OP_XOR: u32 = 11;
/// `left | right`
pub const EMB_OP_OR: u32 = 12;
/// `left @ right`
pub const EMB_OP_MATMUL: u32 = 13;
/// `-left`
pub const EMB_OP_NEGATIVE: u32 = 14;
/// `+left`
pub const EMB_OP_POSITIVE: u32 = 15;
/// `abs(left)`
pub const EMB_OP_ABSOLUTE: u32 = 16;
/// `~left`
pub const EMB_OP_INVERT: u32 = 17;
/// `left < right`
pub const EMB_OP_LT: u32 = 18;
/// `left <= right`
pub const EMB_OP_LE: u32 = 19;
/// `left == right`
pub const EMB_OP_EQ: u32 = 20;
/// `left != right`
pub const EMB_OP_NE: u32 = 21;
/// `left > right`
pub const EMB_OP_GT: u32 = 22;
/// `left >= right`
pub const EMB_OP_GE: u32 = 23;
/// `pow(left, right[0], right[1])`: `right` points to two values, the exponent and the modulus.
pub const EMB_OP_POWER_MODULO: u32 = 24;
/// Added to an operator from EMB_OP_ADD to EMB_OP_MATMUL, except EMB_OP_DIVMOD: `left += right`.
pub const EMB_OP_IN_PLACE: u32 = 64;

/// Applies an operator. `right` is NULL for the operators of one operand. Comparisons give what
/// Python gives, which for arrays is an array. An in-place operator gives the object that the
/// left name would be bound to, which may be a new one.
///
/// Ownership: the operands are only read; `result` (NULL: discard) receives a value as `flags`
/// says. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE, EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `left` points to an emb_value, `right` and `result` are NULL or point to one; with
/// EMB_OP_POWER_MODULO `right` points to two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_operate(
    op: u32,
    left: *const emb_value,
    right: *const emb_value,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (left, answer) = (read!(left)?, answer!(result, flags)?);
        let left = to_python(py, left, "left")?;
        let value = if is_unary(op) {
            if !right.is_null() {
                return Err(Failure::argument(
                    "right is given, but the operator takes one operand: pass NULL",
                ));
            }
            unary(py, op, &left)?
        } else if op == EMB_OP_POWER_MODULO {
            let right = slice!(right, 2)?;
            let exponent = to_python(py, &right[0], "right[0]")?;
            let modulus = to_python(py, &right[1], "right[1]")?;
            py.power(py.api().PyNumber_Power, &left, &exponent, &modulus)?
        } else {
            let right = to_python(py, read!(right)?, "right")?;
            binary(py, op, &left, &right)?
        };
        answer.give(py, value)
    })
}

fn is_unary(op: u32) -> bool {
    (EMB_OP_NEGATIVE..=EMB_OP_INVERT).contains(&op)
}

fn unary<'g>(py: Python<'g>, op: u32, operand: &Owned<'g>) -> Outcome<Owned<'g>> {
    let api = py.api();
    let function = match op {
        EMB_OP_NEGATIVE => api.PyNumber_Negative,
        EMB_OP_POSITIVE => api.PyNumber_Positive,
        EMB_OP_ABSOLUTE => api.PyNumber_Absolute,
        _ => api.PyNumber_Invert,
    };
    py.apply1(function, operand)
}

fn binary<'g>(py: Python<'g>, op: u32, left: &Owned<'g>, right: &Owned<'g>) -> Outcome<Owned<'g>> {
    let api = py.api();
    let function = match op {
        EMB_OP_LT..=EMB_OP_GE => return py.compare(left, right, op - EMB_OP_LT),
        EMB_OP_POWER => return py.power(api.PyNumber_Power, left, right, &py.none()),
        op if op == EMB_OP_POWER | EMB_OP_IN_PLACE => {
            return py.power(api.PyNumber_InPlacePower, left, right, &py.none());
        }
        EMB_OP_ADD => api.PyNumber_Add,
        EMB_OP_SUBTRACT => api.PyNumber_Subtract,
        EMB_OP_MULTIPLY => api.PyNumber_Multiply,
        EMB_OP_TRUE_DIVIDE => api.PyNumber_TrueDivide,
        EMB_OP_FLOOR_DIVIDE => api.PyNumber_FloorDivide,
        EMB_OP_REMAINDER => api.PyNumber_Remainder,
        EMB_OP_DIVMOD => api.PyNumber_Divmod,
        EMB_OP_LSHIFT => api.PyNumber_Lshift,
        EMB_OP_RSHIFT => api.PyNumber_Rshift,
        EMB_OP_AND => api.PyNumber_And,
        EMB_OP_XOR => api.PyNumber_Xor,
        EMB_OP_OR => api.PyNumber_Or,
        EMB_OP_MATMUL => api.PyNumber_MatrixMultiply,
        _ => in_place(py, op)?,
    };
    py.apply2(function, left, right)
}

fn in_place(py: Python<'_>, op: u32) -> Outcome<crate::python::symbols::Binary> {
    let api = py.api();
    match op.checked_sub(EMB_OP_IN_PLACE) {
        Some(EMB_OP_ADD) => Ok(api.PyNumber_InPlaceAdd),
        Some(EMB_OP_SUBTRACT) => Ok(api.PyNumber_InPlaceSubtract),
        Some(EMB_OP_MULTIPLY) => Ok(api.PyNumber_InPlaceMultiply),
        Some(EMB_OP_TRUE_DIVIDE) => Ok(api.PyNumber_InPlaceTrueDivide),
        Some(EMB_OP_FLOOR_DIVIDE) => Ok(api.PyNumber_InPlaceFloorDivide),
        Some(EMB_OP_REMAINDER) => Ok(api.PyNumber_InPlaceRemainder),
        Some(EMB_OP_LSHIFT) => Ok(api.PyNumber_InPlaceLshift),
        Some(EMB_OP_RSHIFT) => Ok(api.PyNumber_InPlaceRshift),
        Some(EMB_OP_AND) => Ok(api.PyNumber_InPlaceAnd),
        Some(EMB_OP_XOR) => Ok(api.PyNumber_InPlaceXor),
        Some(EMB_OP_OR) => Ok(api.PyNumber_InPlaceOr),
        Some(EMB_OP_MATMUL) => Ok(api.PyNumber_InPlaceMatrixMultiply),
        _ => Err(Failure::argument(format!(
            "op is {op}, which is none of the EMB_OP_ numbers"
        ))),
    }
}
