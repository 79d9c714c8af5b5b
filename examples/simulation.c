/* Waves in a basin, drawn while they are computed: cc simulation.c -lemb -lm
 *
 *     simulation [FILE]      FILE: the last picture, simulation.png by default
 *
 * The grid is shared with numpy once; every frame only tells matplotlib to look again. With a
 * window (MPLBACKEND=QtAgg, say) the waves are seen moving. */

#include <emb_generic.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 120, FRAMES = 8, STEPS = 20 };

static double now[SIZE][SIZE], before[SIZE][SIZE], after[SIZE][SIZE];

/* Ends the program with Python's words where a call has failed. */
static void check(emb_status status) {
  emb_error error = {.size = sizeof error};
  if (status == EMB_OK) return;
  emb_error_take(&error);
  fprintf(stderr, "simulation: %s: %s\n", error.type_name, error.message);
  exit(1);
}

static void drop(int row, int column, double height) {
  for (int i = -6; i <= 6; i++)
    for (int j = -6; j <= 6; j++) {
      double lift = height * exp(-(i * i + j * j) / 8.0);
      now[row + i][column + j] += lift;
      before[row + i][column + j] += lift;
    }
}

/* One step of the wave equation; the rim stands still. */
static void step(void) {
  for (int i = 1; i < SIZE - 1; i++)
    for (int j = 1; j < SIZE - 1; j++) {
      double around = now[i - 1][j] + now[i + 1][j] + now[i][j - 1] + now[i][j + 1];
      after[i][j] = 1.998 * now[i][j] - 0.998 * before[i][j] + 0.2 * (around - 4 * now[i][j]);
    }
  memcpy(before, now, sizeof now);
  memcpy(now, after, sizeof now);
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "simulation.png";
  int64_t shape[] = {SIZE, SIZE};
  emb_handle pyplot = 0, grid = 0, image = 0, text = 0, max = 0;

  check(emb_init(NULL));
  check(emb_import("matplotlib.pyplot", EMB_NUL_TERMINATED, &pyplot));
  check(emb_array_from_ptr(now, "f8", EMB_NUL_TERMINATED, 2, shape, NULL, 0, NULL, NULL, &grid));
  check(EMB_METHOD(pyplot, "figure", NULL, EMB_KW("figsize", EMB_TUPLE_OF(5, 5))));
  check(EMB_METHOD(pyplot, "imshow", &image, EMB_OBJ(grid), EMB_KW("cmap", "ocean"),
                   EMB_KW("vmin", -0.5), EMB_KW("vmax", 0.5)));
  check(EMB_METHOD(pyplot, "title", &text, ""));
  check(EMB_GETATTR(grid, "max", &max));

  drop(40, 40, 1.0);
  drop(85, 70, 1.5);
  for (int frame = 1; frame <= FRAMES; frame++) {
    char title[50];
    double highest = 0;
    for (int i = 0; i < STEPS; i++) step();
    snprintf(title, sizeof title, "step %d", frame * STEPS);
    check(EMB_METHOD(text, "set_text", NULL, title));
    check(EMB_METHOD(image, "set_data", NULL, EMB_OBJ(grid)));
    check(EMB_METHOD(pyplot, "pause", NULL, 0.01)); /* draws, where there is a window */
    check(EMB_CALL(max, &highest));
    printf("step %3d   highest wave %.3f\n", frame * STEPS, highest);
  }
  check(EMB_METHOD(pyplot, "savefig", NULL, path));

  emb_handle all[] = {pyplot, grid, image, text, max};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) emb_object_free(all[i]);
  check(emb_shutdown());
  return 0;
}
