#!/bin/sh
# Puts the example scripts of matplotlib and scipy into build/gallery/scripts, in the versions
# that .venv-test has, from their source distributions.
set -eu

project=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
python=$project/.venv-test/bin/python3
scripts=$project/build/gallery/scripts

# fetch PACKAGE FOLDER: the folder of the package's sources, as scripts/PACKAGE.
fetch() {
    version=$("$python" -I -c "from importlib.metadata import version; print(version('$1'))")
    [ "$(cat "$scripts/$1/version" 2>/dev/null)" != "$version" ] || return 0
    printf 'gallery: fetching the sources of %s %s\n' "$1" "$version"
    work=$project/build/gallery/download
    rm -rf "$work" "$scripts/$1"
    mkdir -p "$work" "$scripts"
    # pip wants to build what it downloads.  Without what that takes it stops after unpacking,
    # which is all that is wanted, and leaves the files where it worked.
    TMPDIR=$work "$python" -I -m pip download -q --no-deps --no-binary :all: --no-build-isolation \
        --no-clean -d "$work" "$1==$version" >"$work/log" 2>&1 || true
    for archive in "$work"/*.tar.gz; do
        [ ! -e "$archive" ] || tar -xzf "$archive" -C "$work"
    done
    unpacked=$(find "$work" -maxdepth 3 -name PKG-INFO | head -n 1)
    if [ -z "$unpacked" ]; then
        cat "$work/log" >&2
        exit 1
    fi
    cp -r "${unpacked%/*}/$2" "$scripts/$1"
    printf '%s\n' "$version" >"$scripts/$1/version"
    rm -rf "$work"
}

fetch matplotlib galleries
fetch scipy doc/source/tutorial
