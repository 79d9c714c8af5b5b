/* The host's signals stay the host's: handlers of all signals are the same after the start, and
 * after Python has imported `signal`. */
#include "check.h"

#include <signal.h>
#include <unistd.h>

static struct sigaction before[65];
static volatile sig_atomic_t interrupts;

static void on_interrupt(int number) { interrupts += number == SIGINT; }

static void look(struct sigaction *into) {
  for (int i = 1; i < 65; i++) {
    memset(&into[i], 0, sizeof into[i]);
    sigaction(i, NULL, &into[i]);
  }
}

static void same(const char *when) {
  const int of_libc = 0x04000000; /* SA_RESTORER, which the C library adds to whatever it sets */
  struct sigaction now[65];
  look(now);
  for (int i = 1; i < 65; i++)
    if (now[i].sa_handler != before[i].sa_handler ||
        (now[i].sa_flags | of_libc) != (before[i].sa_flags | of_libc))
      check_report(__FILE__, __LINE__, "signal %d is handled otherwise %s", i, when);
}

/* A handler of the host is called, and Python raises no KeyboardInterrupt. */
static void interrupt(void) {
  interrupts = 0;
  raise(SIGINT);
  CHECK_EQ(interrupts, 1);
  CHECK(run("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(0.01)"));
  CHECK_EQ(interrupts, 2);
}

/* A shared signal reaches both, and a handler of Python that raises ends what runs there. */
static void shared(void) {
  emb_handle handler = eval_object("signal.default_int_handler");
  interrupts = 0;
  OK(emb_signal_share(SIGINT, handler));
  FAILS(emb_run("import os\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: sum(range(9))",
                EMB_NUL_TERMINATED, NULL, 0, 0),
        EMB_EXCEPTION, "");
  CHECK_EQ(interrupts, 1);
  OK(emb_signal_share(SIGINT, handler)); /* once more: the host's handler is not called twice */
  FAILS(emb_run("os.kill(os.getpid(), signal.SIGINT)\nwhile True: sum(range(9))", EMB_NUL_TERMINATED, NULL,
                0, 0),
        EMB_EXCEPTION, "");
  CHECK_EQ(interrupts, 2);
  emb_handle number = eval_object("3.5");
  FAILS(emb_signal_share(SIGINT, number), EMB_EXCEPTION, "callable");
  FAILS(emb_signal_share(SIGKILL, handler), EMB_EXCEPTION, "");
  raise(SIGINT);
  CHECK_EQ(interrupts, 3);
  FAILS(emb_run("for _ in range(99): sum(range(9))", EMB_NUL_TERMINATED, NULL, 0, 0), EMB_EXCEPTION, "");
  OK(emb_object_free(handler));
  OK(emb_object_free(number));
}

int main(int argc, char **argv) {
  /* "default": the dispositions that a process begins with. Else handlers of the host's own. */
  bool defaults = argc > 1 && strcmp(argv[1], "default") == 0;
  if (!defaults) {
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &action, NULL);
  }
  look(before);
  start();
  same("after emb_init");
  CHECK(run("import signal"));
  same("after `import signal`");
  CHECK(run("import faulthandler, threading, subprocess, asyncio"));
  same("after imports that know of signals");
  if (has_module("numpy")) same("after `import numpy`");
  if (!defaults) interrupt();
  /* A Python program may still ask for a signal, and gets it. */
  CHECK(run("import signal, os\nseen = []\n"
            "signal.signal(signal.SIGUSR1, lambda *args: seen.append(args[0]))\n"
            "os.kill(os.getpid(), signal.SIGUSR1)\nfor _ in range(1000): pass"));
  CHECK(is_true("seen == [signal.SIGUSR1]"));
  CHECK(run("signal.signal(signal.SIGUSR1, signal.SIG_DFL)"));
  if (!defaults) shared();
  CHECK_ALIVE();
  if (!defaults && check_result() == 0) {
    fflush(NULL);
    /* Once more, with nothing changed. */
    execl(argv[0], argv[0], "default", (char *)NULL);
  }
  return check_result();
}
