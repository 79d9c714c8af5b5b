/* Many host threads in Python at the same time, which without a GIL they really are. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4 };
static int rounds = 1000;
static bool free_threaded;

static void in_threads(void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (intptr_t i = 0; i < THREADS; i++)
    if (!CHECK(pthread_create(&threads[i], NULL, body, (void *)i) == 0)) exit(1);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

/* --- Operations of all kinds, on objects that all threads share ------------------------------- */

static emb_handle square, numbers, box, twice;
static atomic_int released;

static void release(void *userdata) {
  (void)userdata;
  atomic_fetch_add(&released, 1);
}

static emb_status twice_in_c(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                             int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)keywords, (void)keywords_length;
  *result = v_int(nargs == 1 ? 2 * args[0].as.integer : -1);
  return EMB_OK;
}

static void operations(int64_t i) {
  emb_value number = v_int(i), result = {0}, text = {0};
  CHECK_EQ(emb_call(square, &number, 1, NULL, 0, 0, &result), EMB_OK);
  CHECK_EQ(result.as.integer, i * i);
  CHECK_EQ(emb_call(twice, &number, 1, NULL, 0, 0, &result), EMB_OK);
  CHECK_EQ(result.as.integer, 2 * i);
  /* Names and keywords that every thread meets for the first time at the same moment. */
  char name[20];
  snprintf(name, sizeof name, "a%d", (int)(i % 500));
  CHECK_EQ(emb_object_setattr(box, name, -1, &number), EMB_OK);
  CHECK_EQ(emb_object_getattr(box, name, -1, 0, &result), EMB_OK);
  CHECK_EQ(result.as.integer % 500, i % 500);
  emb_value format = v_text("{x}"), object = {0};
  CHECK_EQ(emb_object_new(&format, &object.as.object), EMB_OK);
  CHECK_EQ(emb_call_method(object.as.object, "format", -1, &number, 0, "x", -1, 0, &text), EMB_OK);
  CHECK_EQ(text.length > 0 ? atoll(text.as.text) : -1, i);
  CHECK_EQ(emb_object_free(object.as.object), EMB_OK);
}

static void arrays(int64_t i) {
  double memory[16] = {[3] = (double)i};
  int64_t length = 16;
  emb_handle array = 0;
  emb_view view = {.size = sizeof view};
  CHECK_EQ(emb_array_from_ptr(memory, "float64", -1, 1, &length, NULL, 0, release, NULL, &array), EMB_OK);
  size_t borrowed = 0;
  CHECK_EQ(emb_array_borrowed(memory, sizeof memory, &borrowed), EMB_OK);
  CHECK_EQ(borrowed, 1);
  CHECK_EQ(emb_array_view(array, 0, &view), EMB_OK);
  CHECK_REAL(((double *)view.data)[3], (double)i);
  CHECK_EQ(emb_object_free(view.owner), EMB_OK);
  CHECK_EQ(emb_object_free(array), EMB_OK);
  CHECK_EQ(emb_array_borrowed(memory, sizeof memory, &borrowed), EMB_OK);
  CHECK_EQ(borrowed, 0);
}

static void errors(int64_t i) {
  emb_value result = {0};
  char source[60];
  snprintf(source, sizeof source, "{}['key %lld']", (long long)i);
  CHECK_EQ(emb_eval(source, -1, 0, 0, &result), EMB_EXCEPTION);
  CHECK_EQ(check_take(), EMB_EXCEPTION);
  snprintf(source, sizeof source, "'key %lld'", (long long)i);
  CHECK(strcmp(check_error.message, source) == 0);
}

/* A list that other threads change all the time: what is read are numbers that it had. */
static void lists(int64_t i) {
  int64_t read[64];
  size_t count = 0;
  emb_value number = v_int(i % 1000);
  CHECK_EQ(emb_call_method(numbers, i % 2 ? "append" : "insert", -1,
                           (emb_value[]){i % 2 ? number : v_int(0), number}, i % 2 ? 1 : 2, NULL, 0, 0,
                           NULL), EMB_OK);
  if (emb_list_to_ptr(numbers, EMB_INT, read, 64, &count) == EMB_OK) {
    for (size_t k = 0; k < count; k++) CHECK(read[k] >= 0 && read[k] < 1000);
  } else {
    CHECK_EQ(check_take(), EMB_BAD_ARGUMENT); /* more than 64 */
  }
  emb_value range = v_items(EMB_SLICE, (emb_value[]){v_int(32), v_none(), v_none()}, 3);
  CHECK_EQ(emb_object_delitem(numbers, &range), EMB_OK);
}

static void *all_kinds(void *argument) {
  int64_t me = (intptr_t)argument;
  for (int64_t i = 0; i < rounds; i++) {
    operations(me * rounds + i);
    arrays(i);
    errors(i);
    lists(me + i);
  }
  return NULL;
}

