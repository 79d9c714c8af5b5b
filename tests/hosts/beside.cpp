/* A program in C++ that runs one Python, and another beside it. Arguments: the first one's libpython,
 * and its interpreter; the library made of says.cpp. */
#include <emb.hpp>

#include <dlfcn.h>
#include <iostream>
#include <sstream>

template <class Function> static Function *find(void *library, const char *name, Function *) {
  return reinterpret_cast<Function *>(dlsym(library, name));
}

static void set_program_name(const wchar_t *) {}
static void initialize(int) {}
static int run_simple_string(const char *) { return 0; }
static void *save_thread() { return nullptr; }
static int ensure() { return 0; }
static void release(int) {}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    std::cerr << dlerror() << std::endl;
    return 1;
  }
  std::string name = argv[2];
  static const std::wstring wide(name.begin(), name.end());
  find(library, "Py_SetProgramName", set_program_name)(wide.c_str());
  find(library, "Py_InitializeEx", initialize)(0);
  auto run = find(library, "PyRun_SimpleString", run_simple_string);
  if (run("import sys, json, decimal, ssl; assert sys.version_info[1] == 12")) return 1;
  find(library, "PyEval_SaveThread", save_thread)();

  emb::init({}, true);
  emb::run("import sys, numpy, scipy.sparse.linalg, pandas, pyarrow, sklearn.cluster\n"
           "from PyQt6.QtCore import QCoreApplication, QLocale\n"
           "application = QCoreApplication(['test'])\n"
           "assert scipy.sparse.eye(3).sum() == 3 and pyarrow.array([1, 2]).sum().as_py() == 3\n"
           "assert QLocale.c().toString(1.5) == '1.5'");
  emb::import("ctypes").call("CDLL", argv[3]).call("say");
  double number = emb::eval("float(numpy.array([1.5, 2]).sum())").as<double>();
  int minor = emb::eval("sys.version_info[1]").as<int>();

  auto state = find(library, "PyGILState_Ensure", ensure)();
  if (run("import sqlite3, csv; assert json.loads('[1]') == [1]")) return 1;
  find(library, "PyGILState_Release", release)(state);

  std::ostringstream text;
  text << number << ", 3.12 and 3." << minor;
  std::cout << "C++ says " << text.str() << std::endl;
  emb::shutdown();
  return 0;
}
