/* Element types, each of them in every layout, into Python and back: as numpy's arrays, and as
 * memoryviews, which need no numpy. */
#include "check.h"

static bool numpy;
static _Alignas(32) unsigned char bytes[4096];

/* `format`: what a memoryview says; `of_numpy`: what a view of numpy's array says, where it differs
 * (ANY: numpy writes structures as it likes). */
#define ANY ""
static const struct type { const char *dtype, *format, *of_numpy; int size; } types[] = {
    {"bool", "?", NULL, 1}, {"int8", "b", NULL, 1}, {"uint8", "B", NULL, 1}, {"int16", "h", NULL, 2},
    {"uint16", "H", NULL, 2}, {"int32", "i", NULL, 4}, {"uint32", "I", NULL, 4},
    {"int64", "q", "l", 8}, {"uint64", "Q", "L", 8}, {"q", "q", NULL, 8}, {"float16", "e", NULL, 2},
    {"float32", "f", NULL, 4}, {"float64", "d", NULL, 8}, {"g", "g", NULL, 16},
    {"complex64", "Zf", NULL, 8}, {"complex128", "Zd", NULL, 16}, {"G", "Zg", NULL, 32},
    {">i2", ">h", NULL, 2}, {">u4", ">I", NULL, 4}, {">i8", ">q", NULL, 8}, {">f2", ">e", NULL, 2},
    {">f4", ">f", NULL, 4}, {">f8", ">d", NULL, 8}, {">c16", ">Zd", NULL, 16},
    {"S5", "5s", NULL, 5}, {"S1", "1s", NULL, 1}, {"U3", "3w", NULL, 12}, {">U3", ">3w", NULL, 12},
    {"V7", "7x", NULL, 7}, {"5s", "5s", NULL, 5}, {"Zd", "Zd", NULL, 16}, {"@i", "i", NULL, 4},
    {"M8[ns]", "M8[ns]", NULL, 8}, {"m8[s]", "m8[s]", NULL, 8}, {">M8[D]", ">M8[D]", NULL, 8},
    {"m8[10us]", "m8[10us]", NULL, 8}, {"<M8[ms]", "M8[ms]", NULL, 8},
    {"i4,f8", "T{=i:f0:=d:f1:}", ANY, 12},
    {"T{b:a:d:b:}", "T{b:a:d:b:}", ANY, 16},
    {"T{=i:a:(2,3)d:b:>h:c:}", "T{=i:a:(2,3)d:b:>h:c:}", ANY, 54},
    {"T{T{i:x:f:y:}:p:3s:s:}", "T{T{i:x:f:y:}:p:3s:s:}", ANY, 11},
    {"T{M8[s]:t:d:x:}", "T{M8[s]:t:d:x:}", "T{=M8[s]:t:=d:x:}", 16},
};

static bool is_format(const emb_view *view, const char *expected) {
  bool same = strcmp(expected, ANY) == 0 || strcmp(view->format, expected) == 0;
  if (!same) check_report(__FILE__, __LINE__, "format %s, expected %s", view->format, expected);
  return same;
}

/* One array of a type, in one layout, seen from Python and looked at again. */
static bool there_and_back(const struct type *type, int ndim, const int64_t *shape,
                           const int64_t *strides, uint32_t flags) {
  emb_handle array = 0, again = 0;
  emb_view view = {.size = sizeof view}, second = view;
  int64_t count = 1;
  void *data = bytes + sizeof bytes / 2;
  for (int i = 0; i < ndim; i++) count *= shape[i];
  if (!OK(emb_array_from_ptr(data, type->dtype, -1, ndim, shape, strides, flags, NULL, NULL, &array)))
    return false;
  bool of_numpy = type->of_numpy && !(flags & EMB_ARRAY_MEMORYVIEW);
  bool good = OK(emb_array_view(array, 0, &view)) &&
              is_format(&view, of_numpy ? type->of_numpy : type->format) &&
              CHECK_EQ(view.itemsize, type->size) && CHECK_EQ(view.nbytes, count * type->size) &&
              CHECK_EQ(view.ndim, ndim) && CHECK_EQ(view.copied, 0) && CHECK(view.data == data) &&
              CHECK_EQ(view.readonly, (flags & EMB_ARRAY_READONLY) != 0);
  for (int i = 0; good && i < ndim; i++)
    good = CHECK_EQ(view.shape[i], shape[i]) &&
           (count == 0 || shape[i] == 1 || !strides || CHECK_EQ(view.strides[i], strides[i]));
  /* What the view says is understood when it is said again. */
  good = good && OK(emb_array_from_ptr(view.data, view.format, -1, view.ndim, view.shape, view.strides,
                                       flags, NULL, NULL, &again)) &&
         OK(emb_array_view(again, 0, &second)) && CHECK_EQ(second.itemsize, view.itemsize) &&
         CHECK(strcmp(second.format, view.format) == 0);
  if (good && !(flags & EMB_ARRAY_MEMORYVIEW) && numpy)
    good = bind("a", array) && bind("b", again) &&
           CHECK(is_true("type(a) is type(b) is numpy.ndarray and a.dtype == b.dtype and same(a, b)"));
  emb_object_free(view.owner), emb_object_free(second.owner);
  emb_object_free(array), emb_object_free(again);
  return good;
}

