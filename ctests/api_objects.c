/* Handles and what can be asked of an object: attributes, text, truth, hash, identity. */
#include "check.h"

#include <math.h>

static void texts_of_their_own(void) {
  emb_handle text = 0;
  OK(emb_text_new("a\0b", 3, &text));
  CHECK(bind("made", text) && is_true("made == 'a\\0b'"));
  OK(emb_object_free(text));
  OK(emb_text_new("caf\u00e9", EMB_NUL_TERMINATED, &text));
  CHECK(bind("made", text) && is_true("made == 'caf\\xe9'"));
  OK(emb_object_free(text));
  OK(emb_text_new(NULL, 0, &text));
  CHECK(bind("made", text) && is_true("made == ''"));
  OK(emb_object_free(text));
}

static void handles(void) {
  emb_value value = v_int(5), result = {0};
  emb_handle five = 0, same = 0;
  uint64_t a = 0, b = 1;
  OK(emb_object_new(&value, &five));
  CHECK(five != 0 && five < (1ULL << 53));
  OK(emb_object_clone(five, &same));
  CHECK(same != five);
  OK(emb_object_identity(five, &a));
  OK(emb_object_identity(same, &b));
  CHECK_EQ(a, b);
  OK(emb_object_free(five));
  FAILS(emb_object_free(five), EMB_BAD_HANDLE, "object");
  OK(emb_object_value(same, EMB_RESULT_AUTO, &result));
  CHECK(result.kind == EMB_INT && result.as.integer == 5);
  OK(emb_object_free(same));

  emb_handle first = eval_object("object()"), second = eval_object("object()");
  OK(emb_object_identity(first, &a));
  OK(emb_object_identity(second, &b));
  CHECK(a != b);
  CHECK(bind("first", first));
  value = eval("id(first)");
  CHECK_EQ(value.as.integer, (int64_t)a);
  emb_object_free(first);
  emb_object_free(second);
}

static uint32_t kind_of(const char *source) {
  emb_value value = eval_as(source, EMB_RESULT_SHARED);
  if (value.kind == EMB_OBJECT || value.kind == EMB_SHARED) OK(emb_object_free(value.as.object));
  return value.kind;
}

/* Only of what comes as EMB_SHARED the host can have a handle. Without a GIL nobody can tell. */
static void what_may_be_known(void) {
  const uint32_t fresh_kind = has_gil() ? EMB_OBJECT : EMB_SHARED;
  CHECK(run("held = [object()]"));
  CHECK_EQ(kind_of("held[0]"), EMB_SHARED);
  CHECK_EQ(kind_of("[1]"), fresh_kind);
  CHECK_EQ(kind_of("[object()][0]"), fresh_kind);
  CHECK_EQ(kind_of("object"), EMB_SHARED);
  CHECK_EQ(kind_of("2.5"), EMB_FLOAT);
  emb_value pair = eval_as("(held[0], object(), (object(), [1]))", EMB_RESULT_SHARED);
  CHECK(pair.kind == EMB_TUPLE && pair.length == 3);
  const emb_value *items = pair.as.items, *inner = items[2].as.items;
  CHECK(items[0].kind == EMB_SHARED && items[1].kind == fresh_kind);
  OK(emb_object_free(items[0].as.object));
  OK(emb_object_free(items[1].as.object));
  for (int i = 0; i < 2; i++) OK(emb_object_free(inner[i].as.object));

  emb_value twice = eval_as("(lambda one: (one, one))(object())", EMB_RESULT_SHARED);
  for (uint32_t i = 0; i < twice.length; i++) {
    CHECK_EQ(twice.as.items[i].kind, EMB_SHARED);
    OK(emb_object_free(twice.as.items[i].as.object));
  }

  emb_value many[3] = {0};
  size_t count = 0;
  emb_handle fresh = eval_object("iter([object() for i in range(3)])");
  emb_handle held = eval_object("map(lambda i: object() if i else held[0], range(3))");
  OK(emb_object_next_many(fresh, EMB_RESULT_SHARED, many, 3, &count));
  for (size_t i = 0; i < count; i++) OK(emb_object_free(many[i].as.object));
  OK(emb_object_next_many(held, EMB_RESULT_SHARED, many, 3, &count));
  CHECK(count == 3 && many[0].kind == EMB_SHARED && many[1].kind == fresh_kind);
  for (size_t i = 0; i < count; i++) OK(emb_object_free(many[i].as.object));
  OK(emb_object_free(fresh));
  OK(emb_object_free(held));
}

static emb_handle noted_of(emb_handle object) {
  emb_handle noted = 99;
  OK(emb_object_noted(object, &noted));
  return noted;
}

