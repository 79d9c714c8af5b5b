/* check.h: the words in which the test programs say what they expect.
 *
 * A failed check prints its place and what it saw, and the program goes on; the end of main asks
 * check_result() for the exit code. The checks may be used on any thread. */
#ifndef CHECK_H
#define CHECK_H

#include "emb.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int check_failures;

/* The error that FAILS took last, copied: libemb's texts end with the next emb_error_take. */
static _Thread_local struct {
  char type_name[200];
  char message[8192];
  bool had_exception;
} check_error;

__attribute__((format(printf, 3, 4))) static inline void check_report(const char *file, int line,
                                                                      const char *format, ...) {
  va_list list;
  va_start(list, format);
  fflush(stdout);
  flockfile(stderr);
  fprintf(stderr, "%s:%d: ", file, line);
  vfprintf(stderr, format, list);
  fputc('\n', stderr);
  funlockfile(stderr);
  va_end(list);
  atomic_fetch_add(&check_failures, 1);
}

static inline int check_result(void) { return atomic_load(&check_failures) == 0 ? 0 : 1; }

/* Moves the pending error into check_error; gives its status, EMB_OK where there was none. */
static inline emb_status check_take(void) {
  emb_error error = {.size = sizeof error};
  emb_status taken = emb_error_take(&error);
  if (taken != EMB_OK || error.status == EMB_OK) return taken;
  snprintf(check_error.type_name, sizeof check_error.type_name, "%s", error.type_name);
  snprintf(check_error.message, sizeof check_error.message, "%s", error.message);
  check_error.had_exception = error.exception != 0;
  emb_object_free(error.exception);
  return error.status;
}

static inline bool check_ok(const char *file, int line, const char *what, emb_status status) {
  emb_status pending = check_take();
  if (status == EMB_OK && pending == EMB_OK) return true;
  check_report(file, line, "%s gave %d, pending %d: %s: %s", what, status, pending,
               check_error.type_name, check_error.message);
  return false;
}

/* `part`: what the message or the class name must contain; NULL for anything but nothing. */
static inline bool check_fails(const char *file, int line, const char *what, emb_status status,
                               emb_status expected, const char *part) {
  emb_status pending = check_take();
  if (status == EMB_OK && pending == EMB_OK) {
    check_report(file, line, "%s succeeded, expected %d (%s)", what, expected, part ? part : "");
    return false;
  }
  bool said = part ? strstr(check_error.message, part) || strstr(check_error.type_name, part)
                   : check_error.message[0] != 0;
  bool python = expected == EMB_EXCEPTION;
  if (status == expected && pending == expected && said && check_error.had_exception == python) {
    if (check_take() == EMB_OK) return true;
    check_report(file, line, "%s: the error was pending a second time", what);
    return false;
  }
  check_report(file, line, "%s gave %d, pending %d, expected %d (%s): %s: %s", what, status, pending,
               expected, part ? part : "", check_error.type_name, check_error.message);
  return false;
}

static inline bool check_text(const char *file, int line, const char *what, emb_value value,
                              uint32_t kind, const char *expected, size_t length) {
  const char *text = value.as.text;
  if (value.kind == kind && value.length == length && memcmp(text, expected, length) == 0)
    return true;
  bool shown = value.kind == EMB_TEXT || value.kind == EMB_BYTES || value.kind == EMB_BIGINT;
  check_report(file, line, "%s is kind %u, length %u, \"%.*s\"; expected kind %u, \"%s\"", what,
               value.kind, value.length, shown ? (int)value.length : 0, shown ? text : "", kind,
               expected);
  return false;
}

static inline bool check_number(const char *file, int line, const char *what, int64_t actual,
                                int64_t expected) {
  if (actual == expected) return true;
  check_report(file, line, "%s is %" PRId64 ", expected %" PRId64, what, actual, expected);
  return false;
}

