/* leak.h: does a loop of operations leave memory behind? */
#ifndef LEAK_H
#define LEAK_H

#include "check.h"

#include <unistd.h>

enum { LEAK_ROUNDS = 1000000 };

/* EMB_TEST_ROUNDS makes the loops shorter where they are slow. Under a memory checker
 * (EMB_TEST_UNDER_TOOL) only that checker judges: it keeps freed memory on purpose. */
static inline int leak_rounds(void) {
  const char *rounds = getenv("EMB_TEST_ROUNDS");
  return rounds ? atoi(rounds) : LEAK_ROUNDS;
}

static inline int64_t resident_kib(void) {
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
  if (file) fclose(file);
  return (int64_t)resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Runs `once` until caches are full, then the rounds; 4 MiB more at the end would be four bytes for
 * each round, less than the smallest thing that could leak. */
static inline void leak_check(const char *what, int rounds, void (*once)(int)) {
  for (int i = 0; i < rounds / 10; i++) once(i);
  int64_t before = resident_kib();
  for (int i = 0; i < rounds; i++) once(i);
  int64_t grown = resident_kib() - before, allowed = 4 * (int64_t)rounds / 1024 + 256;
  if (grown > allowed && !getenv("EMB_TEST_UNDER_TOOL"))
    check_report(__FILE__, __LINE__, "%s: %d rounds left %" PRId64 " KiB behind", what, rounds, grown);
}

#endif
