/* emb_generic.h: calls on plain C values, for C11. Optional; it needs nothing but emb.h.
 *
 *     double root;
 *     EMB_METHOD(math, "sqrt", &root, 2.0);
 *     EMB_METHOD(pylab, "plot", NULL, EMB_OBJ(x), EMB_OBJ(y), "o-", EMB_KW("lw", 2));
 *
 *     EMB_CALL(callable, result, ...)          result = callable(...)
 *     EMB_METHOD(object, name, result, ...)    result = object.name(...)
 *     EMB_GETATTR(object, name, result)        result = object.name
 *     EMB_SETATTR(object, name, value)         object.name = value
 *     EMB_GETITEM(object, key, result)         result = object[key]
 *     EMB_SETITEM(object, key, value)          object[key] = value
 *
 * Each gives an emb_status, evaluates its arguments once, and takes one crossing. At most sixteen
 * arguments follow the result, keywords among them, which come last.
 *
 * Arguments.  Integers, bool, float, double, char * (text that ends with a NUL byte), emb_value, and
 *             NULL, which is None. Handles and sizes have the same type in C, so each is said in a
 *             word, and does not compile without it:
 *                 EMB_OBJ(handle)              an object
 *                 EMB_U64(number)              the number in a size_t or uint64_t
 *             `true` is an int in C11; EMB_TRUE and EMB_FALSE are Python's. There are also:
 *                 EMB_KW("name", argument)     a keyword argument
 *                 EMB_STRING(text, length)     text that has NUL bytes in it, or none at its end
 *                 EMB_BLOB(pointer, length)    bytes
 *                 EMB_TUPLE_OF(a, b, ...)      a tuple; likewise EMB_LIST_OF and, of keys and
 *                                              values in turn, EMB_DICT_OF
 * Result.     NULL, or a pointer that says what is wanted: emb_value (anything), emb_handle (an object,
 *             always, yours to release), double or float, bool, a signed integer. The numbers of numpy
 *             count as numbers. What does not fit gives TypeError or OverflowError, and the result is
 *             untouched.
 *
 * EMB(x) is the emb_value of an argument, for use with emb.h. */

#ifndef EMB_GENERIC_H
#define EMB_GENERIC_H

#include "emb.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define EMB(x) (EMB_G_ARGUMENT(x).value)
#define EMB_TRUE emb_g_bool(true).value
#define EMB_FALSE emb_g_bool(false).value
#define EMB_OBJ(handle) emb_g_object(handle)
#define EMB_U64(number) emb_g_unsigned(number)
#define EMB_STRING(text, length) emb_g_memory(EMB_TEXT, text, length)
#define EMB_BLOB(pointer, length) emb_g_memory(EMB_BYTES, pointer, length)
#define EMB_TUPLE_OF(...) EMB_G_ITEMS(EMB_TUPLE, 1, __VA_ARGS__)
#define EMB_LIST_OF(...) EMB_G_ITEMS(EMB_LIST, 1, __VA_ARGS__)
#define EMB_DICT_OF(...) EMB_G_ITEMS(EMB_DICT, 2, __VA_ARGS__)
#define EMB_KW(name, argument) emb_g_keyword(name, EMB(argument))

#define EMB_CALL(callable, ...) EMB_G_INVOKE(callable, NULL, __VA_ARGS__)
#define EMB_METHOD(object, name, ...) EMB_G_INVOKE(object, name, __VA_ARGS__)
#define EMB_GETATTR(object, name, result) emb_g_get(object, name, NULL, result, EMB_G_WANTED(result))
#define EMB_SETATTR(object, name, x) emb_object_setattr(object, name, EMB_NUL_TERMINATED, &EMB_G_LVALUE(x))
#define EMB_GETITEM(object, key, result) \
  emb_g_get(object, NULL, &EMB_G_LVALUE(key), result, EMB_G_WANTED(result))
#define EMB_SETITEM(object, key, x) emb_object_setitem(object, &EMB_G_LVALUE(key), &EMB_G_LVALUE(x))

/* From here on: how it is done. Names with emb_g_ and EMB_G_ may change. */

/* `keyword` is NULL for a positional argument. */
typedef struct emb_argument {
  const char *keyword;
  emb_value value;
} emb_argument;

