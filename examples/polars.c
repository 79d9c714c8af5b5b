/* Hands columns of a C program to polars, and reads its answer: cc polars.c -lemb
 *
 * The columns are numpy arrays on the program's memory, the answer is read where polars has it. */

#include <emb_generic.h>

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 100000, CITIES = 4 };

static const char *const names[CITIES] = {"Bern", "Lima", "Oslo", "Pune"};
static int32_t city[ROWS];
static double load[ROWS];

static void check(emb_status status) {
  emb_error error = {.size = sizeof error};
  if (status == EMB_OK) return;
  emb_error_take(&error);
  fprintf(stderr, "polars: %s: %s\n", error.type_name, error.message);
  exit(1);
}

static emb_handle array(void *data, const char *dtype) {
  int64_t rows = ROWS;
  emb_handle made = 0;
  check(emb_array_from_ptr(data, dtype, EMB_NUL_TERMINATED, 1, &rows, NULL, EMB_ARRAY_READONLY, NULL,
                           NULL, &made));
  return made;
}

int main(void) {
  for (int i = 0; i < ROWS; i++) {
    city[i] = i * 7 % CITIES;
    load[i] = city[i] * 10 + i % 100 / 100.0;
  }
  check(emb_init(NULL));

  emb_handle polars = 0, frame = 0, groups = 0, column = 0, mean = 0, means = 0, sorted = 0,
             loads_of = 0, series = 0;
  emb_handle cities = array(city, "i4"), loads = array(load, "f8");
  check(emb_import("polars", EMB_NUL_TERMINATED, &polars));
  check(EMB_METHOD(polars, "DataFrame", &frame,
                   EMB_DICT_OF("city", EMB_OBJ(cities), "load", EMB_OBJ(loads))));
  check(EMB_METHOD(polars, "col", &column, "load"));
  check(EMB_METHOD(column, "mean", &mean));
  check(EMB_METHOD(frame, "group_by", &groups, "city"));
  check(EMB_METHOD(groups, "agg", &means, EMB_OBJ(mean)));
  check(EMB_METHOD(means, "sort", &sorted, "city"));
  check(EMB_GETITEM(sorted, "load", &loads_of));
  check(EMB_METHOD(loads_of, "to_numpy", &series));

  emb_view answer = {.size = sizeof answer};
  check(emb_array_view(series, 0, &answer));
  for (int i = 0; i < CITIES; i++)
    printf("%s %6.3f\n", names[i], ((const double *)answer.data)[i]);

  emb_object_free(answer.owner);
  check(emb_shutdown()); /* the other handles end with Python */
  return 0;
}
