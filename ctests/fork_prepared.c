/* In the child of a fork that Python was prepared for, by its own os.fork or by emb_fork_prepare,
 * everything goes on, whatever other threads were doing at that moment. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A child that waits for a lock of the parent's threads is killed after so many seconds. */
enum { BUSY = 3, FORKS = 200, LIMIT = 30 };

static atomic_bool stop;

/* Held while a thread is made, and over a fork: the stack that pthread_create is just taking out of
 * glibc's cache would be cleared once more in the child. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static int make_thread(pthread_t *thread, void *(*function)(void *)) {
  pthread_mutex_lock(&making);
  int status = pthread_create(thread, NULL, function, NULL);
  pthread_mutex_unlock(&making);
  return status;
}

static int status_of_child(pid_t child) {
  const struct timespec millisecond = {0, 1000000};
  int status = -1;
  for (int i = 0; i < LIMIT * 1000 && waitpid(child, &status, WNOHANG) == 0; i++) {
    nanosleep(&millisecond, NULL);
  }
  if (status == -1 && kill(child, SIGKILL) == 0) waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static emb_status twice(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                        int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)nargs, (void)keywords, (void)keywords_length;
  *result = v_int(2 * args[0].as.integer);
  return EMB_OK;
}

static void *use(void *number) {
  emb_value value = eval("sum(range(5))");
  *(int64_t *)number = value.as.integer;
  return NULL;
}

/* Calls, handles, callbacks, memory, threads: the handle of before and new ones. */
static void go_on(emb_handle object, emb_handle function) {
  int64_t sum = 0, two = 2;
  double numbers[2] = {1, 2};
  pthread_t thread;
  emb_value four = v_int(4), result = {0};
  emb_handle module = 0, array = 0;
  OK(emb_import("json", -1, &module));
  OK(emb_call_method(module, "dumps", -1, &four, 1, NULL, 0, 0, &result));
  CHECK_TEXT(result, "4");
  OK(emb_call(function, &four, 1, NULL, 0, 0, &result));
  CHECK_EQ(result.as.integer, 8);
  const uint32_t memory = EMB_ARRAY_MEMORYVIEW; /* numpy may have to be imported */
  OK(emb_array_from_ptr(numbers, "d", -1, 1, &two, NULL, memory, NULL, NULL, &array));
  CHECK(bind("a", array) && is_true("list(a) == [1, 2]"));
  OK(emb_object_free(array));
  OK(emb_object_free(module));
  OK(emb_object_free(object));
  FAILS(emb_object_free(object), EMB_BAD_HANDLE, "object");
  CHECK(pthread_create(&thread, NULL, use, &sum) == 0);
  pthread_join(thread, NULL);
  CHECK_EQ(sum, 10);
  CHECK(run("import threading; t = threading.Thread(target=int); t.start(); t.join()"));
  CHECK(is_true("threading.current_thread() is threading.main_thread()"));
  OK(emb_gil_acquire());
  OK(emb_gil_release());
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
}

/* Each leaves its locks, at any moment, in all states: handles, thread states, released memory. */
static void *short_lived(void *unused) {
  emb_object_free(eval_object("[]"));
  return unused;
}
static void *busy(void *unused) {
  const uint32_t memory = EMB_ARRAY_MEMORYVIEW | EMB_RELEASE_QUEUE;
  double number = 1;
  int64_t one = 1;
  while (!atomic_load(&stop)) {
    emb_handle array = 0, many[200];
    pthread_t thread;
    for (int i = 0; i < 200; i++) many[i] = eval_object("[]");
    for (int i = 0; i < 200; i++) emb_object_free(many[i]);
    emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, memory, NULL, &number, &array);
    emb_object_free(array);
    void *released[8];
    size_t count = 0;
    emb_released(released, 8, &count);
    if (make_thread(&thread, short_lived) == 0) pthread_join(thread, NULL);
  }
  return unused;
}

