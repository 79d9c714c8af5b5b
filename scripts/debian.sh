#!/bin/sh
# Unpacks Debian's packages into a folder of build/, where scripts/inside.sh runs programs. Nothing
# of it is installed on this machine.
#
#   scripts/debian.sh newer    build/debian-newer: Debian's unstable release, with the pythons after
#                              3.13; build/python3.Nt: free-threaded ones, built from Debian's sources
#   scripts/debian.sh arm64    build/debian-arm64: this machine's release for AArch64, with a CPython,
#                              numpy and PyPy; build/rust-arm64: a rustc with its library for that
#
# What is there already is left alone.
set -eu

project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$project/build
release=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
mkdir -p "$build"

say() { printf 'debian: %s\n' "$*"; }

die() {
    printf 'debian: %s\n' "$@" >&2
    exit 1
}

# Where this machine gets a release from.
mirror() {
    # shellcheck disable=SC2016
    found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
        "Codename: $1" | head -n 1)
    echo "${found:?no packages of $1 here: see /etc/apt}"
}

# lists NAME ARCHITECTURE SUITE...: lists of packages of its own, for `get`. Nothing is installed.
lists() {
    state=$build/apt-$1
    architecture=$2
    shift 2
    mkdir -p "$state/lists/partial" "$state/archives/partial"
    : >"$state/status"
    main=$(mirror "$release")
    for suite in "$@"; do
        case $suite in
        *-security) uri=$(mirror "$suite") ;;
        *) uri=$main ;;
        esac
        for kind in deb deb-src; do
            echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
        done
    done >"$state/sources.list"
    get apt-get -q update
}

get() {
    command=$1
    shift
    "$command" -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" \
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o APT::Sandbox::User=root -o APT::Architecture="$architecture" \
        -o APT::Architectures::="$architecture" "$@"
}

# Packages with all that they depend on, into a folder.
unpack() {
    folder=$1
    shift
    get apt-get -q -y --no-install-recommends --download-only install "$@"
    mkdir -p "$folder"
    for package in "$state"/archives/*.deb; do
        dpkg-deb -x "$package" "$folder"
    done
    rm -r "$state/archives"
}

# Packages alone, into the same folder.
download() {
    folder=$build/new
    mkdir -p "$folder"
    (cd "$state/archives" && get apt-get -q download "$@")
    for package in "$state"/archives/*.deb; do
        dpkg-deb -x "$package" "$folder"
    done
    rm -r "$state/archives"
}

# What the packages' scripts would do: all programs and libraries in /usr, and a BLAS is chosen.
settle() {
    for place in bin sbin lib lib64; do
        if [ -d "$folder/$place" ] && [ ! -L "$folder/$place" ]; then
            cp -an "$folder/$place/." "$folder/usr/$place/"
            rm -r "${folder:?}/$place"
        fi
        [ ! -d "$folder/usr/$place" ] || ln -sfn "usr/$place" "$folder/$place"
    done
    for library in blas/libblas.so.3 lapack/liblapack.so.3; do
        for found in "$folder"/usr/lib/*/"$library"; do
            ln -sf "$library" "${found%/"$library"}/"
        done
    done
}

newer() {
    lists newer amd64 sid
    pythons=$(get apt-cache pkgnames python3. | grep -Ex 'python3\.(1[4-9]|[2-9][0-9])')
    say "the pythons of $(echo $pythons), into build/debian-newer"
    # The names are words of their own.
    # shellcheck disable=SC2046,SC2086
    unpack "$build/new" dash coreutils python3-numpy $pythons $(printf 'lib%s ' $pythons)
    settle
    mv "$folder" "$build/debian-newer"
}

arm64() {
    lists arm64 arm64 "$release" "$release-security"
    say "a CPython and a PyPy for AArch64, into build/debian-arm64"
    python=libpython$(/usr/bin/python3 -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    unpack "$build/new" dash coreutils libstdc++6 python3 "$python" python3-numpy pypy3
    settle
    mv "$folder" "$build/debian-arm64"
}

# Of the library for AArch64 only the part that is linked into others.
rust() {
    lists rust amd64 "$release" "$release-security"
    get apt-cache show rustc-web >/dev/null 2>&1 ||
        die "$release has no rustc-web, whose library for AArch64 could be had"
    say "a Rust compiler with the library for AArch64, into build/rust-arm64"
    # The compiler's own library needs LLVM's.
    needed=$(get apt-cache depends --recurse --important rustc-web libstd-rust-web-dev |
        sed -n 's/ *Depends: \(libllvm.*\|libstd-rust-.*\)/\1/p' | sort -u)
    # shellcheck disable=SC2086
    download rustc-web libstd-rust-web-dev $needed
    lists rust-library arm64 "$release" "$release-security"
    download libstd-rust-web-dev
    cat >"$folder/rustc" <<END
#!/bin/sh
LD_LIBRARY_PATH=$build/rust-arm64/usr/lib/x86_64-linux-gnu exec $build/rust-arm64/usr/bin/rustc "\$@"
END
    chmod +x "$folder/rustc"
    mv "$folder" "$build/rust-arm64"
    "$build/rust-arm64/rustc" --version || {
        rm -r "$build/rust-arm64"
        die "the Rust compiler in rustc-web does not run here: of what it needs something is missing"
    }
}

# Debian has no free-threaded pythons, but the sources of some.
#
# python VERSION SUITE: into build/pythonVERSIONt, with numpy; false where the mirror has no such source
python() {
    version=$1
    lists "source-$version" amd64 "$2"
    sources=$build/python-source
    prefix=$build/python${version}t
    rm -rf "$sources" "$prefix"
    mkdir -p "$sources"
    (cd "$sources" && get apt-get -q source --download-only "python$version") || {
        rm -r "$sources"
        return 1
    }
    say "building a free-threaded CPython into build/python${version}t: three minutes"
    (
        cd "$sources" && tar -xf "python$version"_*.orig.tar.xz --strip-components=1 &&
            ./configure -q --disable-gil --enable-shared --prefix="$prefix" --without-ensurepip \
                --disable-test-modules CFLAGS=-O2 LDFLAGS="-Wl,-rpath,$prefix/lib" &&
            make -s -j"$(nproc)" && make -s altinstall
    ) >"$build/python.log" 2>&1 || die "no python was built: see build/python.log"
    rm -r "$sources"
    "$project/.venv-test/bin/python3" -I -m pip install -q --disable-pip-version-check \
        --target "$prefix/lib/python${version}t/site-packages" --only-binary :all: \
        --implementation cp --python-version "$version" --abi "cp$(echo "$version" | tr -d .)t" \
        --platform manylinux_2_27_x86_64 --platform manylinux_2_28_x86_64 numpy
}

free_threaded() {
    for source in 3.13:trixie 3.14:sid 3.15:sid; do
        version=${source%:*}
        # numpy comes last.
        [ ! -d "$build/python${version}t/lib/python${version}t/site-packages/numpy" ] || continue
        python "$version" "${source#*:}" ||
            say "SKIP a free-threaded $version: its source is not to be had here"
    done
}

rm -rf "$build/new"
case ${1-} in
newer)
    [ -d "$build/debian-newer" ] || newer
    free_threaded
    ;;
arm64)
    [ -d "$build/debian-arm64" ] || arm64
    [ -d "$build/rust-arm64" ] || rust
    ;;
*) die "scripts/debian.sh newer, or arm64" ;;
esac
