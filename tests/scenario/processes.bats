#!/usr/bin/env bats
# Plugin processes: started, watched, started again, ended.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
}

config() {
	cat >tutti.yaml <<-YAML
		lease: 2s
		plugins:
		  - {exec: [$WORKER], name: worker, instances: ${1:-1}, restart: {delay: 50ms, max: 200ms, deaths: ${2:-20}, within: 1m}}
		activities:
		  A: {parallel: [worker]}
	YAML
}

@test "a program does its task, its output and log are kept" {
	config
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	equal state succeeded "$(show one .state)"
	equal output 1 "$(show one .outputs.A.worker.version)"
	equal instance "worker#1" "$(show one '.activities[0].parallel.tasks[0].instance')"
	equal form process "$(plugin worker .form)"
	wait_until grep -q 'stream=log.*msg="worker says hello"' .tutti/logs/plugins.log
	exits 0 tutti logs --plugin worker
	says "worker says hello"
	stop_daemon TERM
}

@test "what it prints becomes log lines, with its process" {
	cat >tutti.yaml <<-YAML
		plugins:
		  - {exec: [sh, -c, 'echo to stdout; echo to stderr >&2; exec $WORKER'], name: worker}
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	wait_until grep -q 'stream=stdout.*msg="to stdout"' .tutti/logs/plugins.log
	wait_until grep -q 'stream=stderr.*msg="to stderr"' .tutti/logs/plugins.log
	wait_until ready worker 1
}

@test "killed while it works: the task is given back and done by its successor" {
	config
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	kill -SEGV "$(pids_of worker)"
	wait_until calls '^begin' 2
	touch gate
	wait_until state_is one succeeded
	equal attempt 2 "$(show one '.activities[0].parallel.tasks[0].attempt')"
	exits 0 tutti history one
	says "signal 11 (SIGSEGV)"
	says "instance_lost"
	equal deaths 1 "$(process worker .deaths)"
	equal "last exit" "killed by signal 11 (SIGSEGV)" "$(process worker .last_exit)"
}

@test "a task that kills every instance fails, with the signal" {
	config
	start_daemon tutti.yaml
	exits 1 tutti -c tutti.yaml start default --uid one --attr crash=always --wait
	equal state failed "$(show one .state)"
	equal attempts 5 "$(show one '.activities[0].parallel.tasks[0].attempt')"
	exits 0 tutti why one
	says "SIGSEGV"
	exits 0 tutti -c tutti.yaml start default --uid two --wait
}

@test "too many deaths: given up, said so, and started again when released" {
	cat >tutti.yaml <<-YAML
		plugins:
		  - {exec: [sh, -c, '[ -e good ] || exit 7; exec $WORKER'], name: worker, restart: {delay: 10ms, max: 20ms, deaths: 3, within: 1m}}
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	wait_until sh -c '[ "$(tutti plugins -o json | jq -r ".processes[0].given_up")" = true ]'
	equal deaths 3 "$(process worker .deaths)"
	equal "last exit" "exited with status 7" "$(process worker .last_exit)"
	exits 0 tutti -c tutti.yaml start default --uid one
	exits 0 tutti why one
	says worker
	touch good
	exits 0 tutti -c tutti.yaml plugins release worker
	wait_until state_is one succeeded
	exits 6 tutti -c tutti.yaml plugins release worker
}

@test "a hung process misses its lease: its task goes to another, it is replaced" {
	config 2
	start_daemon tutti.yaml
	wait_until ready worker 2
	exits 0 tutti -c tutti.yaml start default --uid one --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	local pid
	pid=$(awk '{print $5; exit}' "$CALLS")
	kill -STOP "$pid"
	wait_until calls '^begin' 2
	no equal "another process" "$pid" "$(awk 'NR == 2 {print $5}' "$CALLS")" 2>/dev/null
	touch gate
	wait_until state_is one succeeded
	wait_until gone "$pid"
	wait_until ready worker 2
}

@test "no orphans when the daemon is killed" {
	cat >tutti.yaml <<-YAML
		plugins:
		  - {exec: [sh, -c, 'sleep 1000 & echo \$! >child; exec $WORKER'], name: worker}
		  - {path: $MODULES/worker_v2.so, form: isolated, env: {PLUGIN_NAME: other}, name: other}
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	wait_until test -s child
	wait_until ready worker 1
	wait_until ready other 1
	local pids
	pids="$(pids_of worker) $(pids_of other) $(cat child)"
	stop_daemon KILL
	for pid in $pids; do
		wait_until gone "$pid"
	done
}

@test "descriptors do not leak, neither into children nor over restarts" {
	config 1 1000
	start_daemon tutti.yaml
	wait_until ready worker 1
	local pid before
	pid=$(pids_of worker)
	no sh -c "ls -l /proc/$pid/fd | grep -E 'mdb|owner.lock|control'"
	before=$(find "/proc/$DAEMON/fd" | wc -l)
	for _ in 1 2 3 4 5 6 7 8; do
		pid=$(pids_of worker)
		kill -9 "$pid"
		wait_until gone "$pid"
		wait_until ready worker 1
	done
	fds_as_before() {
		[ "$(find "/proc/$DAEMON/fd" | wc -l)" -le "$before" ]
	}
	wait_until fds_as_before
}

@test "scaled up and down while a hundred runs are active" {
	config 1
	start_daemon tutti.yaml
	for i in $(seq 100); do
		tutti -c tutti.yaml start default --uid "r$i" --attr work_ms=60 >/dev/null
	done
	exits 0 tutti -c tutti.yaml plugins scale worker 4
	wait_until ready worker 4
	exits 0 tutti -c tutti.yaml plugins scale worker 1
	exits 6 tutti -c tutti.yaml plugins scale worker 1
	wait_until all_ended 100
	equal succeeded 100 "$(tutti ls --state succeeded --count)"
	wait_until sh -c '[ "$(tutti plugins -o json | jq -r ".processes[0].actual")" = 1 ]'
	equal "nothing was done twice" 100 "$(grep -c '^end' "$CALLS")"
}

@test "a clean stop lets the processes finish" {
	config
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one --attr work_ms=300
	wait_until calls '^begin' 1
	stop_daemon TERM
	equal state succeeded "$(show one .state)"
	equal begun 1 "$(grep -c '^begin' "$CALLS")"
}
