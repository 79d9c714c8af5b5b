/* Tables that change hands: the Arrow C data interface. */
#include "check.h"

/* The structures of the standard. */
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

static void arrow_arrays(void) {
  run("import pyarrow as pa\nlist_ = [1, 2, None, 4]\nx = pa.array(list_)");
  emb_handle x = eval_object("x"), back = 0;
  struct schema schema = {0};
  struct array array = {0};
  OK(emb_arrow_export_array(x, NULL, &schema, &array));
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
  OK(emb_arrow_export_stream(table, NULL, &stream));
  OK(emb_arrow_import_stream(&stream, &back));
  CHECK(stream.release == NULL && bind("given", back) && bind("table", table));
  snprintf(source, sizeof source, "assert (%s).equals(table)", read);
  run(source);
  emb_object_free(back);
  OK(emb_arrow_export_stream(table, NULL, &stream));
  CHECK(stream.get_next(&stream, &chunk) == 0 && chunk.length == 3);
  chunk.release(&chunk);
  stream.release(&stream);
  FAILS(emb_arrow_import_stream(&stream, &back), EMB_BAD_ARGUMENT, "stream was released");
  emb_object_free(table);
}

int main(void) {
  start();
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
