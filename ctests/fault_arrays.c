/* Arguments that cannot be right: arrays, errors, the start, lock scopes. */
#include "fault.h"

static void arrays(void) {
  double data[2] = {0};
  int64_t two = 2, minus = -1, huge[] = {INT64_MAX, INT64_MAX}, vast[] = {0, INT64_MAX, INT64_MAX}, far[] = {8, 8, 8};
  TEXT("dtype", emb_array_from_ptr(data, text, n, 1, &two, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("data", emb_array_from_ptr(NULL, "d", -1, 1, &two, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("ndim", emb_array_from_ptr(data, "d", -1, -1, &two, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("ndim", emb_array_from_ptr(data, "d", -1, INT32_MIN, &two, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("shape", emb_array_from_ptr(data, "d", -1, 1, NULL, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("shape", emb_array_from_ptr(data, "d", -1, 1, ODD(int64_t), NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("shape[0]", emb_array_from_ptr(data, "d", -1, 1, &minus, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("shape", emb_array_from_ptr(data, "d", -1, 2, huge, NULL, 0, NULL, NULL, &out.handle));
  ARGUMENT("strides", emb_array_from_ptr(data, "d", -1, 1, &two, huge, 0, NULL, NULL, &out.handle));
  ARGUMENT("strides", emb_array_from_ptr(data, "d", -1, 1, &two, ODD(int64_t), 0, NULL, NULL, &out.handle));
  ARGUMENT("flags", emb_array_from_ptr(data, "d", -1, 1, &two, NULL, 8, NULL, NULL, &out.handle));
  ARGUMENT("array", emb_array_from_ptr(data, "d", -1, 1, &two, NULL, 0, NULL, NULL, NULL));
  ARGUMENT("array", emb_array_from_ptr(data, "d", -1, 1, &two, NULL, 0, NULL, NULL, ODD(emb_handle)));
  /* No elements, but lengths whose product is beyond all numbers: an array or an error. */
  for (uint32_t flags = 0; flags <= EMB_ARRAY_MEMORYVIEW; flags += EMB_ARRAY_MEMORYVIEW) {
    emb_handle array = 0;
    CHECK(emb_array_from_ptr(data, "d", -1, 3, vast, far, flags, NULL, NULL, &array) != EMB_INTERNAL);
    emb_object_free(array);
    vast[0] = INT64_MAX, vast[2] = 0, array = 0;
    CHECK(emb_array_from_ptr(data, "d", -1, 3, vast, far, flags, NULL, NULL, &array) != EMB_INTERNAL);
    emb_object_free(array);
    vast[0] = 0, vast[2] = INT64_MAX;
  }
  ARGUMENT("userdata", emb_array_released(NULL, 1, &out.count));
  ARGUMENT("userdata", emb_array_released(ODD(void *), 1, &out.count));
  ARGUMENT("count", emb_array_released(out.pointers, 4, NULL));
  ARGUMENT("count", emb_array_released(out.pointers, 4, ODD(size_t)));
  HANDLE("object", emb_array_view(h, 0, &out.view));
  ARGUMENT("view", emb_array_view(list, 0, NULL));
  ARGUMENT("view", emb_array_view(list, 0, ODD(emb_view)));
  ARGUMENT("flags", emb_array_view(list, 2, &out.view));
  ARGUMENT("size", emb_array_view(list, 0, &(emb_view){0}));
}

static void the_rest(void) {
  CHECK(emb_abi_version() == EMB_ABI_VERSION && emb_version()[0] != 0);
  HANDLE("exception", emb_error_traceback(h, &out.value));
  BAD(EMB_EXCEPTION, NULL, emb_error_traceback(list, &out.value));
  ARGUMENT("text", emb_error_traceback(exception, NULL));
  ARGUMENT("text", emb_error_traceback(exception, ODD(emb_value)));
  ARGUMENT("error", emb_error_take(NULL));
  ARGUMENT("error", emb_error_take(ODD(emb_error)));
  ARGUMENT("size", emb_error_take(&(emb_error){0}));
  ARGUMENT("format", emb_doctor(2, &out.value));
  ARGUMENT("report", emb_doctor(0, NULL));
  ARGUMENT("report", emb_doctor(0, ODD(emb_value)));
  ARGUMENT("config", emb_init(ODD(emb_config)));
  ARGUMENT("size", emb_init(&(emb_config){0}));
  ARGUMENT("python", emb_init(&(emb_config){.size = sizeof(emb_config), .python = "\xff"}));
  ARGUMENT("python", emb_init(&(emb_config){.size = sizeof(emb_config), .python = "x", .python_length = -2}));
  BAD(EMB_BAD_CALL, "emb_gil_acquire", emb_gil_release());
  OK(emb_gil_acquire());
  BAD(EMB_BAD_CALL, "emb_gil_acquire", emb_shutdown());
  OK(emb_gil_release());
}

int main(void) {
  fault_begin();
  arrays();
  the_rest();
  return fault_end();
}
