// emb/access.hpp: attributes, items and iteration of objects; modules and code. Included by emb.hpp.
#ifndef EMB_ACCESS_HPP
#define EMB_ACCESS_HPP

#include "object.hpp"

#include <initializer_list>
#include <iterator>

namespace emb {
namespace detail {

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
  int32_t found = 0;
  boxed self(*this);
  detail::check(emb_object_hasattr(self, name.data(), length(name), &found));
  return found != 0;
}

/// Starts Python: the one that is named (an interpreter, or the folder of an environment), or the
/// one that libemb finds; with `beside` a second one, where the process runs a Python already.
/// To be called first.
inline void init(std::string_view python = {}, bool beside = false) {
  if (emb_abi_version() != EMB_ABI_VERSION)
    throw error(EMB_CONFLICT, "emb.Conflict", "libemb and its headers are of different versions");
  emb_config config{};
  config.size = sizeof config;
  config.python = python.empty() ? nullptr : python.data();
  config.python_length = static_cast<int64_t>(python.size());
  config.flags = beside ? EMB_BESIDE : 0;
  detail::check(emb_init(&config));
}
/// Sees to it that packages are there, and starts Python if none runs; see emb_require. Throws an
/// emb::error of the status EMB_UNSATISFIED where they cannot be had.
inline void require(std::initializer_list<std::string_view> requirements, bool quiet = false) {
  std::string lines;
  for (std::string_view one : requirements) lines.append(one).push_back('\n');
  detail::check(emb_require(lines.data(), static_cast<int64_t>(lines.size()),
                            quiet ? EMB_REQUIRE_QUIET : 0));
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
/// Runs source code; `file` is its name in tracebacks, which show its lines under that name.
inline void run(std::string_view source, std::string_view file = {}, const object &globals = {}) {
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
inline bool error::matches(std::string_view class_name) const {
  if (state_->exception == 0) return class_name == state_->type_name;
  int32_t matches = 0;
  detail::check(emb_error_matches(state_->exception, class_name.data(),
                                  static_cast<int64_t>(class_name.size()), &matches));
  return matches != 0;
}
inline std::string error::traceback() const {
  emb_value text{};
  if (state_->exception == 0) return what();
  detail::check(emb_error_traceback(state_->exception, &text));
  return object::take(text).str();
}

}  // namespace emb

#endif
