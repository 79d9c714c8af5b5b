/* Arrays on the host's memory: element types, shapes, strides, flags, and the release. */
#include "check.h"

static bool numpy;
static int releases;

static void count_release(void *userdata) {
  if (userdata) ++*(int *)userdata;
  ++releases;
}

/* Makes an array, binds it to `a` in __main__, and keeps only Python's reference. */
static bool wrap(void *data, const char *dtype, int32_t ndim, const int64_t *shape,
                 const int64_t *strides, uint32_t flags) {
  emb_handle array = 0;
  emb_status status =
      emb_array_from_ptr(data, dtype, -1, ndim, shape, strides, flags, count_release, NULL, &array);
  if (!OK(status)) return fprintf(stderr, "  dtype %s\n", dtype), false;
  bool bound = bind("a", array);
  OK(emb_object_free(array));
  return bound;
}

/* Eight bytes 1, 0, 0 ... seen as each element type. A memoryview indexes native formats only;
 * of the others it can say what they are. */
static void element_types(void) {
  static const struct { const char *dtype, *format; int size; } plain[] = {
      {"bool", "?", 1},      {"int8", "b", 1},      {"uint8", "B", 1},     {"int16", "h", 2},
      {"uint16", "H", 2},    {"int32", "i", 4},     {"uint32", "I", 4},    {"int64", "q", 8},
      {"uint64", "Q", 8},    {"float16", "e", 2},   {"float32", "f", 4},   {"float64", "d", 8},
      {"complex64", "Zf", 8}, {"complex128", "Zd", 16}, {"d", "d", 8},     {"<i4", "i", 4},
      {">i4", ">i", 4},      {">u1", "B", 1},       {"=q", "q", 8},        {"u2", "H", 2}};
  static const struct { const char *dtype, *check; } of_numpy[] = {
      {">i4", "a[0] == 1 << 24"},  {">f8", "a.dtype.byteorder == '>'"}, {"complex64", "a.real[0] != 0"},
      {"float16", "a[0] != 0"},    {"longdouble", "a.nbytes == 32"},    {"V8", "a.itemsize == 8"},
      {"M8[ns]", "a[0] == numpy.datetime64(1, 'ns')"}, {"S4", "a[0] == b'\\x01'"},
      {"m8[s]", "a[0].item().seconds == 1"},           {"U1", "a[0] == '\\x01'"},
      {"i2,f4", "a['f0'][0] == 1 and a.itemsize == 6"}};
  _Alignas(16) unsigned char bytes[64] = {1};
  int64_t two = 2;
  char check[200];
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    snprintf(check, sizeof check, "a.format == '%s' and a.itemsize == %d and a.shape == (2,)",
             plain[i].format, plain[i].size);
    bool good = wrap(bytes, plain[i].dtype, 1, &two, NULL, EMB_ARRAY_MEMORYVIEW) && is_true(check);
    if (!CHECK(good)) fprintf(stderr, "  memoryview of %s\n", plain[i].dtype);
    if (strchr("?bBhHiIqQ", plain[i].format[0])) CHECK(is_true("a.tolist() == [1, 0]"));
    snprintf(check, sizeof check, "a.dtype == numpy.dtype('%s') and a.shape == (2,) and a[1] == 0",
             plain[i].dtype);
    if (numpy && !CHECK(wrap(bytes, plain[i].dtype, 1, &two, NULL, 0) && is_true(check)))
      fprintf(stderr, "  numpy %s\n", plain[i].dtype);
  }
  for (size_t i = 0; numpy && i < sizeof of_numpy / sizeof *of_numpy; i++)
    if (!CHECK(wrap(bytes, of_numpy[i].dtype, 1, &two, NULL, 0) && is_true(of_numpy[i].check)))
      fprintf(stderr, "  numpy %s\n", of_numpy[i].dtype);
}

