/* The reference for the other programs of this folder: cc plot.c -lemb
 *
 *     plot FILE        FILE: where the picture goes
 *
 * Each of them does the same, in its own language, and prints the same lines (expected.txt).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emb.h"

#define POINTS 1000

/* Ends the program with Python's words if a call has failed. */
static void check(emb_status status)
{
    if (status == EMB_OK)
        return;
    emb_error error = { .size = sizeof error };
    emb_error_take(&error);
    fprintf(stderr, "%s: %s\n", error.type_name, error.message);
    exit(1);
}

static emb_value text(const char *string)
{
    return (emb_value){ .kind = EMB_TEXT, .length = (uint32_t)strlen(string), .as.text = string };
}

static emb_value object(emb_handle handle)
{
    return (emb_value){ .kind = EMB_OBJECT, .as.object = handle };
}

static emb_handle import(const char *name)
{
    emb_handle module;
    check(emb_import(name, EMB_NUL_TERMINATED, &module));
    return module;
}

/* object.name(args..., keywords=args...) */
static emb_status try_call(emb_handle of, const char *name, size_t nargs, const emb_value *args,
                           const char *keywords, emb_value *result)
{
    return emb_call_method(of, name, EMB_NUL_TERMINATED, args, nargs, keywords,
                           EMB_NUL_TERMINATED, EMB_RESULT_AUTO, result);
}

static emb_value call(emb_handle of, const char *name, size_t nargs, const emb_value *args,
                      const char *keywords)
{
    emb_value result;
    check(try_call(of, name, nargs, args, keywords, &result));
    return result;
}

/* A numpy array on our memory; `data` comes back from emb_released when it is gone. */
static emb_handle array(double *data, int64_t length)
{
    emb_handle handle;
    check(emb_array_from_ptr(data, "float64", EMB_NUL_TERMINATED, 1, &length, NULL,
                             EMB_RELEASE_QUEUE, NULL, data, &handle));
    return handle;
}

/* Python sorts our memory in place, and lets go of it. */
static void share(void)
{
    double numbers[] = { 3, 1, 2 };
    emb_handle sorted = array(numbers, 3);
    call(sorted, "sort", 0, NULL, NULL);
    printf("shared     %g %g %g\n", numbers[0], numbers[1], numbers[2]);

    void *released;
    size_t count;
    check(emb_object_free(sorted));
    check(emb_run("", EMB_NUL_TERMINATED, NULL, 0, 0)); /* enters Python, which drops it */
    check(emb_released(&released, 1, &count));
    printf("released   %zu\n", count);
}

/* A host function: the length of a word. There are no empty words. */
static emb_status word_length(void *userdata, emb_value *args, size_t nargs, const char *keywords,
                              int64_t keywords_length, emb_value *result)
{
    (void)userdata, (void)nargs, (void)keywords, (void)keywords_length;
    if (args[0].length == 0)
        return emb_error_raise("ValueError", EMB_NUL_TERMINATED, "an empty word",
                               EMB_NUL_TERMINATED);
    *result = (emb_value){ .kind = EMB_INT, .as.integer = args[0].length };
    return EMB_OK;
}

/* sorted(words, key=word_length) */
static emb_status sort(emb_handle builtins, emb_handle key, const char *words[3],
                       emb_value *result)
{
    emb_value items[] = { text(words[0]), text(words[1]), text(words[2]) };
    emb_value args[] = { { .kind = EMB_LIST, .length = 3, .as.items = items }, object(key) };
    return try_call(builtins, "sorted", 1, args, "key", result);
}

static void caught(const char *label, emb_status status)
{
    emb_error error = { .size = sizeof error };
    emb_error_take(&error);
    printf("%-10s %s: %s\n", label, status ? error.type_name : "nothing", error.message);
    emb_object_free(error.exception);
}

static void call_back(emb_handle builtins)
{
    emb_handle key;
    check(emb_callback_new("word_length", EMB_NUL_TERMINATED, NULL, 0, word_length, NULL,
                           EMB_RESULT_AUTO, NULL, &key));
    emb_value result, shown;
    check(sort(builtins, key, (const char *[]){ "cherry", "fig", "lemon" }, &result));
    check(emb_object_text(result.as.object, EMB_TEXT_REPR, &shown));
    printf("callback   %.*s\n", (int)shown.length, shown.as.text);
    caught("raised", sort(builtins, key, (const char *[]){ "fig", "", "lemon" }, NULL));
    check(emb_object_free(result.as.object));
    check(emb_object_free(key));
}

/* Van der Pol's oscillator, in steps that are the same in every language. */
static void oscillate(double *xs, double *ys)
{
    double x = 0.1, y = 0;
    for (int i = 0; i < POINTS; i++) {
        x += 0.03 * y;
        y += 0.03 * ((1 - x * x) * y - x);
        xs[i] = x;
        ys[i] = y;
    }
}

static void plot(const char *path)
{
    static double xs[POINTS], ys[POINTS];
    oscillate(xs, ys);
    emb_value agg = text("agg"), title = text("Van der Pol's oscillator");
    call(import("matplotlib"), "use", 1, &agg, NULL);
    emb_handle pyplot = import("matplotlib.pyplot");

    emb_value line[] = { object(array(xs, POINTS)), object(array(ys, POINTS)), text("teal"),
                         { .kind = EMB_FLOAT, .as.real = 1.5 } };
    call(pyplot, "plot", 2, line, "color,linewidth");
    call(pyplot, "title", 1, &title, NULL);

    /* metadata={'Software': None}: no version in the picture */
    emb_value pair[] = { text("Software"), { .kind = EMB_NONE } };
    emb_value file[] = { text(path), { .kind = EMB_INT, .as.integer = 80 },
                         { .kind = EMB_DICT, .length = 1, .as.items = pair } };
    call(pyplot, "savefig", 1, file, "dpi,metadata");
}

int main(int argc, char **argv)
{
    if (argc != 2 || emb_abi_version() != EMB_ABI_VERSION) {
        fprintf(stderr, argc != 2 ? "usage: plot FILE\n" : "another version of libemb\n");
        return 1;
    }
    check(emb_init(NULL));
    printf("abi        %u\n", emb_abi_version());
    share();
    emb_handle builtins = import("builtins");
    emb_value ten = text("ten");
    call_back(builtins);
    caught("exception", try_call(builtins, "int", 1, &ten, NULL, NULL));
    plot(argv[1]);
    check(emb_shutdown());
    printf("picture    drawn\n");
    return 0;
}