static void misuse(void) {
  FAILS(emb_fork_parent(), EMB_BAD_CALL, "emb_fork_prepare");
  FAILS(emb_fork_child(), EMB_BAD_CALL, "emb_fork_prepare");
  OK(emb_fork_prepare());
  FAILS(emb_fork_prepare(), EMB_BAD_CALL, "twice");
  FAILS(emb_fork_child(), EMB_BAD_CALL, "parent");
  OK(emb_fork_parent()); /* as after a fork that failed */
  FAILS(emb_fork_parent(), EMB_BAD_CALL, "emb_fork_prepare");
  CHECK(is_true("True"));
}

static void prepared(emb_handle object, emb_handle function) {
  OK(emb_fork_prepare());
  pthread_mutex_lock(&making);
  pid_t child = fork();
  pthread_mutex_unlock(&making);
  if (child == 0) {
    FAILS(emb_fork_parent(), EMB_BAD_CALL, "child");
    OK(emb_fork_child());
    go_on(object, function);
    OK(emb_shutdown());
    _exit(check_result());
  }
  OK(emb_fork_parent());
  CHECK_EQ(status_of_child(child), 0);
}

static void by_python(emb_handle object, emb_handle function) {
  pthread_mutex_lock(&making);
  CHECK(run("pid = os.fork()"));
  pthread_mutex_unlock(&making);
  emb_value pid = eval("pid");
  if (pid.as.integer == 0) {
    go_on(object, function);
    fflush(NULL);
    exit(check_result()); /* with Python's exit functions, as in a child of a python */
  }
  CHECK_EQ(status_of_child((pid_t)pid.as.integer), 0);
}

/* A thread of Python's forks: the child has it alone. */
static void by_a_thread(void) {
  CHECK(run("def fork_in_thread():\n"
            "  global code\n"
            "  pid = os.fork()\n"
            "  if pid == 0: os._exit(f(21))\n"
            "  code = os.waitpid(pid, 0)[1] >> 8\n"
            "t = threading.Thread(target=fork_in_thread); t.start(); t.join()"));
  CHECK_EQ(eval("code").as.integer, 42);
}

int main(void) {
  pthread_t threads[BUSY];
  emb_handle function = 0;
  start();
  OK(emb_callback_new("f", -1, NULL, 0, twice, NULL, 0, NULL, &function));
  CHECK(bind("f", function));
  CHECK(run("import os, threading, atexit, warnings; warnings.simplefilter('ignore')"));
  misuse();
  emb_handle object = eval_object("object()");
  prepared(object, function);
  by_python(object, function);
  by_a_thread();

  /* Modules are imported now: one that another thread is at stays locked in the child, as ever. */
  go_on(eval_object("[]"), function);
  /* An emulator of the processor has locks of its own, and a CPython without a GIL has one in each
   * object: both leave them as they are in the child. */
  CHECK(run("import sysconfig"));
  bool leaves_locks = getenv("EMB_TEST_EMULATED") || is_true("sysconfig.get_config_var('Py_GIL_DISABLED')");
  const int busy_threads = leaves_locks ? 0 : BUSY;
  if (!busy_threads) puts("SKIP forks while other threads work: locks that are not ours stay locked in the child");
  for (int i = 0; i < busy_threads; i++) CHECK(pthread_create(&threads[i], NULL, busy, NULL) == 0);
  for (int i = 0; i < FORKS && check_result() == 0; i++) {
    if (i % 2) by_python(object, function);
    else prepared(object, function);
  }
  atomic_store(&stop, true);
  for (int i = 0; i < busy_threads; i++) pthread_join(threads[i], NULL);
  CHECK(is_true("f(3) == 6"));
  OK(emb_object_free(object));
  OK(emb_object_free(function));
  OK(emb_shutdown());
  FAILS(emb_fork_prepare(), EMB_NOT_RUNNING, "shut down");
  return check_result();
}
