/* Starts Python as its arguments say, one after the other in this one process, and prints what
 * comes of it:
 *
 *   PATH         emb_init with that Python ("" for none)
 *   run:CODE     runs code in it
 *   eval:CODE    prints the text that an expression gives
 *   fds:PATH     emb_init with that Python while no file can be opened
 *   doctor       prints the report
 */
#include <emb.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int failed(void) {
  emb_error error = {.size = sizeof error};
  emb_error_take(&error);
  printf("%s: %s\n", error.type_name, error.message);
  return 1;
}

static int start(const char *python) {
  emb_config config = {.size = sizeof config, .python = *python ? python : NULL};
  printf("[%s] ", python);
  if (emb_init(&config)) return failed();
  printf("started\n");
  return 0;
}

static int start_without_files(const char *python) {
  struct rlimit saved, none;
  getrlimit(RLIMIT_NOFILE, &saved);
  none = saved;
  none.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &none);
  int status = start(python);
  setrlimit(RLIMIT_NOFILE, &saved);
  return status;
}

static int eval(const char *code) {
  emb_value text = {0};
  if (emb_eval(code, -1, 0, 0, &text)) return failed();
  printf("%.*s\n", (int)text.length, text.as.text);
  return 0;
}

static int doctor(void) {
  emb_value report = {0};
  if (emb_doctor(EMB_DOCTOR_TEXT, &report)) return failed();
  printf("%.*s", (int)report.length, report.as.text);
  return 0;
}

int main(int argc, char **argv) {
  int status = 0;
  for (int i = 1; i < argc; i++) {
    const char *step = argv[i];
    if (!strncmp(step, "run:", 4))
      status = emb_run(step + 4, -1, NULL, 0, 0) ? failed() : 0;
    else if (!strncmp(step, "eval:", 5))
      status = eval(step + 5);
    else if (!strncmp(step, "fds:", 4))
      status = start_without_files(step + 4);
    else if (!strcmp(step, "doctor"))
      status = doctor();
    else
      status = start(step);
    fflush(stdout);
  }
  return status;
}
