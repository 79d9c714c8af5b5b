/* emb.h: CPython and its packages inside any process that can call C.
 *
 *     emb_handle math = 0;
 *     emb_value two = {.kind = EMB_FLOAT, .as.real = 2.0}, root;
 *     if (emb_init(NULL) < 0 ||
 *         emb_import("math", EMB_NUL_TERMINATED, &math) < 0 ||
 *         emb_call_method(math, "sqrt", EMB_NUL_TERMINATED, &two, 1, NULL, 0, 0, &root) < 0)
 *       return puts(emb_error_text());
 *     printf("%f\n", root.as.real);
 *     emb_object_free(math);
 *
 * This file is generated from the sources of libemb, where every comment in it stands; do not edit.
 *
 * Linking. With `cc program.c -lemb`, by pkg-config (emb) or CMake (emb::emb), or at run time with
 * dlopen("libemb.so.1"). Neither needs a Python: emb_init finds one, loads it and starts it, and
 * emb_doctor tells which and why. Loading the library alone does nothing to the process. For C11
 * there is emb_generic.h and for C++17 emb.hpp on top of this; neither is needed.
 *
 * Objects and ownership. A Python object is an emb_handle, a number; 0 is none. A handle that is
 * given to you is yours, and keeps the object alive until emb_object_free; one that you pass stays
 * yours. A released or invented handle gives EMB_BAD_HANDLE, never a crash. What you pass by
 * pointer is only read, and only during the call, unless the function says otherwise. Who owns what
 * else, each function says under Ownership: `_new`, `_from_` and `_clone` give you something,
 * `_free` takes it.
 *
 * Values. Arguments and results are emb_value, 16 bytes: None, numbers, text, bytes and containers
 * cross without a handle. `flags` says in which form a result is wanted (EMB_RESULT_AUTO ...). What
 * a result points to belongs to libemb, and stays valid for the thread's next EMB_RESULTS_KEPT - 1
 * such results.
 *
 * Text. It is UTF-8, by pointer and length; a length of EMB_NUL_TERMINATED measures it.
 *
 * Errors. Every function that can fail returns an emb_status: 0, or a negative code. Then an error
 * is pending for the thread, until its next call: emb_error_take moves out its class, message and
 * exception, emb_error_text just the words. A call that failed has changed nothing, and has written
 * to none of its outputs. What a host function leaves pending, Python sees raised.
 *
 * Threads. Any thread may call anything at any time. Each call takes Python's GIL for its duration
 * and gives it back; emb_gil_acquire keeps it for a series. emb_object_free never waits, so that a
 * finaliser may call it. Host functions and release functions are called with the GIL held, on any
 * thread that runs Python. The pending error and what results point to belong to the thread: a host
 * that moves its tasks from thread to thread (goroutines, say) ties them down meanwhile.
 *
 * Memory. emb_array_from_ptr (or EMB_MEMORY, an argument) lets Python see memory of yours and
 * emb_array_view shows you Python's, without a copy; it must stay in place until it was released.
 *
 * Stability. Within one EMB_ABI_VERSION, which is also the number in the library's SONAME, names,
 * numbers and structures keep their meaning; structures that may grow begin with their size, which
 * the host sets. Compare emb_abi_version() with EMB_ABI_VERSION before anything else where the
 * library was not linked. ABI.md has the rules.
 */


#ifndef EMB_H
#define EMB_H

#include <stddef.h>
#include <stdint.h>

/**
 * It worked.
 */
#define EMB_OK 0

/**
 * Python raised an exception.
 */
#define EMB_EXCEPTION -1

/**
 * An argument cannot be right: NULL, an impossible length, an unknown kind, text that is not
 * UTF-8.
 */
#define EMB_BAD_ARGUMENT -2

/**
 * A handle that was released already, or that libemb never gave.
 */
#define EMB_BAD_HANDLE -3

/**
 * Python does not run: before `emb_init`, after `emb_shutdown`, or in the child of a fork that it
 * was not prepared for.
 */
#define EMB_NOT_RUNNING -4

/**
 * No usable CPython was found, or the one that was asked for cannot be used.
 */
#define EMB_NO_PYTHON -5

/**
 * A second `emb_init` asks for another Python than the one that runs.
 */
#define EMB_CONFLICT -6

/**
 * A call that does not fit the moment, such as releasing a lock that is not held.
 */
#define EMB_BAD_CALL -7

/**
 * A bug in libemb: a panic that was caught before it reached the host.
 */
#define EMB_INTERNAL -8

/**
 * Packages that `emb_require` was asked for are not there and cannot be had.
 */
#define EMB_UNSATISFIED -9

/**
 * None. A zeroed `emb_value` is None.
 */
#define EMB_NONE 0

/**
 * A truth value in `as.integer`: 0 or 1.
 */
#define EMB_BOOL 1

/**
 * A signed 64-bit integer in `as.integer`.
 */
#define EMB_INT 2

/**
 * A double in `as.real`.
 */
#define EMB_FLOAT 3

/**
 * `length` bytes of UTF-8 at `as.text`, or text that ends with a NUL byte where `length` is
 * (uint32_t)EMB_NUL_TERMINATED; with another length, NUL bytes inside are fine.
 */
#define EMB_TEXT 4

/**
 * `length` bytes at `as.bytes`.
 */
#define EMB_BYTES 5

/**
 * Any Python object, by its handle in `as.object`. In a result, `length` is a number of its class:
 * bits 4 to 35 of the address that `emb_object_identity` gives of the class. Objects of one class
 * have the same number, objects of two classes nearly never.
 */
#define EMB_OBJECT 6

/**
 * `length` values at `as.items`, a tuple. As a result only with EMB_RESULT_DEEP and
 * EMB_RESULT_PLAIN.
 */
#define EMB_TUPLE 7

/**
 * Input only: `length` values at `as.items`, made into a list.
 */
#define EMB_LIST 8

/**
 * Input only: `length` pairs at `as.items` (key, value, key, value …), made into a dict.
 */
#define EMB_DICT 9

/**
 * Input only: three values at `as.items` (start, stop, step), made into a slice; `length` is 3.
 */
#define EMB_SLICE 10

/**
 * Input only: the object `...`.
 */
#define EMB_ELLIPSIS 11

/**
 * Input only: an unsigned 64-bit integer in `as.uinteger`.
 */
#define EMB_UINT 12

/**
 * The real and the imaginary part, two doubles at `as.reals`. As a result only with
 * EMB_RESULT_DEEP and EMB_RESULT_PLAIN.
 */
#define EMB_COMPLEX 13

/**
 * An integer of any size, as `length` bytes of hexadecimal text at `as.text` ("-0x1f"), measured
 * as for EMB_TEXT. As a result only with EMB_RESULT_DEEP and EMB_RESULT_PLAIN.
 */
#define EMB_BIGINT 14

/**
 * Input only: `length` values at `as.items`, made into a set.
 */
#define EMB_SET 15

/**
 * Input only: `length` values at `as.items`, made into a frozenset.
 */
#define EMB_FROZENSET 16

/**
 * Input only: `length` bytes at `as.bytes`, made into a bytearray.
 */
#define EMB_BYTEARRAY 17

/**
 * Input only: the object `NotImplemented`.
 */
#define EMB_NOT_IMPLEMENTED 18

/**
 * A scalar of numpy: `length` is the number of its type (`numpy.dtype.num`), 0 to 12, and `as`
 * holds its value: `integer` for 0 (bool) to 10, of which the even ones from 2 on are unsigned and
 * stand in `uinteger`, `real` for 11 (float32) and 12 (float64). As a result only with
 * EMB_RESULT_SCALARS.
 */
#define EMB_SCALAR 19

/**
 * Input only: memory of the host, described by the emb_memory at `as.memory`, made into an array as
 * by `emb_array_from_ptr`, but with no call and no handle of its own; `length` is not read.
 */
#define EMB_MEMORY 20

/**
 * Input only: a list, a dict or a set that a call may change. At `as.items` stand two values: the
 * container (EMB_LIST, EMB_FLOATS, EMB_INTS, EMB_DICT, EMB_SET, or an EMB_OBJECT), and one for
 * the answer; `length` is 0, or 1 for the container of an EMB_WATCHED with the same `as.items`
 * that comes before in the same call, which is the same one in Python then. With EMB_CALL_WATCH
 * an `emb_call` or `emb_call_method` sets the second one, where Python has changed the container
 * by its end, to an EMB_OBJECT that the caller releases: a tuple of two tuples, of what was in
 * the container before, as the host gave it, and of what is now (of a dict the keys and values,
 * in turn). Else it is left as it was. With EMB_CALL_KEPT too, it is set to an EMB_SHARED where
 * the container is the result, or Python still has references to it, not counting those from the
 * result: a tuple of those two, which are the same one if it has not been changed, and of the
 * container. `emb_call_watched` asks for that in the middle of the call.
 */
#define EMB_WATCHED 22

/**
 * Input only: `length` doubles at `as.reals`, made into a list of floats, with no value for each.
 */
#define EMB_FLOATS 24

/**
 * Input only: `length` numbers at `as.integers`, made into a list of ints.
 */
#define EMB_INTS 25

/**
 * Results of `emb_object_method` only: a function of Python code in `as.object`, which is called
 * with the object before the other arguments; 0 for the one that the host knows.
 */
#define EMB_FUNCTION 21

/**
 * Results only, with EMB_RESULT_SHARED: as EMB_OBJECT, of an object to which not only this handle
 * refers, so that the host may have another one of it (see `emb_object_noted`); without a GIL, of
 * any object. Of what comes as an EMB_OBJECT then, the host has no other.
 */
#define EMB_SHARED 23

/**
 * Results: exact bool, int of 64 bits, float, str, bytes and None come back as values,
 * everything else as an object.
 */
#define EMB_RESULT_AUTO 0

/**
 * Results: always an object, never unboxed.
 */
#define EMB_RESULT_OBJECT 1

/**
 * Results: as EMB_RESULT_AUTO, and also exact tuples as EMB_TUPLE (with what is in them unpacked
 * the same way), complex numbers as EMB_COMPLEX, and larger ints as EMB_BIGINT.
 */
#define EMB_RESULT_DEEP 2

/**
 * Results: as EMB_RESULT_DEEP, and also what has the value of one of these kinds to the last bit:
 * numpy's scalars, and instances of subclasses of int, float, complex, str and bytes.
 */
