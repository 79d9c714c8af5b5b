/* The report: every candidate with its verdict, and libraries that are in the process twice. */
#include "check.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/libemb-ctest-XXXXXX";

/* The report as Python sees it, in `report` and `text`. */
static void read_report(void) {
  report_for_python();
  CHECK(run("import json; report = json.loads(json_text)\n"
            "twice = {one['library']: one['files'] for one in report['twice']}"));
}

static int find_libpython(struct dl_phdr_info *info, size_t size, void *path) {
  (void)size;
  if (strstr(info->dlpi_name, "/libpython3.") && strstr(info->dlpi_name, ".so"))
    snprintf(path, 500, "%s", info->dlpi_name);
  return 0;
}

/* Opens a second file of a library. */
static void *open_copy(const char *path, const char *name, char *copy) {
  char command[1200];
  snprintf(copy, 500, "%s/%s", folder, name);
  snprintf(command, sizeof command, "cp '%s' '%s'", path, copy);
  CHECK(system(command) == 0);
  void *opened = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
  if (!CHECK(opened != NULL)) fprintf(stderr, "  %s\n", dlerror());
  return opened;
}

static void candidates(void) {
  /* An empty folder for the environment that is asked for: refused, and the report says so and why. */
  emb_config config = {.size = sizeof config, .python = folder};
  FAILS(emb_init(&config), EMB_NO_PYTHON, folder);
  emb_value report = {0};
  OK(emb_doctor(EMB_DOCTOR_JSON, &report));
  CHECK(memmem(report.as.text, report.length, "\"verdict\":\"refused\"", 19) != NULL);
  CHECK(memmem(report.as.text, report.length, folder, strlen(folder)) != NULL);
}

static void taken(void) {
  read_report();
  CHECK(is_true("[one['verdict'] for one in report['candidates']][-1] == 'taken'"));
  CHECK(is_true("report['candidates'][-1]['source'] in text and report['candidates'][-1]['path'] in text"));
  CHECK(is_true("report['python']['executable'] == __import__('sys').executable"));
  CHECK(is_true("report['version'].split()[0] == __import__('platform').python_version()"));
  CHECK(is_true("report['python']['libpython'] in text and report['clash']['method'] == 'global'"));
}

static void twice(void) {
  char library[500] = "", copy[500];
  Dl_info info;
  CHECK(is_true("'libstdc++' not in twice and 'libpython' not in twice"));
  void *first = dlopen("libstdc++.so.6", RTLD_NOW);
  if (!CHECK(first != NULL && dladdr(dlsym(first, "__cxa_throw"), &info))) return;
  void *second = open_copy(info.dli_fname, "another.so", copy);
  read_report();
  emb_value path = v_text(copy);
  emb_handle main = 0;
  OK(emb_import("__main__", -1, &main));
  OK(emb_object_setattr(main, "copy", -1, &path));
  CHECK(is_true("len(twice['libstdc++']) == 2 and copy in twice['libstdc++']"));
  CHECK(is_true("'  libstdc++\\n    ' in text and copy in text"));
  dlclose(second);
  unlink(copy);
  read_report();
  CHECK(is_true("'libstdc++' not in twice")); /* it is what there is now */

  dl_iterate_phdr(find_libpython, library);
  if (CHECK(library[0])) {
    second = open_copy(library, "libpython.copy.so", copy);
    path = v_text(copy);
    OK(emb_object_setattr(main, "copy", -1, &path));
    read_report();
    CHECK(is_true("len(twice['libpython']) == 2 and copy in twice['libpython']"));
    unlink(copy);
  }
  OK(emb_object_free(main));
}

int main(void) {
  if (!CHECK(mkdtemp(folder) != NULL)) return 1;
  candidates();
  start();
  taken();
  twice();
  rmdir(folder);
  CHECK_ALIVE();
  return check_result();
}