static inline bool check_bits(const char *file, int line, const char *what, double actual,
                              double expected) {
  if (memcmp(&actual, &expected, sizeof actual) == 0) return true;
  check_report(file, line, "%s is %.17g, expected %.17g", what, actual, expected);
  return false;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define CHECK(condition) \
  ((condition) ? true : (check_report(__FILE__, __LINE__, "not so: %s", #condition), false))
#define CHECK_EQ(actual, expected) \
  check_number(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
/* Equal to the last bit: tells -0.0 from 0.0, and finds a NaN equal to itself. */
#define CHECK_REAL(actual, expected) check_bits(__FILE__, __LINE__, #actual, actual, expected)
#define CHECK_TEXT(value, literal) \
  check_text(__FILE__, __LINE__, #value, value, EMB_TEXT, literal, sizeof(literal) - 1)
#define CHECK_BYTES(value, literal) \
  check_text(__FILE__, __LINE__, #value, value, EMB_BYTES, literal, sizeof(literal) - 1)
#define CHECK_BIGINT(value, literal) \
  check_text(__FILE__, __LINE__, #value, value, EMB_BIGINT, literal, sizeof(literal) - 1)
/* The call succeeds and leaves no error pending. */
#define OK(call) check_ok(__FILE__, __LINE__, #call, (call))
/* The call fails with this status, and the pending error says `part`. */
#define FAILS(call, status, part) check_fails(__FILE__, __LINE__, #call, (call), status, part)

/* Values, for arguments. */
static inline emb_value v_none(void) { return (emb_value){.kind = EMB_NONE}; }
static inline emb_value v_bool(bool b) { return (emb_value){.kind = EMB_BOOL, .as.integer = b}; }
static inline emb_value v_int(int64_t i) { return (emb_value){.kind = EMB_INT, .as.integer = i}; }
static inline emb_value v_uint(uint64_t u) {
  return (emb_value){.kind = EMB_UINT, .as.uinteger = u};
}
static inline emb_value v_float(double d) { return (emb_value){.kind = EMB_FLOAT, .as.real = d}; }
static inline emb_value v_object(emb_handle h) {
  return (emb_value){.kind = EMB_OBJECT, .as.object = h};
}
static inline emb_value v_text_n(const char *text, uint32_t length) {
  return (emb_value){.kind = EMB_TEXT, .length = length, .as.text = text};
}
static inline emb_value v_text(const char *text) { return v_text_n(text, (uint32_t)strlen(text)); }
static inline emb_value v_bytes(const void *bytes, uint32_t length) {
  return (emb_value){.kind = EMB_BYTES, .length = length, .as.bytes = bytes};
}
static inline emb_value v_bigint(const char *text) {
  return (emb_value){.kind = EMB_BIGINT, .length = (uint32_t)strlen(text), .as.text = text};
}
/* `kind` is EMB_TUPLE, EMB_LIST, EMB_DICT (length in pairs) or EMB_SLICE. */
static inline emb_value v_items(uint32_t kind, const emb_value *items, uint32_t length) {
  return (emb_value){.kind = kind, .length = length, .as.items = items};
}

/* The result of a Python expression, with __main__ as its namespace. */
static inline emb_value eval_as(const char *source, uint32_t flags) {
  emb_value value = {.kind = UINT32_MAX};
  if (emb_eval(source, EMB_NUL_TERMINATED, 0, flags, &value) != EMB_OK) {
    emb_status status = check_take();
    check_report(__FILE__, __LINE__, "eval of %s gave %d: %s: %s", source, status,
                 check_error.type_name, check_error.message);
  }
  return value;
}
static inline emb_value eval(const char *source) { return eval_as(source, EMB_RESULT_AUTO); }
static inline emb_handle eval_object(const char *source) {
  emb_value value = eval_as(source, EMB_RESULT_OBJECT);
  return value.kind == EMB_OBJECT ? value.as.object : 0;
}
/* The truth of a Python expression. */
static inline bool is_true(const char *source) {
  char whole[1000];
  snprintf(whole, sizeof whole, "bool(%s)", source);
  emb_value value = eval(whole);
  return value.kind == EMB_BOOL && value.as.integer == 1;
}
static inline bool has_gil(void) {
  return is_true("getattr(__import__('sys'), '_is_gil_enabled', lambda: True)()");
}
static inline bool run(const char *source) {
  if (emb_run(source, EMB_NUL_TERMINATED, NULL, 0, 0) == EMB_OK) return true;
  emb_status status = check_take();
  check_report(__FILE__, __LINE__, "run gave %d: %s: %s in: %s", status, check_error.type_name,
               check_error.message, source);
  return false;
}
/* Makes `name` mean the object in __main__. */
static inline bool bind(const char *name, emb_handle object) {
  emb_handle module = 0;
  emb_value value = v_object(object);
  bool bound = emb_import("__main__", EMB_NUL_TERMINATED, &module) == EMB_OK &&
               emb_object_setattr(module, name, EMB_NUL_TERMINATED, &value) == EMB_OK;
  emb_object_free(module);
  if (!bound) check_report(__FILE__, __LINE__, "%s could not be bound", name);
  return bound;
}

/* What emb_doctor says, as `json_text` and `text` in __main__. */
static inline void report_for_python(void) {
  emb_handle main = 0;
  emb_value report = {0};
  OK(emb_import("__main__", EMB_NUL_TERMINATED, &main));
  OK(emb_doctor(EMB_DOCTOR_JSON, &report));
  OK(emb_object_setattr(main, "json_text", EMB_NUL_TERMINATED, &report));
  OK(emb_doctor(EMB_DOCTOR_TEXT, &report));
  OK(emb_object_setattr(main, "text", EMB_NUL_TERMINATED, &report));
  OK(emb_object_free(main));
}

/* Starts the Python under test, or ends the program: nothing else could be said. */
static inline void start(void) {
  if (emb_init(NULL) == EMB_OK) return;
  check_take();
  fprintf(stderr, "emb_init failed: %s\n", check_error.message);
  exit(1);
}
static inline bool has_module(const char *name) {
  emb_handle module = 0;
  if (emb_import(name, EMB_NUL_TERMINATED, &module) == EMB_OK) {
    emb_object_free(module);
    return true;
  }
  check_take();
  return false;
}

/* After whatever went wrong: the library still works. */
static inline void check_alive(const char *file, int line) {
  emb_handle math = 0;
  emb_value two = v_float(2.0), root = {0};
  if (emb_import("math", EMB_NUL_TERMINATED, &math) != EMB_OK ||
      emb_call_method(math, "sqrt", EMB_NUL_TERMINATED, &two, 1, NULL, 0, EMB_RESULT_AUTO,
                      &root) != EMB_OK ||
      root.kind != EMB_FLOAT || root.as.real * root.as.real < 1.9999999)
    check_report(file, line, "the library no longer works");
  emb_object_free(math);
}
#define CHECK_ALIVE() check_alive(__FILE__, __LINE__)

#endif
