/* Failures leave nothing behind, whether or not anybody asks for the error. */
#include "leak.h"

static emb_handle raises, object;

static void raise_and_take(int i) {
  emb_error error = {.size = sizeof error};
  emb_value number = v_int(i), text = {0};
  emb_call(raises, &number, 1, NULL, 0, 0, NULL);
  emb_error_take(&error);
  if (i % 64 == 0) emb_error_traceback(error.exception, &text);
  emb_object_free(error.exception);
}

static void raise_and_forget(int i) {
  emb_value number = v_int(i);
  emb_call(raises, &number, 1, NULL, 0, 0, NULL);
}

static void bad_arguments(int i) {
  emb_value result = {0};
  emb_import(NULL, 1, NULL);
  emb_object_getattr(1, "x", -1, 0, &result);
  emb_eval("1", -1, 0, 77 + (uint32_t)i % 9, &result);
  emb_call(object, &(emb_value){.kind = 99}, 1, "a,b", -1, 0, &result);
}

static void bad_code(int i) {
  emb_value result = {0};
  emb_eval(i % 2 ? "1 +" : "undefined_name", -1, 0, 0, &result);
  emb_object_getattr(object, "missing", -1, 0, &result);
}

static void bad_import(int i) {
  emb_handle module = 0;
  (void)i;
  emb_import("no_such_module_anywhere", -1, &module);
}

int main(void) {
  start();
  CHECK(run("import sys\nwitness = object()\ndef raises(n): local = witness; raise ValueError('text %d' % n)"));
  raises = eval_object("raises");
  object = eval_object("witness");
  int64_t references = eval("sys.getrefcount(witness)").as.integer;
  int rounds = leak_rounds() / 4;
  leak_check("errors taken", rounds, raise_and_take);
  leak_check("errors forgotten", rounds, raise_and_forget);
  leak_check("bad arguments", rounds, bad_arguments);
  leak_check("bad code", rounds / 10, bad_code);
  leak_check("bad imports", rounds / 100, bad_import);
  check_take();
  for (int i = 0; i < EMB_RESULTS_KEPT; i++) eval("'t' * 100");
  run("import gc; gc.collect()");
  CHECK_EQ(eval("sys.getrefcount(witness)").as.integer, references);
  CHECK_ALIVE();
  return check_result();
}
