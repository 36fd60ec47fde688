#!/bin/sh
# audit.sh [-o OUT] [DIR]
#
# Audits the source tree DIR (default: the working directory) with Tutti, and
# shows the report and the run. OUT gets report.md, manifest.sha256 and the
# store with all runs. Default: tree-audit/ in the build folder, or in the
# working directory when there is none.
#
# From the environment: BUILD, the build folder; TUTTI, the program.
set -eu
unset CDPATH

fail() {
	printf 'audit.sh: %s\n' "$*" >&2
	exit 2
}

# absolute DIR: its real path. A path is put into JSON below, and a line of
# text has no place for control characters.
absolute() {
	path=$(cd -- "$1" 2>/dev/null && pwd -P && echo .) || fail "cannot enter '$1'"
	path=${path%??}
	case $path in
	*[[:cntrl:]]*) fail "control characters in the path '$path'" ;;
	esac
	printf '%s\n' "$path"
}

json() {
	printf '"'
	printf '%s' "$1" | sed 's/[\\"]/\\&/g'
	printf '"'
}

# Sets home, where the module and the config are, and build.
find_home() {
	here=$(absolute "$(dirname -- "$0")")
	build=
	if [ -e "$here/tree_audit.so" ]; then
		home=$here
	else
		build=$(absolute "${BUILD:-$here/../../build/release}")
		home=$build/examples/tree-audit
	fi
	[ -e "$home/tree_audit.so" ] ||
		fail "there is no tree_audit.so in '$home': run 'make build'," \
			"or say where with BUILD=folder"
}

find_tutti() {
	for candidate in "${TUTTI:-}" "$home/../../tutti" \
		"$home/../../../../bin/tutti" "$(command -v tutti)"; do
		if [ -x "$candidate" ]; then
			tutti=$(absolute "$(dirname -- "$candidate")")/tutti
			return
		fi
	done
	fail "there is no program tutti; say where with TUTTI=path"
}

# has PATTERN: is there a file of that name in the tree?
has() {
	[ -n "$(find "$dir" -name .git -prune -o -type f -name "$1" -print \
		-quit 2>/dev/null)" ]
}

# The languages in the tree, as a JSON list.
languages() {
	list=
	if has '*.[ch]'; then
		list='"c"'
	fi
	if has '*.sh'; then
		list="${list:+$list, }\"sh\""
	fi
	printf '[%s]' "$list"
}

# What is no part of the tree: what the audit itself writes, and the build; build
# folders side by side in a folder `build` are left out together.
skipped() {
	printf '['
	json "$out"
	if [ -n "$build" ]; then
		printf ', '
		json "$build"
	fi
	case $build in
	*/build/*)
		printf ', '
		json "${build%/build/*}/build"
		;;
	esac
	printf ']'
}

# show VERB...: as one would type it.
show() {
	printf '\n$ tutti %s\n' "$*"
	"$tutti" "$@"
}

out=
while getopts o: option; do
	case $option in
	o) out=$OPTARG ;;
	*) fail 'usage: audit.sh [-o OUT] [DIR]' ;;
	esac
done
shift $((OPTIND - 1))
[ $# -le 1 ] || fail 'usage: audit.sh [-o OUT] [DIR]'

dir=$(absolute "${1:-.}")
find_home
find_tutti
if [ -z "$out" ]; then
	out=${build:+$build/}tree-audit
fi
mkdir -p -- "$out"
out=$(absolute "$out")
[ "$out" != "$dir" ] || fail "OUT must not be the tree itself"

TREE_AUDIT=$home
export TREE_AUDIT
input="{\"dir\": $(json "$dir"), \"out\": $(json "$out"), \"skip\": $(skipped)}"
uid=audit-$(date -u +%Y%m%dT%H%M%SZ)-$$

# The store is ./.tutti of the folder where one is.
cd -- "$out"
code=0
"$tutti" run "$home/tutti.yaml" tree-audit --uid "$uid" \
	--attr "lang=$(languages)" --input "$input" || code=$?
# A report that is there without this run's name is an older one.
if ! grep -qsF "by run \`$uid\`" report.md; then
	show why @latest || :
	exit "$code"
fi

printf '\nThe report is %s/report.md. It begins:\n\n' "$out"
head -n 40 report.md
printf '\nNo daemon is running. The store is in %s:\n' "$out"
show ls
show show @latest
show why @latest
exit "$code"
