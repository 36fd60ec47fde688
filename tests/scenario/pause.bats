#!/usr/bin/env bats
# Pauses: nothing begins, what runs may finish, and they outlive the daemon.

load common

prepare() {
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/flaky.so]
		activities:
		  A: {parallel: [{plugin: flaky, as: job, with: {file: $WORK/calls, gate: $WORK/go}}]}
		  B: {parallel: [{plugin: flaky, as: more, with: {file: $WORK/calls}}]}
		workflows:
		  one: [A, B]
		  two: [B]
	YAML
	start_daemon tutti.yaml
}

# called N TASK: so often.
called() {
	[ "$(grep -c "^$2 " calls 2>/dev/null)" -eq "$1" ]
}

paused_is() {
	equal paused "$2" "$(show "$1" '.paused | "\(.scope) \(.by)"')"
}

job_has_ended() {
	[ "$(show "$1" '.activities[0].parallel.tasks[0].state' 2>/dev/null)" = succeeded ]
}

@test "a run: what it has in hand ends, nothing new begins" {
	tutti -c tutti.yaml start one --uid u
	wait_until called 1 job
	exits 6 tutti -c tutti.yaml resume u
	says "not paused"
	exits 0 tutti -c tutti.yaml pause u --dry-run
	says "would be paused"
	equal "not yet" null "$(show u .paused)"
	exits 0 tutti -c tutti.yaml pause u
	says "is paused"
	paused_is u "run operator uid $(id -u)"
	exits 6 tutti -c tutti.yaml pause u
	says "already"
	touch go
	wait_until job_has_ended u
	no called 1 more
	exits 0 tutti ls
	says ", paused"
	exits 0 tutti why u
	says "paused by operator uid $(id -u)"
	exits 0 tutti show u
	says "tutti resume"
	equal json true "$(tutti ls -o json | jq '.[0].paused.scope == "run"')"
	exits 0 tutti -c tutti.yaml resume u -o json
	equal changed "true false" "$(jq -r '.[0] | "\(.changed) \(.paused)"' <<<"$output")"
	wait_until state_is u succeeded
	exits 0 tutti history u
	says paused
	says resumed
	exits 6 tutti -c tutti.yaml pause u
	says "the run has ended: succeeded"
	exits 3 tutti -c tutti.yaml pause nobody
}

@test "a run's pause survives kill -9" {
	touch go
	tutti -c tutti.yaml pause --workflow one
	tutti -c tutti.yaml start one --uid u
	exits 0 tutti -c tutti.yaml pause u
	exits 0 tutti -c tutti.yaml resume --workflow one
	no test -e calls
	stop_daemon KILL
	equal "seen without a daemon" run "$(show u .paused.scope)"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start two --uid other --wait
	equal "still held" "pending run" "$(show u '"\(.activities[1].state) \(.paused.scope)"')"
	no called 1 job
	exits 0 tutti -c tutti.yaml resume u
	exits 0 tutti -c tutti.yaml start one --uid u --wait
}

@test "a workflow: its runs and new ones, not those of others" {
	touch go
	exits 3 tutti -c tutti.yaml pause --workflow oen
	says "did you mean 'one'?"
	exits 0 tutti -c tutti.yaml pause --workflow one --dry-run
	says "workflow one: would be paused"
	exits 0 tutti -c tutti.yaml pause --workflow one
	says "workflow one: is paused"
	exits 6 tutti -c tutti.yaml pause --workflow one
	exits 6 tutti -c tutti.yaml pause --workflow one --dry-run
	tutti -c tutti.yaml start one --uid u
	exits 0 tutti -c tutti.yaml start two --uid other --wait
	paused_is u "workflow operator uid $(id -u)"
	no called 1 job
	stop_daemon KILL
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start two --uid again --wait
	no called 1 job
	paused_is u "workflow operator uid $(id -u)"
	exits 0 tutti show u
	says "tutti resume --workflow one"
	exits 6 tutti -c tutti.yaml resume u
	exits 0 tutti -c tutti.yaml resume --workflow one
	wait_until state_is u succeeded
	exits 6 tutti -c tutti.yaml resume --workflow one
}

@test "all runs, over a restart; cancel still works" {
	touch go
	exits 0 tutti -c tutti.yaml pause --all
	says "all runs: is paused"
	tutti -c tutti.yaml start one --uid u
	tutti -c tutti.yaml start two --uid v
	tutti -c tutti.yaml start two --uid w
	stop_daemon
	start_daemon tutti.yaml
	paused_is u "all operator uid $(id -u)"
	exits 0 tutti why u
	says "all runs are paused by operator uid $(id -u)"
	exits 0 tutti -c tutti.yaml cancel w
	wait_until state_is w cancelled
	no test -e calls
	exits 0 tutti -c tutti.yaml resume --all
	wait_until state_is u succeeded
	wait_until state_is v succeeded
}

@test "words that do not go together" {
	exits 2 tutti -c tutti.yaml pause
	says "name runs, or give --workflow or --all"
	exits 2 tutti -c tutti.yaml pause --all --workflow one
	exits 2 tutti -c tutti.yaml resume u --all
	exits 2 tutti -c tutti.yaml pause --workflow a/b
	says "takes a workflow's name"
	stop_daemon
	exits 5 tutti -c tutti.yaml pause --all
}
