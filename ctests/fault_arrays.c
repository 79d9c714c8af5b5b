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
  for (uint32_t flags = 16; flags != 0; flags <<= 1)
    if (flags != EMB_RELEASE_QUEUE)
      ARGUMENT("flags", emb_array_from_ptr(data, "d", -1, 1, &two, NULL, flags, NULL, NULL, &out.handle));
  ARGUMENT("both", emb_array_from_ptr(data, "d", -1, 1, &two, NULL, EMB_ARRAY_MEMORYVIEW | EMB_ARRAY_DLPACK,
                                      NULL, NULL, &out.handle));
  ARGUMENT("dtype", emb_array_from_ptr(data, "S5", -1, 1, &two, NULL, EMB_ARRAY_DLPACK, NULL, NULL, &out.handle));
  ARGUMENT("dtype", emb_array_from_ptr(data, ">f4", -1, 1, &two, NULL, EMB_ARRAY_DLPACK, NULL, NULL, &out.handle));
  ARGUMENT("strides[0]", emb_array_from_ptr(data, "d", -1, 1, &two, &(int64_t){4}, EMB_ARRAY_DLPACK, NULL, NULL,
                                            &out.handle));
  ARGUMENT("nbytes", emb_array_borrowed(data, SIZE_MAX, &out.count));
  ARGUMENT("count", emb_array_borrowed(data, 16, NULL));
  ARGUMENT("count", emb_array_borrowed(data, 16, ODD(size_t)));
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
  ARGUMENT("userdata", emb_released(NULL, 1, &out.count));
  ARGUMENT("userdata", emb_released(ODD(void *), 1, &out.count));
  ARGUMENT("count", emb_released(out.pointers, 4, NULL));
  ARGUMENT("count", emb_released(out.pointers, 4, ODD(size_t)));
  HANDLE("object", emb_array_view(h, 0, &out.view));
  ARGUMENT("view", emb_array_view(list, 0, NULL));
  ARGUMENT("view", emb_array_view(list, 0, ODD(emb_view)));
  ARGUMENT("flags", emb_array_view(list, 8, &out.view));
  ARGUMENT("both", emb_array_view(list, EMB_VIEW_WRITABLE | EMB_VIEW_COPY, &out.view));
  HANDLE("object", emb_array_view_as(h, "d", -1, 0, &out.view));
  TEXT("dtype", emb_array_view_as(list, text, n, EMB_VIEW_COPY, &out.view));
  ARGUMENT("view", emb_array_view_as(list, "d", -1, 0, NULL));
  ARGUMENT("view", emb_array_view_as(list, "d", -1, 0, ODD(emb_view)));
  ARGUMENT("flags", emb_array_view_as(list, "d", -1, 8, &out.view));
  ARGUMENT("size", emb_array_view_as(list, "d", -1, 0, &(emb_view){0}));
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
  CHECK(emb_error_text()[0] == 0); /* takes no argument, and nothing is pending */
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

static void exchange(void) {
  void *space = &(uint64_t[16]){0};
  HANDLE("object", emb_dlpack_export(h, NULL, out.pointers, &(int32_t){0}));
  ARGUMENT("tensor", emb_dlpack_export(list, NULL, NULL, &out.truth));
  ARGUMENT("versioned", emb_dlpack_export(list, NULL, out.pointers, NULL));
  ARGUMENT("options", emb_dlpack_export(list, ODD(emb_dlpack_options), out.pointers, &out.truth));
  ARGUMENT("size", emb_dlpack_export(list, &(emb_dlpack_options){0}, out.pointers, &out.truth));
  ARGUMENT("flags", emb_dlpack_export(list, &(emb_dlpack_options){.size = sizeof(emb_dlpack_options), .flags = 8},
                                      out.pointers, &out.truth));
  ARGUMENT("both", emb_dlpack_export(list, &(emb_dlpack_options){.size = sizeof(emb_dlpack_options), .flags = 3},
                                     out.pointers, &out.truth));
  ARGUMENT("tensor", emb_dlpack_import(NULL, 0, &out.handle));
  ARGUMENT("tensor", emb_dlpack_import(ODD(void), 0, &out.handle));
  ARGUMENT("versioned", emb_dlpack_import(space, 2, &out.handle));
  ARGUMENT("object", emb_dlpack_import(space, 0, NULL));
  HANDLE("object", emb_arrow_export_schema(h, space));
  ARGUMENT("schema", emb_arrow_export_schema(list, NULL));
  HANDLE("object", emb_arrow_export_array(h, NULL, space, space));
  ARGUMENT("schema", emb_arrow_export_array(list, NULL, NULL, space));
  ARGUMENT("array", emb_arrow_export_array(list, NULL, space, ODD(void)));
  emb_handle table = eval_object("type('T', (), dict.fromkeys(['__arrow_c_array__', '__arrow_c_stream__'], 1))()");
  ARGUMENT("requested", emb_arrow_export_array(table, space, space, space));
  ARGUMENT("requested", emb_arrow_export_array(table, ODD(void), space, space));
  ARGUMENT("requested", emb_arrow_export_stream(table, space, space));
  OK(emb_object_free(table));
  HANDLE("object", emb_arrow_export_stream(h, NULL, space));
  ARGUMENT("stream", emb_arrow_export_stream(list, NULL, NULL));
  ARGUMENT("schema", emb_arrow_import_schema(NULL, &out.handle));
  ARGUMENT("schema", emb_arrow_import_schema(space, &out.handle));
  ARGUMENT("object", emb_arrow_import_schema(space, NULL));
  ARGUMENT("schema", emb_arrow_import_array(space, space, &out.handle));
  ARGUMENT("schema", emb_arrow_import_array(NULL, space, &out.handle));
  ARGUMENT("object", emb_arrow_import_array(space, space, ODD(emb_handle)));
  ARGUMENT("stream", emb_arrow_import_stream(NULL, &out.handle));
  ARGUMENT("stream", emb_arrow_import_stream(space, &out.handle));
  ARGUMENT("object", emb_arrow_import_stream(space, NULL));
}

int main(void) {
  fault_begin();
  arrays();
  the_rest();
  exchange();
  return fault_end();
}