static void noted_handles(void) {
  emb_handle objects[4] = {eval_object("[1]"), eval_object("[2]"), 0, eval_object("[3]")}, same = 0;
  size_t count = 99;
  OK(emb_object_clone(objects[0], &same));
  CHECK_EQ(noted_of(same), 0);
  OK(emb_object_note(objects, 4, 0, &count));
  CHECK_EQ(count, 2); /* before the first 0 */
  CHECK(noted_of(same) == objects[0] && noted_of(objects[1]) == objects[1]);
  CHECK_EQ(noted_of(objects[3]), objects[3]);
  OK(emb_object_note(&same, 1, 0, &count));
  CHECK_EQ(noted_of(same), objects[0]); /* the first stays */
  OK(emb_object_note(&same, 1, EMB_NOTE_INSTEAD, &count));
  CHECK_EQ(noted_of(objects[0]), same);
  OK(emb_object_free(same));
  CHECK_EQ(noted_of(objects[0]), 0); /* what is released is noted no more */
  OK(emb_object_note(&same, 1, 0, &count));
  CHECK_EQ(noted_of(objects[0]), 0);
  OK(emb_object_note(objects, 1, 0, &count));
  CHECK_EQ(noted_of(objects[0]), objects[0]);
  OK(emb_object_note(NULL, 0, 0, &count));
  CHECK_EQ(count, 0);
  for (int i = 0; i < 4; i++) OK(emb_object_free(objects[i]));
  FAILS(emb_object_noted(objects[0], &same), EMB_BAD_HANDLE, "object");

  /* Others have the places of what has gone, and are not taken for it; nothing piles up. */
  emb_handle kept = eval_object("[1]");
  OK(emb_object_note(&kept, 1, 0, &count));
  for (int i = 0; i < 5000; i++) {
    emb_handle one = eval_object("[1]");
    if (!CHECK_EQ(noted_of(one), 0)) break;
    OK(emb_object_note(&one, 1, 0, &count));
    OK(emb_object_free(one));
  }
  CHECK_EQ(noted_of(kept), kept);
  OK(emb_object_free(kept));
}

static void attributes(void) {
  CHECK(run("class Point:\n"
            "  def __init__(self): self.x = 1.5\n"
            "  @property\n"
            "  def fails(self): raise RuntimeError('on purpose')\n"
            "point = Point()"));
  emb_handle point = eval_object("point");
  emb_value value = {0}, text = v_text("h\xc3\xa9"), untouched = {.kind = 99};
  OK(emb_object_getattr(point, "x", -1, EMB_RESULT_AUTO, &value));
  CHECK(value.kind == EMB_FLOAT);
  CHECK_REAL(value.as.real, 1.5);
  OK(emb_object_getattr(point, "xyz", 1, EMB_RESULT_AUTO, &value)); /* one byte of it */
  CHECK_REAL(value.as.real, 1.5);
  OK(emb_object_getattr(point, "x", -1, EMB_RESULT_OBJECT, &value));
  CHECK_EQ(value.kind, EMB_OBJECT);
  OK(emb_object_free(value.as.object));
  OK(emb_object_getattr(point, "x", -1, EMB_RESULT_AUTO, NULL));
  OK(emb_object_setattr(point, "n\xc3\xa4me", -1, &text));
  CHECK(is_true("point.n\xc3\xa4me == 'h\\u00e9'"));
  FAILS(emb_object_getattr(point, "y", -1, 0, &untouched), EMB_EXCEPTION, "'y'");
  CHECK(strcmp(check_error.type_name, "AttributeError") == 0);
  FAILS(emb_object_getattr(point, "fails", -1, 0, &untouched), EMB_EXCEPTION, "on purpose");
  CHECK_EQ(untouched.kind, 99);
  OK(emb_object_delattr(point, "x", -1));
  CHECK(is_true("not hasattr(point, 'x')"));
  FAILS(emb_object_delattr(point, "x", -1), EMB_EXCEPTION, "x");
  emb_object_free(point);
  emb_handle five = eval_object("5");
  FAILS(emb_object_setattr(five, "x", -1, &text), EMB_EXCEPTION, "AttributeError");
  emb_object_free(five);
}

static emb_value method_of(emb_handle object, const char *name, emb_handle known) {
  emb_value method = {.kind = 99};
  OK(emb_object_method(object, name, -1, known, EMB_RESULT_AUTO, &method));
  return method;
}

