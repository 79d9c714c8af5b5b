/* Whatever Python code does wrong is an error like any other, and the next call works. */
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

static void fails(const char *source, const char *type_name, const char *message) {
  FAILS(emb_run(source, -1, "fault.py", -1, 0), EMB_EXCEPTION, message);
  if (!CHECK(strcmp(check_error.type_name, type_name) == 0))
    fprintf(stderr, "  %s instead of %s\n", check_error.type_name, type_name);
  CHECK_ALIVE();
}

static void write_file(const char *folder, const char *name, const char *text) {
  char path[300];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  if (!CHECK(file != NULL)) return;
  fputs(text, file);
  fclose(file);
}

static void modules(void) {
  char folder[] = "/tmp/libemb-ctest-XXXXXX";
  emb_handle module = 9, path = 0;
  if (!CHECK(mkdtemp(folder) != NULL)) return;
  write_file(folder, "emb_syntax.py", "x = = 1\n");
  write_file(folder, "emb_raises.py", "import math\nraise LookupError('while importing')\n");
  write_file(folder, "emb_exits.py", "import sys\nsys.exit('I leave')\n");
  write_file(folder, "emb_latin.py", "x = '\xe9'\n");
  write_file(folder, "emb_binary.so", "no library");
  emb_value entry = v_text(folder);
  CHECK(run("import sys; sys.dont_write_bytecode = True"));
  emb_value sys_path = eval("sys.path");
  path = sys_path.as.object;
  OK(emb_call_method(path, "append", -1, &entry, 1, NULL, 0, 0, NULL));
  FAILS(emb_import("no_such_package", -1, &module), EMB_EXCEPTION, "no_such_package");
  FAILS(emb_import("no_such_package.part", -1, &module), EMB_EXCEPTION, "no_such_package");
  FAILS(emb_import("emb_syntax", -1, &module), EMB_EXCEPTION, "SyntaxError");
  FAILS(emb_import("emb_raises", -1, &module), EMB_EXCEPTION, "while importing");
  FAILS(emb_import("emb_raises", -1, &module), EMB_EXCEPTION, "while importing"); /* not half there */
  FAILS(emb_import("emb_exits", -1, &module), EMB_EXCEPTION, "I leave");
  FAILS(emb_import("emb_latin", -1, &module), EMB_EXCEPTION, NULL);
  CHECK(run("import importlib.machinery as m\n"
            "def load(path): return m.ExtensionFileLoader('emb_binary', path).create_module("
            "m.ModuleSpec('emb_binary', None, origin=path))"));
  fails("load(sys.path[-1] + '/emb_binary.so')", "ImportError", NULL);
  CHECK_EQ(module, 9);
  OK(emb_call_method(path, "pop", -1, NULL, 0, NULL, 0, 0, NULL));
  emb_object_free(path);
  fails("import shutil; shutil.rmtree(m.__dict__.get('x', '/nonexistent/folder'))",
        "FileNotFoundError", NULL);
  const char *names[] = {"emb_syntax.py", "emb_raises.py", "emb_exits.py", "emb_latin.py", "emb_binary.so"};
  for (int i = 0; i < 5; i++) {
    char file[300];
    snprintf(file, sizeof file, "%s/%s", folder, names[i]);
    unlink(file);
  }
  rmdir(folder);
}

static void leaving(void) {
  fails("import sys; sys.exit(3)", "SystemExit", "3");
  fails("sys.exit()", "SystemExit", "SystemExit");
  fails("raise SystemExit('bye')", "SystemExit", "bye");
  fails("quit()", "SystemExit", NULL);
  fails("raise KeyboardInterrupt", "KeyboardInterrupt", "KeyboardInterrupt");
  fails("raise GeneratorExit", "GeneratorExit", "GeneratorExit");
}

