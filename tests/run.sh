#!/bin/sh
# Everything `make test` does: checks of the source, then builds and tests with
# two compilers and three sanitizers. Stops at the first step that fails.
set -eu

cd "$(dirname "$0")/.."
jobs=$(nproc)

step() {
	echo "== $*"
}

# build PRESET [TARGET...]: all when none is named.
build() {
	preset=$1
	shift
	cmake --preset "$preset" >/dev/null
	cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"} -- --quiet
}

# run PRESET [ctest options]; the summary on success, everything on failure.
run() {
	preset=$1
	log=build/$1/ctest.log
	shift
	# More at once than there are processors: scenarios mostly wait.
	if ctest --test-dir "build/$preset" -j "$((jobs * 2))" \
		--output-on-failure --no-tests=error "$@" >"$log" 2>&1; then
		grep -v '^ *Start ' "$log"
	else
		cat "$log"
		exit 1
	fi
}

mkdir -p build

step "source: format, spelling, scripts, sizes"
tests/check.sh

step "gcc, all tests"
build debug
run debug

step "AddressSanitizer and UndefinedBehaviorSanitizer"
build address
run address -L 'unit|simulate|sanitized'

step "ThreadSanitizer: what has threads"
build thread
run thread -R '^(unit_(host|bus|base|store|runner)_|scenario_(start|crash$|processes|forms_(in-process|process)))'

step "clang, and libFuzzer"
build fuzz tutti fuzzers
run fuzz -L fuzz

step "install, and a plugin built against what is installed"
tests/installed.sh
