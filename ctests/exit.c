/* The end of the process without emb_shutdown: Python's exit functions run, its output is
 * flushed, and the exit code is the host's, whatever is loaded and running.
 *
 * The program starts itself again for each way to end, and looks at what came out. */
#include "check.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;

static void *leave_from_thread(void *unused) {
  eval("1");
  exit(0);
  return unused;
}

static void *hold_and_sleep(void *unused) {
  eval("1");
  pause();
  return unused;
}

static void *in_and_out(void *unused) {
  while (emb_gil_acquire() == EMB_OK) emb_gil_release();
  return unused;
}

/* One life; its name says how it ends. */
static int live(const char *how) {
  pthread_t thread;
  start();
  run("import atexit, sys, threading, time\n"
      "atexit.register(lambda: print('exit function'))\n"
      "print('buffered text', end=' ')\n");
  if (strcmp(how, "daemon") == 0)
    run("def work():\n  n = 0\n  while True: n += 1\n"
        "for _ in range(4): threading.Thread(target=work, daemon=True).start()\n"
        "threading.Thread(target=lambda: time.sleep(1e6), daemon=True).start()");
  if (strcmp(how, "thread") == 0) /* not a daemon: waited for */
    run("def work():\n  time.sleep(0.2); print('thread', end=' ')\n"
        "threading.Thread(target=work).start()");
  if (strcmp(how, "numpy") == 0) run("import numpy; numpy.ones((200, 200)) @ numpy.ones((200, 200))");
  if (strcmp(how, "matplotlib") == 0) run("import matplotlib.pyplot as p; p.plot([1, 2]); p.gcf()");
  if (strcmp(how, "pool") == 0)
    run("from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(4); assert list(pool.map(abs, range(-9, 0)))[0] == 9");
  if (strcmp(how, "raises") == 0) run("atexit.register(lambda: 1 / 0)");
  if (strcmp(how, "scope") == 0) emb_gil_acquire();
  if (strcmp(how, "shutdown") == 0) emb_shutdown();
  if (strcmp(how, "sleepers") == 0)
    for (int i = 0; i < 8; i++) pthread_create(&thread, NULL, hold_and_sleep, NULL);
  if (strcmp(how, "busy") == 0 || strcmp(how, "busy-shutdown") == 0) {
    for (int i = 0; i < 8; i++) pthread_create(&thread, NULL, in_and_out, NULL);
    usleep(20000);
  }
  if (strcmp(how, "busy-shutdown") == 0) emb_shutdown();
  if (strcmp(how, "elsewhere") == 0) {
    pthread_create(&thread, NULL, leave_from_thread, NULL);
    pause();
  }
  return 0;
}

/* The output of a life, and its end. */
static int run_life(const char *how, char *output, size_t size) {
  int pipes[2], status = -1;
  if (pipe(pipes) != 0) return -1;
  pid_t child = fork();
  if (child == 0) {
    alarm(20); /* what hangs is killed by SIGALRM: 1014 */
    dup2(pipes[1], STDOUT_FILENO);
    close(pipes[0]);
    close(pipes[1]);
    unsetenv("PYTHONUNBUFFERED");
    execl(program, program, how, (char *)NULL);
    _exit(127);
  }
  close(pipes[1]);
  size_t length = 0;
  for (ssize_t n; length + 1 < size && (n = read(pipes[0], output + length, size - 1 - length)) > 0;)
    length += (size_t)n;
  output[length] = 0;
  close(pipes[0]);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static bool check_life(const char *how, const char *expected) {
  char output[4096];
  int code = run_life(how, output, sizeof output);
  if (code == 0 && strstr(output, expected) != NULL) return true;
  check_report(__FILE__, __LINE__, "%s ended with %d, said \"%s\"", how, code, output);
  return false;
}

int main(int argc, char **argv) {
  program = argv[0];
  if (argc > 1) return live(argv[1]);
  const char *lives[] = {"plain", "daemon", "pool", "raises", "scope", "shutdown", "sleepers", "busy",
                         "busy-shutdown", "elsewhere"};
  for (size_t i = 0; i < sizeof lives / sizeof *lives; i++)
    check_life(lives[i], "buffered text exit function");
  check_life("thread", "buffered text thread exit function");
  /* What happens once in a while happens in twenty times. */
  for (int i = 0; i < 20; i++)
    if (!check_life(i % 2 ? "daemon" : "busy-shutdown", "exit function")) break;

  start();
  if (!has_module("numpy")) return printf("SKIP exit: no numpy\n"), check_result();
  bool matplotlib = has_module("matplotlib");
  if (!matplotlib) printf("SKIP exit: no matplotlib\n");
  for (int i = 0; i < 20; i++)
    if (!check_life(matplotlib && i % 4 == 0 ? "matplotlib" : "numpy", "exit function")) break;
  return check_result();
}
