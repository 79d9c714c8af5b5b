// emb/operators.hpp: Python's operators in C++'s notation. Included by emb.hpp.
#ifndef EMB_OPERATORS_HPP
#define EMB_OPERATORS_HPP

#include "convert.hpp"

#include <ostream>

namespace emb {
namespace detail {

/// One side is Python's, and the other one something that converts.
template <class L, class R>
using operands = std::enable_if_t<(is_python<L> || is_python<R>) && can_put<L> && can_put<R>, int>;

template <class L, class R>
object operate(uint32_t op, const L &left, const R &right) {
  arena memory;
  emb_value l = put(left, memory), r = put(right, memory), result{};
  check(emb_operate(op, &l, &r, EMB_RESULT_AUTO, &result));
  return object::take(result);
}
template <class T>
object operate(uint32_t op, const T &operand) {
  arena memory;
  emb_value v = put(operand, memory), result{};
  check(emb_operate(op, &v, nullptr, EMB_RESULT_AUTO, &result));
  return object::take(result);
}

}  // namespace detail

#define EMB_BINARY(symbol, op)                                             \
  template <class L, class R, detail::operands<L, R> = 0>                  \
  object operator symbol(const L &left, const R &right) {                  \
    return detail::operate(op, left, right);                               \
  }
#define EMB_IN_PLACE(symbol, op)                                           \
  template <class R, std::enable_if_t<detail::can_put<R>, int> = 0>        \
  object &operator symbol(object &left, const R &right) {                  \
    return left = detail::operate(op | EMB_OP_IN_PLACE, left, right);      \
  }                                                                        \
  template <class L, class R,                                              \
            std::enable_if_t<detail::is_python<L> && !std::is_base_of_v<object, L>, int> = 0> \
  void operator symbol(L &&left, const R &right) {                         \
    left.write(detail::operate(op | EMB_OP_IN_PLACE, left.read(), right)); \
  }

EMB_BINARY(+, EMB_OP_ADD)
EMB_BINARY(-, EMB_OP_SUBTRACT)
EMB_BINARY(*, EMB_OP_MULTIPLY)
EMB_BINARY(/, EMB_OP_TRUE_DIVIDE)
EMB_BINARY(%, EMB_OP_REMAINDER)
EMB_BINARY(<<, EMB_OP_LSHIFT)
EMB_BINARY(>>, EMB_OP_RSHIFT)
EMB_BINARY(&, EMB_OP_AND)
EMB_BINARY(^, EMB_OP_XOR)
EMB_BINARY(|, EMB_OP_OR)
// A comparison gives what Python gives, an array for arrays; `if (a == b)` takes its truth.
EMB_BINARY(<, EMB_OP_LT)
EMB_BINARY(<=, EMB_OP_LE)
EMB_BINARY(==, EMB_OP_EQ)
EMB_BINARY(!=, EMB_OP_NE)
EMB_BINARY(>, EMB_OP_GT)
EMB_BINARY(>=, EMB_OP_GE)
// What is changed is an object, or `o.attr("x") += 1` and `o[key] += 1`.
EMB_IN_PLACE(+=, EMB_OP_ADD)
EMB_IN_PLACE(-=, EMB_OP_SUBTRACT)
EMB_IN_PLACE(*=, EMB_OP_MULTIPLY)
EMB_IN_PLACE(/=, EMB_OP_TRUE_DIVIDE)
EMB_IN_PLACE(%=, EMB_OP_REMAINDER)
EMB_IN_PLACE(<<=, EMB_OP_LSHIFT)
EMB_IN_PLACE(>>=, EMB_OP_RSHIFT)
EMB_IN_PLACE(&=, EMB_OP_AND)
EMB_IN_PLACE(^=, EMB_OP_XOR)
EMB_IN_PLACE(|=, EMB_OP_OR)
#undef EMB_BINARY
#undef EMB_IN_PLACE

#define EMB_UNARY(name, op)                                         \
  template <class T, std::enable_if_t<detail::is_python<T>, int> = 0> \
  object name(const T &operand) {                                   \
    return detail::operate(op, operand);                            \
  }
EMB_UNARY(operator-, EMB_OP_NEGATIVE)
EMB_UNARY(operator+, EMB_OP_POSITIVE)
EMB_UNARY(operator~, EMB_OP_INVERT)
EMB_UNARY(abs, EMB_OP_ABSOLUTE)
#undef EMB_UNARY

/// The operators that C++ has no sign for.
#define EMB_NAMED(name, op)                               \
  template <class L, class R, detail::operands<L, R> = 0> \
  object name(const L &left, const R &right) {            \
    return detail::operate(op, left, right);              \
  }
EMB_NAMED(pow, EMB_OP_POWER)
EMB_NAMED(floordiv, EMB_OP_FLOOR_DIVIDE)
EMB_NAMED(divmod, EMB_OP_DIVMOD)
EMB_NAMED(matmul, EMB_OP_MATMUL)
#undef EMB_NAMED

/// `pow(base, exponent, modulus)`
template <class L, class R, class M, detail::operands<L, R> = 0>
object pow(const L &base, const R &exponent, const M &modulus) {
  detail::arena memory;
  emb_value left = detail::put(base, memory), result{};
  emb_value right[2] = {detail::put(exponent, memory), detail::put(modulus, memory)};
  detail::check(emb_operate(EMB_OP_POWER_MODULO, &left, right, EMB_RESULT_AUTO, &result));
  return object::take(result);
}

/// As Python's print() writes it.
inline std::ostream &operator<<(std::ostream &out, const object &x) { return out << x.str(); }

}  // namespace emb

#endif