/* No association takes a uint64_t: it may be a handle (EMB_OBJ) or a number (EMB_U64). */
#define EMB_G_ARGUMENT(x)                                                                      \
  _Generic((x), bool: emb_g_bool, char: emb_g_int, signed char: emb_g_int, short: emb_g_int,   \
      int: emb_g_int, long: emb_g_int, long long: emb_g_int, unsigned char: emb_g_int,         \
      unsigned short: emb_g_int, unsigned: emb_g_int, float: emb_g_float, double: emb_g_float, \
      char *: emb_g_text, const char *: emb_g_text, void *: emb_g_none, emb_value: emb_g_same, \
      emb_argument: emb_g_argument)(x)
#define EMB_G_LVALUE(x) ((emb_argument[]){EMB_G_ARGUMENT(x)}[0].value)

static inline emb_argument emb_g_same(emb_value value) { return (emb_argument){NULL, value}; }
static inline emb_argument emb_g_argument(emb_argument argument) { return argument; }
static inline emb_argument emb_g_bool(bool truth) {
  return emb_g_same((emb_value){EMB_BOOL, 0, {.integer = truth}});
}
static inline emb_argument emb_g_int(long long number) {
  return emb_g_same((emb_value){EMB_INT, 0, {.integer = number}});
}
static inline emb_argument emb_g_float(double number) {
  return emb_g_same((emb_value){EMB_FLOAT, 0, {.real = number}});
}
static inline emb_argument emb_g_none(const void *null) {
  /* Any other pointer is a mistake, which the call then reports. */
  return emb_g_same((emb_value){null ? UINT32_MAX : EMB_NONE, 0, {0}});
}
static inline emb_value emb_g_object(emb_handle object) {
  return (emb_value){EMB_OBJECT, 0, {.object = object}};
}
static inline emb_value emb_g_unsigned(uint64_t number) {
  return (emb_value){EMB_UINT, 0, {.uinteger = number}};
}
/* What is longer than an emb_value can say becomes a kind that the call refuses; the last length says
 * that a text ends with a NUL byte. */
static inline emb_value emb_g_memory(uint32_t kind, const void *memory, size_t length) {
  return (emb_value){length >= UINT32_MAX ? UINT32_MAX : kind, (uint32_t)length, {.text = memory}};
}
static inline emb_argument emb_g_text(const char *text) {
  return emb_g_same(emb_g_memory(EMB_TEXT, text, text ? strlen(text) : 1));
}
static inline emb_argument emb_g_keyword(const char *name, emb_value value) {
  return (emb_argument){name, value};
}

/* What a result pointer asks for: a size for an integer, a letter for the others. */
#define EMB_G_WANTED(result)                                                                       \
  _Generic((result), void *: 0, emb_value *: 'v', uint64_t *: 'h', double *: 'd', float *: 'f',    \
      bool *: 'b', signed char *: 1, short *: sizeof(short), int *: sizeof(int),                   \
      long *: sizeof(long), long long *: sizeof(long long))

static inline emb_status emb_g_mismatch(const char *class_, const char *wanted, const char *given) {
  char message[100];
  snprintf(message, sizeof message, "the result is %s, not %s", given, wanted);
  return emb_error_raise(class_, EMB_NUL_TERMINATED, message, EMB_NUL_TERMINATED);
}

/* Whether an int of any size has kept its value as a float. */
static inline bool emb_g_is_same(emb_handle object, const emb_value *real) {
  int32_t is_int = 0;
  emb_value left = {EMB_OBJECT, 0, {.object = object}}, same = {EMB_BOOL, 0, {.integer = 1}};
  if (emb_object_hasattr(object, "__index__", EMB_NUL_TERMINATED, &is_int) == EMB_OK && is_int)
    emb_operate(EMB_OP_EQ, &left, real, EMB_RESULT_PLAIN, &same);
  if (same.kind == EMB_OBJECT) emb_object_free(same.as.object);
  return same.kind != EMB_BOOL || same.as.integer != 0;
}

/* An object into the number that it stands for: a float64 of numpy, say. */
static inline emb_status emb_g_unbox(emb_value *value, size_t wanted) {
  emb_handle object = value->as.object;
  const char *method = wanted == 'b' ? "__bool__" : wanted <= 8 ? "__index__" : "__float__";
  emb_status status = emb_object_value(object, EMB_RESULT_AUTO, value);
  if (status == EMB_OK && value->kind == EMB_OBJECT) {
    emb_object_free(value->as.object);
    status = emb_call_method(object, method, EMB_NUL_TERMINATED, NULL, 0, NULL, 0, EMB_RESULT_AUTO,
                             value);
    if (status == EMB_OK && (wanted == 'd' || wanted == 'f') && !emb_g_is_same(object, value))
      status = emb_g_mismatch("OverflowError", "within the number's range", "an int");
  }
  emb_object_free(object);
  return status;
}

