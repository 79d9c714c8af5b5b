/* Tensors that change hands: DLPack, both of its forms, with numpy and with torch. */
#include "check.h"

/* The structures of the standard. */
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
enum { READ_ONLY = 1, IS_COPIED = 2 };

static int deleted;
static double numbers[6] = {0, 1, 2, 3, 4, 5};
static int64_t shape[2] = {2, 3}, strides[2] = {3, 1};

static void delete_managed(struct managed *m) { deleted++, m->deleter = NULL; }
static void delete_versioned(struct versioned *m) { deleted++, m->deleter = NULL; }
static struct tensor ours(void) {
  return (struct tensor){numbers, 1, 0, 2, 2, 64, 1, shape, strides, 0};
}

/* What the host gets, in either form. */
struct got {
  struct tensor *tensor;
  uint64_t flags;
  void *whole;
  int32_t versioned;
};

static emb_status export_as(const char *source, uint32_t flags, int64_t stream, int32_t device,
                            struct got *got) {
  emb_dlpack_options options = {.size = sizeof options, .flags = flags, .stream = stream, .device_type = device};
  emb_handle object = eval_object(source);
  *got = (struct got){.versioned = 7};
  emb_status status = emb_dlpack_export(object, &options, &got->whole, &got->versioned);
  if (status == EMB_OK) {
    struct versioned *new = got->whole;
    got->tensor = got->versioned ? &new->tensor : &((struct managed *)got->whole)->tensor;
    got->flags = got->versioned ? new->flags : 0;
  }
  emb_object_free(object);
  return status;
}

static void end(struct got *got) {
  if (got->versioned) ((struct versioned *)got->whole)->deleter(got->whole);
  else ((struct managed *)got->whole)->deleter(got->whole);
}

/* An exporter that writes down what it is asked. */
static const char recorder[] =
    "import numpy as np\n"
    "class Recorder:\n"
    "  def __init__(self, of): self.of = of\n"
    "  def __dlpack_device__(self): return self.of.__dlpack_device__()\n"
    "  def __dlpack__(self, **asked):\n"
    "    global seen; seen = asked\n"
    "    asked = {k: v for k, v in asked.items() if k != 'stream'}\n"
    "    return self.of.__dlpack__(**asked)\n"
    "class Old(Recorder):\n"
    "  def __dlpack__(self, stream=None):\n"
    "    global seen; seen = dict(stream=stream)\n"
    "    return self.of.__dlpack__()\n"
    "a = np.arange(6.0).reshape(2, 3)\n"
    "new = int(np.__version__.split('.')[0]) * 100 + int(np.__version__.split('.')[1]) >= 201\n";

