/* Python's output, sent to the host. */
#include "check.h"

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

int main(void) {
  start();
  OK(emb_stream_set(EMB_STDOUT, keep, &length, release));
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
  OK(emb_stream_set(EMB_STDERR, keep, &length, release));
  run("import warnings; print('to stderr', file=sys.stderr)");
  CHECK(saw("to stderr\n"));
  CHECK_EQ(released, 0);
  OK(emb_stream_set(EMB_STDERR, NULL, NULL, NULL));
  OK(emb_stream_set(EMB_STDOUT, NULL, NULL, NULL));
  CHECK(is_true("sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__"));
  run("import gc; gc.collect()");
  CHECK_EQ(released, 2);
  CHECK_EQ(length, 0);
  FAILS(emb_stream_set(3, keep, &length, release), EMB_BAD_ARGUMENT, "stream is 3");
  CHECK_EQ(released, 3);
  return check_result();
}
