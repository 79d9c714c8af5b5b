/* A program with bugs of its own, which the memory checkers must find: if they find nothing here,
 * their silence about the other programs means nothing. Each argument is one bug. */
#include "check.h"

/* libemb is told of one byte more than there is: the reader is Python, on libemb's behalf. */
static void overflow(void) {
  char *bytes = malloc(100);
  memset(bytes, 'x', 100);
  emb_value value = v_bytes(bytes, 101);
  emb_handle object = 0;
  emb_object_new(&value, &object);
  free(bytes);
}

/* The host reads its memory through a view, after it has freed it. */
static void use_after_free(void) {
  double *numbers = calloc(10, sizeof *numbers);
  int64_t ten = 10;
  emb_handle array = 0;
  emb_view view = {.size = sizeof view};
  emb_array_from_ptr(numbers, "d", -1, 1, &ten, NULL, EMB_ARRAY_MEMORYVIEW, NULL, NULL, &array);
  emb_array_view(array, 0, &view);
  free(numbers);
  printf("%g\n", ((volatile double *)view.data)[3]);
}

/* Not a memory bug, but one that UBSan knows. */
static void undefined(void) {
  volatile int shift = 40;
  printf("%d\n", 1 << shift);
}

int main(int argc, char **argv) {
  const char *bug = argc > 1 ? argv[1] : "";
  start();
  if (strcmp(bug, "overflow") == 0) overflow();
  if (strcmp(bug, "use-after-free") == 0) use_after_free();
  if (strcmp(bug, "undefined") == 0) undefined();
  return check_result();
}