/* Exceptions that cannot be described: the class at least is told. */
static void evil_exceptions(void) {
  CHECK(run("class Mute(Exception):\n  def __str__(self): raise ValueError('no text')\n"
            "class Lying(Exception):\n  def __str__(self): return 5\n"
            "class Leaving(Exception):\n  def __str__(self): raise SystemExit\n"
            "class Endless(Exception):\n  def __str__(self): return str(self)\n"
            "class Odd(Exception):\n  def __str__(self): return '\\udc80'\n"
            "class Nameless(type):\n"
            "  def __getattribute__(self, name): raise RuntimeError('no ' + name)\n"
            "class Hidden(Exception, metaclass=Nameless): pass\n"
            "class NoClass(Exception):\n"
            "  @property\n  def __class__(self): raise RuntimeError('no class')\n"
            "class BadNew(Exception):\n  def __new__(cls, *args): return 5\n"));
  fails("raise Mute", "__main__.Mute", NULL);
  fails("raise Lying", "__main__.Lying", NULL);
  fails("raise Leaving", "__main__.Leaving", NULL);
  fails("raise Endless", "__main__.Endless", NULL);
  fails("raise Odd", "__main__.Odd", NULL);
  fails("raise BadNew", "TypeError", NULL);
  FAILS(emb_run("raise Hidden", -1, NULL, 0, 0), EMB_EXCEPTION, "<exception>");
  FAILS(emb_run("raise NoClass", -1, NULL, 0, 0), EMB_EXCEPTION, "<exception>");
  CHECK_ALIVE();
  /* Their tracebacks too. */
  emb_error error = {.size = sizeof error};
  emb_value text = {0};
  CHECK_EQ(emb_run("raise Mute", -1, "fault.py", -1, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  if (OK(emb_error_traceback(error.exception, &text)))
    CHECK(memmem(text.as.text, text.length, "fault.py", 8) != NULL);
  emb_object_free(error.exception);
}

static void recursion(void) {
  CHECK(run("def deeper(): return deeper()\nnest = []\nfor _ in range(100000): nest = [nest]"));
  for (int i = 0; i < 3; i++) fails("deeper()", "RecursionError", "recursion");
  emb_handle nest = eval_object("nest");
  emb_value text = {.kind = 99};
  FAILS(emb_object_text(nest, EMB_TEXT_REPR, &text), EMB_EXCEPTION, "RecursionError");
  CHECK_EQ(text.kind, 99);
  emb_object_free(nest);
  CHECK(run("del nest"));
  CHECK_ALIVE();
}

static void arrays(void) {
  double numbers[4] = {1, 2, 3, 4};
  int64_t four = 4;
  emb_handle array = 9;
  bool numpy = has_module("numpy");
  const char *unknown[] = {"", "float65", "nonsense", "int", "f3", "d;", "<"};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    if (numpy && strcmp(unknown[i], "int") == 0) continue; /* numpy knows that one */
    emb_handle made = 9;
    emb_status status = emb_array_from_ptr(numbers, unknown[i], -1, 1, &four, NULL, 0, NULL, NULL, &made);
    CHECK(status == (numpy ? EMB_EXCEPTION : EMB_BAD_ARGUMENT) && made == 9);
    CHECK(check_take() == status && check_error.message[0] != 0);
  }
  CHECK_ALIVE();
  OK(emb_array_from_ptr(numbers, "d", -1, 1, &four, NULL, 0, NULL, NULL, &array));
  CHECK(bind("a", array));
  if (numpy) {
    fails("a.reshape(3, 3)", "ValueError", "reshape");
    fails("a @ [1, 2, 3]", "ValueError", NULL);
    emb_value left = v_object(array), items[] = {v_int(1), v_int(2)}, right = v_items(EMB_LIST, items, 2);
    FAILS(emb_operate(EMB_OP_ADD, &left, &right, 0, NULL), EMB_EXCEPTION, "ValueError");
    int32_t truth = 7;
    FAILS(emb_object_truth(array, &truth), EMB_EXCEPTION, "ambiguous");
    CHECK_EQ(truth, 7);
  }
  fails("a[10]", "IndexError", NULL);
  OK(emb_object_free(array));
}

int main(void) {
  start();
  modules();
  leaving();
  evil_exceptions();
  recursion();
  arrays();
  CHECK_ALIVE();
  return check_result();
}
