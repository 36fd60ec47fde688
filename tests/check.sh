#!/bin/sh
# What can be said of the source without building it.
set -eu

cd "$(dirname "$0")/.."

sources() {
	git ls-files --cached --others --exclude-standard -- "$@"
}

sources '*.c' '*.h' | xargs clang-format --dry-run -Werror
sources '*.sh' .ci/run | xargs shellcheck
# Tests misspell on purpose, and hex dumps by chance.
hex=$(mktemp)
trap 'rm -f "$hex"' EXIT
grep -E '^[0-9a-f]{4}  ' docs/protocol.md >"$hex"
sources '*.md' '*.c' '*.h' '*.scd' '*.yaml' Makefile |
	grep -v '^tests/' | xargs codespell --ignore-words-list=paralel,archiv \
		--exclude-file="$hex"

# Functions of a hundred lines or more, files of eight hundred.
ctags -R --languages=C --c-kinds=f --fields=+ne -f - \
	orchestrator sdk plugins |
	awk -F'\t' '{
		first = last = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) first = substr($i, 6)
			if ($i ~ /^end:/) last = substr($i, 5)
		}
		if (last - first >= 100) {
			print $2 ":" first ": " $1 " has " last - first + 1 " lines"
			bad = 1
		}
	} END { exit bad }'
sources '*.c' '*.h' | xargs wc -l |
	awk '$2 != "total" && $1 > 800 { print $2 " has " $1 " lines"; bad = 1 }
		END { exit bad }'
