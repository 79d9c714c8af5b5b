/* A process that may not have much address space: handles take a small part of it, and where they are
 * all in use, that is an error like others. */
#include "check.h"

#include <sys/resource.h>

static void few_handles(void) {
  enum { MANY = 4 << 20 };
  emb_handle object = eval_object("object()"), *clones = calloc(MANY, sizeof *clones);
  if (!CHECK(clones)) return;
  int count = 0;
  while (count < MANY && emb_object_clone(object, &clones[count]) == EMB_OK) count++;
  CHECK(count > 50000 && count < MANY);
  FAILS(emb_object_clone(object, &clones[count]), EMB_BAD_ARGUMENT, "release some");
  for (int i = 0; i < count; i += 2) OK(emb_object_free(clones[i]));
  OK(emb_object_clone(object, &clones[0]));
  for (int i = 2; i < count; i += 2) OK(emb_object_clone(object, &clones[i]));
  OK(emb_object_free_many(clones, (size_t)count));
  OK(emb_object_free(object));
  free(clones);
}

int main(void) {
  struct rlimit limit = {600 << 20, 600 << 20};
  if (getenv("EMB_TEST_UNDER_TOOL") || setrlimit(RLIMIT_AS, &limit) != 0) return 2;
  start();
  CHECK(run("bytearray(400 << 20)"));
  few_handles();
  OK(emb_shutdown());
  return check_result();
}
