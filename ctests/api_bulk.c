/* Many items in one crossing. */
#include "check.h"

#include <math.h>
#include <sys/resource.h>

static void chunks(void) {
  emb_handle source = eval_object("iter(['text %d' % i if i % 2 else (i, 'pair') for i in range(50)])");
  emb_value items[20];
  size_t count = 0, total = 0;
  do {
    OK(emb_object_next_many(source, EMB_RESULT_DEEP, items, 20, &count));
    for (size_t i = 0; i < count; i++, total++) {
      char expected[20];
      snprintf(expected, sizeof expected, "text %zu", total);
      if (total % 2)
        CHECK(items[i].kind == EMB_TEXT && items[i].length == strlen(expected) &&
              memcmp(items[i].as.text, expected, items[i].length) == 0);
      else
        CHECK(items[i].kind == EMB_TUPLE && items[i].as.items[0].as.integer == (int64_t)total);
    }
  } while (count);
  CHECK_EQ(total, 50);
  OK(emb_object_next_many(source, 0, items, 20, &count));
  CHECK_EQ(count, 0);
  emb_object_free(source);
}

/* Items come before the exception that follows them, on whatever call it is reported. */
static void late_exceptions(void) {
  run("def fails(n):\n    yield from range(n)\n    raise LookupError('after %d' % n)");
  emb_value items[8];
  size_t count = 0;
  int32_t more = 7;
  emb_handle source = eval_object("fails(3)");
  OK(emb_object_next_many(source, 0, items, 8, &count));
  CHECK_EQ(count, 3);
  FAILS(emb_object_next_many(source, 0, items, 8, &count), EMB_EXCEPTION, "after 3");
  OK(emb_object_next_many(source, 0, items, 8, &count));
  CHECK_EQ(count, 0);
  emb_object_free(source);
  source = eval_object("fails(2)");
  OK(emb_object_next_many(source, 0, items, 8, &count));
  FAILS(emb_object_next(source, 0, items, &more), EMB_EXCEPTION, "after 2");
  CHECK_EQ(more, 7);
  emb_object_free(source);
  /* Released before the exception was asked for: another iterator does not get it. */
  source = eval_object("fails(1)");
  OK(emb_object_next_many(source, 0, items, 8, &count));
  emb_object_free(source);
  source = eval_object("iter([1, 2])");
  OK(emb_object_next_many(source, 0, items, 8, &count));
  CHECK_EQ(count, 2);
  emb_object_free(source);
  source = eval_object("fails(0)");
  FAILS(emb_object_next_many(source, 0, items, 8, &count), EMB_EXCEPTION, "after 0");
  emb_object_free(source);
}

static void unpacking(void) {
  emb_value items[6];
  size_t count = 99;
  emb_handle object = eval_object("{'a': 1, 'b': [2]}");
  OK(emb_object_unpack(object, 0, items, 6, &count));
  CHECK_EQ(count, 4);
  CHECK_TEXT(items[0], "a");
  CHECK_EQ(items[1].as.integer, 1);
  CHECK_TEXT(items[2], "b");
  CHECK_EQ(items[3].kind, EMB_OBJECT);
  OK(emb_object_free(items[3].as.object));
  count = 99;
  FAILS(emb_object_unpack(object, 0, items, 3, &count), EMB_BAD_ARGUMENT, "there are 4 items");
  CHECK_EQ(count, 99);
  emb_object_free(object);
  object = eval_object("(x * x for x in range(5))");
  OK(emb_object_unpack(object, EMB_RESULT_OBJECT, items, 6, &count));
  CHECK_EQ(count, 5);
  for (size_t i = 0; i < count; i++) OK(emb_object_free(items[i].as.object));
  emb_object_free(object);
  object = eval_object("()");
  OK(emb_object_unpack(object, 0, NULL, 0, &count));
  CHECK_EQ(count, 0);
  emb_object_free(object);
  object = eval_object("7");
  FAILS(emb_object_unpack(object, 0, items, 6, &count), EMB_EXCEPTION, "TypeError");
  emb_object_free(object);
}

/* What never ends is no more than what does not fit. */
static void endless(void) {
  emb_value items[6];
  double reals[6];
  size_t count = 99;
  emb_handle object = eval_object("__import__('itertools').count(0.5)"), set = eval_object("set(range(9))");
  FAILS(emb_object_unpack(object, 0, items, 6, &count), EMB_BAD_ARGUMENT, "there are 7 items or more");
  FAILS(emb_list_to_ptr(object, EMB_FLOAT, reals, 6, &count), EMB_BAD_ARGUMENT, "there are 7 items or more");
  CHECK_EQ(count, 99);
  FAILS(emb_object_unpack(set, 0, items, 6, &count), EMB_BAD_ARGUMENT, "there are 9 items");
  OK(emb_object_free(object));
  OK(emb_object_free(set));
}

