/* A library that is loaded late may find no room for its variables beside each thread's own: each
 * thread has a record of its own all the same.
 *
 * Not linked with libemb: the argument is the library's path. */
#include "check.h"

#include <dlfcn.h>
#include <pthread.h>

static __typeof__(emb_init) *init;
static __typeof__(emb_eval) *eval_;
static __typeof__(emb_error_take) *take;
static __typeof__(emb_object_free) *free_;

/* An error waits for the thread that made it, whatever the others do. */
static void *errors_of_my_own(void *name) {
  for (int i = 0; i < 200; i++) {
    char source[40];
    snprintf(source, sizeof source, "missing_%s_%d", (const char *)name, i);
    emb_value result = {0};
    emb_error error = {.size = sizeof error};
    CHECK_EQ(eval_(source, -1, 0, EMB_RESULT_AUTO, &result), EMB_EXCEPTION);
    sched_yield();
    CHECK_EQ(take(&error), EMB_OK);
    CHECK(strstr(error.message, source) != NULL);
    CHECK_EQ(free_(error.exception), EMB_OK);
  }
  return NULL;
}

int main(int argc, char **argv) {
  void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
  *(void **)&init = dlsym(library, "emb_init");
  *(void **)&eval_ = dlsym(library, "emb_eval");
  *(void **)&take = dlsym(library, "emb_error_take");
  *(void **)&free_ = dlsym(library, "emb_object_free");
  CHECK_EQ(init(NULL), EMB_OK);
  static char names[][2] = {"a", "b", "c", "d"};
  pthread_t threads[COUNT(names)];
  for (size_t i = 0; i < COUNT(names); i++) pthread_create(&threads[i], NULL, errors_of_my_own, names[i]);
  errors_of_my_own("main");
  for (size_t i = 0; i < COUNT(names); i++) pthread_join(threads[i], NULL);
  return check_result();
}
