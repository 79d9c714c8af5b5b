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

static int released;
static const int64_t numbers[4] = {1, 2, 3, 4};

static void release_schema(struct schema *s) { released++, s->release = NULL; }
static void release_array(struct array *a) { released++, a->release = NULL; }

/* A column of the host. */
static void make(struct schema *schema, struct array *array) {
  static const void *buffers[2] = {NULL, numbers};
  *schema = (struct schema){.format = "l", .name = "n", .flags = 2, .release = release_schema};
  *array = (struct array){.length = 4, .n_buffers = 2, .buffers = buffers, .release = release_array};
}

/* A stream of three such columns, or of one and an error. */
static int next_number;
static bool broken;
static int get_schema(struct stream *s, struct schema *out) {
  (void)s;
  struct array unused;
  make(out, &unused);
  return 0;
}
static int get_next(struct stream *s, struct array *out) {
  (void)s;
  struct schema unused;
  if (broken && next_number == 1) return 5;
  make(&unused, out);
  if (next_number++ == 3) out->release = NULL;
  return 0;
}
static const char *last_error(struct stream *s) { return (void)s, "the host's stream broke"; }
static void release_stream(struct stream *s) { released++, s->release = NULL; }

static void schemas(const char *source, const char *check) {
  struct schema schema = {0};
  emb_handle back = 0, object = eval_object(source);
  OK(emb_arrow_export_schema(object, &schema));
  CHECK(schema.release != NULL && schema.format[0] != 0);
  OK(emb_arrow_import_schema(&schema, &back));
  CHECK(schema.release == NULL && bind("given", back) && bind("source", object));
  if (!CHECK(is_true(check))) fprintf(stderr, "  %s\n", check);
  FAILS(emb_run("given.__arrow_c_schema__()", -1, NULL, 0, 0), EMB_EXCEPTION, "already");
  FAILS(emb_arrow_import_schema(&schema, &back), EMB_BAD_ARGUMENT, "schema was released");
  OK(emb_object_free(back));
  OK(emb_arrow_export_schema(object, &schema)); /* and the host ends it itself */
  schema.release(&schema);
  OK(emb_object_free(object));
}

static void arrays(const char *source, const char *read) {
  struct schema schema = {0};
  struct array array = {0};
  emb_handle object = eval_object(source), back = 0;
  char check[300];
  OK(emb_arrow_export_array(object, NULL, &schema, &array));
  CHECK(strcmp(schema.format, "l") == 0 && array.length == 4 && array.null_count == 1);
  CHECK(((const int64_t *)array.buffers[1])[array.offset + 3] == 4);
  OK(emb_arrow_import_array(&schema, &array, &back));
  CHECK(schema.release == NULL && array.release == NULL);
  CHECK(bind("given", back) && bind("source", object));
  snprintf(check, sizeof check, "(%s).equals(source)", read);
  CHECK(is_true(check));
  FAILS(emb_run("given.__arrow_c_array__()", -1, NULL, 0, 0), EMB_EXCEPTION, "already");
  FAILS(emb_arrow_import_array(&schema, &array, &back), EMB_BAD_ARGUMENT, "schema was released");
  emb_object_free(back);
  OK(emb_arrow_export_array(object, NULL, &schema, &array));
  array.release(&array);
  FAILS(emb_arrow_import_array(&schema, &array, &back), EMB_BAD_ARGUMENT, "array was released");
  CHECK(schema.release != NULL); /* nothing was moved */
  schema.release(&schema);
  emb_object_free(object);
}

static void streams(const char *source, const char *read) {
  char check[300];
  struct stream stream = {0};
  struct array chunk = {0};
  emb_handle table = eval_object(source), back = 0;
  OK(emb_arrow_export_stream(table, NULL, &stream));
  OK(emb_arrow_import_stream(&stream, &back));
  CHECK(stream.release == NULL && bind("given", back) && bind("source", table));
  snprintf(check, sizeof check, "(%s).equals(source)", read);
  CHECK(is_true(check));
  FAILS(emb_run("given.__arrow_c_stream__()", -1, NULL, 0, 0), EMB_EXCEPTION, "already");
  emb_object_free(back);
  OK(emb_arrow_export_stream(table, NULL, &stream));
  CHECK(stream.get_next(&stream, &chunk) == 0 && chunk.length == 3);
  chunk.release(&chunk);
  stream.release(&stream);
  FAILS(emb_arrow_import_stream(&stream, &back), EMB_BAD_ARGUMENT, "stream was released");
  emb_object_free(table);
}

