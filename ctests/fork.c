/* The child of a fork cannot go on with its parent's Python, and is told so; the parent can. */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static int status_of_child(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void count(void *counter) { ++*(int *)counter; }

static int in_child(emb_handle object, emb_handle array, bool scope) {
  emb_value value = {.kind = 99}, report = {0};
  emb_handle module = 9;
  double number = 1;
  int64_t one = 1;
  int released = 0;
  alarm(20); /* whatever waits for a lock of the parent's threads ends here */
  FAILS(emb_import("math", -1, &module), EMB_NOT_RUNNING, "fork");
  FAILS(emb_eval("1", -1, 0, 0, &value), EMB_NOT_RUNNING, "fork");
  FAILS(emb_init(NULL), EMB_NOT_RUNNING, "fork");
  FAILS(emb_gil_acquire(), EMB_NOT_RUNNING, "fork");
  if (scope) OK(emb_gil_release()); /* what was opened can be closed, whatever became of Python */
  FAILS(emb_gil_release(), EMB_NOT_RUNNING, "fork");
  FAILS(emb_shutdown(), EMB_NOT_RUNNING, "fork");
  FAILS(emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, 0, count, &released, &module),
        EMB_NOT_RUNNING, "fork");
  CHECK_EQ(released, 1);
  OK(emb_doctor(EMB_DOCTOR_TEXT, &report));
  CHECK(memmem(report.as.text, report.length, "fork", 4) != NULL);
  OK(emb_object_free(object));
  OK(emb_object_free(array));
  FAILS(emb_object_free(object), EMB_BAD_HANDLE, "object");
  CHECK(value.kind == 99 && module == 9);
  return check_result();
}

/* A thread of the parent notes handles all the time, which takes a lock: the child can note some. */
static atomic_bool forked;

static void *note_handles(void *object) {
  emb_handle handles[1000];
  size_t noted = 0;
  for (size_t i = 0; i < COUNT(handles); i++) handles[i] = *(emb_handle *)object;
  while (!atomic_load(&forked)) OK(emb_object_note(handles, COUNT(handles), 0, &noted));
  return NULL;
}

static void noting(emb_handle object) {
  pthread_t thread;
  if (!CHECK(pthread_create(&thread, NULL, note_handles, &object) == 0)) return;
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      size_t noted = 0;
      alarm(20);
      _exit(emb_object_note(&object, 1, 0, &noted) == EMB_OK && noted == 1 ? 0 : 1);
    }
    CHECK_EQ(status_of_child(child), 0);
  }
  atomic_store(&forked, true);
  pthread_join(thread, NULL);
}

int main(void) {
  char folder[] = "/tmp/libemb-ctest-XXXXXX", output[100], word[100] = "";
  double numbers[2] = {1, 2};
  int64_t two = 2;
  emb_handle array = 0;
  start();
  if (!CHECK(mkdtemp(folder) != NULL)) return 1;
  snprintf(output, sizeof output, "%s/output", folder);
  emb_handle object = eval_object("object()");
  emb_value name = v_text(output);
  OK(emb_array_from_ptr(numbers, "d", -1, 1, &two, NULL, 0, NULL, NULL, &array));
  emb_handle main = 0;
  OK(emb_import("__main__", -1, &main));
  OK(emb_object_setattr(main, "output", -1, &name));
  /* Each process that runs Python's exit functions would add its line, buffered text too. */
  CHECK(run("import atexit, os, threading, time\n"
            "buffered = open(output, 'a')\n"
            "buffered.write('once')\n"
            "def leave():\n  with open(output + '.exit', 'a') as f: f.write('%d ' % os.getpid())\n"
            "atexit.register(leave)\n"
            "threading.Thread(target=lambda: time.sleep(1e6), daemon=True).start()"));
  fflush(NULL);

  for (int i = 0; i < 3; i++) {
    if (i == 2) OK(emb_gil_acquire()); /* also out of a lock scope */
    pid_t child = fork();
    if (child == 0) exit(in_child(object, array, i == 2)); /* with all that hangs on it */
    CHECK_EQ(status_of_child(child), 0);
    if (i == 2) OK(emb_gil_release());
    CHECK_ALIVE();
  }
  noting(object);
  char *no_exit_functions = strcat(strcpy(word, output), ".exit");
  CHECK(access(no_exit_functions, F_OK) != 0);

  /* Python's own fork goes on with Python in the child. */
  CHECK(run("import warnings; warnings.simplefilter('ignore')\n"
            "pid = os.fork()\n"
            "if pid == 0:\n  import json\n  os._exit(json.loads('7'))\n"
            "code = os.waitpid(pid, 0)[1] >> 8"));
  CHECK_EQ(eval("code").as.integer, 7);
  CHECK(bind("a", array) && is_true("list(a) == [1, 2]")); /* the parent's arrays are whole */
  OK(emb_object_free(array));
  OK(emb_object_free(object));
  CHECK_ALIVE();

  OK(emb_shutdown());
  FILE *file = fopen(no_exit_functions, "r"); /* the parent's exit functions ran, once */
  int first = 0, more = 0;
  if (CHECK(file != NULL)) {
    CHECK_EQ(fscanf(file, "%d %d", &first, &more), 1);
    CHECK_EQ(first, getpid());
    fclose(file);
  }
  unlink(no_exit_functions);
  unlink(output);
  rmdir(folder);
  return check_result();
}
