/* How much more two threads do than one, in one process, in turn; the best of several rounds counts.
 * Without a GIL it is nearly twice as much. */
#include <emb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST = 2, ROUNDS = 8 };

static atomic_int go;
static atomic_long calls;
static const char *source;
static emb_handle shared;

static void check(emb_status status) {
  if (status == EMB_OK) return;
  emb_error error = {.size = sizeof error};
  emb_error_take(&error);
  fprintf(stderr, "%s: %s\n", error.type_name, error.message);
  exit(1);
}

static emb_handle function(void) {
  emb_value value;
  check(emb_eval(source, EMB_NUL_TERMINATED, 0, EMB_RESULT_OBJECT, &value));
  return value.as.object;
}

static void *call(void *unused) {
  emb_handle own = shared ? shared : function();
  long done = 0;
  while (!atomic_load(&go)) sched_yield();
  while (atomic_load_explicit(&go, memory_order_relaxed) == 1) {
    emb_value number = {.kind = EMB_INT, .as.integer = done}, result;
    check(emb_call(own, &number, 1, NULL, 0, EMB_RESULT_OBJECT, &result));
    check(emb_object_free(result.as.object));
    done++;
  }
  atomic_fetch_add(&calls, done);
  if (!shared) check(emb_object_free(own));
  return unused;
}

static double thousands_in_a_second(int count) {
  pthread_t threads[MOST];
  struct timespec pause = {0, 50000000}, begin, end;
  atomic_store(&go, 0);
  atomic_store(&calls, 0);
  for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, call, NULL);
  nanosleep(&pause, NULL);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  atomic_store(&go, 1);
  nanosleep(&pause, NULL);
  atomic_store(&go, 2);
  clock_gettime(CLOCK_MONOTONIC, &end);
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
  double milliseconds = (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) * 1e-6;
  return (double)atomic_load(&calls) / milliseconds;
}

static void measure(const char *name, const char *text, int is_shared) {
  double best[MOST] = {0};
  source = text;
  shared = is_shared ? function() : 0;
  for (int round = 0; round < ROUNDS; round++)
    for (int count = 1; count <= MOST; count++) {
      double now = thousands_in_a_second(count);
      if (now > best[count - 1]) best[count - 1] = now;
    }
  printf("%-44s %8.0f %8.0f   %.2f\n", name, best[0], best[1], best[1] / best[0]);
  if (shared) check(emb_object_free(shared));
}

int main(void) {
  check(emb_init(NULL));
  printf("thousands of calls a second, with threads:     1        2   ratio\n");
  measure("a function of its own, of one operation", "lambda n: n + 1", 0);
  measure("one function for all, of one operation", "lambda n: n + 1", 1);
  measure("a function of its own, with a loop of 100", "lambda n: sum([i * n for i in range(100)])", 0);
  measure("one function for all, with a loop of 100", "lambda n: sum([i * n for i in range(100)])", 1);
  check(emb_shutdown());
  return 0;
}
