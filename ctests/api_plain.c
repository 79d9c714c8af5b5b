/* Scalars: EMB_RESULT_PLAIN, where what has the value of a plain kind comes as that, to the last bit, and
 * what has not stays an object; EMB_RESULT_SCALARS, where numpy's keep their type. */
#include "check.h"

static emb_value plain(const char *source) { return eval_as(source, EMB_RESULT_PLAIN); }

/* The value has this kind, and is what the host would make of `source` without the type around it. */
static void same(const char *source, uint32_t kind) {
  emb_value value = plain(source), arg[2], result = {0};
  if (!CHECK(value.kind == kind)) {
    fprintf(stderr, "  %s is kind %u\n", source, value.kind);
    return;
  }
  emb_handle equal = eval_object("lambda a, b: bool(type(a) in plain and (a == b or a != a and b != b))");
  arg[0] = value;
  arg[1] = v_object(eval_object(source));
  OK(emb_call(equal, arg, 2, NULL, 0, 0, &result));
  if (!CHECK(result.kind == EMB_BOOL && result.as.integer == 1)) fprintf(stderr, "  %s\n", source);
  emb_object_free(arg[1].as.object);
  emb_object_free(equal);
}

static void stays(const char *source) {
  emb_value value = plain(source);
  if (!CHECK(value.kind == EMB_OBJECT)) fprintf(stderr, "  %s is kind %u\n", source, value.kind);
  else emb_object_free(value.as.object);
}

static void subclasses(void) {
  CHECK(run("import enum, collections\n"
            "plain = bool, int, float, complex, str, bytes\n"
            "def bad(self, *args): raise RuntimeError('overridden')\n"
            "class Text(str): __str__ = __getitem__ = bad\n"
            "class Raw(bytes): __bytes__ = __getitem__ = bad\n"
            "class Real(float): __float__ = bad\n"
            "class Whole(int): __int__ = __index__ = bad\n"
            "class Pair(complex): __complex__ = __float__ = bad\n"
            "class Colour(enum.IntEnum): RED = 3\n"
            "Point = collections.namedtuple('Point', 'x y')\n"
            "class Odd(type):\n  @property\n  def __module__(cls): raise RuntimeError('no module')\n"
            "class Strange(metaclass=Odd): pass\n"));
  same("Text('caf\\xe9')", EMB_TEXT);
  same("Raw(b'a\\0')", EMB_BYTES);
  same("Real(0.1)", EMB_FLOAT);
  same("Real('nan')", EMB_FLOAT);
  same("Real(-1.0)", EMB_FLOAT);
  same("Whole(-1)", EMB_INT);
  same("Whole(2**80)", EMB_BIGINT);
  same("Pair(1, -0.0)", EMB_COMPLEX);
  same("Colour.RED", EMB_INT);
  /* The exact ones as ever. */
  same("True", EMB_BOOL);
  same("2**64", EMB_BIGINT);
  same("1j", EMB_COMPLEX);
  CHECK_EQ(plain("None").kind, EMB_NONE);
  stays("Point(1, 2)"); /* its names are more than the values */
  stays("[1]");
  stays("object()");
  stays("Strange()");
  stays("Text('\\ud800')"); /* UTF-8 cannot hold it */
  stays("Text"); /* the class itself */
  CHECK_EQ(eval("Colour.RED").kind, EMB_OBJECT); /* only where it was asked for */
  CHECK_EQ(eval_as("Whole(1)", EMB_RESULT_DEEP).kind, EMB_OBJECT);
}

static void inside(void) {
  emb_value value = plain("(Whole(5), Text('t'), (Colour.RED, [1]), Whole(2**70), Pair(1, 2), 'u')");
  if (!CHECK(value.kind == EMB_TUPLE && value.length == 6)) return;
  const emb_value *items = value.as.items;
  CHECK(items[0].kind == EMB_INT && items[0].as.integer == 5);
  CHECK_TEXT(items[1], "t");
  CHECK(items[2].as.items[0].as.integer == 3 && items[2].as.items[1].kind == EMB_OBJECT);
  emb_object_free(items[2].as.items[1].as.object);
  CHECK_BIGINT(items[3], "0x400000000000000000");
  CHECK_REAL(items[4].as.reals[1], 2.0);
  /* A number takes no place among the results that are kept. */
  emb_value text = plain("Text('kept' * 3)");
  for (int i = 0; i < 3 * EMB_RESULTS_KEPT; i++) CHECK_EQ(plain("Whole(1)").as.integer, 1);
  CHECK_TEXT(text, "keptkeptkept");
  /* In chunks, and as arguments of host functions. */
  emb_value results[3];
  size_t count = 0;
  emb_handle list = eval_object("[Whole(1), Text('x'), None]");
  OK(emb_object_unpack(list, EMB_RESULT_PLAIN, results, 3, &count));
  CHECK(count == 3 && results[0].kind == EMB_INT && results[2].kind == EMB_NONE);
  CHECK_TEXT(results[1], "x");
  emb_object_free(list);
}

