/* Host functions as Python callables: arguments, results, errors both ways, threads. */
#include "callback.h"

#include <pthread.h>

static void arguments(void) {
  int mine;
  CHECK(define(note, &mine, EMB_RESULT_AUTO, NULL));
  CHECK(is_true("f() is None"));
  CHECK(seen.nargs == 0 && seen.keywords_length == -1 && seen_userdata == &mine);
  CHECK(run("f(None, True, -2**63, -0.0, 'caf\\u00e9\\0', b'\\xff', 2**64, (1,), 1j, ...)"));
  CHECK_EQ(seen.nargs, 10);
  CHECK(seen.args[0].kind == EMB_NONE && seen.args[1].kind == EMB_BOOL && seen.args[1].as.integer == 1);
  CHECK(seen.args[2].kind == EMB_INT && seen.args[2].as.integer == INT64_MIN);
  CHECK_REAL(seen.args[3].as.real, -0.0);
  CHECK_EQ(seen.args[4].length, 6);
  CHECK_EQ(seen.args[5].kind, EMB_BYTES);
  for (int i = 6; i < 10; i++)
    if (CHECK_EQ(seen.args[i].kind, EMB_OBJECT)) OK(emb_object_free(seen.args[i].as.object));

  CHECK(run("f(1, a=2, caf\u00e9=3.5)"));
  CHECK_EQ(seen.nargs, 1);
  CHECK(seen.keywords_length == 7 && memcmp(seen.keywords, "a,caf\u00e9", 7) == 0);
  CHECK(seen.args[1].as.integer == 2 && seen.args[2].as.real == 3.5);
  CHECK(run("f(**{'': 1})"));
  CHECK(seen.nargs == 0 && seen.keywords_length == 0 && seen.args[0].as.integer == 1);
  FAILS(emb_run("f(**{'a,b': 1})", -1, NULL, 0, 0), EMB_EXCEPTION, "comma");
  FAILS(emb_run("f(**{'\\udc80': 1})", -1, NULL, 0, 0), EMB_EXCEPTION, "\\udc80\" has a lone surrogate");

  CHECK(define(note, NULL, EMB_RESULT_OBJECT, NULL));
  CHECK(run("f(None)"));
  if (CHECK_EQ(seen.args[0].kind, EMB_OBJECT)) OK(emb_object_free(seen.args[0].as.object));
  CHECK(is_true("(f.__name__, f.__doc__) == ('f', 'About f.') and callable(f)"));
}

/* Checks what EMB_RESULT_DEEP gives, and takes the object out of the inner tuple. */
static emb_handle taken;
static emb_status deep(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                       int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)keywords, (void)keywords_length;
  CHECK_EQ(nargs, 3);
  CHECK_BIGINT(args[0], "0x10000000000000000");
  CHECK_EQ(args[1].kind, EMB_COMPLEX);
  CHECK_REAL(args[1].as.reals[1], 2.0);
  if (!CHECK(args[2].kind == EMB_TUPLE && args[2].length == 3)) return EMB_OK;
  emb_value *items = (emb_value *)args[2].as.items;
  CHECK_TEXT(items[0], "x");
  CHECK(items[1].kind == EMB_OBJECT && items[2].kind == EMB_OBJECT);
  taken = items[1].as.object;
  items[1].kind = EMB_NONE;
  *result = args[2]; /* a result may point into the arguments */
  return EMB_OK;
}

static void taking_handles(void) {
  CHECK(define(deep, NULL, EMB_RESULT_DEEP, NULL));
  CHECK(run("import sys; a, b = [1], [2]; before = sys.getrefcount(a), sys.getrefcount(b)"));
  CHECK(is_true("f(2**64, 1+2j, ('x', a, b)) == ('x', None, b)"));
  CHECK(is_true("sys.getrefcount(b) == before[1] and sys.getrefcount(a) == before[0] + 1"));
  int64_t length = 0;
  OK(emb_object_length(taken, &length));
  CHECK_EQ(length, 1);
  OK(emb_object_free(taken));
  CHECK(is_true("sys.getrefcount(a) == before[0]"));
  CHECK(define(note, NULL, EMB_RESULT_AUTO, NULL) && run("f(a)"));
  OK(emb_object_length(seen.args[0].as.object, &length));
  OK(emb_object_free(seen.args[0].as.object));
  CHECK(is_true("sys.getrefcount(a) == before[0]"));
}

