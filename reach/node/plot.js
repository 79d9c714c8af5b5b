// libemb from Node: npm ci, then node plot.js FILE

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const koffi = require('koffi');

const library = process.env.EMB_LIBRARY ?? path.join(__dirname, '../../target/release/libemb.so');
const lib = koffi.load(library);

// The numbers of emb.h, without their EMB_.
const header = fs.readFileSync(path.join(__dirname, '../../include/emb.h'), 'utf8');
const EMB = Object.fromEntries(
  [...header.matchAll(/^#define EMB_(\w+) (-?\d+)$/gm)].map(([, name, number]) => [name, +number]),
);

// Its types. A value that points to values has a plain pointer: koffi's types know no recursion.
koffi.alias('emb_status', 'int32_t');
koffi.alias('emb_handle', 'uint64_t'); // below 2^53, so they are plain numbers
koffi.union('emb_payload', {
  integer: 'int64_t', real: 'double', object: 'emb_handle', text: 'const char *',
  pointer: 'void *',
});
koffi.struct('emb_value', { kind: 'uint32_t', length: 'uint32_t', as: 'emb_payload' });
koffi.struct('emb_error', {
  size: 'size_t', status: 'emb_status', reserved: 'uint32_t',
  type_name: 'const char *', type_name_length: 'int64_t',
  message: 'const char *', message_length: 'int64_t', exception: 'emb_handle',
});
koffi.proto(
  'emb_status emb_function(void *userdata, void *args, size_t nargs, const char *keywords,' +
  ' int64_t keywords_length, void *result)');

const [abi_version, init, shutdown, import_, run, object_free, object_text, call_method,
  array_from_ptr, released, callback_new, callback_return, error_take, error_raise] = [
  'uint32_t emb_abi_version()',
  'emb_status emb_init(const void *config)',
  'emb_status emb_shutdown()',
  'emb_status emb_import(const char *name, int64_t length, _Out_ emb_handle *module)',
  'emb_status emb_run(const char *source, int64_t source_length, const char *file,' +
  ' int64_t file_length, emb_handle globals)',
  'emb_status emb_object_free(emb_handle object)',
  'emb_status emb_object_text(emb_handle object, uint32_t form, void *text)',
  'emb_status emb_call_method(emb_handle object, const char *name, int64_t name_length,' +
  ' const emb_value *args, size_t nargs, const char *keywords, int64_t keywords_length,' +
  ' uint32_t flags, void *result)',
  'emb_status emb_array_from_ptr(void *data, const char *dtype, int64_t dtype_length,' +
  ' int32_t ndim, const int64_t *shape, const int64_t *strides, uint32_t flags, void *release,' +
  ' void *userdata, _Out_ emb_handle *array)',
  'emb_status emb_released(_Out_ void **userdata, size_t capacity, _Out_ size_t *count)',
  'emb_status emb_callback_new(const char *name, int64_t name_length, const char *doc,' +
  ' int64_t doc_length, emb_function *function, void *userdata, uint32_t flags, void *release,' +
  ' _Out_ emb_handle *callable)',
  'emb_status emb_callback_return(const emb_value *value)',
  'emb_status emb_error_take(_Inout_ emb_error *error)',
  'emb_status emb_error_raise(const char *class_, int64_t class_length, const char *message,' +
  ' int64_t message_length)',
].map((prototype) => lib.func(prototype));

function check(status) {
  if (status === EMB.OK) return;
  const error = { size: koffi.sizeof('emb_error') };
  error_take(error);
  object_free(error.exception);
  throw new Error(`${error.type_name}: ${error.message}`);
}

// What a function gives through its last parameter
function given(call) {
  const out = [null];
  check(call(out));
  return out[0];
}

const none = { kind: EMB.NONE, length: 0, as: { integer: 0 } };
const int = (integer) => ({ kind: EMB.INT, length: 0, as: { integer } });
const real = (number) => ({ kind: EMB.FLOAT, length: 0, as: { real: number } });
const object = (handle) => ({ kind: EMB.OBJECT, length: 0, as: { object: handle } });
const text = (string) => (
  { kind: EMB.TEXT, length: Buffer.byteLength(string), as: { text: string } });
const many = (values) => ({ pointer: koffi.as(values, 'emb_value *') });
const list = (items) => ({ kind: EMB.LIST, length: items.length, as: many(items) });
const dict = (pairs) => ({ kind: EMB.DICT, length: pairs.length, as: many(pairs.flat()) });

const importModule = (name) => given((out) => import_(name, EMB.NUL_TERMINATED, out));

// of.name(...args, **keywords), with an object as the result
const RESULT = koffi.alloc('emb_value', 1);
function call(of, name, args = [], keywords = {}) {
  const names = Object.keys(keywords).join(',') || null;
  check(call_method(of, name, EMB.NUL_TERMINATED, [...args, ...Object.values(keywords)],
    args.length, names, EMB.NUL_TERMINATED, EMB.RESULT_OBJECT, RESULT));
  return koffi.decode(RESULT, 'emb_value').as.object;
}

// Memory that V8 does not move: small typed arrays without a buffer of their own may be.
function doubles(numbers) {
  const memory = new Float64Array(new ArrayBuffer(8 * numbers.length));
  memory.set(numbers);
  return memory;
}

const array = (memory) => given((out) => array_from_ptr(memory, 'float64', EMB.NUL_TERMINATED, 1,
  [memory.length], null, EMB.RELEASE_QUEUE, null, memory, out));

function share() {
  const memory = doubles([3, 1, 2]);
  const sorted = array(memory);
  call(sorted, 'sort');
  console.log(`shared     ${memory.join(' ')}`);

  check(object_free(sorted));
  check(run('', 0, null, 0, 0)); // enters Python, which drops it
  console.log(`released   ${given((count) => released([null], 1, count))}`);
}

// An exception must not leave a callback: raise it in Python, and return its status.
function wordLength(userdata, args) {
  const { length } = koffi.decode(args, 'emb_value');
  if (length === 0) {
    return error_raise('ValueError', EMB.NUL_TERMINATED, 'an empty word', EMB.NUL_TERMINATED);
  }
  return callback_return(int(length));
}

function callBack(builtins) {
  // Registered, because Python may call it after the call that hands it over.
  const callback = koffi.register(wordLength, 'emb_function *');
  const key = given((out) => callback_new('word_length', EMB.NUL_TERMINATED, null, 0, callback,
    null, EMB.RESULT_AUTO | EMB.ONE_THREAD, null, out));
  const sort = (words) => call(builtins, 'sorted', [list(words.map(text))], { key: object(key) });
  const sorted = sort(['cherry', 'fig', 'lemon']);
  check(object_text(sorted, EMB.TEXT_REPR, RESULT));
  const shown = koffi.decode(RESULT, 'emb_value');
  console.log(`callback   ${koffi.decode.string(shown.as.pointer, shown.length)}`);
  try {
    sort(['fig', '', 'lemon']);
  } catch (error) {
    console.log(`raised     ${error.message}`);
  }
  check(object_free(sorted));
  check(object_free(key));
  koffi.unregister(callback);
}

function oscillate(points) {
  const [xs, ys] = [[], []];
  let [x, y] = [0.1, 0];
  for (let i = 0; i < points; i++) {
    x += 0.03 * y;
    y += 0.03 * ((1 - x * x) * y - x);
    xs.push(x);
    ys.push(y);
  }
  return [doubles(xs), doubles(ys)];
}

function plot(file) {
  const [xs, ys] = oscillate(1000);
  call(importModule('matplotlib'), 'use', [text('agg')]);
  const pyplot = importModule('matplotlib.pyplot');
  call(pyplot, 'plot', [object(array(xs)), object(array(ys))],
    { color: text('teal'), linewidth: real(1.5) });
  call(pyplot, 'title', [text("Van der Pol's oscillator")]);
  call(pyplot, 'savefig', [text(file)], { dpi: int(80), metadata: dict([[text('Software'), none]]) });
  check(shutdown());
  return [xs, ys]; // which Node has kept until here
}

if (process.argv.length !== 3) throw new Error('usage: plot.js FILE');
if (abi_version() !== EMB.ABI_VERSION) throw new Error('another version of libemb');
check(init(null));
console.log(`abi        ${abi_version()}`);
share();
const builtins = importModule('builtins');
callBack(builtins);
try {
  call(builtins, 'int', [text('ten')]);
} catch (error) {
  console.log(`exception  ${error.message}`);
}
plot(process.argv[2]);
console.log('picture    drawn');
