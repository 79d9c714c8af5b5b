/* A project outside of libemb, in C11 with the optional header: says which Python it found. */
#include <emb_generic.h>

#include <stdio.h>

int main(void) {
  emb_handle platform = 0;
  emb_value version = {0};
  if (emb_init(NULL) < 0 || emb_import("platform", EMB_NUL_TERMINATED, &platform) < 0 ||
      EMB_METHOD(platform, "python_version", &version) < 0) {
    fprintf(stderr, "%s\n", emb_error_text());
    return 1;
  }
  printf("Python %.*s\n", (int)version.length, version.as.text);
  return emb_shutdown() < 0;
}
