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

static void tensors_out(void) {
  run("import numpy as np\na = np.arange(6.0).reshape(2, 3)");
  emb_handle a = eval_object("a"), plain = eval_object("object()");
  void *out = NULL;
  int32_t versioned = 7;
  OK(emb_dlpack_export(a, NULL, &out, &versioned));
  struct tensor *tensor = versioned ? &((struct versioned *)out)->tensor : &((struct managed *)out)->tensor;
  CHECK(tensor->ndim == 2 && tensor->shape[0] == 2 && tensor->shape[1] == 3);
  CHECK(tensor->code == 2 && tensor->bits == 64 && tensor->device_type == 1);
  ((double *)tensor->data)[4] = -7.5;
  CHECK(is_true("a[1, 1] == -7.5"));
  if (versioned) ((struct versioned *)out)->deleter(out);
  else ((struct managed *)out)->deleter(out);
  FAILS(emb_dlpack_export(plain, NULL, &out, &versioned), EMB_EXCEPTION, "AttributeError");
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

int main(void) {
  start();
  if (has_module("numpy")) {
    tensors_out();
    tensors_in();
  } else {
    puts("SKIP DLPack: no numpy");
  }
  return check_result();
}
