/* Python's output, sent to the host. */
#include "check.h"

#include <pthread.h>

static char seen[1000];
static size_t length;
static int released;

static void keep(void *userdata, const char *text, size_t count) {
  CHECK(userdata == &length);
  if (length + count < sizeof seen) memcpy(seen + length, text, count), length += count;
}
static void release(void *userdata) {
  CHECK(userdata == &length);
  released++;
}
static bool saw(const char *expected) {
  bool same = length == strlen(expected) && memcmp(seen, expected, length) == 0;
  if (!same) fprintf(stderr, "saw \"%.*s\"\n", (int)length, seen);
  length = 0;
  return same;
}

/* A host with one thread: the text of others waits for it, in its order. */
static pthread_t home;
static void keep_at_home(void *userdata, const char *text, size_t count) {
  CHECK(pthread_equal(pthread_self(), home));
  CHECK(emb_object_length(12345, NULL) < 0); /* errors of its own are nobody else's */
  keep(userdata, text, count);
}

static void *print_elsewhere(void *unused) {
  CHECK(run("print('elsewhere')"));
  return unused;
}

static void one_thread(void) {
  pthread_t thread;
  home = pthread_self();
  released = 0;
  OK(emb_stream_set(EMB_STDOUT, keep_at_home, &length, EMB_ONE_THREAD, release));
  CHECK(run("def go(*args):\n"
            "  t = threading.Thread(target=print, args=args, kwargs={'end': ''})\n"
            "  t.start(); t.join()\n"));
  CHECK_EQ(length, 0);
  CHECK(run("go('a'); go('b'); assert True"));
  CHECK(saw("ab")); /* at the end of the call */
  CHECK(run("go('c'); print('d', end=''); go('e')"));
  CHECK(saw("cde")); /* before what the thread writes itself */
  FAILS(emb_run("go('f'); 1/0", -1, NULL, 0, 0), EMB_EXCEPTION, "ZeroDivisionError");
  CHECK(saw("f")); /* the error is still there */
  CHECK_EQ(pthread_create(&thread, NULL, print_elsewhere, NULL), 0);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(length, 0);
  CHECK(is_true("1")); /* the next call, whatever it is */
  CHECK(saw("elsewhere\n"));
  /* Too much for a thread that does not come: the writer hears of it. */
  CHECK(run("def flood():\n"
            "  try:\n"
            "    for i in range(40): sys.stdout.write('x' * 1000000)\n"
            "  except RuntimeError as e: global said; said = i, str(e)\n"
            "t = threading.Thread(target=flood); t.start(); t.join()"));
  length = 0;
  CHECK(is_true("said[0] == 16 and 'EMB_ONE_THREAD' in said[1]"));
  /* What waits is still written when the stream is another. */
  OK(emb_run("go('g'); sys.stdout = sys.__stdout__; gc.collect()", -1, NULL, 0, 0));
  CHECK(saw("g"));
  CHECK_EQ(released, 1);
}

static void queued_release(void) {
  void *token = NULL;
  size_t count = 9;
  OK(emb_stream_set(EMB_STDERR, keep, &length, EMB_RELEASE_QUEUE, release));
  OK(emb_stream_set(EMB_STDERR, NULL, NULL, 0, NULL));
  run("gc.collect()");
  OK(emb_released(&token, 1, &count));
  CHECK(count == 1 && token == &length);
  FAILS(emb_stream_set(EMB_STDERR, keep, &length, 2 | EMB_RELEASE_QUEUE, release), EMB_BAD_ARGUMENT, "flags");
  OK(emb_released(&token, 1, &count));
  CHECK_EQ(count, 1);
  CHECK_EQ(released, 1);
}

/* Does what it likes: fails, waits for others, and takes the stream away from the print that calls it. */
static void restore(void *userdata, const char *text, size_t count) {
  keep(userdata, text, count);
  CHECK(emb_error_raise("ValueError", -1, "of the host", -1) == EMB_EXCEPTION);
  if (text[0] != '\n') CHECK_EQ(emb_gil_suspend(), EMB_OK);
  emb_error_raise("ValueError", -1, "of the host", -1);
  if (text[0] == 'r') OK(emb_stream_set(EMB_STDOUT, NULL, NULL, 0, NULL));
  emb_error_raise("ValueError", -1, "of the host", -1);
}

static void from_inside(void) {
  released = 0;
  OK(emb_stream_set(EMB_STDOUT, restore, &length, 0, release));
  OK(emb_run("print('a')", -1, NULL, 0, 0)); /* with no error pending afterwards */
  CHECK(saw("a\n"));
  OK(emb_run("print('restore')", -1, NULL, 0, 0));
  CHECK(saw("restore\n"));
  CHECK(is_true("sys.stdout is sys.__stdout__"));
  OK(emb_stream_set(EMB_STDOUT, NULL, NULL, 0, NULL));
  run("gc.collect()");
  CHECK_EQ(released, 1);
  /* Waiting for others where an error is pending, which stays. */
  released = 0;
  OK(emb_stream_set(EMB_STDOUT, restore, &length, EMB_ONE_THREAD, release));
  FAILS(emb_run("t = threading.Thread(target=print, args=('z',)); t.start(); t.join(); 1/0", -1, NULL, 0, 0),
        EMB_EXCEPTION, "ZeroDivisionError");
  CHECK(saw("z\n"));
  OK(emb_stream_set(EMB_STDOUT, NULL, NULL, 0, NULL));
  run("gc.collect()");
  CHECK_EQ(released, 1);
}

int main(void) {
  start();
  OK(emb_stream_set(EMB_STDOUT, keep, &length, 0, release));
  run("print('h\\u00e9llo', 1, flush=True)");
  CHECK(saw("h\xc3\xa9llo 1\n"));
  run("print('\\ud800')"); /* a lone surrogate has no UTF-8 */
  CHECK(saw("\\ud800\n"));
  run("import sys, threading\n"
      "t = threading.Thread(target=print, args=('from a thread',), kwargs={'end': ''})\n"
      "t.start(); t.join()\n"
      "sys.stdout.writelines(['a', 'b']); sys.stdout.write('')");
  CHECK(saw("from a threadab"));
  FAILS(emb_run("sys.stdout.write(b'bytes')", EMB_NUL_TERMINATED, NULL, 0, 0), EMB_EXCEPTION, "TypeError");
  CHECK(is_true("sys.stdout.isatty() is False and sys.stdout.writable() and sys.stdout.encoding == 'utf-8'"));
  OK(emb_stream_set(EMB_STDERR, keep, &length, 0, release));
  run("import warnings; print('to stderr', file=sys.stderr)");
  CHECK(saw("to stderr\n"));
  CHECK_EQ(released, 0);
  OK(emb_stream_set(EMB_STDERR, NULL, NULL, 0, NULL));
  OK(emb_stream_set(EMB_STDOUT, NULL, NULL, 0, NULL));
  CHECK(is_true("sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__"));
  run("import gc; gc.collect()");
  CHECK_EQ(released, 2);
  CHECK_EQ(length, 0);
  FAILS(emb_stream_set(3, keep, &length, 0, release), EMB_BAD_ARGUMENT, "stream is 3");
  CHECK_EQ(released, 3);
  one_thread();
  from_inside();
  queued_release();
  return check_result();
}
