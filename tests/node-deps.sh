#!/bin/sh
# node-deps.sh BUILD: what the plugins in JavaScript need to run out of the
# build folder: node and npm (Debian's, when there are none) and the package
# that the example names, installed beside a copy of it.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
build=$1
example=$build/examples/node-plugin

missing=
command -v node >/dev/null 2>&1 || missing=nodejs
command -v npm >/dev/null 2>&1 || missing="$missing npm"
if [ -n "$missing" ]; then
	# shellcheck disable=SC2086 # words are meant to split
	"$source/cmake/install-packages.sh" $missing
fi

mkdir -p "$example" "$build/tests/conformance"
# Tests that need it may start at the same time.
exec 9>"$example/.lock"
flock 9
cp "$source"/examples/node-plugin/*.mjs "$source"/examples/node-plugin/*.json \
	"$example"
cp "$source"/tests/conformance/*.mjs "$build/tests/conformance"
if ! cmp -s "$example/package.json" "$example/node_modules/.installed"; then
	(cd "$example" &&
		npm install --no-save --no-audit --no-fund --no-package-lock \
			--loglevel=error)
	cp "$example/package.json" "$example/node_modules/.installed"
fi
