# libemb: `make demo` shows it, `make test` tests it, `make help` lists the rest.

# Where cargo builds, and the Python that the demo embeds; to be changed on the command line.
CARGO_TARGET_DIR := $(CURDIR)/target
DEMO_PYTHON := $(CURDIR)/.venv

# Where `make install` puts things; BINDIR, LIBDIR and INCLUDEDIR follow PREFIX.
PREFIX := /usr/local
BINDIR = $(PREFIX)/bin
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
DESTDIR :=

# A user's settings of Python and libemb are for other programs.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV CONDA_PREFIX MPLBACKEND
unexport EMB_PYTHON EMB_LIBRARY EMB_BACKEND EMB_CLASH EMB_DEBUG
export CARGO_TARGET_DIR
export PATH := $(PATH):$(HOME)/.cargo/bin

# The number of the ABI, which is also that of the SONAME.
ABI := $(shell sed -n 's/^\#define EMB_ABI_VERSION //p' include/emb.h)
RELEASE := $(CARGO_TARGET_DIR)/release
LIBRARY := $(RELEASE)/libemb.so
ARM64 := $(CURDIR)/build/target-arm64
COMMAND := $(RELEASE)/emb
C_FLAGS := -std=c11 -O2 -ffp-contract=off -Wall -Wextra -Wpedantic -Iinclude
INSTALL = PREFIX='$(PREFIX)' BINDIR='$(BINDIR)' LIBDIR='$(LIBDIR)' INCLUDEDIR='$(INCLUDEDIR)' DESTDIR='$(DESTDIR)' \
	LIBRARY='$(LIBRARY)' COMMAND='$(COMMAND)' scripts/install.sh

.NOTPARALLEL:
.PHONY: help setup setup-test build install uninstall demo test header check ctest asan valgrind
.PHONY: test-newer test-aarch64 bindings hosts gallery reach bench bench-pypy bench-threads docs wheel clean

help: ## lists these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## installs what the demo needs
	@scripts/setup.sh demo

setup-test: ## installs what the tests need
	@scripts/setup.sh test

build: ## builds the library in release mode
	@scripts/setup.sh build
	cargo build --release
	@ln -sf libemb.so $(LIBRARY).$(ABI)

# As root there may be no cargo: what is built already is installed as it is.
install: $(LIBRARY) ## installs library, header and command into PREFIX (/usr/local), below DESTDIR
	@$(INSTALL) install

uninstall: ## removes what install has put there
	@$(INSTALL) uninstall

$(LIBRARY):
	@$(MAKE) build

wheel: ## builds a wheel for PyPy and CPython, with the library inside, into build/dist
	@scripts/setup.sh wheel
	@scripts/wheel.sh build/dist

demo: setup build ## plots with CPython's matplotlib from stock PyPy, then from C
	EMB_LIBRARY=$(LIBRARY) EMB_PYTHON=$(DEMO_PYTHON) PYTHONPATH=bindings/pypy pypy3 demo/demo.py plot.png
	cc $(C_FLAGS) demo/plot.c -L$(RELEASE) -lemb -lm -Wl,-rpath,$(RELEASE) -o $(RELEASE)/plot
	EMB_PYTHON=$(DEMO_PYTHON) $(RELEASE)/plot plot-c.png

test: setup-test ## sets up and tests everything; ends with the counts
	@scripts/test.py

# What these two need is downloaded, and some pythons built, the first time.
test-newer: ## the tests in C with Debian's newest CPythons, and with free-threaded ones
	@scripts/setup.sh newer
	@scripts/debian.sh newer
	cargo test --test ctests newer -- --include-ignored

test-aarch64: ## the tests in C, and PyPy, on AArch64, run by qemu
	@scripts/setup.sh aarch64
	@scripts/debian.sh arm64
	RUSTC=$(CURDIR)/build/rust-arm64/rustc CARGO_TARGET_DIR=$(ARM64) \
		CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
		cargo build --release --target aarch64-unknown-linux-gnu
	cargo test --test ctests aarch64 -- --include-ignored --test-threads=2

header: ## puts the generated header into include/
	@header=$$(cargo check --message-format=json | \
		sed -n 's/.*"EMB_GENERATED_HEADER","\([^"]*\)".*/\1/p' | tail -n 1); \
	cp "$$header" include/emb.h

check: ## format and lints
	@scripts/test.py format lints

ctest: setup-test ## the tests in C and C++, and the examples
	cargo test --test ctests --test cpp --test examples

asan: setup-test ## the tests in C and C++ under AddressSanitizer
	cargo test --test ctests --test cpp asan

valgrind: setup-test ## the tests in C under valgrind
	cargo test --test ctests valgrind

bindings: setup-test ## the tests of the packages for other languages
	@scripts/test.py release pypy cpython

hosts: setup-test build ## each CPython here, and PyPy, hosts each other one with all packages: an hour
	@tests/hosts/matrix.py $(HOSTS)

gallery: setup-test build ## matplotlib's and scipy's examples under PyPy: an hour, the report in build/gallery
	@tests/gallery/gallery.py $(GALLERY)

reach: setup-test ## the programs in other languages that call the C ABI
	cargo test --test reach

bench: ## times the C ABI beside the direct C API and PyO3, in one process
	@scripts/setup.sh bench
	@$(MAKE) -s build
	@scripts/bench.sh --json $(RELEASE)/benches/results.json

bench-threads: ## times two threads beside one, with the free-threaded CPython of test-newer
	@$(MAKE) -s build
	cc $(C_FLAGS) -D_GNU_SOURCE -pthread benches/threads.c -L$(RELEASE) -lemb -Wl,-rpath,$(RELEASE) -o $(RELEASE)/threads
	EMB_PYTHON=$(CURDIR)/build/python3.13t/bin/python3.13t $(RELEASE)/threads

docs: ## builds the API reference from the headers' comments, in target/docs
	@scripts/docs.sh $(CARGO_TARGET_DIR)/docs
	@echo "the reference begins at $(CARGO_TARGET_DIR)/docs/index.html"

bench-pypy: ## times the package for PyPy beside CPython, embedded and by itself, cpyext and rpyc, and watches its memory
	@scripts/setup.sh bench
	@$(MAKE) -s build
	@EMB_LIBRARY=$(LIBRARY) python3 bindings/pypy/bench/run.py --json $(RELEASE)/benches/pypy.json

clean: ## removes what was built, but not the Python environments
	cargo clean
	rm -f plot.png plot-c.png
