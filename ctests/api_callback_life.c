/* Host functions as Python callables: how long they live, and how the host hears of the end. */
#include "callback.h"

/* A release function that calls libemb, and fails. */
static void busy_release(void *userdata) {
  (void)userdata;
  ++releases;
  CHECK_EQ(emb_run("1/0", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK(is_true("1 + 1 == 2"));
  CHECK_EQ(emb_run("{}['left']", -1, NULL, 0, 0), EMB_EXCEPTION);
}

static void releases_once(void) {
  int count = 0;
  emb_handle callable = 0, untouched = 9;
  CHECK(define(note, &count, 0, count_release) && run("g = [f]; del f"));
  CHECK_EQ(count, 0);
  CHECK(run("g[0](); del g"));
  CHECK_EQ(count, 1);

  struct { const char *name; int64_t length; const char *doc; emb_function function; uint32_t flags;
           emb_handle *callable; } bad[] = {
      {NULL, -1, NULL, note, 0, &untouched}, {"\xff", -1, NULL, note, 0, &untouched},
      {"a\0b", 3, NULL, note, 0, &untouched}, {"f", -1, "\xff", note, 0, &untouched},
      {"f", -1, NULL, NULL, 0, &untouched},  {"f", -1, NULL, note, 99, &untouched},
      {"f", -1, NULL, note, EMB_CALLBACK_BOUND, &untouched},
      {"f", -1, NULL, note, 0, NULL}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    count = 0;
    CHECK(emb_callback_new(bad[i].name, bad[i].length, bad[i].doc, -1, bad[i].function, &count,
                           bad[i].flags, count_release, bad[i].callable) < 0);
    CHECK(check_take() < 0);
    if (!CHECK_EQ(count, 1)) fprintf(stderr, "  case %zu\n", i);
  }
  CHECK_EQ(untouched, 9);

  /* While an exception is on its way through Python, and while an error waits for the host. */
  releases = 0;
  OK(emb_callback_new("g", -1, NULL, 0, note, NULL, 0, busy_release, &callable));
  CHECK(bind("g", callable));
  OK(emb_object_free(callable));
  CHECK(run("def drops():\n  global g\n  try: raise LookupError('outer')\n  finally: del g\n"));
  FAILS(emb_run("drops()", -1, NULL, 0, 0), EMB_EXCEPTION, "outer");
  CHECK_EQ(releases, 1);
  OK(emb_callback_new("g", -1, NULL, 0, note, NULL, 0, busy_release, &callable));
  CHECK_EQ(emb_gil_acquire(), EMB_OK);
  CHECK_EQ(emb_run("raise LookupError('waits')", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_object_free(callable), EMB_OK);
  CHECK_EQ(releases, 2);
  CHECK_EQ(emb_gil_release(), EMB_OK);
  FAILS(EMB_EXCEPTION, EMB_EXCEPTION, "waits");
}

/* What a method of Python calls, which weak references find as long as there is a reason. */
static void bound(void) {
  int count = 0;
  emb_handle callable = 0;
  OK(emb_callback_new("f", -1, NULL, 0, note, &count, EMB_CALLBACK_FUNCTION | EMB_CALLBACK_BOUND, count_release,
                      &callable));
  CHECK(bind("f", callable));
  OK(emb_object_free(callable));
  calls = 0;
  CHECK(run("import gc, types, weakref\n"
            "class C: pass\n"
            "c = C(); m = types.MethodType(f, c); m(5)"));
  CHECK(calls == 1 && seen.nargs == 1 && seen.args[0].as.integer == 5);
  CHECK(run("m(); f()"));
  CHECK(calls == 3 && seen.nargs == 0);
  CHECK(run("m(k=1)"));
  CHECK_EQ(seen.nargs, 0);
  CHECK(run("w = weakref.WeakMethod(m); same = w() == m"));
  CHECK(is_true("same"));
  /* What its type has for a `__del__` may keep it. */
  CHECK(run("kept = []\n"
            "def keep(self): kept.append(self)\n"
            "kind = type(f); kind.__del__ = keep; del f, m; gc.collect()"));
  CHECK(is_true("len(kept) == 1 and w() is not None"));
  CHECK_EQ(count, 0);
  CHECK(run("del kind.__del__, kept; gc.collect()"));
  CHECK(is_true("w() is None"));
  CHECK_EQ(count, 1);
}

/* A callable that passes for a function of Python. */
static void like_a_function(void) {
  int count = 0;
  void *found = NULL;
  int32_t is_one = 0;
  emb_handle callable = 0;
  OK(emb_callback_new("f", -1, "f(a, /)\n--\n\nAbout f.", -1, note, &count, EMB_CALLBACK_FUNCTION, count_release,
                      &callable));
  CHECK(bind("f", callable));
  OK(emb_callback_userdata(callable, note, &found, &is_one));
  CHECK(is_one == 1 && found == &count);
  OK(emb_object_free(callable));
  calls = 0;
  CHECK(run("import inspect, types, weakref, functools, gc\n"
            "assert f(1, 2, k=3) is None and f(*[1], **{'k': 2}) is None\n"
            "class C: m = f\n"
            "c = C(); c.m(5)"));
  CHECK_EQ(calls, 3);
  CHECK(seen.nargs == 2 && seen.args[1].as.integer == 5 && seen.args[0].kind == EMB_OBJECT);
  OK(emb_object_free(seen.args[0].as.object));
  CHECK(is_true("inspect.isfunction(f) and isinstance(f, types.FunctionType)"));
  CHECK(is_true("repr(f).startswith('<function f at 0x')"));
  CHECK(is_true("(f.__name__, f.__qualname__, f.__doc__) == ('f', 'f', 'About f.')"));
  CHECK(run("f.mark = [1]; f.__name__ = 'g'; f.__doc__ = None"));
  CHECK(is_true("f.mark == [1] and f.__dict__['mark'] is f.mark and (f.__name__, f.__doc__) == ('g', None)"));
  /* Without a GIL 3.13 keeps functions and classes for good, so here they let go of it. */
  CHECK(run("w = functools.wraps(f)(lambda: 0); same = w.mark is f.mark; del w.__wrapped__"));
  CHECK(is_true("same"));
  CHECK(run("del f.mark\ntry: f.mark\nexcept AttributeError: pass\nelse: raise SystemError"));
  CHECK(run("try: type(f)()\nexcept TypeError: pass\nelse: raise SystemError"));
  CHECK(run("type(f).__getattr__ = lambda self, name: {'other': 7}[name] if name == 'other' else missing(name)\n"
            "def missing(name): raise AttributeError(name)"));
  CHECK(is_true("f.other == 7 and not hasattr(f, 'another')"));
  CHECK(run("del type(f).__getattr__, C.m, c, C"));
  /* A cycle through its own attributes is found; the weak reference goes first. */
  CHECK(run("f.me, gone = f, []; weakref.finalize(f, gone.append, 1); del f; gc.collect()"));
  CHECK(is_true("gone == [1]"));
  CHECK_ALIVE();
  CHECK_EQ(count, 1);
}

static void queued_release(void) {
  int count = 0;
  void *token = NULL;
  size_t given = 9;
  emb_handle callable = 0;
  OK(emb_callback_new("f", -1, NULL, 0, note, &count, EMB_RESULT_OBJECT | EMB_ONE_THREAD | EMB_RELEASE_QUEUE,
                      count_release, &callable));
  OK(emb_released(&token, 1, &given));
  CHECK_EQ(given, 0);
  OK(emb_object_free(callable));
  CHECK_ALIVE();
  OK(emb_released(&token, 1, &given));
  CHECK(given == 1 && token == &count);
  FAILS(emb_callback_new("f", -1, NULL, 0, NULL, &given, EMB_RELEASE_QUEUE, count_release, &callable),
        EMB_BAD_ARGUMENT, "function");
  OK(emb_released(&token, 1, &given));
  CHECK(given == 1 && token == &given);
  CHECK_EQ(count, 0);
}

static void after_shutdown(void) {
  int count = 0;
  emb_handle callable = 0;
  CHECK(define(note, &count, 0, count_release));
  CHECK(run("import atexit; atexit.register(f)"));
  calls = 0;
  OK(emb_shutdown());
  CHECK_EQ(calls, 1);
  FAILS(emb_callback_new("f", -1, NULL, 0, note, &count, 0, count_release, &callable), EMB_NOT_RUNNING, NULL);
  CHECK_EQ(count, 1); /* of the one that was never made; the other is never released */
  FAILS(emb_error_raise("ValueError", -1, "x", -1), EMB_NOT_RUNNING, NULL);
}

int main(void) {
  start();
  releases_once();
  like_a_function();
  bound();
  CHECK_ALIVE();
  queued_release();
  after_shutdown();
  return check_result();
}
