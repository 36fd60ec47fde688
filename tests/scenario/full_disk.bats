#!/usr/bin/env bats
# A full disk: nothing is accepted that cannot be kept, nothing is lost, and
# the work goes on by itself when there is room again.

load common

prepare() {
	mkdir disk
	mount -t tmpfs -o size=2m tmpfs disk 2>/dev/null ||
		skip "mounting a small disk is not permitted here"
	cat >tutti.yaml <<-'YAML'
		store: disk/store
		control: ./control.sock
		activities:
		  A: {pre: [{plugin: echo}], parallel: [{plugin: echo, as: b, with: {all: '${{ input }}'}}]}
	YAML
}

teardown() {
	stop_daemon KILL
	cd /
	end_orphans
	umount "$WORK/disk" 2>/dev/null || true
	rm -rf "$WORK"
}

@test "starts are refused with the reason, and accepted again when there is room" {
	head -c 600000 /dev/zero >disk/ballast
	python3 -c 'import json; print(json.dumps("x" * 20000))' >input.json
	start_daemon tutti.yaml
	local i=0 code=0
	while [ "$i" -lt 200 ] && [ "$code" -eq 0 ]; do
		tutti -c tutti.yaml start default --uid "r$i" --input input.json -o name >id 2>err || code=$?
		[ "$code" -ne 0 ] || cat id >>accepted
		i=$((i + 1))
	done
	equal "exit code when the disk is full" 5 "$code"
	cat err >&2
	grep -qi 'space\|full' err
	# It says so, and what was accepted can be looked at meanwhile.
	grep -q 'cannot write the store' daemon.log
	exits 0 tutti -c tutti.yaml top
	says "cannot commit"
	exits 0 tutti -c tutti.yaml ls --limit 0
	kill -0 "$DAEMON"
	rm disk/ballast
	room_again() { tutti -c tutti.yaml start default --uid again --input '{}' --wait >/dev/null 2>&1; }
	wait_until room_again
	all_done() { [ "$(tutti -c tutti.yaml ls --state pending,running,waiting --count)" = 0 ]; }
	wait_until all_done
	equal blocked null "$(tutti -c tutti.yaml top -o json | jq .store.blocked)"
	sort -u accepted >want
	tutti -c tutti.yaml ls --limit 0 -o name | sort -u >have
	equal "accepted but lost" "" "$(comm -23 want have)"
	equal "states" succeeded "$(tutti -c tutti.yaml ls --limit 0 -o jsonl | jq -r .state | sort -u)"
}

@test "stopped while the disk is full: what the last commit wanted done is done after the restart" {
	cat >stop.yaml <<-'YAML'
		store: disk/store
		control: ./control.sock
		grace: 20s
		activities:
		  A:
		    pre:
		      - plugin: exec
		        as: big
		        with: {output_limit: 700000, argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done; head -c 600000 /dev/zero | tr "\0" x']}
		    parallel: [{plugin: echo, as: after}]
		  B:
		    pre: [{plugin: exec, as: holds, with: {argv: [sh, -c, 'until [ -e end ]; do sleep 0.05; done']}}]
		workflows: {a: [A], b: [B]}
	YAML
	start_daemon stop.yaml
	exits 0 tutti -c stop.yaml start a --uid a
	exits 0 tutti -c stop.yaml start b --uid b
	head -c 3000000 /dev/zero >disk/ballast 2>/dev/null || true
	touch go
	blocked() { grep -q 'cannot write the store' daemon.log; }
	wait_until blocked
	kill -TERM "$DAEMON"
	stopping() { grep -q 'tutti: stopping' daemon.log; }
	wait_until stopping
	rm disk/ballast
	mended() { grep -q 'can be written again' daemon.log; }
	wait_until mended
	touch end
	wait "$DAEMON" || true
	DAEMON=
	equal "state of a" running "$(tutti -c stop.yaml show a -o json | jq -r .state)"
	start_daemon stop.yaml
	exits 0 tutti -c stop.yaml start a --uid a --wait
	equal after succeeded "$(tutti -c stop.yaml show a -o json | jq -r '.activities[0].parallel.tasks[0].state')"
}
