/* fault_table.h: the exported functions, for calls with one bad argument.
 *
 * A row is a function with its parameters, in the order of the header, each with a good argument.
 * All others are good while one is bad, so the message must name that one. */
#ifndef FAULT_TABLE_H
#define FAULT_TABLE_H

#include "fault.h"

/* Arguments are integers and pointers, never more than a register, and in this way one type of
 * function is enough to call all of them. */
typedef emb_status (*any_function)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                   uint64_t, uint64_t, uint64_t);
enum kind {
  END, ANY, NUMBER, COUNT, HANDLE_, TEXT_, VALUE, POINTER, FUNCTION, SIZED, RELEASE,
  OR_NONE = 64, /* added to a kind: 0 or NULL is fine */
};
typedef struct {
  const char *name;
  int kind;
  uint64_t good;     /* of a handle, its address */
  uint64_t bad;      /* a NUMBER that there is not; what a POINTER receives; the least size of what is SIZED */
  const char *named; /* what the message names instead */
} parameter;
typedef struct {
  const char *name;
  any_function function;
  unsigned special;
  parameter parameters[10];
} row;
enum {
  ALWAYS = 1,    /* does not need Python */
  ASIDE = 2,     /* leaves an earlier pending error alone */
  NOT_NOW = 4,   /* good arguments would change too much while Python runs */
  CONSUMES = 8,  /* ends the handle that it is given */
  TEXTUAL = 16,  /* returns no status */
  STARTS = 32,
};

enum { GIVES_HANDLE = 1, GIVES_VALUE };

static const emb_handle no_handles[2];
static emb_handle space, class, iterator, wrong[5];
static emb_value object_class, good_values[20];
static size_t good_value_count;
static int64_t lengths[1] = {2};
static double numbers[2];
static uint64_t space_of[16], sized[16];

