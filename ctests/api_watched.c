/* Containers among the arguments that a call may change, or keep, and that are told of then (EMB_WATCHED). */
#include "check.h"

#include <math.h>

/* `items` is the container, and the place behind it. */
static emb_value watch(emb_value *items) { return (emb_value){.kind = EMB_WATCHED, .as.items = items}; }

/* Whether the place behind a container says that it was `before` and is `now` (expressions). */
static int told(emb_value place, const char *before, const char *now) {
  char source[200];
  if (place.kind != EMB_OBJECT || !bind("told", place.as.object)) return 0;
  snprintf(source, sizeof source, "told == (%s, %s)", before, now);
  OK(emb_object_free(place.as.object));
  return is_true(source);
}

/* Functions that change what they are passed. */
static void functions(void) {
  CHECK(run("def change(a, b=None, fail=False):\n  a.append(3); a[0] = 9\n"
            "  if b is not None: b['k'] = 5; b.pop('x')\n  if fail: raise OSError('after')\n"
            "  return len(a)\n"
            "class Changer:\n  def add(self, a): a.add(2)\n  def discard(self, a): a.discard(8)\n"
            "changer = Changer()"));
}

static void changed(void) {
  emb_handle change = eval_object("change");
  emb_value numbers[] = {v_int(1), v_int(2)}, pairs[] = {v_text("x"), v_int(1)};
  emb_value list[2] = {v_items(EMB_LIST, numbers, 2), v_none()};
  emb_value dict[2] = {v_items(EMB_DICT, pairs, 1), v_none()};
  emb_value args[] = {watch(list), watch(dict), v_bool(1)}, result = {.kind = 99};
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
  OK(emb_object_free(change));
}

/* By a method, inside of another container, and in an object of the host's making. */
static void anywhere(void) {
  emb_handle change = eval_object("change"), changer = eval_object("changer");
  emb_handle inside = eval_object("lambda pair: pair[0].clear()");
  emb_value numbers[] = {v_int(1), v_int(2)}, result;
  emb_value set[2] = {v_items(EMB_SET, numbers, 1), v_none()}, list[2] = {v_items(EMB_LIST, numbers, 2), v_none()};
  emb_value one = watch(set), pair = watch(list);
  OK(emb_call_method(changer, "add", -1, &one, 1, NULL, 0, EMB_CALL_WATCH, NULL));
  CHECK(told(set[1], "(1,)", "(1, 2)"));
  /* The order of a set is the host's, and not the one in which Python has it. */
  emb_value unsorted[] = {v_int(9), v_int(8), v_int(1)};
  set[0] = v_items(EMB_SET, unsorted, 3);
  set[1] = v_none();
  OK(emb_call_method(changer, "discard", -1, &one, 1, NULL, 0, EMB_CALL_WATCH, NULL));
  CHECK(told(set[1], "(9, 8, 1)", "(*{9, 1},)"));
  one = v_items(EMB_TUPLE, &pair, 1);
  OK(emb_call(inside, &one, 1, NULL, 0, EMB_CALL_WATCH, NULL));
  CHECK(told(list[1], "(1, 2)", "()"));
  list[0] = v_object(eval_object("[7]"));
  list[1] = v_none();
  OK(emb_call(change, &pair, 1, NULL, 0, EMB_CALL_WATCH | EMB_RESULT_OBJECT, &result));
  CHECK(told(list[1], "(7,)", "(9, 3)"));
  emb_handle all[] = {change, changer, inside, list[0].as.object, result.as.object};
  OK(emb_object_free_many(all, 5));
}

/* The same one twice. */
static void twice(void) {
  emb_handle are_same = eval_object("lambda a, b, c: (a is b, a is c, a.append(3))[:2]");
  emb_value numbers[] = {v_int(1), v_int(2)}, list[2] = {v_items(EMB_LIST, numbers, 2), v_none()}, result;
  emb_value again = {.kind = EMB_WATCHED, .length = 1, .as.items = list};
  emb_value args[] = {again, again, watch(list)}; /* no other comes before the first */
  OK(emb_call(are_same, args, 3, NULL, 0, EMB_CALL_WATCH | EMB_RESULT_OBJECT, &result));
  CHECK(bind("same", result.as.object) && is_true("same == (True, False)"));
  CHECK(told(list[1], "(1, 2)", "(1, 2, 3)"));
  OK(emb_object_free(result.as.object));
  OK(emb_call(are_same, args, 3, NULL, 0, EMB_RESULT_OBJECT, &result)); /* where nothing is watched */
  CHECK(bind("same", result.as.object) && is_true("same == (False, False)"));
  OK(emb_object_free(result.as.object));
  OK(emb_object_free(are_same));
}

