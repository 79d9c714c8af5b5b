/* The pending error: class, message, traceback and cause, once, on the thread that failed. */
#include "check.h"

#include <pthread.h>

static void nothing_pending(void) {
  emb_error error = {.size = sizeof error, .status = 5, .exception = 5};
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  CHECK_EQ(error.status, EMB_OK);
  CHECK_EQ(error.exception, 0);
  CHECK(error.type_name && error.message);
  CHECK_EQ(error.size, sizeof error);
}

static void own_errors(void) {
  emb_error error = {.size = sizeof error, .exception = 5};
  CHECK_EQ(emb_import(NULL, 3, NULL), EMB_BAD_ARGUMENT);
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  CHECK_EQ(error.status, EMB_BAD_ARGUMENT);
  CHECK(strcmp(error.type_name, "emb.BadArgument") == 0);
  CHECK_EQ(error.type_name_length, strlen(error.type_name));
  CHECK_EQ(error.message_length, strlen(error.message));
  CHECK_EQ(error.exception, 0);
  nothing_pending(); /* moved out: it is there once */
  FAILS(emb_object_free(12345), EMB_BAD_HANDLE, "emb.BadHandle");
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb.BadCall");
}

static const struct {
  const char *source, *type_name, *message;
} exceptions[] = {
    {"1 / 0", "ZeroDivisionError", "division by zero"},
    {"{}['k']", "KeyError", "'k'"},
    {"raise ValueError", "ValueError", ""},
    {"raise ValueError('caf\xc3\xa9')", "ValueError", "caf\xc3\xa9"},
    {"import json; json.loads('{')", "json.decoder.JSONDecodeError", "Expecting property name"},
    {"class Own(Exception): pass\nraise Own('mine')", "__main__.Own", "mine"},
    {"def f():\n  class Local(Exception): pass\n  raise Local(1, 2)\nf()",
     "__main__.f.<locals>.Local", "(1, 2)"},
    {"raise SystemExit(3)", "SystemExit", "3"},
    {"raise KeyboardInterrupt('stop')", "KeyboardInterrupt", "stop"},
    {"raise StopIteration(7)", "StopIteration", "7"},
    {"raise int", "TypeError", "exceptions must derive from BaseException"},
};