#define EMB_RESULT_PLAIN 3

/**
 * Results: as EMB_RESULT_DEEP, and also the scalars of numpy that are a bool, an int or a float of
 * up to 64 bits as EMB_SCALAR: no handle for each number that an array or a function of numpy
 * gives.
 */
#define EMB_RESULT_SCALARS 4

/**
 * Results: as EMB_RESULT_SCALARS, and objects that the host may know already as EMB_SHARED.
 */
#define EMB_RESULT_SHARED 5

/**
 * How many results stay valid.
 */
#define EMB_RESULTS_KEPT 16

/**
 * As a text's length: the text ends with a NUL byte.
 */
#define EMB_NUL_TERMINATED -1

/**
 * Counts the incompatible changes of the ABI, as the library's SONAME does (libemb.so.1). A
 * binding compares it with the number it was written for before it calls anything else.
 */
#define EMB_ABI_VERSION 1

/**
 * `emb_doctor`: text to be read by people.
 */
#define EMB_DOCTOR_TEXT 0

/**
 * `emb_doctor`: one JSON object.
 */
#define EMB_DOCTOR_JSON 1

/**
 * `emb_config`: where this process runs a CPython already, start another one beside it.
 */
#define EMB_BESIDE 1

/**
 * `emb_require`: what the installer says is not shown.
 */
#define EMB_REQUIRE_QUIET 1

/**
 * Of `emb_error.flags`: all that there is to the exception has been told. It is of that builtin
 * class, the message is its only argument, and it has no attributes, notes, cause or context. Not
 * every one of which this is true is said to be so.
 */
#define EMB_ERROR_PLAIN 1

/**
 * `emb_object_note`: in the place of what was noted before.
 */
#define EMB_NOTE_INSTEAD 1

/**
 * `emb_object_text`: as `str()` writes it.
 */
#define EMB_TEXT_STR 0

/**
 * `emb_object_text`: as `repr()` writes it.
 */
#define EMB_TEXT_REPR 1

/**
 * `emb_object_text`: the qualified name of its type, with the module unless that is builtins.
 */
#define EMB_TEXT_TYPE 2

/**
 * `emb_object_text`: its documentation, cleaned as `inspect.getdoc()` does; empty if it has none.
 */
#define EMB_TEXT_DOC 3

/**
 * `emb_object_text`: the signature of a callable, such as "(a, *, b=1)".
 */
#define EMB_TEXT_SIGNATURE 4

/**
 * `left + right`
 */
#define EMB_OP_ADD 0

/**
 * `left - right`
 */
#define EMB_OP_SUBTRACT 1

/**
 * `left * right`
 */
#define EMB_OP_MULTIPLY 2

/**
 * `left / right`
 */
#define EMB_OP_TRUE_DIVIDE 3

/**
 * `left // right`
 */
#define EMB_OP_FLOOR_DIVIDE 4

/**
 * `left % right`
 */
#define EMB_OP_REMAINDER 5

/**
 * `divmod(left, right)`
 */
#define EMB_OP_DIVMOD 6

/**
 * `left ** right`
 */
#define EMB_OP_POWER 7

/**
 * `left << right`
 */
#define EMB_OP_LSHIFT 8

/**
 * `left >> right`
 */
#define EMB_OP_RSHIFT 9

/**
 * `left & right`
 */
#define EMB_OP_AND 10

/**
 * `left ^ right`
 */
#define EMB_OP_XOR 11

/**
 * `left | right`
 */
#define EMB_OP_OR 12

/**
 * `left @ right`
 */
#define EMB_OP_MATMUL 13

/**
 * `-left`
 */
#define EMB_OP_NEGATIVE 14

/**
 * `+left`
 */
#define EMB_OP_POSITIVE 15

/**
 * `abs(left)`
 */
#define EMB_OP_ABSOLUTE 16

/**
 * `~left`
 */
#define EMB_OP_INVERT 17

/**
 * `left < right`
 */
#define EMB_OP_LT 18

/**
 * `left <= right`
 */
#define EMB_OP_LE 19

/**
 * `left == right`
 */
#define EMB_OP_EQ 20

/**
 * `left != right`
 */
#define EMB_OP_NE 21

/**
 * `left > right`
 */
#define EMB_OP_GT 22

/**
 * `left >= right`
 */
#define EMB_OP_GE 23

/**
 * `pow(left, right[0], right[1])`: `right` points to two values, the exponent and the modulus.
 */
#define EMB_OP_POWER_MODULO 24

/**
 * Added to an operator from EMB_OP_ADD to EMB_OP_MATMUL, except EMB_OP_DIVMOD: `left += right`.
 */
#define EMB_OP_IN_PLACE 64

/**
 * Added to the flags of `emb_call` and `emb_call_method`: containers among the arguments that are
 * EMB_WATCHED are looked at when the call has ended, whether it succeeded or not.
 */
#define EMB_CALL_WATCH 4096

/**
 * Added to EMB_CALL_WATCH: the host is also told which of these containers Python has kept, as far
 * as references are counted in place (not without a GIL); see EMB_WATCHED.
 */
#define EMB_CALL_KEPT 32768

/**
 * Added to the flags of `emb_callback_new` and `emb_stream_set`: the host can be called on one
 * thread only, the one that makes this call. They say what happens on the others. A release may
 * come on any thread all the same: such hosts also want EMB_RELEASE_QUEUE.
 */
#define EMB_ONE_THREAD 256

/**
 * Added to the flags of whatever takes an `emb_release`: it is not called, but `userdata` is
 * queued for `emb_released`. For hosts that cannot be called at any moment.
 */
#define EMB_RELEASE_QUEUE 1024

/**
 * `emb_array_from_ptr`: Python may not write.
 */
#define EMB_ARRAY_READONLY 1

/**
 * `emb_array_from_ptr`: a memoryview, even where numpy is installed.
 */
#define EMB_ARRAY_MEMORYVIEW 2

/**
 * `emb_array_from_ptr`: an object that gives the memory by DLPack, for `torch.from_dlpack` and the
 * like; also of types that numpy has no letter for: "bfloat16", "float8_e4m3fn" and its relatives.
 */
#define EMB_ARRAY_DLPACK 4

/**
 * `emb_array_from_ptr`: Python gets a copy, and `release` is called before this function returns.
 */
#define EMB_ARRAY_COPY 8

/**
 * `emb_memory`: where Python still has the array that an earlier call made of the same memory for
 * the same `held`, and has only views of it (`numpy.frombuffer` gives one), the call gets that one
 * again, which `held` does not count twice, instead of a new one. It is quicker.
 */
#define EMB_ARRAY_AGAIN 16

/**
 * A view: the memory must be writable. Not together with EMB_VIEW_COPY: what is written to a copy
 * does not reach the object.
 */
#define EMB_VIEW_WRITABLE 1

/**
 * A view: the elements must lie one after the other, the last index running fastest.
 */
#define EMB_VIEW_CONTIGUOUS 2

/**
 * A view: where the memory cannot be shared as it is wanted, a copy will do, and `copied` says so.
 * Without this flag nothing is ever copied.
 */
#define EMB_VIEW_COPY 4

/**
 * `emb_dlpack_export`: the tensor is to be a copy, which the host may write to.
 */
#define EMB_DLPACK_COPY 1

/**
 * `emb_dlpack_export`: the memory is to be shared; where the object would have to copy, it
 * refuses.
 */
#define EMB_DLPACK_SHARE 2

/**
 * `emb_dlpack_export`: a DLManagedTensor, for hosts that do not know the versioned structure.
 */
#define EMB_DLPACK_UNVERSIONED 4

/**
 * Added to the flags of `emb_callback_new`: in a class the callable is a method, and gets the
 * instance as its first argument, as a function of Python would.
 */
#define EMB_CALLBACK_METHOD 512

/**
 * Added to the flags of `emb_callback_new`: the callable is like a function of Python. It says that
 * its class is that of functions, takes attributes and weak references, and becomes a method in
 * whatever class it is put; what it is asked for and does not know, a `__getattr__` of its type is
 * asked, if the host has put one there.
 */
#define EMB_CALLBACK_FUNCTION 2048

/**
 * Added to EMB_CALLBACK_FUNCTION: the callable is what a bound method of Python (types.MethodType)
 * calls for a bound method of the host, and is not given its first argument, the method's object.
 */
#define EMB_CALLBACK_BOUND 8192

/**
 * Added to the flags of `emb_callback_new`: the function is in truth an `emb_packed_function`.
 */
#define EMB_CALLBACK_PACKED 16384

/**
 * A method: called with the instance as its first argument.
 */
#define EMB_METHOD_INSTANCE 0

/**
 * A static method: called with the arguments alone.
 */
#define EMB_METHOD_STATIC 1

/**
 * A class method: called with the class as its first argument.
 */
#define EMB_METHOD_CLASS 2

/**
 * Reads a property: called with the instance.
 */
#define EMB_METHOD_GETTER 3

/**
 * Sets a property, which may have a getter of the same name: called with the instance and a value.
 */
#define EMB_METHOD_SETTER 4

/**
 * Deletes a property: called with the instance.
 */
#define EMB_METHOD_DELETER 5

/**
 * `emb_stream_set`: `sys.stdout`.
 */
#define EMB_STDOUT 1

/**
 * `emb_stream_set`: `sys.stderr`.
 */
#define EMB_STDERR 2

/**
 * Zero, or one of the negative codes from EMB_EXCEPTION to EMB_UNSATISFIED. Negative if and only if
 * an error is pending for the calling thread (see `emb_error_take`).
 */
typedef int32_t emb_status;

/**
 * How to start Python. Zeroed members mean the default.
 */
typedef struct emb_config {
  /**
   * sizeof(emb_config)
   */
  size_t size;
  /**
   * The interpreter, or the folder of a virtual or conda environment; NULL: discover one.
   */
  const char *python;
  /**
   * Bytes of `python`, or EMB_NUL_TERMINATED.
   */
  int64_t python_length;
  /**
   * EMB_BESIDE, or 0.
   */
  uint32_t flags;
  /**
   * Zero.
   */
  uint32_t reserved;
} emb_config;

/**
 * A Python object that the host holds; 0 is none. Below 2^53, so that it fits a JavaScript number.
 */
