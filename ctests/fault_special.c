/* Arguments that are wrong in a way of their own, beyond what fault_arguments.c gives to all. */
#include "fault.h"

static emb_status nothing(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                          int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  return EMB_OK;
}

static void arrays(void) {
  double data[2] = {0};
  int64_t two = 2, minus = -1, huge[] = {INT64_MAX, INT64_MAX}, vast[] = {0, INT64_MAX, INT64_MAX}, far[] = {8, 8, 8};
  ARGUMENT("data", emb_array_from_ptr(NULL, "d", -1, 1, &two, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("shape[0]", emb_array_from_ptr(data, "d", -1, 1, &minus, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("shape", emb_array_from_ptr(data, "d", -1, 2, huge, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("strides", emb_array_from_ptr(data, "d", -1, 1, &two, huge, 0, NULL, NULL, &out.handle));
  ARGUMENT("both", emb_array_from_ptr(data, "d", -1, 1, &two, NULL, EMB_ARRAY_MEMORYVIEW | EMB_ARRAY_DLPACK,
                                      NULL, NULL, &out.handle));
  ARGUMENT("dtype", emb_array_from_ptr(data, "S5", -1, 1, &two, NULL, EMB_ARRAY_DLPACK, NULL, NULL, &out.handle));
  ARGUMENT("dtype", emb_array_from_ptr(data, "2i", -1, 1, &two, NULL, EMB_ARRAY_DLPACK, NULL, NULL, &out.handle));
  ARGUMENT("dtype", emb_array_from_ptr(data, "g", -1, 1, &two, NULL, EMB_ARRAY_DLPACK, NULL, NULL, &out.handle));
  ARGUMENT("dtype", emb_array_from_ptr(data, ">f4", -1, 1, &two, NULL, EMB_ARRAY_DLPACK, NULL, NULL, &out.handle));
  ARGUMENT("strides[0]", emb_array_from_ptr(data, "d", -1, 1, &two, &(int64_t){4}, EMB_ARRAY_DLPACK, NULL, NULL,
                                            &out.handle));
  ARGUMENT("nbytes", emb_array_borrowed(data, SIZE_MAX, &out.count));
  ARGUMENT("both", emb_array_view(list, EMB_VIEW_WRITABLE | EMB_VIEW_COPY, &(emb_view){.size = sizeof(emb_view)}));
  emb_dlpack_options options = {.size = sizeof options, .flags = 8};
  ARGUMENT("flags", emb_dlpack_export(list, &options, out.pointers, &out.truth));
  options.flags = EMB_DLPACK_COPY | EMB_DLPACK_SHARE;
  ARGUMENT("both", emb_dlpack_export(list, &options, out.pointers, &out.truth));
  emb_handle table = eval_object("type('T', (), dict.fromkeys(['__arrow_c_array__', '__arrow_c_stream__'], 1))()");
  void *empty = &(uint64_t[16]){0};
  ARGUMENT("requested", emb_arrow_export_array(table, empty, empty, empty));
  ARGUMENT("requested", emb_arrow_export_array(table, (char *)empty + 1, empty, empty));
  ARGUMENT("requested", emb_arrow_export_stream(table, empty, empty));
  OK(emb_object_free(table));
  /* No elements, but lengths whose product is beyond all numbers: an array or an error. */
  for (uint32_t flags = 0; flags <= EMB_ARRAY_MEMORYVIEW; flags += EMB_ARRAY_MEMORYVIEW) {
    emb_handle array = 0;
    CHECK(emb_array_from_ptr(data, "d", -1, 3, vast, far, flags, NULL, NULL, &array) != EMB_INTERNAL);
    emb_object_free(array);
    vast[0] = INT64_MAX, vast[2] = 0, array = 0;
    CHECK(emb_array_from_ptr(data, "d", -1, 3, vast, far, flags, NULL, NULL, &array) != EMB_INTERNAL);
    emb_object_free(array);
    vast[0] = 0, vast[2] = INT64_MAX;
  }
}

/* Objects that describe their memory wrongly. */
static void descriptions(void) {
  static const struct { const char *interface, *part; } wrong[] = {
      {"5", "dict"}, {"{}", "typestr"},
      {"dict(version=3, typestr='<f8', shape=(3,), data=(0, False))", "address"},
      {"dict(version=3, typestr='<f8', shape=(-3,), data=(4096, False))", "shape"},
      {"dict(version=3, typestr='<f8', shape=(0, -3), data=(4096, False))", "shape"},
      {"dict(version=3, typestr='<f8', shape=(3,), strides=(8, 8), data=(4096, False))", "shape"}};
  emb_view view = {.size = sizeof view};
  for (size_t i = 0; i < COUNT(wrong); i++) {
    char source[200];
    snprintf(source, sizeof source, "type('A', (), {'__array_interface__': %s})()", wrong[i].interface);
    emb_handle object = eval_object(source);
    ARGUMENT(wrong[i].part, emb_array_view(object, 0, &view));
    OK(emb_object_free(object));
  }
  BAD(EMB_EXCEPTION, "EMB_VIEW_COPY", emb_array_view(list, 0, &view));
}

static void exchange(void) {
  void *released = &(uint64_t[16]){0};
  ARGUMENT("schema", emb_arrow_import_schema(released, &out.handle));
  ARGUMENT("schema", emb_arrow_import_array(released, released, &out.handle));
  ARGUMENT("stream", emb_arrow_import_stream(released, &out.handle));
}

static void numbers(void) {
  uint32_t ops[] = {25, 63, EMB_OP_IN_PLACE + 6, EMB_OP_IN_PLACE + 14, EMB_OP_IN_PLACE + 18, 128, UINT32_MAX};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    ARGUMENT("op", emb_operate(ops[i], &one, &one, 0, &out.value));
  ARGUMENT("right", emb_operate(EMB_OP_NEGATIVE, &one, &one, 0, &out.value));
  ARGUMENT("flags", emb_callback_new("f", 1, NULL, 0, nothing, NULL, EMB_RESULT_SHARED + 1, NULL, &out.handle));
  ARGUMENT("stream", emb_stream_set(0, NULL, NULL, 0, NULL));
  ARGUMENT("capacity", emb_object_next_many(list, 0, &out.value, 0, &out.count));
}

static void calls(void) {
  BAD(EMB_EXCEPTION, "not callable", emb_call(list, NULL, 0, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call(function, NULL, 0, "key", -1, 0, &out.value)); /* none for its keyword */
  ARGUMENT("nargs", emb_call(function, &one, SIZE_MAX, "key", -1, 0, &out.value));
  ARGUMENT("flags", emb_call(function, &one, 1, NULL, 0, EMB_RESULT_SHARED + 1, NULL));
  ARGUMENT("keywords", emb_call(function, &one, 0, "\xff", -1, 0, &out.value));
  ARGUMENT("name", emb_callback_new("a\0b", 3, NULL, 0, nothing, NULL, 0, NULL, &out.handle));
  BAD(EMB_BAD_CALL, "emb_callback_return", emb_callback_return(&one));
}

/* Containers that cannot be looked at before and after a call. */
static void watched(void) {
  emb_handle endless = eval_object("__import__('itertools').count()");
  emb_value pair[2] = {one, {0}}, value = {.kind = EMB_WATCHED, .as.items = pair};
  ARGUMENT("EMB_WATCHED", emb_call(function, &value, 1, NULL, 0, EMB_CALL_WATCH, &out.value));
  pair[0] = v_object(endless);
  ARGUMENT("EMB_WATCHED", emb_call(function, &value, 1, NULL, 0, EMB_CALL_WATCH, &out.value));
  OK(emb_object_free(endless));
}

static void modules(void) {
  ARGUMENT("name is \"sys\"", emb_module_new("sys", -1, "x = 1", -1, NULL, 0, &out.handle));
  ARGUMENT("name is \"builtins\"", emb_module_new("builtins", -1, "x = 1", -1, NULL, 0, &out.handle));
}

static void classes(void) {
  emb_method method = {"m", NULL, nothing, NULL, EMB_METHOD_DELETER + 1, 0};
  ARGUMENT("methods[0]", emb_class_new("C", 1, NULL, NULL, &method, 1, NULL, 0, NULL, &out.handle));
  method.kind = EMB_METHOD_INSTANCE, method.name = NULL;
  ARGUMENT("methods[0]", emb_class_new("C", 1, NULL, NULL, &method, 1, NULL, 0, NULL, &out.handle));
  emb_value tuple[] = {{EMB_OBJECT, 0, {.object = eval_object("float")}}, one}, bases = {EMB_TUPLE, 2, {.items = tuple}};
  ARGUMENT("bases[1] is a int", emb_class_new("C", 1, &bases, NULL, NULL, 0, NULL, 0, NULL, &out.handle));
  ARGUMENT("namespace is a int", emb_class_new("C", 1, NULL, &one, NULL, 0, NULL, 0, NULL, &out.handle));
  OK(emb_object_free(tuple[0].as.object));
  ARGUMENT("class", emb_instance_new(list, NULL, 0, NULL, &out.handle));
  BAD(EMB_EXCEPTION, "emb.userdata", emb_instance_bind(list, NULL, 0, NULL));
  emb_handle builtin = eval_object("int"), own = eval_object("type('Own', (), {})");
  void *carried = NULL;
  int32_t is_one = 7;
  BAD(EMB_EXCEPTION, "TypeError", emb_instance_bind(builtin, NULL, 0, NULL));
  OK(emb_instance_bind(own, &carried, 0, NULL));
  OK(emb_instance_userdata(own, NULL, &carried, &is_one));
  CHECK(is_one == 1 && carried == &carried);
  OK(emb_object_free(builtin));
  OK(emb_object_free(own));
}

static void errors(void) {
  emb_error none = {.size = sizeof none};
  int32_t matches = 7;
  FAILS(emb_error_raise("os.getcwd", -1, "x", -1), EMB_BAD_ARGUMENT, "not a class");
  FAILS(emb_error_raise("subprocess.Popen", -1, "false", -1), EMB_BAD_ARGUMENT, "not an exception class");
  FAILS(emb_error_raise("", 0, "x", -1), EMB_BAD_ARGUMENT, "class is \"\"");
  FAILS(emb_error_raise("os.", -1, "x", -1), EMB_BAD_ARGUMENT, "class is \"os.\"");
  FAILS(emb_error_matches(exception, "len", -1, &matches), EMB_BAD_ARGUMENT, "not a class");
  CHECK_EQ(matches, 7);
  OK(emb_error_take(&none)); /* of an error that is long gone, nothing is left to be read */
  CHECK(none.status == EMB_OK && none.message[0] == 0 && none.message_length == 0 && none.type_name[0] == 0);
  emb_handle manager = eval_object("__import__('contextlib').suppress()"), class = eval_object("ValueError");
  ARGUMENT("exception is a list", emb_error_traceback(list, &out.value));
  ARGUMENT("exception is a list", emb_error_raise_object(list));
  ARGUMENT("exception is a list", emb_object_exit(manager, list, &out.truth));
  ARGUMENT("exception is a type", emb_object_exit(manager, class, &out.truth));
  OK(emb_object_free(manager));
  OK(emb_object_free(class));
}

static void start_and_end(void) {
  ARGUMENT("python", emb_init(&(emb_config){.size = sizeof(emb_config), .python = "\xff"}));
  ARGUMENT("config->flags is 6", emb_init(&(emb_config){.size = sizeof(emb_config), .flags = 6}));
  ARGUMENT("config->reserved is 1", emb_init(&(emb_config){.size = sizeof(emb_config), .reserved = 1}));
  ARGUMENT("python", emb_init(&(emb_config){.size = sizeof(emb_config), .python = "x", .python_length = -2}));
  BAD(EMB_BAD_CALL, "emb_gil_acquire", emb_gil_release());
  OK(emb_gil_acquire());
  BAD(EMB_BAD_CALL, "emb_gil_acquire", emb_shutdown());
  OK(emb_gil_release());
}

int main(void) {
  fault_begin();
  arrays();
  descriptions();
  exchange();
  numbers();
  calls();
  watched();
  modules();
  classes();
  errors();
  start_and_end();
  return fault_end();
}
