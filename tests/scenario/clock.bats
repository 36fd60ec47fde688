#!/usr/bin/env bats
# The wall clock is set while runs wait: nothing is lost, nothing happens twice,
# and what was to take a while takes that while.

load common

DAY=86400000000

prepare() {
	[ -z "${SANITIZED:-}" ] || skip "the sanitizer must be loaded first"
	set_clock 0
	cat >tutti.yaml <<-'YAML'
		grace: 1s
		activities:
		  timed:
		    parallel:
		      - {plugin: exec, as: slow, timeout: 2s, with: {argv: [sleep, '1000']}}
		  rest:
		    pre: [{plugin: wait, with: {until: '2026-01-01T00:00:00Z'}}]
		  later:
		    pre: [{plugin: wait, with: {until: '2100-01-01T00:00:00Z'}}]
		workflows:
		  timed: [timed]
		  rest: [rest]
		  later: [later]
	YAML
	LD_PRELOAD=$BUILD/tests/shim/set_clock.so SET_CLOCK_FILE=$WORK/clock \
		start_daemon tutti.yaml
}

# set_clock MICROSECONDS: ahead of the real one.
set_clock() {
	python3 -c '
import struct, sys
with open("clock", "r+b" if sys.argv[2] == "again" else "wb") as file:
    file.write(struct.pack("=q", int(sys.argv[1])))
' "$1" "$([ -e clock ] && echo again)"
}

# step MICROSECONDS: the daemon looks at its clock, as the kernel would have it.
step() {
	set_clock "$1"
	daemon_answers
	wait_until grep -q "$2" daemon.log
}

now_ms() {
	date +%s%3N
}

# A timeout of two seconds takes two, wherever the hands of the clock are.
timeout_holds() {
	local run begun
	begun=$(now_ms)
	run=$(tutti start timed -o name)
	wait_until task_runs "$run"
	step "$1" "the wall clock was set $2"
	state_is "$run" running
	wait_until state_is "$run" failed
	[ $(($(now_ms) - begun)) -ge 2000 ]
	equal "reason" deadline \
		"$(show "$run" '.activities[0].parallel.tasks[0].reason')"
	equal "attempts" 1 \
		"$(show "$run" '.activities[0].parallel.tasks[0].attempt')"
}

task_runs() {
	[ "$(show "$1" '.activities[0].parallel.tasks[0].state')" = running ]
}

@test "set forward, a timeout is not over before its time" {
	timeout_holds $DAY forward
}

@test "set back, a timeout is not put off by a day" {
	timeout_holds -$DAY back
}

@test "a time of day that is passed over wakes who waits for it, once" {
	local run forward
	run=$(tutti start later -o name)
	wait_until state_is "$run" waiting
	# To the end of the century and beyond, and back again.
	forward=$((75 * 366 * DAY))
	step $forward 'set forward'
	wait_until state_is "$run" succeeded
	step 0 'set back'
	equal "deliveries" 1 "$(tutti history "$run" -o json |
		jq '[.[] | select(.to == "running" and .reason == "woken")] | length')"
	state_is "$run" succeeded
}