static inline emb_status emb_g_store(emb_value value, size_t wanted, void *result) {
  static const char *const kinds[] = {"None", "a bool", "an int", "a float", "text", "bytes"};
  if (value.kind == EMB_OBJECT) {
    emb_status status = emb_g_unbox(&value, wanted);
    if (status != EMB_OK) return status;
  }
  const char *given = value.kind <= EMB_BYTES ? kinds[value.kind] : "an object";
  if (value.kind == EMB_OBJECT) emb_object_free(value.as.object);
  bool whole = value.kind == EMB_INT || (value.kind == EMB_BOOL && wanted != 'b');
  int64_t number = value.as.integer;
  if (wanted == 'd' || wanted == 'f') {
    if (!whole && value.kind != EMB_FLOAT) return emb_g_mismatch("TypeError", "a number", given);
    double real = whole ? (double)number : value.as.real;
    float narrow = (float)real;
    bool fits = !whole || (real < 0x1p63 && (int64_t)real == number);
    if (wanted == 'f') fits = fits && (whole ? narrow == real : !isinf(narrow) || isinf(real));
    if (!fits) return emb_g_mismatch("OverflowError", "within the number's range", given);
    if (wanted == 'd')
      *(double *)result = real;
    else
      *(float *)result = narrow;
    return EMB_OK;
  }
  if (wanted == 'b') {
    if (value.kind != EMB_BOOL) return emb_g_mismatch("TypeError", "a bool", given);
    *(bool *)result = number != 0;
    return EMB_OK;
  }
  if (!whole) return emb_g_mismatch("TypeError", "an int", given);
  int64_t most = INT64_MAX >> (64 - 8 * wanted);
  if (number > most || number < -most - 1)
    return emb_g_mismatch("OverflowError", "within the integer's range", "an int");
  switch (wanted) { /* the sizes of the integers, on any machine */
    case 1: *(signed char *)result = (signed char)number; break;
    case sizeof(short): *(short *)result = (short)number; break;
    case sizeof(int): *(int *)result = (int)number; break;
    default: memcpy(result, &number, sizeof number);
  }
  return EMB_OK;
}

static inline uint32_t emb_g_flags(size_t wanted) {
  return wanted == 'h' ? EMB_RESULT_OBJECT : EMB_RESULT_AUTO;
}
/* Gives what a call has succeeded to give. */
static inline emb_status emb_g_give(emb_value value, size_t wanted, void *result) {
  if (wanted == 'v')
    *(emb_value *)result = value;
  else if (wanted == 'h')
    *(emb_handle *)result = value.as.object;
  else
    return emb_g_store(value, wanted, result);
  return EMB_OK;
}

static inline emb_status emb_g_get(emb_handle object, const char *name, const emb_value *key,
                                   void *result, size_t wanted) {
  emb_value value;
  uint32_t flags = emb_g_flags(wanted);
  bool any = wanted != 0 && result != NULL;
  emb_status status =
      key ? emb_object_getitem(object, key, flags, any ? &value : NULL)
          : emb_object_getattr(object, name, EMB_NUL_TERMINATED, flags, any ? &value : NULL);
  return status == EMB_OK && any ? emb_g_give(value, wanted, result) : status;
}

