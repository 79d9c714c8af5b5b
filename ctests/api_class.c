/* Classes of the host: host objects with operations of every kind, and their lifetimes. */
#include "method.h"

#include <pthread.h>

/* --- a shelf: numbers of the host that Python uses through every protocol */

typedef struct {
  double numbers[4];
  int64_t count;
  int entered, left, freed;
} shelf;
static emb_handle shelf_class;

static void free_shelf(void *userdata) { ((shelf *)userdata)->freed++; }

static shelf *self_of(const emb_value *args) {
  void *self = NULL;
  int32_t is_one = 0;
  OK(emb_instance_userdata(args[0].as.object, free_shelf, &self, &is_one));
  CHECK_EQ(is_one, 1);
  return self;
}

FUNCTION(shelf_repr) {
  UNUSED;
  emb_value text = v_text("");
  char buffer[40];
  text.length = (uint32_t)snprintf(buffer, sizeof buffer, "<shelf of %d>", (int)self_of(args)->count);
  text.as.text = buffer;
  return emb_callback_return(&text);
}
FUNCTION(shelf_len) { UNUSED; return *result = v_int(self_of(args)->count), EMB_OK; }
FUNCTION(shelf_getitem) {
  UNUSED;
  shelf *self = self_of(args);
  if (args[1].kind != EMB_INT) return emb_error_raise("TypeError", -1, "an index is an int", -1);
  if (args[1].as.integer < 0 || args[1].as.integer >= self->count)
    return emb_error_raise("IndexError", -1, "no such place", -1);
  return *result = v_float(self->numbers[args[1].as.integer]), EMB_OK;
}
FUNCTION(shelf_setitem) {
  UNUSED;
  return self_of(args)->numbers[args[1].as.integer] = args[2].as.real, EMB_OK;
}
FUNCTION(shelf_delitem) { UNUSED; return self_of(args)->count--, EMB_OK; }
FUNCTION(shelf_contains) {
  UNUSED;
  shelf *self = self_of(args);
  *result = v_bool(false);
  for (int64_t i = 0; i < self->count; i++)
    if (args[1].kind == EMB_FLOAT && self->numbers[i] == args[1].as.real) *result = v_bool(true);
  return EMB_OK;
}
FUNCTION(shelf_iter) {
  UNUSED;
  emb_handle list = 0, iterator = 0;
  shelf *self = self_of(args);
  emb_status status = emb_list_from_ptr(self->numbers, EMB_FLOAT, (size_t)self->count, &list);
  if (!status) status = emb_object_iter(list, &iterator);
  emb_object_free(list);
  *result = status ? v_none() : v_object(iterator);
  return status;
}
FUNCTION(shelf_call) {
  UNUSED;
  CHECK_EQ(nargs, 2);
  CHECK(keywords && keywords_length == 2 && memcmp(keywords, "by", 2) == 0);
  return *result = v_float(args[1].as.real * args[2].as.real), EMB_OK;
}
/* Any object is equal to a shelf that carries as many numbers. */
FUNCTION(shelf_eq) {
  UNUSED;
  void *other = NULL;
  int32_t is_one = 0;
  *result = v_bool(false);
  if (args[1].kind != EMB_OBJECT) return EMB_OK;
  emb_status status = emb_instance_userdata(args[1].as.object, free_shelf, &other, &is_one);
  if (!status && is_one) *result = v_bool(((shelf *)other)->count == self_of(args)->count);
  return status;
}
FUNCTION(shelf_hash) { UNUSED; return *result = v_int(1000 + self_of(args)->count), EMB_OK; }
FUNCTION(shelf_enter) {
  UNUSED;
  self_of(args)->entered++;
  *result = args[0]; /* the instance itself; its handle stays libemb's */
  OK(emb_object_clone(args[0].as.object, &result->as.object));
  return EMB_OK;
}
FUNCTION(shelf_exit) {
  UNUSED;
  CHECK_EQ(nargs, 4);
  return self_of(args)->left++, *result = v_bool(args[1].kind != EMB_NONE), EMB_OK;
}
FUNCTION(shelf_getattr) {
  UNUSED;
  if (args[1].length == 5 && memcmp(args[1].as.text, "count", 5) == 0)
    return *result = v_int(self_of(args)->count), EMB_OK;
  return emb_error_raise("AttributeError", -1, "a shelf has only a count", -1);
}
FUNCTION(shelf_setattr) {
  UNUSED;
  return self_of(args)->count = args[2].as.integer, EMB_OK;
}
FUNCTION(shelf_add) {
  UNUSED;
  shelf *self = self_of(args);
  if (args[1].kind != EMB_INT && args[1].kind != EMB_FLOAT)
    return *result = (emb_value){.kind = EMB_NOT_IMPLEMENTED}, EMB_OK;
  double sum = args[1].kind == EMB_INT ? (double)args[1].as.integer : args[1].as.real;
  for (int64_t i = 0; i < self->count; i++) sum += self->numbers[i];
  return *result = v_float(sum), EMB_OK;
}
FUNCTION(shelf_buffer) {
  UNUSED;
  shelf *self = self_of(args);
  emb_handle memory = 0;
  emb_status status = emb_array_from_ptr(self->numbers, "d", -1, 1, &self->count, NULL,
                                         EMB_ARRAY_MEMORYVIEW, NULL, NULL, &memory);
  *result = status ? v_none() : v_object(memory);
  return status;
}

