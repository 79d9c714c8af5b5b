/* Modules made of the host's own source, files, and what tracebacks show of both. */
#include "check.h"

#include <unistd.h>

static bool traceback_has(emb_status status, const char *part) {
  emb_error error = {.size = sizeof error};
  emb_value text = {0};
  bool has = false;
  emb_error_take(&error);
  if (status == EMB_EXCEPTION && emb_error_traceback(error.exception, &text) == EMB_OK) {
    char copy[4000];
    snprintf(copy, sizeof copy, "%.*s", (int)text.length, text.as.text);
    has = strstr(copy, part) != NULL;
    if (!has) fprintf(stderr, "%s\n", copy);
  }
  emb_object_free(error.exception);
  return has;
}

static void modules(void) {
  emb_handle module = 0;
  emb_value value = {0};
  OK(emb_module_new("made.here", EMB_NUL_TERMINATED,
                    "import os\nlevel = 3\ndef fail():\n    raise OSError('from a module')\n",
                    EMB_NUL_TERMINATED, "embedded/made.py", EMB_NUL_TERMINATED, &module));
  OK(emb_object_getattr(module, "level", EMB_NUL_TERMINATED, 0, &value));
  CHECK_EQ(value.as.integer, 3);
  OK(emb_object_getattr(module, "__file__", EMB_NUL_TERMINATED, 0, &value));
  CHECK_TEXT(value, "embedded/made.py");
  run("import sys; assert sys.modules['made.here'].level == 3");
  emb_status failed = emb_call_method(module, "fail", EMB_NUL_TERMINATED, NULL, 0, NULL, 0, 0, NULL);
  CHECK(traceback_has(failed, "File \"embedded/made.py\", line 4, in fail\n    raise OSError('from a module')"));
  emb_object_free(module);
  module = 77;
  FAILS(emb_module_new("broken", EMB_NUL_TERMINATED, "x = 1\n1 / 0", EMB_NUL_TERMINATED, NULL, 0, &module),
        EMB_EXCEPTION, "ZeroDivisionError");
  FAILS(emb_module_new("worse", EMB_NUL_TERMINATED, "x = ", EMB_NUL_TERMINATED, NULL, 0, &module),
        EMB_EXCEPTION, "SyntaxError");
  CHECK_EQ(module, 77);
  CHECK(is_true("'broken' not in sys.modules and 'worse' not in sys.modules"));
  /* A module of that name that was there before is there again. */
  FAILS(emb_module_new("made.here", EMB_NUL_TERMINATED, "1 / 0", EMB_NUL_TERMINATED, NULL, 0, &module),
        EMB_EXCEPTION, "ZeroDivisionError");
  CHECK(is_true("sys.modules['made.here'].level == 3"));
}

static void lines(void) {
  emb_status failed = emb_run("a = 1\nb = a / 0  # the line\n", EMB_NUL_TERMINATED, "nowhere.py",
                              EMB_NUL_TERMINATED, 0);
  CHECK(traceback_has(failed, "File \"nowhere.py\", line 2, in <module>\n    b = a / 0  # the line"));
}

static void files(void) {
  char path[] = "/tmp/emb-run-XXXXXX";
  int file = mkstemp(path);
  const char *source = "# -*- coding: latin-1 -*-\nname = '\xe9'\n";
  if (!CHECK(file >= 0) || !CHECK(write(file, source, strlen(source)) == (ssize_t)strlen(source))) return;
  emb_handle globals = eval_object("{}");
  OK(emb_run_file(path, EMB_NUL_TERMINATED, globals));
  CHECK(bind("found", globals) && is_true("found['name'] == '\\u00e9'"));
  CHECK(write(file, "oops(\n", 6) == 6);
  FAILS(emb_run_file(path, EMB_NUL_TERMINATED, globals), EMB_EXCEPTION, "SyntaxError");
  emb_object_free(globals);
  close(file);
  unlink(path);
  FAILS(emb_run_file(path, EMB_NUL_TERMINATED, 0), EMB_EXCEPTION, "FileNotFoundError");
}

static void managers(void) {
  run("log = []\n"
      "class M:\n"
      "    def __init__(self, answer): self.answer = answer\n"
      "    def __enter__(self): log.append('in'); return 42\n"
      "    def __exit__(self, kind, value, traceback):\n"
      "        log.append((kind and kind.__name__, str(value), traceback is not None))\n"
      "        return self.answer");
  emb_handle manager = eval_object("M(True)"), other = eval_object("M(0)"), plain = eval_object("object()");
  emb_value value = {0};
  int32_t handled = 7;
  OK(emb_object_enter(manager, 0, &value));
  CHECK_EQ(value.as.integer, 42);
  OK(emb_object_exit(manager, 0, &handled));
  CHECK_EQ(handled, 0);
  emb_error error = {.size = sizeof error};
  emb_run("raise KeyError('k')", EMB_NUL_TERMINATED, NULL, 0, 0);
  emb_error_take(&error);
  OK(emb_object_enter(manager, 0, NULL));
  OK(emb_object_exit(manager, error.exception, &handled));
  CHECK_EQ(handled, 1);
  OK(emb_object_exit(other, error.exception, &handled));
  CHECK_EQ(handled, 0);
  CHECK(is_true("log == ['in', (None, 'None', False), 'in', ('KeyError', \"'k'\", True), ('KeyError', \"'k'\", True)]"));
  FAILS(emb_object_enter(plain, 0, &value), EMB_EXCEPTION, "AttributeError");
  FAILS(emb_object_exit(plain, 0, &handled), EMB_EXCEPTION, "AttributeError");
  emb_object_free(error.exception);
  emb_object_free(manager);
  emb_object_free(other);
  emb_object_free(plain);
}

static const uint64_t *version_of(emb_handle object, const char *name) {
  const uint64_t *version = (const uint64_t *)(void *)&object;
  OK(emb_object_version(object, name, -1, &version));
  return version;
}

/* The word by which a host knows that a variable is still what it was. */
static void versions(void) {
  CHECK(run("import types\n"
            "plain = types.ModuleType('plain')\n"
            "plain.x, plain.y = 1, 2\n"
            "plain.__getattr__ = lambda name: 3\n"
            "class Own(types.ModuleType): x = property(lambda self: 4)\n"
            "own = Own('own'); own.__dict__['x'] = 5"));
  emb_handle plain = eval_object("plain"), own = eval_object("own");
  const uint64_t *version = version_of(plain, "x");
  if (version == NULL) {
    CHECK(is_true("__import__('sys').version_info >= (3, 14) or 'free-threading' in __import__('sys').version"));
  } else {
    const char *changes[] = {"plain.x = 6", "plain.x = plain.x + 1", "plain.y = 7", "del plain.x", "plain.x = 8"};
    for (size_t i = 0; i < COUNT(changes); i++) {
      uint64_t before = *version;
      emb_value value = v_none();
      OK(emb_object_getattr(plain, "x", -1, 0, &value));
      CHECK(*version == before);
      CHECK(run(changes[i]));
      CHECK(*version != before);
    }
    uint64_t before = *version;
    emb_value nine = v_int(9);
    OK(emb_object_setattr(plain, "x", -1, &nine));
    CHECK(*version != before && version_of(plain, "x") == version && version_of(plain, "y") == version);
  }
  CHECK(version_of(plain, "z") == NULL && version_of(plain, "__name__") == NULL);
  CHECK(version_of(own, "x") == NULL && version_of(own, "y") == NULL);
  OK(emb_object_free(plain));
  OK(emb_object_free(own));
}

int main(void) {
  start();
  modules();
  lines();
  files();
  managers();
  versions();
  return check_result();
}
