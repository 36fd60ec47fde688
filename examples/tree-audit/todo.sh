#!/bin/sh
# todo.sh WORK
#
# Lines with the words TODO, FIXME or XXX in the text files of the snapshot.
# Leaves them in WORK/todo.found, each after the file's name and a NUL; prints
# how many there are.
set -eu
export LC_ALL=C

work=$1

# 123: some call of grep found nothing, or could not read a file.
code=0
xargs -0 -r -a "$work/files.list" grep -InHZwE -e 'TODO|FIXME|XXX' -- \
	>"$work/todo.found" 2>"$work/todo.errors" || code=$?
if [ "$code" -ne 0 ] && [ "$code" -ne 123 ] ||
	grep -q 'write error' "$work/todo.errors"; then
	cat "$work/todo.errors" >&2
	exit 1
fi

# Names may hold newlines, but a text line holds no NUL.
printf '{"lines": %d}\n' "$(tr -dc '\0' <"$work/todo.found" | wc -c)"