/* Gives back what userdata points to. */
static emb_status ignore(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                         int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  return EMB_OK;
}

/* What the host does not take does not stay. */
static void handles_left(void) {
  const uint32_t forms[] = {EMB_RESULT_AUTO, EMB_RESULT_OBJECT, EMB_RESULT_DEEP};
  for (size_t i = 0; i < COUNT(forms); i++) {
    CHECK(define(ignore, NULL, forms[i], NULL));
    CHECK(run("import weakref\nclass Thing: pass\nthing = Thing(); weak = weakref.ref(thing)\n"
              "f(thing, (thing, (thing,)), *range(8), k=thing)\ndel thing"));
    CHECK(is_true("weak() is None"));
  }
}

static emb_status give(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                       int64_t keywords_length, emb_value *result) {
  (void)args, (void)nargs, (void)keywords, (void)keywords_length;
  *result = *(emb_value *)userdata;
  return EMB_OK;
}

/* The argument itself, whose handle stays libemb's. */
static emb_status echo(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                       int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)keywords, (void)keywords_length;
  if (nargs) *result = args[0];
  return EMB_OK;
}

static void results(void) {
  emb_value pair[2] = {v_int(1), v_text("x")}, given;
  double parts[2] = {1, -2};
  struct { emb_value value; const char *source; } cases[] = {
      {v_none(), "None"}, {v_bool(true), "True"}, {v_int(INT64_MIN), "-2**63"},
      {v_uint(UINT64_MAX), "2**64 - 1"}, {v_float(-0.0), "-0.0"}, {v_text("caf\u00e9"), "'caf\u00e9'"},
      {v_text_n("a\0b", 3), "'a\\0b'"}, {v_bytes("\xff", 1), "b'\\xff'"}, {v_bigint("-0x1ff"), "-511"},
      {v_items(EMB_TUPLE, pair, 2), "(1, 'x')"}, {v_items(EMB_LIST, pair, 2), "[1, 'x']"},
      {v_items(EMB_DICT, pair, 1), "{1: 'x'}"}, {{.kind = EMB_ELLIPSIS}, "..."},
      {{.kind = EMB_NOT_IMPLEMENTED}, "NotImplemented"},
      {{.kind = EMB_COMPLEX, .as.reals = parts}, "1-2j"}};
  char check[200];
  CHECK(define(give, &given, 0, NULL));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    given = cases[i].value;
    snprintf(check, sizeof check, "repr(f()) == repr(%s)", cases[i].source);
    if (!CHECK(is_true(check))) fprintf(stderr, "  %s\n", cases[i].source);
  }
  CHECK(run("import sys; a = [1]; before = sys.getrefcount(a)"));
  given = v_object(eval_object("a")); /* given to libemb */
  CHECK(is_true("f() is a and sys.getrefcount(a) == before"));
  FAILS(emb_object_free(given.as.object), EMB_BAD_HANDLE, "object");
  FAILS(emb_run("f()", -1, NULL, 0, 0), EMB_EXCEPTION, "BadHandle"); /* once */

  /* Of kinds that there are not, and values that cannot be. */
  emb_value loop[1] = {v_items(EMB_LIST, loop, 1)}, unhashable[2] = {v_items(EMB_LIST, NULL, 0), v_int(1)};
  emb_value bad[] = {{.kind = 1000}, {.kind = UINT32_MAX}, {.kind = EMB_TEXT, .length = 3}, v_object(0),
                     v_text("\xff"), v_bigint("1"), v_items(EMB_SLICE, pair, 2), loop[0],
                     v_items(EMB_DICT, unhashable, 1)};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    given = bad[i];
    FAILS(emb_run("f()", -1, NULL, 0, 0), EMB_EXCEPTION, i == 8 ? "unhashable" : "result");
  }
  CHECK(define(echo, NULL, EMB_RESULT_OBJECT, NULL));
  CHECK(is_true("f(a) is a and f('x') == 'x' and sys.getrefcount(a) == before"));
}

