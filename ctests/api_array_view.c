/* The other way: Python's memory for the host; and the cost of wrapping, whatever the size. */
#include "check.h"

#include <sys/mman.h>
#include <time.h>

static bool numpy;

static emb_status view_of(const char *source, uint32_t flags, emb_view *view) {
  emb_handle object = eval_object(source);
  *view = (emb_view){.size = sizeof *view};
  emb_status status = emb_array_view(object, flags, view);
  emb_object_free(object); /* the view holds what it needs */
  return status;
}

static void plain_buffers(void) {
  emb_view view;
  if (OK(view_of("b'abc'", 0, &view))) {
    CHECK(view.readonly == 1 && view.nbytes == 3 && view.itemsize == 1 && view.ndim == 1);
    CHECK(view.shape[0] == 3 && view.strides[0] == 1 && strcmp(view.format, "B") == 0);
    CHECK(memcmp(view.data, "abc", 3) == 0);
    OK(emb_object_free(view.owner));
  }
  view.owner = 5;
  FAILS(view_of("b'abc'", EMB_VIEW_WRITABLE, &view), EMB_EXCEPTION, "BufferError");
  FAILS(view_of("[1, 2]", 0, &view), EMB_EXCEPTION, "TypeError");
  CHECK(view.owner == 0 && view.data == NULL); /* as view_of left it */

  CHECK(run("import array; b = bytearray(b'12345'); n = array.array('d', [1, 2, 3])"));
  if (OK(view_of("b", EMB_VIEW_WRITABLE, &view))) {
    CHECK_EQ(view.readonly, 0);
    ((char *)view.data)[0] = 'x';
    CHECK(is_true("b == b'x2345'"));
    FAILS(emb_run("b.append(1)", -1, NULL, 0, 0), EMB_EXCEPTION, "BufferError"); /* held */
    OK(emb_object_free(view.owner));
    CHECK(run("b.append(1)"));
  }
  if (OK(view_of("n", 0, &view))) {
    CHECK(strcmp(view.format, "d") == 0 && view.itemsize == 8 && view.nbytes == 24);
    CHECK_REAL(((double *)view.data)[2], 3.0);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("memoryview(n)[::-2]", 0, &view))) {
    CHECK(view.shape[0] == 2 && view.strides[0] == -16);
    CHECK_REAL(((double *)view.data)[0], 3.0);
    OK(emb_object_free(view.owner));
  }
}

/* What keeps the memory is the object that would be told of the end, be it another one, or else the
 * exporter itself. */
static void owners(void) {
  emb_view view;
  CHECK(run("import ctypes, sys, weakref\n"
            "class Grid(ctypes.c_short * 3 * 2): pass\n"
            "grid = Grid((1, 2, 3), (4, 5, 6)); kept = weakref.ref(grid)\n"
            "class Lender:\n"
            "  def __buffer__(self, flags): return memoryview(lent)\n"
            "lent = bytearray(4)"));
  if (OK(view_of("grid", EMB_VIEW_WRITABLE, &view))) {
    CHECK(run("del grid"));
    CHECK(is_true("kept() is not None"));
    CHECK(view.ndim == 2 && view.shape[0] == 2 && view.shape[1] == 3 && view.strides[0] == 6);
    CHECK(((short *)view.data)[5] == 6 && view.nbytes == 12 && view.readonly == 0);
    OK(emb_object_free(view.owner));
    CHECK(is_true("kept() is None"));
  }
  if (!is_true("sys.version_info >= (3, 12)")) {
    puts("SKIP __buffer__: Python before 3.12");
    return;
  }
  if (OK(view_of("Lender()", 0, &view))) {
    CHECK_EQ(view.nbytes, 4);
    FAILS(emb_run("lent.append(1)", -1, NULL, 0, 0), EMB_EXCEPTION, "BufferError");
    OK(emb_object_free(view.owner));
    CHECK(run("lent.append(1)"));
  }
}