static void tensors_out(void) {
  struct got got;
  bool new = is_true("new");
  if (OK(export_as("a", 0, 0, 0, &got))) {
    CHECK_EQ(got.versioned, new);
    CHECK(got.tensor->ndim == 2 && got.tensor->shape[0] == 2 && got.tensor->shape[1] == 3);
    CHECK(got.tensor->code == 2 && got.tensor->bits == 64 && got.tensor->device_type == 1 && got.flags == 0);
    ((double *)got.tensor->data)[4] = -7.5;
    CHECK(is_true("a[1, 1] == -7.5"));
    end(&got);
  }
  if (OK(export_as("a", EMB_DLPACK_UNVERSIONED, 0, 0, &got))) {
    CHECK_EQ(got.versioned, 0);
    end(&got);
  }
  FAILS(export_as("object()", 0, 0, 0, &got), EMB_EXCEPTION, "AttributeError");
  CHECK(got.whole == NULL && got.versioned == 7);

  /* What is asked of an exporter; those from before 1.0 understand less of it. */
  if (OK(export_as("Old(a)", EMB_DLPACK_SHARE, 5, 1, &got))) {
    CHECK(got.versioned == 0 && is_true("seen == {'stream': 5}"));
    end(&got);
  }
  FAILS(export_as("Old(a)", EMB_DLPACK_COPY, 0, 0, &got), EMB_EXCEPTION, "TypeError");
  FAILS(export_as("Old(a)", 0, 0, 2, &got), EMB_EXCEPTION, "TypeError");
  if (!new) {
    puts("SKIP versioned tensors: numpy before 2.1");
    return;
  }
  if (OK(export_as("Recorder(a)", EMB_DLPACK_SHARE, 7, 1, &got))) {
    CHECK(is_true("seen == dict(stream=7, max_version=(1, 0), dl_device=(1, 0), copy=False)"));
    end(&got);
  }
  if (OK(export_as("Recorder(a)", 0, 0, 0, &got))) {
    CHECK(is_true("seen == dict(max_version=(1, 0))"));
    end(&got);
  }
  if (OK(export_as("a", EMB_DLPACK_COPY, 0, 1, &got))) {
    CHECK(got.flags == IS_COPIED);
    *(double *)got.tensor->data = 99;
    CHECK(is_true("a[0, 0] == 0"));
    end(&got);
  }
  CHECK(run("r = np.arange(3.0); r.flags.writeable = False"));
  if (OK(export_as("r", 0, 0, 0, &got))) {
    CHECK_EQ(got.flags, READ_ONLY);
    end(&got);
  }
  FAILS(export_as("r", EMB_DLPACK_UNVERSIONED, 0, 0, &got), EMB_EXCEPTION, "BufferError");
  FAILS(export_as("a", 0, 0, 2, &got), EMB_EXCEPTION, NULL); /* there is no such device */
  FAILS(export_as("a", 0, 5, 0, &got), EMB_EXCEPTION, NULL); /* memory of the processor has no stream */
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
  numbers[5] = 5;
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
  /* A consumer from before 1.0 gets the old form of it. */
  new.deleter = delete_versioned;
  OK(emb_dlpack_import(&new, 1, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  CHECK(run("c = given.__dlpack__()\n") && is_true("'\"dltensor\"' in repr(c)"));
  CHECK_EQ(deleted, 2);
  CHECK(run("del c, given"));
  CHECK_EQ(deleted, 3);
  if (!is_true("new")) return;
  new.deleter = delete_versioned;
  OK(emb_dlpack_import(&new, 1, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  FAILS(emb_run("given.__dlpack__(dl_device=(2, 0))", -1, NULL, 0, 0), EMB_EXCEPTION, "BufferError");
  CHECK(run("c = np.from_dlpack(given, copy=True)\nb = np.from_dlpack(given, device='cpu', copy=False)"));
  CHECK(is_true("b.sum() == 15 and c.sum() == 15 and not np.shares_memory(b, c)"));
  numbers[0] = 100;
  CHECK(is_true("b[0, 0] == 100 and c[0, 0] == 0"));
  numbers[0] = 0;
  CHECK(run("del b, given"));
  CHECK_EQ(deleted, 4);
  CHECK(is_true("c.sum() == 15 and c.flags.writeable"));
  /* Read-only, and not to be had by those who would not know. */
  new.deleter = delete_versioned, new.flags = READ_ONLY;
  OK(emb_dlpack_import(&new, 1, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  FAILS(emb_run("given.__dlpack__()", -1, NULL, 0, 0), EMB_EXCEPTION, "BufferError");
  CHECK(is_true("not np.from_dlpack(given).flags.writeable"));
  CHECK(run("del given"));
  CHECK_EQ(deleted, 5);
}

static void count_release(void *userdata) { ++*(int *)userdata; }

/* Tensors on the host's memory without the structure: by emb_array_from_ptr. */
static void made_of_memory(void) {
  int64_t turned[] = {8, 16}, sizes[] = {2, 3};
  int count = 0;
  emb_handle object = 0;
  OK(emb_array_from_ptr(numbers, "float64", -1, 2, sizes, turned, EMB_ARRAY_DLPACK, count_release, &count, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  CHECK(run("b = np.from_dlpack(given)") && is_true("b.tolist() == [[0, 2, 4], [1, 3, 5]]"));
  CHECK_EQ(count, 0);
  CHECK(run("del b, given"));
  CHECK_EQ(count, 1);
  OK(emb_array_from_ptr(numbers, "int16", -1, 1, sizes, NULL, EMB_ARRAY_DLPACK | EMB_ARRAY_COPY, count_release, &count,
                        &object));
  CHECK_EQ(count, 2); /* Python has a copy */
  emb_object_free(object);
  void *token = NULL;
  size_t given = 0;
  OK(emb_array_from_ptr(numbers, "bfloat16", -1, 1, sizes, NULL, EMB_ARRAY_DLPACK | EMB_RELEASE_QUEUE, NULL, &count,
                        &object));
  OK(emb_object_free(object));
  CHECK_ALIVE();
  OK(emb_released(&token, 1, &given));
  CHECK(given == 1 && token == &count);
  if (!is_true("new")) return;
  OK(emb_array_from_ptr(numbers, "u1", -1, 1, sizes, NULL, EMB_ARRAY_DLPACK | EMB_ARRAY_READONLY, NULL, NULL, &object));
  CHECK(bind("given", object) && is_true("not np.from_dlpack(given).flags.writeable"));
  emb_object_free(object);
}

static emb_status view_of(const char *source, emb_view *view) {
  emb_handle object = eval_object(source);
  *view = (emb_view){.size = sizeof *view};
  emb_status status = emb_array_view(object, 0, view);
  emb_object_free(object);
  return status;
}

/* Objects that have DLPack and no buffer are seen all the same. */
static void views(void) {
  emb_view view;
  if (OK(view_of("Old(a.T)", &view))) {
    CHECK(view.shape[0] == 3 && view.strides[0] == 8 && view.strides[1] == 24 && view.nbytes == 48);
    CHECK(strcmp(view.format, "d") == 0 && view.readonly == 0 && view.copied == 0);
    *(double *)view.data = 17;
    CHECK(is_true("a[0, 0] == 17"));
    OK(emb_object_free(view.owner));
  }
  CHECK(run("class Far(Old):\n  def __dlpack_device__(self): return (2, 0)\n"));
  FAILS(view_of("Far(a)", &view), EMB_BAD_ARGUMENT, "emb_dlpack_export");
  if (!is_true("new") || !OK(view_of("Recorder(r)", &view))) return;
  CHECK_EQ(view.readonly, 1);
  CHECK(is_true("seen['copy'] is False"));
  OK(emb_object_free(view.owner));
}

/* torch: old (1.13 speaks the unversioned form only) or new. */
static void with_torch(void) {
  struct got got;
  emb_view view;
  emb_handle object = 0;
  static uint16_t brains[4] = {0x3f80, 0x4000, 0xc040, 0x3f00}; /* 1, 2, -3, 0.5 */
  int64_t four = 4, sizes[] = {2, 2}, turned[] = {2, 4};
  int count = 0;
  CHECK(run("import torch\nt = torch.arange(6, dtype=torch.float32).reshape(2, 3).t()"));
  if (OK(export_as("t", EMB_DLPACK_SHARE, 0, 0, &got))) {
    CHECK(got.tensor->code == 2 && got.tensor->bits == 32 && got.tensor->shape[0] == 3);
    CHECK(got.tensor->strides[0] == 1 && got.tensor->strides[1] == 3);
    ((float *)got.tensor->data)[4] = 40;
    CHECK(is_true("t[1, 1].item() == 40"));
    end(&got);
  }
  if (OK(view_of("t", &view))) { /* tensors have no buffer */
    CHECK(view.strides[0] == 4 && strcmp(view.format, "f") == 0 && ((float *)view.data)[5] == 5);
    OK(emb_object_free(view.owner));
  }
  if (OK(export_as("torch.ones(3, dtype=torch.bfloat16)", 0, 0, 0, &got))) {
    CHECK(got.tensor->code == 4 && got.tensor->bits == 16 && *(uint16_t *)got.tensor->data == 0x3f80);
    end(&got);
  }
  FAILS(view_of("torch.ones(3, dtype=torch.bfloat16)", &view), EMB_BAD_ARGUMENT, "emb_dlpack_export");
  FAILS(view_of("torch.ones(3, requires_grad=True)", &view), EMB_EXCEPTION, "gradient");

  OK(emb_array_from_ptr(brains, "bfloat16", -1, 1, &four, NULL, EMB_ARRAY_DLPACK, count_release, &count, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  CHECK(run("b = torch.from_dlpack(given); del given"));
  CHECK(is_true("b.dtype is torch.bfloat16 and b.tolist() == [1, 2, -3, 0.5]"));
  CHECK(run("b[0] = 8"));
  CHECK_EQ(brains[0], 0x4100); /* the host's own memory */
  CHECK_EQ(count, 0);
  CHECK(run("del b"));
  CHECK_EQ(count, 1);
  OK(emb_array_from_ptr(brains, "bfloat16", -1, 2, sizes, turned, EMB_ARRAY_DLPACK, NULL, NULL, &object));
  CHECK(bind("given", object));
  emb_object_free(object);
  CHECK(run("b = torch.from_dlpack(given)") && is_true("b.tolist() == [[8, -3], [2, 0.5]]"));

  struct managed old = {ours(), NULL, delete_managed};
  struct versioned new = {1, 0, NULL, delete_versioned, 0, ours()};
  deleted = 0;
  for (int versioned = 0; versioned < 2; versioned++) {
    OK(emb_dlpack_import(versioned ? (void *)&new : &old, versioned, &object));
    CHECK(bind("given", object));
    emb_object_free(object);
    CHECK(run("b = torch.from_dlpack(given); del given") && is_true("b.sum().item() == 15"));
    CHECK_EQ(deleted, versioned);
    CHECK(run("del b"));
    CHECK_EQ(deleted, versioned + 1);
  }
}

/* With an argument there must be a torch. */
/* A tensor that cannot be right is refused, and stays the host's. */
static void wrong_tensor(struct versioned tensor, const char *part) {
  emb_handle object = 77;
  deleted = 0;
  FAILS(emb_dlpack_import(&tensor, 1, &object), EMB_BAD_ARGUMENT, part);
  CHECK(object == 77 && deleted == 0);
}

static void wrong_tensors(void) {
  static int64_t negative[2] = {-2, 3}, vast[2] = {INT64_MAX, INT64_MAX}, none[2] = {0, INT64_MAX};
  struct versioned good = {1, 0, NULL, delete_versioned, 0, ours()}, one;
#define WRONG(change, part) one = good, one.change, wrong_tensor(one, part)
  WRONG(major = 2, "DLPack 2.0");
  WRONG(tensor.ndim = -1, "-1 dimensions");
  WRONG(tensor.ndim = INT32_MAX, "2147483647 dimensions");
  WRONG(tensor.shape = NULL, "shape");
  WRONG(tensor.shape = negative, "shape[0] = -2");
  WRONG(tensor.shape = vast, "address space");
  WRONG(tensor.bits = 0, "0 bits");
  WRONG(tensor.lanes = 0, "0 lanes");
  WRONG(tensor.data = NULL, "data is NULL");
#undef WRONG
  emb_handle object = 0;
  good.tensor.data = NULL, good.tensor.shape = none;
  OK(emb_dlpack_import(&good, 1, &object)); /* no elements, no memory */
  OK(emb_object_free(object));
  CHECK_ALIVE(); /* what was released without the GIL goes at the next call */
  CHECK_EQ(deleted, 1);
}

int main(int argc, char **argv) {
  start();
  wrong_tensors();
  if (has_module("numpy")) {
    CHECK(run(recorder));
    tensors_out();
    tensors_in();
    made_of_memory();
    views();
  } else {
    puts("SKIP DLPack with numpy: no numpy");
  }
  if (has_module("torch")) with_torch();
  else CHECK(argc == 1 || !argv[1]);
  CHECK_ALIVE();
  return check_result();
}