/* 0: emb_error_raise; 1: an error of libemb's own; 2: lets an exception pass; 3: a status alone;
 * 4: deals with an error, but leaves it; 5: gives an object and fails all the same. */
static int way;
static emb_status failing(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                          int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length;
  switch (way) {
  case 0: return emb_error_raise("json.decoder.JSONDecodeError", -1, "no", -1);
  case 1: return emb_object_length(12345, NULL);
  case 2: return emb_run("raise error", -1, NULL, 0, 0);
  case 3: return -77;
  case 4: return emb_run("1/0", -1, NULL, 0, 0) == EMB_EXCEPTION ? EMB_OK : EMB_INTERNAL;
  case 5: *result = v_object(eval_object("a")); return emb_error_raise("KeyError", -1, "five", -1);
  default: return emb_error_raise("ValueError", -1, "caf\u00e9", 5);
  }
}

static void errors(void) {
  CHECK(run("import sys\nerror = LookupError('mine')\na = [1]\n"
            "def caught():\n  try: f()\n  except BaseException as e: return e\n"));
  CHECK(define(failing, NULL, 0, NULL));
  way = 6;
  CHECK(is_true("type(caught()) is ValueError and caught().args == ('caf\u00e9',)"));
  way = 0; /* its class cannot be called like that, which is an error too */
  CHECK(is_true("isinstance(caught(), TypeError)"));
  way = 1;
  CHECK(is_true("type(caught()) is RuntimeError and 'BadArgument' in str(caught())"));
  way = 2;
  CHECK(is_true("caught() is error and error.__traceback__ is not None"));
  emb_error taken_error = {.size = sizeof taken_error};
  CHECK_EQ(emb_run("f()", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_error_take(&taken_error), EMB_OK);
  CHECK(bind("same", taken_error.exception) && is_true("same is error"));
  FAILS(emb_error_raise_object(taken_error.exception), EMB_EXCEPTION, "mine");
  OK(emb_object_free(taken_error.exception));
  way = 3;
  CHECK(is_true("type(caught()) is RuntimeError and 'f returned -77 without an error' in str(caught())"));
  way = 4;
  CHECK(is_true("f() is None"));
  CHECK_EQ(check_take(), EMB_OK);
  CHECK(run("before = sys.getrefcount(a)"));
  way = 5;
  CHECK(is_true("caught().args == ('five',) and sys.getrefcount(a) == before"));

  FAILS(emb_error_raise("ValueError", -1, "bad", -1), EMB_EXCEPTION, "bad");
  FAILS(emb_error_raise("no.such.Error", -1, "bad", -1), EMB_EXCEPTION, "ModuleNotFoundError");
  FAILS(emb_error_raise("NoSuchError", -1, "bad", -1), EMB_EXCEPTION, "AttributeError");
  FAILS(emb_error_raise("int", -1, "7", -1), EMB_BAD_ARGUMENT, "not an exception");
  emb_handle list = eval_object("[]");
  FAILS(emb_error_raise_object(list), EMB_BAD_ARGUMENT, "not an exception");
  OK(emb_object_free(list));
}

/* Scopes of its own nest, and stay open; those of its caller are not its to close. */
/* Python cannot end under those who are in it. */
static emb_status ends(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                       int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  FAILS(emb_shutdown(), EMB_BAD_CALL, "let it return first");
  OK(emb_gil_suspend());
  FAILS(emb_shutdown(), EMB_BAD_CALL, "let it return first");
  return EMB_OK;
}

static emb_status locks(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                        int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  OK(emb_gil_acquire());
  OK(emb_gil_release());
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  OK(emb_gil_acquire());
  ++calls;
  return EMB_OK;
}

static void lock_scopes(void) {
  CHECK(define(ends, NULL, 0, NULL));
  CHECK(run("f(); f()"));
  CHECK(define(locks, NULL, 0, NULL));
  calls = 0;
  CHECK(run("f()"));
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  OK(emb_gil_acquire());
  CHECK(run("f(); f()"));
  OK(emb_gil_release());
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  CHECK(run("import threading; t = threading.Thread(target=f); t.start(); t.join()"));
  CHECK_EQ(calls, 4);
}

/* Calls Python, which calls it, down to 0. */
static emb_status nested(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                         int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)keywords, (void)keywords_length;
  if (nargs != 1 || args[0].kind != EMB_INT) return emb_error_raise("TypeError", -1, "an int", -1);
  if (args[0].as.integer == 0) return *result = v_text("bottom"), EMB_OK;
  emb_value down = {0}, inner[2] = {{0}, v_int(args[0].as.integer - 1)};
  emb_status status = emb_eval("down", -1, 0, EMB_RESULT_OBJECT, &down);
  if (status == EMB_OK) status = emb_eval("f", -1, 0, EMB_RESULT_OBJECT, &inner[0]);
  if (status == EMB_OK)
    status = emb_call(down.as.object, inner, 2, NULL, 0, EMB_RESULT_OBJECT, result);
  emb_object_free(down.as.object);
  emb_object_free(inner[0].as.object);
  return status;
}

