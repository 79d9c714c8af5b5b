// emb/object.hpp: Python's objects. Included by emb.hpp.
#ifndef EMB_OBJECT_HPP
#define EMB_OBJECT_HPP

#include "error.hpp"

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace emb {

/// How values of T cross: `static emb_value put(const T &, detail::arena &)` on the way in,
/// `static T get(const object &)` on the way out. Specialise it for types of your own; put may
/// return `arena.keep(object)`.
template <class T, class = void>
struct caster {};

template <class T>
struct keyword {
  std::string_view name;
  const T &value;
};
/// A keyword argument: `plot(x, y, emb::kw("color", "red"))`. They come after the others.
template <class T>
keyword<T> kw(std::string_view name, const T &value) {
  return {name, value};
}

namespace detail {

/// Memory for the values of one call, most often on the stack only.
class arena {
 public:
  arena() {}
  arena(const arena &) = delete;
  ~arena() {
    for (; handles_; handles_ = handles_->next) emb_object_free(handles_->handle);
    while (chunks_) {
      chunk *next = chunks_->next;
      ::operator delete(chunks_);
      chunks_ = next;
    }
  }
  template <class T>
  T *take(size_t count) {
    size_t size = (count * sizeof(T) + 15) / 16 * 16;
    if (size > sizeof first_ - used_) {
      auto *made = static_cast<chunk *>(::operator new(sizeof(chunk) + size));
      made->next = chunks_;
      chunks_ = made;
      return reinterpret_cast<T *>(made + 1);
    }
    used_ += size;
    return reinterpret_cast<T *>(first_ + used_ - size);
  }
  emb_value keep(object &&object);

 private:
  struct alignas(16) chunk {
    chunk *next;
  };
  struct held {
    held *next;
    emb_handle handle;
  };
  alignas(16) char first_[512];
  size_t used_ = 0;
  chunk *chunks_ = nullptr;
  held *handles_ = nullptr;
};

inline emb_value value(uint32_t kind, uint32_t length = 0) {
  emb_value made{};
  made.kind = kind;
  made.length = length;
  return made;
}
inline emb_value memory(uint32_t kind, const void *data, size_t length) {
  if (length > UINT32_MAX) mismatch("OverflowError", "4 GiB and more cannot cross as one value");
  emb_value made = value(kind, static_cast<uint32_t>(length));
  made.as.text = static_cast<const char *>(data);
  return made;
}

template <class T>
using caster_of = caster<std::decay_t<T>>;
template <class T, class = void>
inline constexpr bool can_put = false;
template <class T>
inline constexpr bool can_put<
    T, std::void_t<decltype(caster_of<T>::put(std::declval<const T &>(), std::declval<arena &>()))>> =
    true;

template <class T>
emb_value put(const T &x, arena &memory) {
  static_assert(can_put<T>, "emb: no conversion of this type into a Python object; see emb::caster");
  return caster_of<T>::put(x, memory);
}

template <class T>
inline constexpr bool is_keyword = false;
template <class T>
inline constexpr bool is_keyword<keyword<T>> = true;

template <class T>
emb_value put(const keyword<T> &x, arena &memory) {
  return put(x.value, memory);
}

struct names {
  char *data = nullptr;
  size_t length = 0;
  template <class T>
  void measure(const T &x) {
    if constexpr (is_keyword<T>) length += x.name.size() + 1;
  }
  template <class T>
  void append(const T &x) {
    if constexpr (is_keyword<T>) {
      std::memcpy(data + length, x.name.data(), x.name.size());
      length += x.name.size();
      data[length++] = ',';
    }
  }
};

template <class... A>
constexpr bool keywords_come_last() {
  bool seen = false, fine = true;
  ((fine = fine && (is_keyword<A> || !seen), seen = seen || is_keyword<A>), ...);
  return fine;
}

template <class Base>
class attribute;
template <class Base, class Key>
class item;
class iterator;

/// Objects and what stands for one.
template <class T>
inline constexpr bool is_python = std::is_base_of_v<object, T>;
template <class B>
inline constexpr bool is_python<attribute<B>> = true;
template <class B, class K>
inline constexpr bool is_python<item<B, K>> = true;

}  // namespace detail

/// Python's objects, and what stands for one.
template <class T>
struct caster<T, std::enable_if_t<std::is_base_of_v<object, T>>> {
  static emb_value put(const T &x, detail::arena &) { return x.value(); }
  static T get(const object &from) { return from; }
};
template <class T>
struct caster<T, std::enable_if_t<detail::is_python<T> && !std::is_base_of_v<object, T>>> {
  static emb_value put(const T &x, detail::arena &memory) { return memory.keep(x.read()); }
};

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

/// What attribute and item share. They are used at once and not kept: `auto x = o.attr("a")` gives
/// something that does not compile where it is used.
template <class Self>
class pending {
 public:
  pending() = default;
  pending(const pending &) = delete;
  pending &operator=(const pending &) = delete;

  object get() && { return self().read(); }
  operator object() && { return self().read(); }
  template <class T>
  T as() && {
    return self().read().template as<T>();
  }
  attribute<object> attr(std::string_view name) &&;
  template <class K>
  item<object, K> operator[](const K &key) &&;
  template <class... A>
  object call(std::string_view name, const A &...arguments) && {
    return self().read().call(name, arguments...);
  }
  std::string str() && { return self().read().str(); }
  std::string repr() && { return self().read().repr(); }
  bool is_none() && { return self().read().is_none(); }
  size_t size() && { return self().read().size(); }
  explicit operator bool() && { return static_cast<bool>(self().read()); }

 private:
  const Self &self() const { return static_cast<const Self &>(*this); }
};

template <class Base>
class attribute : public pending<attribute<Base>> {
 public:
  attribute(const object &base, std::string_view name) : base_(base), name_(name) {}
  attribute(object &&base, std::string_view name) : base_(std::move(base)), name_(name) {}

  template <class... A>
  object operator()(const A &...arguments) && {
    return base_.call(name_, arguments...);
  }
  template <class T>
  void operator=(const T &x) && {
    write(x);
  }
  void operator=(const attribute &other) && { write(other.read()); }
  object read() const {
    emb_value result{};
    object::boxed self(base_);
    check(emb_object_getattr(self, name_.data(), static_cast<int64_t>(name_.size()), EMB_RESULT_AUTO,
                             &result));
    return object::take(result);
  }
  template <class T>
  void write(const T &x) const {
    arena memory;
    emb_value v = put(x, memory);
    object::boxed self(base_);
    check(emb_object_setattr(self, name_.data(), static_cast<int64_t>(name_.size()), &v));
  }

 private:
  Base base_;
  std::string_view name_;
};

template <class Base, class Key>
class item : public pending<item<Base, Key>> {
 public:
  item(const object &base, const Key &key) : base_(base), key_(key) {}
  item(object &&base, const Key &key) : base_(std::move(base)), key_(key) {}

  template <class... A>
  object operator()(const A &...arguments) && {
    return read()(arguments...);
  }
  template <class T>
  void operator=(const T &x) && {
    write(x);
  }
  void operator=(const item &other) && { write(other.read()); }
  object read() const {
    arena memory;
    emb_value result{}, k = put(key_, memory);
    object::boxed self(base_);
    check(emb_object_getitem(self, &k, EMB_RESULT_AUTO, &result));
    return object::take(result);
  }
  template <class T>
  void write(const T &x) const {
    arena memory;
    emb_value k = put(key_, memory), v = put(x, memory);
    object::boxed self(base_);
    check(emb_object_setitem(self, &k, &v));
  }

 private:
  Base base_;
  const Key &key_;
};

template <class Self>
attribute<object> pending<Self>::attr(std::string_view name) && {
  return {self().read(), name};
}
template <class Self>
template <class K>
item<object, K> pending<Self>::operator[](const K &key) && {
  return {self().read(), key};
}

/// An input iterator; each step is one crossing.
class iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = object;
  using difference_type = std::ptrdiff_t;
  using pointer = const object *;
  using reference = const object &;

  iterator() = default;
  explicit iterator(const object &over) {
    emb_handle made = 0;
    object::boxed self(over);
    check(emb_object_iter(self, &made));
    iterator_ = object::take(made);
    ++*this;
  }
  const object &operator*() const { return item_; }
  const object *operator->() const { return &item_; }
  iterator &operator++() {
    emb_value next{};
    int32_t more = 0;
    check(emb_object_next(iterator_.value().as.object, EMB_RESULT_AUTO, &next, &more));
    item_ = more ? object::take(next) : object();
    if (!more) iterator_ = object();
    return *this;
  }
  void operator++(int) { ++*this; }
  /// Equal where both are at the end.
  friend bool operator==(const iterator &a, const iterator &b) {
    return a.iterator_.is_none() && b.iterator_.is_none();
  }
  friend bool operator!=(const iterator &a, const iterator &b) { return !(a == b); }

 private:
  object iterator_, item_;
};

}  // namespace detail