typedef uint64_t emb_handle;

/**
 * Memory of the host, as an array that it passes. Zeroed members mean the default.
 */
typedef struct emb_memory {
  /**
   * sizeof(emb_memory)
   */
  size_t size;
  /**
   * As in `emb_array_from_ptr`, like the members up to `strides`.
   */
  void *data;
  /**
   * Text.
   */
  const char *dtype;
  /**
   * Bytes of `dtype`, or EMB_NUL_TERMINATED.
   */
  int64_t dtype_length;
  /**
   * How many dimensions there are.
   */
  int32_t ndim;
  /**
   * 0, or EMB_ARRAY_READONLY, EMB_ARRAY_MEMORYVIEW and EMB_ARRAY_AGAIN, added.
   */
  uint32_t flags;
  /**
   * `ndim` lengths, in elements.
   */
  const int64_t *shape;
  /**
   * `ndim` steps, in bytes; NULL: C-contiguous.
   */
  const int64_t *strides;
  /**
   * Counted up by libemb when Python gets the array, and down when the last reference to it has
   * gone, which may be before the call returns; at any moment and by any thread. The host sets it
   * to 0 before the first call. While it is not 0 after a call, the memory and this number must
   * stay in place. Calls may share it, and the whole structure. NULL: they stay for good.
   */
  int64_t *held;
} emb_memory;

/**
 * What an `emb_value` holds; `kind` says which member is meant.
 */
typedef union emb_payload {
  /**
   * EMB_INT, EMB_BOOL, EMB_SCALAR
   */
  int64_t integer;
  /**
   * EMB_UINT, EMB_SCALAR
   */
  uint64_t uinteger;
  /**
   * EMB_FLOAT, EMB_SCALAR
   */
  double real;
  /**
   * EMB_OBJECT, EMB_SHARED, EMB_FUNCTION
   */
  emb_handle object;
  /**
   * EMB_TEXT, EMB_BIGINT
   */
  const char *text;
  /**
   * EMB_BYTES, EMB_BYTEARRAY
   */
  const uint8_t *bytes;
  /**
   * EMB_TUPLE, EMB_LIST, EMB_DICT, EMB_SLICE, EMB_SET, EMB_FROZENSET, EMB_WATCHED
   */
  const struct emb_value *items;
  /**
   * EMB_COMPLEX, EMB_FLOATS
   */
  const double *reals;
  /**
   * EMB_INTS
   */
  const int64_t *integers;
  /**
   * EMB_MEMORY
   */
  const struct emb_memory *memory;
} emb_payload;

/**
 * A value of 16 bytes. As an argument it is only read, and what it points to is only read
 * during the call. As a result, EMB_OBJECT, EMB_SHARED and EMB_FUNCTION are owned by the caller
 * (`emb_object_free`); what EMB_TEXT, EMB_BYTES, EMB_TUPLE, EMB_COMPLEX and EMB_BIGINT point to
 * belongs to libemb and stays valid for the same thread's next EMB_RESULTS_KEPT - 1 results of
 * these kinds (of the last three, whatever results of the first two there are); objects inside an
 * EMB_TUPLE are owned by the caller too. Behind a text or bytes result stands a NUL byte that is
 * not counted.
 */
typedef struct emb_value {
  /**
   * One of the kinds EMB_NONE … EMB_INTS.
   */
  uint32_t kind;
  /**
   * Bytes of EMB_TEXT, EMB_BYTES, EMB_BYTEARRAY and EMB_BIGINT; items of EMB_TUPLE, EMB_LIST,
   * EMB_FLOATS, EMB_INTS, EMB_SET, EMB_FROZENSET and EMB_SLICE; pairs of EMB_DICT; the type of
   * EMB_SCALAR; in results, the class of EMB_OBJECT and EMB_SHARED; not read for other kinds.
   */
  uint32_t length;
  /**
   * The value itself.
   */
  union emb_payload as;
} emb_value;

/**
 * An error, moved out of its thread by `emb_error_take`.
 */
typedef struct emb_error {
  /**
   * sizeof(emb_error), set by the caller.
   */
  size_t size;
  /**
   * The status of the call that failed; EMB_OK where no error was pending: then the texts are
   * empty.
   */
  emb_status status;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * The class: "ValueError", "numpy.linalg.LinAlgError"; for libemb's own errors a name such
   * as "emb.BadHandle". Ends with a NUL byte.
   */
  const char *type_name;
  /**
   * Bytes of `type_name`, without the NUL.
   */
  int64_t type_name_length;
  /**
   * What `str()` of the exception says, or libemb's own message; after that of a failed import
   * what is known of its reason. Ends with a NUL byte.
   */
  const char *message;
  /**
   * Bytes of `message`, without the NUL; the text may contain NUL bytes.
   */
  int64_t message_length;
  /**
   * The exception object, owned by the caller; 0 for libemb's own errors.
   */
  emb_handle exception;
  /**
   * EMB_ERROR_PLAIN, or 0.
   */
  uint64_t flags;
} emb_error;

/**
 * Called once, when Python no longer looks at what it came with. It may run on any thread that
 * runs Python, with the GIL held; it may call libemb.
 */
typedef void (*emb_release)(void *userdata);

/**
 * The memory of a Python object.
 */
typedef struct emb_view {
  /**
   * sizeof(emb_view), set by the caller.
   */
  size_t size;
  /**
   * The element with all indices 0.
   */
  void *data;
  /**
   * Bytes that the elements take: the product of the shape and `itemsize`.
   */
  int64_t nbytes;
  /**
   * Bytes of one element.
   */
  int64_t itemsize;
  /**
   * Dimensions; 0 for a single element.
   */
  int32_t ndim;
  /**
   * 1 where the memory must not be written.
   */
  int32_t readonly;
  /**
   * `ndim` lengths, in elements.
   */
  const int64_t *shape;
  /**
   * `ndim` steps between neighbours, in bytes.
   */
  const int64_t *strides;
  /**
   * The element type as the buffer protocol writes it ("d", "<i", "Zd", "5s", "T{i:x:d:y:}"),
   * and "M8[ns]" and the like for times. Ends with a NUL byte.
   */
  const char *format;
  /**
   * Keeps all of this alive; releasing it (`emb_object_free`) ends the view.
   */
  emb_handle owner;
  /**
   * 0: this is the object's own memory. 1: a copy, which is the host's alone.
   */
  int32_t copied;
  /**
   * 0.
   */
  int32_t reserved;
} emb_view;

/**
 * What a tensor is to be like. Zeroed members mean the default.
 */
typedef struct emb_dlpack_options {
  /**
   * sizeof(emb_dlpack_options)
   */
  size_t size;
  /**
   * The stream on which the host goes on, as `__dlpack__` takes it; 0: the device's default one.
   */
  int64_t stream;
  /**
   * DLPack's number of the device where the memory is to be; 0: where it is.
   */
  int32_t device_type;
  /**
   * Which of these devices; only read where `device_type` is set.
   */
  int32_t device_id;
  /**
   * EMB_DLPACK_COPY or EMB_DLPACK_SHARE, EMB_DLPACK_UNVERSIONED.
   */
  uint32_t flags;
  /**
   * 0.
   */
  uint32_t reserved;
} emb_dlpack_options;

/**
 * A function of the host that Python calls, on any thread that runs Python, with the GIL held. A
 * free-threaded Python has none, and calls it on several threads at the same time, unless it is
 * made with EMB_ONE_THREAD.
 *
 * `args` holds `nargs` positional arguments, then one for each name in `keywords` (separated by
 * commas; NULL where there are none), in the form that `emb_callback_new` was told. They belong to
 * libemb and live until the function returns; to keep an EMB_OBJECT, take its handle and set the
 * value's kind to EMB_NONE. `result` is None until it is set; an EMB_OBJECT in it is given to
 * libemb, whatever the status; text and bytes in it must stay in place until the function has
 * returned. Where they cannot, `emb_callback_return` takes the result at once.
 *
 * Returns EMB_OK, or a negative status with an error pending: that of a call of libemb that
 * failed, which Python then sees as the exception it was, or one made by `emb_error_raise`. It has
 * to return: what else the host's language throws, or jumps with, must not pass through Python.
 */
typedef emb_status (*emb_function)(void *userdata,
                                   struct emb_value *args,
                                   size_t nargs,
                                   const char *keywords,
                                   int64_t keywords_length,
                                   struct emb_value *result);

/**
 * One method of a class that `emb_class_new` makes. Its name says what Python uses it for: the
 * names of Python's data model (`__call__`, `__getitem__`, `__len__`, `__iter__`, `__eq__`,
 * `__enter__`, `__buffer__` …) mean what they mean in a class statement.
 */
typedef struct emb_method {
  /**
   * Its name in the class. Ends with a NUL byte.
   */
  const char *name;
  /**
   * Its documentation, ending with a NUL byte; or NULL.
   */
  const char *doc;
  /**
   * What is called. The instance is its first argument, an EMB_OBJECT; what that carries,
   * `emb_instance_userdata` gives.
   */
  emb_function function;
  /**
   * Given to `function`.
   */
  void *userdata;
  /**
   * EMB_METHOD_INSTANCE … EMB_METHOD_DELETER.
   */
  uint32_t kind;
  /**
   * As for `emb_callback_new`: the form of the arguments, EMB_ONE_THREAD.
   */
  uint32_t flags;
} emb_method;

/**
 * Receives what Python writes: `length` bytes of UTF-8, valid until it returns. Called on any
 * thread that runs Python (or, with EMB_ONE_THREAD, on one), with the GIL held; it may call
 * libemb.
 */
typedef void (*emb_write)(void *userdata, const char *text, size_t length);

/**
 * A call of an `emb_packed_function`: what an `emb_function` takes one by one, and the place of its
 * result, which is None until it is set.
 */
typedef struct emb_packed_call {
  /**
   * That of the callable.
   */
  void *userdata;
  /**
   * The arguments.
   */
  struct emb_value *args;
  /**
   * How many there are without the keywords.
   */
  size_t nargs;
  /**
   * The names of those behind, or NULL.
   */
  const char *keywords;
  /**
   * The bytes of that.
   */
  int64_t keywords_length;
  /**
   * The result.
   */
  struct emb_value result;
} emb_packed_call;

