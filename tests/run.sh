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
		# What got cheaper, or could not be compared.
		grep '^guard: ' "build/$preset/Testing/Temporary/LastTest.log" ||
			true
	else
		cat "$log"
		exit 1
	fi
}

# built PRESET: waits until the builder has built it.
built() {
	until [ -e "build/$1.built" ]; do
		if ! kill -0 "$builder" 2>/dev/null &&
			[ ! -e "build/$1.built" ]; then
			cat build/builder.log
			exit 1
		fi
		sleep 0.2
	done
}

# The builds that follow the first one.
if [ "${1:-}" = --build ]; then
	build address
	touch build/address.built
	build thread threaded
	touch build/thread.built
	build fuzz tutti fuzzers
	touch build/fuzz.built
	exit
fi

mkdir -p build
rm -f build/*.built

step "source: format, spelling, scripts, sizes"
tests/check.sh

step "gcc, all tests"
build debug

# Tests leave processors idle: what they leave, the next builds take.
setsid nice -n 19 tests/run.sh --build >build/builder.log 2>&1 &
builder=$!
trap 'kill -- "-$builder" 2>/dev/null || true' EXIT
trap 'exit 1' INT TERM

run debug

step "AddressSanitizer and UndefinedBehaviorSanitizer"
built address
run address -L 'unit|simulate|sanitized'

step "ThreadSanitizer: what has threads"
built thread
# The suppression needs both stacks of a race: the longest history there is.
supp=$PWD/tests/thread-sanitizer.supp
TSAN_OPTIONS="suppressions=$supp history_size=7" run thread -L threads

step "clang, and libFuzzer"
built fuzz
run fuzz -L fuzz

step "install, and a plugin built against what is installed"
tests/installed.sh
