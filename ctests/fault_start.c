/* Each way in which a start fails, one after the other in one process, and then a good start.
 *
 * EMB_PYTHON names the good one. With an argument, only that case is played: "static" for a
 * machine on which Debian's static python has no libpython beside it. */
#include "check.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/libemb-ctest-XXXXXX";
static char path_buffer[8][600];

static const char *in_folder(const char *name) {
  static int next;
  char *path = path_buffer[next++ % 8];
  snprintf(path, sizeof path_buffer[0], "%s/%s", folder, name);
  return path;
}

static const char *file(const char *name, const char *text, mode_t mode) {
  const char *path = in_folder(name);
  FILE *stream = fopen(path, "w");
  if (!CHECK(stream != NULL)) return path;
  fputs(text, stream);
  fclose(stream);
  chmod(path, mode);
  return path;
}

/* The start fails, says why, and names the place; nothing else is broken by it. */
static void refused_at(const char *why, const char *python, const char *place) {
  emb_config config = {.size = sizeof config, .python = python};
  emb_handle module = 9;
  emb_value report = {0};
  if (!FAILS(emb_init(&config), EMB_NO_PYTHON, why)) return;
  if (place && !CHECK(strstr(check_error.message, place) != NULL))
    fprintf(stderr, "  %s\n", check_error.message);
  FAILS(emb_import("math", -1, &module), EMB_NOT_RUNNING, "emb_init");
  CHECK_EQ(module, 9);
  OK(emb_doctor(EMB_DOCTOR_TEXT, &report));
  if (python) CHECK(memmem(report.as.text, report.length, python, strlen(python)) != NULL);
}

static void refused(const char *why, const char *python) { refused_at(why, python, python); }

static void refused_by_variable(const char *why, const char *variable, const char *value) {
  setenv(variable, value, 1);
  refused_at(why, NULL, variable);
  unsetenv(variable);
}

/* Pythons of the machine that are found without any PATH. */
static int installed_elsewhere(void) {
  glob_t found;
  int status = glob("/usr/local/bin/python3*", 0, NULL, &found);
  globfree(&found);
  return status == 0 || access("/opt/conda", F_OK) == 0;
}

static void no_path(void) {
  const char *path = getenv("PATH");
  char *saved = strdup(path ? path : "");
  setenv("PATH", "", 1);
  refused("no python3 on PATH", NULL);
  setenv("PATH", folder, 1);
  refused("no python3 on PATH", NULL);
  unsetenv("PATH");
  refused("no python3 on PATH", NULL);
  setenv("PATH", saved, 1);
  free(saved);
}

static void nothing_there(void) {
  if (installed_elsewhere())
    printf("SKIP fault_start: this machine has a Python that needs no PATH\n");
  else
    no_path();
  refused("no", in_folder("missing"));
  refused("no", in_folder("missing/bin/python3"));
  refused_by_variable("missing", "EMB_PYTHON", in_folder("missing"));
  refused_by_variable("missing", "VIRTUAL_ENV", in_folder("missing"));
  mkdir(in_folder("empty"), 0755);
  refused("no", in_folder("empty")); /* a folder without a python in it */
  refused_by_variable("empty", "VIRTUAL_ENV", in_folder("empty"));
}

static void no_pythons(void) {
  refused("not an executable", file("text", "just text\n", 0644));
  refused(NULL, file("runnable-text", "just text\n", 0755));
  refused("first line", file("no-interpreter", "#!/no/such/program\n", 0755));
  refused("did not answer", file("true", "#!/bin/sh\nexit 0\n", 0755));
  refused("exit status: 3", file("false", "#!/bin/sh\nexit 3\n", 0755));
  refused("the reason", file("talks", "#!/bin/sh\necho the reason >&2\nexit 1\n", 0755));
  refused("signal", file("dies", "#!/bin/sh\nkill -11 $$\n", 0755));
  refused("makes no sense", file("lies",
      "#!/bin/sh\necho '<libemb-probe>{\"implementation\": 3}</libemb-probe>'\n", 0755));
  refused("without end", file("floods", "#!/bin/sh\nexec yes\n", 0755));
}

/* A venv whose base python was removed: its python is a link to nowhere. */
static void orphaned_venv(void) {
  const char *venv = in_folder("venv");
  mkdir(venv, 0755);
  mkdir(in_folder("venv/bin"), 0755);
  file("venv/pyvenv.cfg", "home = /no/such/base/bin\nversion = 3.11.0\n", 0644);
  CHECK(symlink("/no/such/base/bin/python3", in_folder("venv/bin/python3")) == 0);
  CHECK(symlink("python3", in_folder("venv/bin/python")) == 0);
  refused("/no/such/base", venv);
  refused_by_variable("/no/such/base", "EMB_PYTHON", venv);
  refused_by_variable("Recreate", "VIRTUAL_ENV", venv);
}

/* Pythons of the wrong kind, where the machine has them. */
static void wrong_pythons(void) {
  const char *pypy = getenv("EMB_TEST_PYPY"), *old = getenv("EMB_TEST_OLD_PYTHON");
  if (pypy)
    refused("PyPy", pypy);
  else
    printf("SKIP fault_start: no pypy3\n");
  if (old)
    refused("too old", old);
  else
    printf("SKIP fault_start: no Python 3.7\n");
}

/* An unusable PYTHONHOME ends a starting Python with a fatal error: it must not end this process. */
static void python_home(const char *good) {
  setenv("PYTHONHOME", "/no/such/home", 1);
  refused("PYTHONHOME", good);
  unsetenv("PYTHONHOME");
}

int main(int argc, char **argv) {
  const char *variable = getenv("EMB_PYTHON");
  char *good = variable ? strdup(variable) : NULL;
  unsetenv("EMB_PYTHON");
  if (argc > 1 && strcmp(argv[1], "static") == 0) {
    refused("nstall libpython3", "/usr/bin/python3");
    return check_result();
  }
  if (!CHECK(mkdtemp(folder) != NULL)) return 1;
  /* Neither a project nor the user's own Pythons may be found instead. */
  CHECK(chdir(folder) == 0);
  setenv("HOME", folder, 1);
  static const char *const homes[] = {"XDG_DATA_HOME", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR",
                                      "MAMBA_ROOT_PREFIX"};
  for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) unsetenv(homes[i]);
  nothing_there();
  no_pythons();
  orphaned_venv();
  wrong_pythons();
  if (good) python_home(good);

  /* After all that, a good one, in this very process. */
  emb_config config = {.size = sizeof config, .python = good};
  OK(emb_init(&config));
  CHECK_ALIVE();
  emb_value remove = v_text(folder);
  emb_handle shutil = 0;
  OK(emb_import("shutil", -1, &shutil));
  OK(emb_call_method(shutil, "rmtree", -1, &remove, 1, NULL, 0, 0, NULL));
  emb_object_free(shutil);
  free(good);
  return check_result();
}