static void layouts(const struct type *type, uint32_t flags) {
  int64_t size = type->size, three = 3, none = 0, shape[] = {2, 3};
  int64_t backwards = -size, still = 0, gaps = 2 * size, mixed[] = {-4 * size, size};
  const struct { int ndim; const int64_t *shape, *strides; } forms[] = {
      {1, &three, NULL}, {1, &three, &backwards}, {1, &three, &still}, {1, &three, &gaps},
      {0, NULL, NULL}, {1, &none, NULL}, {2, shape, NULL}, {2, shape, mixed}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    for (uint32_t readonly = 0; readonly <= EMB_ARRAY_READONLY; readonly += EMB_ARRAY_READONLY)
      if (!there_and_back(type, forms[i].ndim, forms[i].shape, forms[i].strides, flags | readonly))
        fprintf(stderr, "  type %s, layout %zu, flags %u\n", type->dtype, i, flags | readonly);
}

/* numpy means the same by each text, and reads the host's bytes by it. */
static void meanings(void) {
  static const struct { const char *dtype, *check; } cases[] = {
      {"M8[ns]", "a.dtype == 'M8[ns]' and a[0] == numpy.datetime64(1, 'ns')"},
      {">M8[D]", "a.dtype == '>M8[D]' and a[0].astype(int) == 1 << 56"},
      {"m8[s]", "a[0].item().seconds == 1"},
      {"float16", "a[0] == numpy.float16(5.960464477539063e-08)"},
      {"S5", "a[0] == b'\\x01' and a.dtype == 'S5'"},
      {"U3", "a[0] == '\\x01' and a.dtype == 'U3'"},
      {"T{b:a:d:b:}", "a.dtype.names == ('a', 'b') and a.dtype['b'] == 'f8' and a['a'][0] == 1"},
      {"T{=i:a:(2,3)d:b:>h:c:}", "a.dtype['b'].shape == (2, 3) and a.dtype['c'] == '>i2'"},
      {"T{T{i:x:f:y:}:p:3s:s:}", "a.dtype['p'].names == ('x', 'y') and a['p']['x'][0] == 1"},
      {"T{M8[s]:t:d:x:}", "a['t'][0] == numpy.datetime64(1, 's')"},
      {"(2,3)i", "a.shape == (1, 2, 3)"},
      {"Zd", "a.dtype == complex"}};
  int64_t one = 1;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    emb_handle array = 0;
    memset(bytes, 0, sizeof bytes);
    bytes[0] = 1;
    if (OK(emb_array_from_ptr(bytes, cases[i].dtype, -1, 1, &one, NULL, 0, NULL, NULL, &array)) &&
        bind("a", array) && !CHECK(is_true(cases[i].check)))
      fprintf(stderr, "  %s\n", cases[i].dtype);
    emb_object_free(array);
  }
}

int main(void) {
  start();
  if ((numpy = has_module("numpy"))) CHECK(run("import numpy\n"
              "def same(a, b): # but for what is between the fields\n"
              "  return all(same(a[n], b[n]) for n in a.dtype.names) if a.dtype.names \\\n"
              "    else a.tobytes() == b.tobytes()\n"));
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i % 2); /* valid in each type */
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    layouts(&types[i], EMB_ARRAY_MEMORYVIEW);
    if (numpy) layouts(&types[i], 0);
  }
  if (numpy) meanings();
  else puts("SKIP element types of numpy: no numpy");
  CHECK_ALIVE();
  return check_result();
}