/**
 * A function of the host as `emb_function` describes it, for hosts whose callbacks take time for
 * each parameter that they have.
 */
typedef emb_status (*emb_packed_function)(struct emb_packed_call *call);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ------------------------------------------------------------------------------------------------
 * Starting, describing and ending the one Python of the process.
 */

/**
 * The ABI version of this library (EMB_ABI_VERSION).
 *
 * Ownership: a number. Errors: none. Threads: any. Since: 0.1.
 */
uint32_t emb_abi_version(void);

/**
 * The version of this library, such as "0.1.0".
 *
 * Ownership: a static text. Errors: none. Threads: any. Since: 0.1.
 */
const char *emb_version(void);

/**
 * Finds a CPython, loads it and starts it. The Python is looked for in this order: `config`; the
 * environment variable EMB_PYTHON; the key `python` in the table `tool.emb` of the nearest
 * pyproject.toml upward from the working directory; VIRTUAL_ENV and CONDA_PREFIX; the nearest
 * .venv upward; each python3 on PATH; and, if no CPython is on PATH, where Pythons are commonly
 * installed. What is named and cannot be used is an error. With EMB_DEBUG=1 in the environment
 * each step is shown on stderr. The calling thread becomes Python's main thread. Calling it again
 * is fine, unless it asks for another Python.
 *
 * Where this process runs a CPython already (the host is one, or is a plug-in of one, or has loaded
 * libpython), that one is used, its main interpreter: nothing is searched, and neither emb_shutdown
 * nor the end of the process ends it. A call from one of its subinterpreters, or from their
 * threads, is EMB_BAD_CALL; before CPython 3.12 only those threads are told apart, and with 3.8
 * nothing is. If `config` or EMB_PYTHON names another one, that is EMB_CONFLICT; with EMB_BESIDE
 * the other one is started as a second Python, with modules, threads and a GIL of its own.
 *
 * Ownership: `config` is only read, NULL means the defaults. Errors: EMB_NO_PYTHON (the message
 * lists what was tried and what to do; another call may follow), EMB_CONFLICT, EMB_BAD_CALL,
 * EMB_NOT_RUNNING after emb_shutdown. Threads: any; a second one waits. Since: 0.1.
 *
 * # Safety
 * `config` is NULL or points to an emb_config.
 */
emb_status emb_init(const struct emb_config *config);

/**
 * Ends Python's part of the process: waits for Python's non-daemon threads, runs its atexit
 * functions, flushes its output. No Python runs for the host afterwards, and none can be
 * started again. A process that ends without this call gets the same done at its exit. Where
 * libemb was attached to the host's own Python, that Python goes on.
 *
 * Ownership: handles need not be released before. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL inside
 * an emb_gil_acquire scope or a host function that Python has called. Threads: any. Since: 0.1.
 */
emb_status emb_shutdown(void);

/**
 * Describes what was found (every Python that was looked at, and why it was taken or refused),
 * what runs, which packages were built for another version, how names that the host exports too
 * were kept apart, and which libraries the process has loaded more than once. `format` is
 * EMB_DOCTOR_TEXT or EMB_DOCTOR_JSON. Works at any time, also after a failed start.
 *
 * Ownership: `report` receives EMB_TEXT that stays valid until this thread's next emb_doctor.
 * Errors: EMB_BAD_ARGUMENT. Threads: any. Since: 0.1.
 *
 * # Safety
 * `report` points to an emb_value.
 */
emb_status emb_doctor(uint32_t format, struct emb_value *report);

/* ------------------------------------------------------------------------------------------------
 * Packages: those that the host asks for are found, or installed.
 */

/**
 * Sees to it that packages are there, and starts Python if none runs. `requirements` has one
 * requirement a line, as in a requirements file: "numpy>=2\nmatplotlib". Where the Python that
 * `emb_init` would find has them all, nothing else happens. Otherwise an environment with just
 * these packages is made for it, with uv or pip, below $EMB_CACHE ($XDG_CACHE_HOME/emb,
 * ~/.cache/emb), and Python is started in that; the next time, and in other processes, it is
 * there already and nothing is downloaded. A Python that runs gets the environment's packages on
 * its path, before its own. What the installer says goes to the process's standard error,
 * without EMB_REQUIRE_QUIET (`flags`).
 *
 * Ownership: `requirements` is only read. Errors: EMB_BAD_ARGUMENT (not a requirement),
 * EMB_UNSATISFIED (the message has the installer's last words), EMB_CONFLICT (another version is
 * imported already), EMB_NO_PYTHON, EMB_NOT_RUNNING after emb_shutdown. Threads: any; other
 * processes that want the same wait. Since: 0.1.
 *
 * # Safety
 * `requirements` points to `requirements_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
 */
emb_status emb_require(const char *requirements, int64_t requirements_length, uint32_t flags);

/* ------------------------------------------------------------------------------------------------
 * The pending error: what the last failed call of this thread had to say.
 */

/**
 * Moves this thread's pending error out. Every other function clears it when it begins, except the
 * `_free` ones, those of lock scopes and forks, `emb_object_note` and `emb_error_text`.
 *
 * Ownership: `error->exception` is the caller's to release; the texts stay valid until this
 * thread's next emb_error_take. Errors: EMB_BAD_ARGUMENT. Threads: any. Since: 0.1.
 *
 * # Safety
 * `error` points to an emb_error with `size` set.
 */
emb_status emb_error_take(struct emb_error *error);

/**
 * Moves this thread's pending error out as one text, "ValueError: message", for hosts that want no
 * more of it. The text ends with a NUL byte; it is empty where no error was pending.
 *
 * Ownership: the text stays valid until this thread's next emb_error_text or emb_error_take.
 * Errors: none. Threads: any. Since: 0.1.
 */
const char *emb_error_text(void);

/**
 * An exception as Python would print it: the traceback, its causes and contexts, its message and
 * notes, and all that is in an exception group.
 *
 * Ownership: `text` receives EMB_TEXT that points into Python's memory (see emb_value). Errors:
 * EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (it is not an exception), EMB_EXCEPTION. Threads: any. Since:
 * 0.1.
 *
 * # Safety
 * `text` points to an emb_value.
 */
emb_status emb_error_traceback(emb_handle exception, struct emb_value *text);

/**
 * Whether an exception is an instance of a class, or of one that derives from it: 0 or 1. `class`
 * is a name as for `emb_error_raise`.
 *
 * Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (no such class).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `class` points to `class_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `matches` to an int32_t.
 */
emb_status emb_error_matches(emb_handle exception,
                             const char *class_,
                             int64_t class_length,
                             int32_t *matches);

/**
 * Makes an exception the pending error of this thread, for a host function to report: `return
 * emb_error_raise(...)`. `class` names a builtin exception ("ValueError") or, with its module, any
 * other ("numpy.linalg.LinAlgError"); it is called with `message`.
 *
 * Ownership: the texts are only read. Errors: always one: EMB_EXCEPTION, with the exception that
 * was asked for, or that making it raised (it is not there, it is no exception class). Threads:
 * any. Since: 0.1.
 *
 * # Safety
 * The texts point to as many bytes of UTF-8 as their lengths say (or EMB_NUL_TERMINATED).
 */
emb_status emb_error_raise(const char *class_,
                           int64_t class_length,
                           const char *message,
                           int64_t message_length);

/**
 * Like `emb_error_raise`, with an exception object, such as the one of an `emb_error`.
 *
 * Ownership: the handle stays the caller's. Errors: always one: EMB_EXCEPTION, EMB_BAD_HANDLE, or
 * EMB_BAD_ARGUMENT (it is not an exception). Threads: any. Since: 0.1.
 */
emb_status emb_error_raise_object(emb_handle exception);

/* ------------------------------------------------------------------------------------------------
 * Modules and source code: imported, run, evaluated, made.
 */

/**
 * Imports a module and gives it: "a.b.c" gives the module a.b.c.
 *
 * Ownership: `module` receives a handle that the caller releases. Errors: EMB_EXCEPTION
 * (ModuleNotFoundError and whatever the module raises). Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `module` to a handle.
 */
emb_status emb_import(const char *name, int64_t name_length, emb_handle *module);

/**
 * Executes source code, a whole module's worth.
 *
 * Ownership: nothing changes hands. `file` is the name for tracebacks (NULL: "<emb>"), which show
 * the lines of the source whether or not there is such a file. `globals` is a dict, or 0 for the
 * namespace of `__main__`. Errors: EMB_EXCEPTION (SyntaxError among them). Threads: any. Since:
 * 0.1.
 *
 * # Safety
 * The texts point to as many bytes of UTF-8 as their lengths say (or EMB_NUL_TERMINATED).
 */
emb_status emb_run(const char *source,
                   int64_t source_length,
                   const char *file,
                   int64_t file_length,
                   emb_handle globals);

/**
 * Evaluates an expression.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says. `globals` as in emb_run.
 * Errors: EMB_EXCEPTION (SyntaxError among them). Threads: any. Since: 0.1.
 *
 * # Safety
 * `source` points to `source_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or
 * points to an emb_value.
 */
emb_status emb_eval(const char *source,
                    int64_t source_length,
                    emb_handle globals,
                    uint32_t flags,
                    struct emb_value *result);

/**
 * Executes a file of source code. Run in `__main__`, it is the program: `__file__` says so, by
 * which the child processes of `multiprocessing` find what is defined in it.
 *
 * Ownership: nothing changes hands. `globals` as in emb_run. Errors: EMB_EXCEPTION
 * (FileNotFoundError and SyntaxError among them). Threads: any. Since: 0.1.
 *
 * # Safety
 * `path` points to `path_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
 */
emb_status emb_run_file(const char *path, int64_t path_length, emb_handle globals);

/**
 * Makes a module of source code, under a name by which Python code can import it. Where the source
 * raises, there is no such module afterwards.
 *
 * Ownership: `module` receives a handle that the caller releases. `file` as in emb_run; it becomes
 * the module's `__file__`. Errors: EMB_BAD_ARGUMENT (a name of one of `sys.builtin_module_names`),
 * EMB_EXCEPTION (SyntaxError and whatever the source raises). Threads: any. Since: 0.1.
 *
 * # Safety
 * The texts point to as many bytes of UTF-8 as their lengths say (or EMB_NUL_TERMINATED), `module`
 * to a handle.
 */