/* The host's own data: read where it is, and released once, by whoever has it last. */
static void from_the_host(const char *column, const char *of_stream) {
  struct schema schema;
  struct array array;
  struct stream stream = {get_schema, get_next, last_error, release_stream, NULL};
  emb_handle object = 0;
  char source[300];
  released = 0;
  make(&schema, &array);
  OK(emb_arrow_import_array(&schema, &array, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  snprintf(source, sizeof source, "x = %s", column);
  CHECK(run(source) && is_true("numbers(x) == [1, 2, 3, 4]"));
  CHECK(run("import gc; del x, given; gc.collect()"));
  CHECK_EQ(released, 2);
  make(&schema, &array); /* nobody takes it */
  OK(emb_arrow_import_array(&schema, &array, &object));
  OK(emb_object_free(object));
  CHECK_ALIVE();
  CHECK_EQ(released, 4);
  OK(emb_arrow_import_stream(&stream, &object));
  OK(emb_object_free(object));
  CHECK_ALIVE();
  CHECK_EQ(released, 5);
  for (broken = false;; broken = true) {
    released = next_number = 0;
    stream.release = release_stream;
    OK(emb_arrow_import_stream(&stream, &object));
    CHECK(bind("given", object));
    emb_object_free(object);
    snprintf(source, sizeof source, "x = %s", of_stream);
    if (broken) {
      FAILS(emb_run(source, -1, NULL, 0, 0), EMB_EXCEPTION, "the host's stream broke");
      break;
    }
    CHECK(run(source) && is_true("numbers(x) == [1, 2, 3, 4] * 3"));
    CHECK(run("del x, given; gc.collect()"));
    CHECK_EQ(released, 1 + 1 + 3); /* the stream, its schema, its arrays */
  }
  CHECK(run("del given; gc.collect()"));
}

/* The object is asked for a type, and may decline. */
static void requests(void) {
  struct schema wanted, schema = {0};
  struct array array = {0};
  struct stream stream = {0};
  emb_handle ints = eval_object("pa.array([1, 2, 3], pa.int32())");
  emb_handle table = eval_object("pa.table({'n': pa.array([1, 2, 3], pa.int32())})");
  released = 0;
  make(&wanted, &array);
  OK(emb_arrow_export_array(ints, &wanted, &schema, &array));
  CHECK(wanted.release == NULL && strcmp(schema.format, "l") == 0); /* int64, as asked for */
  CHECK(((const int64_t *)array.buffers[1])[array.offset + 2] == 3);
  array.release(&array), schema.release(&schema);
  CHECK_EQ(released, 1);
  FAILS(emb_arrow_export_array(ints, &wanted, &schema, &array), EMB_BAD_ARGUMENT, "requested was released");

  CHECK(run("big = pa.schema([('n', pa.int64())])"));
  emb_handle big = eval_object("big");
  OK(emb_arrow_export_schema(big, &wanted));
  OK(emb_arrow_export_stream(table, &wanted, &stream));
  CHECK(wanted.release == NULL && stream.get_schema(&stream, &schema) == 0);
  CHECK(strcmp(schema.children[0]->format, "l") == 0);
  schema.release(&schema), stream.release(&stream);

  make(&wanted, &array); /* one that is not asked after all keeps what is the host's */
  emb_handle plain = eval_object("object()");
  FAILS(emb_arrow_export_array(plain, &wanted, &schema, &array), EMB_EXCEPTION, "AttributeError");
  CHECK(wanted.release != NULL);
  OK(emb_arrow_export_array(ints, NULL, &schema, &array));
  CHECK(strcmp(schema.format, "i") == 0);
  emb_handle back = 0;
  OK(emb_arrow_import_array(&schema, &array, &back)); /* the host's data has the type that it has */
  CHECK(bind("given", back) && is_true("pa.array(given).cast(pa.int64()).to_pylist() == [1, 2, 3]"));
  emb_object_free(back), emb_object_free(plain), emb_object_free(big);
  emb_object_free(ints), emb_object_free(table);
}

int main(void) {
  start();
  run("def numbers(x): return [getattr(n, 'as_py', lambda: n)() for n in x]");
  if (has_module("pyarrow")) {
    run("import pyarrow as pa");
    schemas("pa.schema([('n', pa.int32())])", "pa.schema(given) == source");
    schemas("pa.field('n', pa.string())", "pa.field(given) == source");
    arrays("pa.array([1, 2, None, 4])", "pa.array(given)");
    streams("pa.table({'a': [1, 2, 3], 'b': ['x', None, 'z']})", "pa.table(given)");
    from_the_host("pa.array(given)", "pa.chunked_array(given)");
    requests();
  } else {
    puts("SKIP Arrow with pyarrow: no pyarrow");
  }
  if (has_module("polars")) {
    run("import polars as pl");
    schemas("pl.Schema({'n': pl.Int32})", "pl.Schema(given) == source");
    streams("pl.DataFrame({'a': [1, 2, 3], 'b': ['x', None, 'z']})", "pl.DataFrame(given)");
    streams("pl.Series('n', [1, 2, 3])", "pl.Series(given)");
    from_the_host("pl.Series(given)", "pl.Series(given)");
  } else {
    puts("SKIP Arrow with polars: no polars");
  }
  CHECK_ALIVE();
  return check_result();
}
