#!/bin/sh
# Builds the API reference from the comments in the headers; `make docs` calls this.
#
#   scripts/docs.sh FOLDER
#
# Any warning of doxygen's is an error.
set -eu

folder=${1:?the folder to write to}
project=$(dirname -- "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)")
command -v doxygen >/dev/null || {
    echo "docs: doxygen is not there: apt-get install doxygen" >&2
    exit 1
}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$project/Cargo.toml")
rm -rf "$folder"
mkdir -p "$folder"
doxygen - <<EOF
PROJECT_NAME = libemb
PROJECT_NUMBER = $version
PROJECT_BRIEF = "CPython and its packages inside any process that can call C"
INPUT = $project/include
FILE_PATTERNS = *.h *.hpp
RECURSIVE = YES
STRIP_FROM_PATH = $project/include
STRIP_FROM_INC_PATH = $project/include
INPUT_FILTER = $project/scripts/docs.pl
OUTPUT_DIRECTORY = $folder
HTML_OUTPUT = .
GENERATE_LATEX = NO
OPTIMIZE_OUTPUT_FOR_C = YES
EXTENSION_MAPPING = h=C++
JAVADOC_AUTOBRIEF = YES
EXTRACT_ALL = YES
EXTRACT_STATIC = NO
EXCLUDE_SYMBOLS = emb::detail emb::detail::* emb_generic_* EMB_GENERIC_* EMB_H EMB_HPP
HIDE_UNDOC_MEMBERS = YES
SORT_MEMBER_DOCS = NO
ENABLE_PREPROCESSING = YES
MACRO_EXPANSION = NO
PREDEFINED = __cplusplus
INLINE_SOURCES = NO
VERBATIM_HEADERS = YES
GENERATE_TREEVIEW = YES
SEARCHENGINE = YES
HAVE_DOT = NO
QUIET = YES
WARN_IF_UNDOCUMENTED = NO
WARN_NO_PARAMDOC = NO
WARN_AS_ERROR = FAIL_ON_WARNINGS
EOF
