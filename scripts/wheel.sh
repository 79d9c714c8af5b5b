#!/bin/sh
# Builds the wheel of the package emb, with a libemb.so inside that needs no newer glibc than 2.28,
# and has auditwheel look at it.
#
#   scripts/wheel.sh FOLDER      writes the wheel there, and prints its name
#
# Built here and now, libemb.so would ask for the glibc of this machine. zig links against the
# symbols of an older one: the same sources and the same Rust, another linker.
set -eu

glibc=2.28
project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
tools=$project/.venv-wheel/bin
machine=$(uname -m)
target=${CARGO_TARGET_DIR:-$project/target}/wheel
folder=$1

mkdir -p "$folder"
rm -f "$folder"/libemb-*.whl
PATH=$tools:$PATH CARGO_TARGET_DIR=$target \
    cargo zigbuild --quiet --release --lib --target "$machine-unknown-linux-gnu.$glibc"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/wheel"
cp -R "$project/bindings/pypy/emb" "$stage"
find "$stage/emb" -name __pycache__ -prune -exec rm -rf {} +
cp "$project/bindings/pypy/pyproject.toml" "$project/bindings/pypy/README.md" "$stage"
strip -g -o "$stage/emb/libemb.so" "$target/$machine-unknown-linux-gnu/release/libemb.so"

"$tools/python3" -I -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation \
    --wheel-dir "$stage/wheel" "$stage"
# The library is loaded by its address, not by a Python's headers: one wheel for all of them.
"$tools/python3" -I -m wheel tags --remove --python-tag py3 --abi-tag none \
    --platform-tag "manylinux_$(echo $glibc | tr . _)_$machine" "$stage"/wheel/*.whl >/dev/null
wheel=$(ls "$stage/wheel")

# What auditwheel finds the library to be good for, it says in one line among many.
"$tools/python3" -I -m auditwheel show "$stage/wheel/$wheel" >"$stage/verdict"
found=$(tr '\n' ' ' <"$stage/verdict" | sed -n 's/.*constrains the platform tag to *"\([a-z0-9_]*\)".*/\1/p')
case $found in
manylinux_2_2[0-8]_"$machine" | manylinux_2_1[0-9]_"$machine" | manylinux_2_[0-9]_"$machine") ;;
*)
    cat "$stage/verdict" >&2
    echo "wheel: libemb.so is not good for glibc $glibc" >&2
    exit 1
    ;;
esac
mv "$stage/wheel/$wheel" "$folder/"
echo "$folder/$wheel"
