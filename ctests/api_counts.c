/* References are counted as Python counts them, and what the host is given stays while it may. */
#include "check.h"

#define HANDLES 1000

static int64_t count_of(emb_handle object) {
  emb_value result = {0}, argument = v_object(object);
  emb_handle getrefcount = eval_object("__import__('sys').getrefcount");
  OK(emb_call(getrefcount, &argument, 1, NULL, 0, EMB_RESULT_AUTO, &result));
  OK(emb_object_free(getrefcount));
  return result.as.integer;
}

static void each_handle_is_one_reference(void) {
  static emb_handle handles[HANDLES];
  emb_handle object = eval_object("object()");
  int64_t before = count_of(object);
  for (int i = 0; i < HANDLES; i++) OK(emb_object_clone(object, &handles[i]));
  CHECK_EQ(count_of(object), before + HANDLES);
  for (int i = 0; i < HANDLES; i++) OK(emb_object_free(handles[i]));
  CHECK_EQ(count_of(object), before);
  for (int i = 0; i < HANDLES; i++) { /* calls, attributes and arguments leave none behind */
    emb_value argument = v_object(object), result = {0};
    OK(emb_call_method(object, "__eq__", -1, &argument, 1, NULL, 0, EMB_RESULT_AUTO, &result));
    OK(emb_object_getattr(object, "__class__", -1, EMB_RESULT_AUTO, NULL));
  }
  CHECK_EQ(count_of(object), before);
  OK(emb_object_free(object));
}

static void the_last_reference_ends_the_object(void) {
  CHECK(run("import weakref\nclass Thing: pass\nthing = Thing()\nweak = weakref.ref(thing)"));
  emb_handle thing = eval_object("thing");
  CHECK(run("del thing"));
  CHECK(is_true("weak() is not None"));
  OK(emb_object_free(thing));
  CHECK(is_true("weak() is None"));
}

/* None, True and small ints are immortal since 3.12, and have counts of their own before. */
static void constants_stay(void) {
  for (int i = 0; i < 100000; i++) {
    emb_value items[] = {v_none(), v_bool(true), v_int(1)};
    emb_value tuple = v_items(EMB_TUPLE, items, 3);
    emb_handle made = 0;
    OK(emb_object_new(&tuple, &made));
    OK(emb_object_free(made));
  }
  CHECK(is_true("[None, True, 1] == [None, not False, 2 - 1]"));
}

/* The message of a common exception points into Python: it stays until the next one is taken. */
static void a_message_stays_until_the_next_is_taken(void) {
  emb_error first = {.size = sizeof first}, second = {.size = sizeof second};
  CHECK_EQ(emb_run("raise ValueError('first' * 100)", -1, NULL, 0, 0), EMB_EXCEPTION);
  OK(emb_error_take(&first));
  OK(emb_object_free(first.exception));
  for (int i = 0; i < 20; i++) {
    CHECK_EQ(emb_run("raise TypeError('later' * 100)", -1, NULL, 0, 0), EMB_EXCEPTION);
    CHECK(run("import gc; gc.collect(); x = ['other' * 100 for i in range(100)]"));
  }
  CHECK_EQ(first.message_length, 500);
  CHECK(strncmp(first.message, "firstfirst", 10) == 0 && first.message[500] == 0);
  CHECK(strcmp(first.type_name, "ValueError") == 0);
  CHECK_EQ(emb_run("raise IndexError('second')", -1, NULL, 0, 0), EMB_EXCEPTION);
  OK(emb_error_take(&second));
  CHECK(strcmp(second.message, "second") == 0);
  OK(emb_object_free(second.exception));
}

/* What an exception says is asked of it when the host wants to know, and not before. */
static void unread_errors_run_no_code(void) {
  CHECK(run("told = 0\n"
            "class Text(str):\n  def __str__(self):\n    global told; told += 1\n    return 'told'\n"
            "class Own(ValueError):\n  def __str__(self):\n    global told; told += 1\n    return 'own'\n"));
  CHECK_EQ(emb_run("raise ValueError(Text('x'))", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK_EQ(emb_run("raise Own('x')", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK(is_true("told == 0"));
  FAILS(emb_run("raise ValueError(Text('x'))", -1, NULL, 0, 0), EMB_EXCEPTION, "told");
  FAILS(emb_run("raise Own('x')", -1, NULL, 0, 0), EMB_EXCEPTION, "own");
  FAILS(emb_run("raise ValueError('a', 'b')", -1, NULL, 0, 0), EMB_EXCEPTION, "('a', 'b')");
  FAILS(emb_run("raise ValueError('\\udc80')", -1, NULL, 0, 0), EMB_EXCEPTION, "\\udc80");
}

/* An exception that the host lets go takes its objects with it. */
static void unread_errors_are_let_go(void) {
  CHECK(run("import weakref\nclass Thing(str): pass\n"
            "def fail():\n  global weak\n  error = ValueError('x' * 100)\n  error.thing = Thing()\n"
            "  weak = weakref.ref(error.thing)\n  try: raise error\n  finally: del error"));
  CHECK_EQ(emb_run("fail()", -1, NULL, 0, 0), EMB_EXCEPTION);
  CHECK(is_true("weak() is None"));
}

int main(void) {
  start();
  each_handle_is_one_reference();
  the_last_reference_ends_the_object();
  OK(emb_gil_acquire());
  each_handle_is_one_reference();
  the_last_reference_ends_the_object();
  OK(emb_gil_release());
  constants_stay();
  a_message_stays_until_the_next_is_taken();
  unread_errors_run_no_code();
  unread_errors_are_let_go();
  CHECK_ALIVE();
  return check_result();
}
