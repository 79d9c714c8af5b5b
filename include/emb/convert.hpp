// emb/convert.hpp: plain C++ values into Python objects, and back. Included by emb.hpp.
#ifndef EMB_CONVERT_HPP
#define EMB_CONVERT_HPP

#include "access.hpp"

#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <optional>

namespace emb {

/// Python's None, as nullptr and std::nullopt are.
struct none_t {};
inline constexpr none_t none{};
/// Python's `...`
struct ellipsis_t {};
inline constexpr ellipsis_t ellipsis{};
/// Python's NotImplemented: what an operator's method returns to let the other operand try.
struct not_implemented_t {};
inline constexpr not_implemented_t not_implemented{};

/// Python's bytes. As an argument, a view of memory of yours.
struct bytes {
  bytes(const void *memory, size_t length) : data(static_cast<const char *>(memory)), size(length) {}
  explicit bytes(std::string_view text) : bytes(text.data(), text.size()) {}
  const char *data;
  size_t size;
};

/// `start:stop:step`; what is left out is None: slice() is `:`, slice(1) is `1:`.
struct slice {
  slice(std::optional<int64_t> from = {}, std::optional<int64_t> to = {},
        std::optional<int64_t> by = {})
      : start(from), stop(to), step(by) {}
  std::optional<int64_t> start, stop, step;
};

namespace detail {

inline std::string kind_name(const object &given) {
  static constexpr const char *names[] = {"None", "a bool", "an int", "a float", "text", "bytes"};
  uint32_t kind = given.value().kind;
  return kind <= EMB_BYTES ? names[kind]
                           : given.attr("__class__").attr("__name__").str() + " object";
}
[[noreturn]] inline void not_a(const char *wanted, const object &given) {
  mismatch("TypeError", std::string("expected ") + wanted + ", not " + kind_name(given));
}

/// The plain value of an object where it is a subclass of int, float, str or bytes.
inline object unboxed(const object &from, uint32_t flags = EMB_RESULT_AUTO) {
  emb_value result{};
  check(emb_object_value(from.value().as.object, flags, &result));
  return object::take(result);
}

/// The number of an object that has one, as numpy's do.
inline object number(const object &from, const char *method, const char *wanted) {
  if (from.value().kind != EMB_OBJECT) return from;
  object plain = unboxed(from);
  if (plain.value().kind != EMB_OBJECT) return plain;
  if (!plain.attr("__class__").get().has_attr(method)) not_a(wanted, from);
  return plain.call(method);
}

template <class T>
T integer(const object &from) {
  object plain = number(from, "__index__", "an int");
  const emb_value &v = plain.value();
  if (v.kind == EMB_INT || v.kind == EMB_BOOL) {
    int64_t n = v.as.integer;
    if constexpr (std::is_signed_v<T>) {
      if (n >= std::numeric_limits<T>::min() && n <= std::numeric_limits<T>::max())
        return static_cast<T>(n);
    } else {
      if (n >= 0 && static_cast<uint64_t>(n) <= std::numeric_limits<T>::max())
        return static_cast<T>(n);
    }
  } else if (v.kind != EMB_OBJECT) {
    not_a("an int", from);
  } else if (sizeof(T) == 8 && !std::is_signed_v<T>) {  // 2^63 and more
    emb_value big{};
    check(emb_object_value(v.as.object, EMB_RESULT_DEEP, &big));
    if (big.kind == EMB_BIGINT && big.length <= 18 && big.as.text[0] != '-')
      return static_cast<T>(std::stoull(std::string(big.as.text, big.length), nullptr, 16));
  }
  mismatch("OverflowError", plain.str() + " does not fit the integer type that was asked for");
}

/// A number that T holds: floats are rounded to it, but not to infinity, and ints are not.
template <class T>
T real(const object &from) {
  object plain = from.value().kind == EMB_OBJECT ? unboxed(from) : from;
  bool is_other = plain.value().kind == EMB_OBJECT;  // an int of any size, a Fraction ...
  if (is_other) plain = number(from, "__float__", "a number");
  const emb_value &v = plain.value();
  bool is_int = v.kind == EMB_INT || v.kind == EMB_BOOL, fits = true;
  if (!is_int && v.kind != EMB_FLOAT) not_a("a number", from);
  T made = static_cast<T>(is_int ? v.as.integer : v.as.real);
  if (is_int) {
    double back = static_cast<double>(made);
    fits = back < 0x1p63 && static_cast<int64_t>(back) == v.as.integer;
  } else if (std::isinf(made)) {
    fits = std::isinf(v.as.real);
  } else if (is_other && from.has_attr("__index__")) {
    emb_value left = from.value(), right = value(EMB_FLOAT), equal{};
    right.as.real = static_cast<double>(made);
    check(emb_operate(EMB_OP_EQ, &left, &right, EMB_RESULT_PLAIN, &equal));
    fits = static_cast<bool>(object::take(equal));
  }
  if (!fits) mismatch("OverflowError", from.str() + " does not fit the number that was asked for");
  return made;
}

template <class T>
inline constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                                   !std::is_same_v<T, char> && !std::is_same_v<T, wchar_t> &&
                                   !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t>;

}  // namespace detail

template <>
struct caster<none_t> {
  static emb_value put(none_t, detail::arena &) { return {}; }
};
template <>
struct caster<std::nullptr_t> : caster<none_t> {
  static emb_value put(std::nullptr_t, detail::arena &) { return {}; }
};
template <>
struct caster<std::nullopt_t> {
  static emb_value put(std::nullopt_t, detail::arena &) { return {}; }
};
template <>
struct caster<ellipsis_t> {
  static emb_value put(ellipsis_t, detail::arena &) { return detail::value(EMB_ELLIPSIS); }
};
template <>
struct caster<not_implemented_t> {
  static emb_value put(not_implemented_t, detail::arena &) {
    return detail::value(EMB_NOT_IMPLEMENTED);
  }
};

/// bool; as a result the truth of any object.
template <>
struct caster<bool> {
  static emb_value put(bool x, detail::arena &) {
    emb_value made = detail::value(EMB_BOOL);
    made.as.integer = x;
    return made;
  }
  static bool get(const object &from) { return static_cast<bool>(from); }
};
template <class T>
struct caster<T, std::enable_if_t<detail::is_integer<T>>> {
  static emb_value put(T x, detail::arena &) {
    constexpr bool wide = std::is_unsigned_v<T> && sizeof(T) == 8;
    emb_value made = detail::value(wide ? EMB_UINT : EMB_INT);
    if constexpr (wide)
      made.as.uinteger = x;
    else
      made.as.integer = x;
    return made;
  }
  static T get(const object &from) { return detail::integer<T>(from); }
};
template <class T>
struct caster<T, std::enable_if_t<std::is_same_v<T, float> || std::is_same_v<T, double>>> {
  static emb_value put(T x, detail::arena &) {
    emb_value made = detail::value(EMB_FLOAT);
    made.as.real = static_cast<double>(x);
    return made;
  }
  static T get(const object &from) { return detail::real<T>(from); }
};
template <>
struct caster<std::complex<double>> {
  static emb_value put(const std::complex<double> &x, detail::arena &memory) {
    auto *parts = memory.take<double>(2);
    parts[0] = x.real();
    parts[1] = x.imag();
    emb_value made = detail::value(EMB_COMPLEX, 2);
    made.as.reals = parts;
    return made;
  }
  static std::complex<double> get(const object &from) {
    if (from.value().kind != EMB_OBJECT) return from.as<double>();
    emb_value parts{};
    object plain = detail::unboxed(from);
    if (plain.has_attr("__complex__")) plain = plain.call("__complex__");
    if (plain.value().kind != EMB_OBJECT) return plain.as<double>();
    detail::check(emb_object_value(plain.value().as.object, EMB_RESULT_DEEP, &parts));
    if (parts.kind == EMB_COMPLEX) return {parts.as.reals[0], parts.as.reals[1]};
    object::take(parts);
    return from.as<double>();
  }
};

/// Text is UTF-8. A std::string_view as a result points into the object, which must live on.
template <>
struct caster<std::string_view> {
  static emb_value put(std::string_view x, detail::arena &) {
    return detail::memory(EMB_TEXT, x.data() ? x.data() : "", x.size());
  }
  static std::string_view get(const object &from) {
    const emb_value &v = from.value();
    if (v.kind != EMB_TEXT && v.kind != EMB_BYTES) detail::not_a("text", from);
    return {v.as.text, v.length};
  }
};
template <>
struct caster<std::string> {
  static emb_value put(const std::string &x, detail::arena &memory) {
    return caster<std::string_view>::put(x, memory);
  }
  static std::string get(const object &from) {
    if (from.value().kind != EMB_OBJECT) return std::string(caster<std::string_view>::get(from));
    object plain = detail::unboxed(from);
    if (plain.value().kind == EMB_OBJECT) detail::not_a("text", from);
    return std::string(caster<std::string_view>::get(plain));
  }
};
template <>
struct caster<const char *> {
  static emb_value put(const char *x, detail::arena &memory) {
    if (!x) detail::mismatch("ValueError", "the text is a null pointer");
    return caster<std::string_view>::put(x, memory);
  }
};
template <>
struct caster<char *> : caster<const char *> {};
template <>
struct caster<char> {
  static emb_value put(const char &x, detail::arena &) { return detail::memory(EMB_TEXT, &x, 1); }
};
template <>
struct caster<bytes> {
  static emb_value put(const bytes &x, detail::arena &) {
    return detail::memory(EMB_BYTES, x.data ? x.data : "", x.size);
  }
};

template <class T>
struct caster<std::optional<T>> {
  static emb_value put(const std::optional<T> &x, detail::arena &memory) {
    return x ? detail::put(*x, memory) : emb_value{};
  }
  static std::optional<T> get(const object &from) {
    if (from.is_none()) return std::nullopt;
    return from.as<T>();
  }
};
template <>
struct caster<slice> {
  static emb_value put(const slice &x, detail::arena &memory) {
    auto *parts = memory.take<emb_value>(3);
    parts[0] = detail::put(x.start, memory);
    parts[1] = detail::put(x.stop, memory);
    parts[2] = detail::put(x.step, memory);
    emb_value made = detail::value(EMB_SLICE, 3);
    made.as.items = parts;
    return made;
  }
};

inline std::string object::text(uint32_t form) const {
  if (form == EMB_TEXT_STR && value_.kind == EMB_TEXT) return {value_.as.text, value_.length};
  emb_value text{};
  boxed self(*this);
  detail::check(emb_object_text(self, form, &text));
  if (text.kind == EMB_TEXT) return {text.as.text, text.length};
  return take(text).call("encode", "utf-8", "backslashreplace").as<std::string>();
}

}  // namespace emb

#endif
