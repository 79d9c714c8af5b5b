/* What objects say of themselves: types, texts, attributes, classes. */
#include "check.h"

static void texts(void) {
  run("import collections\n"
      "def f(a, *, b=1):\n    'Does nothing.\\n\\n    In detail.\\n    '\n"
      "f.__qualname__ = 'f'");
  emb_handle f = eval_object("f"), number = eval_object("3.14159"), counter = eval_object("collections.Counter()");
  emb_value text = {0};
  OK(emb_object_text(counter, EMB_TEXT_TYPE, &text));
  CHECK_TEXT(text, "collections.Counter");
  OK(emb_object_text(number, EMB_TEXT_TYPE, &text));
  CHECK_TEXT(text, "float");
  OK(emb_object_text(f, EMB_TEXT_DOC, &text));
  CHECK_TEXT(text, "Does nothing.\n\nIn detail.");
  OK(emb_object_text(f, EMB_TEXT_SIGNATURE, &text));
  CHECK_TEXT(text, "(a, *, b=1)");
  FAILS(emb_object_text(number, EMB_TEXT_SIGNATURE, &text), EMB_EXCEPTION, "TypeError");
  OK(emb_object_format(number, ".2f", EMB_NUL_TERMINATED, &text));
  CHECK_TEXT(text, "3.14");
  OK(emb_object_format(number, "", 0, &text));
  CHECK_TEXT(text, "3.14159");
  FAILS(emb_object_format(number, "%%", EMB_NUL_TERMINATED, &text), EMB_EXCEPTION, "ValueError");
  emb_handle undocumented = eval_object("type('T', (), {})");
  OK(emb_object_text(undocumented, EMB_TEXT_DOC, &text));
  CHECK_TEXT(text, "");
  emb_object_free(undocumented);
  emb_object_free(f);
  emb_object_free(number);
  emb_object_free(counter);
}

static void attributes(void) {
  run("class C:\n"
      "    here = None\n"
      "    @property\n"
      "    def bad(self): raise ZeroDivisionError('bad')\n"
      "    def __dir__(self): return ['b', 'a']\n");
  emb_handle c = eval_object("C()");
  int32_t found = 7;
  OK(emb_object_hasattr(c, "here", EMB_NUL_TERMINATED, &found));
  CHECK_EQ(found, 1);
  OK(emb_object_hasattr(c, "nowhere", EMB_NUL_TERMINATED, &found));
  CHECK_EQ(found, 0);
  found = 7;
  FAILS(emb_object_hasattr(c, "bad", EMB_NUL_TERMINATED, &found), EMB_EXCEPTION, "ZeroDivisionError");
  CHECK_EQ(found, 7);
  emb_value names = {0};
  OK(emb_object_dir(c, EMB_RESULT_DEEP, &names));
  if (CHECK(names.kind == EMB_TUPLE && names.length == 2)) {
    CHECK_TEXT(names.as.items[0], "a");
    CHECK_TEXT(names.as.items[1], "b");
  }
  emb_object_free(c);
}

static void classes(void) {
  emb_handle flag = eval_object("True"), boolean = eval_object("bool"), integer = eval_object("int"),
             text = eval_object("str");
  emb_value pair[] = {v_object(text), v_object(integer)}, either = v_items(EMB_TUPLE, pair, 2);
  emb_value one = v_object(text), number = v_int(3);
  int32_t is = 7;
  OK(emb_object_isinstance(flag, &pair[1], &is));
  CHECK_EQ(is, 1);
  OK(emb_object_isinstance(flag, &one, &is));
  CHECK_EQ(is, 0);
  OK(emb_object_isinstance(flag, &either, &is));
  CHECK_EQ(is, 1);
  OK(emb_object_issubclass(boolean, &either, &is));
  CHECK_EQ(is, 1);
  OK(emb_object_issubclass(text, &pair[1], &is));
  CHECK_EQ(is, 0);
  is = 7;
  FAILS(emb_object_isinstance(flag, &number, &is), EMB_EXCEPTION, "TypeError");
  FAILS(emb_object_issubclass(flag, &pair[1], &is), EMB_EXCEPTION, "TypeError");
  CHECK_EQ(is, 7);
  emb_object_free(flag);
  emb_object_free(boolean);
  emb_object_free(integer);
  emb_object_free(text);
}

/* The kinds of values that only go in. */
static void kinds(void) {
  emb_value items[] = {v_int(1), v_int(2), v_int(1)}, nested = v_items(EMB_LIST, items, 1);
  emb_value set = v_items(EMB_SET, items, 3), frozen = v_items(EMB_FROZENSET, items, 3);
  emb_value bytes = v_bytes("a\0b", 3), bad = v_items(EMB_SET, &nested, 1);
  emb_handle made = 0;
  bytes.kind = EMB_BYTEARRAY;
  OK(emb_object_new(&set, &made));
  CHECK(bind("made", made) && is_true("made == {1, 2} and type(made) is set"));
  emb_object_free(made);
  OK(emb_object_new(&frozen, &made));
  CHECK(bind("made", made) && is_true("made == {1, 2} and type(made) is frozenset"));
  emb_object_free(made);
  OK(emb_object_new(&bytes, &made));
  CHECK(bind("made", made) && is_true("made == b'a\\0b' and type(made) is bytearray"));
  emb_object_free(made);
  FAILS(emb_object_new(&bad, &made), EMB_EXCEPTION, "unhashable");
}

int main(void) {
  start();
  texts();
  attributes();
  classes();
  kinds();
  return check_result();
}
