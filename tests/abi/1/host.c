/* A program as it was written when this header was new: it uses something of each sort, and it must
 * compile and run for as long as the ABI has this number. Never edit it for a newer library. */
#include "emb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, emb_error_text()), exit(1)))
#define OK(call) CHECK((call) == EMB_OK)
#define Z EMB_NUL_TERMINATED

static int released;
static char written[100];

static void count(void *userdata) { ++*(int *)userdata; }
static void collect(void *userdata, const char *text, size_t length) {
  strncat(userdata, text, length < 20 ? length : 20);
}
static emb_status add(void *userdata, emb_value *args, size_t nargs, const char *keywords, int64_t keywords_length,
                      emb_value *result) {
  (void)keywords, (void)keywords_length;
  if (nargs != 2 || args[0].kind != EMB_INT || args[1].kind != EMB_INT)
    return emb_error_raise("ValueError", Z, "two ints", Z);
  result->kind = EMB_INT;
  result->as.integer = args[0].as.integer + args[1].as.integer + *(int *)userdata;
  return EMB_OK;
}
static emb_status length_of(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                            int64_t keywords_length, emb_value *result) {
  void *carried = NULL;
  int32_t is_one = 0;
  (void)userdata, (void)nargs, (void)keywords, (void)keywords_length;
  OK(emb_instance_userdata(args[0].as.object, 0, &carried, &is_one));
  *result = (emb_value){.kind = EMB_INT, .as.integer = *(int *)carried};
  return EMB_OK;
}

static emb_value eval(const char *source, uint32_t flags) {
  emb_value value = {0};
  OK(emb_eval(source, Z, 0, flags, &value));
  return value;
}

static void values(void) {
  double parts[2] = {1, -2};
  emb_value pair[2] = {{.kind = EMB_TEXT, .length = 1, .as.text = "k"}, {.kind = EMB_INT, .as.integer = 7}};
  emb_value slice[3] = {{.kind = EMB_NONE}, {.kind = EMB_INT, .as.integer = 2}, {.kind = EMB_NONE}};
  emb_value given[] = {{.kind = EMB_NONE},
                       {.kind = EMB_BOOL, .as.integer = 1},
                       {.kind = EMB_INT, .as.integer = -3},
                       {.kind = EMB_FLOAT, .as.real = 0.5},
                       {.kind = EMB_TEXT, .length = UINT32_MAX, .as.text = "text"},
                       {.kind = EMB_BYTES, .length = 2, .as.bytes = (const uint8_t *)"\xff"},
                       {.kind = EMB_TUPLE, .length = 2, .as.items = pair},
                       {.kind = EMB_LIST, .length = 2, .as.items = pair},
                       {.kind = EMB_DICT, .length = 1, .as.items = pair},
                       {.kind = EMB_SLICE, .length = 3, .as.items = slice},
                       {.kind = EMB_ELLIPSIS},
                       {.kind = EMB_UINT, .as.uinteger = UINT64_MAX},
                       {.kind = EMB_COMPLEX, .length = 2, .as.reals = parts},
                       {.kind = EMB_BIGINT, .length = 5, .as.text = "-0x1f"},
                       {.kind = EMB_SET, .length = 1, .as.items = pair},
                       {.kind = EMB_FROZENSET, .length = 1, .as.items = pair},
                       {.kind = EMB_BYTEARRAY, .length = 1, .as.bytes = (const uint8_t *)"b"},
                       {.kind = EMB_NOT_IMPLEMENTED}};
  const char *expected =
      "None True -3 0.5 'text' b'\\xff\\x00' ('k', 7) ['k', 7] {'k': 7} slice(None, 2, None) Ellipsis "
      "18446744073709551615 (1-2j) -31 {'k'} frozenset({'k'}) bytearray(b'b') NotImplemented";
  emb_value join = eval("lambda *args: ' '.join(map(repr, args))", EMB_RESULT_OBJECT), text;
  OK(emb_call(join.as.object, given, sizeof given / sizeof *given, NULL, 0, EMB_RESULT_AUTO, &text));
  CHECK(text.kind == EMB_TEXT && text.length == strlen(expected) && strcmp(text.as.text, expected) == 0);
  OK(emb_object_free(join.as.object));
  emb_value deep = eval("(1, 2.5, 'a', 2**70, 1j, b'b', None)", EMB_RESULT_DEEP);
  uint32_t kinds[] = {EMB_INT, EMB_FLOAT, EMB_TEXT, EMB_BIGINT, EMB_COMPLEX, EMB_BYTES, EMB_NONE};
  CHECK(deep.kind == EMB_TUPLE && deep.length == 7);
  for (int i = 0; i < 7; i++) CHECK(deep.as.items[i].kind == kinds[i]);
}