emb_status emb_module_new(const char *name,
                          int64_t name_length,
                          const char *source,
                          int64_t source_length,
                          const char *file,
                          int64_t file_length,
                          emb_handle *module);

/* ------------------------------------------------------------------------------------------------
 * Objects: made from values and back, held and released, their attributes.
 */

/**
 * Makes a Python object of a value.
 *
 * Ownership: `object` receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT,
 * EMB_BAD_HANDLE, EMB_EXCEPTION (an unhashable dict key). Threads: any. Since: 0.1.
 *
 * # Safety
 * `value` points to an emb_value, `object` to a handle.
 */
emb_status emb_object_new(const struct emb_value *value, emb_handle *object);

/**
 * Makes a str of a plain text, for hosts to which an emb_value comes hard.
 *
 * Ownership: `object` receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `text` points to `text_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `object` to a handle.
 */
emb_status emb_text_new(const char *text, int64_t text_length, emb_handle *object);

/**
 * Unboxes an object, with any flags also those that EMB_RESULT_PLAIN alone unboxes elsewhere:
 * numpy's scalars, and instances of subclasses of the plain types.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
 * EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `result` is NULL or points to an emb_value.
 */
emb_status emb_object_value(emb_handle object, uint32_t flags, struct emb_value *result);

/**
 * A second handle to the same object.
 *
 * Ownership: `clone` receives a handle that the caller releases. Errors: EMB_BAD_HANDLE.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `clone` points to a handle.
 */
emb_status emb_object_clone(emb_handle object, emb_handle *clone);

/**
 * Releases a handle. It never waits: without the GIL at hand, the object is dropped by whichever
 * thread enters Python next, so a finaliser may call it at any moment. A pending error stays.
 * Two threads that release it at the same moment may both be told that it worked; it is released
 * once.
 *
 * Ownership: the handle is gone; 0 is fine. Errors: EMB_BAD_HANDLE (released before, or never
 * given). Threads: any, also those that are ending. Since: 0.1.
 */
emb_status emb_object_free(emb_handle object);

/**
 * Releases `count` handles, as `emb_object_free` does each of them. All that are live are released,
 * whatever the others are.
 *
 * Ownership: the handles are gone; 0 is fine. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE (the first
 * that was not live). Threads: any, also those that are ending; never waits. Since: 0.1.
 *
 * # Safety
 * `objects` points to `count` handles.
 */
emb_status emb_object_free_many(const emb_handle *objects, size_t count);

/**
 * Reads an attribute.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
 * EMB_EXCEPTION (AttributeError). Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or
 * points to an emb_value.
 */
emb_status emb_object_getattr(emb_handle object,
                              const char *name,
                              int64_t name_length,
                              uint32_t flags,
                              struct emb_value *result);

/**
 * Where a word stands by which a host knows without a call that an attribute of a module is still
 * what it was: as long as the word is the same, so is what the module has under that name. It may
 * be read at any time, also without the lock, while there is a handle to the module. NULL where
 * there is none: the attribute is no variable of the module but found or made anew each time, the
 * object is no plain module, or this Python has no such word (CPython has it up to 3.13).
 *
 * Ownership: the word is Python's, and only read. Errors: EMB_BAD_HANDLE. Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `version` to a pointer.
 */
emb_status emb_object_version(emb_handle object,
                              const char *name,
                              int64_t name_length,
                              const uint64_t **version);

/**
 * Sets an attribute.
 *
 * Ownership: `value` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `value` to an emb_value.
 */
emb_status emb_object_setattr(emb_handle object,
                              const char *name,
                              int64_t name_length,
                              const struct emb_value *value);

/**
 * Deletes an attribute.
 *
 * Ownership: nothing changes hands. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (AttributeError).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
 */
emb_status emb_object_delattr(emb_handle object, const char *name, int64_t name_length);

/**
 * The truth of an object: 0 or 1.
 *
 * Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (an array of several elements has
 * no truth). Threads: any. Since: 0.1.
 *
 * # Safety
 * `truth` points to an int32_t.
 */
emb_status emb_object_truth(emb_handle object, int32_t *truth);

/**
 * The hash of an object.
 *
 * Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (TypeError: unhashable).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `hash` points to an int64_t.
 */
emb_status emb_object_hash(emb_handle object, int64_t *hash);

/* ------------------------------------------------------------------------------------------------
 * Identity: which handles are of one object, and which of them the host has.
 */

/**
 * The identity of an object, as `id()` gives it: the same for every handle to the same object.
 *
 * Ownership: a number. Errors: EMB_BAD_HANDLE. Threads: any; never waits for the GIL. Since: 0.1.
 *
 * # Safety
 * `address` points to a uint64_t.
 */
emb_status emb_object_identity(emb_handle object, uint64_t *address);

/**
 * Notes `count` handles as those by which the host knows their objects, for `emb_object_noted`: so
 * a host that has an object of its own for each of Python's finds it again. Of several live handles
 * of one object the first to be noted stays so, unless `flags` is EMB_NOTE_INSTEAD. Those that were
 * released are passed over, and so is a 0, where a thread of the host may be about to write one.
 * `noted` receives how many there are before the first 0.
 *
 * Ownership: the handles are only read. Errors: EMB_BAD_ARGUMENT. Threads: any; never waits for
 * the GIL. Since: 0.1.
 *
 * # Safety
 * `objects` points to `count` handles, `noted` to a size_t.
 */
emb_status emb_object_note(const emb_handle *objects, size_t count, uint32_t flags, size_t *noted);

/**
 * The live handle that the host has noted for an object, which may be another handle of the same
 * object; 0 where it has noted none.
 *
 * Ownership: `noted` receives a handle that belongs to the host already. Errors: EMB_BAD_HANDLE,
 * EMB_BAD_ARGUMENT. Threads: any; never waits for the GIL. Since: 0.1.
 *
 * # Safety
 * `noted` points to a handle.
 */
emb_status emb_object_noted(emb_handle object, emb_handle *noted);

/* ------------------------------------------------------------------------------------------------
 * What an object is: its type, its attributes, its text in a format.
 */

/**
 * A text about an object; `form` is one of the EMB_TEXT_ numbers STR, REPR, TYPE, DOC, SIGNATURE.
 *
 * Ownership: `text` receives EMB_TEXT that points into Python's memory (see emb_value), or
 * EMB_OBJECT where UTF-8 cannot hold the text (lone surrogates). Errors: EMB_BAD_HANDLE,
 * EMB_BAD_ARGUMENT, EMB_EXCEPTION (ValueError or TypeError: it has no signature). Threads: any.
 * Since: 0.1.
 *
 * # Safety
 * `text` points to an emb_value.
 */
emb_status emb_object_text(emb_handle object, uint32_t form, struct emb_value *text);

/**
 * An object as `format(object, specification)` writes it.
 *
 * Ownership: `text` as in emb_object_text. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION
 * (ValueError or TypeError: not a specification for this type). Threads: any. Since: 0.1.
 *
 * # Safety
 * `specification` points to `specification_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `text`
 * to an emb_value.
 */
emb_status emb_object_format(emb_handle object,
                             const char *specification,
                             int64_t specification_length,
                             struct emb_value *text);

/**
 * Whether an object has an attribute: 0 or 1.
 *
 * Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (what the attribute
 * raises, unless it is AttributeError). Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `found` to an int32_t.
 */
emb_status emb_object_hasattr(emb_handle object,
                              const char *name,
                              int64_t name_length,
                              int32_t *found);

/**
 * The names of an object's attributes, as `dir()` lists them.
 *
 * Ownership: `result` (NULL: discard) receives a tuple of str as `flags` says: with
 * EMB_RESULT_DEEP an EMB_TUPLE of EMB_TEXT. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
 * EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `result` is NULL or points to an emb_value.
 */
emb_status emb_object_dir(emb_handle object, uint32_t flags, struct emb_value *result);

/**
 * Whether an object is an instance of a class, or of one in a tuple of classes: 0 or 1.
 *
 * Ownership: `class` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION
 * (TypeError: not a class). Threads: any. Since: 0.1.
 *
 * # Safety
 * `class` points to an emb_value, `is_one` to an int32_t.
 */
emb_status emb_object_isinstance(emb_handle object,
                                 const struct emb_value *class_,
                                 int32_t *is_one);

/**
 * Whether a class derives from another, or from one in a tuple of classes: 0 or 1.
 *
 * Ownership: `base` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION
 * (TypeError: not a class). Threads: any. Since: 0.1.
 *
 * # Safety
 * `base` points to an emb_value, `derives` to an int32_t.
 */
emb_status emb_object_issubclass(emb_handle class_, const struct emb_value *base, int32_t *derives);

/* ------------------------------------------------------------------------------------------------
 * Items, length, membership and iteration.
 */

/**
 * Reads `object[key]`.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says; `key` is only read.
 * Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (KeyError, IndexError, TypeError).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `key` points to an emb_value, `result` is NULL or points to one.
 */
emb_status emb_object_getitem(emb_handle object,
                              const struct emb_value *key,
                              uint32_t flags,
                              struct emb_value *result);

/**
 * Sets `object[key] = value`.
 *
 * Ownership: `key` and `value` are only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
 * EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `key` and `value` point to emb_values.
 */
emb_status emb_object_setitem(emb_handle object,
                              const struct emb_value *key,
                              const struct emb_value *value);

/**
 * Deletes `object[key]`.
 *
 * Ownership: `key` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `key` points to an emb_value.
 */
emb_status emb_object_delitem(emb_handle object, const struct emb_value *key);

/**
 * The number of items.
 *
 * Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (TypeError: it has no length).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `length` points to an int64_t.
 */
emb_status emb_object_length(emb_handle object, int64_t *length);

/**
 * Whether `item in object`: 0 or 1.
 *
 * Ownership: `item` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `item` points to an emb_value, `found` to an int32_t.
 */
emb_status emb_object_contains(emb_handle object, const struct emb_value *item, int32_t *found);

/**
 * An iterator over an object, for `emb_object_next`.
 *
 * Ownership: `iterator` receives a handle that the caller releases. Errors: EMB_BAD_HANDLE,
 * EMB_EXCEPTION (TypeError: it is not iterable). Threads: any. Since: 0.1.
 *
 * # Safety
 * `iterator` points to a handle.
 */
