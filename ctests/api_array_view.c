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
  FAILS(view_of("numpy.array(['2020'], 'M8[s]')", 0, &view), EMB_EXCEPTION, NULL);
  CHECK_EQ(view.owner, 0);
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
  if (numpy) numpy_arrays();
  there_and_back();
  constant_cost();
  CHECK_ALIVE();
  return check_result();
}