static void shapes_and_strides(void) {
  double grid[3][4];
  for (int i = 0; i < 12; i++) grid[i / 4][i % 4] = i;
  int64_t shape[] = {3, 4}, plain[] = {32, 8}, reversed[] = {-32, -8}, still[] = {0, 8};
  int64_t across[] = {8, 32}, swapped[] = {4, 3}, none[] = {0, 4};
  struct { double *data; int64_t *shape, *strides; const char *expected; } cases[] = {
      {&grid[0][0], shape, NULL, "[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]"},
      {&grid[0][0], shape, plain, "[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]"},
      {&grid[2][3], shape, reversed, "[[11, 10, 9, 8], [7, 6, 5, 4], [3, 2, 1, 0]]"},
      {&grid[1][0], shape, still, "[[4, 5, 6, 7], [4, 5, 6, 7], [4, 5, 6, 7]]"},
      {&grid[0][0], swapped, across, "[[0, 4, 8], [1, 5, 9], [2, 6, 10], [3, 7, 11]]"},
      {&grid[0][0], none, NULL, "[]"},
      {NULL, none, plain, "[]"}};
  for (uint32_t flags = numpy ? 0 : EMB_ARRAY_MEMORYVIEW; flags <= EMB_ARRAY_MEMORYVIEW; flags += 2)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      char check[100];
      snprintf(check, sizeof check, "a.tolist() == %s and a.ndim == 2", cases[i].expected);
      if (wrap(cases[i].data, "d", 2, cases[i].shape, cases[i].strides, flags) &&
          !CHECK(is_true(check)))
        fprintf(stderr, "  case %zu, flags %u\n", i, flags);
    }
  CHECK(wrap(&grid[1][1], "d", 0, NULL, NULL, EMB_ARRAY_MEMORYVIEW) && is_true("a[()] == 5.0"));
  if (!numpy) return;
  CHECK(wrap(&grid[1][1], "d", 0, NULL, NULL, 0) && is_true("a.shape == () and a == 5.0"));
  CHECK(wrap(grid, "d", 2, shape, NULL, 0) && is_true("a.sum() == 66"));
  CHECK(run("a[1, 1] = 50"));
  CHECK_REAL(grid[1][1], 50.0); /* the same memory, both ways */
  grid[1][1] = 51;
  CHECK(is_true("a[1, 1] == 51"));
  int64_t deep[32];
  for (int i = 0; i < 32; i++) deep[i] = 1;
  CHECK(wrap(grid, "d", 32, deep, NULL, 0) && is_true("a.ndim == 32 and a.size == 1"));
}

/* numpy must know where elements are not aligned: its loops depend on it. */
static void alignment(void) {
  static const struct { const char *dtype; int size, alignment; } types[] = {
      {"u1", 1, 1}, {"<i2", 2, 2}, {"f4", 4, 4}, {"d", 8, 8}, {"complex128", 16, 8}, {"i4,f8", 12, 1}, {"S3", 3, 1}};
  static _Alignas(16) char memory[64];
  int64_t two = 2;
  for (size_t i = 0; i < COUNT(types); i++)
    for (int offset = 0; offset < 16; offset++) {
      emb_handle array = 0;
      OK(emb_array_from_ptr(memory + offset, types[i].dtype, -1, 1, &two, NULL, 0, NULL, NULL, &array));
      CHECK(bind("a", array));
      CHECK(is_true(offset % types[i].alignment ? "not a.flags.aligned" : "a.flags.aligned"));
      CHECK(is_true("a.flags.c_contiguous and a.strides == (a.itemsize,)"));
      OK(emb_object_free(array));
    }
  CHECK(run("del a"));
}

static void read_only(void) {
  double number = 1;
  int64_t one = 1;
  for (uint32_t flags = numpy ? 0 : EMB_ARRAY_MEMORYVIEW; flags <= EMB_ARRAY_MEMORYVIEW; flags += 2) {
    CHECK(wrap(&number, "d", 1, &one, NULL, flags) && run("a[0] += 1"));
    CHECK(wrap(&number, "d", 1, &one, NULL, flags | EMB_ARRAY_READONLY));
    CHECK(is_true("a[0] != 0"));
    FAILS(emb_run("a[0] = 9", -1, NULL, 0, 0), EMB_EXCEPTION, NULL);
    if (flags == 0) /* no way round it */
      FAILS(emb_run("a.flags.writeable = True", -1, NULL, 0, 0), EMB_EXCEPTION, "WRITEABLE");
    CHECK(is_true("memoryview(a).readonly"));
  }
  CHECK_REAL(number, numpy ? 3.0 : 2.0);
}

