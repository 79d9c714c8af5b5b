/* Every exported function, with everything that each of its parameters can be given wrongly, at
 * every moment at which a host may call it: the table of fault_table.h, row by row.
 *
 * With the argument "table" the program prints the rows, and tests/ctests/table.rs compares them with the
 * header. */
#include "fault_table.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = sizeof rows / sizeof *rows };

/* When the calls are made. */
static struct {
  const char *name;
  const char *without; /* why there is no Python, as the message says; NULL: it runs */
  bool pending;        /* each call is made with an error pending */
} moment;
static int calls;

static void complain(const row *row, const parameter *bad, const char *what) {
  check_report(__FILE__, __LINE__, "%s: %s, %s wrong: %s; pending: %s: %s", moment.name, row->name,
               bad ? bad->name : "nothing", what, check_error.type_name, check_error.message);
}

static emb_status call(const row *row, const uint64_t *w) {
  memset(&out, 0xA5, sizeof out);
  clean = out;
  released = 0;
  calls++;
  if (moment.pending) emb_object_free(1);
  return row->function(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9]);
}

/* A call that must be refused with this status, and in words that have `part` in them. */
static void refuse(const row *row, const parameter *bad, const uint64_t *words, emb_status expected,
                   const char *part) {
  uint64_t before[16];
  memcpy(before, sized, sizeof before);
  emb_status status = call(row, words);
  if (status != expected) complain(row, bad, "another status than expected");
  if (memcmp(&out, &clean, sizeof out) || memcmp(before, sized, sizeof before))
    complain(row, bad, "an output was touched");
  if (check_take() != (moment.pending && row->special & ASIDE ? EMB_BAD_HANDLE : expected))
    complain(row, bad, "another error is pending than its status says");
  else if (!(moment.pending && row->special & ASIDE) && !strstr(check_error.message, part))
    complain(row, bad, "the message does not name it");
  for (const parameter *p = row->parameters; p->kind; p++)
    if (p->kind == RELEASE && released != 1) complain(row, bad, "not released exactly once");
}

/* A call that succeeds or that Python refuses, but that is whole in either way. */
static void tolerate(const row *row, const parameter *odd, const uint64_t *words) {
  emb_status status = call(row, words), pending = row->special & ASIDE ? EMB_OK : check_take();
  if (row->special & TEXTUAL) return;
  if (status != EMB_OK && status != EMB_EXCEPTION && !(odd && status == EMB_BAD_ARGUMENT) &&
      status != EMB_BAD_CALL)
    complain(row, odd, "refused");
  if (!(row->special & ASIDE) && pending != status) complain(row, odd, "the status is not that of the error");
  if (status != EMB_OK) {
    if (memcmp(&out, &clean, sizeof out)) complain(row, odd, "an output was touched");
    return;
  }
  /* What was given is given back. */
  for (const parameter *p = row->parameters; p->kind; p++)
    if ((p->kind & ~OR_NONE) == POINTER && memcmp(&out, &clean, sizeof out) != 0) {
      if (p->bad == GIVES_HANDLE) OK(emb_object_free(out.handle));
      if (p->bad == GIVES_VALUE && out.value.kind == EMB_OBJECT) OK(emb_object_free(out.value.as.object));
    }
  if (moment.without) return;
  OK(emb_gil_acquire()); /* so that it is gone now, and not later in another call */
  OK(emb_gil_release());
}

static size_t words_of(const parameter *p) { return (p->kind & ~OR_NONE) == TEXT_ ? 2 : 1; }

static void set_good(const row *row, uint64_t *words) {
  memset(words, 0, 10 * sizeof *words);
  size_t at = 0;
  for (const parameter *p = row->parameters; p->kind; at += words_of(p), p++) {
    words[at] = p->kind == HANDLE_ && p->good ? *(emb_handle *)(uintptr_t)p->good : p->good;
    if (p->kind == TEXT_) words[at + 1] = (uint64_t)EMB_NUL_TERMINATED;
    if ((p->kind & ~OR_NONE) == SIZED) sized[0] = p->bad;
    if (p->kind == (SIZED | OR_NONE)) words[at] = 0;
  }
}

