// emb/object.hpp: Python's objects. Included by emb.hpp.
#ifndef EMB_OBJECT_HPP
#define EMB_OBJECT_HPP

#include "arguments.hpp"

#include <cstddef>

namespace emb {

/// Any Python object. None, bool, int of 64 bits, float, text and bytes are held as values, without
/// a handle, and other objects by a handle of their own. Copying gives a second reference.
class object {
 public:
  /// None.
  object() noexcept : value_{} {}
  /// From anything that converts: numbers, text, std containers ...; `object x = 5`.
  template <class T, std::enable_if_t<!detail::is_python<T> && detail::can_put<T>, int> = 0>
  object(const T &x) : value_{} {
    detail::arena memory;
    adopt_input(detail::put(x, memory));
  }
  object(const object &other) : value_{} { adopt_input(other.value_); }
  object(object &&other) noexcept : value_(std::exchange(other.value_, emb_value{})) {}
  object &operator=(object other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~object() {
    if (value_.kind == EMB_OBJECT)
      emb_object_free(value_.as.object);
    else if (value_.kind == EMB_TEXT || value_.kind == EMB_BYTES)
      delete[] value_.as.text;
  }

  /// Takes over a result of emb.h: its handle, or a copy of its text.
  static object take(const emb_value &result) {
    object made;
    made.adopt_result(result);
    return made;
  }
  static object take(emb_handle handle) noexcept {
    object made;
    made.value_ = detail::value(EMB_OBJECT);
    made.value_.as.object = handle;
    return made;
  }
  /// For use with emb.h; valid as long as this object.
  const emb_value &value() const noexcept { return value_; }
  /// Gives up what it holds: a handle that the caller releases; 0 where it holds a plain value.
  emb_handle release() noexcept {
    if (value_.kind != EMB_OBJECT) return 0;
    return std::exchange(value_, emb_value{}).as.object;
  }

  /// `object.name`: to be read, assigned to, or called, in one crossing each. What it gives is meant
  /// for the same expression; to keep the attribute, keep it as an emb::object.
  detail::attribute<const object &> attr(std::string_view name) const;
  /// `object[key]`, likewise. `m[std::tuple(1, emb::slice())]` is `m[1, :]`.
  template <class K>
  detail::item<const object &, K> operator[](const K &key) const;
  /// `object(1, 2.5, "text", emb::kw("color", "red"))`
  template <class... A>
  object operator()(const A &...arguments) const {
    return invoke({}, arguments...);
  }
  /// `object.name(...)`
  template <class... A>
  object call(std::string_view name, const A &...arguments) const {
    return invoke(name, arguments...);
  }

  bool has_attr(std::string_view name) const;
  void del_attr(std::string_view name) const {
    boxed self(*this);
    detail::check(emb_object_delattr(self, name.data(), length(name)));
  }
  template <class K>
  void del_item(const K &key) const {
    detail::arena memory;
    emb_value k = detail::put(key, memory);
    boxed self(*this);
    detail::check(emb_object_delitem(self, &k));
  }

  /// A C++ value: bool (its truth), numbers (of numpy too), std::string, emb::bytes, std::vector,
  /// std::map, std::tuple, std::optional, std::function, emb::view. Throws an emb::error whose
  /// type_name is TypeError or OverflowError where the object is no such thing.
  template <class T>
  T as() const & {
    return caster<T>::get(*this);
  }
  template <class T>
  T as() && {
    static_assert(!std::is_same_v<T, std::string_view>,
                  "emb: the text would be gone at once; ask for a std::string");
    return caster<T>::get(*this);
  }
  /// As `str()` and `repr()` write it.
  std::string str() const { return text(EMB_TEXT_STR); }
  std::string repr() const { return text(EMB_TEXT_REPR); }

  bool is_none() const noexcept { return value_.kind == EMB_NONE; }
  /// Whether both are one object. Plain values have no lasting identity: compare them with ==.
  bool is(const object &other) const { return identity() == other.identity(); }
  explicit operator bool() const {
    if (value_.kind == EMB_BOOL || value_.kind == EMB_INT) return value_.as.integer != 0;
    if (value_.kind != EMB_OBJECT) {
      return value_.kind == EMB_FLOAT ? value_.as.real != 0 : value_.length > 0;
    }
    int32_t truth = 0;
    detail::check(emb_object_truth(value_.as.object, &truth));
    return truth != 0;
  }
  /// `len(object)`
  size_t size() const {
    int64_t length = 0;
    boxed self(*this);
    detail::check(emb_object_length(self, &length));
    return static_cast<size_t>(length);
  }
  template <class T>
  bool contains(const T &x) const {
    detail::arena memory;
    emb_value v = detail::put(x, memory);
    int32_t found = 0;
    boxed self(*this);
    detail::check(emb_object_contains(self, &v, &found));
    return found != 0;
  }
  int64_t hash() const {
    int64_t hash = 0;
    boxed self(*this);
    detail::check(emb_object_hash(self, &hash));
    return hash;
  }
  /// `for (emb::object item : object)`
  detail::iterator begin() const;
  detail::iterator end() const;

  /// The handle of an object; of a plain value that is made into one for as long as this lives.
  class boxed {
   public:
    explicit boxed(const object &from) : handle_(from.value_.as.object) {
      if (from.value_.kind == EMB_OBJECT) return;
      detail::check(emb_object_new(&from.value_, &handle_));
      made_ = true;
    }
    boxed(const boxed &) = delete;
    ~boxed() {
      if (made_) emb_object_free(handle_);
    }
    operator emb_handle() const noexcept { return handle_; }

   private:
    emb_handle handle_;
    bool made_ = false;
  };

 private:
  static int64_t length(std::string_view text) { return static_cast<int64_t>(text.size()); }

  template <class... A>
  object invoke(std::string_view name, const A &...arguments) const {
    static_assert(detail::keywords_come_last<A...>(), "emb: keyword arguments come last");
    detail::arena memory;
    detail::names keywords;
    (keywords.measure(arguments), ...);
    if (keywords.length > 0) {
      keywords.data = memory.take<char>(std::exchange(keywords.length, 0u));
      (keywords.append(arguments), ...);
      keywords.length--;
    }
    constexpr size_t named = (size_t{detail::is_keyword<A>} + ... + 0u);
    const emb_value values[sizeof...(A) + 1] = {detail::put(arguments, memory)...};
    boxed self(*this);
    emb_value result{};
    detail::check(
        name.data() ? emb_call_method(self, name.data(), length(name), values, sizeof...(A) - named,
                                      keywords.data, static_cast<int64_t>(keywords.length),
                                      EMB_RESULT_AUTO, &result)
                    : emb_call(self, values, sizeof...(A) - named, keywords.data,
                               static_cast<int64_t>(keywords.length), EMB_RESULT_AUTO, &result));
    return take(result);
  }

  void copy_text(const emb_value &from) {
    auto *copy = new char[size_t{from.length} + 1];
    if (from.length > 0) std::memcpy(copy, from.as.text, from.length);
    copy[from.length] = 0;
    value_ = from;
    value_.as.text = copy;
  }
  void make(const emb_value &from) {
    emb_handle handle = 0;
    detail::check(emb_object_new(&from, &handle));
    *this = take(handle);
  }
  void adopt_input(const emb_value &from) {
    if (from.kind <= EMB_FLOAT) {
      value_ = from;
    } else if (from.kind == EMB_TEXT || from.kind == EMB_BYTES) {
      copy_text(from);
    } else if (from.kind == EMB_UINT && from.as.uinteger <= INT64_MAX) {
      value_ = from;
      value_.kind = EMB_INT;
    } else if (from.kind == EMB_OBJECT) {
      emb_handle clone = 0;
      detail::check(emb_object_clone(from.as.object, &clone));
      *this = take(clone);
    } else {
      make(from);
    }
  }
  static void drop(const emb_value &from) {
    if (from.kind == EMB_OBJECT) emb_object_free(from.as.object);
    for (uint32_t i = 0; from.kind == EMB_TUPLE && i < from.length; i++) drop(from.as.items[i]);
  }
  void adopt_result(const emb_value &from) {
    if (from.kind <= EMB_FLOAT || from.kind == EMB_OBJECT) {
      value_ = from;
    } else if (from.kind == EMB_TEXT || from.kind == EMB_BYTES) {
      copy_text(from);
    } else {  // of EMB_RESULT_DEEP: what is nested becomes an object again
      emb_handle handle = 0;
      emb_status status = emb_object_new(&from, &handle);
      drop(from);
      detail::check(status);
      *this = take(handle);
    }
  }
  std::string text(uint32_t form) const;
  uint64_t identity() const {
    uint64_t address = 0;
    boxed self(*this);
    detail::check(emb_object_identity(self, &address));
    return address;
  }

  emb_value value_;
};

namespace detail {

inline emb_value arena::keep(object &&object) {
  emb_value kept = object.value();
  if (kept.kind == EMB_TEXT || kept.kind == EMB_BYTES) {
    char *copy = take<char>(kept.length);
    if (kept.length > 0) std::memcpy(copy, kept.as.text, kept.length);
    kept.as.text = copy;
  } else if (kept.kind == EMB_OBJECT) {
    held *node = take<held>(1);
    *node = {handles_, object.release()};
    handles_ = node;
  }
  return kept;
}

}  // namespace detail
}  // namespace emb

#endif
