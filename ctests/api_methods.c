/* Methods by their name: what a name means is found again only where it cannot come to mean
   something else. */
#include "check.h"

enum { OFTEN = 40 }; /* more calls than it takes until a method is looked into */

static emb_value method(emb_handle object, const char *name, const emb_value *args, size_t nargs) {
  emb_value result = {0};
  OK(emb_call_method(object, name, EMB_NUL_TERMINATED, args, nargs, NULL, 0, EMB_RESULT_AUTO, &result));
  return result;
}

static void of_builtin_classes(void) {
  emb_handle text = eval_object("'abc'"), list = eval_object("[]"), dict = eval_object("{}");
  CHECK(bind("list_", list) && bind("dict_", dict));
  for (int i = 0; i < OFTEN; i++) {
    emb_value number = v_int(i), two[] = {v_int(i), v_text("x")};
    CHECK_TEXT(method(text, "upper", NULL, 0), "ABC");
    CHECK_EQ(method(text, "find", (emb_value[]){v_text("c")}, 1).as.integer, 2);
    CHECK_EQ(method(list, "append", &number, 1).kind, EMB_NONE);
    CHECK_TEXT(method(dict, "setdefault", two, 2), "x");
  }
  CHECK(is_true("list_ == list(range(40)) and dict_ == dict.fromkeys(range(40), 'x')"));
  /* The same name is another method in another class, and none in a third. */
  emb_handle bytes = eval_object("b'abc'");
  emb_value other = method(bytes, "upper", NULL, 0);
  CHECK(other.kind == EMB_BYTES && memcmp(other.as.bytes, "ABC", 3) == 0);
  for (int i = 0; i < OFTEN; i++)
    FAILS(emb_call_method(list, "upper", 5, NULL, 0, NULL, 0, 0, NULL), EMB_EXCEPTION,
          "'list' object has no attribute 'upper'");
  CHECK_TEXT(method(text, "upper", NULL, 0), "ABC");
  /* What the method itself refuses. */
  FAILS(emb_call_method(text, "upper", 5, (emb_value[]){v_int(1)}, 1, NULL, 0, 0, NULL), EMB_EXCEPTION, "takes no arguments");
  FAILS(emb_call_method(list, "append", 6, NULL, 0, NULL, 0, 0, NULL), EMB_EXCEPTION, "exactly one argument");
  emb_object_free(text), emb_object_free(list), emb_object_free(dict), emb_object_free(bytes);
}

/* A class of Python code may change, though what it inherits is a method of a class that does not. */
static void of_classes_that_change(void) {
  CHECK(run("class Own(list):\n    __slots__ = ()\n"));
  emb_handle own = eval_object("Own([3, 1, 2])");
  for (int i = 0; i < OFTEN; i++) CHECK_EQ(method(own, "count", (emb_value[]){v_int(1)}, 1).as.integer, 1);
  CHECK(run("Own.count = lambda self, one: 'another'"));
  CHECK_TEXT(method(own, "count", (emb_value[]){v_int(1)}, 1), "another");
  CHECK(run("del Own.count"));
  CHECK_EQ(method(own, "count", (emb_value[]){v_int(1)}, 1).as.integer, 1);
  emb_object_free(own);
}

/* An object with attributes of its own may have one of that name. */
static void of_objects_with_attributes(void) {
  emb_handle error = eval_object("ValueError('no')"), none = eval_object("None");
  emb_value argument = v_object(none);
  CHECK(bind("error", error));
  for (int i = 0; i < OFTEN; i++) {
    emb_value same = method(error, "with_traceback", &argument, 1);
    CHECK_EQ(same.kind, EMB_OBJECT);
    emb_object_free(same.as.object);
  }
  CHECK(run("error.with_traceback = lambda traceback: 'another'"));
  CHECK_TEXT(method(error, "with_traceback", &argument, 1), "another");

  emb_handle module = eval_object("__import__('math')");
  CHECK(bind("math", module));
  for (int i = 0; i < OFTEN; i++) CHECK_EQ(method(module, "floor", (emb_value[]){v_float(2.5)}, 1).as.integer, 2);
  CHECK(run("floor, math.floor = math.floor, lambda real: 'another'"));
  CHECK_TEXT(method(module, "floor", (emb_value[]){v_float(2.5)}, 1), "another");
  CHECK(run("math.floor = floor"));
  emb_object_free(error), emb_object_free(none), emb_object_free(module);
}

/* What is bound to the class, or to nothing. */
static void of_the_class(void) {
  emb_handle dict = eval_object("{1: 2}"), bytes = eval_object("b''"), class = eval_object("int");
  emb_handle keys = eval_object("'ab'");
  for (int i = 0; i < OFTEN; i++) {
    emb_value made = method(dict, "fromkeys", (emb_value[]){v_object(keys)}, 1);
    CHECK(bind("made", made.as.object) && is_true("made == {'a': None, 'b': None}"));
    emb_object_free(made.as.object);
    made = method(bytes, "maketrans", (emb_value[]){v_bytes("a", 1), v_bytes("b", 1)}, 2);
    CHECK(made.kind == EMB_BYTES && made.length == 256 && ((const char *)made.as.bytes)['a'] == 'b');
    made = method(class, "mro", NULL, 0);
    CHECK(bind("made", made.as.object) && is_true("made == [int, object]"));
    emb_object_free(made.as.object);
  }
  emb_object_free(dict), emb_object_free(bytes), emb_object_free(class), emb_object_free(keys);
}

int main(void) {
  start();
  of_builtin_classes();
  of_classes_that_change();
  of_objects_with_attributes();
  of_the_class();
  return check_result();
}
