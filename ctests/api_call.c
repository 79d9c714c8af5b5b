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

/* Whether the place behind a container says that it was `before` and is `now` (expressions). */
static int told(emb_value place, const char *before, const char *now) {
  char source[200];
  if (place.kind != EMB_OBJECT || !bind("told", place.as.object)) return 0;
  snprintf(source, sizeof source, "told == (%s, %s)", before, now);
  OK(emb_object_free(place.as.object));
  return is_true(source);
}

/* Containers among the arguments that a call may change. */
static void watched(void) {
  CHECK(run("def change(a, b=None, fail=False):\n  a.append(3); a[0] = 9\n"
            "  if b is not None: b['k'] = 5; b.pop('x')\n  if fail: raise OSError('after')\n"
            "  return len(a)\n"
            "class Changer:\n  def add(self, a): a.add(2)\n"
            "changer = Changer()"));
  emb_handle change = eval_object("change"), changer = eval_object("changer"), look = eval_object("len");
  emb_value numbers[] = {v_int(1), v_int(2)}, pairs[] = {v_text("x"), v_int(1)};
  emb_value list[2] = {v_items(EMB_LIST, numbers, 2), v_none()};
  emb_value dict[2] = {v_items(EMB_DICT, pairs, 1), v_none()};
  emb_value set[2] = {v_items(EMB_SET, numbers, 1), v_none()};
  emb_value watch_list = {.kind = EMB_WATCHED, .as.items = list};
  emb_value args[] = {watch_list, {.kind = EMB_WATCHED, .as.items = dict}, v_bool(1)}, result = {.kind = 99};
  OK(emb_call(change, args, 2, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK_EQ(result.as.integer, 3);
  CHECK(told(list[1], "(1, 2)", "(9, 2, 3)"));
  CHECK(told(dict[1], "('x', 1)", "('k', 5)"));

  /* Also where the call fails, and where nobody asks for it. */
  list[1] = dict[1] = v_none();
  FAILS(emb_call(change, args, 2, "fail", -1, EMB_CALL_WATCH, &result), EMB_EXCEPTION, "after");
  CHECK(told(list[1], "(1, 2)", "(9, 2, 3)"));
  CHECK(told(dict[1], "('x', 1)", "('k', 5)"));
  list[1] = dict[1] = v_none();
  OK(emb_call(change, args, 2, NULL, 0, 0, &result));
  CHECK(list[1].kind == EMB_NONE && dict[1].kind == EMB_NONE);

  /* By a method, inside of another container, and in an object of the host's making. */
  args[0] = (emb_value){.kind = EMB_WATCHED, .as.items = set};
  OK(emb_call_method(changer, "add", -1, args, 1, NULL, 0, EMB_CALL_WATCH, NULL));
  CHECK(told(set[1], "(1,)", "(1, 2)"));
  args[0] = v_items(EMB_TUPLE, &watch_list, 1);
  emb_handle inside = eval_object("lambda pair: pair[0].clear()");
  OK(emb_call(inside, args, 1, NULL, 0, EMB_CALL_WATCH, NULL));
  CHECK(told(list[1], "(1, 2)", "()"));
  list[0] = v_object(eval_object("[7]"));
  list[1] = v_none();
  args[0] = watch_list;
  OK(emb_call(change, args, 1, NULL, 0, EMB_CALL_WATCH | EMB_RESULT_OBJECT, &result));
  CHECK(told(list[1], "(7,)", "(9, 3)"));
  emb_object_free(list[0].as.object);
  emb_object_free(result.as.object);

  /* The same one twice. */
  list[0] = v_items(EMB_LIST, numbers, 2);
  emb_value again = {.kind = EMB_WATCHED, .length = 1, .as.items = list};
  emb_value twice[] = {again, again, watch_list}; /* no other comes before the first */
  emb_handle are_same = eval_object("lambda a, b, c: (a is b, a is c, a.append(3))[:2]");
  list[1] = v_none();
  OK(emb_call(are_same, twice, 3, NULL, 0, EMB_CALL_WATCH | EMB_RESULT_OBJECT, &result));
  CHECK(bind("same", result.as.object) && is_true("same == (True, False)"));
  CHECK(told(list[1], "(1, 2)", "(1, 2, 3)"));
  OK(emb_object_free(result.as.object));
  OK(emb_call(are_same, twice, 3, NULL, 0, EMB_RESULT_OBJECT, &result)); /* where nothing is watched */
  CHECK(bind("same", result.as.object) && is_true("same == (False, False)"));
  OK(emb_object_free(result.as.object));
  OK(emb_object_free(are_same));

  /* What is not changed is not told of, and elsewhere it is a container like any other. */
  list[0] = v_items(EMB_LIST, numbers, 2);
  list[1] = v_none();
  OK(emb_call(look, args, 1, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK(result.as.integer == 2 && list[1].kind == EMB_NONE);
  emb_handle made = 0;
  OK(emb_object_new(&watch_list, &made));
  CHECK(bind("made", made) && is_true("made == [1, 2]"));
  list[0] = v_int(1); /* no container */
  FAILS(emb_call(look, args, 1, NULL, 0, EMB_CALL_WATCH, &result), EMB_BAD_ARGUMENT, "EMB_WATCHED");
  args[0].as.items = NULL;
  FAILS(emb_call(look, args, 1, NULL, 0, EMB_CALL_WATCH, &result), EMB_BAD_ARGUMENT, "NULL");

  /* Lists of numbers that stand in the host's memory. */
  double reals[] = {0.5, -0.0, NAN};
  int64_t integers[] = {1, INT64_MIN, INT64_MAX};
  args[0] = watch_list;
  list[0] = (emb_value){.kind = EMB_FLOATS, .length = 3, .as.reals = reals};
  OK(emb_call(change, args, 1, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK(list[1].kind == EMB_OBJECT && bind("told", list[1].as.object));
  CHECK(is_true("str(told) == '((0.5, -0.0, nan), (9, -0.0, nan, 3))'"));
  OK(emb_object_free(list[1].as.object));
  list[0] = (emb_value){.kind = EMB_INTS, .length = 3, .as.integers = integers};
  OK(emb_call(change, args, 1, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK(told(list[1], "(1, -2**63, 2**63-1)", "(9, -2**63, 2**63-1, 3)"));
  const char *changes[] = {"a.pop()", "a.append(1)", "a.reverse()", "a.__setitem__(0, True)"};
  for (size_t i = 0; i < COUNT(changes); i++) {
    char source[80];
    snprintf(source, sizeof source, "lambda a: [%s, None][1]", changes[i]);
    emb_handle function = eval_object(source);
    list[1] = v_none();
    OK(emb_call(function, args, 1, NULL, 0, EMB_CALL_WATCH, &result));
    CHECK(list[1].kind == EMB_OBJECT);
    OK(emb_object_free(list[1].as.object));
    OK(emb_object_free(function));
  }
  emb_handle type_of = eval_object("lambda a: ' '.join(type(x).__name__ for x in a)");
  for (int i = 0; i < 2; i++) {
    if (i) list[0] = (emb_value){.kind = EMB_FLOATS, .length = 3, .as.reals = reals};
    list[1] = v_none();
    OK(emb_call(type_of, args, 1, NULL, 0, EMB_CALL_WATCH, &result));
    if (i)
      CHECK_TEXT(result, "float float float");
    else
      CHECK_TEXT(result, "int int int");
    CHECK_EQ(list[1].kind, EMB_NONE);
  }
  OK(emb_object_free(type_of));
  emb_handle all[] = {change, changer, look, inside, made};
  OK(emb_object_free_many(all, 5));
}

/* Which containers among the arguments Python has after the call. */
static void kept(void) {
  CHECK(run("def keep(a, b):\n  global has\n  has = a, b\n  b['y'] = 2"));
  emb_handle keep = eval_object("keep"), look = eval_object("lambda a, b: b.update(z=1)");
  emb_value numbers[] = {v_int(1), v_int(2)}, pairs[] = {v_text("x"), v_int(1)};
  emb_value inner[2] = {v_items(EMB_LIST, numbers, 2), v_none()};
  emb_value watch_inner = {.kind = EMB_WATCHED, .as.items = inner};
  emb_value list[2] = {v_items(EMB_LIST, &watch_inner, 1), v_none()};
  emb_value dict[2] = {v_items(EMB_DICT, pairs, 1), v_none()};
  emb_value args[] = {{.kind = EMB_WATCHED, .as.items = list}, {.kind = EMB_WATCHED, .as.items = dict}};
  OK(emb_call(keep, args, 2, NULL, 0, EMB_CALL_WATCH | EMB_CALL_KEPT, NULL));
  if (!has_gil()) {
    CHECK(list[1].kind == EMB_NONE && inner[1].kind == EMB_NONE && told(dict[1], "('x', 1)", "('x', 1, 'y', 2)"));
  } else {
    CHECK(list[1].kind == EMB_SHARED && bind("told", list[1].as.object) && is_true("told[2] is has[0]"));
    CHECK(is_true("told[0] is told[1] and told[0] == ([1, 2],) and len(told) == 3"));
    CHECK(inner[1].kind == EMB_SHARED && bind("told", inner[1].as.object));
    CHECK(is_true("told[2] is has[0][0] and told[0] is told[1] and told[0] == (1, 2)"));
    CHECK(dict[1].kind == EMB_SHARED && bind("told", dict[1].as.object));
    CHECK(is_true("told == (('x', 1), ('x', 1, 'y', 2), has[1]) and told[2] is has[1]"));
    emb_handle all[] = {list[1].as.object, inner[1].as.object, dict[1].as.object};
    OK(emb_object_free_many(all, 3));
  }

  /* What it has not kept is told of as ever; and nothing is asked for by the second flag alone. */
  list[1] = inner[1] = dict[1] = v_none();
  OK(emb_call(look, args, 2, NULL, 0, EMB_CALL_WATCH | EMB_CALL_KEPT, NULL));
  CHECK(list[1].kind == EMB_NONE && inner[1].kind == EMB_NONE);
  CHECK(told(dict[1], "('x', 1)", "('x', 1, 'z', 1)"));
  OK(emb_call(keep, args, 2, NULL, 0, EMB_CALL_KEPT, NULL));
  CHECK_EQ(list[1].kind, EMB_NONE);

  /* The result is told of, too, also of numbers; what only it refers to is not. */
  emb_handle same = eval_object("lambda a, b: a");
  emb_value result;
  list[1] = inner[1] = dict[1] = v_none();
  OK(emb_call(same, args, 2, NULL, 0, EMB_CALL_WATCH | EMB_CALL_KEPT, &result));
  CHECK(list[1].kind == EMB_SHARED && inner[1].kind == EMB_NONE && dict[1].kind == EMB_NONE);
  CHECK(bind("told", list[1].as.object) && bind("result", result.as.object) && is_true("told[2] is result"));
  emb_handle both[] = {list[1].as.object, result.as.object};
  OK(emb_object_free_many(both, 2));
  double reals[] = {0.5, 2};
  list[0] = (emb_value){.kind = EMB_FLOATS, .length = 2, .as.reals = reals};
  OK(emb_call(same, args, 2, NULL, 0, EMB_CALL_WATCH | EMB_CALL_KEPT, &result));
  CHECK(bind("told", list[1].as.object) && bind("result", result.as.object));
  CHECK(is_true("told == ((0.5, 2.0), (0.5, 2.0), result) and told[0] is told[1]"));
  emb_handle all[] = {keep, look, same, list[1].as.object, result.as.object};
  OK(emb_object_free_many(all, 5));
}

/* What a function of the host asks in the middle of a call: of the containers that Python passes to it,
 * and of what it has made itself while the arguments of that call were being made. */
static emb_value asked[2], asked_inner[2], made_within[2];
static emb_handle made;

static emb_status ask(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                      int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)keywords, (void)keywords_length, (void)result;
  const emb_value *found = asked;
  if (nargs == 0) { /* the hash of an item */
    emb_value one = v_int(1);
    emb_value list[2] = {v_items(EMB_LIST, &one, 1), v_none()}, watch = {.kind = EMB_WATCHED, .as.items = made_within};
    memcpy(made_within, list, sizeof list);
    OK(emb_object_new(&watch, &made));
    CHECK(bind("made", made));
    *result = v_int(5);
    return EMB_OK;
  }
  CHECK_EQ(nargs, 3);
  OK(emb_call_watched(args[0].as.object, &found));
  CHECK(found == asked && asked[1].kind == EMB_NONE);
  OK(emb_call_unwatch(found));
  CHECK(asked[1].kind == EMB_SHARED && bind("told", asked[1].as.object));
  CHECK(is_true("told[:2] == ((1, [1, 2]), (1, [1, 2], 'before')) and told[2] is passed and len(told) == 3"));
  OK(emb_object_free(asked[1].as.object));
  OK(emb_call_watched(args[1].as.object, &found));
  CHECK(found == asked_inner);
  OK(emb_call_unwatch(found));
  CHECK(asked_inner[1].kind == EMB_SHARED && bind("told", asked_inner[1].as.object));
  CHECK(is_true("told[:2] == ((1,), (1, 2)) and told[2] is passed[1]"));
  OK(emb_object_free(asked_inner[1].as.object));
  asked[1] = asked_inner[1] = v_none();

  /* Once; and not what is none. */
  OK(emb_call_watched(args[0].as.object, &found));
  CHECK(found == NULL);
  found = asked;
  OK(emb_call_watched(args[2].as.object, &found));
  CHECK(found == NULL);
  FAILS(emb_call_unwatch(asked), EMB_BAD_ARGUMENT, "emb_call_watched");
  OK(emb_call_unwatch(NULL));
  return EMB_OK;
}

static void in_the_middle(void) {
  emb_handle function = 0;
  OK(emb_callback_new("ask", -1, NULL, 0, ask, NULL, 0, NULL, &function));
  CHECK(bind("ask", function));
  CHECK(run("class Item:\n  def __hash__(self): return ask()\n"
            "def change(a, rest):\n"
            "  global passed\n"
            "  passed = a\n"
            "  a[1].append(2); a.append('before')\n"
            "  ask(a, a[1], [])\n"
            "  a.append('after'); a[1].append('after'); made.append(3)\n"
            "item = Item()"));
  emb_handle change = eval_object("change"), item = eval_object("item");
  emb_value one = v_int(1), hashed = v_object(item), inner = {.kind = EMB_WATCHED, .as.items = asked_inner};
  emb_value items[] = {one, inner}, set[2] = {v_items(EMB_SET, &hashed, 1), v_none()};
  asked_inner[0] = v_items(EMB_LIST, &one, 1);
  asked[0] = v_items(EMB_LIST, items, 2);
  emb_value args[] = {{.kind = EMB_WATCHED, .as.items = asked}, {.kind = EMB_WATCHED, .as.items = set}};
  for (int method = 0; method < 2; method++) {
    asked[1] = asked_inner[1] = v_none();
    if (method)
      OK(emb_call_method(change, "__call__", -1, args, 2, NULL, 0, EMB_CALL_WATCH | EMB_CALL_KEPT, NULL));
    else
      OK(emb_call(change, args, 2, NULL, 0, EMB_CALL_WATCH, NULL));
    /* Told of, so not again; and the other has been made by no argument of the call. */
    CHECK(asked[1].kind == EMB_NONE && asked_inner[1].kind == EMB_NONE && set[1].kind == EMB_NONE);
    CHECK(made_within[1].kind == EMB_NONE && is_true("made == [1, 3]"));
    OK(emb_object_free(made));
  }

  /* After the call it is none of one. */
  const emb_value *found = asked;
  emb_handle passed = eval_object("passed");
  OK(emb_call_watched(passed, &found));
  CHECK(found == NULL);
  FAILS(emb_call_unwatch(asked), EMB_BAD_ARGUMENT, "emb_call_watched");
  emb_handle all[] = {function, change, item, passed};
  OK(emb_object_free_many(all, 4));
}

int main(void) {
  start();
  inputs();
  results();
  deep_results();
  calls();
  watched();
  kept();
  in_the_middle();
  CHECK_ALIVE();
  return check_result();
}
