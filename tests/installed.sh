#!/bin/sh
# Installs into a folder of its own and uses nothing but what is there: the
# program runs, a plugin is built against the header, the manual page reads.
set -eu

cd "$(dirname "$0")/.."
build=$PWD/build/debug
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work cmake --install "$build" --prefix /usr >/dev/null
cd "$work"
PATH=$work/usr/bin:$PATH

cat >greet.c <<'C'
#include <tutti/plugin.h>

static int32_t greet(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, "{\"greeting\": \"hello\"}");
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
for compiler in gcc clang; do
	$compiler -std=c11 -pedantic -Wall -Wextra -Werror -shared -fPIC \
		-fvisibility=hidden -Wl,-z,defs -I"$work/usr/include" \
		-o greet.so greet.c
	printf 'activities: [Step1]\nplugins: [./greet.so]\n' >tutti.yaml
	tutti run tutti.yaml --uid "$compiler" >/dev/null 2>&1
	tutti show "$compiler" -o json 2>/dev/null | grep -q '"greeting": "hello"'
done
mandoc -T lint -W error "$work"/usr/share/man/man1/tutti.1*
echo "installed files work"