/* arguments[0] is not one: an array of C has at least one element. */
static inline emb_status emb_g_call(emb_handle object, const char *name, void *result, size_t wanted,
                                    const emb_argument *arguments, size_t count) {
  emb_value values[16], value;
  char keywords[500];
  size_t positional = 0, used = 0;
  for (size_t i = 0; i < count; i++) {
    const char *keyword = arguments[i + 1].keyword;
    values[i] = arguments[i + 1].value;
    size_t length = keyword ? strlen(keyword) : 0;
    if (used == 0 && !keyword) {
      positional++;
      continue;
    }
    bool is_name = keyword && length > 0 && !strchr(keyword, ',');
    if (!is_name || used + length + 1 > sizeof keywords)
      return emb_error_raise("TypeError", EMB_NUL_TERMINATED,
                             is_name    ? "the names of the keyword arguments are too long"
                             : keyword ? "the name of a keyword argument is empty or has a comma in it"
                                       : "a positional argument follows a keyword argument",
                             EMB_NUL_TERMINATED);
    if (used > 0) keywords[used - 1] = ',';
    memcpy(keywords + used, keyword, length + 1);
    used += length + 1;
  }
  const char *names = used ? keywords : NULL;
  int64_t length = used ? (int64_t)used - 1 : 0;
  uint32_t flags = emb_g_flags(wanted);
  bool any = wanted != 0 && result != NULL;
  emb_status status = name ? emb_call_method(object, name, EMB_NUL_TERMINATED, values, positional, names,
                                             length, flags, any ? &value : NULL)
                           : emb_call(object, values, positional, names, length, flags,
                                      any ? &value : NULL);
  return status == EMB_OK && any ? emb_g_give(value, wanted, result) : status;
}

#define EMB_G_INVOKE(object, name, ...) \
  EMB_G_SELECT(__VA_ARGS__, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, \
               EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, EMB_G_MANY, \
               EMB_G_MANY, EMB_G_MANY, EMB_G_FEW, 0)(object, name, __VA_ARGS__)
#define EMB_G_FEW(object, name, result) \
  emb_g_call(object, name, result, EMB_G_WANTED(result), NULL, 0)
#define EMB_G_MANY(object, name, result, ...)                 \
  emb_g_call(object, name, result, EMB_G_WANTED(result),      \
             (emb_argument[]){{0}, EMB_G_EACH(EMB_G_ARGUMENT, __VA_ARGS__)}, \
             EMB_G_COUNT(__VA_ARGS__))
#define EMB_G_ITEMS(which, per, ...)                                  \
  ((emb_value){.kind = which,                                         \
               .length = EMB_G_COUNT(__VA_ARGS__) / per,              \
               .as.items = (emb_value[]){EMB_G_EACH(EMB, __VA_ARGS__)}})

#define EMB_G_SELECT(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, \
                     chosen, ...) chosen
#define EMB_G_COUNT(...) \
  EMB_G_SELECT(0, __VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define EMB_G_EACH(f, ...) \
  EMB_G_SELECT(0, __VA_ARGS__, EMB_G_16, EMB_G_15, EMB_G_14, EMB_G_13, EMB_G_12, EMB_G_11, EMB_G_10, EMB_G_9, \
               EMB_G_8, EMB_G_7, EMB_G_6, EMB_G_5, EMB_G_4, EMB_G_3, EMB_G_2, EMB_G_1, 0)(f, __VA_ARGS__)
#define EMB_G_1(f, x) f(x)
#define EMB_G_2(f, x, ...) f(x), EMB_G_1(f, __VA_ARGS__)
#define EMB_G_3(f, x, ...) f(x), EMB_G_2(f, __VA_ARGS__)
#define EMB_G_4(f, x, ...) f(x), EMB_G_3(f, __VA_ARGS__)
#define EMB_G_5(f, x, ...) f(x), EMB_G_4(f, __VA_ARGS__)
#define EMB_G_6(f, x, ...) f(x), EMB_G_5(f, __VA_ARGS__)
#define EMB_G_7(f, x, ...) f(x), EMB_G_6(f, __VA_ARGS__)
#define EMB_G_8(f, x, ...) f(x), EMB_G_7(f, __VA_ARGS__)
#define EMB_G_9(f, x, ...) f(x), EMB_G_8(f, __VA_ARGS__)
#define EMB_G_10(f, x, ...) f(x), EMB_G_9(f, __VA_ARGS__)
#define EMB_G_11(f, x, ...) f(x), EMB_G_10(f, __VA_ARGS__)
#define EMB_G_12(f, x, ...) f(x), EMB_G_11(f, __VA_ARGS__)
#define EMB_G_13(f, x, ...) f(x), EMB_G_12(f, __VA_ARGS__)
#define EMB_G_14(f, x, ...) f(x), EMB_G_13(f, __VA_ARGS__)
#define EMB_G_15(f, x, ...) f(x), EMB_G_14(f, __VA_ARGS__)
#define EMB_G_16(f, x, ...) f(x), EMB_G_15(f, __VA_ARGS__)

#endif