#define METHOD(name, function) {name, "About it.", function, NULL, EMB_METHOD_INSTANCE, EMB_RESULT_AUTO}
static const emb_method shelf_methods[] = {
    METHOD("__repr__", shelf_repr),         METHOD("__len__", shelf_len),
    METHOD("__getitem__", shelf_getitem),   METHOD("__setitem__", shelf_setitem),
    METHOD("__delitem__", shelf_delitem),   METHOD("__contains__", shelf_contains),
    METHOD("__iter__", shelf_iter),         METHOD("__call__", shelf_call),
    METHOD("__eq__", shelf_eq),             METHOD("__hash__", shelf_hash),
    METHOD("__enter__", shelf_enter),       METHOD("__exit__", shelf_exit),
    METHOD("__getattr__", shelf_getattr),   METHOD("__setattr__", shelf_setattr),
    METHOD("__add__", shelf_add),           METHOD("__radd__", shelf_add),
    METHOD("__buffer__", shelf_buffer),
};

static void operations(void) {
  shelf mine = {{1.5, 2.5, 4, 8}, 3, 0, 0, 0};
  emb_handle object = 0;
  emb_value items[2] = {v_text("__doc__"), v_text("Numbers of the host.")};
  emb_value namespace = v_items(EMB_DICT, items, 1);
  int class_freed = 0;
  OK(emb_class_new("Shelf", -1, NULL, &namespace, shelf_methods, COUNT(shelf_methods), &class_freed, 0,
                   count_release, &shelf_class));
  OK(emb_instance_new(shelf_class, &mine, 0, free_shelf, &object));
  CHECK(bind("s", object) && bind("Shelf", shelf_class));
  OK(emb_object_free(object));

  CHECK(is_true("type(s) is Shelf and repr(s) == '<shelf of 3>' and str([s]) == '[<shelf of 3>]'"));
  CHECK(is_true("(Shelf.__name__, Shelf.__module__, Shelf.__doc__) == ('Shelf', 'emb', 'Numbers of the host.')"));
  CHECK(is_true("Shelf.__len__.__doc__ == 'About it.' and s.__len__.__name__ == '__len__'"));
  CHECK(is_true("(len(s), s[1], list(s), sum(s), bool(s)) == (3, 2.5, [1.5, 2.5, 4.0], 8.0, True)"));
  CHECK(is_true("2.5 in s and 3.5 not in s and s(2.0, by=4.0) == 8.0 and s + 1 == 9 == 1 + s"));
  CHECK(run("s[1] = 3.5\ndel s[-1]\ns.count = s.count + 1"));
  CHECK(mine.numbers[1] == 3.5 && mine.count == 3);
  CHECK(is_true("hash(s) == 1003 and s in {s} and {s: 1}[s] == 1 and s == s and s != 5"));
  CHECK(run("with s as same:\n  assert same is s\n  raise KeyError('dealt with')"));
  CHECK(mine.entered == 1 && mine.left == 1);
  CHECK(is_true("bytes(memoryview(s)) == __import__('struct').pack('3d', 1.5, 3.5, 4)"));
  CHECK(run("m = memoryview(s); m[0] = 7.0; del m"));
  CHECK_REAL(mine.numbers[0], 7.0);
  FAILS(emb_run("s['a']", -1, NULL, 0, 0), EMB_EXCEPTION, "an index is an int");
  FAILS(emb_run("s[99]", -1, NULL, 0, 0), EMB_EXCEPTION, "no such place");
  FAILS(emb_run("s.other", -1, NULL, 0, 0), EMB_EXCEPTION, "only a count");
  FAILS(emb_run("s + 'text'", -1, NULL, 0, 0), EMB_EXCEPTION, "unsupported operand");
  FAILS(emb_run("s * 2", -1, NULL, 0, 0), EMB_EXCEPTION, "unsupported operand");

  /* It comes back as itself, from wherever Python has kept it. */
  void *back = NULL;
  int32_t is_one = 0;
  emb_handle again = eval_object("{'key': [s]}['key'].pop()");
  OK(emb_instance_userdata(again, free_shelf, &back, &is_one));
  CHECK(is_one == 1 && back == &mine);
  OK(emb_object_free(again));

  CHECK_EQ(mine.freed, 0);
  CHECK(run("del s, same"));
  CHECK_EQ(mine.freed, 1);
  CHECK_EQ(class_freed, 0);
  OK(emb_object_free(shelf_class));
  CHECK(run("length = Shelf.__dict__['__len__']; del Shelf; import gc; gc.collect()"));
  CHECK_EQ(class_freed, 0); /* one of its methods is still there */
  CHECK(run("del length; gc.collect()"));
  CHECK_EQ(class_freed, 1);
}

