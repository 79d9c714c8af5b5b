/* For R, whose .C passes pointers: libemb in a process in which reticulate has started a Python. */
#include <emb.h>
#include <stdio.h>
#include <string.h>

/* Starts, beside the Python that runs or not; then *text is the error, or what the report says. */
void start(int *beside, int *status, char **text) {
  emb_config config = {.size = sizeof config, .flags = *beside ? EMB_BESIDE : 0};
  emb_value report = {0};
  *status = emb_init(&config);
  if (*status == EMB_OK) *status = emb_doctor(EMB_DOCTOR_JSON, &report);
  static char kept[200000];
  if (*status)
    snprintf(kept, sizeof kept, "%s", emb_error_text());
  else
    snprintf(kept, sizeof kept, "%.*s", (int)report.length, report.as.text);
  *text = kept;
}

void evaluate(char **source, int *status, double *number) {
  emb_value result = {0};
  *status = emb_eval(*source, EMB_NUL_TERMINATED, 0, 0, &result);
  *number = result.kind == EMB_FLOAT ? result.as.real : (double)result.as.integer;
}

void end(int *status) { *status = emb_shutdown(); }
