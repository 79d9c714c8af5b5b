/* Every operator, in place too, on numbers and on objects that answer for themselves. */
#include "check.h"

/* Objects that answer with the name of the method that was called, so that no two operators can
 * be mixed up: `plain` has the plain methods, `both` those for operating in place as well. */
static const char *recorder =
    "class Plain: pass\n"
    "class Both(Plain): pass\n"
    "def install(cls, name, unary=False):\n"
    "  def record(self, *other):\n"
    "    return name if len(other) == (0 if unary else 1) else 'arguments!'\n"
    "  setattr(cls, '__%s__' % name, record)\n"
    "for name in 'add sub mul truediv floordiv mod divmod pow lshift rshift and xor or matmul'.split():\n"
    "  install(Plain, name)\n"
    "  if name != 'divmod': install(Both, 'i' + name)\n"
    "for name in 'lt le eq ne gt ge'.split(): install(Plain, name)\n"
    "for name in 'neg pos abs invert'.split(): install(Plain, name, True)\n"
    "both, plain = Both(), Plain()\n";

static const struct {
  uint32_t op;
  const char *method;
} operators[] = {{EMB_OP_ADD, "add"},          {EMB_OP_SUBTRACT, "sub"},
                 {EMB_OP_MULTIPLY, "mul"},     {EMB_OP_TRUE_DIVIDE, "truediv"},
                 {EMB_OP_FLOOR_DIVIDE, "floordiv"}, {EMB_OP_REMAINDER, "mod"},
                 {EMB_OP_DIVMOD, "divmod"},    {EMB_OP_POWER, "pow"},
                 {EMB_OP_LSHIFT, "lshift"},    {EMB_OP_RSHIFT, "rshift"},
                 {EMB_OP_AND, "and"},          {EMB_OP_XOR, "xor"},
                 {EMB_OP_OR, "or"},            {EMB_OP_MATMUL, "matmul"},
                 {EMB_OP_NEGATIVE, "neg"},     {EMB_OP_POSITIVE, "pos"},
                 {EMB_OP_ABSOLUTE, "abs"},     {EMB_OP_INVERT, "invert"},
                 {EMB_OP_LT, "lt"},            {EMB_OP_LE, "le"},
                 {EMB_OP_EQ, "eq"},            {EMB_OP_NE, "ne"},
                 {EMB_OP_GT, "gt"},            {EMB_OP_GE, "ge"}};

static void check_method(uint32_t op, emb_value left, bool unary, const char *expected) {
  emb_value right = v_int(3), result = {.kind = 99};
  OK(emb_operate(op, &left, unary ? NULL : &right, 0, &result));
  if (!CHECK(result.kind == EMB_TEXT && strlen(expected) == result.length &&
             memcmp(result.as.text, expected, result.length) == 0))
    fprintf(stderr, "  op %u gave %.*s, expected %s\n", op, (int)result.length,
            result.kind == EMB_TEXT ? result.as.text : "", expected);
}

static void every_operator(void) {
  emb_handle both = eval_object("both"), plain = eval_object("plain");
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
    uint32_t op = operators[i].op;
    bool unary = op >= EMB_OP_NEGATIVE && op <= EMB_OP_INVERT;
    check_method(op, v_object(both), unary, operators[i].method);
    emb_value left = v_object(both), right = v_int(3), result = {.kind = 99};
    if (op <= EMB_OP_MATMUL && op != EMB_OP_DIVMOD) {
      char in_place[20];
      snprintf(in_place, sizeof in_place, "i%s", operators[i].method);
      check_method(op + EMB_OP_IN_PLACE, left, false, in_place);
      /* Without a method of its own the in-place form is the plain one. */
      check_method(op + EMB_OP_IN_PLACE, v_object(plain), false, operators[i].method);
    } else {
      FAILS(emb_operate(op + EMB_OP_IN_PLACE, &left, &right, 0, &result), EMB_BAD_ARGUMENT, "op");
    }
    if (unary)
      FAILS(emb_operate(op, &left, &right, 0, &result), EMB_BAD_ARGUMENT, "right");
    else
      FAILS(emb_operate(op, &left, NULL, 0, &result), EMB_BAD_ARGUMENT, "right");
    CHECK_EQ(result.kind, 99);
  }
  emb_object_free(both);
  emb_object_free(plain);
}

static emb_value apply(uint32_t op, emb_value left, emb_value right) {
  emb_value result = {.kind = 99};
  OK(emb_operate(op, &left, &right, EMB_RESULT_DEEP, &result));
  return result;
}

