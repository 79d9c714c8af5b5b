"""The C declarations of libemb, once, and what the backends derive from them.

`TEXT` says the same as include/emb.h (a test compares the two).  Both backends call
the functions with plain integers: a pointer is its address.  That makes a call as
cheap as the foreign-function library allows (no pointer objects are built), and it
lets everything above the backends be written once.  So the text is not handed to
cffi as it stands; `FUNCTIONS` and `CALLBACKS` are derived from it, with
every pointer an `intptr_t`, which travels in the same register.  Sizes and handles are
signed too: an unsigned 64-bit integer is a long to PyPy's JIT, which costs more than
the call.
"""

import collections
import re

TEXT = r"""
enum { EMB_ABI_VERSION = 1, EMB_NUL_TERMINATED = -1 };

typedef int32_t emb_status;
typedef uint64_t emb_handle;
typedef void (*emb_release)(void *userdata);
typedef void (*emb_write)(void *userdata, const char *text, size_t length);
typedef emb_status (*emb_packed_function)(struct emb_packed_call *call);

enum { EMB_OK = 0, EMB_EXCEPTION = -1, EMB_BAD_ARGUMENT = -2, EMB_BAD_HANDLE = -3,
       EMB_NOT_RUNNING = -4, EMB_NO_PYTHON = -5, EMB_CONFLICT = -6, EMB_BAD_CALL = -7,
       EMB_INTERNAL = -8, EMB_UNSATISFIED = -9 };
enum { EMB_REQUIRE_QUIET = 1 };
enum { EMB_NONE = 0, EMB_BOOL = 1, EMB_INT = 2, EMB_FLOAT = 3, EMB_TEXT = 4, EMB_BYTES = 5,
       EMB_OBJECT = 6, EMB_TUPLE = 7, EMB_LIST = 8, EMB_DICT = 9, EMB_SLICE = 10,
       EMB_ELLIPSIS = 11, EMB_UINT = 12, EMB_COMPLEX = 13, EMB_BIGINT = 14,
       EMB_SET = 15, EMB_FROZENSET = 16, EMB_SCALAR = 19, EMB_MEMORY = 20, EMB_FUNCTION = 21,
       EMB_WATCHED = 22, EMB_SHARED = 23, EMB_FLOATS = 24, EMB_INTS = 25 };
enum { EMB_RESULT_AUTO = 0, EMB_RESULT_OBJECT = 1, EMB_RESULT_DEEP = 2, EMB_RESULT_SHARED = 5,
       EMB_RESULTS_KEPT = 16, EMB_NOTE_INSTEAD = 1 };
enum { EMB_TEXT_STR = 0, EMB_TEXT_REPR = 1, EMB_DOCTOR_TEXT = 0, EMB_DOCTOR_JSON = 1 };
enum { EMB_OP_ADD = 0, EMB_OP_SUBTRACT = 1, EMB_OP_MULTIPLY = 2, EMB_OP_TRUE_DIVIDE = 3,
       EMB_OP_FLOOR_DIVIDE = 4, EMB_OP_REMAINDER = 5, EMB_OP_DIVMOD = 6, EMB_OP_POWER = 7,
       EMB_OP_LSHIFT = 8, EMB_OP_RSHIFT = 9, EMB_OP_AND = 10, EMB_OP_XOR = 11, EMB_OP_OR = 12,
       EMB_OP_MATMUL = 13, EMB_OP_NEGATIVE = 14, EMB_OP_POSITIVE = 15, EMB_OP_ABSOLUTE = 16,
       EMB_OP_INVERT = 17, EMB_OP_LT = 18, EMB_OP_LE = 19, EMB_OP_EQ = 20, EMB_OP_NE = 21,
       EMB_OP_GT = 22, EMB_OP_GE = 23, EMB_OP_IN_PLACE = 64 };
enum { EMB_BESIDE = 1, EMB_CALL_WATCH = 4096, EMB_CALL_KEPT = 32768 };
enum { EMB_STDOUT = 1, EMB_STDERR = 2 };
enum { EMB_ERROR_PLAIN = 1 };
enum { EMB_ARRAY_READONLY = 1, EMB_ARRAY_MEMORYVIEW = 2, EMB_ARRAY_AGAIN = 16, EMB_RELEASE_QUEUE = 1024,
       EMB_CALLBACK_FUNCTION = 2048, EMB_CALLBACK_BOUND = 8192,
       EMB_CALLBACK_PACKED = 16384 };
enum { EMB_VIEW_WRITABLE = 1, EMB_VIEW_CONTIGUOUS = 2, EMB_VIEW_COPY = 4 };

typedef struct emb_config { size_t size; const char *python; int64_t python_length; uint32_t flags;
    uint32_t reserved; } emb_config;
typedef struct emb_memory { size_t size; void *data; const char *dtype; int64_t dtype_length;
    int32_t ndim; uint32_t flags; const int64_t *shape; const int64_t *strides;
    int64_t *held; } emb_memory;
typedef struct emb_view { size_t size; void *data; int64_t nbytes; int64_t itemsize; int32_t ndim;
    int32_t readonly; const int64_t *shape; const int64_t *strides; const char *format;
    emb_handle owner; int32_t copied; int32_t reserved; } emb_view;
typedef struct emb_error { size_t size; emb_status status; uint32_t reserved;
    const char *type_name; int64_t type_name_length; const char *message;
    int64_t message_length; emb_handle exception; uint64_t flags; } emb_error;

uint32_t emb_abi_version(void);
const char *emb_version(void);
emb_status emb_init(const emb_config *config);
emb_status emb_require(const char *requirements, int64_t requirements_length, uint32_t flags);
emb_status emb_shutdown(void);
emb_status emb_doctor(uint32_t format, emb_value *report);
emb_status emb_import(const char *name, int64_t name_length, emb_handle *module);
emb_status emb_run(const char *source, int64_t source_length, const char *file,
    int64_t file_length, emb_handle globals);
emb_status emb_eval(const char *source, int64_t source_length, emb_handle globals,
    uint32_t flags, emb_value *result);
emb_status emb_object_new(const emb_value *value, emb_handle *object);
emb_status emb_object_value(emb_handle object, uint32_t flags, emb_value *result);
emb_status emb_object_clone(emb_handle object, emb_handle *clone);
emb_status emb_object_free(emb_handle object);
emb_status emb_object_free_many(const emb_handle *objects, size_t count);
emb_status emb_object_getattr(emb_handle object, const char *name, int64_t name_length,
    uint32_t flags, emb_value *result);
emb_status emb_object_version(emb_handle object, const char *name, int64_t name_length,
    const uint64_t **version);
emb_status emb_object_setattr(emb_handle object, const char *name, int64_t name_length,
    const emb_value *value);
emb_status emb_object_delattr(emb_handle object, const char *name, int64_t name_length);
emb_status emb_object_getitem(emb_handle object, const emb_value *key, uint32_t flags,
    emb_value *result);
emb_status emb_object_setitem(emb_handle object, const emb_value *key, const emb_value *value);
emb_status emb_object_delitem(emb_handle object, const emb_value *key);
emb_status emb_object_length(emb_handle object, int64_t *length);
emb_status emb_object_truth(emb_handle object, int32_t *truth);
emb_status emb_object_contains(emb_handle object, const emb_value *item, int32_t *found);
emb_status emb_object_hash(emb_handle object, int64_t *hash);
emb_status emb_object_text(emb_handle object, uint32_t form, emb_value *text);
emb_status emb_object_identity(emb_handle object, uint64_t *address);
emb_status emb_object_note(const emb_handle *objects, size_t count, uint32_t flags,
    size_t *noted);
emb_status emb_object_noted(emb_handle object, emb_handle *noted);
emb_status emb_object_iter(emb_handle object, emb_handle *iterator);
emb_status emb_object_send(emb_handle iterator, const emb_value *value, uint32_t flags,
    emb_value *result, int32_t *more);
emb_status emb_object_next_many(emb_handle iterator, uint32_t flags, emb_value *results,
    size_t capacity, size_t *count);
emb_status emb_operate(uint32_t op, const emb_value *left, const emb_value *right,
    uint32_t flags, emb_value *result);
emb_status emb_call(emb_handle callable, const emb_value *args, size_t nargs,
    const char *keywords, int64_t keywords_length, uint32_t flags, emb_value *result);
emb_status emb_call_method(emb_handle object, const char *name, int64_t name_length,
    const emb_value *args, size_t nargs, const char *keywords, int64_t keywords_length,
    uint32_t flags, emb_value *result);
emb_status emb_call_watched(emb_handle container, const emb_value **found);
emb_status emb_call_unwatch(const emb_value *values);
emb_status emb_object_method(emb_handle object, const char *name, int64_t name_length,
    emb_handle known, uint32_t flags, emb_value *result);
emb_status emb_array_from_ptr(void *data, const char *dtype, int64_t dtype_length,
    int32_t ndim, const int64_t *shape, const int64_t *strides, uint32_t flags,
    emb_release release, void *userdata, emb_handle *array);
emb_status emb_released(void **userdata, size_t capacity, size_t *count);
emb_status emb_array_view(emb_handle object, uint32_t flags, emb_view *view);
emb_status emb_array_view_as(emb_handle object, const char *dtype, int64_t dtype_length,
    uint32_t flags, emb_view *view);
emb_status emb_array_borrowed(const void *data, size_t nbytes, size_t *count);
emb_status emb_callback_frames(size_t level, int64_t *count);
emb_status emb_callback_new(const char *name, int64_t name_length, const char *doc,
    int64_t doc_length, emb_function function, void *userdata, uint32_t flags,
    emb_release release, emb_handle *callable);
emb_status emb_instance_bind(emb_handle object, void *userdata, uint32_t flags,
    emb_release release);
emb_status emb_instance_new(emb_handle class_, void *userdata, uint32_t flags,
    emb_release release, emb_handle *object);
emb_status emb_signal_share(int32_t signal, emb_handle handler);
emb_status emb_fork_prepare(void);
emb_status emb_fork_parent(void);
emb_status emb_fork_child(void);
emb_status emb_gil_acquire(void);
emb_status emb_gil_release(void);
emb_status emb_gil_suspend(void);
emb_status emb_stream_set(uint32_t stream, emb_write write, void *userdata, uint32_t flags,
    emb_release release);
emb_status emb_error_take(emb_error *error);
emb_status emb_error_traceback(emb_handle exception, emb_value *text);
emb_status emb_error_raise(const char *class_, int64_t class_length, const char *message,
    int64_t message_length);
emb_status emb_error_raise_object(emb_handle exception);
"""

