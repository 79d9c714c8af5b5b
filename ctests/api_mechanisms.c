/* What is done to be fast, one by one: each of these fails where its mechanism does not work, though
 * everything else might. */
#include "check.h"

#include <pthread.h>

static bool numpy;

/* Whatever has a place in Python's objects has been found, in every Python that allows it. */
static void places(void) {
  report_for_python();
  CHECK(run("import json, sys, sysconfig\n"
            "found = json.loads(json_text)['in_place']\n"
            "expected = ['references', 'floats', 'ints', 'texts', 'lists', 'buffers', 'versions']\n"
            "if sys.version_info < (3, 9): expected.remove('buffers')\n"
            "if sys.version_info >= (3, 14): expected.remove('versions')\n"
            "expected.append('exceptions')\n"
            "if sys.version_info >= (3, 11): expected += ['methods', 'types']\n"
            "if sys.version_info < (3, 12): expected.append('thread state')\n"
            "expected.append('frames')\n"
            "if sysconfig.get_config_var('Py_GIL_DISABLED'): expected = []"));
  CHECK(is_true("found == expected and ', '.join(found) in text"));
}

/* Texts of every kind that Python tells apart, new ones and those that it keeps. */
static void texts(void) {
  static const struct { const char *source, *text; uint32_t length; } cases[] = {
      {"''", "", 0}, {"'a'", "a", 1}, {"'word'", "word", 4}, {"'wo' + str(12)", "wo12", 4},
      {"'a\\0b' * 2", "a\0ba\0b", 6}, {"'caf\\xe9' * 1", "caf\xc3\xa9", 5}, {"chr(0x20ac) * 2", "\xe2\x82\xac\xe2\x82\xac", 6},
      {"'x' + chr(0x1f40d)", "x\xf0\x9f\x90\x8d", 5}, {"sys.intern('in' + 'terned')", "interned", 8},
      {"'\\x7f' * 3", "\x7f\x7f\x7f", 3}, {"'caf\\xe9 and more'[5:]", "and more", 8}};
  for (size_t i = 0; i < COUNT(cases); i++)
    for (int again = 0; again < 2; again++) {
      emb_value text = eval(cases[i].source);
      bool same = text.kind == EMB_TEXT && text.length == cases[i].length &&
                  memcmp(text.as.text, cases[i].text, text.length + 1) == 0;
      if (!CHECK(same)) fprintf(stderr, "  %s\n", cases[i].source);
      emb_handle object = eval_object(cases[i].source);
      emb_value joined = {0};
      OK(emb_call_method(object, "__str__", -1, NULL, 0, NULL, 0, EMB_RESULT_AUTO, &joined));
      CHECK(joined.kind == EMB_TEXT && joined.length == cases[i].length &&
            memcmp(joined.as.text, cases[i].text, joined.length + 1) == 0);
      OK(emb_object_free(object));
    }
}

/* A view of an object that is not told of its end is kept by nothing but the object. */
static void views(void) {
  bool plain = is_true("sys.version_info < (3, 9) or not found");
  static const struct { const char *source; bool itself; } cases[] = {
      {"numpy.arange(3)", true}, {"(ctypes.c_int * 3)()", false}, {"bytearray(3)", false}, {"memoryview(b'abc')", false}};
  CHECK(run("import ctypes"));
  for (size_t i = numpy ? 0 : 1; i < COUNT(cases); i++) {
    emb_handle object = eval_object(cases[i].source);
    emb_view view = {.size = sizeof view};
    uint64_t exporter = 0, owner = 0;
    OK(emb_array_view(object, 0, &view));
    OK(emb_object_identity(object, &exporter));
    OK(emb_object_identity(view.owner, &owner));
    if (!CHECK_EQ(exporter == owner, cases[i].itself && !plain)) fprintf(stderr, "  %s\n", cases[i].source);
    OK(emb_object_free(view.owner));
    OK(emb_object_free(object));
  }
}