static void numbers(void) {
  emb_value seven = v_int(7), minus_two = v_int(-2), result;
  CHECK_EQ(apply(EMB_OP_ADD, seven, minus_two).as.integer, 5);
  CHECK_EQ(apply(EMB_OP_SUBTRACT, seven, minus_two).as.integer, 9);
  CHECK_REAL(apply(EMB_OP_TRUE_DIVIDE, seven, minus_two).as.real, -3.5);
  CHECK_EQ(apply(EMB_OP_FLOOR_DIVIDE, seven, minus_two).as.integer, -4); /* not C's -3 */
  CHECK_EQ(apply(EMB_OP_REMAINDER, seven, minus_two).as.integer, -1);
  result = apply(EMB_OP_DIVMOD, seven, minus_two);
  CHECK(result.kind == EMB_TUPLE && result.length == 2 && result.as.items[0].as.integer == -4);
  CHECK_BIGINT(apply(EMB_OP_POWER, v_int(16), v_int(16)), "0x10000000000000000");
  CHECK_BIGINT(apply(EMB_OP_POWER + EMB_OP_IN_PLACE, v_int(16), v_int(16)), "0x10000000000000000");
  CHECK_EQ(apply(EMB_OP_LSHIFT, seven, v_int(2)).as.integer, 28);
  CHECK_TEXT(apply(EMB_OP_MULTIPLY, v_text("ab"), v_int(2)), "abab");
  result = apply(EMB_OP_LT, minus_two, seven);
  CHECK(result.kind == EMB_BOOL && result.as.integer == 1);
  result = apply(EMB_OP_EQ, v_int(1), v_text("1"));
  CHECK(result.kind == EMB_BOOL && result.as.integer == 0);
  OK(emb_operate(EMB_OP_INVERT, &seven, NULL, 0, &result));
  CHECK_EQ(result.as.integer, -8);
  emb_value zero = v_int(0), text = v_text("t");
  FAILS(emb_operate(EMB_OP_REMAINDER, &seven, &zero, 0, &result), EMB_EXCEPTION, "ZeroDivisionError");
  FAILS(emb_operate(EMB_OP_ADD, &seven, &text, 0, &result), EMB_EXCEPTION, "TypeError");
  FAILS(emb_operate(EMB_OP_LT, &seven, &text, 0, &result), EMB_EXCEPTION, "TypeError");
  FAILS(emb_operate(EMB_OP_NEGATIVE, &text, NULL, 0, &result), EMB_EXCEPTION, "TypeError");
}

static void power_modulo(void) {
  emb_value seven = v_int(7), right[2] = {v_int(1000), v_int(13)}, result = {.kind = 99};
  OK(emb_operate(EMB_OP_POWER_MODULO, &seven, right, 0, &result));
  CHECK(result.kind == EMB_INT && result.as.integer == 9);
  right[0] = v_int(-1); /* the inverse, since 3.8 */
  OK(emb_operate(EMB_OP_POWER_MODULO, &seven, right, 0, &result));
  CHECK_EQ(result.as.integer, 2);
  right[1] = v_none();
  OK(emb_operate(EMB_OP_POWER_MODULO, &seven, right, 0, &result));
  CHECK_REAL(result.as.real, 1.0 / 7);
  right[1] = v_int(0);
  FAILS(emb_operate(EMB_OP_POWER_MODULO, &seven, right, 0, &result), EMB_EXCEPTION, "ValueError");
  right[1] = v_object(0);
  FAILS(emb_operate(EMB_OP_POWER_MODULO, &seven, right, 0, &result), EMB_BAD_HANDLE, "right[1]");
  FAILS(emb_operate(EMB_OP_POWER_MODULO, &seven, NULL, 0, &result), EMB_BAD_ARGUMENT, "right");
  FAILS(emb_operate(EMB_OP_POWER_MODULO + EMB_OP_IN_PLACE, &seven, right, 0, &result), EMB_BAD_ARGUMENT, "op");
}

static void in_place(void) {
  emb_handle list = eval_object("[1]");
  emb_value left = v_object(list), more[] = {v_int(2)}, right = v_items(EMB_LIST, more, 1), result = {0};
  uint64_t a = 0, b = 1;
  OK(emb_operate(EMB_OP_ADD + EMB_OP_IN_PLACE, &left, &right, 0, &result));
  OK(emb_object_identity(list, &a));
  OK(emb_object_identity(result.as.object, &b));
  CHECK_EQ(a, b); /* the same list, now longer */
  emb_object_free(result.as.object);
  OK(emb_operate(EMB_OP_ADD, &left, &right, 0, &result));
  OK(emb_object_identity(result.as.object, &b));
  CHECK(a != b);
  emb_object_free(result.as.object);
  OK(emb_operate(EMB_OP_ADD + EMB_OP_IN_PLACE, &left, &right, 0, NULL));
  CHECK(bind("list_", list) && is_true("list_ == [1, 2, 2]"));
  emb_object_free(list);
}

int main(void) {
  start();
  CHECK(run(recorder));
  every_operator();
  numbers();
  power_modulo();
  in_place();
  CHECK_ALIVE();
  return check_result();
}