_PLAIN = {
    "emb_status": "int32_t",
    "emb_handle": "int64_t",
    "emb_release": "intptr_t",
    "emb_function": "intptr_t",
    "emb_write": "intptr_t",
    "size_t": "intptr_t",
}

# The letters of the struct module for the types that stand in structs.
_STRUCT_LETTERS = {
    "int32_t": "i",
    "uint32_t": "I",
    "int64_t": "q",
    "uint64_t": "Q",
    "intptr_t": "q",
}

Function = collections.namedtuple("Function", "name result parameters")
Struct = collections.namedtuple("Struct", "name fields format")


def _plain_type(declaration):
    """'const char *name' -> 'intptr_t', 'uint32_t flags' -> 'uint32_t', 'void' -> None."""
    if "*" in declaration:
        return "intptr_t"
    words = [word for word in declaration.split() if word != "const"]
    if words == ["void"]:
        return None
    return _PLAIN.get(words[0], words[0])


def functions(text):
    """Every function declared in C text, as {name: Function}, pointers as intptr_t."""
    found = {}
    pattern = r"(?m)^((?:const\s+)?\w+[\s*]+)(emb_\w+)\s*\(([^()]*)\)\s*(?=;)"
    for result, name, parameters in re.findall(pattern, text):
        types = [_plain_type(one.strip()) for one in parameters.split(",")]
        found[name] = Function(
            name, _plain_type(result + " result"), [one for one in types if one]
        )
    return found