static void numbers(void) {
  double reals[] = {1.5, -0.0, INFINITY, 9007199254740992.0}, back[4] = {0};
  int64_t ints[] = {0, INT64_MIN, INT64_MAX}, whole[4] = {0};
  emb_handle list = 0;
  size_t count = 0;
  OK(emb_list_from_ptr(reals, EMB_FLOAT, 4, &list));
  CHECK(bind("l", list) && is_true("[str(x) for x in l] == ['1.5', '-0.0', 'inf', '9007199254740992.0']"));
  OK(emb_list_to_ptr(list, EMB_FLOAT, back, 4, &count));
  CHECK(count == 4 && memcmp(reals, back, sizeof reals) == 0);
  FAILS(emb_list_to_ptr(list, EMB_INT, whole, 4, &count), EMB_BAD_ARGUMENT, "item 0 is 1.5");
  FAILS(emb_list_to_ptr(list, EMB_FLOAT, back, 3, &count), EMB_BAD_ARGUMENT, "there are 4");
  emb_object_free(list);
  OK(emb_list_from_ptr(ints, EMB_INT, 3, &list));
  CHECK(bind("l", list) && is_true("l == [0, -2**63, 2**63 - 1]"));
  OK(emb_list_to_ptr(list, EMB_INT, whole, 4, &count));
  CHECK(count == 3 && memcmp(ints, whole, sizeof ints) == 0);
  back[0] = 7;
  FAILS(emb_list_to_ptr(list, EMB_FLOAT, back, 4, &count), EMB_BAD_ARGUMENT, "item 2"); /* -2**63 is a double */
  CHECK_REAL(back[0], 7.0);
  emb_object_free(list);
  list = eval_object("(1, 2**53, -3.0, 2**62)");
  OK(emb_list_to_ptr(list, EMB_FLOAT, back, 4, &count));
  CHECK(count == 4 && back[1] == 9007199254740992.0 && back[2] == -3.0 && back[3] == 0x1p62);
  emb_object_free(list);
  list = eval_object("[1, True]");
  FAILS(emb_list_to_ptr(list, EMB_INT, whole, 4, &count), EMB_BAD_ARGUMENT, "item 1 is True");
  emb_object_free(list);
  OK(emb_list_from_ptr(NULL, EMB_INT, 0, &list));
  OK(emb_list_to_ptr(list, EMB_INT, NULL, 0, &count));
  CHECK_EQ(count, 0);
  emb_object_free(list);
}

/* Ints around the sizes at which Python changes how it stores them, each in a list and alone. */
static void ints_of_every_length(void) {
  int64_t ints[2 * 63 * 3], back[COUNT(ints)];
  size_t n = 0, count = 0;
  for (int bits = 0; bits < 63; bits++)
    for (int64_t i = -1; i < 2; i++) ints[n++] = (1LL << bits) + i, ints[n++] = -(1LL << bits) - i;
  emb_handle list = 0;
  OK(emb_list_from_ptr(ints, EMB_INT, n, &list));
  OK(emb_list_to_ptr(list, EMB_INT, back, n, &count));
  CHECK(count == n && memcmp(ints, back, sizeof ints) == 0);
  for (size_t i = 0; i < n; i++) {
    emb_value place = v_int((int64_t)i), item = v_none();
    OK(emb_object_getitem(list, &place, EMB_RESULT_AUTO, &item));
    CHECK_EQ(item.kind, EMB_INT);
    CHECK_EQ(item.as.integer, ints[i]);
  }
  OK(emb_object_free(list));
}

/* Doubles with every kind of bit pattern. */
static void doubles_bit_by_bit(void) {
  double reals[] = {0.0, -0.0, 1.0, -1.5, 5e-324, -1.7976931348623157e308, INFINITY, -INFINITY, NAN, 0.1};
  double back[COUNT(reals)];
  size_t count = 0;
  emb_handle list = 0;
  OK(emb_list_from_ptr(reals, EMB_FLOAT, COUNT(reals), &list));
  OK(emb_list_to_ptr(list, EMB_FLOAT, back, COUNT(back), &count));
  CHECK(count == COUNT(reals) && memcmp(reals, back, sizeof reals) == 0);
  for (size_t i = 0; i < count; i++) {
    emb_value place = v_int((int64_t)i), item = v_none();
    OK(emb_object_getitem(list, &place, EMB_RESULT_AUTO, &item));
    CHECK(item.kind == EMB_FLOAT && memcmp(&item.as.real, &reals[i], sizeof reals[i]) == 0);
  }
  OK(emb_object_free(list));
}

static long page_faults(void) {
  struct rusage used;
  return getrusage(RUSAGE_SELF, &used) ? 0 : used.ru_minflt;
}

/* The memory of many small objects, which Python gives back to the system, is there for the next. */
static void memory_is_kept(void) {
  static double reals[1000000];
  long faults[2];
  CHECK(run("def deep(n): return n and deep(n - 1)\ndeep(900)")); /* the frames have memory of another size */
  for (size_t i = 0; i < COUNT(faults); i++) {
    long before = page_faults();
    emb_handle list = 0;
    OK(emb_list_from_ptr(reals, EMB_FLOAT, COUNT(reals), &list));
    OK(emb_object_free(list));
    faults[i] = page_faults() - before;
  }
  if (!getenv("EMB_TEST_UNDER_TOOL")) CHECK(2 * faults[1] < faults[0]);
}

int main(void) {
  start();
  chunks();
  late_exceptions();
  unpacking();
  endless();
  numbers();
  ints_of_every_length();
  doubles_bit_by_bit();
  memory_is_kept();
  return check_result();
}