static void *host_thread(void *unused) {
  for (int i = 0; i < 50; i++) {
    emb_value result = eval("f(5)");
    CHECK_TEXT(result, "bottom");
  }
  return unused;
}

/* Returns at once, and then calls another host function. */
static emb_status returns_early(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                                int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  char passing[] = "early";
  emb_value value = v_text(passing);
  OK(emb_callback_return(&value));
  memset(passing, 'x', 5);
  CHECK(is_true("inner(0) == 'bottom'"));
  return EMB_OK;
}

static void nesting_and_threads(void) {
  CHECK(run("def down(f, n): return f(n)"));
  CHECK(define(nested, NULL, EMB_RESULT_AUTO, NULL));
  CHECK(is_true("f(0) == 'bottom' and f(30) == 'bottom'"));
  CHECK(run("inner = f") && define(returns_early, NULL, EMB_RESULT_AUTO, NULL));
  CHECK(is_true("f() == 'early'"));
  CHECK(run("f = inner"));
  FAILS(emb_run("f('x')", -1, NULL, 0, 0), EMB_EXCEPTION, "an int");
  FAILS(emb_run("f(10**6)", -1, NULL, 0, 0), EMB_EXCEPTION, "RecursionError");
  CHECK(is_true("f(30) == 'bottom'"));
  CHECK(run("results = []\nimport threading\n"
            "def work():\n  for i in range(200): results.append(f(i % 7))\n"
            "threads = [threading.Thread(target=work) for _ in range(4)]\n"
            "for t in threads: t.start()"));
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, host_thread, NULL);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  CHECK(run("for t in threads: t.join()"));
  CHECK(is_true("results == ['bottom'] * 800"));
}

/* Calls Python, which calls it, down to 0, and asks there where the others were called. */
static int64_t places[5];
static emb_status placed(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                         int64_t keywords_length, emb_value *result) {
  if (nargs == 1 && args[0].kind == EMB_INT && args[0].as.integer > 0)
    return nested(userdata, args, nargs, keywords, keywords_length, result);
  for (size_t level = 0; level < COUNT(places); level++) OK(emb_callback_frames(level, &places[level]));
  return EMB_OK;
}

