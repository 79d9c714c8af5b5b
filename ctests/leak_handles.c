/* A million of each operation on handles: no memory, no reference and no slot is left behind. */
#include "leak.h"

#include <pthread.h>

static emb_handle list, dict, witness, identity, thing;

static void objects(int i) {
  emb_value value = v_int(1000 + i);
  emb_handle object = 0, clone = 0;
  emb_object_new(&value, &object);
  emb_object_clone(object, &clone);
  emb_object_free(object);
  emb_object_free(clone);
}

static void attributes(int i) {
  emb_value value = {0}, text = v_text_n("0123456789abcdef", 1 + (uint32_t)i % 16);
  emb_object_setattr(thing, "x", -1, &text);
  emb_object_getattr(thing, "x", -1, EMB_RESULT_AUTO, &value);
  emb_object_getattr(thing, "x", -1, EMB_RESULT_OBJECT, &value);
  emb_object_free(value.as.object);
  emb_object_method(thing, "me", -1, 0, EMB_RESULT_AUTO, &value);
  emb_handle known = value.as.object;
  emb_object_method(thing, "me", -1, known, EMB_RESULT_AUTO, &value);
  emb_object_free(known);
  emb_object_text(thing, EMB_TEXT_REPR, &value);
  emb_object_delattr(thing, "x", -1);
}

/* Names beyond what the table of names holds, too. */
static void names(int i) {
  char name[32];
  emb_value value = v_int(i);
  snprintf(name, sizeof name, "name_%d", i % 20000);
  emb_object_setattr(thing, name, -1, &value);
  emb_object_delattr(thing, name, -1);
}

static void calls(int i) {
  emb_value args[] = {v_object(witness), v_text("text"), v_float(i)}, result = {0};
  emb_value tuple = v_items(EMB_TUPLE, args, 3);
  emb_call(identity, &tuple, 1, NULL, 0, EMB_RESULT_DEEP, &result);
  emb_object_free(result.as.items[0].as.object);
  emb_value nested[] = {v_object(witness), tuple};
  tuple = v_items(EMB_TUPLE, nested, 2);
  emb_call(identity, &tuple, 1, NULL, 0, EMB_RESULT_DEEP, &result);
  emb_object_free(result.as.items[0].as.object);
  emb_object_free(result.as.items[1].as.items[0].as.object);
  emb_call(identity, args, 0, "value", -1, EMB_RESULT_AUTO, &result);
  emb_object_free(result.as.object);
  emb_call(identity, args, 1, NULL, 0, EMB_RESULT_AUTO, NULL);
}

static void items(int i) {
  emb_value key = v_int(i % 50), value = v_object(witness), result = {0};
  int32_t number = 0;
  int64_t length = 0;
  emb_object_setitem(dict, &key, &value);
  emb_object_getitem(dict, &key, EMB_RESULT_AUTO, &result);
  emb_object_free(result.as.object);
  emb_object_contains(dict, &value, &number);
  emb_object_length(dict, &length);
  emb_object_truth(dict, &number);
  emb_object_hash(witness, &length);
  emb_object_delitem(dict, &key);
}

static void iteration(int i) {
  emb_handle iterator = 0;
  emb_value item = {0};
  int32_t more = 1;
  (void)i;
  emb_object_iter(list, &iterator);
  while (emb_object_next(iterator, EMB_RESULT_AUTO, &item, &more) == EMB_OK && more)
    emb_object_free(item.as.object);
  emb_object_free(iterator);
}

static void operators(int i) {
  emb_value left = v_int(i), right = v_int(INT64_MAX), result = {0}, of_list = v_object(list);
  emb_operate(EMB_OP_MULTIPLY, &left, &right, EMB_RESULT_OBJECT, &result);
  emb_object_free(result.as.object);
  emb_operate(EMB_OP_ADD, &of_list, &of_list, EMB_RESULT_AUTO, &result);
  emb_object_free(result.as.object);
  emb_operate(EMB_OP_POWER, &right, &(emb_value){.kind = EMB_INT, .as.integer = 3}, EMB_RESULT_DEEP, &result);
}

/* Releases that wait for the GIL to come by, and their slots. */
static emb_handle handed[64];
static void *release_all(void *unused) {
  for (int i = 0; i < 64; i++) emb_object_free(handed[i]);
  return unused;
}
static void other_threads(int i) {
  pthread_t thread;
  (void)i;
  for (int j = 0; j < 64; j++) emb_object_clone(witness, &handed[j]);
  if (pthread_create(&thread, NULL, release_all, NULL) == 0) pthread_join(thread, NULL);
}

/* The slot number of a handle is its low 28 bits: however many are made, few are used. */
static void slots_are_reused(void) {
  uint64_t highest = 0;
  for (int i = 0; i < 100000; i++) {
    emb_value value = v_int(i);
    emb_handle object = 0;
    emb_object_new(&value, &object);
    if ((object & 0xFFFFFFF) > highest) highest = object & 0xFFFFFFF;
    emb_object_free(object);
  }
  CHECK(highest > 0 && highest < 5000);
}

int main(void) {
  start();
  CHECK(run("import sys\nclass Thing:\n  def me(self): pass\nwitness = Thing()\ndef identity(value): return value"));
  witness = eval_object("witness");
  list = eval_object("[witness, [], ()]");
  dict = eval_object("{}");
  identity = eval_object("identity");
  thing = eval_object("Thing()");
  int64_t references = eval("sys.getrefcount(witness)").as.integer;
  int64_t of_none = eval("sys.getrefcount(None)").as.integer;
  int rounds = leak_rounds();
  slots_are_reused();
  leak_check("objects", rounds, objects);
  leak_check("attributes", rounds, attributes);
  leak_check("names", rounds, names);
  leak_check("calls", rounds, calls);
  leak_check("items", rounds, items);
  leak_check("iteration", rounds, iteration);
  leak_check("operators", rounds, operators);
  leak_check("other threads", rounds / 200, other_threads);
  /* The results that are still kept hold a few. */
  for (int i = 0; i < EMB_RESULTS_KEPT; i++) eval("'t' * 100");
  CHECK_EQ(eval("sys.getrefcount(witness)").as.integer, references);
  int64_t drift = eval("sys.getrefcount(None)").as.integer - of_none;
  CHECK(drift > -500 && drift < 500);
  slots_are_reused();
  CHECK_ALIVE();
  return check_result();
}
