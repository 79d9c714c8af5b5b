/* Values on their way into Python and back, and calls with all that a call can have. */
#include "check.h"

#include <math.h>

/* repr() of the object that a value becomes. */
static emb_value repr_of(emb_value value) {
  emb_handle object = 0;
  emb_value text = {.kind = UINT32_MAX};
  if (OK(emb_object_new(&value, &object))) OK(emb_object_text(object, EMB_TEXT_REPR, &text));
  emb_object_free(object);
  return text;
}

static void inputs(void) {
  emb_value pair[] = {v_int(1), v_text("a")};
  emb_value inner[] = {v_items(EMB_TUPLE, pair, 2), v_items(EMB_LIST, NULL, 0)};
  emb_value slice[] = {v_none(), v_int(5), v_none()};
  double parts[] = {-0.0, 2.5};
  CHECK_TEXT(repr_of(v_none()), "None");
  CHECK_TEXT(repr_of((emb_value){0}), "None");
  CHECK_TEXT(repr_of(v_bool(true)), "True");
  CHECK_TEXT(repr_of((emb_value){.kind = EMB_BOOL, .as.integer = 7}), "True");
  CHECK_TEXT(repr_of(v_int(1)), "1");
  CHECK_TEXT(repr_of(v_int(INT64_MIN)), "-9223372036854775808");
  CHECK_TEXT(repr_of(v_uint(UINT64_MAX)), "18446744073709551615");
  CHECK_TEXT(repr_of(v_float(-0.0)), "-0.0");
  CHECK_TEXT(repr_of(v_float(NAN)), "nan");
  CHECK_TEXT(repr_of(v_float(-INFINITY)), "-inf");
  CHECK_TEXT(repr_of(v_text_n("a\0b", 3)), "'a\\x00b'");
  CHECK_TEXT(repr_of(v_text_n(NULL, 0)), "''");
  CHECK_TEXT(repr_of(v_text_n("measured\0not this", (uint32_t)EMB_NUL_TERMINATED)), "'measured'");
  CHECK_TEXT(repr_of((emb_value){.kind = EMB_BIGINT, .length = UINT32_MAX, .as.text = "-0x1f"}), "-31");
  CHECK_TEXT(repr_of(v_bytes("\xff\0", 2)), "b'\\xff\\x00'");
  CHECK_TEXT(repr_of(v_bytes(NULL, 0)), "b''");
  CHECK_TEXT(repr_of((emb_value){.kind = EMB_ELLIPSIS}), "Ellipsis");
  CHECK_TEXT(repr_of((emb_value){.kind = EMB_NOT_IMPLEMENTED}), "NotImplemented");
  CHECK_TEXT(repr_of((emb_value){.kind = EMB_COMPLEX, .as.reals = parts}), "(-0+2.5j)");
  CHECK_TEXT(repr_of(v_bigint("-0x1f")), "-31");
  CHECK_TEXT(repr_of(v_bigint("0x10000000000000000")), "18446744073709551616");
  CHECK_TEXT(repr_of(v_items(EMB_TUPLE, NULL, 0)), "()");
  CHECK_TEXT(repr_of(v_items(EMB_LIST, inner, 2)), "[(1, 'a'), []]");
  CHECK_TEXT(repr_of(v_items(EMB_DICT, pair, 1)), "{1: 'a'}");
  CHECK_TEXT(repr_of(v_items(EMB_DICT, inner, 1)), "{(1, 'a'): []}");
  CHECK_TEXT(repr_of(v_items(EMB_SLICE, slice, 3)), "slice(None, 5, None)");
}

static void results(void) {
  emb_value value;
  CHECK_EQ(eval("None").kind, EMB_NONE);
  value = eval("True");
  CHECK(value.kind == EMB_BOOL && value.as.integer == 1);
  value = eval("1");
  CHECK(value.kind == EMB_INT && value.as.integer == 1);
  CHECK_EQ(eval("2**63 - 1").as.integer, INT64_MAX);
  CHECK_EQ(eval("-2**63").as.integer, INT64_MIN);
  CHECK_REAL(eval("-0.0").as.real, -0.0);
  CHECK(isnan(eval("float('nan')").as.real));
  CHECK_TEXT(eval("'a\\0b\\u20ac'"), "a\0b\xe2\x82\xac");
  CHECK_TEXT(eval("''"), "");
  CHECK_BYTES(eval("b'\\xff\\0'"), "\xff\0");
  /* What does not fit a value stays an object, and says so. */
  const char *objects[] = {"2**63", "-2**63 - 1", "1j", "()", "[]", "{}", "'\\ud800'", "bytearray(2)"};
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
    value = eval(objects[i]);
    if (!CHECK(value.kind == EMB_OBJECT)) fprintf(stderr, "  %s\n", objects[i]);
    OK(emb_object_free(value.as.object));
  }
}