static void numpy_arrays(void) {
  emb_view view;
  CHECK(run("import numpy\nm = numpy.arange(12, dtype='int32').reshape(3, 4)"));
  if (OK(view_of("m[::-1, ::2]", 0, &view))) {
    CHECK(view.ndim == 2 && view.shape[0] == 3 && view.shape[1] == 2 && view.nbytes == 24);
    CHECK(view.strides[0] == -16 && view.strides[1] == 8 && strcmp(view.format, "i") == 0);
    CHECK_EQ(*(int32_t *)view.data, 8);
    CHECK(run("m[2, 0] = 80"));
    CHECK_EQ(*(int32_t *)view.data, 80);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("numpy.array(2.5)", 0, &view))) {
    CHECK(view.ndim == 0 && view.nbytes == 8);
    CHECK_REAL(*(double *)view.data, 2.5);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("numpy.zeros((0, 3))", 0, &view))) {
    CHECK(view.nbytes == 0 && view.shape[0] == 0 && view.shape[1] == 3);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("numpy.array([1j])", 0, &view))) {
    CHECK(strcmp(view.format, "Zd") == 0 && view.itemsize == 16);
    OK(emb_object_free(view.owner));
  }
  CHECK(run("r = numpy.arange(3); r.flags.writeable = False"));
  FAILS(view_of("r", EMB_VIEW_WRITABLE, &view), EMB_EXCEPTION, NULL);
  view.owner = 0;
  if (is_true("int(numpy.__version__.split('.')[0]) >= 2"))
    FAILS(view_of("numpy.array(['x'], numpy.dtypes.StringDType())", 0, &view), EMB_BAD_ARGUMENT, "StringDType");
  else
    printf("SKIP views of text: numpy before 2\n");
  CHECK_EQ(view.owner, 0);
}

/* Whatever array it is, a view says of it what Python's memoryview says. */
static void as_memoryviews_have_it(void) {
  CHECK(run("from numpy.lib.stride_tricks import as_strided\n"
            "shapes = [(), (0,), (1,), (5,), (2, 3), (3, 0, 2), (1, 1, 1), (2, 3, 2, 2), (1,) * 5, (2, 1, 2, 1, 2)]\n"
            "types = list('?bBhHiIlLqQefdgFDG') + ['S3', 'U2', 'V4', '>i2', '>f8', '>c16', '<u4', 'O', 'i4, f8', ('i4', (2,))]\n"
            "arrays = [numpy.zeros(shape, type, order) for shape in shapes for type in types for order in 'CF']\n"
            "arrays += [a.T for a in arrays] + [a[::-1] for a in arrays if a.ndim] + [a[..., ::2] for a in arrays if a.ndim]\n"
            "arrays += [numpy.broadcast_to(numpy.arange(3.0), (2, 3)), numpy.zeros(3, 'i1, f8')['f1'], numpy.matrix([[1]])]\n"
            "arrays += [numpy.frombuffer(b'x' * 17, type, offset=1) for type in ('d', 'D', 'i4', 'B')]\n"
            "arrays += [as_strided(numpy.zeros(4), (1, 2), (999, 8)), as_strided(numpy.zeros(4), (2, 1), (16, -7))]\n"
            "def same(a, data, nbytes, itemsize, readonly, format, *numbers):\n"
            "  m = memoryview(a)\n"
            "  seen = (m.nbytes, m.itemsize, m.readonly, m.format) + m.shape + m.strides\n"
            "  told = (nbytes, itemsize, readonly == 1, format) + numbers\n"
            "  return data == a.__array_interface__['data'][0] and seen == told"));
  emb_handle arrays = eval_object("arrays"), same = eval_object("same");
  int64_t count = eval("len(arrays)").as.integer;
  CHECK(count > 2000);
  for (int64_t i = 0; i < count; i++) {
    emb_value place = v_int(i), array = {0}, result = {0};
    OK(emb_object_getitem(arrays, &place, EMB_RESULT_OBJECT, &array));
    emb_view view = {.size = sizeof view};
    if (!OK(emb_array_view(array.as.object, 0, &view))) break;
    emb_value told[24] = {array, v_int((int64_t)(intptr_t)view.data), v_int(view.nbytes), v_int(view.itemsize),
                          v_int(view.readonly), v_text(view.format)};
    for (int k = 0; k < view.ndim; k++) {
      told[6 + k] = v_int(view.shape[k]);
      told[6 + view.ndim + k] = v_int(view.strides[k]);
    }
    OK(emb_call(same, told, 6 + 2 * (uint32_t)view.ndim, NULL, 0, EMB_RESULT_AUTO, &result));
    if (!CHECK(result.kind == EMB_BOOL && result.as.integer) && bind("a", array.as.object))
      CHECK(run("print(a.dtype, a.shape, a.strides, memoryview(a).strides, file=sys.stderr)"));
    if (result.kind == EMB_OBJECT) OK(emb_object_free(result.as.object));
    OK(emb_object_free(view.owner));
    OK(emb_object_free(array.as.object));
  }
  OK(emb_object_free(arrays));
  OK(emb_object_free(same));
}

