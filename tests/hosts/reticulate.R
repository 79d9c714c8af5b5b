# R with reticulate, which has started a Python: libemb attaches to that one, or, with `beside`,
# starts another. Arguments: the library made of reticulate.c, reticulate's Python, "beside" or not.

arguments <- commandArgs(trailingOnly = TRUE)
library(reticulate)
use_python(arguments[2], required = TRUE)
main <- import_main(convert = TRUE)
py_run_string("import sys, atexit, os; x = 41; version = sys.version_info[1]")

dyn.load(arguments[1])
beside <- length(arguments) > 2
started <- .C("start", as.integer(beside), status = 1L, text = "")
stopifnot(started$status == 0L)
evaluate <- function(source) {
  result <- .C("evaluate", source, status = 1L, number = 0)
  stopifnot(result$status == 0L)
  result$number
}

if (beside) {
  stopifnot(grepl('"state":"running"', started$text, fixed = TRUE))
  stopifnot(evaluate("__import__('sys').version_info[1]") != main$version)
  stopifnot(evaluate("'x' in globals()") == 0)
} else {
  stopifnot(grepl('"state":"attached"', started$text, fixed = TRUE))
  stopifnot(evaluate("x + 1") == 42)
  stopifnot(evaluate("exec('y = 7') or y") == 7, main$y == 7L)
}
stopifnot(evaluate("__import__('math').sqrt(2)") == sqrt(2))
stopifnot(.C("end", status = 1L)$status == 0L)

# reticulate's Python goes on.
py_run_string("import json; z = json.loads('[1, 2]')")
stopifnot(identical(main$z, c(1L, 2L)), main$x == 41L)
cat("R and reticulate's Python", if (beside) "with another beside it" else "with libemb attached", "\n")
