#!/bin/sh
# Installs what libemb needs to be built, shown and tested, and says what and why.
#
#   scripts/setup.sh build    a C compiler; a look for Rust
#   scripts/setup.sh demo     and pypy3, and .venv: a CPython with numpy and matplotlib
#   scripts/setup.sh wheel    like build, and .venv-wheel, which has zig and auditwheel
#   scripts/setup.sh bench    like test, and the headers of CPython, and .venv-bench, a PyPy with rpyc
#   scripts/setup.sh newer    like test, and what scripts/debian.sh builds a CPython with
#   scripts/setup.sh aarch64  like build, and a compiler and an emulator for AArch64
#   scripts/setup.sh test     and .venv-test, .venv-test-new, .venv-pypy, .venv-jupyter, a virtual display,
#                             valgrind, cmake, R, and the languages of the folder reach
#
# What is there already is left alone, so a second run takes a second and no network.
set -eu

level=${1:-demo}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
project=$(dirname -- "$here")
PATH=$PATH:/usr/sbin:/sbin:$HOME/.cargo/bin

say() { printf 'set-up: %s\n' "$*"; }
die() {
    printf 'set-up: %s\n' "$@" >&2
    exit 1
}

case $level in
build | wheel | demo | test | bench | newer | aarch64) ;;
*) die "unknown level '$level': build, wheel, demo, test, bench, newer or aarch64" ;;
esac

# The benchmarks need what the tests need, and CPython's headers.
headers=
if [ "$level" = bench ]; then
    headers=yes
    level=test
fi
further=
case $level in
newer) further=newer level=test ;;
aarch64) further=aarch64 level=build ;;
esac

# --- Debian packages ------------------------------------------------------------------

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# Reads lines of a package and its reason; installs those that are missing.
need() {
    missing=
    while read -r package reason; do
        if ! installed "$package"; then
            say "installing $package: $reason"
            missing="$missing $package"
        fi
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        die "this needs root: become root or install sudo and run it again, or let" \
            "somebody run: apt-get install$missing"
    fi
    if [ -z "${updated-}" ]; then
        apt update
        updated=yes
    fi
    # The names are words of their own.
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $missing </dev/null
}

packages() {
    command -v dpkg-query >/dev/null || die \
        "this script knows Debian and its relatives only. Install with your own package" \
        "manager what it lists under 'need' (pypy3, a shared libpython, Tk ...)."
    need <<'END'
gcc links the library and builds the C programs
libc6-dev has the headers of the C library
END
    further_packages
    [ "$level" != build ] || return 0
    need <<'END'
python3-venv makes the CPython environments
END
    [ "$level" != wheel ] || return 0
    need <<'END'
pypy3 is the host of the demo
python3-tk opens windows for matplotlib
END
    version=$(/usr/bin/python3 -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    need <<END
libpython$version is CPython as a library, which is what libemb loads
END
    [ "$level" = test ] || return 0
    [ -z "$headers" ] || need <<END
libpython$version-dev has the headers for the benchmark's floor
END
    # After Debian's renaming of libraries for 64-bit time, glib is called libglib2.0-0t64.
    glib=libglib2.0-0
    if installed "${glib}t64"; then glib=${glib}t64; fi
    need <<END
g++ compiles the header as C++
valgrind watches the C tests for memory errors
pypy3-venv makes the environment for PyPy's own numpy
xvfb is a display without a screen, for show()
xauth lets xvfb-run open that display
xdotool finds the demo's window and presses a key in it
libgl1 is used by PyQt6
libegl1 is used by PyQt6
libxkbcommon0 is used by PyQt6
libdbus-1-3 is used by PyQt6
libfontconfig1 is used by PyQt6
$glib is used by PyQt6
doxygen builds the API reference
pkgconf builds a project with the installed library
cmake does so too
luajit runs one of the programs in reach
ruby runs one, with Fiddle, which is part of it
libjemalloc2 is another allocator in front of the C library's
r-cran-reticulate starts a Python in R, beside which libemb is tested
php-cli runs one, with FFI, which is part of it
golang-go compiles one with cgo
libffi-platypus-perl lets the one in Perl call C
python3-torch takes tensors from the host, and gives some; 150 MB to load, 650 MB on disk
END
    # Node often comes from elsewhere, with an npm in it that Debian's would be in conflict with.
    command -v node >/dev/null || need <<'END'
nodejs runs one of the programs in reach
END
    command -v npm >/dev/null || need <<'END'
npm installs koffi, which lets that program call C
END
}

further_packages() {
    case $further in
    newer) need <<'END' ;;
make builds a CPython
libbz2-dev is used by it
libffi-dev is used by it
liblzma-dev is used by it
libsqlite3-dev is used by it
libssl-dev is used by it
zlib1g-dev is used by it
END
    aarch64) need <<'END' ;;