/* A view says what was so when it was made, whatever becomes of the array, which it keeps. */
static void arrays_that_change(void) {
  emb_view view, other;
  CHECK(run("import warnings; warnings.simplefilter('ignore')\na = numpy.arange(6.0)"));
  if (!OK(view_of("a", EMB_VIEW_WRITABLE, &view))) return;
  CHECK(run("a.shape = 3, 2"));
  FAILS(emb_run("a.resize(1 << 20)", -1, NULL, 0, 0), EMB_EXCEPTION, "ValueError");
  if (OK(view_of("a", 0, &other))) {
    CHECK(other.ndim == 2 && other.shape[0] == 3 && other.strides[0] == 16 && other.data == view.data);
    OK(emb_object_free(other.owner));
  }
  CHECK(run("a.shape = 1, 6; del a; filled = [numpy.arange(9.0).reshape(3, 3) for _ in range(100)]"));
  CHECK(view.ndim == 1 && view.shape[0] == 6 && view.strides[0] == 8 && ((double *)view.data)[5] == 5.0);
  OK(emb_object_free(view.owner));
}

/* Objects that describe their memory in Python's terms, and no buffer. */
static void interfaces(void) {
  emb_view view;
  CHECK(run("class Only:\n"
            "  def __init__(self, of, **more):\n"
            "    self.of, self.__array_interface__ = of, dict(of.__array_interface__, **more)\n"
            "t = numpy.array(['1970-01-02', 'NaT'], 'M8[D]')\n"));
  if (OK(view_of("t[::-1]", EMB_VIEW_WRITABLE, &view))) {
    CHECK(strcmp(view.format, "M8[D]") == 0 && view.strides[0] == -8 && view.copied == 0);
    CHECK_EQ(*(int64_t *)view.data, INT64_MIN); /* NaT */
    ((int64_t *)view.data)[-1] = 3;
    CHECK(is_true("t[0] == numpy.datetime64('1970-01-04')"));
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("Only(numpy.arange(6.0).reshape(2, 3).T)", 0, &view))) { /* only the view holds it */
    CHECK(view.ndim == 2 && view.shape[0] == 3 && view.strides[0] == 8 && view.nbytes == 48);
    CHECK(strcmp(view.format, "d") == 0 && view.readonly == 0);
    CHECK_REAL(((double *)view.data)[5], 5.0);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("Only(numpy.zeros(2, [('a', '>i4'), ('b', [('t', 'm8[s]')], (2,))]))", 0, &view))) {
    CHECK(strcmp(view.format, "T{>i:a:(2)=T{=m8[s]:t:}:b:}") == 0 && view.itemsize == 20);
    OK(emb_object_free(view.owner));
  }
  CHECK(run("r = numpy.arange(3); r.flags.writeable = False"));
  if (OK(view_of("Only(r)", 0, &view))) {
    CHECK_EQ(view.readonly, 1);
    OK(emb_object_free(view.owner));
  }
  FAILS(view_of("Only(r)", EMB_VIEW_WRITABLE, &view), EMB_EXCEPTION, "read-only");
  FAILS(view_of("Only(r, typestr='<q9')", 0, &view), EMB_BAD_ARGUMENT, "<q9");
  FAILS(view_of("Only(r, shape=(-1,))", 0, &view), EMB_BAD_ARGUMENT, "shape");
  FAILS(view_of("Only(r, strides=(8, 8))", 0, &view), EMB_BAD_ARGUMENT, "shape");
  FAILS(view_of("Only(r, data=(1,))", 0, &view), EMB_BAD_ARGUMENT, "data");
}

