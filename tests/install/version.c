/* An outside project: it knows of libemb what is installed, and no more. */

#include <emb.h>
#include <stdio.h>

int main(void)
{
    emb_handle platform;
    emb_value version;
    if (emb_init(NULL) == EMB_OK && emb_import("platform", EMB_NUL_TERMINATED, &platform) == EMB_OK &&
        emb_call_method(platform, "python_version", EMB_NUL_TERMINATED, NULL, 0, NULL, 0,
                        EMB_RESULT_AUTO, &version) == EMB_OK) {
        printf("Python %.*s\n", (int)version.length, version.as.text);
        return emb_shutdown();
    }
    emb_error error = { .size = sizeof error };
    emb_error_take(&error);
    fprintf(stderr, "%s: %s\n", error.type_name, error.message);
    return 1;
}
