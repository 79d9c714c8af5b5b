/* Modules and source code: import, run, evaluate, and the file names in tracebacks. */
#include "check.h"

static void imports(void) {
  emb_handle module = 0, again = 0;
  uint64_t a = 0, b = 1;
  OK(emb_import("os.path", -1, &module)); /* the module that the whole name means */
  CHECK(bind("path", module));
  CHECK(is_true("hasattr(path, 'join')"));
  OK(emb_import("os.pathology", 7, &again)); /* only 7 bytes of it */
  OK(emb_object_identity(module, &a));
  OK(emb_object_identity(again, &b));
  CHECK_EQ(a, b);
  emb_object_free(module);
  emb_object_free(again);
  module = 5;
  FAILS(emb_import("no.such", -1, &module), EMB_EXCEPTION, "ModuleNotFoundError");
  FAILS(emb_import("math.sqrt", -1, &module), EMB_EXCEPTION, "math");
  FAILS(emb_import("", -1, &module), EMB_EXCEPTION, "ValueError");
  CHECK_EQ(module, 5);
}

static void namespaces(void) {
  emb_handle globals = eval_object("{'x': 20}"), list = eval_object("[]");
  emb_value value = {0};
  OK(emb_run("y = x + 2", -1, NULL, 0, globals));
  OK(emb_eval("x + y", -1, globals, 0, &value));
  CHECK_EQ(value.as.integer, 42);
  OK(emb_run("z = 1", -1, NULL, 0, 0));
  CHECK(is_true("z == 1 and 'y' not in globals() and __name__ == '__main__'"));
  FAILS(emb_eval("z", -1, globals, 0, &value), EMB_EXCEPTION, "NameError");
  FAILS(emb_run("z", -1, NULL, 0, list), EMB_EXCEPTION, "TypeError"); /* no namespace */
  FAILS(emb_eval("z", -1, list, 0, &value), EMB_EXCEPTION, "TypeError");
  OK(emb_eval("1 + 1;", 5, 0, 0, &value)); /* the length ends the text */
  CHECK_EQ(value.as.integer, 2);
  OK(emb_eval("[].append(1)", -1, 0, 0, NULL));
  emb_object_free(globals);
  emb_object_free(list);
}

static void unusual_source(void) {
  emb_value value = {.kind = 99};
  OK(emb_run("", -1, NULL, 0, 0));
  OK(emb_run(NULL, 0, NULL, 0, 0));
  OK(emb_run("# only a comment", -1, NULL, 0, 0));
  OK(emb_run("t = '\xe2\x82\xac'\r\nu = 1\r\n", -1, NULL, 0, 0));
  CHECK(is_true("t == '\\u20ac' and u == 1"));
  FAILS(emb_run("x = (", -1, NULL, 0, 0), EMB_EXCEPTION, "SyntaxError");
  FAILS(emb_eval("x = 1", -1, 0, 0, &value), EMB_EXCEPTION, "SyntaxError");
  FAILS(emb_eval("", -1, 0, 0, &value), EMB_EXCEPTION, "SyntaxError");
  FAILS(emb_run("a\0b", 3, NULL, 0, 0), EMB_EXCEPTION, NULL); /* the class depends on the version */
  FAILS(emb_run("  x = 1", -1, NULL, 0, 0), EMB_EXCEPTION, "IndentationError");
  CHECK_EQ(value.kind, 99);
}

/* The traceback of what `source` raises. */
static const char *traceback(const char *source, const char *file, int64_t file_length) {
  static char copy[8192];
  emb_error error = {.size = sizeof error};
  emb_value text = {0};
  copy[0] = 0;
  if (!CHECK(emb_run(source, -1, file, file_length, 0) == EMB_EXCEPTION)) return copy;
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  if (OK(emb_error_traceback(error.exception, &text)))
    snprintf(copy, sizeof copy, "%.*s", (int)text.length, text.as.text);
  emb_object_free(error.exception);
  return copy;
}

static void file_names(void) {
  const char *source = "def f():\n  raise KeyError('k')\n\nf()\n", *text;
  text = traceback(source, "caf\xc3\xa9.py", -1);
  CHECK(strstr(text, "File \"caf\xc3\xa9.py\", line 4, in <module>") != NULL);
  CHECK(strstr(text, "File \"caf\xc3\xa9.py\", line 2, in f") != NULL);
  CHECK(strstr(text, "KeyError: 'k'") != NULL);
  CHECK(strstr(traceback(source, NULL, 0), "File \"<emb>\", line 4") != NULL);
  CHECK(strstr(traceback(source, "abc.py", 3), "File \"abc\", line 4") != NULL);
  CHECK(strstr(traceback("x = (", "bad.py", -1), "File \"bad.py\", line 1") != NULL);
}

int main(void) {
  start();
  imports();
  namespaces();
  unusual_source();
  file_names();
  CHECK_ALIVE();
  return check_result();
}
