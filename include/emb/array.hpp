// emb/array.hpp: memory that both sides see. Included by emb.hpp.
#ifndef EMB_ARRAY_HPP
#define EMB_ARRAY_HPP

#include "containers.hpp"

namespace emb {

/// Lengths, in elements, or steps, in bytes: `{rows, columns}`, from integers of any type.
class dims {
 public:
  struct number {
    template <class T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
    number(T n) : value(static_cast<int64_t>(n)) {}
    int64_t value;
  };
  dims() = default;
  dims(std::initializer_list<number> list) {
    if (list.size() > 32) detail::mismatch("ValueError", "an array has at most 32 dimensions");
    for (number n : list) numbers_[count_++] = n.value;
  }
  const int64_t *data() const noexcept { return numbers_; }
  int32_t size() const noexcept { return count_; }
  int64_t product() const noexcept {
    int64_t product = 1;
    for (int32_t i = 0; i < count_; i++) product *= numbers_[i];
    return product;
  }

 private:
  int32_t count_ = 0;
  int64_t numbers_[32];
};

namespace detail {

template <class T>
inline constexpr bool is_complex = false;
template <class T>
inline constexpr bool is_complex<std::complex<T>> = true;

/// The element type as numpy writes it, such as "f8".
template <class T>
constexpr std::string_view dtype() {
  using U = std::remove_cv_t<T>;
  constexpr size_t size = sizeof(U) <= 8 ? sizeof(U) : 0;
  constexpr bool complex = is_complex<U>;
  static_assert(complex || std::is_same_v<U, std::byte> || std::is_enum_v<U> ||
                    (std::is_arithmetic_v<U> && size > 0),
                "emb: an array holds numbers, std::complex or std::byte");
  constexpr const char *floats[] = {"", "", "", "", "f4", "", "", "", "f8"};
  constexpr const char *integers[] = {"", "i1", "i2", "", "i4", "", "", "", "i8"};
  constexpr const char *naturals[] = {"", "u1", "u2", "", "u4", "", "", "", "u8"};
  if constexpr (complex) return sizeof(U) == 8 ? "c8" : "c16";
  else if constexpr (std::is_same_v<U, bool>) return "bool";
  else if constexpr (std::is_floating_point_v<U>) return floats[size];
  else if constexpr (std::is_signed_v<U>) return integers[size];
  else return naturals[size];
}

/// Whether elements of the struct module's `format` are of type T.
template <class T>
bool holds(std::string_view format, int64_t itemsize) {
  using U = std::remove_cv_t<T>;
  if (itemsize != sizeof(U)) return false;
  if (!format.empty() && (format[0] == '@' || format[0] == '=' || format[0] == '<'))
    format.remove_prefix(1);
  auto one_of = [&](std::string_view letters) {
    return format.size() == 1 && letters.find(format[0]) != std::string_view::npos;
  };
  if constexpr (is_complex<U>) return format.size() == 2 && format[0] == 'Z';
  else if constexpr (std::is_same_v<U, bool>) return one_of("?");
  else if constexpr (std::is_floating_point_v<U>) return one_of("fd");
  else if constexpr (std::is_same_v<U, std::byte> || std::is_same_v<U, char>) return one_of("bBc");
  else if constexpr (std::is_signed_v<U>) return one_of("bhilqn");
  else if constexpr (std::is_unsigned_v<U>) return one_of("BHILQN");
  else return std::is_trivially_copyable_v<U>;  // a structure: the size is all that is compared
}

}  // namespace detail

/// A numpy.ndarray on memory of yours (a memoryview without numpy): nothing is copied, and each side
/// sees what the other writes. The memory must stay where it is as long as Python looks at it: hand
/// it over, or say what is to happen afterwards. Elements that are const cannot be written.
class array : public object {
 public:
  /// On the elements of a vector, which must neither be resized nor end before.
  template <class T>
  explicit array(std::vector<T> &elements, const dims &shape = {})
      : array(elements.data(), fitting(elements.size(), shape)) {}
  template <class T>
  explicit array(const std::vector<T> &elements, const dims &shape = {})
      : array(elements.data(), fitting(elements.size(), shape)) {}
  /// Hands the vector over: Python ends it when it needs it no longer.
  template <class T>
  explicit array(std::vector<T> &&elements, const dims &shape = {})
      : array(handed_over(std::move(elements), shape)) {}
  /// On any memory. `data` is the element with all indices 0; strides may be negative or 0.
  template <class T>
  array(T *data, const dims &shape, const dims &strides = {})
      : object(make(data, shape, strides, nullptr, nullptr)) {}
  /// The same with an owner: a function, which is called when Python no longer looks at the memory,
  /// or anything else (a std::shared_ptr, a container), which is kept until then. Either may happen
  /// on any thread that runs Python, and happens also where this throws.
  template <class T, class Owner>
  array(T *data, const dims &shape, const dims &strides, Owner owner)
      : object(make(data, shape, strides, &ended<Owner>, new Owner(std::move(owner)))) {}