static void numpy(void) {
  CHECK(run("import numpy as np"));
  const char *ints[] = {"int8(-128)", "uint8(255)", "int16(-2**15)", "uint16(65535)", "int32(-2**31)",
                        "uint32(2**32 - 1)", "int64(-2**63)", "int64(2**63 - 1)", "uint64(2**63 - 1)",
                        "intc(-1)", "uintc(1)", "longlong(-1)", "ulonglong(7)", "intp(-5)", "uintp(5)"};
  char source[100];
  for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
    snprintf(source, sizeof source, "np.%s", ints[i]);
    same(source, EMB_INT);
  }
  CHECK_BIGINT(plain("np.uint64(2**64 - 1)"), "0xffffffffffffffff");
  same("np.bool_(True)", EMB_BOOL);
  same("np.bool_(False)", EMB_BOOL);
  same("np.float16(0.1)", EMB_FLOAT);
  same("np.float32(0.1)", EMB_FLOAT);
  CHECK_REAL(plain("np.float32(0.1)").as.real, (double)0.1f);
  CHECK_REAL(plain("np.float32(-0.0)").as.real, -0.0);
  CHECK_REAL(plain("np.float32(-1.0)").as.real, -1.0);
  CHECK_REAL(plain("np.float16(2.0**-24)").as.real, 0x1p-24);
  same("np.float64('nan')", EMB_FLOAT);
  same("np.float32('inf')", EMB_FLOAT);
  same("np.complex64(0.1 + 2j)", EMB_COMPLEX);
  same("np.complex128(1 - 0j)", EMB_COMPLEX);
  same("np.str_('caf\\xe9')", EMB_TEXT);
  same("np.bytes_(b'raw')", EMB_BYTES);
  CHECK_REAL(plain("np.arange(4.0).max()").as.real, 3.0);
  emb_value value = plain("np.unravel_index(5, (2, 3))");
  CHECK(value.kind == EMB_TUPLE && value.as.items[0].as.integer == 1 && value.as.items[1].as.integer == 2);
  /* No plain value holds these, or not only the value. */
  const char *objects[] = {"longdouble(0.1)", "clongdouble(1j)", "datetime64(1, 'ns')", "timedelta64(1, 's')",
                           "array(1.5)", "void(b'ab')", "zeros(2)", "float32", "dtype('f4')"};
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
    snprintf(source, sizeof source, "np.%s", objects[i]);
    stays(source);
  }
  CHECK_EQ(eval_as("np.float32(1)", EMB_RESULT_DEEP).kind, EMB_OBJECT);
}

/* A scalar of numpy as a value and back: of the same type, to the last bit. */
static void there_and_back(const char *type, const char *number) {
  char source[200];
  snprintf(source, sizeof source, "np.%s(%s)", type, number);
  emb_value value = eval_as(source, EMB_RESULT_SCALARS);
  emb_handle back = 0;
  if (!CHECK_EQ(value.kind, EMB_SCALAR)) return;
  snprintf(source, sizeof source, "np.dtype(np.%s).num", type);
  CHECK_EQ(value.length, eval(source).as.integer);
  OK(emb_object_new(&value, &back));
  CHECK(bind("back", back));
  OK(emb_object_free(back));
  snprintf(source, sizeof source, "type(back) is np.%s and back.tobytes() == np.%s(%s).tobytes()", type, type, number);
  if (!is_true(source)) check_report(__FILE__, __LINE__, "not so: %s", source);
}

static void scalars(void) {
  const char *integers[] = {"int8", "int16", "int32", "int64", "longlong"};
  const char *unsigned_ones[] = {"uint8", "uint16", "uint32", "uint64", "ulonglong"};
  char source[200];
  for (int i = 0; i < 5; i++) {
    snprintf(source, sizeof source, "np.iinfo(np.%s).min", integers[i]);
    there_and_back(integers[i], source);
    there_and_back(integers[i], "-1");
    snprintf(source, sizeof source, "np.iinfo(np.%s).max", unsigned_ones[i]);
    there_and_back(unsigned_ones[i], source);
  }
  const char *reals[] = {"0.1", "-0.0", "float('nan')", "float('-inf')", "5e-324"};
  for (int i = 0; i < 5; i++) {
    there_and_back("float32", reals[i]);
    there_and_back("float64", reals[i]);
  }
  there_and_back("bool_", "True");
  there_and_back("bool_", "False");
  CHECK_EQ(eval_as("np.int8(-128)", EMB_RESULT_SCALARS).as.integer, -128);
  CHECK(eval_as("np.uint64(2**64 - 1)", EMB_RESULT_SCALARS).as.uinteger == UINT64_MAX);
  emb_value pair = eval_as("(np.float32(0.5), 1)", EMB_RESULT_SCALARS);
  CHECK(pair.kind == EMB_TUPLE && pair.as.items[0].kind == EMB_SCALAR && pair.as.items[1].kind == EMB_INT);
  CHECK_REAL(pair.as.items[0].as.real, 0.5);
  const char *objects[] = {"np.float16(1)", "np.longdouble(1)", "np.complex64(1)", "np.str_('a')", "np.array(1)"};
  for (int i = 0; i < 5; i++) {
    emb_value object = eval_as(objects[i], EMB_RESULT_SCALARS);
    if (CHECK_EQ(object.kind, EMB_OBJECT)) OK(emb_object_free(object.as.object));
  }
  emb_handle none = 0;
  emb_value wrong = {.kind = EMB_SCALAR, .length = 13};
  FAILS(emb_object_new(&wrong, &none), EMB_BAD_ARGUMENT, "13");
  wrong.length = UINT32_MAX;
  FAILS(emb_object_new(&wrong, &none), EMB_BAD_ARGUMENT, NULL);
  CHECK_EQ(none, 0);
}

int main(void) {
  start();
  subclasses();
  inside();
  if (has_module("numpy")) {
    numpy();
    scalars();
  } else {
    printf("SKIP api_plain: no numpy\n");
  }
  CHECK_ALIVE();
  return check_result();
}
