#!/bin/sh
# checksums.sh WORK MANIFEST
#
# The SHA-256 of every file of the snapshot, in the working directory, as
# `sha256sum -c` reads it. Prints how many, and the SHA-256 of the manifest.
set -eu
export LC_ALL=C

work=$1
manifest=$2

# Should an attempt be cut off from its orchestrator, it may still be writing
# when the next one runs: each has files of its own until they are whole.
new=$work/checksums.${TUTTI_ATTEMPT:-1}
errors=$new.errors

# 123: some file could not be read. It is not in the manifest, and the report
# counts what is; a manifest that could not be written is another matter.
code=0
xargs -0 -r -a "$work/files.list" sha256sum -- \
	>"$new" 2>"$errors" || code=$?
if [ "$code" -ne 0 ] && [ "$code" -ne 123 ] ||
	grep -q 'write error' "$errors"; then
	cat "$errors" >&2
	exit 1
fi

entries=$(wc -l <"$new")
sum=$(sha256sum <"$new")
mv -f -- "$new" "$manifest"
printf '{"entries": %d, "sha256": "%s"}\n' "$entries" "${sum%% *}"