/* What is not changed is not told of, and elsewhere it is a container like any other. */
static void not_changed(void) {
  emb_handle look = eval_object("len"), object = 0;
  emb_value numbers[] = {v_int(1), v_int(2)}, list[2] = {v_items(EMB_LIST, numbers, 2), v_none()}, result;
  emb_value argument = watch(list);
  OK(emb_call(look, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK(result.as.integer == 2 && list[1].kind == EMB_NONE);
  OK(emb_object_new(&argument, &object));
  CHECK(bind("object_", object) && is_true("object_ == [1, 2]"));
  list[0] = v_int(1); /* no container */
  FAILS(emb_call(look, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result), EMB_BAD_ARGUMENT, "EMB_WATCHED");
  argument.as.items = NULL;
  FAILS(emb_call(look, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result), EMB_BAD_ARGUMENT, "NULL");
  OK(emb_object_free(look));
  OK(emb_object_free(object));
}

/* Lists of numbers that stand in the host's memory. */
static void numbers_in_memory(void) {
  emb_handle change = eval_object("change");
  double reals[] = {0.5, -0.0, NAN};
  int64_t integers[] = {1, INT64_MIN, INT64_MAX};
  emb_value floats = {.kind = EMB_FLOATS, .length = 3, .as.reals = reals};
  emb_value ints = {.kind = EMB_INTS, .length = 3, .as.integers = integers};
  emb_value list[2] = {floats, v_none()}, argument = watch(list), result;
  OK(emb_call(change, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK(list[1].kind == EMB_OBJECT && bind("told", list[1].as.object));
  CHECK(is_true("str(told) == '((0.5, -0.0, nan), (9, -0.0, nan, 3))'"));
  OK(emb_object_free(list[1].as.object));
  list[0] = ints;
  OK(emb_call(change, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result));
  CHECK(told(list[1], "(1, -2**63, 2**63-1)", "(9, -2**63, 2**63-1, 3)"));
  OK(emb_object_free(change));

  const char *changes[] = {"a.pop()", "a.append(1)", "a.reverse()", "a.__setitem__(0, True)"};
  for (size_t i = 0; i < COUNT(changes); i++) {
    char source[80];
    snprintf(source, sizeof source, "lambda a: [%s, None][1]", changes[i]);
    emb_handle function = eval_object(source);
    list[1] = v_none();
    OK(emb_call(function, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result));
    CHECK(list[1].kind == EMB_OBJECT);
    OK(emb_object_free(list[1].as.object));
    OK(emb_object_free(function));
  }
  emb_handle type_of = eval_object("lambda a: ' '.join(type(x).__name__ for x in a)");
  for (int i = 0; i < 2; i++) {
    list[0] = i ? floats : ints;
    list[1] = v_none();
    OK(emb_call(type_of, &argument, 1, NULL, 0, EMB_CALL_WATCH, &result));
    if (i)
      CHECK_TEXT(result, "float float float");
    else
      CHECK_TEXT(result, "int int int");
    CHECK_EQ(list[1].kind, EMB_NONE);
  }
  OK(emb_object_free(type_of));
}

/* Which containers among the arguments Python has after the call. */
static void kept(void) {
  CHECK(run("def keep(a, b):\n  global has\n  has = a, b\n  b['y'] = 2"));
  emb_handle keep = eval_object("keep"), look = eval_object("lambda a, b: b.update(z=1)");
  emb_value numbers[] = {v_int(1), v_int(2)}, pairs[] = {v_text("x"), v_int(1)};
  emb_value inner[2] = {v_items(EMB_LIST, numbers, 2), v_none()};
  emb_value watched = watch(inner);
  emb_value list[2] = {v_items(EMB_LIST, &watched, 1), v_none()};
  emb_value dict[2] = {v_items(EMB_DICT, pairs, 1), v_none()};
  emb_value args[] = {watch(list), watch(dict)};
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
    emb_value list[2] = {v_items(EMB_LIST, &one, 1), v_none()}, watched = watch(made_within);
    memcpy(made_within, list, sizeof list);
    OK(emb_object_new(&watched, &made));
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
  emb_value one = v_int(1), hashed = v_object(item), inner = watch(asked_inner);
  emb_value items[] = {one, inner}, set[2] = {v_items(EMB_SET, &hashed, 1), v_none()};
  asked_inner[0] = v_items(EMB_LIST, &one, 1);
  asked[0] = v_items(EMB_LIST, items, 2);
  emb_value args[] = {watch(asked), watch(set)};
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
  functions();
  changed();
  anywhere();
  twice();
  not_changed();
  numbers_in_memory();
  kept();
  in_the_middle();
  CHECK_ALIVE();
  return check_result();
}
