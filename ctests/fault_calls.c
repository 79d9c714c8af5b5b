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

int main(void) {
  fault_begin();
  calls();
  code();
  return fault_end();
}