/* The same in C's terms: a structure in a capsule. */
static void structures(void) {
  emb_view view;
  CHECK(run("class Struct:\n"
            "  def __init__(self, of): self.__array_struct__ = of\n"
            "def struct(array): return Struct(array.__array_struct__)\n"));
  if (OK(view_of("struct(numpy.arange(6.0).reshape(2, 3).T)", EMB_VIEW_WRITABLE, &view))) {
    CHECK(run("import gc; gc.collect(); x = [numpy.zeros(6) for i in range(100)]")); /* only the view holds it */
    CHECK(view.ndim == 2 && view.shape[0] == 3 && view.strides[0] == 8 && view.nbytes == 48);
    CHECK(strcmp(view.format, "d") == 0 && view.readonly == 0 && view.copied == 0);
    CHECK_REAL(((double *)view.data)[5], 5.0);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("struct(numpy.array(['ab'], '>U2'))", 0, &view))) {
    CHECK(strcmp(view.format, ">2w") == 0 && view.itemsize == 8);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("struct(numpy.array(7))", 0, &view))) {
    CHECK(view.ndim == 0 && *(int64_t *)view.data == 7);
    OK(emb_object_free(view.owner));
  }
  CHECK(run("r = numpy.arange(3); r.flags.writeable = False"));
  FAILS(view_of("struct(r)", EMB_VIEW_WRITABLE, &view), EMB_EXCEPTION, "read-only");
  FAILS(view_of("Struct(7)", 0, &view), EMB_EXCEPTION, "PyCapsule");
  /* One that is not numpy's, with a descr, which numpy forgets to mention. */
  CHECK(run("from ctypes import *\n"
            "class Interface(Structure):\n"
            "  _fields_ = [('two', c_int), ('ndim', c_int), ('kind', c_char), ('itemsize', c_int), ('flags', c_int),\n"
            "              ('shape', c_void_p), ('strides', c_void_p), ('data', c_void_p), ('descr', py_object)]\n"
            "capsule = PYFUNCTYPE(py_object, c_void_p, c_void_p, c_void_p)(('PyCapsule_New', pythonapi))\n"
            "numbers, data = (c_ssize_t * 2)(3, 12), bytearray(36)\n"
            "made = Interface(2, 1, b'V', 12, 0xe00, addressof(numbers), addressof(numbers) + 8,\n"
            "                 addressof(c_char.from_buffer(data)), [('a', '>i4'), ('b', '<f8')])\n"));
  if (OK(view_of("Struct(capsule(addressof(made), None, None))", EMB_VIEW_WRITABLE, &view))) {
    CHECK(strcmp(view.format, "T{>i:a:=d:b:}") == 0 && view.itemsize == 12);
    CHECK(view.shape[0] == 3 && view.strides[0] == 12 && view.nbytes == 36);
    OK(emb_object_free(view.owner));
  }
  CHECK(run("made.two = 3"));
  FAILS(view_of("Struct(capsule(addressof(made), None, None))", 0, &view), EMB_BAD_ARGUMENT, "version 2");
}

static emb_status view_as(const char *source, const char *dtype, uint32_t flags, emb_view *view) {
  emb_handle object = eval_object(source);
  *view = (emb_view){.size = sizeof *view};
  emb_status status = emb_array_view_as(object, dtype, -1, flags, view);
  emb_object_free(object);
  return status;
}

/* A call says whether it has copied, and does so only where it may. */
static void shared_or_copied(void) {
  emb_view view;
  CHECK(run("import array\nb = bytearray(range(8)); gaps = memoryview(b)[::-2]\n"
            "d = array.array('d', [1.5, 2.5])"));
  FAILS(view_of("gaps", EMB_VIEW_CONTIGUOUS, &view), EMB_EXCEPTION, "not contiguous");
  if (OK(view_of("gaps", EMB_VIEW_COPY, &view))) { /* allowed, but there is no need */
    CHECK(view.copied == 0 && view.strides[0] == -2);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_of("gaps", EMB_VIEW_CONTIGUOUS | EMB_VIEW_COPY, &view))) {
    CHECK(view.copied == 1 && view.readonly == 0 && view.strides[0] == 1 && view.nbytes == 4);
    CHECK(memcmp(view.data, (char[]){7, 5, 3, 1}, 4) == 0);
    *(char *)view.data = 99;
    CHECK(is_true("b[7] == 7"));
    OK(emb_object_free(view.owner));
  }
  if (OK(view_as("d", "float64", EMB_VIEW_CONTIGUOUS | EMB_VIEW_WRITABLE, &view))) {
    CHECK_EQ(view.copied, 0);
    *(double *)view.data = -1;
    CHECK(is_true("d[0] == -1"));
    OK(emb_object_free(view.owner));
  }
  FAILS(view_as("d", "float32", 0, &view), EMB_EXCEPTION, "EMB_VIEW_COPY");
  FAILS(view_as("d", ">f8", 0, &view), EMB_EXCEPTION, "EMB_VIEW_COPY");
  FAILS(view_as("[1, 2]", "float64", 0, &view), EMB_EXCEPTION, "TypeError");
  if (!numpy) {
    FAILS(view_as("[1, 2]", "float64", EMB_VIEW_COPY, &view), EMB_BAD_ARGUMENT, "numpy");
    FAILS(view_as("d", "float32", EMB_VIEW_COPY, &view), EMB_BAD_ARGUMENT, "numpy");
    return;
  }
  if (OK(view_as("[[1, 2], [3, 4.5]]", "float32", EMB_VIEW_COPY, &view))) {
    CHECK(view.copied == 1 && view.ndim == 2 && strcmp(view.format, "f") == 0);
    CHECK(((float *)view.data)[3] == 4.5f);
    OK(emb_object_free(view.owner));
  }
  FAILS(view_as("['x']", "float32", EMB_VIEW_COPY, &view), EMB_EXCEPTION, "ValueError");
  FAILS(view_as("numpy.arange(6).reshape(2, 3).T", "int64", EMB_VIEW_CONTIGUOUS, &view), EMB_EXCEPTION, "contiguous");
  if (OK(view_as("numpy.arange(6).reshape(2, 3).T", "q", EMB_VIEW_CONTIGUOUS | EMB_VIEW_COPY, &view))) {
    CHECK(view.copied == 1 && view.shape[0] == 3 && view.strides[0] == 16);
    CHECK(memcmp(view.data, (int64_t[]){0, 3, 1, 4, 2, 5}, 48) == 0);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_as("numpy.array(['1970-01-02'], 'M8[D]')", "M8[s]", EMB_VIEW_COPY, &view))) {
    CHECK(view.copied == 1 && *(int64_t *)view.data == 86400 && strcmp(view.format, "M8[s]") == 0);
    OK(emb_object_free(view.owner));
  }
  if (!has_module("pandas")) {
    puts("SKIP series as views: no pandas");
    return;
  }
  CHECK(run("import pandas\ns = pandas.Series([1.0, 2.0])"));
  FAILS(view_of("s", 0, &view), EMB_EXCEPTION, "TypeError"); /* it could copy: one must say so */
  if (OK(view_as("s", "float64", EMB_VIEW_COPY, &view))) { /* but it does not */
    CHECK(view.copied == 0 && ((double *)view.data)[1] == 2.0);
    OK(emb_object_free(view.owner));
  }
  if (OK(view_as("s", "int32", EMB_VIEW_COPY, &view))) {
    CHECK(view.copied == 1 && ((int32_t *)view.data)[1] == 2);
    OK(emb_object_free(view.owner));
  }
}

