/* emb_generic.h: every kind of argument and of result, and what is refused. */
#include "check.h"
#include "emb_generic.h"

static emb_handle text_of; /* lambda *a, **k: repr((a, k)) */

/* What Python was given, as it writes it. */
#define SEEN(literal, ...)                            \
  do {                                                \
    emb_value seen = {0};                             \
    emb_status status = EMB_CALL(text_of, &seen, __VA_ARGS__); \
    OK(status);                                       \
    CHECK_TEXT(seen, literal);                        \
  } while (0)

static void arguments(void) {
  bool yes = true;
  char letter = 'a', text[] = "abc";
  const char *constant = "d\xc3\xa9";
  short small = -3;
  unsigned int large = 4000000000u;
  size_t size = 7;
  emb_value none = {0};
  SEEN("((1, -3, 4000000000, 97, 5), {})", 1, small, large, letter, 5LL);
  SEEN("((2.5, 1.5), {})", 2.5, 1.5f);
  SEEN("((True, True, False), {})", yes, EMB_TRUE, EMB_FALSE);
  SEEN("(('abc', 'd\xc3\xa9', 'x', None, None), {})", text, constant, "x", NULL, none);
  SEEN("((7, 18446744073709551615), {})", EMB_U64(size), EMB_U64(UINT64_MAX));
  SEEN("(('a\\x00b', b'\\xff'), {})", EMB_STRING("a\0b", 3), EMB_BLOB("\xff", 1));
  SEEN("(((9, 7.5), [1, 'b', [2]], {'k': (1,)}), {})", EMB_TUPLE_OF(9, 7.5),
       EMB_LIST_OF(1, "b", EMB_LIST_OF(2)), EMB_DICT_OF("k", EMB_TUPLE_OF(1)));
  SEEN("((), {'color': 'red', 'lw': 2})", EMB_KW("color", "red"), EMB_KW("lw", 2));
  SEEN("((1,), {'size': (1, 2)})", 1, EMB_KW("size", EMB_TUPLE_OF(1, 2)));
  SEEN("((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), {'p': 16})", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
       11, 12, 13, 14, 15, EMB_KW("p", 16));
  emb_handle list = 0, same = 0;
  list = eval_object("[1, 2]");
  SEEN("(([1, 2],), {})", EMB_OBJ(list));
  int evaluated = 0;
  OK(EMB_METHOD(list, "append", NULL, ++evaluated));
  CHECK_EQ(evaluated, 1);
  OK(EMB_METHOD(list, "copy", &same));
  SEEN("(([1, 2, 1],), {})", EMB_OBJ(same));
  OK(emb_object_free(same));
  OK(emb_object_free(list));
}