static void release_once(void) {
  double number = 1;
  int64_t one = 1, minus = -1, step = 8;
  int count = 0;
  emb_handle array = 0, untouched = 9;
  OK(emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, 0, count_release, &count, &array));
  CHECK(bind("a", array) && run("b = memoryview(a)[0:]; c = a[0:]; del a"));
  OK(emb_object_free(array));
  CHECK_ALIVE();
  CHECK_EQ(count, 0); /* views of views hold it */
  CHECK(run("del b"));
  CHECK_EQ(count, 0);
  CHECK(run("del c"));
  CHECK_EQ(count, 1);
  OK(emb_array_from_ptr(&number, "d", -1, 1, &one, NULL, 0, NULL, NULL, &array)); /* no release */
  OK(emb_object_free(array));

  /* Each way to fail: released at once, and only once. */
  struct { void *data; const char *dtype; int32_t ndim; int64_t *shape, *strides; uint32_t flags;
           emb_handle *array; } bad[] = {
      {NULL, "d", 1, &one, NULL, 0, &untouched},   {&number, "nonsense", 1, &one, NULL, 0, &untouched},
      {&number, "d", -1, &one, NULL, 0, &untouched}, {&number, "d", 65, NULL, NULL, 0, &untouched},
      {&number, "d", 1, &minus, NULL, 0, &untouched}, {&number, "d", 1, NULL, &step, 0, &untouched},
      {&number, "\xff", 1, &one, NULL, 0, &untouched}, {&number, "d", 1, &one, NULL, 64, &untouched},
      {&number, NULL, 1, &one, NULL, 0, &untouched}, {&number, "d", 1, &one, NULL, 0, NULL},
      {&number, "O", 1, &one, NULL, 0, &untouched}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    for (uint32_t more = 0; more <= EMB_ARRAY_MEMORYVIEW; more += EMB_ARRAY_MEMORYVIEW) {
      count = 0;
      CHECK(emb_array_from_ptr(bad[i].data, bad[i].dtype, -1, bad[i].ndim, bad[i].shape, bad[i].strides,
                               bad[i].flags | more, count_release, &count, bad[i].array) < 0);
      CHECK(check_take() < 0 && check_error.message[0]);
      if (!CHECK_EQ(count, 1)) fprintf(stderr, "  case %zu, flags %u\n", i, more);
    }
  CHECK_EQ(untouched, 9);
}

static void queued(void) {
  double number[3] = {0};
  int64_t one = 1;
  void *tokens[8] = {0};
  size_t count = 9;
  OK(emb_released(tokens, 8, &count));
  CHECK_EQ(count, 0);
  int before = releases;
  for (int i = 0; i < 3; i++) {
    emb_handle array = 0;
    const char *dtype = i == 1 ? "nonsense" : "d"; /* the second one fails */
    emb_status status = emb_array_from_ptr(number, dtype, -1, 1, &one, NULL, EMB_RELEASE_QUEUE,
                                           count_release, &number[i], &array);
    CHECK_EQ(status == EMB_OK, i != 1);
    check_take();
    OK(emb_object_free(array));
  }
  OK(emb_gil_acquire());
  OK(emb_gil_release()); /* what was released without the GIL is dropped with it */
  CHECK_EQ(releases, before); /* queued instead of called */
  OK(emb_released(NULL, 0, &count));
  CHECK_EQ(count, 0);
  OK(emb_released(tokens, 1, &count));
  CHECK_EQ(count, 1);
  OK(emb_released(tokens + 1, 7, &count));
  CHECK_EQ(count, 2);
  bool each[3] = {false};
  for (int i = 0; i < 3; i++) each[(double *)tokens[i] - number] = true;
  CHECK(each[0] && each[1] && each[2]);
  OK(emb_released(tokens, 8, &count));
  CHECK_EQ(count, 0);
}

