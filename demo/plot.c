/* The plot of demo.py from C: cc plot.c -lemb -lm
 *
 *     plot [FILE]      FILE: where the picture goes, plot-c.png by default
 *
 * The program is linked with libemb and with no Python; libemb finds one when it runs.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emb.h"

#define POINTS 500000
#define HIGHLIGHTED 12

static double xs[POINTS], ys[POINTS];

/* Ends the program with Python's words if a call has failed. */
static void check(emb_status status, const char *what)
{
    if (status == EMB_OK)
        return;
    emb_error error = { .size = sizeof error };
    emb_error_take(&error);
    fprintf(stderr, "plot: %s: %s: %s\n", what, error.type_name, error.message);
    emb_value traceback;
    if (error.exception != 0 && emb_error_traceback(error.exception, &traceback) == EMB_OK)
        fprintf(stderr, "%.*s", (int)traceback.length, traceback.as.text);
    exit(1);
}

static emb_value number(double real)
{
    return (emb_value){ .kind = EMB_FLOAT, .as.real = real };
}

static emb_value text(const char *string)
{
    return (emb_value){ .kind = EMB_TEXT, .length = (uint32_t)strlen(string), .as.text = string };
}

static emb_value object(emb_handle handle)
{
    return (emb_value){ .kind = EMB_OBJECT, .as.object = handle };
}

/* module.name(args..., keywords=args...), without a result */
static void call(emb_handle module, const char *name, size_t nargs, const emb_value *args,
                 const char *keywords)
{
    check(emb_call_method(module, name, EMB_NUL_TERMINATED, args, nargs, keywords,
                          EMB_NUL_TERMINATED, EMB_RESULT_AUTO, NULL),
          name);
}

/* A numpy array on our memory. */
static emb_value array(double *data, int64_t length)
{
    emb_handle handle;
    check(emb_array_from_ptr(data, "d", EMB_NUL_TERMINATED, 1, &length, NULL, 0, NULL, NULL,
                             &handle),
          "array");
    return object(handle);
}

/* The orbit of Pickover's map x, y -> sin(ay) + c cos(ax), sin(bx) + d cos(by). */
static void attractor(void)
{
    const double a = -1.4, b = 1.6, c = 1.0, d = 0.7;
    double x = 0.1, y = 0.1;
    for (int i = 0; i < POINTS; i++) {
        double next = sin(a * y) + c * cos(a * x);
        y = sin(b * x) + d * cos(b * y);
        x = next;
        xs[i] = x;
        ys[i] = y;
    }
}

static void plot(const char *path)
{
    emb_handle matplotlib, pylab;
    check(emb_import("matplotlib", EMB_NUL_TERMINATED, &matplotlib), "import");
    emb_value agg = text("agg"); /* a file is wanted, not a window */
    call(matplotlib, "use", 1, &agg, NULL);
    check(emb_import("matplotlib.pylab", EMB_NUL_TERMINATED, &pylab), "import");

    emb_value size[] = { number(9), number(7) };
    emb_value figure[] = { { .kind = EMB_TUPLE, .length = 2, .as.items = size },
                           text("constrained") };
    call(pylab, "figure", 0, figure, "figsize,layout");

    emb_value all[] = { array(xs, POINTS), array(ys, POINTS), text(","), text("midnightblue"),
                        number(0.2) };
    call(pylab, "plot", 3, all, "color,alpha");

    emb_value first[] = { array(xs, HIGHLIGHTED), array(ys, HIGHLIGHTED), text("o-"),
                          text("orangered"), number(0.8), number(4),
                          text("the first 12 points") };
    call(pylab, "plot", 3, first, "color,lw,ms,label");

    emb_value title = text("Clifford attractor, 500,000 points");
    emb_value x = text("x"), y = text("y"), corner = text("upper left"), file = text(path);
    call(pylab, "title", 1, &title, NULL);
    call(pylab, "xlabel", 1, &x, NULL);
    call(pylab, "ylabel", 1, &y, NULL);
    call(pylab, "legend", 0, &corner, "loc");
    call(pylab, "savefig", 1, &file, NULL);

    emb_handle done[] = { all[0].as.object,   all[1].as.object, first[0].as.object,
                          first[1].as.object, pylab,            matplotlib };
    for (size_t i = 0; i < sizeof done / sizeof *done; i++)
        check(emb_object_free(done[i]), "free");
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "plot-c.png";
    if (emb_abi_version() != EMB_ABI_VERSION) {
        fprintf(stderr, "plot: libemb and emb.h are of different versions\n");
        return 1;
    }
    attractor();
    check(emb_init(NULL), "init");
    plot(path);
    check(emb_shutdown(), "shutdown");
    printf("plotted   %s, from C\n", path);
    return 0;
}