static void objects(void) {
  emb_handle list = 0, copy = 0, iterator = 0;
  emb_value items[3], one = {.kind = EMB_INT, .as.integer = 1}, two = {.kind = EMB_INT, .as.integer = 2}, result;
  int64_t numbers[3] = {3, 1, 2}, length = 0;
  int32_t truth = 0, more = 0;
  size_t got = 0;
  OK(emb_list_from_ptr(numbers, EMB_INT, 3, &list));
  OK(emb_call_method(list, "sort", Z, NULL, 0, NULL, 0, EMB_RESULT_AUTO, NULL));
  OK(emb_list_to_ptr(list, EMB_INT, numbers, 3, &got));
  CHECK(got == 3 && numbers[0] == 1 && numbers[2] == 3);
  OK(emb_object_clone(list, &copy));
  OK(emb_object_free(list));
  OK(emb_object_setitem(copy, &one, &one));
  OK(emb_object_getitem(copy, &one, EMB_RESULT_AUTO, &result));
  CHECK(result.as.integer == 1);
  OK(emb_object_length(copy, &length));
  OK(emb_object_contains(copy, &two, &truth));
  CHECK(length == 3 && truth == 0);
  OK(emb_object_unpack(copy, EMB_RESULT_AUTO, items, 3, &got));
  CHECK(got == 3 && items[2].as.integer == 3);
  OK(emb_object_iter(copy, &iterator));
  OK(emb_object_next(iterator, EMB_RESULT_AUTO, &result, &more));
  CHECK(more == 1 && result.as.integer == 1);
  OK(emb_object_next_many(iterator, EMB_RESULT_AUTO, items, 3, &got));
  CHECK(got == 2);
  OK(emb_operate(EMB_OP_ADD, &one, &two, EMB_RESULT_AUTO, &result));
  CHECK(result.as.integer == 3);
  emb_value right[2] = {two, two};
  OK(emb_operate(EMB_OP_POWER_MODULO, &two, right, EMB_RESULT_AUTO, &result));
  CHECK(result.as.integer == 0);
  OK(emb_object_text(copy, EMB_TEXT_REPR, &result));
  CHECK(strcmp(result.as.text, "[1, 1, 3]") == 0);
  OK(emb_object_free(iterator));
  OK(emb_object_free(copy));
}

static void code(void) {
  emb_handle module = 0, text = 0;
  emb_value result, twice;
  OK(emb_module_new("made", Z, "def f(a, b=1): return a * b\n", Z, "made.py", Z, &module));
  emb_value args[2] = {{.kind = EMB_INT, .as.integer = 6}, {.kind = EMB_INT, .as.integer = 7}};
  OK(emb_call_method(module, "f", Z, args, 1, "b", Z, EMB_RESULT_AUTO, &result));
  CHECK(result.kind == EMB_INT && result.as.integer == 42);
  OK(emb_object_setattr(module, "x", Z, args));
  OK(emb_object_getattr(module, "x", Z, EMB_RESULT_PLAIN, &twice));
  OK(emb_object_delattr(module, "x", Z));
  CHECK(twice.as.integer == 6);
  OK(emb_text_new("plain", Z, &text));
  OK(emb_object_free(text));
  OK(emb_object_free(module));
}