 private:
  static dims fitting(size_t count, const dims &shape) {
    if (shape.size() == 0) return {count};
    if (shape.product() != static_cast<int64_t>(count))
      detail::mismatch("ValueError", "the shape does not fit " + std::to_string(count) + " elements");
    return shape;
  }
  template <class T>
  static array handed_over(std::vector<T> &&elements, const dims &shape) {
    dims fit = fitting(elements.size(), shape);
    T *data = elements.data();  // moving a vector leaves its elements in place
    return array(data, fit, {}, std::move(elements));
  }
  template <class Owner>
  static void ended(void *userdata) {
    std::unique_ptr<Owner> owner(static_cast<Owner *>(userdata));
    if constexpr (std::is_invocable_v<Owner &>) (*owner)();
  }
  template <class T>
  static object make(T *data, const dims &shape, const dims &strides, emb_release release,
                     void *userdata) {
    constexpr std::string_view dtype = detail::dtype<T>();
    bool stepped = strides.size() > 0, wrong = stepped && strides.size() != shape.size();
    if (wrong && release) release(userdata);
    if (wrong) detail::mismatch("ValueError", "shape and strides differ in their dimensions");
    emb_handle handle = 0;
    detail::check(emb_array_from_ptr(
        const_cast<std::remove_cv_t<T> *>(data), dtype.data(), static_cast<int64_t>(dtype.size()),
        shape.size(), shape.data(), stepped ? strides.data() : nullptr,
        std::is_const_v<T> ? EMB_ARRAY_READONLY : 0, release, userdata, &handle));
    return object::take(handle);
  }
};

/// How many arrays of Python look at memory of yours. While it is not 0, a vector must neither grow nor
/// end.
inline size_t borrowed(const void *data, size_t nbytes) {
  size_t count = 0;
  detail::check(emb_array_borrowed(data, nbytes, &count));
  return count;
}
template <class T>
size_t borrowed(const std::vector<T> &elements) {
  return borrowed(elements.data(), elements.capacity() * sizeof(T));
}

/// May a view be of a copy?
enum class copies { never, allowed };

/// The memory of a Python object (an array, bytes, a memoryview ...), like a std::span of any number
/// of dimensions; it stays in place as long as the view lives. view<const T> is for what must not be
/// written, view<T> insists that it may. Where copies are allowed, view<const T> also takes lists,
/// elements of other types and memory with gaps, and is contiguous.
template <class T>
class view {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;

  explicit view(const object &of, copies may = copies::never) : view_{} {
    view_.size = sizeof view_;
    object::boxed handle(of);
    constexpr uint32_t own = std::is_const_v<T> ? 0 : EMB_VIEW_WRITABLE;
    uint32_t flags = own | (may == copies::allowed ? EMB_VIEW_CONTIGUOUS | EMB_VIEW_COPY : 0);
    if constexpr (std::is_arithmetic_v<value_type> || detail::is_complex<value_type>) {
      constexpr std::string_view dtype = detail::dtype<T>();
      int64_t length = static_cast<int64_t>(dtype.size());
      detail::check(may == copies::allowed
                        ? emb_array_view_as(handle, dtype.data(), length, flags, &view_)
                        : emb_array_view(handle, flags, &view_));
    } else {
      detail::check(emb_array_view(handle, flags, &view_));
    }
    owner_ = object::take(view_.owner);
    if (!detail::holds<T>(view_.format, view_.itemsize))
      detail::mismatch("TypeError", std::string("the elements are of format '") + view_.format +
                                        "', not of the type of the view");
  }
  view(view &&) = default;
  view &operator=(view &&) = default;