inline detail::attribute<const object &> object::attr(std::string_view name) const {
  return {*this, name};
}
template <class K>
detail::item<const object &, K> object::operator[](const K &key) const {
  return {*this, key};
}
inline detail::iterator object::begin() const { return detail::iterator(*this); }
inline detail::iterator object::end() const { return {}; }

inline bool object::has_attr(std::string_view name) const {
  try {
    static_cast<void>(object(attr(name)));
    return true;
  } catch (const error &failed) {
    if (!failed.matches("AttributeError")) throw;
    return false;
  }
}

/// Starts Python: the one that is named (an interpreter, or the folder of an environment), or the
/// one that libemb finds. To be called first.
inline void init(std::string_view python = {}) {
  if (emb_abi_version() != EMB_ABI_VERSION)
    throw error(EMB_CONFLICT, "emb.Conflict", "libemb and its headers are of different versions");
  emb_config config{};
  config.size = sizeof config;
  config.python = python.empty() ? nullptr : python.data();
  config.python_length = static_cast<int64_t>(python.size());
  detail::check(emb_init(&config));
}
/// Ends Python's part of the process; see emb_shutdown.
inline void shutdown() { detail::check(emb_shutdown()); }

inline object import(std::string_view name) {
  emb_handle module = 0;
  detail::check(emb_import(name.data(), static_cast<int64_t>(name.size()), &module));
  return object::take(module);
}
/// The value of an expression. `globals` is a dict; without it, the names are those of `__main__`.
inline object eval(std::string_view expression, const object &globals = {}) {
  emb_value result{};
  detail::check(emb_eval(expression.data(), static_cast<int64_t>(expression.size()),
                         globals.is_none() ? 0 : globals.value().as.object, EMB_RESULT_AUTO, &result));
  return object::take(result);
}
/// Runs source code; `file` is its name in tracebacks.
inline void run(std::string_view source, std::string_view file = "<emb>", const object &globals = {}) {
  detail::check(emb_run(source.data(), static_cast<int64_t>(source.size()), file.data(),
                        static_cast<int64_t>(file.size()),
                        globals.is_none() ? 0 : globals.value().as.object));
}

/// Keeps Python's lock in this thread while it lives: a series of operations takes it once.
class gil {
 public:
  gil() { detail::check(emb_gil_acquire()); }
  ~gil() { emb_gil_release(); }
  gil(const gil &) = delete;
  gil &operator=(const gil &) = delete;
};

inline object error::exception() const {
  emb_handle clone = 0;
  if (state_->exception == 0) return {};
  detail::check(emb_object_clone(state_->exception, &clone));
  return object::take(clone);
}
inline std::string error::traceback() const {
  emb_value text{};
  if (state_->exception == 0) return what();
  detail::check(emb_error_traceback(state_->exception, &text));
  return object::take(text).str();
}

}  // namespace emb

#endif
