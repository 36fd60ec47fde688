#!/bin/sh
# shell_check.sh WORK LIST
#
# Looks at the shell scripts named in LIST, in the working directory: do they
# begin with #!, does their shell understand them, do they say `set -e`? Scripts
# for another shell than sh and bash are only counted. Leaves what it finds in
# WORK/shell.found, "KIND NAME" and a NUL each; prints how many there are of
# each kind.
#
# xargs calls it again with as many scripts as fit into one command:
# shell_check.sh --these FOUND SCRIPT...
set -eu
export LC_ALL=C

ERREXIT='^[[:space:]]*set[[:space:]]+(-[[:alpha:]]*e|-o[[:space:]]+errexit)'

# The shell that can check a script with this first line; nothing when it is
# for another one than sh and bash.
checker() {
	set -f
	case $1 in
	'#!'*)
		# shellcheck disable=SC2086 # into words
		set -- ${1#??}
		if [ "${1##*/}" = env ]; then
			shift
		fi
		;;
	*) set -- sh ;;
	esac
	set +f
	case ${1-} in
	sh | dash | */sh | */dash) echo sh ;;
	bash | */bash) command -v bash || : ;;
	esac
}

found() {
	printf '%s %s\0' "$1" "$2"
}

check() {
	if [ ! -r "$1" ]; then
		found unread "$1"
		return
	fi
	found script "$1"
	first=
	IFS= read -r first <"$1" || :
	case $first in
	'#!'*) ;;
	*) found no-shebang "$1" ;;
	esac
	shell=$(checker "$first")
	if [ -z "$shell" ]; then
		found unchecked "$1"
		return
	fi
	if ! "$shell" -n "$1" 2>/dev/null; then
		found syntax "$1"
	fi
	if ! grep -qaE "$ERREXIT" "$1"; then
		found no-errexit "$1"
	fi
}

if [ "$1" = --these ]; then
	out=$2
	shift 2
	for script; do
		check "$script"
	done >>"$out"
	exit 0
fi

# count KIND
count() {
	tr '\n\0' ' \n' <"$work/shell.found" | grep -c "^$1 " || :
}

work=$1
list=$2

# Should an attempt be cut off from its orchestrator, it may still be writing
# when the next one runs: each has files of its own until they are whole.
new=$work/shell.${TUTTI_ATTEMPT:-1}
: >"$new"
xargs -0 -r -a "$list" "$0" --these "$new"
mv -f -- "$new" "$work/shell.found"
printf '{"scripts": %d, "syntax": %d, "no_shebang": %d, ' \
	"$(count script)" "$(count syntax)" "$(count no-shebang)"
printf '"no_errexit": %d, "unchecked": %d, "unread": %d}\n' \
	"$(count no-errexit)" "$(count unchecked)" "$(count unread)"