  /// The element with all indices 0.
  T *data() const noexcept { return static_cast<T *>(view_.data); }
  /// All elements.
  size_t size() const noexcept { return static_cast<size_t>(view_.nbytes / view_.itemsize); }
  bool empty() const noexcept { return view_.nbytes == 0; }
  /// Whether this is a copy, and not the object's own memory.
  bool copied() const noexcept { return view_.copied != 0; }
  int ndim() const noexcept { return view_.ndim; }
  int64_t shape(int axis) const noexcept { return view_.shape[axis]; }
  /// In bytes, as everywhere in Python.
  int64_t stride(int axis) const noexcept { return view_.strides[axis]; }
  /// Whether the elements lie one after the other, the last index running fastest.
  bool contiguous() const noexcept {
    int64_t step = view_.itemsize;
    for (int axis = ndim() - 1; axis >= 0; axis--) {
      if (shape(axis) > 1 && stride(axis) != step) return empty();
      step *= shape(axis);
    }
    return true;
  }
  /// As many indices as there are dimensions. They are not checked.
  template <class... I>
  T &operator()(I... indices) const noexcept {
    int64_t offset = 0;
    int axis = 0;
    ((offset += static_cast<int64_t>(indices) * stride(axis++)), ...);
    return *reinterpret_cast<T *>(static_cast<char *>(view_.data) + offset);
  }
  T &operator[](size_t index) const noexcept { return (*this)(index); }
  /// Like operator(), checked.
  template <class... I>
  T &at(I... indices) const {
    int axis = 0;
    bool inside = sizeof...(I) == static_cast<size_t>(ndim());
    ((inside = inside && static_cast<int64_t>(indices) >= 0 &&
               static_cast<int64_t>(indices) < shape(axis), axis++), ...);
    if (!inside) detail::mismatch("IndexError", "no such element in the view");
    return (*this)(indices...);
  }
  /// For what is contiguous only.
  T *begin() const {
    if (!contiguous()) detail::mismatch("ValueError", "the elements are not contiguous");
    return data();
  }
  T *end() const { return begin() + size(); }

 private:
  emb_view view_;
  object owner_;
};

template <class T>
struct caster<view<T>> {
  static view<T> get(const object &from) { return view<T>(from); }
};

namespace detail {

/// The elements of an array of just this type, in one piece.
template <class T>
std::optional<T> from_buffer(const object &from) {
  if constexpr (std::is_same_v<T, std::vector<typename T::value_type>> &&
                std::is_arithmetic_v<typename T::value_type> &&
                !std::is_same_v<typename T::value_type, bool>) {
    using E = typename T::value_type;
    const emb_value &v = from.value();
    if constexpr (std::is_same_v<E, unsigned char>)
      if (v.kind == EMB_BYTES) return T(v.as.bytes, v.as.bytes + v.length);
    emb_view raw{};
    raw.size = sizeof raw;
    if (v.kind != EMB_OBJECT) return std::nullopt;
    if (emb_array_view(from.value().as.object, 0, &raw) != EMB_OK) return std::nullopt;
    object owner = object::take(raw.owner);
    if (raw.ndim != 1 || !holds<E>(raw.format, raw.itemsize)) return std::nullopt;
    T copy(static_cast<size_t>(raw.shape[0]));
    const char *at = static_cast<const char *>(raw.data);
    for (size_t i = 0; i < copy.size(); i++, at += raw.strides[0]) std::memcpy(&copy[i], at, sizeof(E));
    return copy;
  }
  static_cast<void>(from);
  return std::nullopt;
}

}  // namespace detail
}  // namespace emb

#endif