/* What is called is what the attribute would be, at each moment. */
static void methods(void) {
  CHECK(run("class Counter:\n"
            "  n = 0\n"
            "  def add(self, by): self.n += by; return self.n\n"
            "  @classmethod\n"
            "  def kind(cls): return cls.__name__\n"
            "  @property\n"
            "  def twice(self): return 2 * self.n\n"
            "one, other = Counter(), Counter()"));
  emb_handle one = eval_object("one"), other = eval_object("other");
  emb_value add = method_of(one, "add", 0), result, args[2] = {{EMB_OBJECT, 0, {.object = one}}, v_int(3)};
  CHECK_EQ(add.kind, EMB_FUNCTION);
  CHECK(bind("function", add.as.object) && is_true("function is Counter.add"));
  OK(emb_call(add.as.object, args, 2, NULL, 0, 0, &result));
  CHECK_EQ(result.as.integer, 3);
  emb_value again = method_of(other, "add", add.as.object);
  CHECK(again.kind == EMB_FUNCTION && again.as.object == 0);
  CHECK_EQ(method_of(one, "twice", add.as.object).as.integer, 6);
  emb_value kind = method_of(one, "kind", add.as.object); /* not bound to the object itself */
  CHECK_EQ(kind.kind, EMB_OBJECT);
  OK(emb_object_free(kind.as.object));

  CHECK(run("other.add = one.add")); /* nor is this */
  emb_value foreign = method_of(other, "add", add.as.object);
  CHECK_EQ(foreign.kind, EMB_OBJECT);
  OK(emb_object_free(foreign.as.object));
  CHECK(run("other.add = 5"));
  CHECK_EQ(method_of(other, "add", add.as.object).as.integer, 5);
  CHECK(run("Counter.add = lambda self, by: -by"));
  emb_value changed = method_of(one, "add", add.as.object);
  CHECK(changed.kind == EMB_FUNCTION && changed.as.object != 0);
  OK(emb_call(changed.as.object, args, 2, NULL, 0, 0, &result));
  CHECK_EQ(result.as.integer, -3);
  OK(emb_object_free(changed.as.object));
  CHECK(run("del Counter.add"));
  FAILS(emb_object_method(one, "add", -1, add.as.object, 0, &result), EMB_EXCEPTION, "'add'");
  OK(emb_object_method(one, "twice", -1, 0, 0, NULL));
  OK(emb_object_free(add.as.object));
  FAILS(emb_object_method(one, "twice", -1, add.as.object, 0, &result), EMB_BAD_HANDLE, "known");
  emb_object_free(one);
  emb_object_free(other);
}

/* Long names that differ only in the middle. */
static void long_names(void) {
  emb_handle point = eval_object("type('Point', (), {'beginning_1_and_ending': 1, 'beginning_2_and_ending': 2})");
  emb_value value = v_none();
  for (int round = 0; round < 2; round++) {
    OK(emb_object_getattr(point, "beginning_1_and_ending", -1, EMB_RESULT_AUTO, &value));
    CHECK_EQ(value.as.integer, 1);
    OK(emb_object_getattr(point, "beginning_2_and_ending", -1, EMB_RESULT_AUTO, &value));
    CHECK_EQ(value.as.integer, 2);
  }
  OK(emb_object_free(point));
}

/* A program that writes each name where the one before was; of the same length, and of others. */
static void names_at_one_address(void) {
  const struct { const char *name; int64_t value; } known[] = {
      {"one", 1}, {"two", 2}, {"three", 3}, {"one", 1}, {"four_and_more_than_16_bytes", 4},
      {"five_and_more_than_16_bytes", 5}};
  CHECK(run("class Names: one, two, three = 1, 2, 3"));
  CHECK(run("Names.four_and_more_than_16_bytes, Names.five_and_more_than_16_bytes = 4, 5"));
  emb_handle names = eval_object("Names");
  emb_value value = v_none();
  char name[32];
  for (int round = 0; round < 3; round++)
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
      strcpy(name, known[i].name);
      OK(emb_object_getattr(names, name, -1, EMB_RESULT_AUTO, &value));
      CHECK_EQ(value.as.integer, known[i].value);
    }
  strcpy(name, "six");
  FAILS(emb_object_getattr(names, name, -1, EMB_RESULT_AUTO, &value), EMB_EXCEPTION, "'six'");
  OK(emb_object_free(names));
}

/* Without the lock and with it; those that are no more stop nothing. */
static void many_at_once(void) {
  CHECK(run("class Counted:\n  alive = 0\n  def __init__(self): Counted.alive += 1\n"
            "  def __del__(self): Counted.alive -= 1"));
  for (int locked = 0; locked < 2; locked++) {
    emb_handle objects[5] = {0};
    for (int i = 1; i < 5; i++) objects[i] = eval_object("Counted()");
    CHECK(is_true("Counted.alive == 4"));
    OK(emb_object_free(objects[2]));
    if (locked) OK(emb_gil_acquire());
    FAILS(emb_object_free_many(objects, 5), EMB_BAD_HANDLE, "objects[2]");
    CHECK(is_true("Counted.alive == 0"));
    FAILS(emb_object_free_many(objects, 5), EMB_BAD_HANDLE, "objects[1]");
    if (locked) OK(emb_gil_release());
    OK(emb_object_free_many(objects, 1));
    OK(emb_object_free_many(NULL, 0));
  }
}

