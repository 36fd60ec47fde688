#!/bin/sh
# todo.sh WORK
#
# Lines with the words TODO, FIXME or XXX in the text files of the snapshot.
# Leaves them in WORK/todo.found, each after the file's name and a NUL; prints
# how many there are.
set -eu
export LC_ALL=C

work=$1

# Should an attempt be cut off from its orchestrator, it may still be writing
# when the next one runs: each has files of its own until they are whole.
new=$work/todo.${TUTTI_ATTEMPT:-1}
errors=$new.errors

# 123: some call of grep found nothing, or could not read a file.
code=0
xargs -0 -r -a "$work/files.list" grep -InHZwE -e 'TODO|FIXME|XXX' -- \
	>"$new" 2>"$errors" || code=$?
if [ "$code" -ne 0 ] && [ "$code" -ne 123 ] ||
	grep -q 'write error' "$errors"; then
	cat "$errors" >&2
	exit 1
fi

mv -f -- "$new" "$work/todo.found"

# Names may hold newlines, but a text line holds no NUL.
printf '{"lines": %d}\n' "$(tr -dc '\0' <"$work/todo.found" | wc -c)"
