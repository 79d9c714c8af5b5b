#!/bin/sh
# Builds the benchmarks and runs them in one process: the direct C API (the floor), libemb and PyO3.
#
#   scripts/bench.sh [--json FILE] [--rounds N]
set -eu

project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
release=${CARGO_TARGET_DIR:-$project/target}/release
python=$project/.venv-test/bin/python3
build=$release/benches
sources=$project/benches

mkdir -p "$build"
python_headers=$(/usr/bin/python3 -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
numpy_headers=$("$python" -I -c 'import numpy; print(numpy.get_include())')

build() {
    output=$1
    shift
    cc -O2 -Wall -Wextra -D_GNU_SOURCE -I"$project/include" -I"$sources" -o "$build/$output" "$@"
}
# The floor is not linked with Python: it finds the one that libemb has loaded. numpy's headers come
# first, because Debian has others among those of Python.
build libfloor.so -fPIC -shared -isystem "$numpy_headers" -isystem "$python_headers" "$sources/floor.c"
build liblibemb.so -fPIC -shared "$sources/emb.c" -L"$release" -lemb
build bench "$sources/bench.c" -L"$release" -lemb -Wl,-rpath,"$release"

# As an extension module, that is without libpython: it too finds what libemb has loaded.
PYO3_PYTHON=$python PYO3_BUILD_EXTENSION_MODULE=1 CARGO_TARGET_DIR=$build/pyo3 \
    cargo build --quiet --release --locked --manifest-path "$sources/pyo3/Cargo.toml"
cp "$build/pyo3/release/libcontender.so" "$build/libpyo3.so"

EMB_PYTHON=$python exec "$build/bench" "$build/libfloor.so" "$build/liblibemb.so" \
    "$build/libpyo3.so" "$@"