/* Nor is numpy asked what there is to say of a usual array. */
static void arrays_in_place(void) {
  static double memory[2];
  const int64_t two = 2;
  const char *formats[2];
  for (int i = 0; i < 2; i++) {
    emb_handle array = 0;
    emb_view view = {.size = sizeof view};
    OK(emb_array_from_ptr(memory, "d", -1, 1, &two, NULL, 0, NULL, NULL, &array));
    OK(emb_array_view(array, 0, &view));
    formats[i] = view.format; /* numpy writes one for each array */
    CHECK(bind(i == 0 ? "first" : "second", array));
    OK(emb_object_free(view.owner));
    OK(emb_object_free(array));
  }
  CHECK_EQ(formats[0] == formats[1], is_true("bool(found)"));
}

/* Names are found again wherever in the table they stand. An element type of numpy shows it: each
 * time one is made, it is another object. */
static void names(void) {
  enum { NAMES = 2000 };
  static double memory[NAMES];
  static char name[NAMES][16];
  static emb_handle first[NAMES];
  emb_handle again = 0, is = eval_object("lambda a, b: a.dtype is b.dtype and a.itemsize");
  int64_t one = 1;
  int found = 0;
  for (int i = 0; i < NAMES; i++) {
    snprintf(name[i], sizeof name[i], "V%d", i + 1);
    OK(emb_array_from_ptr(memory, name[i], -1, 1, &one, NULL, 0, NULL, NULL, &first[i]));
  }
  for (int i = 0; i < NAMES; i++) {
    OK(emb_array_from_ptr(memory, name[i], -1, 1, &one, NULL, 0, NULL, NULL, &again));
    emb_value both[] = {v_object(first[i]), v_object(again)}, result = {0};
    OK(emb_call(is, both, 2, NULL, 0, EMB_RESULT_AUTO, &result));
    found += result.kind == EMB_INT && result.as.integer == i + 1;
    OK(emb_object_free(again));
    OK(emb_object_free(first[i]));
  }
  OK(emb_object_free(is));
  if (!CHECK(found > NAMES * 99 / 100)) fprintf(stderr, "  %d of %d\n", found, NAMES);
}

/* The memory of an owner that has gone is kept for the next, whatever is made in between. */
static void spare_owners(void) {
  double number = 1;
  int64_t one = 1;
  emb_handle array = 0;
  for (int i = 0; i < 20; i++) {
    OK(emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, 0, NULL, NULL, &array));
    CHECK(bind("a", array));
    OK(emb_object_free(array));
    CHECK(run(i == 0 ? "places = set()\ndef fill(): return [b'x' * n for n in range(200) for _ in range(20)]\n"
                       "places.add(id(a.base)); del a; filled = [fill()]"
                     : "places.add(id(a.base)); del a; filled.append(fill())"));
  }
  CHECK(is_true("len(places) == 1 or sysconfig.get_config_var('Py_GIL_DISABLED')"));
  CHECK(run("del filled"));
}

static int told;
static void complaining(void *userdata) {
  (void)userdata;
  told++;
  CHECK_EQ(emb_error_raise("OSError", -1, "of the release", -1), EMB_EXCEPTION);
}

static void lend(const char *name) {
  static double number = 1;
  int64_t one = 1;
  emb_handle array = 0;
  OK(emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, EMB_ARRAY_MEMORYVIEW, complaining, NULL, &array));
  CHECK(bind(name, array));
  OK(emb_object_free(array));
}

