// emb/containers.hpp: C++ containers into Python's, and back. Included by emb.hpp.
#ifndef EMB_CONTAINERS_HPP
#define EMB_CONTAINERS_HPP

#include "convert.hpp"

#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

namespace emb {

template <class T>
class view;

namespace detail {

/// The items of anything that `tuple()` takes, in one crossing.
inline std::vector<object> items_of(const object &from) {
  static const emb_handle tuple = import("builtins").attr("tuple").get().release();
  if (from.value().kind <= EMB_BYTES) not_a("a sequence", from);
  emb_value result{};
  check(emb_call(tuple, &from.value(), 1, nullptr, 0, EMB_RESULT_DEEP, &result));
  std::vector<object> items;
  if (result.kind != EMB_TUPLE) {  // more than crosses at once
    for (const object &item : object::take(result)) items.push_back(item);
    return items;
  }
  items.reserve(result.length);
  for (uint32_t i = 0; i < result.length; i++) items.push_back(object::take(result.as.items[i]));
  return items;
}

template <class T>
std::optional<T> from_buffer(const object &);

template <class T>
inline constexpr bool is_view = false;
template <class T>
inline constexpr bool is_view<view<T>> = true;
template <class T, class = void>
inline constexpr bool is_range = false;
template <class T>
inline constexpr bool is_range<
    T, std::void_t<decltype(std::begin(std::declval<const T &>())),
                   decltype(std::size(std::declval<const T &>())), typename T::value_type>> =
    !std::is_convertible_v<T, std::string_view> && !is_python<T> && !is_view<T>;
template <class T, class = void>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<T, std::void_t<typename T::mapped_type>> = is_range<T>;

}  // namespace detail

/// std::tuple and std::pair are tuples.
template <class Tuple, class... T>
struct tuple_caster {
  static emb_value put(const Tuple &x, detail::arena &memory) {
    auto *parts = memory.take<emb_value>(sizeof...(T));
    std::apply(
        [&](const auto &...part) {
          emb_value *next = parts;
          ((*next++ = detail::put(part, memory)), ...);
        },
        x);
    emb_value made = detail::value(EMB_TUPLE, sizeof...(T));
    made.as.items = parts;
    return made;
  }
  static Tuple get(const object &from) {
    std::vector<object> items = detail::items_of(from);
    if (items.size() != sizeof...(T))
      detail::mismatch("ValueError", "expected " + std::to_string(sizeof...(T)) + " items, not " +
                                         std::to_string(items.size()));
    return unpack(items, std::index_sequence_for<T...>());
  }

 private:
  template <size_t... I>
  static Tuple unpack(const std::vector<object> &items, std::index_sequence<I...>) {
    return Tuple(items[I].template as<T>()...);
  }
};
template <class... T>
struct caster<std::tuple<T...>> : tuple_caster<std::tuple<T...>, T...> {};
template <class A, class B>
struct caster<std::pair<A, B>> : tuple_caster<std::pair<A, B>, A, B> {};

/// Other containers are lists, copied; emb::array shares memory instead. As a result, what has
/// push_back is filled from any iterable; vectors of numbers from an array in one piece.
template <class T>
struct caster<T, std::enable_if_t<detail::is_range<T> && !detail::is_map<T>>> {
  static emb_value put(const T &x, detail::arena &memory) {
    size_t count = std::size(x), next = 0;
    emb_value made = detail::memory(EMB_LIST, nullptr, count);
    auto *parts = memory.take<emb_value>(count);
    for (auto at = std::begin(x); at != std::end(x); ++at) {
      if constexpr (std::is_reference_v<decltype(*at)>)
        parts[next++] = detail::put(*at, memory);
      else  // std::vector<bool>
        parts[next++] = detail::put(static_cast<typename T::value_type>(*at), memory);
    }
    made.as.items = parts;
    return made;
  }
  static T get(const object &from) {
    if (auto copy = detail::from_buffer<T>(from)) return *std::move(copy);
    std::vector<object> items = detail::items_of(from);
    T made;
    for (const object &one : items) made.push_back(one.as<typename T::value_type>());
    return made;
  }
};
/// Maps are dicts.
template <class T>
struct caster<T, std::enable_if_t<detail::is_map<T>>> {
  static emb_value put(const T &x, detail::arena &memory) {
    emb_value made = detail::memory(EMB_DICT, nullptr, std::size(x));
    auto *parts = memory.take<emb_value>(2 * std::size(x));
    made.as.items = parts;
    for (const auto &pair : x) {
      *parts++ = detail::put(pair.first, memory);
      *parts++ = detail::put(pair.second, memory);
    }
    return made;
  }
  static T get(const object &from) {
    if (from.value().kind != EMB_OBJECT) detail::not_a("a dict", from);
    std::vector<object> keys = detail::items_of(from.call("keys"));
    std::vector<object> values = detail::items_of(from.call("values"));
    T made;
    for (size_t i = 0; i < keys.size() && i < values.size(); i++)
      made.emplace(keys[i].as<typename T::key_type>(), values[i].as<typename T::mapped_type>());
    return made;
  }
};

/// `dict(color="red", lw=2)`
template <class... T>
object dict(const keyword<T> &...items) {
  detail::arena memory;
  emb_value parts[2 * sizeof...(T) + 1] = {}, *next = parts;
  ((*next++ = detail::put(items.name, memory), *next++ = detail::put(items.value, memory)), ...);
  emb_value made = detail::value(EMB_DICT, sizeof...(T));
  made.as.items = parts;
  emb_handle handle = 0;
  detail::check(emb_object_new(&made, &handle));
  return object::take(handle);
}

}  // namespace emb

#endif
