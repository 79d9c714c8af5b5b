/* A C program as the host of a Python program, its one argument; its start leaves a mark. */
#include <emb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  FILE *marks = fopen(getenv("CHILDREN_MARKS"), "a");
  if (argc < 2 || !marks) return 2;
  fprintf(marks, "%d\n", getpid());
  fclose(marks);
  if (emb_init(NULL) || emb_run_file(argv[1], EMB_NUL_TERMINATED, 0) || emb_shutdown()) {
    fprintf(stderr, "%s\n", emb_error_text());
    return 1;
  }
  return 0;
}
