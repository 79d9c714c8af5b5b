/* Host functions that wait for other threads: the GIL is given back until they return. */
#include "callback.h"

#include <pthread.h>

static void *uses_python(void *found) {
  emb_value sum = eval("sum(range(10))");
  *(int64_t *)found = sum.as.integer;
  return NULL;
}

static int64_t seen_elsewhere(void) {
  pthread_t thread;
  int64_t found = 0;
  pthread_create(&thread, NULL, uses_python, &found);
  pthread_join(thread, NULL);
  return found;
}

/* Waits for a thread, then uses Python itself, in and out of scopes. */
static emb_status waits(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                        int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)nargs, (void)keywords, (void)keywords_length;
  OK(emb_gil_suspend());
  OK(emb_gil_suspend());
  CHECK_EQ(seen_elsewhere(), 45);
  CHECK(is_true("1 + 1 == 2"));
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  OK(emb_gil_acquire());
  OK(emb_gil_acquire());
  CHECK(is_true("1 + 1 == 2"));
  OK(emb_gil_release());
  OK(emb_gil_release());
  CHECK_EQ(seen_elsewhere(), 45);
  CHECK_TEXT(args[0], "given");
  *result = v_text("waited");
  return EMB_OK;
}

/* Leaves a scope open, which ends with the function. */
static emb_status leaves_open(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                              int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  OK(emb_gil_acquire());
  FAILS(emb_gil_suspend(), EMB_BAD_CALL, "release the GIL first");
  OK(emb_gil_release());
  OK(emb_gil_suspend());
  OK(emb_gil_acquire());
  return EMB_OK;
}

/* Calls another that suspends as well, and goes on without the GIL. */
static emb_status nested(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                         int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  OK(emb_gil_suspend());
  CHECK(is_true("inner('given') == 'waited'"));
  CHECK_EQ(seen_elsewhere(), 45);
  return emb_error_raise("KeyError", -1, "nested", -1);
}

static void everywhere(const char *call) {
  CHECK(run(call));
  OK(emb_gil_acquire());
  CHECK(run(call));
  CHECK(run(call));
  OK(emb_gil_release());
  FAILS(emb_gil_release(), EMB_BAD_CALL, "emb_gil_acquire");
  CHECK_EQ(seen_elsewhere(), 45);
}

int main(void) {
  start();
  FAILS(emb_gil_suspend(), EMB_BAD_CALL, "outside of a host function");
  CHECK(define(waits, NULL, EMB_RESULT_AUTO, NULL));
  everywhere("assert f('given') == 'waited'");
  CHECK(run("import threading\n"
            "inner, results = f, []\n"
            "work = lambda: results.append([inner('given') for _ in range(20)])\n"
            "threads = [threading.Thread(target=work) for _ in range(3)]\n"
            "for one in threads: one.start()\n"
            "for one in threads: one.join()\n"
            "assert results == [['waited'] * 20] * 3"));
  CHECK(define(leaves_open, NULL, EMB_RESULT_AUTO, NULL));
  everywhere("assert f() is None");
  CHECK(define(nested, NULL, EMB_RESULT_AUTO, NULL));
  everywhere("try: f(); assert False\nexcept KeyError as error: assert error.args == ('nested',)");
  CHECK_ALIVE();
  return check_result();
}