static void deep_results(void) {
  emb_value deep = eval_as("(1, 2.5, 'x\\0y', b'z', None, True, (10**30, -2**64, 1-2j), [], ())",
                           EMB_RESULT_DEEP);
  CHECK_EQ(deep.kind, EMB_TUPLE);
  if (CHECK_EQ(deep.length, 9)) {
    const emb_value *items = deep.as.items;
    CHECK(items[0].kind == EMB_INT && items[0].as.integer == 1);
    CHECK_REAL(items[1].as.real, 2.5);
    CHECK_TEXT(items[2], "x\0y");
    CHECK_BYTES(items[3], "z");
    CHECK_EQ(items[4].kind, EMB_NONE);
    CHECK_EQ(items[5].kind, EMB_BOOL);
    CHECK(items[6].kind == EMB_TUPLE && items[6].length == 3);
    CHECK_BIGINT(items[6].as.items[0], "0xc9f2c9cd04674edea40000000");
    CHECK_BIGINT(items[6].as.items[1], "-0x10000000000000000");
    CHECK_EQ(items[6].as.items[2].kind, EMB_COMPLEX);
    CHECK_REAL(items[6].as.items[2].as.reals[0], 1.0);
    CHECK_REAL(items[6].as.items[2].as.reals[1], -2.0);
    CHECK_EQ(items[7].kind, EMB_OBJECT);
    OK(emb_object_free(items[7].as.object)); /* objects inside are the caller's */
    CHECK(items[8].kind == EMB_TUPLE && items[8].length == 0);
    /* A result is a value like any other: it goes in again as it came out. */
    CHECK_TEXT(repr_of(items[6]), "(1000000000000000000000000000000, -18446744073709551616, (1-2j))");
  }
  CHECK(run("from collections import namedtuple\nPair = namedtuple('Pair', 'a b')"));
  deep = eval_as("Pair(1, 2)", EMB_RESULT_DEEP); /* a subclass: its class matters */
  CHECK_EQ(deep.kind, EMB_OBJECT);
  OK(emb_object_free(deep.as.object));
  CHECK(run("nest = ()\nfor _ in range(1000): nest = (nest,)"));
  deep = eval_as("nest", EMB_RESULT_DEEP); /* unpacked as far as it goes, the rest an object */
  int levels = 0;
  while (deep.kind == EMB_TUPLE && deep.length == 1) deep = deep.as.items[0], levels++;
  CHECK(levels >= 100 && deep.kind == EMB_OBJECT);
  OK(emb_object_free(deep.as.object));
  deep = eval_as("5", EMB_RESULT_OBJECT);
  CHECK_EQ(deep.kind, EMB_OBJECT);
  OK(emb_object_free(deep.as.object));
}

static void calls(void) {
  CHECK(run("def show(*args, **kwargs): return repr(args) + repr(sorted(kwargs.items()))\n"
            "class Thing:\n  def show(self, *args, **kwargs): return show(*args, **kwargs)\n"
            "count = 0\n"
            "def counted():\n  global count\n  count += 1\n"));
  emb_handle show = eval_object("show"), thing = eval_object("Thing()");
  emb_value args[] = {v_int(1), v_bool(false), v_float(2), v_text("t"), v_object(show)};
  emb_value value = {0}, many[100];
  OK(emb_call(show, NULL, 0, NULL, 0, 0, &value));
  CHECK_TEXT(value, "()[]");
  OK(emb_call(show, args, 2, NULL, 0, 0, &value));
  CHECK_TEXT(value, "(1, False)[]");
  OK(emb_call(show, args, 2, "b,a", -1, 0, &value));
  CHECK_TEXT(value, "(1, False)[('a', 't'), ('b', 2.0)]");
  OK(emb_call(show, args, 0, "caf\xc3\xa9", 5, 0, &value));
  CHECK_TEXT(value, "()[('caf\xc3\xa9', 1)]");
  OK(emb_call(show, args, 1, "", 0, 0, &value));
  CHECK_TEXT(value, "(1,)[]");
  OK(emb_call(show, args, 1, "ab", 1, 0, &value)); /* the length counts, not the NUL */
  CHECK_TEXT(value, "(1,)[('a', False)]");
  OK(emb_call_method(thing, "show", -1, args, 1, "x", -1, 0, &value));
  CHECK_TEXT(value, "(1,)[('x', False)]");
  OK(emb_call_method(thing, "show", -1, args, 1, NULL, 0, 0, NULL));
  for (int i = 0; i < 100; i++) many[i] = v_int(1);
  OK(emb_call(show, many, 100, NULL, 0, 0, &value));
  CHECK_EQ(value.length, 302);
  FAILS(emb_call_method(thing, "hide", -1, args, 1, NULL, 0, 0, &value), EMB_EXCEPTION, "hide");
  FAILS(emb_call(show, args, 1, "a,a", -1, 0, &value), EMB_BAD_ARGUMENT, "keywords");
  FAILS(emb_call(show, args, 1, "a,,b", -1, 0, &value), EMB_BAD_ARGUMENT, "keywords");

  /* A call whose arguments are wrong is not made, be it the last one or the flags. */
  emb_handle counted = eval_object("counted");
  FAILS(emb_call(counted, NULL, 0, NULL, 0, 99, &value), EMB_BAD_ARGUMENT, "flags");
  FAILS(emb_call(counted, NULL, 0, NULL, 0, 99, NULL), EMB_BAD_ARGUMENT, "flags");
  CHECK_EQ(eval("count").as.integer, 0);
  emb_object_free(show);
  emb_object_free(thing);
  emb_object_free(counted);
}

int main(void) {
  start();
  inputs();
  results();
  deep_results();
  calls();
  CHECK_ALIVE();
  return check_result();
}
