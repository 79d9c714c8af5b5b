/* Arguments that cannot be right: calls, modules, source code. */
#include "fault.h"

static void calls(void) {
  HANDLE("callable", emb_call(h, NULL, 0, NULL, 0, 0, &out.value));
  BAD(EMB_EXCEPTION, "not callable", emb_call(list, NULL, 0, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call(function, NULL, 1, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call(function, ODD(emb_value), 1, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call(function, &one, SIZE_MAX / 2, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call(function, NULL, 0, "key", -1, 0, &out.value));
  ARGUMENT("nargs", emb_call(function, &one, SIZE_MAX, "key", -1, 0, &out.value));
  ARGUMENT("args", emb_call(function, &unknown, 1, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call(function, &broken, 1, NULL, 0, 0, &out.value));
  ARGUMENT("keywords", emb_call(function, &one, 0, "a", -2, 0, &out.value));
  ARGUMENT("keywords", emb_call(function, &one, 0, NULL, 1, 0, &out.value));
  ARGUMENT("keywords", emb_call(function, &one, 0, "\xff", -1, 0, &out.value));
  ARGUMENT("flags", emb_call(function, &one, 1, NULL, 0, 3, &out.value));
  ARGUMENT("flags", emb_call(function, &one, 1, NULL, 0, 3, NULL));
  ARGUMENT("result", emb_call(function, &one, 1, NULL, 0, 0, ODD(emb_value)));
  HANDLE("args", emb_call(function, &(emb_value){.kind = EMB_OBJECT, .as.object = h}, 1, NULL, 0, 0, NULL));
  HANDLE("object", emb_call_method(h, "append", -1, &one, 1, NULL, 0, 0, &out.value));
  TEXT("name", emb_call_method(list, text, n, &one, 1, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call_method(list, "append", -1, NULL, 1, NULL, 0, 0, &out.value));
  ARGUMENT("args", emb_call_method(list, "append", -1, ODD(emb_value), 1, NULL, 0, 0, &out.value));
  ARGUMENT("keywords", emb_call_method(list, "append", -1, &one, 1, "\xff", -1, 0, &out.value));
  ARGUMENT("flags", emb_call_method(list, "append", -1, &one, 1, NULL, 0, 9, &out.value));
  ARGUMENT("result", emb_call_method(list, "append", -1, &one, 1, NULL, 0, 0, ODD(emb_value)));
}

static void code(void) {
  /* No text is longer than the address space: nothing is read. */
  ARGUMENT("impossible length", emb_import("math", INT64_MAX, &out.handle));
  TEXT("name", emb_import(text, n, &out.handle));
  ARGUMENT("module", emb_import("math", -1, NULL));
  ARGUMENT("module", emb_import("math", -1, ODD(emb_handle)));
  TEXT("source", emb_run(text, n, NULL, 0, 0));
  ARGUMENT("file", emb_run("1", -1, "\xff", -1, 0));
  ARGUMENT("file", emb_run("1", -1, "f", -2, 0));
  ARGUMENT("file", emb_run("1", -1, NULL, 1, 0));
  for (size_t i = 1; i < sizeof dead / sizeof *dead; i++) { /* 0 means __main__ */
    if (dead[i] == 0) continue;
    BAD(EMB_BAD_HANDLE, "globals", emb_run("1", -1, NULL, 0, dead[i]));
    BAD(EMB_BAD_HANDLE, "globals", emb_eval("1", -1, dead[i], 0, &out.value));
  }
  TEXT("source", emb_eval(text, n, 0, 0, &out.value));
  ARGUMENT("result", emb_eval("1", -1, 0, 0, ODD(emb_value)));
  ARGUMENT("flags", emb_eval("1", -1, 0, 3, &out.value));
}

static void ignore(void *userdata, const char *text, size_t length) {
  (void)userdata, (void)text, (void)length;
}

static void modules(void) {
  for (size_t i = 1; i < sizeof dead / sizeof *dead; i++) /* 0 means __main__ */
    if (dead[i]) BAD(EMB_BAD_HANDLE, "globals", emb_run_file("nowhere.py", EMB_NUL_TERMINATED, dead[i]));
  TEXT("path", emb_run_file(text, n, 0));
  TEXT("name", emb_module_new(text, n, "", 0, NULL, 0, &out.handle));
  TEXT("source", emb_module_new("m", 1, text, n, NULL, 0, &out.handle));
  ARGUMENT("file", emb_module_new("m", 1, "", 0, "\xff", 1, &out.handle));
  ARGUMENT("module", emb_module_new("m", 1, "", 0, NULL, 0, NULL));
  ARGUMENT("module", emb_module_new("m", 1, "", 0, NULL, 0, ODD(emb_handle)));
}

static emb_status nothing(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                          int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  return EMB_OK;
}

static void callbacks(void) {
  TEXT("name", emb_callback_new(text, n, NULL, 0, nothing, NULL, 0, NULL, &out.handle));
  ARGUMENT("name", emb_callback_new("a\0b", 3, NULL, 0, nothing, NULL, 0, NULL, &out.handle));
  ARGUMENT("doc", emb_callback_new("f", 1, "\xff", 1, nothing, NULL, 0, NULL, &out.handle));
  ARGUMENT("function", emb_callback_new("f", 1, NULL, 0, NULL, NULL, 0, NULL, &out.handle));
  ARGUMENT("flags", emb_callback_new("f", 1, NULL, 0, nothing, NULL, 3, NULL, &out.handle));
  ARGUMENT("flags", emb_callback_new("f", 1, NULL, 0, nothing, NULL, 512, NULL, &out.handle));
  ARGUMENT("callable", emb_callback_new("f", 1, NULL, 0, nothing, NULL, 0, NULL, NULL));
  ARGUMENT("callable", emb_callback_new("f", 1, NULL, 0, nothing, NULL, 0, NULL, ODD(emb_handle)));
  BAD(EMB_BAD_CALL, "emb_callback_return", emb_callback_return(&one));
  ARGUMENT("value", emb_callback_return(NULL));
  ARGUMENT("value", emb_callback_return(ODD(emb_value)));
  HANDLE("object", emb_callback_userdata(h, nothing, out.pointers, &(int32_t){0}));
  ARGUMENT("function", emb_callback_userdata(list, NULL, out.pointers, &(int32_t){0}));
  ARGUMENT("userdata", emb_callback_userdata(list, nothing, NULL, &out.truth));
  ARGUMENT("is_one", emb_callback_userdata(list, nothing, out.pointers, NULL));
  TEXT("class", emb_error_raise(text, n, "m", 1));
  TEXT("message", emb_error_raise("ValueError", -1, text, n));
  HANDLE("exception", emb_error_raise_object(h));
  ARGUMENT("exception", emb_error_raise_object(list));
  HANDLE("exception", emb_error_matches(h, "ValueError", -1, &out.truth));
  TEXT("class", emb_error_matches(exception, text, n, &out.truth));
  ARGUMENT("matches", emb_error_matches(exception, "ValueError", -1, NULL));
  ARGUMENT("matches", emb_error_matches(exception, "ValueError", -1, ODD(int32_t)));
}

static void streams(void) {
  ARGUMENT("stream", emb_stream_set(0, ignore, NULL, 0, NULL));
  ARGUMENT("stream", emb_stream_set(UINT32_MAX, NULL, NULL, 0, NULL));
  ARGUMENT("flags", emb_stream_set(EMB_STDOUT, ignore, NULL, 1, NULL));
}

int main(void) {
  fault_begin();
  calls();
  code();
  modules();
  callbacks();
  streams();
  return fault_end();
}
