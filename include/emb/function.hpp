// emb/function.hpp: C++ functions as Python callables. Included by emb.hpp.
#ifndef EMB_FUNCTION_HPP
#define EMB_FUNCTION_HPP

#include "convert.hpp"

#include <functional>
#include <new>
#include <stdexcept>

namespace emb {

/// What a function was called with, for functions that take anything: `[](const emb::args &a) {...}`
class args {
 public:
  args(emb_value *values, size_t count, std::string_view names) {
    auto steal = [](emb_value &from) { return object::take(std::exchange(from, emb_value{})); };
    for (size_t i = 0; i < count; i++) positional_.push_back(steal(values[i]));
    bool more = names.data() != nullptr;  // an empty text is one empty name
    for (size_t i = count; more; i++) {
      size_t comma = std::min(names.find(','), names.size());
      named_.emplace_back(names.substr(0, comma), steal(values[i]));
      more = comma < names.size();
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
  }
  /// The positional arguments.
  size_t size() const noexcept { return positional_.size(); }
  const object &operator[](size_t index) const {
    if (index >= size()) detail::mismatch("TypeError", "an argument is missing");
    return positional_[index];
  }
  auto begin() const noexcept { return positional_.begin(); }
  auto end() const noexcept { return positional_.end(); }
  /// The keyword arguments, in order.
  const std::vector<std::pair<std::string, object>> &named() const noexcept { return named_; }
  /// A keyword argument, or `otherwise`.
  object get(std::string_view name, const object &otherwise = {}) const {
    for (const auto &[key, value] : named_)
      if (key == name) return value;
    return otherwise;
  }

 private:
  std::vector<object> positional_;
  std::vector<std::pair<std::string, object>> named_;
};

namespace detail {

/// What a function takes and gives, from its type.
template <class F>
struct signature : signature<decltype(&F::operator())> {};
template <class R, class... P>
struct signature<R (*)(P...)> {
  using result = R;
  using parameters = std::tuple<std::decay_t<P>...>;
};
template <class R, class... P>
struct signature<R (*)(P...) noexcept> : signature<R (*)(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...)> : signature<R (*)(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const> : signature<R (*)(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) noexcept> : signature<R (*)(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const noexcept> : signature<R (*)(P...)> {};

template <class T, class = void>
inline constexpr bool is_function =
    std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>;
template <class T>
inline constexpr bool is_function<T, std::void_t<decltype(&T::operator())>> = !is_python<T>;
template <class R, class... P>
inline constexpr bool is_function<  // it has a caster of its own
    std::function<R(P...)>, std::void_t<decltype(&std::function<R(P...)>::operator())>> = false;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// The result of a function, given away: text is made an object, since it must outlive the function.
inline emb_value given(object &&made) {
  emb_value value = made.value();
  if (value.kind == EMB_TEXT || value.kind == EMB_BYTES) {
    emb_handle handle = 0;
    check(emb_object_new(&made.value(), &handle));
    value = detail::value(EMB_OBJECT);
    value.as.object = handle;
  }
  made.release();
  return value;
}

template <class F, class... P, size_t... I>
emb_value called(F &function, args &&given_args, std::tuple<P...> *, std::index_sequence<I...>) {
  using R = typename signature<F>::result;
  auto call = [&]() -> R {
    if constexpr (sizeof...(P) == 1 && (std::is_same_v<P, args> && ...)) {
      return function(given_args);
    } else {
      constexpr size_t least = (size_t{!is_optional<P>} + ... + 0u);
      if (!given_args.named().empty())
        mismatch("TypeError", "the C++ function takes no keyword arguments, and was given '" +
                                  given_args.named()[0].first + "'");
      if (given_args.size() > sizeof...(P) || given_args.size() < least)
        mismatch("TypeError", "the C++ function takes " +
                                  (least < sizeof...(P) ? std::to_string(least) + " to " : "") +
                                  std::to_string(sizeof...(P)) + " positional arguments, and was given " +
                                  std::to_string(given_args.size()));
      static const object missing;
      return function((I < given_args.size() ? given_args[I] : missing).template as<P>()...);
    }
  };
  if constexpr (std::is_void_v<R>) {
    call();
    return {};
  } else {
    return given(object(call()));
  }
}

inline void forget_original(void *userdata) {
  delete static_cast<std::exception_ptr *>(userdata);
  originals.fetch_sub(1);
}
inline emb_status show_original(void *userdata, emb_value *, size_t, const char *, int64_t,
                                emb_value *) {
  original = static_cast<const std::exception_ptr *>(userdata);
  return EMB_OK;
}

/// Makes a C++ exception Python's pending error, which remembers it.
inline emb_status raise_original(std::exception_ptr thrown, std::string_view type,
                                 std::string_view message) {
  auto length = [](std::string_view text) { return static_cast<int64_t>(text.size()); };
  emb_status status = emb_error_raise(type.data(), length(type), message.data(), length(message));
  if (status == EMB_BAD_ARGUMENT) {
    message = "a C++ exception whose text is not UTF-8";
    status = emb_error_raise("RuntimeError", EMB_NUL_TERMINATED, message.data(), length(message));
  }
  emb_error made{};
  made.size = sizeof made;
  if (emb_error_take(&made) != EMB_OK || made.exception == 0) return status;
  object exception = object::take(made.exception);
  auto *kept = new (std::nothrow) std::exception_ptr(std::move(thrown));
  emb_value keeper = value(EMB_OBJECT);
  if (kept) originals.fetch_add(1);
  if (kept && emb_callback_new(original_name, EMB_NUL_TERMINATED, nullptr, 0, show_original, kept, 0,
                               forget_original, &keeper.as.object) == EMB_OK) {
    emb_object_setattr(made.exception, original_name, EMB_NUL_TERMINATED, &keeper);
    emb_object_free(keeper.as.object);
  }
  return emb_error_raise_object(made.exception);
}

/// The exception in flight as Python's pending error.
inline emb_status raise_current() noexcept {
  std::exception_ptr thrown = std::current_exception();
  try {
    throw;
  } catch (const error &e) {
    object exception = e.exception();
    if (!exception.is_none()) return emb_error_raise_object(exception.value().as.object);
    bool builtin = e.type_name().find('.') == std::string::npos;
    return raise_original(thrown, builtin ? e.type_name() : "RuntimeError", e.message());
  } catch (const std::bad_alloc &e) {
    return raise_original(thrown, "MemoryError", e.what());
  } catch (const std::out_of_range &e) {
    return raise_original(thrown, "IndexError", e.what());
  } catch (const std::overflow_error &e) {
    return raise_original(thrown, "OverflowError", e.what());
  } catch (const std::invalid_argument &e) {
    return raise_original(thrown, "ValueError", e.what());
  } catch (const std::domain_error &e) {
    return raise_original(thrown, "ValueError", e.what());
  } catch (const std::exception &e) {
    return raise_original(thrown, "RuntimeError", e.what());
  } catch (...) {
    return raise_original(thrown, "RuntimeError", "a C++ exception that is no std::exception");
  }
}

template <class F>
emb_status run_function(void *userdata, emb_value *values, size_t count, const char *names,
                        int64_t names_length, emb_value *result) {
  try {
    using parameters = typename signature<F>::parameters;
    auto keywords = names ? std::string_view(names, static_cast<size_t>(names_length)) : std::string_view();
    *result = called(*static_cast<F *>(userdata), args(values, count, keywords),
                     static_cast<parameters *>(nullptr),
                     std::make_index_sequence<std::tuple_size_v<parameters>>());
    return EMB_OK;
  } catch (...) {
    return raise_current();
  }
}

template <class F>
void end_function(void *userdata) {
  delete static_cast<F *>(userdata);
}

}  // namespace detail

/// Makes a callable of a lambda, a std::function or a function. Its arguments convert to the
/// parameters' types (a std::optional may be left out; a single `const emb::args &` takes anything),
/// and its result to an object. Any thread that runs Python may call it, and it ends when Python
/// needs it no longer. What it throws becomes an exception in Python; where nothing catches that,
/// the very same C++ exception comes out of the call that led there.
///
/// A lambda can be given as an argument as it is: `names.call("sort", emb::kw("key", lambda))`.
template <class F>
object function(F callee, const char *name = "<lambda>", const char *doc = nullptr) {
  emb_handle made = 0;
  detail::check(emb_callback_new(name, EMB_NUL_TERMINATED, doc, EMB_NUL_TERMINATED,
                                 detail::run_function<F>, new F(std::move(callee)), EMB_RESULT_AUTO,
                                 detail::end_function<F>, &made));
  return object::take(made);
}

template <class F>
struct caster<F, std::enable_if_t<detail::is_function<F> && std::is_copy_constructible_v<F>>> {
  static emb_value put(const F &x, detail::arena &memory) { return memory.keep(function<F>(x)); }
};
template <class R, class... P>
struct caster<std::function<R(P...)>> {
  static emb_value put(const std::function<R(P...)> &x, detail::arena &memory) {
    return x ? memory.keep(function(x)) : emb_value{};
  }
  static std::function<R(P...)> get(const object &from) {
    return [from](P... arguments) -> R {
      object result = from(arguments...);
      if constexpr (!std::is_void_v<R>) return result.template as<R>();
    };
  }
};

}  // namespace emb

#endif
