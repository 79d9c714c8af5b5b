/* What programs need whose functions are methods of Python's classes. */
#ifndef METHOD_H
#define METHOD_H

#include "check.h"

#define FUNCTION(name)                                                                         \
  static emb_status name(void *userdata, emb_value *args, size_t nargs, const char *keywords, \
                         int64_t keywords_length, emb_value *result)
#define UNUSED (void)userdata, (void)args, (void)nargs, (void)keywords, (void)keywords_length, (void)result

static inline void count_release(void *userdata) {
  if (userdata) ++*(int *)userdata;
}

#endif
