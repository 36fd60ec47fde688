#!/usr/bin/env bats
# Every command shown in a document works as it stands: the blocks marked ```sh
# of a page are run in order, as one script, in an empty folder. Blocks marked
# "setup" (building, root) are left out: this test has that behind it.

load common

# page FILE
page() {
	awk '/^```sh$/ {on = 1; next} /^```/ {on = 0} on' "$SOURCE/$1" >script
	[ -s script ]
	if ! MODULES=$MODULES SOURCE=$SOURCE BUILD=$BUILD \
		bash -eu script >output 2>&1 3>&-; then
		cat output >&2
		return 1
	fi
	# A newcomer's eyes stop at these.
	no grep -i 'segmentation\|assertion\|sanitizer' output
}

@test "README.md" {
	mkdir bin
	# `make demo` and `make test` have tests of their own.
	printf '#!/bin/sh\nexit 0\n' >bin/make
	chmod +x bin/make
	PATH=$WORK/bin:$PATH
	page README.md
}

@test "docs/cli.md" {
	page docs/cli.md
}

@test "docs/config.md" {
	page docs/config.md
}

@test "docs/filters.md: and each answer is what the line's name says" {
	page docs/filters.md
	[ "$(grep -c '^{"name":\(true\|false\),' output)" -ge 35 ]
	equal "wrong answers" "" "$(grep '^{"name":\(true\|false\),' output |
		grep -v '^{"name":\(true,"match":true\|false,"match":false\)}$' || true)"
}

@test "docs/writing-plugins.md" {
	page docs/writing-plugins.md
}

@test "docs/queues.md" {
	page docs/queues.md
}

@test "docs/operations.md" {
	page docs/operations.md
}

@test "docs/performance.md names every shape of the benchmark, and no other" {
	sed -n 's/^\t{ "\([^"]*\)", [0-9]*, [0-9]*, .*/\1/p' \
		"$SOURCE"/bench/filters/workload/shapes*.c | sort >shapes
	[ "$(wc -l <shapes)" -ge 26 ]
	sed -n '/^| shape |/,/^$/p' "$SOURCE/docs/performance.md" | cut -d'|' -f2 |
		grep -o '`[^`]*`' | tr -d '`' | sort >named
	equal "names in the page" "$(cat shapes)" "$(cat named)"
}

@test "links between the documents lead somewhere" {
	cd "$SOURCE"
	local file link missing=
	for file in README.md docs/*.md examples/*/README.md plugins/*/README.md; do
		while read -r link; do
			[ -e "$(dirname "$file")/$link" ] || missing="$missing $file:$link"
		done < <(grep -o '](\([^)#:]*\))' "$file" | sed 's/^](//; s/)$//')
	done
	equal "dead links" "" "$missing"
}