static void texts(void) {
  emb_value text = {0};
  emb_handle object = eval_object("'a\\0\\u00e9\\U0001f600'");
  OK(emb_object_text(object, EMB_TEXT_STR, &text));
  CHECK_TEXT(text, "a\0\xc3\xa9\xf0\x9f\x98\x80");
  OK(emb_object_text(object, EMB_TEXT_REPR, &text));
  CHECK_TEXT(text, "'a\\x00\xc3\xa9\xf0\x9f\x98\x80'");
  emb_object_free(object);
  /* A lone surrogate has no UTF-8: the text comes as an object. */
  object = eval_object("'\\udc80'");
  OK(emb_object_text(object, EMB_TEXT_STR, &text));
  CHECK_EQ(text.kind, EMB_OBJECT);
  emb_object_free(text.as.object);
  OK(emb_object_text(object, EMB_TEXT_REPR, &text));
  CHECK_TEXT(text, "'\\udc80'");
  emb_object_free(object);
  CHECK(run("class Mute:\n  def __repr__(self): return 3"));
  object = eval_object("Mute()");
  FAILS(emb_object_text(object, EMB_TEXT_STR, &text), EMB_EXCEPTION, "TypeError");
  emb_object_free(object);
}

static void truth_and_hash(void) {
  struct { const char *source; int truth; } cases[] = {
      {"0", 0}, {"[]", 0}, {"''", 0}, {"None", 0}, {"[0]", 1}, {"'0'", 1}, {"object()", 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    emb_handle object = eval_object(cases[i].source);
    int32_t truth = -1;
    OK(emb_object_truth(object, &truth));
    CHECK_EQ(truth, cases[i].truth);
    emb_object_free(object);
  }
  CHECK(run("class Unsure:\n  def __bool__(self): raise ValueError('unsure')"));
  emb_handle unsure = eval_object("Unsure()"), text = eval_object("'text'"), list = eval_object("[]");
  int32_t truth = -1;
  int64_t hash = 0;
  FAILS(emb_object_truth(unsure, &truth), EMB_EXCEPTION, "unsure");
  CHECK_EQ(truth, -1);
  OK(emb_object_hash(text, &hash));
  CHECK_EQ(eval("hash('text')").as.integer, hash);
  hash = 11;
  FAILS(emb_object_hash(list, &hash), EMB_EXCEPTION, "unhashable");
  CHECK_EQ(hash, 11);
  emb_handle minus_two = eval_object("-2"); /* its hash is -2; -1 would mean an error */
  OK(emb_object_hash(minus_two, &hash));
  CHECK_EQ(hash, -2);
  emb_object_free(unsure);
  emb_object_free(text);
  emb_object_free(list);
  emb_object_free(minus_two);
}

/* emb_object_value unboxes instances of subclasses too; other results keep them whole. */
static void plain_values(void) {
  CHECK(run("import enum\n"
            "class Text(str): pass\nclass Real(float): pass\nclass Whole(int): pass\n"
            "class Raw(bytes): pass\nclass Colour(enum.IntEnum): RED = 3\n"));
  emb_value value = eval("Whole(4)"), plain = {0};
  CHECK_EQ(value.kind, EMB_OBJECT);
  OK(emb_object_value(value.as.object, EMB_RESULT_AUTO, &plain));
  CHECK(plain.kind == EMB_INT && plain.as.integer == 4);
  emb_object_free(value.as.object);
  struct { const char *source; uint32_t kind; } cases[] = {
      {"Text('t')", EMB_TEXT}, {"Real(0.5)", EMB_FLOAT}, {"Raw(b'r')", EMB_BYTES},
      {"Colour.RED", EMB_INT}, {"True", EMB_BOOL},       {"None", EMB_NONE}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    emb_handle object = eval_object(cases[i].source);
    OK(emb_object_value(object, EMB_RESULT_AUTO, &plain));
    CHECK_EQ(plain.kind, cases[i].kind);
    emb_object_free(object);
  }
  emb_handle list = eval_object("[1]");
  OK(emb_object_value(list, EMB_RESULT_AUTO, &plain)); /* no plain form: another handle */
  CHECK(plain.kind == EMB_OBJECT && plain.as.object != list);
  emb_object_free(plain.as.object);
  emb_object_free(list);
}

int main(void) {
  start();
  texts_of_their_own();
  handles();
  what_may_be_known();
  noted_handles();
  attributes();
  methods();
  long_names();
  names_at_one_address();
  many_at_once();
  texts();
  truth_and_hash();
  plain_values();
  CHECK_ALIVE();
  return check_result();
}
