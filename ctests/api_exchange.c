/* Tensors and tables that change hands: DLPack and the Arrow C data interface. */
#include "check.h"

/* The structures of the two standards. */
struct tensor {
  void *data;
  int32_t device_type, device_id, ndim;
  uint8_t code, bits;
  uint16_t lanes;
  int64_t *shape, *strides;
  uint64_t byte_offset;
};
struct managed {
  struct tensor tensor;
  void *context;
  void (*deleter)(struct managed *);
};
struct versioned {
  uint32_t major, minor;
  void *context;
  void (*deleter)(struct versioned *);
  uint64_t flags;
  struct tensor tensor;
};
struct schema {
  const char *format, *name, *metadata;
  int64_t flags, n_children;
  struct schema **children, *dictionary;
  void (*release)(struct schema *);
  void *context;
};
struct array {
  int64_t length, null_count, offset, n_buffers, n_children;
  const void **buffers;
  struct array **children, *dictionary;
  void (*release)(struct array *);
  void *context;
};
struct stream {
  int (*get_schema)(struct stream *, struct schema *);
  int (*get_next)(struct stream *, struct array *);
  const char *(*get_last_error)(struct stream *);
  void (*release)(struct stream *);
  void *context;
};

static int deleted;
static double numbers[6] = {0, 1, 2, 3, 4, 5};
static int64_t shape[2] = {2, 3}, strides[2] = {3, 1};

static void delete_managed(struct managed *m) { deleted++, m->deleter = NULL; }
static void delete_versioned(struct versioned *m) { deleted++, m->deleter = NULL; }
static struct tensor ours(void) {
  return (struct tensor){numbers, 1, 0, 2, 2, 64, 1, shape, strides, 0};
}

static void tensors_out(void) {
  run("import numpy as np\na = np.arange(6.0).reshape(2, 3)");
  emb_handle a = eval_object("a"), plain = eval_object("object()");
  void *out = NULL;
  int32_t versioned = 7;
  OK(emb_dlpack_export(a, &out, &versioned));
  struct tensor *tensor = versioned ? &((struct versioned *)out)->tensor : &((struct managed *)out)->tensor;
  CHECK(tensor->ndim == 2 && tensor->shape[0] == 2 && tensor->shape[1] == 3);
  CHECK(tensor->code == 2 && tensor->bits == 64 && tensor->device_type == 1);
  ((double *)tensor->data)[4] = -7.5;
  CHECK(is_true("a[1, 1] == -7.5"));
  if (versioned) ((struct versioned *)out)->deleter(out);
  else ((struct managed *)out)->deleter(out);
  FAILS(emb_dlpack_export(plain, &out, &versioned), EMB_EXCEPTION, "AttributeError");
  emb_object_free(a);
  emb_object_free(plain);
}

static void tensors_in(void) {
  struct managed old = {ours(), NULL, delete_managed};
  struct versioned new = {1, 0, NULL, delete_versioned, 0, ours()};
  emb_handle object = 0;
  deleted = 0;
  OK(emb_dlpack_import(&old, 0, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  run("b = np.from_dlpack(given)\nassert b.shape == (2, 3) and b[1, 2] == 5.0, b");
  numbers[5] = 55;
  CHECK(is_true("b[1, 2] == 55.0"));
  FAILS(emb_run("np.from_dlpack(given)", EMB_NUL_TERMINATED, NULL, 0, 0), EMB_EXCEPTION, "already");
  CHECK_EQ(deleted, 0);
  run("del b, given");
  CHECK_EQ(deleted, 1);
  /* Nobody takes it. */
  OK(emb_dlpack_import(&new, 1, &object));
  CHECK_EQ(deleted, 1);
  OK(emb_object_free(object));
  run("pass"); /* what was released without the GIL is dropped with it */
  CHECK_EQ(deleted, 2);
  if (!is_true("int(np.__version__.split('.')[0]) >= 2")) return;
  new.deleter = delete_versioned;
  OK(emb_dlpack_import(&new, 1, &object));
  CHECK(bind("given", object) && is_true("np.from_dlpack(given).sum() == 0 + 1 + 2 + 3 + 4 + 55"));
  emb_object_free(object);
  run("del given");
  CHECK_EQ(deleted, 3);
}

static void arrow_arrays(void) {
  run("import pyarrow as pa\nlist_ = [1, 2, None, 4]\nx = pa.array(list_)");
  emb_handle x = eval_object("x"), back = 0;
  struct schema schema = {0};
  struct array array = {0};
  OK(emb_arrow_export_array(x, &schema, &array));
  CHECK(strcmp(schema.format, "l") == 0 && array.length == 4 && array.null_count == 1);
  CHECK(((const int64_t *)array.buffers[1])[array.offset + 3] == 4);
  OK(emb_arrow_import_array(&schema, &array, &back));
  CHECK(schema.release == NULL && array.release == NULL);
  CHECK(bind("given", back));
  run("y = pa.array(given)\nassert y.to_pylist() == list_ and y.buffers()[1].address == x.buffers()[1].address");
  FAILS(emb_run("pa.array(given)", EMB_NUL_TERMINATED, NULL, 0, 0), EMB_EXCEPTION, "already");
  FAILS(emb_arrow_import_array(&schema, &array, &back), EMB_BAD_ARGUMENT, "schema was released");
  emb_object_free(back);
  emb_object_free(x);
  x = eval_object("pa.schema([('n', pa.int32())])");
  OK(emb_arrow_export_schema(x, &schema));
  CHECK(schema.n_children == 1 && strcmp(schema.children[0]->name, "n") == 0);
  OK(emb_arrow_import_schema(&schema, &back));
  CHECK(bind("given", back) && is_true("pa.schema(given) == pa.schema([('n', pa.int32())])"));
  emb_object_free(back);
  /* Nobody takes it: it is released with its object. */
  OK(emb_arrow_export_schema(x, &schema));
  OK(emb_arrow_import_schema(&schema, &back));
  OK(emb_object_free(back));
  emb_object_free(x);
}

static void arrow_streams(const char *make, const char *read) {
  char source[300];
  struct stream stream = {0};
  struct array chunk = {0};
  emb_handle table = eval_object(make), back = 0;
  OK(emb_arrow_export_stream(table, &stream));
  OK(emb_arrow_import_stream(&stream, &back));
  CHECK(stream.release == NULL && bind("given", back) && bind("table", table));
  snprintf(source, sizeof source, "assert (%s).equals(table)", read);
  run(source);
  emb_object_free(back);
  OK(emb_arrow_export_stream(table, &stream));
  CHECK(stream.get_next(&stream, &chunk) == 0 && chunk.length == 3);
  chunk.release(&chunk);
  stream.release(&stream);
  FAILS(emb_arrow_import_stream(&stream, &back), EMB_BAD_ARGUMENT, "stream was released");
  emb_object_free(table);
}

int main(void) {
  start();
  if (has_module("numpy")) {
    tensors_out();
    tensors_in();
  } else {
    puts("SKIP DLPack: no numpy");
  }
  if (has_module("pyarrow")) {
    arrow_arrays();
    arrow_streams("pa.table({'a': [1, 2, 3], 'b': ['x', None, 'z']})", "pa.table(given)");
  } else {
    puts("SKIP Arrow arrays: no pyarrow");
  }
  if (has_module("polars")) {
    run("import polars as pl");
    arrow_streams("pl.DataFrame({'a': [1, 2, 3], 'b': ['x', None, 'z']})", "pl.DataFrame(given)");
  } else {
    puts("SKIP Arrow streams: no polars");
  }
  return check_result();
}
