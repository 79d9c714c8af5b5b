/* Arguments that cannot be right: items, iteration, operators. */
#include "fault.h"

static void items(void) {
  HANDLE("object", emb_object_getitem(h, &one, 0, &out.value));
  ARGUMENT("key", emb_object_getitem(list, NULL, 0, &out.value));
  ARGUMENT("key", emb_object_getitem(list, ODD(emb_value), 0, &out.value));
  ARGUMENT("key", emb_object_getitem(list, &unknown, 0, &out.value));
  ARGUMENT("flags", emb_object_getitem(list, &one, 99, &out.value));
  ARGUMENT("result", emb_object_getitem(list, &one, 0, ODD(emb_value)));
  HANDLE("object", emb_object_setitem(h, &one, &one));
  ARGUMENT("key", emb_object_setitem(list, NULL, &one));
  ARGUMENT("key", emb_object_setitem(list, ODD(emb_value), &one));
  ARGUMENT("value", emb_object_setitem(list, &one, NULL));
  ARGUMENT("value", emb_object_setitem(list, &one, ODD(emb_value)));
  ARGUMENT("value", emb_object_setitem(list, &one, &unknown));
  HANDLE("object", emb_object_delitem(h, &one));
  ARGUMENT("key", emb_object_delitem(list, NULL));
  ARGUMENT("key", emb_object_delitem(list, ODD(emb_value)));
  ARGUMENT("key", emb_object_delitem(list, &broken));
  HANDLE("object", emb_object_length(h, &out.number));
  ARGUMENT("length", emb_object_length(list, NULL));
  ARGUMENT("length", emb_object_length(list, ODD(int64_t)));
  HANDLE("object", emb_object_contains(h, &one, &out.truth));
  ARGUMENT("item", emb_object_contains(list, NULL, &out.truth));
  ARGUMENT("item", emb_object_contains(list, ODD(emb_value), &out.truth));
  ARGUMENT("item", emb_object_contains(list, &unknown, &out.truth));
  ARGUMENT("found", emb_object_contains(list, &one, NULL));
  ARGUMENT("found", emb_object_contains(list, &one, ODD(int32_t)));
  HANDLE("object", emb_object_iter(h, &out.handle));
  ARGUMENT("iterator", emb_object_iter(list, NULL));
  ARGUMENT("iterator", emb_object_iter(list, ODD(emb_handle)));
  HANDLE("iterator", emb_object_next(h, 0, &out.value, &(int32_t){0}));
  ARGUMENT("result", emb_object_next(list, 0, ODD(emb_value), &out.truth));
  ARGUMENT("more", emb_object_next(list, 0, &out.value, NULL));
  ARGUMENT("more", emb_object_next(list, 0, &out.value, ODD(int32_t)));
  ARGUMENT("flags", emb_object_next(list, 99, &out.value, &(int32_t){0}));
}

static void bulk(void) {
  HANDLE("iterator", emb_object_next_many(h, 0, &out.value, 1, &out.count));
  ARGUMENT("results", emb_object_next_many(list, 0, NULL, 1, &out.count));
  ARGUMENT("results", emb_object_next_many(list, 0, ODD(emb_value), 1, &out.count));
  ARGUMENT("results", emb_object_next_many(list, 0, &out.value, SIZE_MAX, &out.count));
  ARGUMENT("capacity", emb_object_next_many(list, 0, &out.value, 0, &out.count));
  ARGUMENT("count", emb_object_next_many(list, 0, &out.value, 1, NULL));
  ARGUMENT("count", emb_object_next_many(list, 0, &out.value, 1, ODD(size_t)));
  ARGUMENT("flags", emb_object_next_many(list, 99, &out.value, 1, &out.count));
  HANDLE("object", emb_object_unpack(h, 0, &out.value, 1, &out.count));
  ARGUMENT("results", emb_object_unpack(list, 0, NULL, 1, &out.count));
  ARGUMENT("results", emb_object_unpack(list, 0, ODD(emb_value), 1, &out.count));
  ARGUMENT("count", emb_object_unpack(list, 0, &out.value, 1, NULL));
  ARGUMENT("flags", emb_object_unpack(list, 99, &out.value, 1, &out.count));
  ARGUMENT("data", emb_list_from_ptr(NULL, EMB_FLOAT, 1, &out.handle));
  ARGUMENT("data", emb_list_from_ptr(ODD(double), EMB_FLOAT, 1, &out.handle));
  ARGUMENT("data", emb_list_from_ptr(&clean, EMB_INT, SIZE_MAX, &out.handle));
  ARGUMENT("kind", emb_list_from_ptr(&clean, EMB_TEXT, 1, &out.handle));
  ARGUMENT("list", emb_list_from_ptr(&clean, EMB_INT, 1, NULL));
  ARGUMENT("list", emb_list_from_ptr(&clean, EMB_INT, 1, ODD(emb_handle)));
  HANDLE("list", emb_list_to_ptr(h, EMB_INT, &out.number, 1, &out.count));
  ARGUMENT("kind", emb_list_to_ptr(list, 99, &out.number, 1, &out.count));
  ARGUMENT("data", emb_list_to_ptr(list, EMB_INT, NULL, 1, &out.count));
  ARGUMENT("data", emb_list_to_ptr(list, EMB_FLOAT, ODD(double), 1, &out.count));
  ARGUMENT("count", emb_list_to_ptr(list, EMB_INT, &out.number, 1, NULL));
}

static void managers(void) {
  HANDLE("object", emb_object_enter(h, 0, &out.value));
  ARGUMENT("flags", emb_object_enter(list, 99, &out.value));
  ARGUMENT("result", emb_object_enter(list, 0, ODD(emb_value)));
  HANDLE("object", emb_object_exit(h, 0, &out.truth));
  ARGUMENT("handled", emb_object_exit(list, 0, NULL));
  ARGUMENT("handled", emb_object_exit(list, 0, ODD(int32_t)));
}

static void operators(void) {
  ARGUMENT("left", emb_operate(EMB_OP_ADD, NULL, &one, 0, &out.value));
  ARGUMENT("left", emb_operate(EMB_OP_ADD, ODD(emb_value), &one, 0, &out.value));
  ARGUMENT("left", emb_operate(EMB_OP_ADD, &unknown, &one, 0, &out.value));
  ARGUMENT("right", emb_operate(EMB_OP_ADD, &one, NULL, 0, &out.value));
  ARGUMENT("right", emb_operate(EMB_OP_ADD, &one, ODD(emb_value), 0, &out.value));
  ARGUMENT("right", emb_operate(EMB_OP_NEGATIVE, &one, &one, 0, &out.value));
  ARGUMENT("result", emb_operate(EMB_OP_ADD, &one, &one, 0, ODD(emb_value)));
  ARGUMENT("flags", emb_operate(EMB_OP_ADD, &one, &one, 99, &out.value));
  uint32_t ops[] = {25, 63, EMB_OP_IN_PLACE + 6, EMB_OP_IN_PLACE + 14, EMB_OP_IN_PLACE + 18, 128, UINT32_MAX};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    ARGUMENT("op", emb_operate(ops[i], &one, &one, 0, &out.value));
}

int main(void) {
  fault_begin();
  items();
  bulk();
  managers();
  operators();
  return fault_end();
}
