// emb/error.hpp: what went wrong, as a C++ exception. Included by emb.hpp.
#ifndef EMB_ERROR_HPP
#define EMB_ERROR_HPP

#include "../emb.h"

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace emb {

class object;

/// A call that failed: an exception of Python, an error of libemb, or a value that does not convert.
/// Copies share what they hold.
class error : public std::exception {
 public:
  /// An error of one's own. Thrown in a callback, it becomes the builtin exception `type_name`.
  error(emb_status status, std::string_view type_name, std::string_view message,
        emb_handle exception = 0)
      : state_(std::make_shared<const state>(status, type_name, message, exception)) {}

  /// "ValueError: what str() of it says"
  const char *what() const noexcept override { return state_->what.c_str(); }
  /// EMB_EXCEPTION for Python's; see emb.h for the others.
  emb_status status() const noexcept { return state_->status; }
  const std::string &type_name() const noexcept { return state_->type_name; }
  const std::string &message() const noexcept { return state_->message; }
  /// The exception object; None where the error did not come from Python.
  object exception() const;
  /// As Python prints it, with causes and contexts; what() where it did not come from Python.
  std::string traceback() const;
  /// Whether `except class_name:` would catch it: "OSError", "json.JSONDecodeError".
  bool matches(std::string_view class_name) const;

 private:
  struct state {
    state(emb_status code, std::string_view type, std::string_view text, emb_handle object)
        : status(code), exception(object), type_name(type), message(text),
          what(type_name + (message.empty() ? "" : ": ") + message) {}
    state(const state &) = delete;
    ~state() { emb_object_free(exception); }
    emb_status status;
    emb_handle exception;
    std::string type_name, message, what;
  };
  std::shared_ptr<const state> state_;
};

namespace detail {

/// The attribute by which an exception of Python remembers the C++ exception that it stands for.
inline constexpr const char *original_name = "__cpp_exception__";
/// How many such exceptions there are: at 0, nobody need ask for the attribute.
inline std::atomic<int> originals{0};
/// Where the callable behind that attribute leaves what it keeps.
inline thread_local const std::exception_ptr *original = nullptr;

inline void rethrow_original(emb_handle exception) {
  emb_value keeper{};
  if (emb_object_getattr(exception, original_name, EMB_NUL_TERMINATED, EMB_RESULT_OBJECT, &keeper) !=
      EMB_OK)
    return;
  original = nullptr;
  emb_status called = emb_call(keeper.as.object, nullptr, 0, nullptr, 0, EMB_RESULT_AUTO, nullptr);
  std::exception_ptr found = called == EMB_OK && original ? *original : nullptr;
  emb_object_free(keeper.as.object);
  if (found) std::rethrow_exception(found);
}

/// Throws the pending error.
[[noreturn]] inline void fail() {
  emb_error taken{};
  taken.size = sizeof taken;
  emb_error_take(&taken);
  error thrown(taken.status, {taken.type_name, static_cast<size_t>(taken.type_name_length)},
               {taken.message, static_cast<size_t>(taken.message_length)}, taken.exception);
  if (taken.exception != 0 && originals.load(std::memory_order_relaxed) > 0)
    rethrow_original(taken.exception);
  throw thrown;
}

inline void check(emb_status status) {
  if (status != EMB_OK) fail();
}

[[noreturn]] inline void mismatch(std::string_view type, std::string message) {
  throw error(EMB_BAD_ARGUMENT, type, message);
}

}  // namespace detail
}  // namespace emb

#endif