static void places_in_the_stack(void) {
  CHECK(run("import sysconfig\ndef down(f, n): return f(n)\ndef twice(f): return list(map(f, [1]))"));
  bool tells = !is_true("bool(sysconfig.get_config_var('Py_GIL_DISABLED'))");
  CHECK(define(placed, NULL, EMB_RESULT_AUTO, NULL));
  CHECK(run("twice(f)"));
  static const int64_t expected[] = {0, 1, -1};
  for (int level = 0; level < 3; level++) CHECK_EQ(places[level], tells ? expected[level] : -1);
  CHECK(run("f(3)"));
  for (int level = 0; level < 5; level++) CHECK_EQ(places[level], !tells || level == 4 ? -1 : level);
  /* Of no frame: all that there are. */
  emb_handle map = eval_object("map"), list = eval_object("list"), function = eval_object("f"), ones = eval_object("[1]");
  emb_value args[] = {v_object(function), v_object(ones)}, mapped = {0}, made = {0};
  OK(emb_call(map, args, 2, NULL, 0, EMB_RESULT_OBJECT, &mapped));
  OK(emb_call(list, &mapped, 1, NULL, 0, EMB_RESULT_OBJECT, &made));
  CHECK_EQ(places[1], tells ? 1 : -1);
  emb_handle handles[] = {map, list, function, ones, mapped.as.object, made.as.object};
  for (size_t i = 0; i < COUNT(handles); i++) OK(emb_object_free(handles[i]));
  OK(emb_callback_frames(0, &places[0]));
  CHECK_EQ(places[0], -1);
}

static void one_thread(void) {
  CHECK(define(note, NULL, EMB_RESULT_AUTO | EMB_ONE_THREAD, NULL));
  calls = 0;
  CHECK(run("f(1)\n"
            "import threading\n"
            "seen = []\n"
            "def elsewhere():\n"
            "    try: f(2)\n"
            "    except RuntimeError as error: seen.append(str(error))\n"
            "t = threading.Thread(target=elsewhere); t.start(); t.join()\n"
            "f(3)"));
  CHECK_EQ(calls, 2);
  CHECK(is_true("len(seen) == 1 and 'only on the thread that made it' in seen[0]"));
}

/* The same by one pointer. */
static emb_status packed(emb_packed_call *call) {
  CHECK(call->result.kind == EMB_NONE);
  call->result = v_int(*(int *)call->userdata + (int)call->nargs);
  if (call->keywords) {
    CHECK(call->keywords_length == 3 && memcmp(call->keywords, "a,b", 3) == 0);
    call->result = call->args[call->nargs + 1];
  } else if (call->nargs == 1 && call->args[0].kind == EMB_TEXT) {
    return emb_error_raise("ValueError", -1, call->args[0].as.text, -1);
  }
  return EMB_OK;
}

static void by_one_pointer(void) {
  int ten = 10;
  emb_handle function = 0;
  emb_function as_usual = (emb_function)(void (*)(void))packed;
  OK(emb_callback_new("packed", -1, NULL, 0, as_usual, &ten, EMB_CALLBACK_PACKED, NULL, &function));
  CHECK(bind("packed", function));
  CHECK(is_true("packed() == 10 and packed(1, 2.5) == 12 and packed(None) == 11"));
  CHECK(is_true("packed(1, a=2, b=3.5) == 3.5"));
  CHECK(run("try: packed('text')\nexcept ValueError as e: said = str(e)") && is_true("said == 'text'"));
  void *userdata = NULL;
  int32_t is_one = 0;
  OK(emb_callback_userdata(function, as_usual, &userdata, &is_one));
  CHECK(is_one == 1 && userdata == &ten);
  OK(emb_object_free(function));
}

int main(void) {
  start();
  arguments();
  taking_handles();
  handles_left();
  results();
  errors();
  lock_scopes();
  nesting_and_threads();
  places_in_the_stack();
  one_thread();
  by_one_pointer();
  CHECK_ALIVE();
  return check_result();
}
