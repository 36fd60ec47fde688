#!/usr/bin/env bats
# Stores that a faulty orchestrator could leave behind: everything that a run
# waits for has happened, and the run does not know. At the next start it goes on
# by itself.

load common

prepare() {
	printf 'activities: {other: {pre: [echo]}}\n' >tutti.yaml
}

goes_on() {
	local calls
	"$BUILD/tests/scenario/hung_store" .tutti "$1"
	state_is hung running
	start_daemon tutti.yaml
	wait_until state_is hung succeeded
	# What had ended was not called again.
	calls=$(tutti history hung -o json |
		jq -r '[.[] | select(.kind == "task" and .to == "running")] | length')
	equal "calls" "$2" "$calls"
	equal "finished" 2 "$(show hung '.activities[0].parallel.finished')"
	equal "third" succeeded "$(show hung '.activities[1].pre.tasks[0].state')"
}

@test "all tasks of a phase have ended, the phase is still running" {
	goes_on phase 1
}

@test "and it has counted only some of them" {
	goes_on count 1
}

@test "all phases of an activity have ended, it is still running" {
	goes_on activity 1
}

@test "an activity has ended, the next one was not begun" {
	goes_on next 1
}

@test "all activities have ended, the run is still running" {
	goes_on run 0
}