gcc-aarch64-linux-gnu compiles and links for AArch64
libc6-dev-arm64-cross has the headers of the C library
qemu-user-static runs programs for AArch64
END
    esac
}

# --- Rust -----------------------------------------------------------------------------

rust() {
    command -v cargo >/dev/null || die \
        "Rust is missing: libemb is built with cargo, newer than the one that Debian has." \
        "Get it with rustup (see rust-lang.org, 'Install'), open a new shell, try again."
    [ "$level" = test ] || return 0
    for tool in fmt clippy; do
        cargo "$tool" --version >/dev/null 2>&1 ||
            die "cargo $tool is missing; with rustup: rustup component add rustfmt clippy"
    done
}

# --- Python environments --------------------------------------------------------------

# The user's settings for pip may say where packages come from, but not where they go.
neutral() {
    for name in $(env | sed -n 's/^\(PIP_[A-Z_]*\)=.*/\1/p'); do
        case $name in
        PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_FIND_LINKS | PIP_NO_INDEX | PIP_CERT) ;;
        PIP_CLIENT_CERT | PIP_PROXY | PIP_TRUSTED_HOST | PIP_KEYRING_PROVIDER) ;;
        PIP_TIMEOUT | PIP_DEFAULT_TIMEOUT | PIP_RETRIES | PIP_CONFIG_FILE) ;;
        PIP_CACHE_DIR | PIP_NO_CACHE_DIR) ;;
        *) unset "$name" ;;
        esac
    done
    unset PYTHONPATH PYTHONHOME PYTHONPLATLIBDIR VIRTUAL_ENV CONDA_PREFIX
    export PIP_DISABLE_PIP_VERSION_CHECK=1
}

# environment NAME PYTHON REQUIREMENTS WHY
#
# The stamp is written last, and holds what the environment was made from: without it, or
# with another one, or with a python that does not run, it is made anew: beside others, and
# `environments` waits for all.
environment() {
    folder=$project/$1
    list=$here/$3
    wanted=$("$2" -I -c 'import sys; print(sys.version)' && cat "$list")
    if [ "$wanted" = "$(cat "$folder/libemb-stamp" 2>/dev/null)" ] &&
        "$folder/bin/python3" -I -c 'import sys; assert sys.prefix != sys.base_prefix' \
            2>/dev/null; then
        return 0
    fi
    say "making $1: $4"
    grep -v '^#' "$list" | sed 's/^/set-up:   /'
    (
        rm -rf "$folder"
        "$2" -I -m venv "$folder"
        "$folder/bin/python3" -I -m pip install -q --only-binary :all: -r "$list"
        printf '%s\n' "$wanted" >"$folder/libemb-stamp"
    ) &
    making="$making $!"
}

environments() {
    [ "$level" != build ] || return 0
    neutral
    making=
    # What runs in the background does not hear of Ctrl-C by itself.
    trap 'trap - TERM; kill -TERM 0' INT
    make_all
    failed=
    for one in $making; do wait "$one" || failed=yes; done
    [ -z "$failed" ] || die "an environment could not be made; the reason is above"
}

make_all() {
    if [ "$level" != demo ]; then
        environment .venv-wheel /usr/bin/python3 requirements-wheel.txt \
            "what builds the wheel, and looks at it"
    fi
    [ "$level" != wheel ] || return 0
    environment .venv /usr/bin/python3 requirements-demo.txt \
        "the CPython that the demo embeds"
    [ "$level" = test ] || return 0
    environment .venv-test /usr/bin/python3 requirements-test.txt \
        "a CPython with the packages that the tests use"
    newer=$(find "${PYENV_ROOT:-$HOME/.pyenv}/versions" -maxdepth 3 -path '*/3.13.*/bin/python3' 2>/dev/null |
        sort -V | tail -n 1)
    [ -z "$newer" ] || environment .venv-test-new "$newer" requirements-test.txt \
        "a newer CPython with the same packages"
    environment .venv-pypy /usr/bin/pypy3 requirements-pypy.txt \
        "a PyPy with a numpy of its own"
    environment .venv-jupyter /usr/bin/pypy3 requirements-jupyter.txt \
        "a PyPy that a notebook can be run in"
    [ -z "$headers" ] || environment .venv-bench /usr/bin/pypy3 requirements-bench.txt \
        "a PyPy with rpyc, to be compared with"
}

# --- Node -----------------------------------------------------------------------------

node_modules() {
    [ "$level" = test ] || return 0
    cd "$project/reach/node"
    if ! npm ls >/dev/null 2>&1; then
        say "installing into reach/node: koffi lets a program in Node call C"
        # What koffi needs is in its packages; no script has to run.
        npm ci --ignore-scripts --no-audit --no-fund
    fi
    cd "$project"
}

packages
rust
environments
node_modules
say "ready ($level)"