/* Everything that can be wrong with one parameter. `w` are its words among all of them. */
static void spoil(const row *row, const parameter *p, uint64_t *words, uint64_t *w) {
  const char *named = p->named ? p->named : p->name;
  bool optional = p->kind & OR_NONE;
  emb_value in_value = {.kind = EMB_OBJECT};
#define WRONG(status, ...) (__VA_ARGS__, refuse(row, p, words, status, named))
  switch (p->kind & ~OR_NONE) {
  case HANDLE_:
    for (size_t i = 0; i < sizeof dead / sizeof *dead; i++)
      if (!optional || dead[i]) WRONG(EMB_BAD_HANDLE, w[0] = dead[i]);
    break;
  case TEXT_:
    for (size_t i = optional; i < sizeof texts / sizeof *texts; i++)
      WRONG(EMB_BAD_ARGUMENT, w[0] = W(texts[i].text), w[1] = (uint64_t)texts[i].length);
    break;
  case VALUE:
    WRONG(EMB_BAD_ARGUMENT, w[0] = W(&unknown));
    WRONG(EMB_BAD_ARGUMENT, w[0] = W(&broken));
    w[0] = W(&in_value);
    for (size_t i = 0; i < sizeof dead / sizeof *dead; i++) WRONG(EMB_BAD_HANDLE, in_value.as.object = dead[i]);
    /* fall through */
  case POINTER:
    if (!optional) WRONG(EMB_BAD_ARGUMENT, w[0] = 0);
    WRONG(EMB_BAD_ARGUMENT, w[0] = W(out.bytes + 1));
    break;
  case FUNCTION: WRONG(EMB_BAD_ARGUMENT, w[0] = 0); break;
  case SIZED:
    if (!optional) WRONG(EMB_BAD_ARGUMENT, w[0] = 0);
    WRONG(EMB_BAD_ARGUMENT, w[0] = W(out.bytes + 1));
    w[0] = W(sized), named = "size";
    WRONG(EMB_BAD_ARGUMENT, sized[0] = 0);
    WRONG(EMB_BAD_ARGUMENT, sized[0] = p->bad - 1);
    break;
  case NUMBER:
    WRONG(EMB_BAD_ARGUMENT, w[0] = p->bad);
    WRONG(EMB_BAD_ARGUMENT, w[0] = UINT32_MAX & ~(uint32_t)EMB_RELEASE_QUEUE);
    break;
  case COUNT:
    WRONG(EMB_BAD_ARGUMENT, w[0] = SIZE_MAX);
    WRONG(EMB_BAD_ARGUMENT, w[0] = SIZE_MAX / 2);
    WRONG(EMB_BAD_ARGUMENT, w[0] = (uint64_t)INT64_MIN);
    break;
  default: break; /* nothing can be wrong with it */
  }
}

/* Live objects and good values, but of any type. */
static void surprise(const row *row, const parameter *p, uint64_t *words, uint64_t *w) {
  if ((p->kind & ~OR_NONE) == HANDLE_ && !(row->special & CONSUMES))
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) w[0] = wrong[i], tolerate(row, p, words);
  if ((p->kind & ~OR_NONE) == VALUE)
    for (size_t i = 0; i < good_value_count; i++) w[0] = W(&good_values[i]), tolerate(row, p, words);
}

static void try_row(const row *row) {
  uint64_t words[10];
  set_good(row, words);
  bool needs_python = !(row->special & (ALWAYS | STARTS));
  if (moment.without && !(row->special & ALWAYS)) {
    bool could_start = row->special & STARTS && strcmp(moment.without, "emb_init") == 0;
    if (!could_start) refuse(row, NULL, words, EMB_NOT_RUNNING, moment.without);
  } else if (!(row->special & NOT_NOW)) {
    tolerate(row, NULL, words);
  }
  size_t at = 0;
  for (const parameter *p = row->parameters; p->kind; at += words_of(p), p++) {
    if (moment.without && needs_python) {
      if (p->kind == ANY || p->kind == RELEASE) continue;
      set_good(row, words);
      words[at] = p->kind == HANDLE_ ? 1 : 0; /* of two faults, the greater one is told */
      refuse(row, p, words, EMB_NOT_RUNNING, moment.without);
      continue;
    }
    set_good(row, words);
    spoil(row, p, words, words + at);
    set_good(row, words);
    if (!moment.without && !moment.pending && !(row->special & NOT_NOW)) surprise(row, p, words, words + at);
  }
}

