/* program.c [-i] [-q] REQUIREMENTS EXPRESSION: what emb_require says, and what Python says then.
 * -i: Python runs before that, and has imported what IMPORTS names. -q: EMB_REQUIRE_QUIET. */
#include <emb.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int report(const char *what, emb_status status) {
  if (status == EMB_OK) return 1;
  emb_error error = {.size = sizeof error};
  emb_error_take(&error);
  printf("%s %d %.*s: %.*s\n", what, status, (int)error.type_name_length, error.type_name,
         (int)error.message_length, error.message);
  return 0;
}

int main(int argc, char **argv) {
  uint32_t flags = 0;
  for (; argc > 1 && argv[1][0] == '-' && strlen(argv[1]) == 2; argv++, argc--) {
    if (argv[1][1] == 'q') {
      flags = EMB_REQUIRE_QUIET;
    } else if (report("init", emb_init(NULL)) && getenv("IMPORTS")) {
      emb_handle module = 0;
      report("import", emb_import(getenv("IMPORTS"), -1, &module));
      emb_object_free(module);
    }
  }
  if (argc != 3) return 2;
  report("require", emb_require(argv[1], -1, flags));
  if (!report("init", emb_init(NULL))) return 1;
  emb_value value = {0};
  if (report("eval", emb_eval(argv[2], -1, 0, EMB_RESULT_AUTO, &value)))
    printf("%.*s\n", (int)value.length, value.as.text);
  return !report("shutdown", emb_shutdown());
}
