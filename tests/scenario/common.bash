# For every scenario: a folder of its own, the program in the path, nothing
# left running. TUTTI is the program, BUILD the build folder.

: "${TUTTI:?path of the tutti program}"
: "${BUILD:?path of the build folder}"
MODULES=$BUILD/tests/plugins

setup() {
	unset TUTTI_STORE TUTTI_CONFIG
	export NO_COLOR=1
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/tutti-scenario.XXXXXX")
	cd "$WORK" || return 1
	PATH=$(dirname "$TUTTI"):$PATH
	if declare -F prepare >/dev/null; then
		prepare
	fi
}

# Programs of a daemon that was killed with -9 live on; they stand in $WORK.
end_orphans() {
	local process
	# One process for all: this is done after every test.
	# shellcheck disable=SC2044 # of what can be a number only
	for process in $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$WORK*" \
		-printf '%h\n' 2>/dev/null); do
		kill -9 "${process#/proc/}" 2>/dev/null || true
	done
}

teardown() {
	stop_daemon KILL
	cd /
	end_orphans
	chmod -R u+rwX "$WORK" 2>/dev/null || true
	rm -rf "$WORK"
}

# wait_until COMMAND...: until it succeeds, at most a minute. What takes longer
# is looked at less often: looking is what tests do most.
wait_until() {
	local end=$((SECONDS + 60))
	local pauses=(.01 .02 .02 .03 .03 .04 .05 .06 .08)
	until "$@"; do
		if [ -n "${DAEMON:-}" ] && ! kill -0 "$DAEMON" 2>/dev/null; then
			echo "the daemon has ended:" >&2
			cat daemon.log >&2
			return 1
		fi
		if [ "$SECONDS" -ge "$end" ]; then
			echo "gave up waiting for: $*" >&2
			return 1
		fi
		sleep "${pauses[0]:-.1}"
		pauses=("${pauses[@]:1}")
	done
}

# start_daemon CONFIG [ARG...]: in the background, until it answers.
start_daemon() {
	local config=$1
	shift
	# Not bats' own descriptor: it would wait for the daemon to close it.
	tutti serve -c "$config" "$@" >>daemon.log 2>&1 3>&- &
	DAEMON=$!
	CONFIG=$config
	wait_until daemon_answers
}

daemon_answers() {
	# Unknown workflow (3) is an answer; unreachable is 5.
	local code=0
	tutti -c "$CONFIG" start --dry-run 'no such workflow' >/dev/null 2>&1 ||
		code=$?
	[ "$code" -eq 3 ]
}

# stop_daemon [SIGNAL]: and wait until it is gone.
stop_daemon() {
	if [ -n "${DAEMON:-}" ]; then
		kill -"${1:-TERM}" "$DAEMON" 2>/dev/null || true
		wait "$DAEMON" 2>/dev/null || true
		DAEMON=
	fi
}

# show RUN FILTER: jq over the run's JSON.
show() {
	tutti show "$1" -o json | jq -r "$2"
}

# state_is RUN STATE
state_is() {
	[ "$(show "$1" .state 2>/dev/null)" = "$2" ]
}

# equal WHAT EXPECTED ACTUAL
equal() {
	if [ "$2" != "$3" ]; then
		printf '%s: expected\n%s\nbut it is\n%s\n' "$1" "$2" "$3" >&2
		return 1
	fi
}

# exits CODE COMMAND...: output goes to $output.
exits() {
	local want=$1 code=0
	shift
	output=$("$@" 2>&1) || code=$?
	if [ "$code" -ne "$want" ]; then
		printf '%s: expected exit code %s, got %s:\n%s\n' \
			"$*" "$want" "$code" "$output" >&2
		return 1
	fi
}

# says TEXT: $output of the last `exits` contains it.
says() {
	case $output in
	*"$1"*) ;;
	*)
		printf 'expected to read "%s" in:\n%s\n' "$1" "$output" >&2
		return 1
		;;
	esac
}

# no COMMAND...: it must fail.
no() {
	if "$@"; then
		echo "must not succeed: $*" >&2
		return 1
	fi
}