static void bad_input(void) {
  emb_handle class = 77, object = 77;
  emb_method method = {"f", NULL, shelf_len, NULL, EMB_METHOD_INSTANCE, EMB_RESULT_AUTO};
  int freed = 0;
#define REFUSED(part, status)                                                                        \
  FAILS(emb_class_new("C", -1, NULL, NULL, &method, 1, &freed, 0, count_release, &class), status, part); \
  CHECK(freed == 1 && class == 77);                                                                  \
  freed = 0
  method.name = NULL;
  REFUSED("methods[0].name is NULL", EMB_BAD_ARGUMENT);
  method.name = "\xff";
  REFUSED("methods[0].name is not UTF-8", EMB_BAD_ARGUMENT);
  method.name = "f";
  method.doc = "\xff";
  REFUSED("methods[0].doc is not UTF-8", EMB_BAD_ARGUMENT);
  method.doc = NULL;
  method.function = NULL;
  REFUSED("methods[0].function is NULL", EMB_BAD_ARGUMENT);
  method.function = shelf_len;
  method.kind = 6;
  REFUSED("methods[0].kind is 6", EMB_BAD_ARGUMENT);
  method.kind = EMB_METHOD_INSTANCE;
  method.flags = 77;
  REFUSED("methods[0].flags is 77", EMB_BAD_ARGUMENT);
  method.flags = EMB_RESULT_AUTO;
  emb_method twins[2] = {method, method};
  FAILS(emb_class_new("C", -1, NULL, NULL, twins, 2, NULL, 0, NULL, &class), EMB_BAD_ARGUMENT, "\"f\" twice");
  twins[1].kind = EMB_METHOD_GETTER;
  FAILS(emb_class_new("C", -1, NULL, NULL, twins, 2, NULL, 0, NULL, &class), EMB_BAD_ARGUMENT, "\"f\" twice");
  twins[0].kind = EMB_METHOD_GETTER;
  FAILS(emb_class_new("C", -1, NULL, NULL, twins, 2, NULL, 0, NULL, &class), EMB_BAD_ARGUMENT, "\"f\" twice");
  emb_method three[3] = {method, method, method};
  three[0].kind = EMB_METHOD_GETTER;
  three[1].kind = three[2].kind = EMB_METHOD_SETTER;
  FAILS(emb_class_new("C", -1, NULL, NULL, three, 3, NULL, 0, NULL, &class), EMB_BAD_ARGUMENT, "\"f\" twice");
  emb_value wrong = v_int(5), final = v_object(eval_object("bool"));
  FAILS(emb_class_new("C", -1, &wrong, NULL, &method, 1, &freed, 0, count_release, &class), EMB_BAD_ARGUMENT, "bases[0]");
  CHECK_EQ(freed, 1);
  FAILS(emb_class_new("C", -1, &final, NULL, NULL, 0, NULL, 0, NULL, &class), EMB_EXCEPTION, "not an acceptable base");
  FAILS(emb_class_new("C", -1, NULL, &wrong, NULL, 0, NULL, 0, NULL, &class), EMB_BAD_ARGUMENT, "namespace");
  FAILS(emb_class_new("C\0D", 3, NULL, NULL, NULL, 0, NULL, 0, NULL, &class), EMB_EXCEPTION, "null character");
  CHECK_EQ(class, 77);

  freed = 0;
  FAILS(emb_instance_new(final.as.object, &freed, 0, count_release, &object), EMB_EXCEPTION, NULL);
  CHECK_EQ(freed, 1);
  emb_handle list = eval_object("[]"), abstract = eval_object("__import__('collections.abc').abc.Sized");
  FAILS(emb_instance_new(list, &freed, 0, count_release, &object), EMB_BAD_ARGUMENT, "class is not a class");
  FAILS(emb_instance_new(abstract, &freed, 0, count_release, &object), EMB_EXCEPTION, "abstract");
  FAILS(emb_instance_bind(list, &freed, 0, count_release), EMB_EXCEPTION, "AttributeError");
  CHECK_EQ(freed, 4);
  CHECK_EQ(object, 77);
  OK(emb_object_free(list));
  OK(emb_object_free(abstract));
  OK(emb_object_free(final.as.object));
}

int main(void) {
  start();
  CHECK(run("import gc"));
  operations();
  bad_input();
  CHECK_ALIVE();
  OK(emb_shutdown());
  return check_result();
}