static void python_exceptions(void) {
  for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
    emb_error error = {.size = sizeof error};
    CHECK_EQ(emb_run(exceptions[i].source, -1, NULL, 0, 0), EMB_EXCEPTION);
    CHECK_EQ(emb_error_take(&error), EMB_OK);
    CHECK_EQ(error.status, EMB_EXCEPTION);
    if (!CHECK(strcmp(error.type_name, exceptions[i].type_name) == 0 &&
               strstr(error.message, exceptions[i].message) != NULL))
      fprintf(stderr, "  %s: %s\n", error.type_name, error.message);
    CHECK(bind("e", error.exception));
    CHECK(is_true("isinstance(e, BaseException) and e.__traceback__ is not None"));
    OK(emb_object_free(error.exception));
    nothing_pending();
  }
  emb_error error = {.size = sizeof error};
  CHECK_EQ(emb_run("raise ValueError('a\\0b')", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  CHECK(error.message_length == 3 && memcmp(error.message, "a\0b", 4) == 0);
  emb_object_free(error.exception);
}

/* The classes that are described at once, without asking Python. */
static void common_classes(void) {
  const char *const names[] = {"ValueError", "TypeError", "RuntimeError", "AttributeError", "IndexError",
                               "ZeroDivisionError", "NotImplementedError", "AssertionError", "OverflowError",
                               "ArithmeticError", "LookupError", "Exception"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char source[80];
    snprintf(source, sizeof source, "raise %s('of ' + 'this')", names[i]);
    FAILS(emb_run(source, -1, NULL, 0, 0), EMB_EXCEPTION, "of this");
    CHECK(strcmp(check_error.type_name, names[i]) == 0);
  }
}

static const struct {
  const char *source;
  bool plain;
} kinds[] = {
    {"raise ValueError('a')", true},
    {"len()", true},
    {"raise ValueError", false},
    {"raise ValueError(5)", false},
    {"raise ValueError('a', 'b')", false},
    {"{}['k']", false}, /* its message is not its argument */
    {"raise OSError('a')", false},
    {"class Own(ValueError): pass\nraise Own('a')", false},
    {"e = ValueError('a')\ne.more = 5\nraise e", false},
    {"raise ValueError('a') from TypeError('b')", false},
    {"try: 1 / 0\nexcept ZeroDivisionError: int('x')", false},
};

/* Exceptions of which the class and the message are all that there is, for hosts that ask no more. */
static void plain_ones(void) {
  CHECK(run("import sysconfig"));
  bool in_place = is_true("not sysconfig.get_config_var('Py_GIL_DISABLED')");
  for (size_t i = 0; i < COUNT(kinds); i++) {
    emb_error error = {.size = sizeof error, .flags = 7};
    CHECK_EQ(emb_run(kinds[i].source, -1, NULL, 0, 0), EMB_EXCEPTION);
    CHECK_EQ(emb_error_take(&error), EMB_OK);
    if (!CHECK_EQ(error.flags, in_place && kinds[i].plain ? EMB_ERROR_PLAIN : 0))
      fprintf(stderr, "  %s\n", kinds[i].source);
    emb_object_free(error.exception);
  }
  emb_error own = {.size = sizeof own, .flags = 7};
  CHECK_EQ(emb_import(NULL, 3, NULL), EMB_BAD_ARGUMENT);
  CHECK_EQ(emb_error_take(&own), EMB_OK);
  CHECK_EQ(own.flags, 0);
}

static void causes(void) {
  emb_error error = {.size = sizeof error};
  emb_value text = {0};
  CHECK_EQ(emb_run("def inner(): {}['lost']\n"
                   "try:\n  inner()\nexcept KeyError as e:\n  raise RuntimeError('outer') from e\n",
                   -1, "causes.py", -1, 0),
           EMB_EXCEPTION);
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  CHECK(strcmp(error.type_name, "RuntimeError") == 0);
  if (OK(emb_error_traceback(error.exception, &text))) {
    const char *expected[] = {"KeyError: 'lost'", "direct cause", "RuntimeError: outer",
                              "File \"causes.py\", line 1, in inner", "line 5, in <module>"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
      if (!CHECK(memmem(text.as.text, text.length, expected[i], strlen(expected[i])) != NULL))
        fprintf(stderr, "  %s\n", expected[i]);
  }
  emb_value cause = {0};
  OK(emb_object_getattr(error.exception, "__cause__", -1, 0, &cause));
  CHECK_EQ(cause.kind, EMB_OBJECT);
  emb_object_free(cause.as.object);
  emb_object_free(error.exception);
  emb_handle odd = eval_object("ValueError('\\ud800')");
  if (OK(emb_error_traceback(odd, &text))) CHECK_TEXT(text, "ValueError: \\ud800\n");
  emb_object_free(odd);
  emb_handle five = eval_object("5");
  FAILS(emb_error_traceback(five, &text), EMB_BAD_ARGUMENT, "exception");
  emb_object_free(five);
}

/* The traceback of what `source` raises, with each of the texts in it, in their order. */
static void traceback_has(const char *source, const char *const *expected) {
  emb_error error = {.size = sizeof error};
  emb_value text = {0};
  CHECK_EQ(emb_run(source, -1, "story.py", -1, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  if (!OK(emb_error_traceback(error.exception, &text))) return;
  const char *from = text.as.text;
  for (; *expected; expected++) {
    const char *found = strstr(from, *expected);
    if (!CHECK(found != NULL)) {
      fprintf(stderr, "  %s is not in its place in\n%s\n", *expected, text.as.text);
      break;
    }
    from = found + 1;
  }
  emb_object_free(error.exception);
}

static void contexts_notes_and_groups(void) {
  traceback_has("try:\n  {}['lost']\nexcept KeyError:\n  int('x')\n",
                (const char *[]){"KeyError: 'lost'", "During handling", "story.py\", line 4", "ValueError", NULL});
  traceback_has("try:\n  {}['lost']\nexcept KeyError:\n  raise RuntimeError('alone') from None\n",
                (const char *[]){"Traceback", "RuntimeError: alone", NULL});
  if (!is_true("__import__('sys').version_info >= (3, 11)")) return; /* there are none before */
  traceback_has("e = ValueError('noted')\ne.add_note('the first note')\ne.add_note('a second\\nof two lines')\n"
                "raise e\n",
                (const char *[]){"ValueError: noted", "\nthe first note", "\na second\nof two lines", NULL});
  traceback_has("inner = OSError('disk')\ninner.add_note('which disk')\n"
                "try:\n  raise inner\nexcept OSError as cause:\n"
                "  deep = ExceptionGroup('two', [KeyError('k'), inner])\n"
                "  raise ExceptionGroup('all', [TypeError('t'), deep]) from cause\n",
                (const char *[]){"OSError: disk", "which disk", "direct cause", "ExceptionGroup: all (2 sub-exceptions)",
                                 "TypeError: t", "ExceptionGroup: two (2 sub-exceptions)", "KeyError: 'k'",
                                 "OSError: disk", "which disk", NULL});
  /* The same through attributes, for hosts that make exceptions of their own of it. */
  emb_error error = {.size = sizeof error};
  emb_value notes = {0}, parts = {0};
  CHECK(emb_run("e = ExceptionGroup('g', [TypeError('t')])\ne.add_note('n')\nraise e", -1, NULL, 0, 0) < 0);
  OK(emb_error_take(&error) == EMB_OK ? EMB_OK : EMB_INTERNAL);
  CHECK(strcmp(error.type_name, "ExceptionGroup") == 0 && strcmp(error.message, "g (1 sub-exception)") == 0);
  OK(emb_object_getattr(error.exception, "__notes__", -1, EMB_RESULT_AUTO, &notes));
  OK(emb_object_getattr(error.exception, "exceptions", -1, EMB_RESULT_DEEP, &parts));
  CHECK(notes.kind == EMB_OBJECT && parts.kind == EMB_TUPLE && parts.as.items[0].kind == EMB_OBJECT);
  emb_object_free(parts.as.items[0].as.object);
  emb_object_free(notes.as.object);
  emb_object_free(error.exception);
}

/* Which calls keep a pending error, and which forget it. */
static void keeping(void) {
  emb_handle object = eval_object("object()");
  emb_error error = {.size = sizeof error};
  CHECK_EQ(emb_import("no_such_module", -1, &object), EMB_EXCEPTION);
  CHECK_EQ(emb_object_free(object), EMB_OK); /* a finaliser between failure and report */
  CHECK_EQ(emb_error_take(&error), EMB_OK);
  CHECK_EQ(error.status, EMB_EXCEPTION);
  CHECK(strcmp(error.type_name, "ModuleNotFoundError") == 0);
  emb_object_free(error.exception);

  CHECK_EQ(emb_gil_acquire(), EMB_OK);
  CHECK_EQ(emb_run("1/0", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_gil_release(), EMB_OK);
  FAILS(EMB_EXCEPTION, EMB_EXCEPTION, "ZeroDivisionError"); /* still pending */

  CHECK_EQ(emb_run("1/0", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_run("1", -1, NULL, 0, 0), EMB_OK);
  nothing_pending();
}

static void *other_thread(void *unused) {
  nothing_pending();
  FAILS(emb_run("raise OSError('there')", -1, NULL, 0, 0), EMB_EXCEPTION, "there");
  return unused;
}

static void one_text(void) {
  CHECK(strcmp(emb_error_text(), "") == 0);
  emb_run("raise KeyError('k')", EMB_NUL_TERMINATED, NULL, 0, 0);
  const char *text = emb_error_text();
  CHECK(strcmp(text, "KeyError: 'k'") == 0);
  CHECK(strcmp(emb_error_text(), "") == 0);
  emb_object_free(1);
  CHECK(strncmp(emb_error_text(), "emb.BadHandle: object is not", 28) == 0);
  emb_error error = {.size = sizeof error};
  OK(emb_error_take(&error));
  CHECK_EQ(error.status, EMB_OK);
}

int main(void) {
  start();
  nothing_pending();
  own_errors();
  python_exceptions();
  common_classes();
  plain_ones();
  causes();
  contexts_notes_and_groups();
  keeping();
  pthread_t thread;
  CHECK_EQ(emb_run("raise OSError('here')", -1, NULL, 0, 0), EMB_EXCEPTION);
  pthread_create(&thread, NULL, other_thread, NULL);
  pthread_join(thread, NULL);
  FAILS(EMB_EXCEPTION, EMB_EXCEPTION, "here"); /* another thread's failure changes nothing */
  CHECK_ALIVE();
  one_text();
  return check_result();
}
