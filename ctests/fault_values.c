/* Values that cannot be right, at the top and inside containers: refused, with nothing leaked. */
#include "check.h"

static void refused(emb_value value, const char *part) {
  emb_handle object = 9;
  emb_value in_tuple = v_items(EMB_TUPLE, &value, 1);
  emb_value pair[] = {v_int(1), value};
  FAILS(emb_object_new(&value, &object), EMB_BAD_ARGUMENT, part);
  FAILS(emb_object_new(&in_tuple, &object), EMB_BAD_ARGUMENT, part);
  emb_value in_dict = v_items(EMB_DICT, pair, 1);
  FAILS(emb_object_new(&in_dict, &object), EMB_BAD_ARGUMENT, part);
  CHECK_EQ(object, 9);
}

static void kinds(void) {
  uint32_t unknown[] = {21, 23, 26, 100, 255, 0x80000000u, UINT32_MAX};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    refused((emb_value){.kind = unknown[i]}, "kind");
}

static void null_pointers(void) {
  uint32_t kinds[] = {EMB_TEXT, EMB_BYTES, EMB_TUPLE, EMB_LIST, EMB_DICT, EMB_SLICE, EMB_COMPLEX,
                      EMB_BIGINT};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    refused((emb_value){.kind = kinds[i], .length = 3}, "NULL");
  refused((emb_value){.kind = EMB_TEXT, .length = (uint32_t)EMB_NUL_TERMINATED}, "NULL");
  char odd[32];
  memset(odd, 0, sizeof odd);
  for (size_t i = 2; i < 7; i++) /* containers and numbers, one byte off */
    refused((emb_value){.kind = kinds[i], .length = 1, .as.text = odd + 1}, "aligned");
}

/* Memory that cannot be described so is not taken. */
static void memory(void) {
  double data[2];
  int64_t two = 2, minus = -1, held = 0;
  emb_memory good = {.size = sizeof good, .data = data, .dtype = "d", .dtype_length = -1,
                     .ndim = 1, .shape = &two, .held = &held};
  emb_memory bad[9];
  const char *parts[] = {"size", "ndim", "flags", "held", "dtype", "dtype", "shape", "shape[0]", "data"};
  for (int i = 0; i < 9; i++) bad[i] = good;
  bad[0].size = 8;
  bad[1].ndim = -1;
  bad[2].flags = EMB_ARRAY_COPY;
  bad[3].held = (int64_t *)(void *)((char *)&held + 1);
  bad[4].dtype = NULL;
  bad[5].dtype = "no such type";
  bad[6].shape = NULL;
  bad[7].shape = &minus;
  bad[8].data = NULL;
  for (int i = 0; i < 9; i++) {
    emb_value value = {.kind = EMB_MEMORY, .as.memory = &bad[i]};
    if (i == 5) {
      emb_handle object = 9;
      CHECK(emb_object_new(&value, &object) < 0 && object == 9);
    } else {
      refused(value, parts[i]);
    }
    CHECK_EQ(held, 0);
  }
  refused((emb_value){.kind = EMB_MEMORY}, "NULL");
  refused((emb_value){.kind = EMB_WATCHED}, "NULL");
  refused((emb_value){.kind = EMB_FLOATS, .length = 1}, "NULL");
  refused((emb_value){.kind = EMB_INTS, .length = 1}, "NULL");
}

static void texts(void) {
  /* Not UTF-8: a lone byte, a cut sequence, an overlong form, a surrogate, beyond U+10FFFF. */
  const char *bad[] = {"\xff", "\xe2\x82", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refused(v_text(bad[i]), "UTF-8");
  const char *numbers[] = {"", "0x", "-", "-0x", "12", "0xg", " 0x1", "0x1 ", "0x_1", "+0x1", "0x-1"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) refused(v_bigint(numbers[i]), "BIGINT");
  refused((emb_value){.kind = EMB_BIGINT, .length = 4, .as.text = "0x1\0"}, NULL);
}

static void shapes(void) {
  emb_value items[4] = {v_int(1), v_int(2), v_int(3), v_int(4)}, list = v_items(EMB_LIST, items, 2);
  emb_handle object = 9;
  for (uint32_t length = 0; length <= 4; length++)
    if (length != 3) refused(v_items(EMB_SLICE, items, length), "SLICE");
  refused(v_items(EMB_LIST, items, UINT32_MAX), "length");
  refused(v_items(EMB_DICT, items, 0x80000001u), "length"); /* twice that is more than 32 bits */
  emb_value pair[] = {list, v_int(1)}, dict = v_items(EMB_DICT, pair, 1);
  FAILS(emb_object_new(&dict, &object), EMB_EXCEPTION, "unhashable");
  CHECK_EQ(object, 9);
}

static void handles(void) {
  emb_handle bad[] = {0, 1, 0xDEADBEEF, UINT64_MAX, eval_object("object()")}, object = 9;
  OK(emb_object_free(bad[4]));
  for (size_t i = 0; i < 5; i++) {
    emb_value value = v_object(bad[i]), inside = v_items(EMB_TUPLE, &value, 1);
    FAILS(emb_object_new(&value, &object), EMB_BAD_HANDLE, "value");
    FAILS(emb_object_new(&inside, &object), EMB_BAD_HANDLE, "value");
  }
  CHECK_EQ(object, 9);
}

static void nesting(void) {
  uint32_t kinds[] = {EMB_TUPLE, EMB_LIST, EMB_DICT};
  emb_handle object = 9;
  for (size_t k = 0; k < 3; k++) {
    emb_value itself[] = {v_int(1), {.kind = kinds[k], .length = 1}};
    itself[1].as.items = k == 2 ? itself : itself + 1;
    FAILS(emb_object_new(&itself[1], &object), EMB_BAD_ARGUMENT, "deep");
  }
  /* Two that contain each other, twice over: refused at once, not after 2^200 steps. */
  emb_value left[2], right[2];
  left[0] = left[1] = v_items(EMB_LIST, right, 2);
  right[0] = right[1] = v_items(EMB_TUPLE, left, 2);
  FAILS(emb_object_new(left, &object), EMB_BAD_ARGUMENT, "deep");
  CHECK_EQ(object, 9);

  static emb_value chain[300];
  for (int i = 299; i > 0; i--) chain[i - 1] = v_items(EMB_LIST, &chain[i], 1);
  chain[299] = v_int(1);
  FAILS(emb_object_new(&chain[0], &object), EMB_BAD_ARGUMENT, "deep");
  OK(emb_object_new(&chain[150], &object)); /* deep enough for anybody */
  emb_object_free(object);
}

/* Half-built containers are taken apart again: what they had taken is not kept. */
static void nothing_leaks(void) {
  emb_handle object = eval_object("object()"), made = 9;
  CHECK(bind("witness", object) && run("import sys"));
  int64_t before = eval("sys.getrefcount(witness)").as.integer;
  emb_value items[] = {v_object(object), v_object(object), {.kind = 77}};
  for (int i = 0; i < 1000; i++) {
    emb_value list = v_items(EMB_LIST, items, 3);
    CHECK(emb_object_new(&list, &made) == EMB_BAD_ARGUMENT);
  }
  check_take();
  CHECK_EQ(eval("sys.getrefcount(witness)").as.integer, before);
  emb_object_free(object);
}

int main(void) {
  start();
  kinds();
  null_pointers();
  memory();
  texts();
  shapes();
  handles();
  nesting();
  nothing_leaks();
  CHECK_ALIVE();
  return check_result();
}