static void errors(void) {
  emb_error error = {.size = sizeof error};
  emb_value trace;
  int32_t matches = 0;
  CHECK(emb_run("1/0", Z, "old.py", Z, 0) == EMB_EXCEPTION);
  OK(emb_error_take(&error));
  CHECK(error.size == sizeof error && error.status == EMB_EXCEPTION && error.exception != 0);
  CHECK(strcmp(error.type_name, "ZeroDivisionError") == 0 && error.message_length == 16);
  OK(emb_error_matches(error.exception, "ArithmeticError", Z, &matches));
  OK(emb_error_traceback(error.exception, &trace));
  CHECK(matches == 1 && strstr(trace.as.text, "old.py") != NULL);
  OK(emb_object_free(error.exception));
  CHECK(emb_object_free(error.exception) == EMB_BAD_HANDLE);
}

static void functions(void) {
  emb_handle function = 0, class = 0, object = 0;
  emb_value args[2] = {{.kind = EMB_INT, .as.integer = 1}, {.kind = EMB_INT, .as.integer = 2}}, result;
  int userdata = 10;
  int64_t length = 0;
  OK(emb_callback_new("add", Z, "Adds.", Z, add, &userdata, EMB_RESULT_AUTO, count, &function));
  OK(emb_call(function, args, 2, NULL, 0, EMB_RESULT_AUTO, &result));
  CHECK(result.as.integer == 13);
  CHECK(emb_call(function, args, 1, NULL, 0, EMB_RESULT_AUTO, &result) == EMB_EXCEPTION);
  OK(emb_object_free(function));
  OK(emb_gil_acquire());
  OK(emb_gil_release());
  CHECK(userdata == 11); /* released, once */
  emb_method method = {.name = "__len__", .function = length_of};
  OK(emb_class_new("Old", Z, NULL, NULL, &method, 1, NULL, 0, NULL, &class));
  OK(emb_instance_new(class, &userdata, 0, NULL, &object));
  OK(emb_object_length(object, &length));
  CHECK(length == 11);
  OK(emb_object_free(object));
  OK(emb_object_free(class));
  OK(emb_stream_set(EMB_STDOUT, collect, written, 0, NULL));
  OK(emb_run("print('hello')", Z, NULL, 0, 0));
  OK(emb_stream_set(EMB_STDOUT, NULL, NULL, 0, NULL));
  CHECK(strcmp(written, "hello\n") == 0);
}

static void arrays(void) {
  double data[6] = {0, 1, 2, 3, 4, 5};
  int64_t shape[2] = {2, 3}, strides[2] = {24, 8};
  emb_handle array = 0;
  emb_view view = {.size = sizeof view};
  void *freed[2];
  size_t got = 9;
  OK(emb_array_from_ptr(data, "d", Z, 2, shape, strides, EMB_ARRAY_READONLY, count, &released, &array));
  OK(emb_array_view(array, 0, &view));
  CHECK(view.size == sizeof view && view.data == data && view.ndim == 2 && view.shape[1] == 3 && view.readonly == 1);
  CHECK(view.nbytes == 48 && view.itemsize == 8 && strcmp(view.format, "d") == 0 && view.strides[0] == 24);
  OK(emb_object_free(view.owner));
  OK(emb_object_free(array));
  OK(emb_released(freed, 2, &got));
  CHECK(got == 0);
}

int main(void) {
  emb_config config = {.size = sizeof config};
  emb_value report;
  CHECK(emb_abi_version() == EMB_ABI_VERSION && emb_version()[0] != 0);
  OK(emb_init(&config));
  values();
  objects();
  code();
  errors();
  functions();
  arrays();
  OK(emb_doctor(EMB_DOCTOR_JSON, &report));
  CHECK(report.kind == EMB_TEXT && report.as.text[0] == '{');
  OK(emb_shutdown());
  CHECK(released == 1 && emb_run("1", Z, NULL, 0, 0) == EMB_NOT_RUNNING);
  puts("as ever");
  return 0;
}
