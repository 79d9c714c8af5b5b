/* Times the contenders in one process, in turn, and prints a table with the ratio to the floor.
 *
 *   bench FLOOR.so EMB.so [OTHER.so ...] [--json FILE] [--rounds N]
 *
 * The best of several rounds counts: on a shared machine everything else is noise. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contender.h"
#include "emb.h"

#define MOST 8

static const char *const names[OPERATIONS] = {
    "call math.sqrt(2.0)", "attribute math.pi", "f(1, 2.5, 'abc', k=True)", "'hello'.upper()",
    "wrap 10 doubles", "wrap 1,000,000 doubles", "view an array", "callback",
    "exception", "list of 1,000,000 floats in", "list of 1,000,000 floats out"};

static struct contender {
  const char *name;
  contender_run run;
  double best[OPERATIONS][2];
} contenders[MOST];
static int count;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* "path/to/libfloor.so" is "floor". */
static const char *short_name(const char *path) {
  const char *base = strrchr(path, '/');
  base = base ? base + 1 : path;
  if (strncmp(base, "lib", 3) == 0) base += 3;
  char *name = strdup(base);
  *strchrnul(name, '.') = 0;
  return name;
}

static void load(const char *path) {
  /* Lazily: the contenders find Python's functions in the process, where libemb has put them. */
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  contender_run run = library ? (contender_run)dlsym(library, "run") : NULL;
  if (!run || count == MOST) {
    fprintf(stderr, "%s: %s\n", path, run ? "too many contenders" : dlerror());
    exit(1);
  }
  contenders[count++] = (struct contender){.name = short_name(path), .run = run};
}

static void measure(int rounds) {
  for (int round = -1; round < rounds; round++) { /* the first warms up */
    fprintf(stderr, "\rround %d of %d ", round + 1, rounds);
    for (int operation = 0; operation < OPERATIONS; operation++)
      for (int held = 0; held < 2; held++)
        for (int i = 0; i < count; i++) {
          long repetitions = operation >= LIST_IN ? 2 : 20000;
          double start = now();
          if (contenders[i].run(operation, held, repetitions) != 0) continue;
          double each = (now() - start) / (double)repetitions;
          double *best = &contenders[i].best[operation][held];
          if (round >= 0 && (*best == 0 || each < *best)) *best = each;
        }
  }
  fputc('\n', stderr);
}

static void print_table(void) {
  for (int held = 1; held >= 0; held--) {
    printf("\n%-30s", held ? "ns, GIL held throughout" : "ns, GIL taken for each");
    for (int i = 0; i < count; i++) printf("%10s%s", contenders[i].name, i ? "   ratio" : "");
    putchar('\n');
    for (int operation = 0; operation < OPERATIONS; operation++) {
      printf("%-30s", names[operation]);
      for (int i = 0; i < count; i++) {
        double best = contenders[i].best[operation][held], floor = contenders[0].best[operation][held];
        if (best == 0) printf("%10s", "-");
        else printf("%10.0f", best);
        if (i && best != 0) printf("%8.2f", best / floor);
        else if (i) printf("%8s", "");
      }
      putchar('\n');
    }
  }
}

static void print_json(const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) {
    perror(path);
    exit(1);
  }
  fputs("{\"unit\": \"ns\"", file);
  for (int i = 0; i < count; i++)
    for (int held = 0; held < 2; held++) {
      fprintf(file, ",\n \"%s %s\": {", contenders[i].name, held ? "held" : "taken");
      const char *comma = "";
      for (int operation = 0; operation < OPERATIONS; operation++) {
        if (contenders[i].best[operation][held] == 0) continue;
        fprintf(file, "%s\"%s\": %.1f", comma, names[operation], contenders[i].best[operation][held]);
        comma = ", ";
      }
      fputc('}', file);
    }
  fputs("}\n", file);
  fclose(file);
}

int main(int argc, char **argv) {
  const char *json = NULL;
  int rounds = 15;
  if (emb_init(NULL) != EMB_OK || emb_run(CONTENDER_SETUP, EMB_NUL_TERMINATED, NULL, 0, 0) != EMB_OK) {
    emb_error error = {.size = sizeof error};
    emb_error_take(&error);
    fprintf(stderr, "%s: %s\n", error.type_name, error.message);
    return 1;
  }
  for (int i = 1; i < argc; i++) {
    bool more = i + 1 < argc;
    if (strcmp(argv[i], "--json") == 0 && more) json = argv[++i];
    else if (strcmp(argv[i], "--rounds") == 0 && more) rounds = atoi(argv[++i]);
    else load(argv[i]);
  }
  measure(rounds);
  print_table();
  if (json) print_json(json);
  return emb_shutdown() == EMB_OK ? 0 : 1;
}
