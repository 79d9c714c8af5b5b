// emb/arguments.hpp: how C++ values are laid out for a call. Included by emb.hpp.
#ifndef EMB_ARGUMENTS_HPP
#define EMB_ARGUMENTS_HPP

#include "error.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

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
  // The last length says that a text ends with a NUL byte.
  if (length >= UINT32_MAX) mismatch("OverflowError", "4 GiB and more cannot cross as one value");
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
    if constexpr (is_keyword<T>) {
      if (x.name.empty() || x.name.find(',') != std::string_view::npos)
        mismatch("ValueError",
                 "a keyword's name is empty or has a comma in it: '" + std::string(x.name) + "'");
      length += x.name.size() + 1;
    }
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

}  // namespace emb

#endif
