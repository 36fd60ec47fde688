#!/usr/bin/env bats
# Deleting runs, by hand and by `retain`, and what else goes on by itself.

load common

prepare() {
	cat >tutti.yaml <<-'YAML'
		store: ./store
		activities:
		  A: {parallel: [{plugin: echo, with: {n: 1}}, {plugin: exec, as: gate, filter: {gate: [true]}, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}]}
		workflows: {w: [A], other: [A]}
	YAML
}

# rows TABLE: how many the store has.
rows() {
	tutti store stat -o json | jq ".tables.$1.entries"
}

# has_rows TABLE NUMBER
has_rows() {
	[ "$(rows "$1")" -eq "$2" ]
}

listed() {
	tutti ls -o json "$@" | jq -r '.[].uid' | sort | tr '\n' ' '
}

@test "an ended run is deleted with all that belongs to it, an active one is a conflict" {
	start_daemon tutti.yaml
	local uid
	# Ids have no letter u: none of them ends like one of these.
	for uid in ua ub uc; do
		exits 0 tutti start w --uid "$uid" --wait
	done
	exits 0 tutti start w --uid active --attr gate=true
	local before
	before=$(rows tree)
	exits 0 tutti delete ua --dry-run
	says "would be deleted, was succeeded"
	equal "after a dry run" "active ua ub uc " "$(listed)"
	exits 0 tutti delete ua
	says "deleted, was succeeded"
	equal "left" "active ub uc " "$(listed)"
	exits 3 tutti show ua
	exits 3 tutti delete ua
	exits 6 tutti delete active
	says "cancel it first"
	exits 6 tutti delete active --dry-run
	# What can be done is done, the first failure is the exit code.
	exits 3 tutti delete nobody ub
	equal "left" "active uc " "$(listed)"
	wait_until has_rows doomed 0
	equal runs 2 "$(rows runs)"
	equal ix_flow 2 "$(rows ix_flow)"
	equal ix_state 2 "$(rows ix_state)"
	equal ix_uid 2 "$(rows ix_uid)"
	equal ix_ended 1 "$(rows ix_ended)"
	[ "$(rows tree)" -lt "$before" ]
	# The uid is free again.
	exits 0 tutti start w --uid ua --attr other=1 --wait
	equal "made again" "active ua uc " "$(listed)"
	tutti delete uc -o json >deleted.json
	equal "as JSON" "uc succeeded" "$(jq -r '.[] | "\(.uid) \(.state)"' deleted.json)"
	touch go
	wait_until state_is active succeeded
	tutti ls -o name | xargs tutti delete >/dev/null
	equal "all" "" "$(listed)"
	stop_daemon
	exits 5 tutti delete ua
	exits 2 tutti delete
}

@test "a deleted run with 20,000 tasks does not hold the others up, and a crash while it goes leaves nothing" {
	python3 - >tutti.yaml <<-'PY'
		print("store: ./store")
		print("activities:")
		for a in range(10):
		    print(f"  A{a}:")
		    print("    parallel:")
		    for n in range(2000):
		        print(f"      - {{plugin: echo, as: t{n}}}")
		print("  small: {parallel: [{plugin: echo}]}")
		print("workflows: {large: [%s], small: [small]}" % ", ".join(f"A{a}" for a in range(10)))
	PY
	start_daemon tutti.yaml
	exits 0 tutti start large --uid large --wait
	equal tasks 20000 "$(show large '[.activities[].parallel.tasks[]] | length')"
	exits 0 tutti delete large
	exits 3 tutti show large
	# Still at it, and others go on.
	exits 0 tutti start small --uid s1 --wait
	stop_daemon KILL
	equal "after the crash" "s1 " "$(listed)"
	start_daemon tutti.yaml
	wait_until has_rows doomed 0
	exits 0 tutti start small --uid s2 --wait
	# Two runs of one activity and one task each.
	equal runs 2 "$(rows runs)"
	[ "$(rows tree)" -lt 20 ]
}

@test "retain deletes by state and time, takes a reload, and sleeps until something is due" {
	sed -i '/^activities/i retain: {succeeded: 1s, failed: 1h}' tutti.yaml
	start_daemon tutti.yaml
	exits 0 tutti start w --uid good --wait
	wait_until no_run good
	exits 0 tutti start w --uid stopped --attr gate=true
	exits 0 tutti cancel stopped
	wait_until state_is stopped cancelled
	# Nothing is due any more: the timer is not set.
	equal "set timers" "" "$(awk '/it_value/ && !/\(0, 0\)/' /proc/"$DAEMON"/fdinfo/*)"
	# Kept for ever so far; from now on for a second, which is over soon.
	sed -i 's/^retain:.*/retain: {cancelled: 1s}/' tutti.yaml
	tutti reload --dry-run -o json >plan.json
	equal "what a reload would change" \
		"succeeded 1s -> for ever, failed 1h -> for ever, cancelled for ever -> 1s" \
		"$(jq -r '.changed[] | select(.entry == "retain").what' plan.json)"
	exits 0 tutti reload
	wait_until no_run stopped
	exits 0 tutti start w --uid kept --wait
	stop_daemon
	# What became due meanwhile goes at the start.
	sed -i 's/^retain:.*/retain: {succeeded: 1s}/' tutti.yaml
	start_daemon tutti.yaml
	wait_until no_run kept
	wait_until has_rows doomed 0
	equal runs 0 "$(rows runs)"
	equal tree 0 "$(rows tree)"
	grep 'retain: 1 runs are deleted' daemon.log
}

no_run() {
	! tutti show "$1" >/dev/null 2>&1
}

# KiB of the data file that the daemon has mapped and looked at.
mapped() {
	awk '/^[0-9a-f]+-/ { ours = /data.mdb/ } ours && /^Rss:/ { kib += $2 }
		END { print kib + 0 }' "/proc/$DAEMON/smaps"
}

has_given_back() {
	[ "$(mapped)" -le 2048 ]
}

@test "thousands of runs later a run is found by the end of its id, and an idle daemon is small" {
	cat >tutti.yaml <<-'YAML'
		activities: {a: {pre: [echo]}}
		workflows: {w: [a]}
	YAML
	start_daemon tutti.yaml
	yes '{}' | head -n 4200 >lines
	exits 0 tutti start w --lines lines --in-flight 1024 --wait
	wait_until has_rows tails 9
	wait_until has_given_back
	id=$(tutti ls --limit 0 -o name | tail -n 1)
	exits 0 tutti show "${id: -8}"
	says "$id"
	exits 3 tutti show "zz${id: -8}"
	equal runs 4200 "$(tutti ls --count --state succeeded)"
	equal runs 4200 "$(tutti ls --count)"
	equal sound true "$(tutti store check -o json | jq .sound)"
}