static void count_release(void *count) { ++*(int *)count; }
static int released;
static emb_status nothing(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                          int64_t keywords_length, emb_value *result) {
  (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result;
  return EMB_OK;
}

static const emb_method method = {"m", NULL, nothing, NULL, EMB_METHOD_INSTANCE, 0};

#define W(x) ((uint64_t)(uintptr_t)(x))
#define H(name, handle) {name, HANDLE_, W(&handle), 0, NULL}
#define H0(name) {name, HANDLE_ | OR_NONE, 0, 0, NULL}
#define T(name, text) {name, TEXT_, W(text), 0, NULL}
#define T0(name) {name, TEXT_ | OR_NONE, 0, 0, NULL}
#define V(name) {name, VALUE, W(&one), 0, NULL}
#define V0(name) {name, VALUE | OR_NONE, 0, 0, NULL}
#define P(name) {name, POINTER, W(&out), 0, NULL}
#define PTO(name, to) {name, POINTER, W(to), 0, NULL}
#define G(name) {name, POINTER, W(&out), GIVES_HANDLE, NULL}
#define RESULT {"result", POINTER | OR_NONE, W(&out), GIVES_VALUE, NULL}
#define N(name, good, bad) {name, NUMBER, good, bad, NULL}
#define FLAGS N("flags", EMB_RESULT_AUTO, EMB_RESULT_SHARED + 1)
#define C(name, named) {name, COUNT, 1, 0, named}
#define A(name, good) {name, ANY, W(good), 0, NULL}
#define R {"release", RELEASE, W(count_release), 0, NULL}
#define F(function, special, ...) {#function, (any_function)(void (*)(void))function, special, {__VA_ARGS__}}
#define NONE {NULL, END, 0, 0, NULL}

static const row rows[] = {
    F(emb_abi_version, ALWAYS | TEXTUAL, NONE),
    F(emb_version, ALWAYS | TEXTUAL, NONE),
    F(emb_init, STARTS, {"config", SIZED | OR_NONE, W(sized), offsetof(emb_config, flags), NULL}),
    F(emb_require, STARTS, T("requirements", ""), N("flags", 0, 2)),
    F(emb_shutdown, NOT_NOW, NONE),
    F(emb_doctor, ALWAYS, N("format", 0, 2), P("report")),
    F(emb_import, 0, T("name", "math"), G("module")),
    F(emb_run, 0, T("source", "1"), T0("file"), H0("globals")),
    F(emb_eval, 0, T("source", "1"), H0("globals"), FLAGS, RESULT),
    F(emb_run_file, 0, T("path", "nowhere.py"), H0("globals")),
    F(emb_module_new, 0, T("name", "emb_made"), T("source", ""), T0("file"), G("module")),
    F(emb_object_new, 0, V("value"), G("object")),
    F(emb_text_new, 0, T("text", "text"), G("object")),
    F(emb_object_value, 0, H("object", list), FLAGS, RESULT),
    F(emb_object_clone, 0, H("object", list), G("clone")),
    F(emb_object_free, ALWAYS | ASIDE | CONSUMES | NOT_NOW, H0("object")),
    F(emb_object_free_many, ALWAYS | ASIDE, PTO("objects", no_handles), C("count", "objects")),
    F(emb_object_getattr, 0, H("object", list), T("name", "append"), FLAGS, RESULT),
    F(emb_object_version, 0, H("object", list), T("name", "append"), P("version")),
    F(emb_object_setattr, 0, H("object", space), T("name", "x"), V("value")),
    F(emb_object_delattr, 0, H("object", space), T("name", "x")),
    F(emb_object_truth, 0, H("object", list), P("truth")),
    F(emb_object_hash, 0, H("object", function), P("hash")),
    F(emb_object_identity, 0, H("object", list), P("address")),
    F(emb_object_note, ALWAYS | ASIDE, PTO("objects", no_handles), C("count", "objects"), N("flags", 0, 2), P("noted")),
    F(emb_object_noted, 0, H("object", list), P("noted")),
    F(emb_object_text, 0, H("object", list), N("form", 0, 5), P("text")),
    F(emb_object_format, 0, H("object", list), T("specification", "s"), P("text")),
    F(emb_object_hasattr, 0, H("object", list), T("name", "x"), P("found")),
    F(emb_object_dir, 0, H("object", list), FLAGS, RESULT),
    F(emb_object_isinstance, 0, H("object", list), {"class", VALUE, W(&object_class), 0, NULL}, P("is_one")),
    F(emb_object_issubclass, 0, H("class", wrong[3]), {"base", VALUE, W(&object_class), 0, NULL}, P("derives")),
    F(emb_object_getitem, 0, H("object", list), V("key"), FLAGS, RESULT),
    F(emb_object_setitem, 0, H("object", list), V("key"), V("value")),
    F(emb_object_delitem, 0, H("object", list), V("key")),
    F(emb_object_length, 0, H("object", list), P("length")),
    F(emb_object_contains, 0, H("object", list), V("item"), P("found")),
    F(emb_object_iter, 0, H("object", list), G("iterator")),
    F(emb_object_next, 0, H("iterator", iterator), FLAGS, RESULT, P("more")),
    F(emb_object_send, 0, H("iterator", iterator), V0("value"), FLAGS, RESULT, P("more")),
    F(emb_object_next_many, 0, H("iterator", iterator), FLAGS, P("results"), C("capacity", "results"), P("count")),
    F(emb_object_unpack, 0, H("object", list), FLAGS, P("results"), C("capacity", "results"), P("count")),
    F(emb_list_from_ptr, 0, PTO("data", numbers), N("kind", EMB_FLOAT, EMB_TEXT), C("count", "data"), G("list")),
    F(emb_list_to_ptr, 0, H("list", list), N("kind", EMB_INT, 99), P("data"), C("capacity", "data"), P("count")),
    F(emb_object_enter, 0, H("object", list), FLAGS, RESULT),
    F(emb_object_exit, 0, H("object", list), H0("exception"), P("handled")),
    F(emb_operate, 0, N("op", EMB_OP_ADD, 25), V("left"), V("right"), FLAGS, RESULT),
    F(emb_object_method, 0, H("object", list), T("name", "append"), H0("known"), FLAGS, RESULT),
    F(emb_call, 0, H("callable", function), V("args"), C("nargs", "args"), T0("keywords"), FLAGS, RESULT),
    F(emb_call_method, 0, H("object", list), T("name", "count"), V("args"), C("nargs", "args"), T0("keywords"),
      FLAGS, RESULT),
    F(emb_call_watched, 0, H("container", list), P("found")),
    F(emb_call_unwatch, 0, {"values", ANY, 0, 0, NULL}),
    F(emb_released, ALWAYS, P("userdata"), C("capacity", "userdata"), P("count")),
    F(emb_array_from_ptr, 0, A("data", numbers), T("dtype", "d"), N("ndim", 1, UINT32_C(1) << 31),
      PTO("shape", lengths), {"strides", POINTER | OR_NONE, 0, 0, NULL}, N("flags", 0, 16), R,
      A("userdata", &released), G("array")),
    F(emb_array_borrowed, 0, A("data", numbers), A("nbytes", 16), P("count")),
    F(emb_array_view, 0, H("object", list), N("flags", 0, 8), {"view", SIZED, W(sized), sizeof(emb_view), NULL}),
    F(emb_array_view_as, 0, H("object", list), T("dtype", "d"), N("flags", 0, 8),
      {"view", SIZED, W(sized), sizeof(emb_view), NULL}),
    F(emb_dlpack_export, 0, H("object", list),
      {"options", SIZED | OR_NONE, W(sized), sizeof(emb_dlpack_options), NULL}, P("tensor"), P("versioned")),
    F(emb_dlpack_import, NOT_NOW, PTO("tensor", space_of), N("versioned", 0, 2), P("object")),
    F(emb_arrow_export_schema, 0, H("object", list), P("schema")),
    F(emb_arrow_export_array, 0, H("object", list), A("requested", NULL), P("schema"), P("array")),
    F(emb_arrow_export_stream, 0, H("object", list), A("requested", NULL), P("stream")),
    F(emb_arrow_import_schema, NOT_NOW, PTO("schema", space_of), P("object")),
    F(emb_arrow_import_array, NOT_NOW, PTO("schema", space_of), PTO("array", space_of), P("object")),
    F(emb_arrow_import_stream, NOT_NOW, PTO("stream", space_of), P("object")),
    F(emb_callback_new, 0, T("name", "f"), T0("doc"), {"function", FUNCTION, W(nothing), 0, NULL},
      A("userdata", &released), N("flags", 0, 8192), R, G("callable")),
    F(emb_callback_return, 0, V("value")),
    F(emb_callback_frames, 0, {"level", ANY, 0, 0, NULL}, P("count")),
    F(emb_callback_userdata, 0, H("object", list), {"function", FUNCTION, W(nothing), 0, NULL}, P("userdata"),
      P("is_one")),
    F(emb_class_new, 0, T("name", "C"), V0("bases"), V0("namespace"), PTO("methods", &method),
      C("count", "methods"), A("userdata", &released), N("flags", 0, 1), R, G("class")),
    F(emb_instance_new, 0, H("class", class), A("userdata", &released), N("flags", 0, 1), R, G("object")),
    F(emb_instance_bind, 0, H("object", space), A("userdata", &released), N("flags", 0, 1), R),
    F(emb_instance_userdata, 0, H("object", list), A("release", NULL), P("userdata"), P("is_one")),
    F(emb_signal_share, NOT_NOW, N("signal", 10, 999), H("handler", list)),
    F(emb_fork_prepare, NOT_NOW, NONE),
    F(emb_fork_parent, ASIDE | NOT_NOW, NONE),
    F(emb_fork_child, ASIDE | NOT_NOW, NONE),
    F(emb_gil_acquire, NOT_NOW, NONE),
    F(emb_gil_release, ASIDE | NOT_NOW, NONE),
    F(emb_gil_suspend, ASIDE | NOT_NOW, NONE),
    F(emb_stream_set, 0, N("stream", EMB_STDERR, 3), A("write", NULL), A("userdata", &released), N("flags", 0, 1), R),
    F(emb_error_take, ALWAYS | ASIDE, {"error", SIZED, W(sized), offsetof(emb_error, flags), NULL}),
    F(emb_error_text, ALWAYS | TEXTUAL, NONE),
    F(emb_error_traceback, 0, H("exception", exception), P("text")),
    F(emb_error_matches, 0, H("exception", exception), T("class", "ValueError"), P("matches")),
    F(emb_error_raise, 0, T("class", "ValueError"), T("message", "m")),
    F(emb_error_raise_object, 0, H("exception", exception)),
};

#endif
