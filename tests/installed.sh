#!/bin/sh
# Installs into a folder of its own and uses nothing but what is there: the
# program runs, plugins are built against the SDK in both forms, by hand with
# pkg-config and with CMake, the manual page reads.
set -eu

cd "$(dirname "$0")/.."
build=$PWD/build/debug
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work cmake --install "$build" --prefix /usr >/dev/null
cd "$work"
PATH=$work/usr/bin:$PATH
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name tutti.pc)")
export PKG_CONFIG_PATH

# log_line() is also a function of the orchestrator's: each must find its own.
cat >greet.c <<'C'
#include <tutti/plugin.h>

const char *log_line(void);
const char *log_line(void)
{
	return "{\"greeting\": \"hello\"}";
}

static int32_t greet(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, log_line());
}

static const struct tutti_subscription wanted[] = {
	{ "Step1", 0, TUTTI_PARALLEL, TUTTI_MANDATORY, 0, 0 },
};

static const struct tutti_plugin greeter = {
	.size = sizeof(struct tutti_plugin),
	.name = "greet",
	.version = "1.0",
	.help = "Says hello.",
	.subscriptions = wanted,
	.subscription_count = 1,
	.max_tasks = 1,
	.handle = greet,
};

TUTTI_MODULE(&greeter);
C

# greets ENTRY UID: a run with this entry under `plugins`.
greets() {
	printf 'activities: [Step1]\nplugins: [%s]\n' "$1" >tutti.yaml
	tutti run tutti.yaml --uid "$2" >/dev/null 2>&1
	tutti show "$2" -o json 2>/dev/null | grep -q '"greeting": "hello"'
}

# try FOLDER UID: the module does a task, and so does the program.
try() {
	greets "$1/greet.so" "$2-module"
	greets "{exec: [$1/greet_plugin], name: greet, register_window: 10s}" \
		"$2-program"
	"$1/greet_plugin" --describe | grep -q '"name": "greet"'
	test "$("$1/greet_plugin" --version | cut -d' ' -f1,2)" = "greet 1.0"
	# Nobody is there to register with.
	code=0
	TUTTI_STORE=$work/none "$1/greet_plugin" 2>/dev/null || code=$?
	test "$code" = 5
	nm -D --defined-only "$1/greet.so" | awk '{ print $3 }' >exported
	test "$(cat exported)" = tutti_plugin_v1
}

for compiler in gcc clang; do
	mkdir "$compiler"
	# shellcheck disable=SC2046
	$compiler -std=c11 -pedantic -Wall -Wextra -Werror -fPIC \
		$(pkg-config --cflags tutti) -c -o "$compiler/greet.o" greet.c
	$compiler -shared -Wl,-z,defs -o "$compiler/greet.so" \
		"$compiler/greet.o"
	# shellcheck disable=SC2046
	$compiler -o "$compiler/greet_plugin" "$compiler/greet.o" \
		$(pkg-config --libs tutti-plugin-main)
	try "./$compiler" "$compiler"
done

mkdir cmake
cat >cmake/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.25)
project(greet C)
find_package(tutti 0.1 REQUIRED)
enable_testing()
tutti_add_plugin(greet CHECK ../greet.c)
C
cmake -S cmake -B cmake/build -DCMAKE_PREFIX_PATH="$work/usr" >/dev/null
cmake --build cmake/build >/dev/null
try ./cmake/build cmake
# Both forms are registered with CTest.
test "$(ctest --test-dir cmake/build -N | grep -c 'plugin\.greet\.')" = 2

# What `tutti plugin new` makes builds and passes its tests.
for language in c cpp; do
	tutti plugin new "made-$language" --lang "$language" >/dev/null
	cmake -S "made-$language" -B "made-$language/build" \
		-DCMAKE_PREFIX_PATH="$work/usr" >/dev/null
	cmake --build "made-$language/build" >/dev/null
	ctest --test-dir "made-$language/build" --output-on-failure
	(cd "made-$language" &&
		tutti run tutti.yaml Hello --attr who=Ada --uid made >/dev/null 2>&1 &&
		tutti show made -o json 2>/dev/null | grep -q '"succeeded"')
done

# With the program of the echo plugin, and nothing left behind.
tutti bench --seconds 1 >bench.txt
grep -q '^process *relaxed *256 ' bench.txt
test "$(find . -maxdepth 1 -name 'tutti-bench-*')" = ""

mandoc -T lint -W error "$work"/usr/share/man/man1/tutti.1*
echo "installed files work"
