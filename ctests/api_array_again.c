/* Memory that is lent again while Python has views of it (EMB_ARRAY_AGAIN). */
#include "check.h"

static double data[] = {1, 2, 3, 4};
static int64_t length = 4, held;
static emb_memory memory = {.size = sizeof memory, .data = data, .dtype = "d", .dtype_length = -1,
                            .ndim = 1, .flags = EMB_ARRAY_AGAIN, .shape = &length, .held = &held};
static const emb_value value = {.kind = EMB_MEMORY, .as.memory = &memory};
static emb_handle view;
static bool one;

/* Calls a function with the memory, and binds what it gives to a name. */
static void call(emb_handle function, const char *name) {
  emb_value result;
  OK(emb_call(function, &value, 1, NULL, 0, EMB_RESULT_OBJECT, &result));
  CHECK(bind(name, result.as.object));
  OK(emb_object_free(result.as.object));
}

/* Views alone: the same array, if that is as it was made. */
static void views(void) {
  CHECK(run("views = []"));
  for (int i = 0; i < 3; i++) {
    call(view, "v");
    CHECK(run("views.append(v); del v"));
    CHECK_EQ(held, one ? 1 : i + 1);
  }
  data[0] = 9;
  CHECK(is_true("[v.tolist() for v in views] == [[9, 2, 3, 4]] * 3"));
  CHECK(is_true("views[0].base is views[2].base") == one);
  CHECK(run("views[0].base.shape = 2, 2"));
  call(view, "v");
  CHECK(is_true("v.base.shape == (4,)"));
  CHECK_EQ(held, one ? 2 : 4);
  CHECK(run("views.clear(); v.base.flags.writeable = False"));
  call(view, "w");
  CHECK(is_true("w.flags.writeable and v.base is not w.base") && run("del v, w"));
  CHECK_EQ(held, 0);
}

/* Whoever keeps the array itself has one that nobody else gets, whatever was lent before. */
static void kept(void) {
  static const char *const functions[] = {
      "lambda a: a",
      "lambda a: keep.append(a)",
      "lambda a: keep.append(a) or a[1:]",
      "lambda a: keep.append(a) or numpy.zeros(1)",
      "lambda a: keep.append(a[:2]) or keep.append(a)",
  };
  CHECK(run("keep = []"));
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    emb_handle function = eval_object(functions[i]);
    call(view, "v");
    call(function, "w");
    CHECK(run("keep.append(w) if not keep else None; del w"));
    call(view, "x");
    CHECK(is_true("x.base is not keep[-1]"));
    CHECK(run("del v, x; keep.clear()"));
    CHECK_EQ(held, 0);
    OK(emb_object_free(function));
  }
  emb_handle fails = eval_object("lambda a: keep.append(a) or 1 / 0");
  emb_value result;
  call(view, "v");
  FAILS(emb_call(fails, &value, 1, NULL, 0, 0, &result), EMB_EXCEPTION, "ZeroDivisionError");
  call(view, "w");
  CHECK(is_true("w.base is not keep[0]") && run("del v, w; keep.clear()"));
  CHECK_EQ(held, 0);
  OK(emb_object_free(fails));
}

static emb_status lends_too(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                            int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  call(view, "inner");
  return EMB_OK;
}

/* A call that keeps the array, and then calls the host, which lends it in the middle of that. */
static void nested(void) {
  emb_handle back = 0, function = eval_object("lambda a: keep.append(a) or back()");
  OK(emb_callback_new("back", -1, NULL, 0, lends_too, NULL, 0, NULL, &back));
  CHECK(bind("back", back));
  for (int lent_before = 0; lent_before < 2; lent_before++) {
    if (lent_before) call(view, "v");
    call(function, "nothing");
    call(view, "w");
    CHECK(is_true("inner.base is not keep[0] and w.base is not keep[0]"));
    CHECK(run("v = w = inner = None; keep.clear()"));
    CHECK_EQ(held, 0);
  }
  CHECK(run("del back"));
  OK(emb_object_free(back));
  OK(emb_object_free(function));
}

/* Where an operation is no call, and where the host says something else of the memory. */
static void otherwise(void) {
  emb_handle array = eval_object("numpy.zeros(4)");
  emb_value all = {.kind = EMB_ELLIPSIS};
  OK(emb_object_setitem(array, &all, &value));
  call(view, "v");
  OK(emb_object_setitem(array, &all, &value));
  CHECK_EQ(held, 1); /* that of the view */
  call(view, "w");
  CHECK(is_true("w.tolist() == v.tolist() == [9, 2, 3, 4]"));
  length = 2;
  call(view, "w");
  CHECK(is_true("(len(v), len(w)) == (4, 2)"));
  memory.dtype = "int64";
  call(view, "x");
  CHECK(is_true("x.base.dtype == 'i8'"));
  CHECK(run("del v, w, x"));
  CHECK_EQ(held, 0);
  OK(emb_object_free(array));
}

int main(void) {
  start();
  if (!has_module("numpy")) {
    puts("SKIP memory that is lent again: no numpy");
    return check_result();
  }
  CHECK(run("import numpy"));
  /* Where references are not counted in place, each call gets an array of its own. */
  one = has_gil();
  view = eval_object("numpy.frombuffer");
  views();
  kept();
  nested();
  otherwise();
  OK(emb_object_free(view));
  CHECK_ALIVE();
  return check_result();
}