/* Host memory that has been through Python is still the host's: same address, no copy. */
static void there_and_back(void) {
  double numbers[5] = {1, 2, 3, 4, 5};
  int64_t five = 5;
  emb_handle array = 0;
  emb_view view = {.size = sizeof view};
  OK(emb_array_from_ptr(numbers, "float64", -1, 1, &five, NULL, 0, NULL, NULL, &array));
  OK(emb_array_view(array, EMB_VIEW_WRITABLE, &view));
  CHECK(view.data == numbers && view.shape[0] == 5 && view.readonly == 0);
  OK(emb_object_free(view.owner));
  OK(emb_object_free(array));
  OK(emb_array_from_ptr(numbers, "float64", -1, 1, &five, NULL, EMB_ARRAY_READONLY, NULL, NULL, &array));
  FAILS(emb_array_view(array, EMB_VIEW_WRITABLE, &view), EMB_EXCEPTION, NULL);
  OK(emb_object_free(array));
}

/* The best of many: what else the machine does must not decide. */
static double seconds_to_wrap(void *data, int64_t length) {
  double best = 1e9;
  for (int i = 0; i < 300; i++) {
    struct timespec begin, end;
    emb_handle array = 0;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    emb_status status =
        emb_array_from_ptr(data, "d", -1, 1, &length, NULL, 0, NULL, NULL, &array);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (status != EMB_OK) OK(status);
    emb_object_free(array);
    double took = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    if (took < best) best = took;
  }
  return best;
}

static void constant_cost(void) {
  double number = 1;
  int64_t gigabyte = 1 << 30;
  /* Address space only: a library that touched the elements would also need the memory. */
  void *reserved = mmap(NULL, 8 * (size_t)gigabyte, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (!CHECK(reserved != MAP_FAILED)) return;
  double small = seconds_to_wrap(&number, 1), large = seconds_to_wrap(reserved, gigabyte);
  if (!CHECK(large < 5 * small + 20e-6))
    fprintf(stderr, "  8 bytes: %.2f us, 8 GB: %.2f us\n", 1e6 * small, 1e6 * large);
  munmap(reserved, 8 * (size_t)gigabyte);
}

int main(void) {
  start();
  numpy = has_module("numpy");
  plain_buffers();
  owners();
  if (numpy) numpy_arrays();
  if (numpy) as_memoryviews_have_it();
  if (numpy) arrays_that_change();
  if (numpy) interfaces();
  if (numpy) structures();
  shared_or_copied();
  there_and_back();
  constant_cost();
  CHECK_ALIVE();
  return check_result();
}
