/* fault.h: arguments that cannot be right, and how a call with one must end: with a negative status
 * and a pending error that names it, and with all outputs as they were. */
#ifndef FAULT_H
#define FAULT_H

#include "check.h"

/* All outputs of all calls, to be found as they were. */
static union {
  unsigned char bytes[256];
  uint64_t align;
  emb_handle handle;
  emb_value value;
  emb_view view;
  int64_t number;
  int32_t truth;
  size_t count;
  void *pointers[4];
} out, clean;

static inline void poison(void) {
  memset(&out, 0xA5, sizeof out);
  clean = out;
}

#define BAD(status, argument, call)                                             \
  do {                                                                          \
    poison();                                                                   \
    FAILS(call, status, argument);                                              \
    if (memcmp(&out, &clean, sizeof out) != 0)                                  \
      check_report(__FILE__, __LINE__, "an output was touched by %s", #call);   \
  } while (0)
#define ARGUMENT(argument, call) BAD(EMB_BAD_ARGUMENT, argument, call)

static emb_handle dead[] = {0, 1, 2, UINT64_MAX, 1ULL << 53, (1ULL << 53) - 1, 1ULL << 28, 0xDEADBEEF,
                            /* stale: */ 0, /* released twice: */ 0};
/* A text that may not be NULL, of an impossible length, not UTF-8. */
static const struct { const char *text; int64_t length; } texts[] = {
    {NULL, EMB_NUL_TERMINATED}, {NULL, 1}, {"text", -2}, {"text", INT64_MIN}, {"text", INT64_MAX},
    {"text", INT64_C(1) << 50}, {"\xff", -1}, {"\xc3", 1}, {"a\xed\xa0\x80", -1}, {"\xf8\x88\x80\x80\x80", 5}};

static const emb_value one = {.kind = EMB_INT, .as.integer = 1};
/* A kind that there is none of, and a text that is NULL. */
static const emb_value unknown = {.kind = 999}, broken = {.kind = EMB_TEXT, .length = 3};
static emb_handle list, function, exception;

static inline void fault_begin(void) {
  size_t count = sizeof dead / sizeof *dead;
  start();
  dead[count - 2] = eval_object("object()");
  dead[count - 1] = eval_object("object()");
  OK(emb_object_free(dead[count - 2]));
  OK(emb_object_free(dead[count - 1]));
  FAILS(emb_object_free(dead[count - 1]), EMB_BAD_HANDLE, "object");
  list = eval_object("[]");
  function = eval_object("lambda *args, **kwargs: None");
  exception = eval_object("ValueError()");
}

/* Nothing that was refused was done, and everything else still is. */
static inline int fault_end(void) {
  int64_t length = -1;
  OK(emb_object_length(list, &length));
  CHECK_EQ(length, 0);
  CHECK_ALIVE();
  return check_result();
}

#endif
