/* Loading the library does nothing to the process: what a host could notice is as it was.
 *
 * Not linked with libemb: the argument is the library's path. */
#include <dirent.h>
#include <dlfcn.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

struct state {
  char text[65536];
  size_t length;
};

static void add(struct state *state, const char *what, const void *bytes, size_t size) {
  state->length += (size_t)snprintf(state->text + state->length, sizeof state->text - state->length,
                                    "%s ", what);
  for (size_t i = 0; i < size && state->length + 3 < sizeof state->text; i++)
    state->length += (size_t)sprintf(state->text + state->length, "%02x", ((const unsigned char *)bytes)[i]);
  state->length += (size_t)snprintf(state->text + state->length, sizeof state->text - state->length, "\n");
}

/* Names in a folder of /proc: threads, open files. */
static void add_folder(struct state *state, const char *path) {
  DIR *folder = opendir(path);
  int count = 0;
  for (struct dirent *entry; folder && (entry = readdir(folder));) count++;
  if (folder) closedir(folder);
  add(state, path, &count, sizeof count);
}

static void look(struct state *state) {
  memset(state, 0, sizeof *state);
  add_folder(state, "/proc/self/task");
  add_folder(state, "/proc/self/fd");
  for (int i = 1; i < 65; i++) {
    struct sigaction action;
    char name[20];
    memset(&action, 0, sizeof action);
    sigaction(i, NULL, &action);
    snprintf(name, sizeof name, "signal %d", i);
    add(state, name, &action.sa_handler, sizeof action.sa_handler);
    add(state, name, &action.sa_flags, sizeof action.sa_flags);
  }
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  add(state, "blocked signals", &blocked, 8);
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  sigaltstack(NULL, &stack);
  add(state, "signal stack", &stack.ss_sp, sizeof stack.ss_sp);
  add(state, "environ", &environ, sizeof environ);
  for (char **entry = environ; *entry; entry++) {
    unsigned sum = 0; /* the whole text would not fit */
    for (char *c = *entry; *c; c++) sum = sum * 31 + (unsigned char)*c;
    add(state, "variable", &sum, sizeof sum);
  }
  const char *locale = setlocale(LC_ALL, NULL);
  add(state, "locale", locale, strlen(locale));
  int rounding = fegetround();
  add(state, "rounding", &rounding, sizeof rounding);
  char folder[4096] = "";
  if (getcwd(folder, sizeof folder) == NULL) folder[0] = '?';
  add(state, "folder", folder, strlen(folder));
  mode_t mask = umask(0);
  umask(mask);
  add(state, "umask", &mask, sizeof mask);
  for (int i = 0; i < 10; i++) {
    struct rlimit limit = {0, 0};
    getrlimit(i, &limit);
    add(state, "limit", &limit, sizeof limit);
  }
}

static int compare(const char *when, const struct state *before) {
  static struct state after;
  look(&after);
  if (strcmp(before->text, after.text) == 0) return 0;
  fprintf(stderr, "the process is not as it was %s\nbefore:\n%safter:\n%s", when, before->text, after.text);
  return 1;
}

int main(int argc, char **argv) {
  static struct state before;
  look(&before);
  void *library = dlopen(argc > 1 ? argv[1] : "libemb.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL) return fprintf(stderr, "%s\n", dlerror()), 1;
  int changed = compare("after dlopen", &before);
  unsigned (*version)(void) = NULL;
  *(void **)&version = dlsym(library, "emb_abi_version");
  if (version == NULL || version() == 0) return fprintf(stderr, "no emb_abi_version\n"), 1;
  /* Nothing of Python has come in with it. */
  if (dlsym(RTLD_DEFAULT, "Py_Initialize")) return fprintf(stderr, "a Python is loaded\n"), 1;
  dlclose(library);
  return changed | compare("after dlclose", &before);
}
