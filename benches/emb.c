/* The contender: libemb's C ABI, as its users call it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "emb.h"

static emb_handle sqrt_, math, f, hello, loop, fail, host, array, list;
static double doubles[MILLION], sink;
static long ended;
static char text[64];

static void must(emb_status status) {
  if (status == EMB_OK) return;
  emb_error error = {.size = sizeof error};
  emb_error_take(&error);
  fprintf(stderr, "%s: %s\n", error.type_name, error.message);
  exit(1);
}

static emb_status host_function(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                                int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)nargs, (void)keywords, (void)keywords_length;
  result->kind = EMB_INT;
  result->as.integer = args[0].as.integer + 1;
  return EMB_OK;
}

static void end(void *userdata) { ++*(long *)userdata; }

static emb_handle named(const char *expression) {
  emb_value value = {0};
  must(emb_eval(expression, EMB_NUL_TERMINATED, 0, EMB_RESULT_OBJECT, &value));
  return value.as.object;
}

static void wrap(int64_t shape) {
  emb_handle made = 0;
  must(emb_array_from_ptr(doubles, "d", 1, 1, &shape, NULL, 0, end, &ended, &made));
  emb_object_free(made);
}

static void view(void) {
  emb_view view = {.size = sizeof view};
  must(emb_array_view(array, 0, &view));
  sink = (double)view.shape[0];
  emb_object_free(view.owner);
}

static void exception(void) {
  emb_error error = {.size = sizeof error};
  emb_call(fail, NULL, 0, NULL, 0, EMB_RESULT_AUTO, NULL);
  must(emb_error_take(&error));
  memcpy(text, error.message, (size_t)error.message_length);
  memcpy(text + 32, error.type_name, (size_t)error.type_name_length);
  emb_object_free(error.exception);
}

static void prepare(void) {
  if (list) return;
  int64_t shape = MILLION;
  must(emb_import("math", EMB_NUL_TERMINATED, &math));
  sqrt_ = named("math.sqrt"), f = named("f"), hello = named("hello"), loop = named("loop");
  fail = named("fail");
  must(emb_callback_new("host", 4, NULL, 0, host_function, NULL, EMB_RESULT_AUTO, NULL, &host));
  must(emb_array_from_ptr(doubles, "d", 1, 1, &shape, NULL, 0, NULL, NULL, &array));
  must(emb_list_from_ptr(doubles, EMB_FLOAT, MILLION, &list));
}

static void once(enum operation operation) {
  static const emb_value two = {EMB_FLOAT, 0, {.real = 2.0}};
  static const emb_value four[] = {{EMB_INT, 0, {.integer = 1}}, {EMB_FLOAT, 0, {.real = 2.5}},
                                   {EMB_TEXT, 3, {.text = "abc"}}, {EMB_BOOL, 0, {.integer = 1}}};
  emb_value result;
  emb_handle made;
  size_t count;
  switch (operation) {
    case CALL:
      must(emb_call(sqrt_, &two, 1, NULL, 0, EMB_RESULT_AUTO, &result));
      sink = result.as.real;
      break;
    case ATTRIBUTE:
      must(emb_object_getattr(math, "pi", 2, EMB_RESULT_AUTO, &result));
      sink = result.as.real;
      break;
    case KEYWORD:
      must(emb_call(f, four, 3, "k", 1, EMB_RESULT_AUTO, &result));
      sink = (double)result.as.integer;
      break;
    case TEXT:
      must(emb_call_method(hello, "upper", 5, NULL, 0, NULL, 0, EMB_RESULT_AUTO, &result));
      memcpy(text, result.as.text, result.length);
      break;
    case WRAP_10: wrap(10); break;
    case WRAP_1M: wrap(MILLION); break;
    case VIEW: view(); break;
    case EXCEPTION: exception(); break;
    case LIST_IN:
      must(emb_list_from_ptr(doubles, EMB_FLOAT, MILLION, &made));
      emb_object_free(made);
      break;
    case LIST_OUT: must(emb_list_to_ptr(list, EMB_FLOAT, doubles, MILLION, &count)); break;
    default: break;
  }
}

int run(enum operation operation, int held, long count) {
  prepare();
  if (held) must(emb_gil_acquire());
  if (operation == CALLBACK) {
    emb_value args[] = {{EMB_OBJECT, 0, {.object = host}}, {EMB_INT, 0, {.integer = count}}};
    must(emb_call(loop, args, 2, NULL, 0, EMB_RESULT_AUTO, NULL));
  } else {
    for (long i = 0; i < count; i++) once(operation);
  }
  if (held) must(emb_gil_release());
  /* What was released without the GIL is dropped now, in the time of the operation that it belongs to. */
  else must(emb_gil_acquire()), must(emb_gil_release());
  return 0;
}
