/* contender.h: what is measured. Each contender is a shared library with the same operations,
 * loaded into one process with one Python, so that they can be timed in turn, moments apart. */
#ifndef CONTENDER_H
#define CONTENDER_H

#include <stddef.h>

enum operation {
  CALL,      /* math.sqrt(2.0), the result as a double */
  ATTRIBUTE, /* math.pi, as a double */
  KEYWORD,   /* f(1, 2.5, "abc", k=True) of a Python function, the result as an integer */
  TEXT,      /* "hello".upper(), the result as bytes of the host */
  WRAP_10,   /* an ndarray on ten doubles of the host, with an owner that is told of its end */
  WRAP_1M,   /* the same on a million */
  VIEW,      /* the address and shape of an ndarray's memory */
  CALLBACK,  /* a Python loop calls a host function of one integer */
  EXCEPTION, /* a function raises; its class's name and its message as bytes of the host */
  LIST_IN,   /* a list of a million floats from host memory */
  LIST_OUT,  /* its numbers back into host memory */
  OPERATIONS
};

/* Repeats an operation `count` times. `held`: the caller holds the GIL; otherwise each repetition
 * takes it and gives it back. Returns 0, or -1 where the contender has no such operation. */
typedef int (*contender_run)(enum operation operation, int held, long count);

/* Python names that every contender uses; bench.c runs this once. */
#define CONTENDER_SETUP                                  \
  "import math\n"                                        \
  "def f(a, b, c, *, k): return a\n"                     \
  "def loop(call, n):\n    for i in range(n): call(i)\n" \
  "def fail(): raise ValueError('x')\n"                  \
  "hello = 'hello'\n"

#define MILLION 1000000

#endif
