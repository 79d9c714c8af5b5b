/* Trains a classifier of scikit-learn on a C program's own memory: cc train.c -lemb -lm
 *
 * Neither the points nor their classes are copied, and the predictions are read where Python has
 * them. */

#include <emb_generic.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = 2000, TRAINED = 1500 };

static double points[POINTS][2];
static int32_t classes[POINTS];

static void check(emb_status status) {
  emb_error error = {.size = sizeof error};
  if (status == EMB_OK) return;
  emb_error_take(&error);
  fprintf(stderr, "train: %s: %s\n", error.type_name, error.message);
  exit(1);
}

/* Numbers that look random, and are the same everywhere. */
static double noise(void) {
  static uint32_t state = 1;
  state = state * 1664525u + 1013904223u;
  return (state >> 8) / 16777216.0;
}

/* Two arms of a spiral. */
static void make_points(void) {
  for (int i = 0; i < POINTS; i++) {
    double along = 0.5 + 8 * noise();
    classes[i] = i % 2;
    points[i][0] = along * cos(along + 3.14159 * classes[i]) + 2.5 * noise();
    points[i][1] = along * sin(along + 3.14159 * classes[i]) + 2.5 * noise();
  }
}

static emb_handle array(void *data, const char *dtype, int32_t ndim, int64_t rows) {
  int64_t shape[] = {rows, 2};
  emb_handle made = 0;
  check(emb_array_from_ptr(data, dtype, EMB_NUL_TERMINATED, ndim, shape, NULL, EMB_ARRAY_READONLY, NULL,
                           NULL, &made));
  return made;
}

int main(void) {
  make_points();
  check(emb_init(NULL));

  emb_handle neighbors = 0, model = 0, answer = 0;
  emb_handle x = array(points, "f8", 2, TRAINED), y = array(classes, "i4", 1, TRAINED);
  emb_handle unseen = array(points[TRAINED], "f8", 2, POINTS - TRAINED);
  check(emb_import("sklearn.neighbors", EMB_NUL_TERMINATED, &neighbors));
  check(EMB_METHOD(neighbors, "KNeighborsClassifier", &model, EMB_KW("n_neighbors", 5)));
  check(EMB_METHOD(model, "fit", NULL, EMB_OBJ(x), EMB_OBJ(y)));
  check(EMB_METHOD(model, "predict", &answer, EMB_OBJ(unseen)));

  emb_view predicted = {.size = sizeof predicted};
  check(emb_array_view(answer, 0, &predicted));
  int right = 0;
  for (int i = 0; i < POINTS - TRAINED; i++)
    right += ((const int32_t *)predicted.data)[i] == classes[TRAINED + i];
  printf("trained on %d points, %.1f%% of %d others are right\n", TRAINED,
         100.0 * right / (POINTS - TRAINED), POINTS - TRAINED);

  double confidence = 0;
  emb_handle point = array((double[]){1, 1}, "f8", 2, 1), probabilities = 0;
  check(EMB_METHOD(model, "predict_proba", &probabilities, EMB_OBJ(point)));
  check(EMB_GETITEM(probabilities, EMB_TUPLE_OF(0, 1), &confidence));
  printf("(1, 1) is on the second arm with probability %.1f\n", confidence);

  emb_handle all[] = {predicted.owner, x, y, unseen, neighbors, model, answer, point, probabilities};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) emb_object_free(all[i]);
  check(emb_shutdown());
  return 0;
}