emb_status emb_object_iter(emb_handle object, emb_handle *iterator);

/**
 * The next item of an iterator. `more` is 1, or 0 at the end, where `result` is untouched; for the
 * value that a generator ends with, see `emb_object_send`.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
 * EMB_EXCEPTION (TypeError: it is not an iterator; or what the iterator raises). Threads: any.
 * Since: 0.1.
 *
 * # Safety
 * `result` is NULL or points to an emb_value, `more` points to an int32_t.
 */
emb_status emb_object_next(emb_handle iterator,
                           uint32_t flags,
                           struct emb_value *result,
                           int32_t *more);

/**
 * Sends a value to a generator or a coroutine, as its method `send` does, and gives what it yields
 * next: then `more` is 1. At the end `more` is 0 and `result` is the value that it returned. With
 * NULL or None as `value` it only goes on; so every other iterator can be asked, too, and ends with
 * None.
 *
 * Ownership: `value` is only read; `result` (NULL: discard) receives a value as `flags` says, also
 * at the end. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: it is no
 * iterator; AttributeError: it takes no values; or what it raises). Threads: any. Since: 0.1.
 *
 * # Safety
 * `value` and `result` are NULL or point to an emb_value, `more` points to an int32_t.
 */
emb_status emb_object_send(emb_handle iterator,
                           const struct emb_value *value,
                           uint32_t flags,
                           struct emb_value *result,
                           int32_t *more);

/* ------------------------------------------------------------------------------------------------
 * Many items in one crossing: chunks of an iterator, the contents of a container, lists of
 * numbers from and to the host's memory.
 */

/**
 * The next items of an iterator, up to `capacity` at a time. `count` is how many there are; 0
 * means the end (for what a generator ends with, see `emb_object_send`). Where the iterator raises
 * after some items, these are given first, and the next call for the same handle reports the
 * exception.
 *
 * Ownership: `results` receives `count` values as `flags` says; what they point to stays valid as
 * for one result. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: it is not an
 * iterator; or what the iterator raises). Threads: any. Since: 0.1.
 *
 * # Safety
 * `results` points to `capacity` emb_values, `count` to a size_t.
 */
emb_status emb_object_next_many(emb_handle iterator,
                                uint32_t flags,
                                struct emb_value *results,
                                size_t capacity,
                                size_t *count);

/**
 * The contents of a list, a tuple or any other iterable; of a dict its keys and values, in turn. An
 * iterator that has more is asked for one item more than `capacity`, and these are lost.
 *
 * Ownership: `results` receives `count` values as `flags` says; what they point to stays valid as
 * for one result. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (there are more than `capacity`: the
 * message says how many, where that is known), EMB_EXCEPTION (TypeError: it is not iterable).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `results` points to `capacity` emb_values, `count` to a size_t.
 */
emb_status emb_object_unpack(emb_handle object,
                             uint32_t flags,
                             struct emb_value *results,
                             size_t capacity,
                             size_t *count);

/**
 * Makes a list of `count` numbers in the host's memory: doubles (`kind` is EMB_FLOAT) or int64_t
 * (EMB_INT). For arrays that are shared instead, see `emb_array_from_ptr`.
 *
 * Ownership: `data` is only read; `list` receives a handle that the caller releases. Errors:
 * EMB_BAD_ARGUMENT, EMB_EXCEPTION (MemoryError). Threads: any. Since: 0.1.
 *
 * # Safety
 * `data` points to `count` numbers, `list` to a handle.
 */
emb_status emb_list_from_ptr(const void *data, uint32_t kind, size_t count, emb_handle *list);

/**
 * Copies the numbers of a list or tuple into the host's memory: doubles (`kind` is EMB_FLOAT) or
 * int64_t (EMB_INT). Nothing is rounded: an int that a double cannot hold, or a float where an int
 * is wanted, is an error that names the item, and nothing is written.
 *
 * Ownership: `data` is the caller's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (another type of
 * item; more than `capacity` items), EMB_EXCEPTION (TypeError: no sequence). Threads: any.
 * Since: 0.1.
 *
 * # Safety
 * `data` points to room for `capacity` numbers, `count` to a size_t.
 */
emb_status emb_list_to_ptr(emb_handle list,
                           uint32_t kind,
                           void *data,
                           size_t capacity,
                           size_t *count);

/* ------------------------------------------------------------------------------------------------
 * Context managers.
 */

/**
 * Enters a context manager, as `with object as result` does.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
 * EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: no context manager). Threads: any. Since: 0.1.
 *
 * # Safety
 * `result` is NULL or points to an emb_value.
 */
emb_status emb_object_enter(emb_handle object, uint32_t flags, struct emb_value *result);

/**
 * Leaves a context manager. `exception` is the one that ended the block, or 0. `handled` is 1
 * where the context manager has dealt with it, and 0 where the host should go on with it.
 *
 * Ownership: the handles stay the caller's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (`exception`
 * is none), EMB_EXCEPTION (what the context manager raises). Threads: any. Since: 0.1.
 *
 * # Safety
 * `handled` points to an int32_t.
 */
emb_status emb_object_exit(emb_handle object, emb_handle exception, int32_t *handled);

/* ------------------------------------------------------------------------------------------------
 * Operators: all of Python's, with one function.
 */

/**
 * Applies an operator. `right` is NULL for the operators of one operand. Comparisons give what
 * Python gives, which for arrays is an array. An in-place operator gives the object that the
 * left name would be bound to, which may be a new one.
 *
 * Ownership: the operands are only read; `result` (NULL: discard) receives a value as `flags`
 * says. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE, EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `left` points to an emb_value, `right` and `result` are NULL or point to one; with
 * EMB_OP_POWER_MODULO `right` points to two.
 */
emb_status emb_operate(uint32_t op,
                       const struct emb_value *left,
                       const struct emb_value *right,
                       uint32_t flags,
                       struct emb_value *result);

/* ------------------------------------------------------------------------------------------------
 * Calls: the arguments, the keywords and the result in one crossing.
 */

/**
 * Calls an object. `args` holds `nargs` positional arguments, followed by one value for each name
 * in `keywords`; `keywords` holds the names, separated by commas without spaces ("color,lw"), and
 * is NULL where there are none. The number of names is not part of `nargs`.
 *
 * Ownership: `args` are only read; `result` (NULL: discard) receives a value as `flags` says.
 * Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `args` points to `nargs` values and one more for each keyword, `keywords` is NULL or points to
 * `keywords_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or points to an
 * emb_value.
 */
emb_status emb_call(emb_handle callable,
                    const struct emb_value *args,
                    size_t nargs,
                    const char *keywords,
                    int64_t keywords_length,
                    uint32_t flags,
                    struct emb_value *result);

/**
 * In a function of the host that Python has called, while an `emb_call` or `emb_call_method` of the
 * same thread with EMB_CALL_WATCH goes on: whether `container` is what that call has made of an
 * EMB_WATCHED. `found` receives the address of its two values, for `emb_call_unwatch`; or NULL.
 *
 * Ownership: nothing changes. Errors: EMB_BAD_HANDLE. Threads: any, each for its own calls.
 * Since: 0.1.
 *
 * # Safety
 * `found` points to a pointer.
 */
emb_status emb_call_watched(emb_handle container, const struct emb_value **found);

/**
 * The second of the two values that `emb_call_watched` has found is set as it is for a container
 * that Python has kept, an EMB_SHARED (see EMB_WATCHED), with what has become of the items so far.
 * From then on the call does not look at it. NULL is fine.
 *
 * Ownership: the caller releases the EMB_SHARED. Errors: EMB_BAD_ARGUMENT (no call of this thread
 * looks at it), EMB_EXCEPTION (the call goes on to look at it). Threads: any, each for its own
 * calls. Since: 0.1.
 *
 * # Safety
 * `values` is only an address, but for what `emb_call` was promised of it.
 */
emb_status emb_call_unwatch(const struct emb_value *values);

/* ------------------------------------------------------------------------------------------------
 * Methods, called by name or looked up for many calls, without an object for each bound method.
 */

/**
 * Calls a method of an object by its name; the rest is as in `emb_call`.
 *
 * Ownership: `args` are only read; `result` (NULL: discard) receives a value as `flags` says.
 * Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError among them).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * As in `emb_call`; `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
 */
emb_status emb_call_method(emb_handle object,
                           const char *name,
                           int64_t name_length,
                           const struct emb_value *args,
                           size_t nargs,
                           const char *keywords,
                           int64_t keywords_length,
                           uint32_t flags,
                           struct emb_value *result);

/**
 * Reads an attribute that is to be called. Of a method of Python code, its function is enough for
 * that, which is called with the object before the other arguments (`emb_call`): then `result`
 * receives an EMB_FUNCTION, with the handle of the function, or with 0 where that is the one behind
 * `known` (0: none). So a method that is called again and again takes no objects. Any other
 * attribute is given as by `emb_object_getattr`.
 *
 * Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
 * EMB_EXCEPTION (AttributeError). Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or
 * points to an emb_value.
 */
emb_status emb_object_method(emb_handle object,
                             const char *name,
                             int64_t name_length,
                             emb_handle known,
                             uint32_t flags,
                             struct emb_value *result);

/* ------------------------------------------------------------------------------------------------
 * The end of what is lent to Python: how the host hears of it.
 */

/**
 * Takes up to `capacity` of the userdata that EMB_RELEASE_QUEUE has queued, oldest first: Python
 * no longer has what they came with. References that were released without the GIL are dropped by
 * the next call that takes it, so a pair of `emb_gil_acquire` and `emb_gil_release` before this
 * call brings everything that is due into the queue.
 *
 * Ownership: each userdata is given once. Errors: EMB_BAD_ARGUMENT. Threads: any; never waits
 * for the GIL. Since: 0.1.
 *
 * # Safety
 * `userdata` points to `capacity` pointers, `count` to a size_t.
 */
emb_status emb_released(void **userdata, size_t capacity, size_t *count);

/* ------------------------------------------------------------------------------------------------
 * Arrays: host memory that Python sees.
 */

