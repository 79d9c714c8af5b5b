/* Many threads at once, threads that come and go, lock scopes, and releases that never wait. */
#include "check.h"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void in_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  if (!CHECK(pthread_create(&thread, NULL, body, argument) == 0)) return;
  pthread_join(thread, NULL);
}

enum { THREADS = 8, ROUNDS = 2000 };
static _Atomic uint64_t shared[THREADS];

static void *busy(void *argument) {
  int me = (int)(intptr_t)argument;
  emb_handle square = eval_object("lambda n: n * n");
  for (int i = 0; i < ROUNDS; i++) {
    emb_value number = v_int(me * ROUNDS + i), result = {0}, text = v_text("text");
    emb_handle object = 0;
    bool scope = i % 3 == 0;
    if (scope) CHECK_EQ(emb_gil_acquire(), EMB_OK);
    CHECK_EQ(emb_call(square, &number, 1, NULL, 0, 0, &result), EMB_OK);
    CHECK_EQ(result.as.integer, number.as.integer * number.as.integer);
    CHECK_EQ(emb_object_new(&text, &object), EMB_OK);
    if (scope) CHECK_EQ(emb_gil_release(), EMB_OK);
    /* Each thread releases what another one made. */
    CHECK_EQ(emb_object_free(atomic_exchange(&shared[(me + i) % THREADS], object)), EMB_OK);
  }
  CHECK_EQ(emb_object_free(square), EMB_OK);
  return NULL;
}

static void many_threads(void) {
  pthread_t threads[THREADS];
  for (intptr_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, busy, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) OK(emb_object_free(shared[i]));
}

static void nested_scopes(void) {
  OK(emb_gil_acquire());
  OK(emb_gil_acquire());
  CHECK(is_true("True"));
  OK(emb_gil_release());
  CHECK_ALIVE();
  OK(emb_gil_release());
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  CHECK_ALIVE();
}

static void *ends_inside_a_scope(void *unused) {
  OK(emb_gil_acquire());
  OK(emb_gil_acquire());
  eval("'text ' * 100"); /* a kept result, to be dropped with the thread */
  emb_run("raise ValueError('pending at the end')", -1, NULL, 0, 0);
  return unused;
}

static void *short_thread(void *unused) {
  eval("'text ' * 100");
  return unused;
}

/* How many thread states CPython has: asked of its own C API, as Python code sees only those that
 * run Python. */
static int count_thread_states(void) {
  void *(*interpreter)(void) = NULL, *(*head)(void *) = NULL, *(*next)(void *) = NULL;
  *(void **)&interpreter = dlsym(RTLD_DEFAULT, "PyInterpreterState_Head");
  *(void **)&head = dlsym(RTLD_DEFAULT, "PyInterpreterState_ThreadHead");
  *(void **)&next = dlsym(RTLD_DEFAULT, "PyThreadState_Next");
  if (!CHECK(interpreter && head && next)) return -1;
  int count = 0;
  OK(emb_gil_acquire());
  for (void *state = head(interpreter()); state; state = next(state)) count++;
  OK(emb_gil_release());
  return count;
}

/* The thread states of ended threads must go. */
static void thread_states(void) {
  for (int i = 0; i < 2000; i++) in_thread(short_thread, NULL);
  for (int i = 0; i < 10; i++) in_thread(ends_inside_a_scope, NULL);
  int left = 0;
  for (int i = 0; i < 100; i++) { /* a helper thread deletes them: soon, not at once */
    left = count_thread_states();
    if (left < 20) break;
    usleep(20000);
  }
  if (!CHECK(left > 0 && left < 20)) fprintf(stderr, "  %d thread states\n", left);
}

/* Holds the GIL for a second in one C call, which nothing interrupts. */
static atomic_bool holding;
static void *holder(void *unused) {
  OK(emb_gil_acquire());
  atomic_store(&holding, true);
  usleep(700000);
  OK(emb_gil_release());
  return unused;
}

static void releases_do_not_wait(void) {
  enum { OBJECTS = 10000 };
  static emb_handle objects[OBJECTS];
  int count = 0;
  CHECK(run("class Counted:\n  alive = 0\n  def __init__(self): Counted.alive += 1\n"
            "  def __del__(self): Counted.alive -= 1"));
  emb_handle class = eval_object("Counted");
  for (int i = 0; i < OBJECTS; i++) {
    emb_value made = {0};
    if (emb_call(class, NULL, 0, NULL, 0, EMB_RESULT_OBJECT, &made) == EMB_OK) count++;
    objects[i] = made.as.object;
  }
  CHECK_EQ(count, OBJECTS);
  pthread_t thread;
  pthread_create(&thread, NULL, holder, NULL);
  while (!atomic_load(&holding)) usleep(1000);
  double begin = now();
  for (int i = 0; i < OBJECTS; i++) count -= emb_object_free(objects[i]) == EMB_OK;
  double took = now() - begin;
  CHECK_EQ(count, 0);
  if (!CHECK(took < 0.3)) fprintf(stderr, "  10000 releases took %.3f s\n", took);
  FAILS(emb_object_free(objects[0]), EMB_BAD_HANDLE, "object"); /* gone at once all the same */
  pthread_join(thread, NULL);
  CHECK_EQ(eval("Counted.alive").as.integer, 0); /* dropped by whoever comes next */
  emb_object_free(class);
}

/* At rest the GIL is free: Python's own threads run while the host does something else. */
static void python_threads_run_at_rest(void) {
  CHECK(run("import sys, threading, time\nticks = 0\nstop = False\n"
            "def tick():\n  global ticks\n  while not stop: ticks += 1; time.sleep(0.001)\n"
            "ticker = threading.Thread(target=tick); ticker.start()"));
  int64_t before = eval("ticks").as.integer;
  usleep(300000);
  CHECK(eval("ticks").as.integer > before + 5);
  CHECK(run("stop = True; ticker.join()"));
}

/* One thread asks for reports inside a scope, another asks for the Python that runs already. */
static void *reporter(void *stop) {
  while (!atomic_load((atomic_bool *)stop)) {
    emb_value report = {0};
    CHECK_EQ(emb_gil_acquire(), EMB_OK);
    CHECK_EQ(emb_doctor(EMB_DOCTOR_TEXT, &report), EMB_OK);
    CHECK_EQ(emb_gil_release(), EMB_OK);
    usleep(100); /* locks are not fair: the other thread would have to be lucky */
  }
  return NULL;
}

static void reports_and_starts(void) {
  static char path[4096];
  atomic_bool stop = false;
  pthread_t thread;
  emb_config config = {.size = sizeof config, .python = path};
  emb_value executable = eval("sys.executable");
  snprintf(path, sizeof path, "%.*s", (int)executable.length, executable.as.text);
  pthread_create(&thread, NULL, reporter, &stop);
  for (int i = 0; i < 5000; i++) CHECK_EQ(emb_init(&config), EMB_OK);
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
}

static void *starts(void *status) {
  *(emb_status *)status = emb_init(NULL);
  check_take();
  return NULL;
}

int main(void) {
  /* All want to be the first. */
  pthread_t threads[THREADS];
  emb_status status[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, starts, &status[i]);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) CHECK_EQ(status[i], EMB_OK);
  if (check_result() != 0) return 1;
  alarm(60); /* a deadlock ends the program */
  many_threads();
  nested_scopes();
  thread_states();
  releases_do_not_wait();
  python_threads_run_at_rest();
  reports_and_starts();
  CHECK_ALIVE();
  return check_result();
}
