#!/bin/sh
# Installs what `make build` has built, or removes it again; `make install` calls this.
#
#   scripts/install.sh install | uninstall
#
# The environment says where: PREFIX, BINDIR, LIBDIR, INCLUDEDIR, below DESTDIR; and what: LIBRARY and
# COMMAND.
set -eu

die() {
    printf 'install: %s\n' "$@" >&2
    exit 1
}

project=$(dirname -- "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)")
prefix=${PREFIX:-/usr/local}
bindir=${BINDIR:-$prefix/bin}
libdir=${LIBDIR:-$prefix/lib}
includedir=${INCLUDEDIR:-$prefix/include}
for folder in "$prefix" "$bindir" "$libdir" "$includedir"; do
    case $folder in
    *[[:space:]]*) die "'$folder' has blanks in it, which pkg-config cannot hand on" ;;
    /*) ;;
    *) die "'$folder' must begin with /: programs look for it from anywhere" ;;
    esac
done

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$project/Cargo.toml")
major=${version%%.*}
soname=libemb.so.$(sed -n 's/^#define EMB_ABI_VERSION //p' "$project/include/emb.h")
series=$major
[ "$major" != 0 ] || series=${version%.*}

headers=$(cd "$project/include" && echo *.h *.hpp emb/*.hpp)

to_bin=${DESTDIR-}$bindir
to_lib=${DESTDIR-}$libdir
to_include=${DESTDIR-}$includedir
to_pc=$to_lib/pkgconfig/emb.pc
to_cmake=$to_lib/cmake/emb

# Below the prefix, as pkg-config writes it, so that the prefix can be replaced.
below_prefix() {
    case $1 in
    "$prefix"/*) printf '%s' "\${prefix}/${1#"$prefix"/}" ;;
    *) printf '%s' "$1" ;;
    esac
}

escaped() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }

# fill TEMPLATE FILE
fill() {
    sed -e "s|@PREFIX@|$(escaped "$prefix")|" \
        -e "s|@LIBDIR@|$(escaped "$(below_prefix "$libdir")")|" \
        -e "s|@INCLUDEDIR@|$(escaped "$(below_prefix "$includedir")")|" \
        -e "s|@INCLUDE_FROM_LIB@|$(escaped "$from_lib")|" \
        -e "s|@VERSION@|$version|" -e "s|@SONAME@|$soname|" -e "s|@SERIES@|$series|" \
        "$project/packaging/$1" >"$2"
    chmod 644 "$2"
}

case ${1-} in
install)
    library=${LIBRARY:?the libemb.so to install}
    command=${COMMAND:?the command emb to install}
    for file in "$library" "$command"; do
        [ -f "$file" ] || die "$file is not there: run make build first"
    done
    from_lib=$(realpath -m --relative-to="$libdir" "$includedir")
    install -d "$to_bin" "$to_lib/pkgconfig" "$to_cmake" "$to_include"
    install -m 755 "$command" "$to_bin/emb"
    install -m 755 "$library" "$to_lib/libemb.so.$version"
    ln -sf "libemb.so.$version" "$to_lib/$soname"
    ln -sf "$soname" "$to_lib/libemb.so"
    install -d "$to_include/emb"
    (cd "$project/include" && for header in $headers; do
        install -m 644 "$header" "$to_include/$header"
    done)
    fill emb.pc.in "$to_pc"
    fill embConfig.cmake.in "$to_cmake/embConfig.cmake"
    fill embConfigVersion.cmake.in "$to_cmake/embConfigVersion.cmake"
    echo "installed libemb $version into $to_bin, $to_lib and $to_include"
    ;;
uninstall)
    rm -f "$to_bin/emb" "$to_lib/libemb.so" "$to_lib/$soname" "$to_lib/libemb.so.$version" \
        "$to_pc" "$to_cmake/embConfig.cmake" "$to_cmake/embConfigVersion.cmake"
    (cd "$project/include" && for header in $headers; do rm -f "$to_include/$header"; done)
    for folder in "$to_cmake" "$to_include/emb"; do
        [ ! -d "$folder" ] || rmdir "$folder"
    done
    ;;
*) die "what to do: install or uninstall" ;;
esac