/**
 * Makes an array on the host's memory, without a copy (unless EMB_ARRAY_COPY asks for one) and at
 * a cost that does not depend on its size: a numpy.ndarray, or a memoryview where numpy is not
 * installed.
 *
 * `dtype` is what `numpy.dtype()` takes as text ("float64", "<f8", "d", "M8[ns]", "i4,f8"), or a
 * format of the buffer protocol, such as an emb_view has ("Zd", "5s", "T{i:x:d:y:}"). `shape` has
 * `ndim` lengths, in elements. `strides` has `ndim` steps, in bytes, negative and zero ones
 * included; NULL means C-contiguous. `data` points to the element with all indices 0, and may be
 * NULL where there are no elements. `flags` are those that begin with EMB_ARRAY_, but not
 * EMB_ARRAY_AGAIN, and EMB_RELEASE_QUEUE.
 *
 * Ownership: the memory stays the host's and must stay in place until `release(userdata)` is
 * called: once, when the last Python reference to it is gone, or before this function returns an
 * error; memory that Python still has at the end must stay until `emb_shutdown` has returned. With
 * EMB_ARRAY_DLPACK whoever took the memory ends it, also on a thread without the GIL. `array`
 * receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError
 * for a dtype that numpy does not know). Threads: any. Since: 0.1.
 *
 * # Safety
 * `data` and the strides describe memory that is readable (and writable, unless
 * EMB_ARRAY_READONLY) until the release; `dtype` points to `dtype_length` bytes of UTF-8 (or
 * EMB_NUL_TERMINATED); `shape` and `strides` point to `ndim` numbers; `array` to a handle.
 */
emb_status emb_array_from_ptr(void *data,
                              const char *dtype,
                              int64_t dtype_length,
                              int32_t ndim,
                              const int64_t *shape,
                              const int64_t *strides,
                              uint32_t flags,
                              emb_release release,
                              void *userdata,
                              emb_handle *array);

/**
 * How many arrays Python still has on the host's memory, of those that touch the `nbytes` bytes at
 * `data`: the ones that `emb_array_from_ptr` has made, whatever views, exports and references to
 * them there are. Where it is 0, the memory may be moved or freed. Only arrays nearby and large
 * ones are looked at, so asking often is fine.
 *
 * Ownership: nothing changes. Errors: EMB_BAD_ARGUMENT, EMB_NOT_RUNNING. Threads: any. Since: 0.1.
 *
 * # Safety
 * `count` points to a size_t; `data` is only an address.
 */
emb_status emb_array_borrowed(const void *data, size_t nbytes, size_t *count);

/* ------------------------------------------------------------------------------------------------
 * Views: Python's memory that the host sees.
 */

/**
 * Gives the host the memory of any object that exports the buffer protocol (arrays of numpy,
 * bytes, bytearray, memoryview ...), `__array_interface__` or `__array_struct__`, or DLPack on this
 * processor, whatever its strides. `flags` are those that begin with EMB_VIEW_. Nothing is copied
 * without EMB_VIEW_COPY; with it, numpy also makes memory of objects that have none, such as lists.
 *
 * Ownership: all pointers in `view` stay valid until `view->owner`, which the caller releases,
 * is gone. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: no memory to share;
 * BufferError: it is read-only, or only a copy would be as wanted). Threads: any. Since: 0.1.
 *
 * # Safety
 * `view` points to an emb_view with `size` set.
 */
emb_status emb_array_view(emb_handle object, uint32_t flags, struct emb_view *view);

/**
 * Like `emb_array_view`, of elements of a wanted type: `dtype` is as for `emb_array_from_ptr`. The
 * memory of an object whose elements are of another type is not shared: with EMB_VIEW_COPY, numpy
 * converts it, as its `astype` does, which rounds and cuts off where the wanted type is smaller.
 *
 * Ownership: as for emb_array_view. Errors: as for emb_array_view; EMB_EXCEPTION where the object
 * cannot be converted. Threads: any. Since: 0.1.
 *
 * # Safety
 * `dtype` points to `dtype_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `view` to an emb_view
 * with `size` set.
 */
emb_status emb_array_view_as(emb_handle object,
                             const char *dtype,
                             int64_t dtype_length,
                             uint32_t flags,
                             struct emb_view *view);

/* ------------------------------------------------------------------------------------------------
 * Tensors that change hands without a copy: DLPack.
 */

/**
 * Takes the memory of a Python object as a DLPack tensor. Where the object can give a
 * DLManagedTensorVersioned, it is one, and `versioned` is 1: its flags tell whether it may be
 * written and whether it is a copy. Otherwise it is a DLManagedTensor, and `versioned` is 0.
 * Objects from before DLPack 1.0 share always, and cannot be asked for a copy or another device.
 *
 * Ownership: `options` is only read, NULL means the defaults. `tensor` receives a structure that
 * is the caller's, who ends it by its deleter. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
 * EMB_EXCEPTION (AttributeError: no DLPack; BufferError: not in this form). Threads: any. Since:
 * 0.1.
 *
 * # Safety
 * `options` is NULL or points to an emb_dlpack_options, `tensor` to a pointer, `versioned` to an
 * int32_t.
 */
emb_status emb_dlpack_export(emb_handle object,
                             const struct emb_dlpack_options *options,
                             void **tensor,
                             int32_t *versioned);

/**
 * Gives a DLPack tensor of the host to Python: a DLManagedTensorVersioned (`versioned` is 1) or a
 * DLManagedTensor (0). The object is for `numpy.from_dlpack`, `torch.from_dlpack` and other
 * consumers, old and new; it can be consumed once, and copied by them before. What is in the
 * tensor must be there already: a stream that a consumer names is not waited for.
 *
 * Ownership: the tensor is libemb's from now on; its deleter is called once, by whoever has it
 * last, on any thread. On failure it stays the caller's. `object` receives a handle that the
 * caller releases. Errors: EMB_BAD_ARGUMENT (also a tensor that cannot be right), EMB_NOT_RUNNING.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `tensor` points to a structure of that form, `object` to a handle.
 */
emb_status emb_dlpack_import(void *tensor, int32_t versioned, emb_handle *object);

/* ------------------------------------------------------------------------------------------------
 * Tables that change hands without a copy: the Arrow C data interface.
 */

/**
 * Takes the Arrow schema of a Python object, through its method `__arrow_c_schema__`.
 *
 * Ownership: `schema` receives what the caller ends by the release function in it. Errors:
 * EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: the object has no such method).
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `schema` points to memory for an ArrowSchema.
 */
emb_status emb_arrow_export_schema(emb_handle object, void *schema);

/**
 * Takes the Arrow array of a Python object, through its method `__arrow_c_array__`. `requested` is
 * NULL, or an ArrowSchema to which the object is asked to convert; it may decline, so look at
 * `schema`.
 *
 * Ownership: `schema` and `array` receive what the caller ends by the release functions in them;
 * the content of `requested` is moved out once the object is asked. Errors: EMB_BAD_HANDLE,
 * EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: the object has no such method). Threads: any.
 * Since: 0.1.
 *
 * # Safety
 * `requested` is NULL or points to an ArrowSchema, `schema` to memory for one, `array` for an
 * ArrowArray.
 */
emb_status emb_arrow_export_array(emb_handle object, void *requested, void *schema, void *array);

/**
 * Takes the Arrow stream of a Python object, through its method `__arrow_c_stream__`. `requested`
 * is as for `emb_arrow_export_array`.
 *
 * Ownership: `stream` receives what the caller ends by the release function in it; the content of
 * `requested` is moved out once the object is asked. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
 * EMB_EXCEPTION (AttributeError: the object has no such method). Threads: any. Since: 0.1.
 *
 * # Safety
 * `requested` is NULL or points to an ArrowSchema, `stream` to memory for an ArrowArrayStream.
 */
emb_status emb_arrow_export_stream(emb_handle object, void *requested, void *stream);

/**
 * Gives an Arrow schema of the host to Python, as an object with the method `__arrow_c_schema__`,
 * for pyarrow, polars and other consumers; it can be consumed once.
 *
 * Ownership: the content of `schema` is moved out; on failure nothing is. `object` receives a
 * handle that the caller releases. Errors: EMB_BAD_ARGUMENT (released already), EMB_NOT_RUNNING.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `schema` points to an ArrowSchema, `object` to a handle.
 */
emb_status emb_arrow_import_schema(void *schema, emb_handle *object);

/**
 * Gives an Arrow array of the host to Python, as an object with the method `__arrow_c_array__`,
 * for pyarrow, polars and other consumers; it can be consumed once.
 *
 * Ownership: the contents of `schema` and `array` are moved out; on failure nothing is. `object`
 * receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT (released already),
 * EMB_NOT_RUNNING. Threads: any. Since: 0.1.
 *
 * # Safety
 * `schema` points to an ArrowSchema, `array` to an ArrowArray, `object` to a handle.
 */
emb_status emb_arrow_import_array(void *schema, void *array, emb_handle *object);

/**
 * Gives a stream of Arrow arrays of the host to Python, as an object with the method
 * `__arrow_c_stream__`, for pyarrow, polars and other consumers; it can be consumed once.
 *
 * Ownership: the content of `stream` is moved out; on failure nothing is. `object` receives a
 * handle that the caller releases. Errors: EMB_BAD_ARGUMENT (released already), EMB_NOT_RUNNING.
 * Threads: any. Since: 0.1.
 *
 * # Safety
 * `stream` points to an ArrowArrayStream, `object` to a handle.
 */
emb_status emb_arrow_import_stream(void *stream, emb_handle *object);

/* ------------------------------------------------------------------------------------------------
 * Host functions as Python callables, from any thread that runs Python.
 */

/**
 * Makes a Python callable of a host function. `name` and `doc` (NULL: none) become its `__name__`
 * and `__doc__`; `flags` is the form of its arguments, as for results (EMB_RESULT_AUTO …), plus
 * EMB_ONE_THREAD for hosts that Python's own threads must not call: there Python gets a
 * RuntimeError instead; plus EMB_RELEASE_QUEUE; plus EMB_CALLBACK_METHOD for a method of a class
 * that the host makes by calling `type`; plus EMB_CALLBACK_FUNCTION for what is to pass for a
 * function of Python, with EMB_CALLBACK_BOUND for the function of a bound method; without it the
 * callable is a builtin function. EMB_CALLBACK_PACKED says that `function` takes one pointer.
 *
 * Ownership: `userdata` stays the host's until `release(userdata)` is called: once, when Python
 * has no reference to the callable left, or before this function returns an error. `callable`
 * receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_NOT_RUNNING. Threads:
 * any. Since: 0.1.
 *
 * # Safety
 * `function` may be called with `userdata` until the release. The texts point to as many bytes of
 * UTF-8 as their lengths say (or EMB_NUL_TERMINATED), `callable` to a handle.
 */
