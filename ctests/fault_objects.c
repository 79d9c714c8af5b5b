/* Arguments that cannot be right: objects, their attributes and their text. */
#include "fault.h"

static void objects(void) {
  ARGUMENT("value", emb_object_new(NULL, &out.handle));
  ARGUMENT("value", emb_object_new(ODD(emb_value), &out.handle));
  ARGUMENT("value", emb_object_new(&unknown, &out.handle));
  ARGUMENT("object", emb_object_new(&one, NULL));
  ARGUMENT("object", emb_object_new(&one, ODD(emb_handle)));
  TEXT("text", emb_text_new(text, n, &out.handle));
  ARGUMENT("object", emb_text_new("t", 1, NULL));
  ARGUMENT("object", emb_text_new("t", 1, ODD(emb_handle)));
  HANDLE("object", emb_object_value(h, 0, &out.value));
  ARGUMENT("result", emb_object_value(list, 0, ODD(emb_value)));
  ARGUMENT("flags", emb_object_value(list, 99, &out.value));
  HANDLE("object", emb_object_clone(h, &out.handle));
  ARGUMENT("clone", emb_object_clone(list, NULL));
  ARGUMENT("clone", emb_object_clone(list, ODD(emb_handle)));
  for (size_t i = 1; i < sizeof dead / sizeof *dead; i++)
    BAD(EMB_BAD_HANDLE, "object", emb_object_free(dead[i]));
  HANDLE("object", emb_object_getattr(h, "x", -1, 0, &out.value));
  TEXT("name", emb_object_getattr(list, text, n, 0, &out.value));
  ARGUMENT("result", emb_object_getattr(list, "append", -1, 0, ODD(emb_value)));
  ARGUMENT("flags", emb_object_getattr(list, "append", -1, UINT32_MAX, &out.value));
  HANDLE("object", emb_object_setattr(h, "x", -1, &one));
  TEXT("name", emb_object_setattr(list, text, n, &one));
  ARGUMENT("value", emb_object_setattr(list, "x", -1, NULL));
  ARGUMENT("value", emb_object_setattr(list, "x", -1, ODD(emb_value)));
  ARGUMENT("value", emb_object_setattr(list, "x", -1, &broken));
  HANDLE("object", emb_object_delattr(h, "x", -1));
  TEXT("name", emb_object_delattr(list, text, n));
  HANDLE("object", emb_object_truth(h, &out.truth));
  ARGUMENT("truth", emb_object_truth(list, NULL));
  ARGUMENT("truth", emb_object_truth(list, ODD(int32_t)));
  HANDLE("object", emb_object_hash(h, &out.number));
  ARGUMENT("hash", emb_object_hash(function, NULL));
  ARGUMENT("hash", emb_object_hash(function, ODD(int64_t)));
  HANDLE("object", emb_object_identity(h, (uint64_t *)&out.number));
  ARGUMENT("address", emb_object_identity(list, NULL));
  ARGUMENT("address", emb_object_identity(list, ODD(uint64_t)));
  HANDLE("object", emb_object_text(h, EMB_TEXT_STR, &out.value));
  ARGUMENT("form", emb_object_text(list, 5, &out.value));
  ARGUMENT("text", emb_object_text(list, 0, NULL));
  ARGUMENT("text", emb_object_text(list, 0, ODD(emb_value)));
}

static void descriptions(void) {
  HANDLE("object", emb_object_format(h, "", 0, &out.value));
  TEXT("specification", emb_object_format(list, text, n, &out.value));
  ARGUMENT("text", emb_object_format(list, "", 0, NULL));
  ARGUMENT("text", emb_object_format(list, "", 0, ODD(emb_value)));
  HANDLE("object", emb_object_hasattr(h, "a", 1, &out.truth));
  TEXT("name", emb_object_hasattr(list, text, n, &out.truth));
  ARGUMENT("found", emb_object_hasattr(list, "a", 1, NULL));
  ARGUMENT("found", emb_object_hasattr(list, "a", 1, ODD(int32_t)));
  HANDLE("object", emb_object_dir(h, 0, &out.value));
  ARGUMENT("flags", emb_object_dir(list, 99, &out.value));
  ARGUMENT("result", emb_object_dir(list, 0, ODD(emb_value)));
  HANDLE("object", emb_object_isinstance(h, &one, &out.truth));
  ARGUMENT("class", emb_object_isinstance(list, NULL, &out.truth));
  ARGUMENT("class", emb_object_isinstance(list, &unknown, &out.truth));
  ARGUMENT("is_one", emb_object_isinstance(list, &one, NULL));
  HANDLE("class", emb_object_issubclass(h, &one, &out.truth));
  ARGUMENT("base", emb_object_issubclass(list, ODD(emb_value), &out.truth));
  ARGUMENT("derives", emb_object_issubclass(list, &one, ODD(int32_t)));
}

int main(void) {
  fault_begin();
  objects();
  descriptions();
  return fault_end();
}
