#!/usr/bin/env bats
# Deadlines of tasks, activities and runs.

load common

prepare() {
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/flaky.so]
		grace: 300ms
		activities:
		  task:
		    parallel:
		      - plugin: flaky
		        as: job
		        deadline: 400ms
		        retry: {attempts: 100, backoff: 1h, max: 1d}
		        with: {file: $WORK/calls, times: 99}
		  many:
		    parallel:
		      - plugin: flaky
		        as: job
		        deadline: 400ms
		        retry: {attempts: 100000, backoff: 20ms, factor: 1}
		        with: {file: $WORK/calls, times: 1000000}
		  activity:
		    deadline: 400ms
		    pre: [{plugin: wait, with: {duration: 1h}}]
		    post: [{plugin: flaky, as: sweep, run_on: always, with: {file: $WORK/swept}}]
		  hang:
		    parallel: [{plugin: flaky, as: job, with: {file: $WORK/calls, times: 1, how: hang}}]
		    post: [{plugin: flaky, as: sweep, run_on: always, with: {file: $WORK/swept}}]
		  short: {pre: [{plugin: flaky, as: quick, with: {file: $WORK/calls}}]}
		workflows:
		  task: [task]
		  many: [many]
		  activity: [activity, short]
		  run: {activities: [short, hang], deadline: 500ms}
		  patient: {activities: [short], deadline: 1h}
	YAML
	start_daemon tutti.yaml
}

task() {
	show "$1" '[.activities[] | .pre, .parallel, .post | .tasks[] | select(.name == "'"$2"'")][-1] | '"$3"
}

@test "a task's deadline ends the wait for the next attempt" {
	exits 1 tutti -c tutti.yaml start task --uid u --wait
	equal task "failed deadline 1 1" "$(task u job '"\(.state) \(.reason) \(.attempt) \(.failures)"')"
	equal message "deadline of 400ms exceeded" "$(task u job .message)"
	[ ! "$(task u job .ended_at)" '<' "$(task u job .expires_at)" ]
	exits 0 tutti why u
	says "did not succeed in time: deadline of 400ms exceeded"
}

@test "a task's deadline spans its attempts" {
	exits 1 tutti -c tutti.yaml start many --uid u --wait
	equal task "failed deadline" "$(task u job '"\(.state) \(.reason)"')"
	[ "$(task u job .failures)" -ge 1 ]
	[ ! "$(task u job .ended_at)" '<' "$(task u job .expires_at)" ]
}

@test "an activity's deadline ends what is parked; what always runs still does" {
	exits 1 tutti -c tutti.yaml start activity --uid u --wait
	equal run failed "$(show u .state)"
	equal activity "failed pending" "$(show u '[.activities[].state] | join(" ")')"
	equal task "failed deadline" "$(task u wait '"\(.state) \(.reason)"')"
	equal sweep "succeeded 1" "$(task u sweep '"\(.state) \(.attempt)"')"
	exits 0 tutti why u
	says "deadline of 400ms exceeded"
	no test -e calls
}

@test "a run's deadline tells what is in a plugin's hands" {
	exits 1 tutti -c tutti.yaml start run --uid u --wait
	equal tasks "failed deadline succeeded" "$(task u job '"\(.state) \(.reason)"') $(task u sweep .state)"
	exits 0 tutti show u
	says "deadline of 500ms exceeded"
	exits 0 tutti why u
	says "stopped, its activity or the run had no time left"
}

@test "what ends in time is not touched, and the deadline is shown" {
	exits 0 tutti -c tutti.yaml start patient --uid u --wait
	equal deadline 3600 "$(show u '(.deadline_at[:19] + "Z" | fromdate) - (.started_at[:19] + "Z" | fromdate)')"
	equal activity null "$(show u '.activities[0].deadline_at')"
	exits 0 tutti -c tutti.yaml start activity --uid v
	wait_until state_is v waiting
	[ "$(show v '.activities[0].deadline_at')" '>' "$(show v '.activities[0].started_at')" ]
}

@test "a deadline that passes while nobody looks is found at the start" {
	exits 0 tutti -c tutti.yaml start activity --uid u
	wait_until state_is u waiting
	stop_daemon KILL
	wait_until past "$(show u '.activities[0].deadline_at')"
	equal "still as it was" waiting "$(show u .state)"
	start_daemon tutti.yaml
	wait_until state_is u failed
	equal task "failed deadline" "$(task u wait '"\(.state) \(.reason)"')"
}

# past TIME: of the form that `show` prints.
past() {
	[ "$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)" '>' "$1" ]
}
