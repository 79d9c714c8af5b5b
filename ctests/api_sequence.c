/* Items, length, membership, iteration. */
#include "check.h"

static void lists(void) {
  emb_handle list = eval_object("[10, 20, 30]");
  emb_value key = v_int(1), value = {0}, untouched = {.kind = 99}, slice[] = {v_int(1), v_none(), v_none()};
  int64_t length = -1;
  int32_t found = -1;
  OK(emb_object_getitem(list, &key, 0, &value));
  CHECK(value.kind == EMB_INT && value.as.integer == 20);
  key = v_int(-1);
  OK(emb_object_getitem(list, &key, 0, &value));
  CHECK_EQ(value.as.integer, 30);
  OK(emb_object_getitem(list, &key, 0, NULL));
  key = v_items(EMB_SLICE, slice, 3);
  OK(emb_object_getitem(list, &key, 0, &value));
  CHECK(bind("part", value.as.object) && is_true("part == [20, 30]"));
  emb_object_free(value.as.object);
  OK(emb_object_delitem(list, &key));
  OK(emb_object_length(list, &length));
  CHECK_EQ(length, 1);
  key = v_int(0);
  value = v_text("new");
  OK(emb_object_setitem(list, &key, &value));
  OK(emb_object_contains(list, &value, &found));
  CHECK_EQ(found, 1);
  value = v_text("old");
  OK(emb_object_contains(list, &value, &found));
  CHECK_EQ(found, 0);
  key = v_int(5);
  FAILS(emb_object_getitem(list, &key, 0, &untouched), EMB_EXCEPTION, "IndexError");
  FAILS(emb_object_setitem(list, &key, &value), EMB_EXCEPTION, "IndexError");
  FAILS(emb_object_delitem(list, &key), EMB_EXCEPTION, "IndexError");
  key = v_text("k");
  FAILS(emb_object_getitem(list, &key, 0, &untouched), EMB_EXCEPTION, "TypeError");
  CHECK_EQ(untouched.kind, 99);
  emb_object_free(list);
}

static void dicts(void) {
  emb_handle dict = eval_object("{'a': 1, (1, 2): 'pair', ...: 'dots'}");
  emb_value numbers[] = {v_int(1), v_int(2)}, key = v_items(EMB_TUPLE, numbers, 2), value = {0};
  int64_t length = -1;
  int32_t found = -1;
  OK(emb_object_getitem(dict, &key, 0, &value));
  CHECK_TEXT(value, "pair");
  key = (emb_value){.kind = EMB_ELLIPSIS};
  OK(emb_object_getitem(dict, &key, 0, &value));
  CHECK_TEXT(value, "dots");
  key = v_text("a");
  OK(emb_object_contains(dict, &key, &found));
  CHECK_EQ(found, 1);
  OK(emb_object_delitem(dict, &key));
  FAILS(emb_object_delitem(dict, &key), EMB_EXCEPTION, "KeyError");
  OK(emb_object_length(dict, &length));
  CHECK_EQ(length, 2);
  key = v_items(EMB_LIST, numbers, 2);
  found = length = 7;
  FAILS(emb_object_getitem(dict, &key, 0, &value), EMB_EXCEPTION, "unhashable");
  FAILS(emb_object_contains(dict, &key, &found), EMB_EXCEPTION, "unhashable");
  CHECK_EQ(found, 7);
  emb_object_free(dict);
  emb_handle five = eval_object("5");
  FAILS(emb_object_length(five, &length), EMB_EXCEPTION, "TypeError");
  CHECK_EQ(length, 7);
  emb_object_free(five);
}

