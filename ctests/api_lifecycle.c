/* The life of the library: before emb_init, a second emb_init, after emb_shutdown. */
#include "check.h"

static void before(void) {
  emb_handle module = 7;
  emb_value value = {.kind = 77};
  CHECK_EQ(emb_abi_version(), EMB_ABI_VERSION);
  CHECK(strchr(emb_version(), '.') != NULL);
  FAILS(emb_import("math", -1, &module), EMB_NOT_RUNNING, "emb_init");
  FAILS(emb_eval("1", -1, 0, EMB_RESULT_AUTO, &value), EMB_NOT_RUNNING, "emb_init");
  FAILS(emb_gil_acquire(), EMB_NOT_RUNNING, "emb_init");
  FAILS(emb_gil_release(), EMB_NOT_RUNNING, "emb_init");
  FAILS(emb_shutdown(), EMB_NOT_RUNNING, "emb_init");
  CHECK_EQ(module, 7);
  CHECK_EQ(value.kind, 77);
  OK(emb_object_free(0));
  FAILS(emb_object_free(5), EMB_BAD_HANDLE, "object");
  OK(emb_doctor(EMB_DOCTOR_JSON, &value));
  CHECK(value.kind == EMB_TEXT && value.length > 2 && value.as.text[0] == '{');
}

/* The doctor's report is not NUL-terminated; this is. */
static const char *doctor(uint32_t format) {
  static char copy[65536];
  emb_value report = {0};
  if (OK(emb_doctor(format, &report)))
    snprintf(copy, sizeof copy, "%.*s", (int)report.length, report.as.text);
  return copy;
}

static void running(void) {
  emb_config config = {.size = sizeof config};
  OK(emb_init(NULL));
  OK(emb_init(NULL));
  OK(emb_init(&config));
  CHECK(strstr(doctor(EMB_DOCTOR_TEXT), "running") != NULL);
  CHECK(strstr(doctor(EMB_DOCTOR_JSON), "\"state\":\"running\"") != NULL);
  CHECK(run("import json, sys"));

  /* The Python that runs, by the names under which it knows itself. */
  const char *names[] = {"sys.executable", "sys.prefix"};
  for (int i = 0; i < 2; i++) {
    emb_value path = eval(names[i]);
    config.python = path.as.text;
    config.python_length = path.length;
    OK(emb_init(&config));
  }
  config.python = "/nowhere/bin/python3";
  config.python_length = EMB_NUL_TERMINATED;
  FAILS(emb_init(&config), EMB_CONFLICT, "/nowhere/bin/python3");
  config.python = ""; /* as good as none */
  OK(emb_init(&config));
  CHECK_ALIVE();

  /* The report is JSON that Python can read, and it names the Python that runs. */
  emb_handle main = 0;
  emb_value report = {0};
  OK(emb_import("__main__", -1, &main));
  OK(emb_doctor(EMB_DOCTOR_JSON, &report));
  OK(emb_object_setattr(main, "report", -1, &report));
  CHECK(run("report = json.loads(report)"));
  CHECK(is_true("report['python']['executable'] == sys.executable"));
  CHECK(is_true("report['abi'] == 1 and report['version'].startswith(sys.version.split()[0])"));
  CHECK(is_true("[c for c in report['candidates'] if c['verdict'] == 'taken'] != []"));
  OK(emb_object_free(main));
}

static int exit_function_ran;
static void released(void *counter) { ++*(int *)counter; }

static void after(void) {
  emb_handle object = eval_object("object()"), array = 9;
  double number = 1;
  int64_t one = 1;
  int count = 0;
  CHECK(run("import atexit, ctypes\n"
            "def leave(): ctypes.c_int.from_address(flag).value += 1\n"
            "atexit.register(leave)\n"));
  emb_value address = v_int((int64_t)(intptr_t)&exit_function_ran);
  emb_handle main = 0;
  OK(emb_import("__main__", -1, &main));
  OK(emb_object_setattr(main, "flag", -1, &address));

  OK(emb_gil_acquire());
  FAILS(emb_shutdown(), EMB_BAD_CALL, "emb_gil_acquire");
  OK(emb_gil_release());
  CHECK_EQ(exit_function_ran, 0);
  OK(emb_shutdown());
  CHECK_EQ(exit_function_ran, 1);

  FAILS(emb_shutdown(), EMB_NOT_RUNNING, "emb_shutdown");
  FAILS(emb_init(NULL), EMB_NOT_RUNNING, "emb_shutdown");
  FAILS(emb_import("math", -1, &array), EMB_NOT_RUNNING, "emb_shutdown");
  FAILS(emb_gil_acquire(), EMB_NOT_RUNNING, "emb_shutdown");
  /* A failed array has had its release, here as everywhere. */
  FAILS(emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, 0, released, &count, &array),
        EMB_NOT_RUNNING, "emb_shutdown");
  CHECK_EQ(count, 1);
  CHECK_EQ(array, 9);
  OK(emb_object_free(object));
  FAILS(emb_object_free(object), EMB_BAD_HANDLE, "object");
  CHECK(strstr(doctor(EMB_DOCTOR_TEXT), "ended") != NULL);
}

int main(void) {
  before();
  running();
  after();
  return check_result();
}
