/* Arrays made, viewed and released again and again: no memory stays, and no release is missed. */
#include "leak.h"

static double numbers[16];
static int64_t released, made;
static uint32_t flags;

static void count_release(void *userdata) { released += userdata == numbers; }

static void wrap(int i) {
  int64_t shape[] = {4, 4}, strides[] = {32, 8};
  emb_handle array = 0;
  emb_view view = {.size = sizeof view};
  made += emb_array_from_ptr(numbers, "d", -1, 2, shape, i % 2 ? strides : NULL, flags, count_release,
                             numbers, &array) == EMB_OK;
  if (emb_array_view(array, 0, &view) == EMB_OK) emb_object_free(view.owner);
  emb_object_free(array);
}

static void wrap_in_vain(int i) {
  int64_t shape[] = {4, -1};
  emb_handle array = 0;
  const char *dtype = i % 2 ? "d" : "nonsense";
  made += emb_array_from_ptr(numbers, dtype, -1, 2, shape, NULL, flags, count_release, numbers, &array) < 0;
}

static void queue(int i) {
  int64_t four = 4;
  emb_handle array = 0;
  void *tokens[64];
  size_t count = 0;
  made += emb_array_from_ptr(numbers, "d", -1, 1, &four, NULL, flags | EMB_RELEASE_QUEUE, NULL,
                             numbers, &array) == EMB_OK;
  emb_object_free(array);
  if (i % 64 == 0) do {
      emb_released(tokens, 64, &count);
      for (size_t t = 0; t < count; t++) count_release(tokens[t]);
    } while (count > 0);
}

static emb_handle gaps, times;

/* Copies, descriptions and tensors, each ended by the host or by nobody. */
static void look(int i) {
  emb_view view = {.size = sizeof view};
  if (emb_array_view(gaps, EMB_VIEW_CONTIGUOUS | EMB_VIEW_COPY, &view) == EMB_OK) emb_object_free(view.owner);
  if (!times) return;
  if (emb_array_view(times, 0, &view) == EMB_OK) emb_object_free(view.owner);
  if (emb_array_view_as(gaps, "float32", -1, EMB_VIEW_COPY, &view) == EMB_OK) emb_object_free(view.owner);
  if (emb_array_view_as(gaps, "float32", -1, 0, &view) < 0 && i % 2) check_take();
}

static void tensors(int i) {
  int64_t four = 4;
  emb_handle object = 0;
  emb_value empty = {0};
  uint32_t more = i % 2 ? EMB_ARRAY_COPY : 0;
  made += emb_array_from_ptr(numbers, i % 4 < 2 ? "bfloat16" : "T{", -1, 1, &four, NULL, EMB_ARRAY_DLPACK | more,
                             count_release, numbers, &object) != EMB_BAD_HANDLE;
  if (object && emb_call_method(object, "__dlpack__", -1, NULL, 0, NULL, 0, EMB_RESULT_OBJECT, &empty) == EMB_OK)
    emb_object_free(empty.as.object); /* a capsule that nobody takes */
  emb_object_free(object);
}

int main(void) {
  start();
  gaps = eval_object("memoryview(b'abcdef')[::-2]");
  if (has_module("numpy")) times = eval_object("__import__('numpy').zeros(3, 'M8[s]')");
  int rounds = leak_rounds() / 4;
  for (int memoryview = 0; memoryview < 2; memoryview++) {
    flags = memoryview ? EMB_ARRAY_MEMORYVIEW : 0;
    leak_check("arrays", rounds, wrap);
    leak_check("failures", rounds, wrap_in_vain);
    leak_check("queued releases", rounds, queue);
  }
  leak_check("views", rounds, look);
  leak_check("tensors", rounds, tensors);
  CHECK_ALIVE(); /* the last release waits for a thread in Python */
  queue(0);
  CHECK_ALIVE();
  queue(0);
  made--; /* the array of the last call is on its way */
  CHECK(released == made || released == made + 1);
  return check_result();
}