static void everything_at_once(void) {
  square = eval_object("lambda n: n * n");
  numbers = eval_object("[]");
  box = eval_object("type('Box', (), {})()");
  OK(emb_callback_new("twice", -1, NULL, 0, twice_in_c, NULL, 0, release, &twice));
  in_threads(all_kinds);
  emb_handle all[] = {square, numbers, box, twice};
  for (int i = 0; i < 4; i++) OK(emb_object_free(all[i]));
  CHECK(run("import gc; gc.collect()"));
  CHECK_EQ(released, THREADS * rounds + 1);
}

/* --- Handles that are released while others use them ------------------------------------------ */

static _Atomic uint64_t newest;
static atomic_bool finished;
static atomic_long used, late;

static void *use(void *unused) {
  while (!atomic_load(&finished)) {
    emb_value result = {0};
    emb_handle object = atomic_load(&newest), clone = 0;
    if (emb_object_clone(object, &clone) != EMB_OK) {
      CHECK_EQ(check_take(), EMB_BAD_HANDLE);
      atomic_fetch_add(&late, 1);
      continue;
    }
    emb_value key = v_int(1);
    CHECK_EQ(emb_object_getitem(clone, &key, 0, &result), EMB_OK);
    CHECK_EQ(result.as.integer, 12345);
    CHECK_EQ(emb_object_free(clone), EMB_OK);
    atomic_fetch_add(&used, 1);
  }
  return unused;
}

static void released_while_in_use(void) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, use, NULL);
  for (int i = 0; i < 10 * rounds; i++) {
    emb_value items = v_items(EMB_LIST, (emb_value[]){v_int(7), v_int(12345)}, 2);
    emb_handle object = 0;
    OK(emb_object_new(&items, &object));
    OK(emb_object_free(atomic_exchange(&newest, object)));
    if (i % 64 == 0) sched_yield(); /* on a busy machine the others would always come too late */
  }
  for (int i = 0; i < 1000 && atomic_load(&used) == 0; i++) usleep(1000);
  atomic_store(&finished, true);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  OK(emb_object_free(newest));
  CHECK(used > 0);
}

/* --- What can be taken once is taken once ----------------------------------------------------- */

enum { TENSORS = 500 };
static emb_handle exporters[TENSORS];
static atomic_int taken[TENSORS];

static void *take(void *argument) {
  (void)argument;
  for (int i = 0; i < TENSORS; i++) {
    void *tensor = NULL;
    int32_t versioned = 0;
    emb_handle back = 0;
    if (emb_dlpack_export(exporters[i], NULL, &tensor, &versioned) == EMB_OK) {
      atomic_fetch_add(&taken[i], 1);
      CHECK_EQ(emb_dlpack_import(tensor, versioned, &back), EMB_OK);
      CHECK_EQ(emb_object_free(back), EMB_OK);
    } else {
      CHECK(check_take() != EMB_OK);
    }
  }
  return NULL;
}

/* Objects that give the same capsule to everybody. */
static void tensors(void) {
  if (!has_module("numpy")) return;
  CHECK(run("import numpy\n"
            "class Exporter:\n"
            "    def __init__(self): self.capsule = numpy.arange(3.0).__dlpack__()\n"
            "    def __dlpack__(self, **options): return self.capsule\n"
            "    def __dlpack_device__(self): return (1, 0)"));
  for (int i = 0; i < TENSORS; i++) exporters[i] = eval_object("Exporter()");
  in_threads(take);
  for (int i = 0; i < TENSORS; i++) {
    CHECK_EQ(taken[i], 1);
    OK(emb_object_free(exporters[i]));
  }
}

/* --- Really at the same time ------------------------------------------------------------------ */

static atomic_int inside;
static atomic_bool met;

/* Python has called this, and it does not call back: with a GIL, it is alone. */
static emb_status meet(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                       int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  struct timespec begin, now;
  atomic_fetch_add(&inside, 1);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do {
    if (atomic_load(&inside) > 1) atomic_store(&met, true);
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec - begin.tv_nsec < 5000000);
  atomic_fetch_sub(&inside, 1);
  return EMB_OK;
}

static emb_handle meeting;

static void *go_and_meet(void *unused) {
  int most = free_threaded ? 1000 : 10;
  for (int i = 0; i < most && !atomic_load(&met); i++)
    CHECK_EQ(emb_call(meeting, NULL, 0, NULL, 0, 0, NULL), EMB_OK);
  return unused;
}

static void in_python_at_the_same_time(void) {
  OK(emb_callback_new("meet", -1, NULL, 0, meet, NULL, 0, NULL, &meeting));
  in_threads(go_and_meet);
  CHECK_EQ(met, free_threaded);
  OK(emb_object_free(meeting));
}

int main(void) {
  const char *wanted = getenv("EMB_TEST_ROUNDS");
  if (wanted && atoi(wanted) < rounds) rounds = atoi(wanted);
  start();
  free_threaded = !has_gil();
  everything_at_once();
  released_while_in_use();
  tensors();
  in_python_at_the_same_time();
  OK(emb_shutdown());
  return check_result();
}