static void iteration(void) {
  emb_handle list = eval_object("['a', 'b']"), five = eval_object("5"), iterator = 0, none = 8;
  emb_value item = {.kind = 99};
  int32_t more = 7;
  OK(emb_object_iter(list, &iterator));
  /* A refused call takes no item and touches no output. */
  FAILS(emb_object_next(iterator, 99, &item, &more), EMB_BAD_ARGUMENT, "flags");
  CHECK_EQ(more, 7);
  OK(emb_object_next(iterator, 0, &item, &more));
  CHECK_EQ(more, 1);
  CHECK_TEXT(item, "a");
  OK(emb_object_next(iterator, EMB_RESULT_OBJECT, &item, &more));
  CHECK(more == 1 && item.kind == EMB_OBJECT);
  emb_object_free(item.as.object);
  for (int again = 0; again < 2; again++) {
    item.kind = 99;
    OK(emb_object_next(iterator, 0, &item, &more));
    CHECK_EQ(more, 0);
    CHECK_EQ(item.kind, 99);
  }
  emb_object_free(iterator);
  FAILS(emb_object_iter(five, &none), EMB_EXCEPTION, "not iterable");
  CHECK_EQ(none, 8);
  more = 7;
  FAILS(emb_object_next(list, 0, &item, &more), EMB_EXCEPTION, "TypeError"); /* no iterator */

  CHECK(run("def numbers():\n  yield None\n  raise OSError('broke')\nit = numbers()"));
  emb_handle numbers = eval_object("it");
  OK(emb_object_next(numbers, 0, &item, &more)); /* a None is an item, not the end */
  CHECK(more == 1 && item.kind == EMB_NONE);
  more = 7;
  FAILS(emb_object_next(numbers, 0, &item, &more), EMB_EXCEPTION, "broke");
  CHECK_EQ(more, 7);
  OK(emb_object_next(numbers, 0, &item, &more));
  CHECK_EQ(more, 0);
  emb_object_free(numbers);
  emb_object_free(list);
  emb_object_free(five);
}

/* Whether a step of `iterator` gives this int, as an item (1) or at the end (0). */
static int steps(emb_handle iterator, const emb_value *value, int32_t more, int64_t expected) {
  emb_value given = {0};
  int32_t any = 7;
  OK(emb_object_send(iterator, value, 0, &given, &any));
  return any == more && given.kind == EMB_INT && given.as.integer == expected;
}

static void sending(void) {
  CHECK(run("def talk():\n  got = yield 1\n  got = yield got + 1\n  return got * 10\n"
            "async def wait(): return 5\n"
            "class Count:\n  def __iter__(self): return self\n  def __next__(self): raise StopIteration(6)\n"
            "def fail():\n  yield 1\n  raise OSError('broke')\n"
            "t, c, w, f = talk(), Count(), wait(), fail()"));
  emb_handle talk = eval_object("t"), count = eval_object("c"), wait = eval_object("w"), failing = eval_object("f");
  emb_handle list = eval_object("[1]"), plain = eval_object("iter([1])");
  emb_value value = v_int(41), none = v_none(), given = {.kind = 99};
  int32_t more = 7;
  FAILS(emb_object_send(talk, &value, 0, &given, &more), EMB_EXCEPTION, "just-started");
  CHECK(given.kind == 99 && more == 7);
  CHECK(steps(talk, NULL, 1, 1) && steps(talk, &value, 1, 42));
  FAILS(emb_object_send(talk, &value, 99, &given, &more), EMB_BAD_ARGUMENT, "flags");
  value = v_int(7);
  CHECK(steps(talk, &value, 0, 70));
  OK(emb_object_send(talk, NULL, 0, &given, &more)); /* after its end it has nothing to say */
  CHECK(more == 0 && given.kind == EMB_NONE);
  CHECK(steps(wait, &none, 0, 5));  /* a coroutine is no iterator, and goes on all the same */
  CHECK(steps(count, NULL, 0, 6));  /* whoever raises StopIteration may say why */
  CHECK(steps(plain, &none, 1, 1));
  more = 7;
  OK(emb_object_send(plain, NULL, EMB_RESULT_OBJECT, &given, &more));
  CHECK(more == 0 && given.kind == EMB_OBJECT);
  emb_object_free(given.as.object);
  OK(emb_object_send(plain, NULL, EMB_RESULT_OBJECT, NULL, &more));
  FAILS(emb_object_send(plain, &value, 0, &given, &more), EMB_EXCEPTION, "AttributeError");
  FAILS(emb_object_send(list, NULL, 0, &given, &more), EMB_EXCEPTION, "TypeError");
  CHECK(steps(failing, NULL, 1, 1));
  FAILS(emb_object_send(failing, NULL, 0, &given, &more), EMB_EXCEPTION, "broke");
  emb_handle all[] = {talk, count, wait, failing, list, plain};
  OK(emb_object_free_many(all, 6));
}

int main(void) {
  start();
  lists();
  dicts();
  iteration();
  sending();
  CHECK_ALIVE();
  return check_result();
}