/* A release function runs beside what is on its way: an exception of Python, an error of the host. */
static void asides(void) {
  told = 0;
  lend("m");
  /* What is the last reference goes while the exception is set. */
  CHECK_EQ(emb_run("print(globals().pop('m'), {}['on its way'])", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(check_take(), EMB_EXCEPTION);
  CHECK(strcmp(check_error.type_name, "KeyError") == 0 && strcmp(check_error.message, "'on its way'") == 0);
  CHECK_EQ(check_take(), EMB_OK);
  CHECK_EQ(told, 1);
  lend("m");
  emb_handle held = eval_object("[globals().pop('m')]");
  OK(emb_gil_acquire());
  CHECK_EQ(emb_run("raise ValueError('of the host')", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_object_free(held), EMB_OK);
  CHECK_EQ(told, 2);
  CHECK_EQ(check_take(), EMB_EXCEPTION);
  CHECK(strcmp(check_error.type_name, "ValueError") == 0 && strcmp(check_error.message, "of the host") == 0);
  CHECK_EQ(check_take(), EMB_OK);
  OK(emb_gil_release());
  lend("m"); /* and where there is nothing: what it leaves behind is nobody's */
  CHECK(run("del m"));
  CHECK_EQ(told, 3);
  CHECK_EQ(check_take(), EMB_OK);
}

/* What goes the usual way, and what is just too much for it, come to the same. */
static void usual_and_unusual(void) {
  static char name[5001];
  emb_value nine[10], result = {0};
  memset(name, 'n', 5000);
  emb_handle box = eval_object("type('Box', (), {'n' * 5000: 5, 'all': lambda *a, **k: (len(a), sum(k.values()))})()");
  emb_handle sum = eval_object("lambda *a, **k: sum(a) + 100 * sum(k.values())");
  for (int i = 0; i < 10; i++) nine[i] = v_int(i + 1);
  OK(emb_object_getattr(box, name, -1, EMB_RESULT_AUTO, &result));
  CHECK_EQ(result.as.integer, 5);
  for (size_t count = 0; count < 10; count++) {
    OK(emb_call(sum, nine, count, NULL, 0, EMB_RESULT_AUTO, &result));
    CHECK_EQ(result.as.integer, count * (count + 1) / 2);
    OK(emb_call(sum, nine, count, "k", 1, EMB_RESULT_AUTO, &result));
    CHECK_EQ(result.as.integer, count * (count + 1) / 2 + 100 * (count + 1));
    OK(emb_call_method(box, "all", 3, nine, count, "k", 1, EMB_RESULT_DEEP, &result));
    CHECK(result.kind == EMB_TUPLE && result.as.items[0].as.integer == (int64_t)count + 1 &&
          result.as.items[1].as.integer == (int64_t)count + 1);
    OK(emb_call_method(box, "all", 3, nine, count, NULL, -1, EMB_RESULT_DEEP, &result));
    CHECK(result.kind == EMB_TUPLE && result.as.items[1].as.integer == 0);
  }
  OK(emb_call(sum, nine, 2, "", 0, EMB_RESULT_AUTO, &result));
  CHECK_EQ(result.as.integer, 3);
  OK(emb_call(sum, NULL, 0, NULL, EMB_NUL_TERMINATED, EMB_RESULT_AUTO, NULL));
  FAILS(emb_call(sum, nine, 2, NULL, 3, EMB_RESULT_AUTO, &result), EMB_BAD_ARGUMENT, "keywords");
  FAILS(emb_call(sum, nine, SIZE_MAX, "k", 1, EMB_RESULT_AUTO, &result), EMB_BAD_ARGUMENT, "nargs");
  FAILS(emb_call(sum, NULL, 2, NULL, 0, EMB_RESULT_AUTO, &result), EMB_BAD_ARGUMENT, "args");
  nine[3].kind = 1000;
  FAILS(emb_call(sum, nine, 5, NULL, 0, EMB_RESULT_AUTO, &result), EMB_BAD_ARGUMENT, "args");
  OK(emb_object_free(box));
  OK(emb_object_free(sum));
}

static const char *const kinds =
    "import functools, types\n"
    "class Plain:\n    x = 1\n    def __call__(self, n): return n + 1\n    def method(self, n): return n * 2\n"
    "class Partial(functools.partial):\n    x = 2\n"
    "class Asked:\n    def __getattr__(self, name): return 'asked for ' + name\n"
    "class First:\n    x = 3\n    def __getattribute__(self, name): return 'first ' + name\n"
    "class Meta(type):\n    x = 4\n    def __call__(cls, n): return [cls, n]\n"
    "class Made(metaclass=Meta): pass\n"
    "class Slots:\n    __slots__ = 'x'\n    def __call__(self, n): return {n}\n"
    "slots, module = Slots(), types.ModuleType('module')\n"
    "slots.x, module.__getattr__ = 5, lambda name: name + ' of a module'\n"
    "objects = [abs, int, list, range, str, bytes, max, getattr, print, {}.get, [].append, (5).__add__,\n"
    "           int.__neg__, type('Int', (int,), {'x': 6}), functools.partial(pow, 2), Partial(pow, 3),\n"
    "           functools.lru_cache(abs), lambda n: -n, Plain, Plain(), Plain().method, Meta, Made, Slots, slots,\n"
    "           Asked(), First(), module, types.SimpleNamespace(x=7), 5, None, 'text']\n"
    "def outcome(ask):\n"
    "    try: return ask()\n"
    "    except Exception as error: return type(error).__name__\n";

static void compare(int64_t i, const char *ask, emb_status status, emb_handle given) {
  char both[200];
  snprintf(both, sizeof both, "outcome(lambda one=objects[%d]: %s) == given", (int)i, ask);
  if (status == EMB_OK) {
    CHECK(bind("given", given));
    OK(emb_object_free(given));
  } else {
    emb_handle name = 0;
    CHECK_EQ(check_take(), EMB_EXCEPTION);
    OK(emb_text_new(check_error.type_name, -1, &name));
    CHECK(bind("given", name));
    OK(emb_object_free(name));
  }
  if (!CHECK(is_true(both))) fprintf(stderr, "  %s\n", both);
}

static void call_and_read(void) {
  emb_handle objects = eval_object("objects");
  for (int64_t i = 0; i < eval("len(objects)").as.integer; i++) {
    emb_value index = v_int(i), three = v_int(3), one = {0}, given = {0};
    OK(emb_object_getitem(objects, &index, EMB_RESULT_OBJECT, &one));
    emb_status status = emb_call(one.as.object, &three, 1, NULL, 0, EMB_RESULT_OBJECT, &given);
    compare(i, "one(3)", status, given.as.object);
    status = emb_object_getattr(one.as.object, "x", 1, EMB_RESULT_OBJECT, &given);
    compare(i, "one.x", status, given.as.object);
    OK(emb_object_free(one.as.object));
  }
  OK(emb_object_free(objects));
}

/* Its type says how an object is called, and how its attributes are read; and may come to say otherwise. */
static void kinds_of_objects(void) {
  CHECK(run(kinds));
  call_and_read();
  CHECK(run("Plain.__call__ = Partial.__call__ = lambda self, n: ('changed', n)\n"
            "Plain.__getattribute__ = Partial.__getattribute__ = lambda self, name: 'changed ' + name\n"
            "del Slots.__call__\n"
            "Asked.__call__ = lambda self, n: n"));
  call_and_read();
}

static emb_handle shared;
static void *frees(void *unused) {
  CHECK_EQ(emb_object_free(shared), EMB_OK);
  CHECK_EQ(emb_object_free(shared), EMB_BAD_HANDLE);
  check_take();
  uint64_t identity = 7;
  CHECK_EQ(emb_object_identity(shared, &identity), EMB_BAD_HANDLE);
  check_take();
  CHECK_EQ(identity, 7);
  return unused;
}

/* A handle that another thread has released, without the GIL, is stale for the one that holds it. */
static void stale_at_once(void) {
  emb_value number = v_int(1), result = {0};
  for (int i = 0; i < 4; i++) {
    pthread_t thread;
    shared = eval_object("[1, 2].__len__");
    OK(emb_gil_acquire());
    OK(emb_call(shared, NULL, 0, NULL, 0, EMB_RESULT_AUTO, &result));
    pthread_create(&thread, NULL, frees, NULL);
    pthread_join(thread, NULL);
    if (i == 0) FAILS(emb_call(shared, NULL, 0, NULL, 0, EMB_RESULT_AUTO, &result), EMB_BAD_HANDLE, "callable");
    if (i == 1) FAILS(emb_object_free(shared), EMB_BAD_HANDLE, "object");
    if (i == 2) FAILS(emb_call_method(shared, "__call__", 8, NULL, 0, NULL, 0, 0, &result), EMB_BAD_HANDLE, "object");
    if (i == 3) FAILS(emb_object_free_many(&shared, 1), EMB_BAD_HANDLE, "objects[0]");
    emb_handle other = 0; /* in the same place, most likely */
    OK(emb_object_new(&number, &other));
    FAILS(emb_object_free(shared), EMB_BAD_HANDLE, "object");
    OK(emb_object_free(other));
    OK(emb_gil_release());
  }
}

int main(void) {
  start();
  CHECK(run("import sys, sysconfig"));
  if ((numpy = has_module("numpy"))) CHECK(run("import numpy"));
  places();
  texts();
  views();
  if (numpy) {
    arrays_in_place();
    names();
    spare_owners();
  } else {
    puts("SKIP names and owners: no numpy");
  }
  asides();
  usual_and_unusual();
  kinds_of_objects();
  stale_at_once();
  CHECK_ALIVE();
  return check_result();
}
