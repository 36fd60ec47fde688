# For scenarios with plugin processes: `load common` first, then this.

# The worker as a program and as a module, see tests/plugins/worker.c.
WORKER=$MODULES/worker
export CALLS

# A crash is to be a signal, not a sanitizer's report and exit status.
export ASAN_OPTIONS=handle_segv=0:${ASAN_OPTIONS:-}
export TSAN_OPTIONS=handle_segv=0:${TSAN_OPTIONS:-}

# plugin NAME FILTER: jq over what the daemon says of a plugin.
plugin() {
	tutti plugins -o json 2>/dev/null |
		jq -r --arg name "$1" ".plugins[] | select(.name == \$name) | $2"
}

# process ENTRY FILTER: jq over what it says of an entry's processes.
process() {
	tutti plugins -o json 2>/dev/null |
		jq -r --arg name "$1" ".processes[] | select(.entry == \$name) | $2"
}

# plugin_is NAME STATE
plugin_is() {
	[ "$(plugin "$1" .state)" = "$2" ]
}

# ready ENTRY N: so many of its processes have registered.
ready() {
	[ "$(process "$1" .ready)" = "$2" ]
}

pids_of() {
	plugin "$1" '.instances[].pid'
}

# calls PATTERN N: so many lines of $CALLS match.
calls() {
	[ "$(grep -c "$1" "$CALLS" 2>/dev/null || true)" -ge "$2" ]
}

gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"
}

# all_ended N: there are N runs and all have ended.
all_ended() {
	[ "$(tutti ls --limit 0 -o json 2>/dev/null |
		jq '[.[] | select(.state | IN("succeeded", "degraded", "failed", "cancelled"))] | length')" = "$1" ] &&
		[ "$(tutti ls --count 2>/dev/null)" = "$1" ]
}
