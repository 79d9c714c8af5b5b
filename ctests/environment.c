/* environment -c SOURCE: does what a python program does with it. */
#include "check.h"

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  start();
  CHECK(run(argv[2]));
  OK(emb_shutdown());
  return check_result();
}
