/* Structures that begin with their size: those of older and of newer hosts are taken as they are. */
#include "check.h"

/* What a newer header may have, behind what this one has. */
typedef struct { emb_config known; uint64_t more[4]; } newer_config;
typedef struct { emb_view known; uint64_t more[4]; } newer_view;
typedef struct { emb_error known; uint64_t more[4]; } newer_error;
typedef struct { emb_memory known; uint64_t more[4]; } newer_memory;
typedef struct { emb_dlpack_options known; uint64_t more[4]; } newer_dlpack_options;

static void errors(void) {
  newer_error newer = {.known.size = sizeof newer, .more = {7, 7, 7, 7}};
  CHECK(emb_run("raise ValueError('new')", -1, NULL, 0, 0) == EMB_EXCEPTION);
  OK(EMB_OK == emb_error_take(&newer.known) ? EMB_OK : EMB_INTERNAL);
  CHECK(newer.known.size == sizeof newer && strcmp(newer.known.message, "new") == 0);
  CHECK(newer.more[0] == 7 && newer.more[3] == 7); /* not known here, so not touched */
  emb_object_free(newer.known.exception);
  emb_error older = {.size = offsetof(emb_error, flags), .flags = 7}; /* that of the first header */
  CHECK(emb_run("raise ValueError('old')", -1, NULL, 0, 0) == EMB_EXCEPTION);
  OK(EMB_OK == emb_error_take(&older) ? EMB_OK : EMB_INTERNAL);
  CHECK(strcmp(older.message, "old") == 0 && older.flags == 7);
  emb_object_free(older.exception);
}

static void views(void) {
  emb_handle bytes = eval_object("b'abc'");
  newer_view newer = {.known.size = sizeof newer, .more = {7, 7, 7, 7}};
  OK(emb_array_view(bytes, 0, &newer.known));
  CHECK(newer.known.size == sizeof newer && newer.known.nbytes == 3 && newer.more[0] == 7);
  emb_object_free(newer.known.owner);
  emb_object_free(bytes);
}

static void memory(void) {
  char text[] = "abc";
  int64_t three = 3;
  newer_memory newer = {.known = {.size = sizeof newer, .data = text, .dtype = "u1", .dtype_length = -1,
                                  .ndim = 1, .flags = EMB_ARRAY_MEMORYVIEW, .shape = &three}};
  emb_value value = {.kind = EMB_MEMORY, .as.memory = &newer.known};
  emb_handle made = 0;
  OK(emb_object_new(&value, &made));
  OK(emb_object_free(made));
  newer.more[3] = 1;
  FAILS(emb_object_new(&value, &made), EMB_BAD_ARGUMENT, "does not know");
}

static void tensors(void) {
  newer_dlpack_options newer = {.known.size = sizeof newer};
  emb_handle bytes = eval_object("b'abc'");
  void *tensor = NULL;
  int32_t versioned = 0;
  FAILS(emb_dlpack_export(bytes, &newer.known, &tensor, &versioned), EMB_EXCEPTION, "__dlpack__");
  newer.more[3] = 1;
  FAILS(emb_dlpack_export(bytes, &newer.known, &tensor, &versioned), EMB_BAD_ARGUMENT, "does not know");
  newer.known.size = 8;
  FAILS(emb_dlpack_export(bytes, &newer.known, &tensor, &versioned), EMB_BAD_ARGUMENT, "options->size");
  emb_object_free(bytes);
}

static void impossible(void) {
  const size_t sizes[] = {0, 8, offsetof(emb_error, flags) - 1, 4097, SIZE_MAX};
  emb_handle bytes = eval_object("b'abc'");
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    emb_error error = {.size = sizes[i]};
    emb_view view = {.size = sizes[i]};
    emb_config config = {.size = i == 2 ? offsetof(emb_config, flags) - 1 : sizes[i]};
    FAILS(emb_error_take(&error), EMB_BAD_ARGUMENT, "error->size");
    FAILS(emb_array_view(bytes, 0, &view), EMB_BAD_ARGUMENT, "view->size");
    FAILS(emb_init(&config), EMB_BAD_ARGUMENT, "config->size");
    CHECK(error.status == 0 && view.owner == 0);
  }
  emb_object_free(bytes);
}

int main(void) {
  newer_config newer = {.known.size = sizeof newer};
  newer.more[3] = 1; /* asks for something that this library has never heard of */
  FAILS(emb_init(&newer.known), EMB_BAD_ARGUMENT, "does not know");
  newer.more[3] = 0;
  OK(emb_init(&newer.known));
  emb_config older = {.size = offsetof(emb_config, flags), .flags = 99}; /* of the first header */
  OK(emb_init(&older));
  errors();
  views();
  memory();
  tensors();
  impossible();
  CHECK_ALIVE();
  return check_result();
}