def callbacks(text):
    """Every type of a pointer to a function of the host, as {name: Function}."""
    found = {}
    pattern = r"typedef\s+(\w+)\s*\(\*(emb_\w+)\)\s*\(([^()]*)\)\s*;"
    for result, name, parameters in re.findall(pattern, text):
        types = [_plain_type(one.strip()) for one in parameters.split(",")]
        found[name] = Function(name, None if result == "void" else _plain_type(result), types)
    return found


def constants(text):
    """Every enum member and #define with a written-out number, as {name: int}."""
    pattern = r"\b(EMB_[A-Z0-9_]+)\s*(?:=|\s\(?\(?(?:int64_t\)?)?)\s*(-?\d+)"
    return {name: int(number) for name, number in re.findall(pattern, text)}


def structs(text):
    """Every struct of plain fields, as {name: Struct}; native alignment and sizes."""
    found = {}
    pattern = r"struct\s+(emb_\w+)\s*\{([^{}]*)\}"
    for name, body in re.findall(pattern, text):
        if "struct " in body:
            continue
        fields = [field.strip() for field in body.split(";") if field.strip()]
        names = [re.search(r"(\w+)$", field).group(1) for field in fields]
        letters = [_STRUCT_LETTERS[_plain_type(field)] for field in fields]
        found[name] = Struct(name, names, "@" + "".join(letters))
    return found


FUNCTIONS = functions(TEXT)
CALLBACKS = callbacks(TEXT)
CONSTANTS = constants(TEXT)
STRUCTS = structs(TEXT)
