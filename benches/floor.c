/* The floor: CPython's C API called directly, by a program that was built for this one Python and
 * this one numpy. Nothing that serves every Python can be faster; it is what the others are
 * compared with. Names are resolved once; the thread keeps its state. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>

#include "contender.h"

static PyObject *sqrt_, *math, *pi, *f, *k, *hello, *upper, *loop, *fail, *host, *array, *list;
static double doubles[MILLION], sink;
static long ended;
static char text[64];

static PyObject *host_function(PyObject *self, PyObject *argument) {
  (void)self;
  long number = PyLong_AsLong(argument);
  if (number == -1 && PyErr_Occurred()) return NULL;
  return PyLong_FromLong(number + 1);
}
static PyMethodDef definition = {"host", host_function, METH_O, NULL};

static void end(PyObject *capsule) { (void)capsule, ended++; }

static PyObject *list_in(void) {
  PyObject *made = PyList_New(MILLION);
  for (long i = 0; i < MILLION; i++) PyList_SET_ITEM(made, i, PyFloat_FromDouble(doubles[i]));
  return made;
}

static int prepare(void) {
  static int ready;
  if (ready) return 0;
  import_array1(-1);
  PyObject *names = PyModule_GetDict(PyImport_AddModule("__main__"));
  math = PyImport_ImportModule("math");
  sqrt_ = PyObject_GetAttrString(math, "sqrt");
  pi = PyUnicode_InternFromString("pi"), upper = PyUnicode_InternFromString("upper");
  k = Py_BuildValue("(N)", PyUnicode_InternFromString("k"));
  f = PyDict_GetItemString(names, "f"), loop = PyDict_GetItemString(names, "loop");
  fail = PyDict_GetItemString(names, "fail"), hello = PyDict_GetItemString(names, "hello");
  host = PyCFunction_New(&definition, NULL);
  npy_intp shape = MILLION;
  array = PyArray_SimpleNewFromData(1, &shape, NPY_DOUBLE, doubles);
  list = list_in();
  ready = host && array && list && fail ? 1 : 0;
  return ready ? 0 : -1;
}

static void copy_text(PyObject *from, char *to) {
  Py_ssize_t length;
  const char *bytes = PyUnicode_AsUTF8AndSize(from, &length);
  memcpy(to, bytes, (size_t)length + 1);
}

static void wrap(npy_intp shape) {
  PyObject *made = PyArray_SimpleNewFromData(1, &shape, NPY_DOUBLE, doubles);
  PyObject *owner = PyCapsule_New(doubles, NULL, end);
  PyArray_SetBaseObject((PyArrayObject *)made, owner);
  Py_DECREF(made);
}

static void call(PyObject *callable, PyObject **args, size_t count, PyObject *names, int integer) {
  PyObject *result = PyObject_Vectorcall(callable, args + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
  sink = integer ? (double)PyLong_AsLong(result) : PyFloat_AsDouble(result);
  Py_DECREF(result);
}

static void exception(void) {
  PyObject *kind, *value, *traceback;
  PyObject *result = PyObject_CallNoArgs(fail);
  Py_XDECREF(result);
  PyErr_Fetch(&kind, &value, &traceback);
  PyErr_NormalizeException(&kind, &value, &traceback);
  PyObject *message = PyObject_Str(value);
  copy_text(message, text);
  strncpy(text + 32, ((PyTypeObject *)kind)->tp_name, 31);
  Py_DECREF(message);
  Py_DECREF(kind), Py_DECREF(value), Py_XDECREF(traceback);
}

static void once(enum operation operation) {
  PyObject *args[5] = {NULL}, *result;
  Py_buffer view;
  switch (operation) {
    case CALL:
      args[1] = PyFloat_FromDouble(2.0);
      call(sqrt_, args, 1, NULL, 0);
      Py_DECREF(args[1]);
      break;
    case ATTRIBUTE:
      result = PyObject_GetAttr(math, pi);
      sink = PyFloat_AsDouble(result);
      Py_DECREF(result);
      break;
    case KEYWORD:
      args[1] = PyLong_FromLong(1), args[2] = PyFloat_FromDouble(2.5);
      args[3] = PyUnicode_FromStringAndSize("abc", 3), args[4] = Py_True;
      call(f, args, 3, k, 1);
      for (int i = 1; i < 4; i++) Py_DECREF(args[i]);
      break;
    case TEXT:
      result = PyObject_CallMethodNoArgs(hello, upper);
      copy_text(result, text);
      Py_DECREF(result);
      break;
    case WRAP_10: wrap(10); break;
    case WRAP_1M: wrap(MILLION); break;
    case VIEW:
      PyObject_GetBuffer(array, &view, PyBUF_FULL_RO);
      sink = (double)view.shape[0];
      PyBuffer_Release(&view);
      break;
    case EXCEPTION: exception(); break;
    case LIST_IN:
      result = list_in();
      Py_DECREF(result);
      break;
    case LIST_OUT:
      for (long i = 0; i < MILLION; i++) doubles[i] = PyFloat_AsDouble(PyList_GET_ITEM(list, i));
      break;
    default: break;
  }
}

static void callbacks(long count) {
  PyObject *result = PyObject_CallFunction(loop, "Ol", host, count);
  Py_XDECREF(result);
}

int run(enum operation operation, int held, long count) {
  PyGILState_STATE state = PyGILState_Ensure();
  if (prepare() < 0) return PyErr_Print(), PyGILState_Release(state), -1;
  if (operation == CALLBACK) callbacks(count);
  else if (held) for (long i = 0; i < count; i++) once(operation);
  PyGILState_Release(state);
  if (held || operation == CALLBACK) return 0;
  for (long i = 0; i < count; i++) {
    state = PyGILState_Ensure();
    once(operation);
    PyGILState_Release(state);
  }
  return 0;
}