static size_t borrowed(const void *data, size_t nbytes) {
  size_t count = 99;
  OK(emb_array_borrowed(data, nbytes, &count));
  return count;
}

/* The host may move its memory when nobody in Python looks at it any more. */
static void borrows(void) {
  enum { LARGE = 1 << 20 };
  static double row[100], other[100];
  static char large[LARGE];
  int64_t ten = 10, back = -8, none = 0, all = LARGE, two = 2, far = LARGE - 8;
  emb_handle whole = 0, end = 0;
  for (uint32_t flags = numpy ? 0 : EMB_ARRAY_MEMORYVIEW; flags <= EMB_ARRAY_MEMORYVIEW; flags += 2) {
    CHECK_EQ(borrowed(row, sizeof row), 0);
    OK(emb_array_from_ptr(row, "d", -1, 1, &none, NULL, flags, NULL, NULL, &whole));
    CHECK_EQ(borrowed(row, sizeof row), 0); /* no element, no memory */
    OK(emb_object_free(whole));
    OK(emb_array_from_ptr(row, "d", -1, 1, &ten, NULL, flags, NULL, NULL, &whole));
    OK(emb_array_from_ptr(row + 99, "d", -1, 1, &ten, &back, flags, NULL, NULL, &end));
    CHECK_EQ(borrowed(row, sizeof row), 2);
    CHECK_EQ(borrowed(row, 8), 1);
    CHECK_EQ(borrowed(row + 10, 80 * 8), 0); /* between them */
    CHECK_EQ(borrowed(row + 90, 8), 1);      /* the far end of the one that runs backwards */
    CHECK_EQ(borrowed(row + 89, 8), 0);
    CHECK_EQ(borrowed(other, sizeof other), 0);
    CHECK_EQ(borrowed(NULL, SIZE_MAX), 2);
    CHECK(bind("a", whole) && run("b = memoryview(a)[1:]; del a"));
    OK(emb_object_free(whole));
    OK(emb_object_free(end));
    CHECK_EQ(borrowed(row, sizeof row), 1); /* an export of an array that has no other reference */
    CHECK(run("del b"));
    CHECK_EQ(borrowed(row, sizeof row), 0);
    OK(emb_array_from_ptr(row, "d", -1, 1, &none, NULL, flags, NULL, NULL, &whole));
    CHECK_EQ(borrowed(row - 1, 24), 0); /* no elements, no memory */
    OK(emb_object_free(whole));
    OK(emb_array_from_ptr(large, "u1", -1, 1, &all, NULL, flags, NULL, NULL, &whole));
    OK(emb_array_from_ptr(large, "d", -1, 1, &two, &far, flags, NULL, NULL, &end));
    CHECK_EQ(borrowed(large + LARGE - 1, 1), 2);
    CHECK_EQ(borrowed(large + LARGE, 1), 0);
    OK(emb_object_free(whole));
    CHECK_EQ(borrowed(large, LARGE), 1);
    OK(emb_object_free(end));
    CHECK_EQ(borrowed(large, LARGE), 0);
    emb_handle many[300];
    for (int i = 0; i < 300; i++)
      OK(emb_array_from_ptr(large + 3000 * i, "u1", -1, 1, &ten, NULL, flags, NULL, NULL, &many[i]));
    CHECK_EQ(borrowed(large, LARGE), 300);
    CHECK_EQ(borrowed(large + 3005, 3000), 2);
    for (int i = 0; i < 300; i += 2) OK(emb_object_free(many[i]));
    CHECK_EQ(borrowed(large, LARGE), 150);
    CHECK_EQ(borrowed(large + 3005, 3000), 1);
    for (int i = 1; i < 300; i += 2) OK(emb_object_free(many[i]));
    CHECK_EQ(borrowed(large, LARGE), 0);
  }
}