emb_status emb_callback_new(const char *name,
                            int64_t name_length,
                            const char *doc,
                            int64_t doc_length,
                            emb_function function,
                            void *userdata,
                            uint32_t flags,
                            emb_release release,
                            emb_handle *callable);

/**
 * Gives the result of the host function that runs, instead of its `result`: the value is made into
 * a Python object at once, so that what it points to need not outlive this call.
 *
 * Ownership: `value` is only read; a handle in it stays the caller's. Errors: EMB_BAD_CALL (no
 * host function runs on this thread), EMB_BAD_ARGUMENT, EMB_BAD_HANDLE, EMB_EXCEPTION. Threads:
 * the one that runs the host function. Since: 0.1.
 *
 * # Safety
 * `value` points to an emb_value.
 */
emb_status emb_callback_return(const struct emb_value *value);

/**
 * Where in Python's stack the host function stands that runs on this thread (`level` 0), or the
 * one so many further out: so a host knows in which order its own stack and Python's belong.
 * `count` receives how many frames have to be gone back, from the one of Python's code that runs
 * now, to that which has called it; all of them where none has; -1 where so many do not run, or
 * this Python does not tell (a free-threaded one, one of the host's own).
 *
 * Ownership: a number. Errors: EMB_BAD_ARGUMENT, EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `count` points to an int64_t.
 */
emb_status emb_callback_frames(size_t level, int64_t *count);

/**
 * The userdata of a callable that `emb_callback_new` has made of this very `function`; `is_one` is
 * 1, or 0 for any other object, where `userdata` is untouched. So a host finds its own functions
 * again.
 *
 * Ownership: `userdata` is the host's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT. Threads: any.
 * Since: 0.1.
 *
 * # Safety
 * `userdata` points to a pointer, `is_one` to an int32_t.
 */
emb_status emb_callback_userdata(emb_handle object,
                                 emb_function function,
                                 void **userdata,
                                 int32_t *is_one);

/* ------------------------------------------------------------------------------------------------
 * Classes of the host, and host objects: instances that carry something of the host's.
 */

/**
 * Makes a Python class whose methods are functions of the host. Python code may make instances,
 * derive from it, and do with it whatever it does with classes.
 *
 * `bases` is a class or a tuple of classes (NULL: `object`); `namespace` a dict of further class
 * attributes, such as `__doc__` and `__module__` (NULL: none); `methods` are `count` functions;
 * `flags` is 0 or EMB_RELEASE_QUEUE.
 *
 * Ownership: all is copied. `userdata` stays the host's until `release(userdata)` is called: once,
 * when Python has none of the methods any more, or before this function returns an error. `class`
 * receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE,
 * EMB_EXCEPTION (TypeError: a base that cannot be one). Threads: any. Since: 0.1.
 *
 * # Safety
 * `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED); `bases` and `namespace`
 * are NULL or point to emb_values; `methods` points to `count` of them; `class` to a handle. The
 * functions may be called until the release.
 */
emb_status emb_class_new(const char *name,
                         int64_t name_length,
                         const struct emb_value *bases,
                         const struct emb_value *namespace_,
                         const struct emb_method *methods,
                         size_t count,
                         void *userdata,
                         uint32_t flags,
                         emb_release release,
                         emb_handle *class_);

/**
 * Makes an instance of a class and lets it carry `userdata`: an object of the host, as Python sees
 * it. Its `__init__` is not called. `flags` is 0 or EMB_RELEASE_QUEUE.
 *
 * Ownership: `userdata` stays the host's until `release(userdata)` is called: once, when Python
 * has no reference to the instance left, or before this function returns an error. `object`
 * receives a handle that the caller releases. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (not a
 * class; an instance that has no attributes), EMB_EXCEPTION (TypeError: `__new__` wants
 * arguments). Threads: any. Since: 0.1.
 *
 * # Safety
 * `release` may be called with `userdata`; `object` points to a handle.
 */
emb_status emb_instance_new(emb_handle class_,
                            void *userdata,
                            uint32_t flags,
                            emb_release release,
                            emb_handle *object);

/**
 * Lets an instance that Python has made carry `userdata`, for a host's `__init__`. What it carried
 * before is released. `flags` is 0 or EMB_RELEASE_QUEUE.
 *
 * Ownership: as in `emb_instance_new`. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (AttributeError: the
 * object cannot have attributes of its own). Threads: any. Since: 0.1.
 *
 * # Safety
 * `release` may be called with `userdata`.
 */
emb_status emb_instance_bind(emb_handle object,
                             void *userdata,
                             uint32_t flags,
                             emb_release release);

/**
 * What an instance carries; `is_one` is 1, or 0 for an object that carries nothing, or nothing
 * that came with this very `release` (NULL: with any), where `userdata` is untouched. So a host
 * finds its own objects again, and tells their kinds apart.
 *
 * Ownership: `userdata` is the host's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT. Threads: any.
 * Since: 0.1.
 *
 * # Safety
 * `userdata` points to a pointer, `is_one` to an int32_t.
 */
emb_status emb_instance_userdata(emb_handle object,
                                 emb_release release,
                                 void **userdata,
                                 int32_t *is_one);

/* ------------------------------------------------------------------------------------------------
 * Lock scopes: the GIL, kept for a series of calls, or given back by a host function; and forks,
 * which Python is prepared for.
 */

/**
 * Takes the GIL and keeps it until the matching `emb_gil_release`: a series of operations then
 * takes it once. Scopes nest. Without a scope each operation takes the GIL for itself, and
 * Python's other threads run in between.
 *
 * A free-threaded Python has no GIL: there a scope keeps nobody out, and spares each operation in
 * it the way in and out. In a scope the host must not wait for another thread that uses Python.
 *
 * Not for a host that is the CPython itself, attached to, and releases the GIL around foreign
 * calls (as ctypes does): it holds the GIL between calls anyway, and would wait for itself.
 *
 * Ownership: the scope belongs to the calling thread. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL.
 * Threads: any; waits for the GIL. Since: 0.1.
 */
emb_status emb_gil_acquire(void);

/**
 * Closes the innermost lock scope. A pending error stays.
 *
 * Ownership: the scope of the calling thread ends. Errors: EMB_BAD_CALL without an open scope,
 * EMB_NOT_RUNNING. Threads: the one that opened the scope. Since: 0.1.
 */
emb_status emb_gil_release(void);

/**
 * Gives the GIL back until the host function that runs on this thread returns to Python, which has
 * called it. Meanwhile each operation takes the GIL for itself, and scopes may be opened as usual.
 * For functions that wait for other threads of the host, which would wait for the GIL if they use
 * Python too. A second call changes nothing. The function's arguments stay valid. Not for release
 * functions, which are called in the middle of what Python, or another call of libemb, does.
 *
 * Ownership: none. Errors: EMB_BAD_CALL outside of a host function, or in a scope that it opened;
 * EMB_NOT_RUNNING. Threads: the one that runs the host function. Since: 0.1.
 */
emb_status emb_gil_suspend(void);

/**
 * Prepares Python for a fork after which the child, too, goes on with it: call it, fork on the
 * same thread, then call `emb_fork_parent` or `emb_fork_child`. Takes the GIL until then. In the
 * child of any other fork every call gives EMB_NOT_RUNNING, unless Python forked itself
 * (`os.fork`, `multiprocessing`). The child has no other threads, neither of the host nor of
 * Python.
 *
 * Ownership: a lock scope of the calling thread. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL when it was
 * called already. Threads: any; waits for the GIL. Since: 0.1.
 */
emb_status emb_fork_prepare(void);

/**
 * After `emb_fork_prepare` and a fork, in the process that has forked, also if the fork failed.
 *
 * Ownership: ends the lock scope. Errors: EMB_BAD_CALL without emb_fork_prepare or in the child,
 * EMB_NOT_RUNNING. Threads: the one that has forked. Since: 0.1.
 */
emb_status emb_fork_parent(void);

/**
 * After `emb_fork_prepare` and a fork, in the new process: there Python goes on, in this thread.
 *
 * Ownership: ends the lock scope. Errors: EMB_BAD_CALL without emb_fork_prepare or in the process
 * that has forked, EMB_NOT_RUNNING. Threads: the one that has forked. Since: 0.1.
 */
emb_status emb_fork_child(void);

/* ------------------------------------------------------------------------------------------------
 * Signals that reach both the host and Python.
 */

/**
 * Shares a signal with Python: after the host's handler, which stays in place, Python's takes note,
 * and Python calls `handler(number, frame)` in its main thread as soon as it runs there, as after
 * `signal.signal`. So what runs long in Python can be interrupted (SIGINT), sleeping included. A
 * host that sets its handler anew ends the sharing.
 *
 * Ownership: the handle stays the caller's. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE, EMB_EXCEPTION
 * (ValueError: not Python's main thread; TypeError: it cannot be called). Threads: the one that
 * called `emb_init`. Since: 0.1.
 */
emb_status emb_signal_share(int32_t signal, emb_handle handler);

/* ------------------------------------------------------------------------------------------------
 * Python's output streams, sent to the host.
 */

/**
 * Sends what Python writes to `sys.stdout` (EMB_STDOUT) or `sys.stderr` (EMB_STDERR) to a host
 * function, or, where `write` is NULL, back to where it went at the start. `flags`: with
 * EMB_ONE_THREAD, text that other threads write is kept, and comes in its order when the thread
 * that makes this call writes itself, or at the end of its next call of libemb; plus
 * EMB_RELEASE_QUEUE.
 *
 * Ownership: `userdata` stays the host's until `release(userdata)` is called: once, when Python
 * no longer has the stream, or before this function returns an error. Errors: EMB_BAD_ARGUMENT,
 * EMB_NOT_RUNNING, EMB_EXCEPTION. Threads: any. Since: 0.1.
 *
 * # Safety
 * `write` may be called with `userdata` until the release.
 */
emb_status emb_stream_set(uint32_t stream,
                          emb_write write,
                          void *userdata,
                          uint32_t flags,
                          emb_release release);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* EMB_H */