static void results(void) {
  emb_handle identity = eval_object("lambda x: x"), math = 0, made = 0;
  emb_value value = {0};
  double real = 0;
  float single = 0;
  bool truth = false;
  signed char tiny = 0;
  short small = 0;
  int number = 0;
  long large = 0;
  long long larger = 0;
  OK(emb_import("math", EMB_NUL_TERMINATED, &math));
  OK(EMB_METHOD(math, "sqrt", &real, 2.0));
  CHECK(real > 1.41 && real < 1.42);
  OK(EMB_GETATTR(math, "pi", &single));
  CHECK(single > 3.14f && single < 3.15f);
  OK(EMB_CALL(identity, &real, 3));
  CHECK_REAL(real, 3.0);
  OK(EMB_CALL(identity, &truth, EMB_TRUE));
  CHECK(truth);
  OK(EMB_CALL(identity, &tiny, -128));
  OK(EMB_CALL(identity, &small, 32767));
  OK(EMB_CALL(identity, &number, INT32_MIN));
  OK(EMB_CALL(identity, &large, INT64_MIN));
  OK(EMB_CALL(identity, &larger, INT64_MAX));
  CHECK(tiny == -128 && small == 32767 && number == INT32_MIN && large == INT64_MIN);
  CHECK(larger == INT64_MAX);
  OK(EMB_CALL(identity, &value, "text"));
  CHECK_TEXT(value, "text");
  OK(EMB_CALL(identity, &made, 5)); /* a handle is asked for: an object, also of a number */
  OK(EMB_CALL(identity, &number, EMB_OBJ(made)));
  CHECK_EQ(number, 5);
  OK(emb_object_free(made));

  FAILS(EMB_CALL(identity, &tiny, 128), EMB_EXCEPTION, "OverflowError");
  FAILS(EMB_CALL(identity, &number, 2147483648), EMB_EXCEPTION, "OverflowError");
  FAILS(EMB_CALL(identity, &number, 1.5), EMB_EXCEPTION, "a float, not an int");
  FAILS(EMB_CALL(identity, &number, "1"), EMB_EXCEPTION, "text");
  FAILS(EMB_CALL(identity, &real, NULL), EMB_EXCEPTION, "None");
  FAILS(EMB_CALL(identity, &real, EMB_OBJ(math)), EMB_EXCEPTION, "__float__");
  FAILS(EMB_CALL(identity, &truth, 1), EMB_EXCEPTION, "an int, not a bool");
  /* Whole numbers are not rounded, and no number becomes infinite. */
  emb_handle large_int = eval_object("2**64 + 1"), power = eval_object("2**64");
  OK(EMB_CALL(identity, &real, EMB_OBJ(power)));
  CHECK_REAL(real, 0x1p64);
  OK(EMB_CALL(identity, &real, INT64_MIN));
  CHECK_REAL(real, -0x1p63);
  real = 3;
  single = 1;
  FAILS(EMB_CALL(identity, &real, INT64_MAX), EMB_EXCEPTION, "OverflowError");
  FAILS(EMB_CALL(identity, &real, ((int64_t)1 << 53) + 1), EMB_EXCEPTION, "OverflowError");
  FAILS(EMB_CALL(identity, &real, EMB_OBJ(large_int)), EMB_EXCEPTION, "OverflowError");
  FAILS(EMB_CALL(identity, &single, 16777217), EMB_EXCEPTION, "OverflowError");
  FAILS(EMB_CALL(identity, &single, 1e300), EMB_EXCEPTION, "OverflowError");
  CHECK(single == 1);
  OK(EMB_CALL(identity, &single, (double)INFINITY));
  CHECK(isinf(single));
  OK(emb_object_free(large_int));
  OK(emb_object_free(power));
  CHECK(tiny == -128 && number == 5 && truth);
  CHECK_REAL(real, 3.0);
  if (has_module("numpy")) {
    emb_handle array = eval_object("__import__('numpy').arange(4)");
    OK(EMB_METHOD(array, "mean", &real));
    CHECK_REAL(real, 1.5);
    OK(EMB_METHOD(array, "max", &number));
    CHECK_EQ(number, 3);
    OK(EMB_METHOD(array, "all", &truth));
    CHECK(!truth);
    OK(emb_object_free(array));
  }
  OK(emb_object_free(identity));
  OK(emb_object_free(math));
}

static void attributes_and_items(void) {
  emb_handle space = eval_object("__import__('types').SimpleNamespace(d={})"), dict = 0;
  int number = 0;
  OK(EMB_SETATTR(space, "x", 5));
  OK(EMB_GETATTR(space, "x", &number));
  CHECK_EQ(number, 5);
  OK(EMB_GETATTR(space, "d", &dict));
  OK(EMB_SETITEM(dict, EMB_TUPLE_OF(1, "a"), 8));
  OK(EMB_GETITEM(dict, EMB_TUPLE_OF(1, "a"), &number));
  CHECK_EQ(number, 8);
  FAILS(EMB_GETITEM(dict, "lost", &number), EMB_EXCEPTION, "KeyError");
  FAILS(EMB_GETATTR(space, "lost", NULL), EMB_EXCEPTION, "AttributeError");
  CHECK_EQ(number, 8);
  OK(emb_object_free(dict));
  OK(emb_object_free(space));
}

static void mistakes(void) {
  int anything = 0;
  FAILS(EMB_CALL(text_of, NULL, EMB_KW("a", 1), 2), EMB_EXCEPTION, "positional argument follows");
  FAILS(EMB_CALL(text_of, NULL, (void *)&anything), EMB_BAD_ARGUMENT, "kind");
  FAILS(EMB_CALL(text_of, NULL, EMB_OBJ(123456789)), EMB_BAD_HANDLE, NULL);
  FAILS(EMB_CALL(0, NULL), EMB_BAD_HANDLE, NULL);
  FAILS(EMB_CALL(text_of, NULL, (const char *)NULL), EMB_BAD_ARGUMENT, "NULL");
  FAILS(EMB_CALL(text_of, NULL, EMB_KW("a,b,c", 1)), EMB_EXCEPTION, "comma");
  FAILS(EMB_CALL(text_of, NULL, EMB_KW("", 1)), EMB_EXCEPTION, "empty");
  FAILS(EMB_CALL(text_of, NULL, EMB_STRING("", UINT32_MAX)), EMB_BAD_ARGUMENT, "kind");
  char name[600];
  memset(name, 'n', sizeof name);
  name[sizeof name - 1] = 0;
  FAILS(EMB_CALL(text_of, NULL, EMB_KW(name, 1)), EMB_EXCEPTION, "too long");
}

int main(void) {
  start();
  text_of = eval_object("lambda *a, **k: repr((a, k))");
  arguments();
  results();
  attributes_and_items();
  mistakes();
  OK(emb_object_free(text_of));
  CHECK_ALIVE();
  return check_result();
}