static void copies(void) {
  short numbers[2][2] = {{1, 2}, {3, 4}};
  int64_t shape[] = {2, 2}, turned[] = {-2, -4};
  for (uint32_t flags = numpy ? 0 : EMB_ARRAY_MEMORYVIEW; flags <= EMB_ARRAY_MEMORYVIEW; flags += 2) {
    int count = 0;
    emb_handle array = 0;
    OK(emb_array_from_ptr(&numbers[1][1], "int16", -1, 2, shape, turned, flags | EMB_ARRAY_COPY,
                          count_release, &count, &array));
    CHECK_EQ(count, 1); /* already */
    CHECK_EQ(borrowed(numbers, sizeof numbers), 0);
    CHECK(bind("a", array));
    OK(emb_object_free(array));
    memset(numbers, 0, sizeof numbers);
    CHECK(is_true("a.tolist() == [[4, 2], [3, 1]]") && run("a[1, 1] = 9") && is_true("a[1, 1] == 9"));
    OK(emb_array_from_ptr(numbers, "int16", -1, 2, shape, NULL, flags | EMB_ARRAY_COPY | EMB_ARRAY_READONLY,
                          NULL, NULL, &array));
    CHECK(bind("a", array) && is_true("memoryview(a).readonly"));
    OK(emb_object_free(array));
    numbers[0][0] = 1, numbers[0][1] = 2, numbers[1][0] = 3, numbers[1][1] = 4;
  }
}

/* An array as an argument: one call, and a number that says how long Python has it. */
static void lent(void) {
  double data[] = {1, 2, 3, 4};
  int64_t shape[] = {2, 2}, column[] = {16, 8}, held = 0;
  emb_memory memory = {.size = sizeof memory, .data = data, .dtype = "<f8", .dtype_length = -1,
                       .ndim = 2, .shape = shape, .held = &held};
  emb_value value = {.kind = EMB_MEMORY, .as.memory = &memory}, result;
  for (uint32_t flags = numpy ? 0 : 2; flags < 4; flags++) {
    memory.flags = flags;
    memory.strides = flags ? column : NULL;
    emb_handle list = eval_object("lambda a: memoryview(a).tolist() + [memoryview(a).readonly]");
    OK(emb_call(list, &value, 1, NULL, 0, EMB_RESULT_OBJECT, &result));
    CHECK_EQ(held, 0);
    CHECK(bind("found", result.as.object));
    CHECK(is_true(flags & EMB_ARRAY_READONLY ? "found == [[1, 2], [3, 4], True]"
                                             : "found == [[1, 2], [3, 4], False]"));
    OK(emb_object_free(result.as.object));
    OK(emb_object_free(list));
  }
  /* Kept beyond the call, also inside of something else; and after a call that failed. */
  emb_handle kept = 0;
  emb_value tuple = v_items(EMB_TUPLE, &value, 1);
  OK(emb_object_new(&tuple, &kept));
  CHECK_EQ(held, 1);
  /* The same number counts the arrays of several calls. */
  emb_handle more = 0;
  OK(emb_object_new(&value, &more));
  CHECK_EQ(held, 2);
  OK(emb_object_free(kept));
  CHECK(is_true("True"));
  CHECK_EQ(held, 1);
  OK(emb_object_free(more));
  CHECK(is_true("True"));
  CHECK_EQ(held, 0);
  emb_handle keeps = eval_object("lambda a: keep.append(a) or 1 / 0");
  CHECK(run("keep = []"));
  FAILS(emb_call(keeps, &value, 1, NULL, 0, 0, &result), EMB_EXCEPTION, "ZeroDivisionError");
  CHECK_EQ(held, 1);
  CHECK(run("keep.clear()"));
  CHECK_EQ(held, 0);
  OK(emb_object_free(keeps));
  FAILS(emb_call(keeps, &value, 1, NULL, 0, 0, &result), EMB_BAD_HANDLE, "callable");
  CHECK_EQ(held, 0);
  memory.held = NULL;
  OK(emb_object_new(&value, &kept));
  OK(emb_object_free(kept));
}

int main(void) {
  start();
  if ((numpy = has_module("numpy"))) CHECK(run("import numpy"));
  element_types();
  shapes_and_strides();
  if (numpy) alignment();
  read_only();
  CHECK(run("a = None"));
  release_once();
  queued();
  borrows();
  copies();
  lent();
  CHECK_ALIVE();
  return check_result();
}
