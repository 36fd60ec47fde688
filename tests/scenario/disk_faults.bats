#!/usr/bin/env bats
# Syncs that fail, that take long, that do not come back: clear errors, nothing
# accepted that cannot be kept, nothing lost, and it goes on by itself.

load common

prepare() {
	load disk
	mkdir "$FAULTS"
	export RECORD_FILE=$WORK/record
	: >"$RECORD_FILE"
	cat >tutti.yaml <<-YAML
		control: $WORK/control.sock
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    pre: [{plugin: recorder, as: first}]
		    parallel: [{plugin: exec, as: gate, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}]
		    post: [{plugin: recorder, as: last}]
		  B:
		    pre: [echo]
		workflows: {gated: [A], short: [B]}
	YAML
}

blocked() {
	grep -q 'cannot write the store' daemon.log
}

gate_runs() {
	[ "$(show "$1" '.activities[0].parallel.tasks[0].state' 2>/dev/null)" = running ]
}

works_again() {
	tutti -c tutti.yaml start short --uid again --wait >/dev/null 2>&1
}

# failing_sync MS: with a disk so slow.
failing_sync() {
	echo "$1" >"$FAULTS/slow"
	start_on_disk tutti.yaml
	exits 0 tutti -c tutti.yaml start gated --uid before
	wait_until gate_runs before
	touch "$FAULTS/fail"
	# What a plugin has done meanwhile is kept in mind.
	touch go
	wait_until blocked
	exits 5 tutti -c tutti.yaml start short --uid one
	says "the store cannot be written"
	says "nothing was accepted"
	# Of what is committed everything can be seen, of the rest nothing.
	exits 3 tutti show one
	equal "gate" running "$(show before '.activities[0].parallel.tasks[0].state')"
	equal "last" 0 "$(grep -c 'last begin' "$RECORD_FILE" || true)"
	kill -0 "$DAEMON"
	rm "$FAULTS/fail"
	wait_until works_again
	grep -q 'can be written again' daemon.log
	wait_until state_is before succeeded
	equal "each plugin once" "1 1" "$(grep -c 'first begin' "$RECORD_FILE") $(grep -c 'last begin' "$RECORD_FILE")"
	mdb_dump -a .tutti >/dev/null
	# And after the next power cut too.
	power_cut 0
	start_on_disk tutti.yaml
	equal states "succeeded succeeded" "$(show before .state) $(show again .state)"
}

@test "syncs fail, on a quick disk" {
	failing_sync 0
}

@test "syncs fail, on a slow disk" {
	failing_sync 20
}

@test "the first sync that fails: who asked is told that it is not on disk" {
	start_on_disk tutti.yaml
	touch "$FAULTS/fail"
	exits 5 tutti -c tutti.yaml start short --uid one
	says "not on disk yet"
	rm "$FAULTS/fail"
	exits_well() { tutti -c tutti.yaml start short --uid one --wait >/dev/null 2>&1; }
	wait_until exits_well
	equal runs 1 "$(tutti ls --count)"
}

@test "what was gathered behind a commit that fails is kept as well" {
	echo 20 >"$FAULTS/slow"
	start_on_disk tutti.yaml
	local before
	before=$(syncs)
	touch "$FAULTS/hold" "$FAULTS/fail"
	tutti -c tutti.yaml start short --uid one >one 2>&1 3>&- &
	wait_until synced_more_than "$before"
	tutti -c tutti.yaml start short --uid two >two 2>&1 3>&- &
	wait_until clients_are 2
	exits 0 tutti -c tutti.yaml plugins
	rm "$FAULTS/hold"
	wait_until blocked
	wait_until clients_are 0
	grep -q 'not on disk yet' one
	rm "$FAULTS/fail"
	both_done() { [ "$(tutti ls --state succeeded --count)" = 2 ]; }
	wait_until both_done
}

@test "stopped while syncs fail: what is on disk is there, the rest was told" {
	start_on_disk tutti.yaml
	exits 0 tutti -c tutti.yaml start gated --uid kept
	wait_until gate_runs kept
	touch "$FAULTS/fail"
	exits 5 tutti -c tutti.yaml start short --uid one
	touch go
	stop_daemon TERM
	rm "$FAULTS/fail"
	power_cut 0
	start_on_disk tutti.yaml
	wait_until state_is kept succeeded
	exits 3 tutti show one
}

# Connections of clients to the daemon.
clients_are() {
	[ "$(grep -c "$WORK/control.sock" /proc/net/unix)" -eq $((1 + $1)) ]
}

@test "while a sync does not come back questions are answered, and nothing begins" {
	echo 20 >"$FAULTS/slow"
	start_on_disk tutti.yaml
	local before
	before=$(syncs)
	touch "$FAULTS/hold"
	tutti -c tutti.yaml start gated --uid one >started 2>&1 3>&- &
	local client=$!
	wait_until synced_more_than "$before"
	for _ in 1 2 3; do
		exits 0 tutti -c tutti.yaml plugins
		says recorder
		exits 3 tutti -c tutti.yaml start 'no such workflow'
	done
	kill -0 "$client"
	equal started "" "$(cat started)"
	equal begun "" "$(cat "$RECORD_FILE")"
	exits 3 tutti show one
	rm "$FAULTS/hold"
	wait "$client"
	wait_until gate_runs one
	touch go
	wait_until state_is one succeeded
}

# syncs_for COUNT: of so many runs that are started while a sync is under way.
syncs_for() {
	local before i
	before=$(syncs)
	touch "$FAULTS/hold"
	tutti -c tutti.yaml start short --uid "$1.0" >/dev/null 2>&1 3>&- &
	wait_until synced_more_than "$before"
	for i in $(seq "$1"); do
		tutti -c tutti.yaml start short --uid "$1.$i" --wait >/dev/null 2>&1 3>&- &
	done
	wait_until clients_are $((1 + $1))
	exits 0 tutti -c tutti.yaml plugins
	rm "$FAULTS/hold"
	all_ended() { [ "$(tutti ls --state succeeded --count)" = "$2" ]; }
	wait_until all_ended x "$2"
	COUNTED=$(($(syncs) - before))
}

@test "on a slow disk many runs share few syncs: they do not grow with the runs" {
	echo 200 >"$FAULTS/slow"
	start_on_disk tutti.yaml
	syncs_for 5 6
	local few=$COUNTED
	syncs_for 50 57
	echo "syncs for 6 runs: $few, for 51 runs: $COUNTED"
	[ "$COUNTED" -le $((few + 5)) ]
	exits 0 tutti ls --count
	equal runs 57 "$output"
}