static void at(const char *name, const char *without, bool pending) {
  moment.name = name, moment.without = without, moment.pending = pending;
  calls = 0;
  for (int i = 0; i < ROWS; i++) try_row(&rows[i]);
  CHECK(calls > ROWS);
}

static emb_status in_function(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                              int64_t keywords_length, emb_value *result) {
  at("in a host function", NULL, false);
  return nothing(userdata, args, nargs, keywords, keywords_length, result);
}
static void in_release(void *unused) {
  (void)unused;
  at("while an exception is on its way", NULL, false);
}
static void *in_thread(void *unused) {
  at("on another thread", NULL, false);
  return unused;
}

static emb_handle callable(emb_function called, emb_release release) {
  emb_handle made = 0;
  OK(emb_callback_new("f", 1, NULL, 0, called, NULL, EMB_RESULT_AUTO, release, &made));
  return made;
}

static void make_objects(void) {
  static emb_value pair[2];
  static const double parts[2] = {1, 2};
  const char *sources[] = {"None", "5", "object()", "dict", "__import__('math')"};
  for (int i = 0; i < 5; i++) wrong[i] = eval_object(sources[i]);
  space = eval_object("__import__('types').SimpleNamespace()");
  class = eval_object("type('C', (), {})");
  iterator = eval_object("iter([])");
  object_class = v_object(eval_object("object"));
  pair[0] = v_text("a"), pair[1] = v_int(1);
  const emb_value values[] = {
      v_none(), v_bool(true), v_int(INT64_MIN), v_uint(UINT64_MAX), v_float(-0.0), v_text("text"), v_bytes("b", 1),
      v_bigint("-0x1ffffffffffffffffffff"), v_items(EMB_TUPLE, pair, 2), v_items(EMB_LIST, pair, 2),
      v_items(EMB_DICT, pair, 1), v_items(EMB_SET, pair, 2), v_items(EMB_FROZENSET, pair, 2), {.kind = EMB_ELLIPSIS},
      {.kind = EMB_NOT_IMPLEMENTED}, {.kind = EMB_COMPLEX, .as.reals = parts}, v_object(wrong[2])};
  good_value_count = sizeof values / sizeof *values;
  memcpy(good_values, values, sizeof values);
  for (size_t i = 0; i < 16; i++) space_of[i] = W(nothing); /* an Arrow structure that is not released yet */
}

static void print_table(void) {
  for (int i = 0; i < ROWS; i++) {
    printf("%s(", rows[i].name);
    for (const parameter *p = rows[i].parameters; p->kind; p++) {
      printf("%s%s", p == rows[i].parameters ? "" : ", ", p->name);
      if (words_of(p) == 2) printf(", %s_length", p->name);
    }
    printf(")\n");
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "table") == 0) return print_table(), 0;
  at("before emb_init", "emb_init", false);
  fault_begin();
  make_objects();
  at("while Python runs", NULL, false);
  at("with an error pending", NULL, true);
  OK(emb_gil_acquire());
  at("in a lock scope", NULL, false);
  OK(emb_gil_release());

  emb_handle called = callable(in_function, NULL);
  OK(emb_call(called, NULL, 0, NULL, 0, EMB_RESULT_AUTO, NULL));
  CHECK(bind("called", called) && run("import threading as t; t = t.Thread(target=called); t.start(); t.join()"));
  emb_object_free(called);
  emb_handle fresh = callable(nothing, in_release);
  CHECK(bind("fresh", fresh));
  OK(emb_object_free(fresh));
  /* The last reference goes while the exception waits for its handler. */
  FAILS(emb_run("[].remove(globals().pop('fresh'))", -1, NULL, 0, 0), EMB_EXCEPTION, "ValueError");
  CHECK(strcmp(moment.name, "while an exception is on its way") == 0);

  pthread_t thread;
  pthread_create(&thread, NULL, in_thread, NULL);
  pthread_join(thread, NULL);
  int status = fault_end();
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(120); /* nothing may wait for a lock that no thread holds any more */
    at("in the child of a fork", "fork", false);
    _exit(check_result());
  }
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  OK(emb_shutdown());
  at("after emb_shutdown", "shut down", false);
  return check_result();
}
