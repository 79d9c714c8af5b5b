/* fault.h: the machinery of the tables of arguments that cannot be right.
 *
 * A line of such a table is a case: the argument that the message must name, and the call. Each
 * must give a negative status and a pending error, and leave all outputs as they were; and after
 * each table the library still works. */
#ifndef FAULT_H
#define FAULT_H

#include "check.h"

/* All outputs of all calls, to be found as they were. One byte off the start is misaligned. */
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
#define ODD(type) ((type *)(void *)(out.bytes + 1))

static inline void poison(void) {
  memset(&out, 0xA5, sizeof out);
  out.view.size = sizeof out.view;
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
#define HANDLE(argument, call)                                                  \
  for (size_t i_ = 0; i_ < sizeof dead / sizeof *dead; i_++) {                  \
    emb_handle h = dead[i_];                                                    \
    BAD(EMB_BAD_HANDLE, argument, call);                                        \
  }
/* A text that may not be NULL, of an impossible length, not UTF-8. `text` and `n` in the call. */
#define TEXT(argument, call)                                                    \
  for (size_t i_ = 0; i_ < sizeof texts / sizeof *texts; i_++) {                \
    const char *text = texts[i_].text;                                          \
    int64_t n = texts[i_].length;                                               \
    ARGUMENT(argument, call);                                                   \
  }

static emb_handle dead[] = {0, 1, 2, UINT64_MAX, 1ULL << 53, (1ULL << 53) - 1, 1ULL << 28, 0xDEADBEEF,
                            /* stale: */ 0, /* released twice: */ 0};
static const struct { const char *text; int64_t length; } texts[] = {
    {NULL, EMB_NUL_TERMINATED}, {NULL, 1}, {"text", -2}, {"text", INT64_MIN}, {"text", INT64_MAX},
    {"text", INT64_C(1) << 50}, {"\xff", -1}, {"\xc3", 1}, {"a\xed\xa0\x80", -1}, {"\xf8\x88\x80\x80\x80", 5}};

static const emb_value one = {.kind = EMB_INT, .as.integer = 1};
/* A kind that there is none of, and a text that is NULL. */
static const emb_value unknown = {.kind = 15}, broken = {.kind = EMB_TEXT, .length = 3};
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
