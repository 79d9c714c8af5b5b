/* What the programs about host functions need: how Python gets one, and one that notes what it is given. */
#ifndef CALLBACK_H
#define CALLBACK_H

#include "check.h"

static int calls, releases;

static inline void count_release(void *userdata) {
  if (userdata) ++*(int *)userdata;
  ++releases;
}

/* Makes a callable and binds it to `f` in __main__; only Python keeps it. */
static inline bool define(emb_function function, void *userdata, uint32_t flags, emb_release release) {
  emb_handle callable = 0;
  bool made = OK(emb_callback_new("f", -1, "About f.", -1, function, userdata, flags, release, &callable));
  return made && bind("f", callable) & OK(emb_object_free(callable));
}

#define SEEN 12
static struct { emb_value args[SEEN]; size_t nargs; char keywords[100]; int64_t keywords_length; } seen;
static void *seen_userdata;

/* Notes its arguments, and takes the objects. */
static inline emb_status note(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                                int64_t keywords_length, emb_value *result) {
  size_t count = nargs;
  (void)result;
  ++calls;
  seen_userdata = userdata;
  seen.nargs = nargs;
  seen.keywords_length = keywords ? keywords_length : -1;
  memcpy(seen.keywords, keywords ? keywords : "", keywords ? (size_t)keywords_length : 0);
  if (keywords)
    for (int64_t i = (++count, 0); i < keywords_length; i++) count += keywords[i] == ',';
  for (size_t i = 0; i < count && i < SEEN; i++) {
    seen.args[i] = args[i];
    if (args[i].kind == EMB_OBJECT) args[i].kind = EMB_NONE;
  }
  return EMB_OK;
}

#endif
