// check.hpp: the words in which the C++ test programs say what they expect.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <emb.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

inline std::atomic<int> failures{0};

inline void report(const char *file, int line, const std::string &what) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  ++failures;
}

template <class A, class E>
void check_equal(const char *file, int line, const char *what, const A &actual, const E &expected) {
  if (actual == expected) return;
  std::ostringstream text;
  text << what << " is " << actual << ", expected " << expected;
  report(file, line, text.str());
}

#define CHECK(...) \
  (static_cast<bool>(__VA_ARGS__) ? void() : report(__FILE__, __LINE__, "not so: " #__VA_ARGS__))
// Compares C++ values.
#define CHECK_EQ(actual, ...) check_equal(__FILE__, __LINE__, #actual, actual, __VA_ARGS__)
// Compares with what repr() writes.
#define CHECK_REPR(expression, ...) \
  check_equal(__FILE__, __LINE__, #expression, emb::object(expression).repr(), std::string_view(__VA_ARGS__))
// An emb::error of that class whose message has that part.
#define FAILS(expression, type, part)                                                             \
  try {                                                                                           \
    static_cast<void>(expression);                                                                \
    report(__FILE__, __LINE__, "succeeded: " #expression);                                        \
  } catch (const emb::error &e) {                                                                 \
    if (e.type_name() != type || e.message().find(part) == std::string::npos)                     \
      report(__FILE__, __LINE__, std::string(#expression " failed with ") + e.what());            \
  }

// Runs the tests of a program, each of which may throw.
template <class... F>
int run_tests(F... test) {
  emb::init();
  auto guarded = [](auto one) {
    try {
      one();
    } catch (const emb::error &e) {
      report("test", 0, e.traceback());
    } catch (const std::exception &e) {
      report("test", 0, e.what());
    }
  };
  (guarded(test), ...);
  emb::shutdown();
  return failures == 0 ? 0 : 1;
}

inline bool has_module(const char *name) {
  try {
    emb::import(name);
    return true;
  } catch (const emb::error &) {
    return false;
  }
}

#endif
