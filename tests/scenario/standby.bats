#!/usr/bin/env bats
# Standbys: they wait for the store of another daemon, and exactly one takes it
# over when that has ended, however it ends.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	export RECORD_FILE=$WORK/record
	: >"$RECORD_FILE"
	STANDBYS=()
	gated_config 'sh, -c, "until [ -e go ]; do sleep 0.05; done"' >tutti.yaml
}

teardown() {
	end_standbys
	stop_daemon KILL
	cd /
	end_orphans
	rm -rf "$WORK"
}

# gated_config ARGV: tasks that have ended, and one that waits at a gate.
gated_config() {
	cat <<-YAML
		plugins: [$MODULES/recorder.so]
		grace: 1s
		activities:
		  A:
		    pre: [{plugin: recorder, as: first}]
		    parallel:
		      - {plugin: recorder, as: quick}
		      - {plugin: exec, as: gate, with: {argv: [$1]}}
		    post: [{plugin: recorder, as: last}]
	YAML
}

end_standbys() {
	local pid
	for pid in "${STANDBYS[@]}"; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	STANDBYS=()
}

# start_standby NAME CONFIG [ARG...]: until it says that it waits.
start_standby() {
	local name=$1 config=$2
	shift 2
	tutti serve -c "$config" "$@" >"$name.log" 2>&1 3>&- &
	STANDBY=$!
	STANDBYS+=("$STANDBY")
	wait_until grep -q 'tutti: standby: ' "$name.log"
}

# kill_owner [SIGNAL]: and forget it.
kill_owner() {
	stop_daemon "${1:-KILL}"
}

owner() {
	tutti ls --limit 0 2>&1 >/dev/null | sed -n 's/.*up, pid //p'
}

# adopt PID CONFIG: the daemon is now that one.
adopt() {
	DAEMON=$1
	CONFIG=$2
	wait_until daemon_answers
}

at_the_gate() {
	[ "$(show "$1" '[.activities[0].parallel.tasks[] | select(.name == "quick" and .state == "succeeded"), select(.name == "gate" and .state == "running")] | length' 2>/dev/null)" = 2 ]
}

called_once() {
	equal "calls of $1" 1 "$(grep -c "$1 begin" "$RECORD_FILE")"
}

@test "it waits and says for whom, and takes over when the owner is killed" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one
	wait_until at_the_gate one
	start_standby second tutti.yaml
	grep -q "process $DAEMON owns the store" second.log
	grep -q "msg=standby owner=$DAEMON" second.log
	kill_owner KILL
	adopt "$STANDBY" tutti.yaml
	touch go
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	called_once first
	called_once quick
	called_once last
	equal attempt 2 "$(show one '.activities[0].parallel.tasks[] | select(.name == "gate").attempt')"
	equal "pid in the lock" "$STANDBY" "$(tr -d ' ' <.tutti/owner.lock)"
	grep -q 'taking over' second.log
}

@test "it takes over when the owner stops cleanly, and the sockets are its own" {
	cat >bus.yaml <<-YAML
		grace: 1s
		plugins: [{exec: [$WORKER], name: worker}]
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon bus.yaml
	start_standby second bus.yaml
	kill_owner TERM
	adopt "$STANDBY" bus.yaml
	[ -S .tutti/control.sock ]
	equal "pid in bus.json" "$STANDBY" "$(jq .pid .tutti/bus.json)"
	wait_until ready worker 1
	exits 0 tutti -c bus.yaml start default --uid one --wait
}

@test "several of them, and owners killed again and again: one takes over each time" {
	start_daemon tutti.yaml
	local round pid alive=("$DAEMON")
	for round in 1 2 3 4 5; do
		start_standby "s$round" tutti.yaml
		alive+=("$STANDBY")
	done
	for round in 1 2 3 4 5; do
		exits 0 tutti -c tutti.yaml start default --uid "r$round"
		wait_until at_the_gate "r$round"
		kill_owner KILL
		taken_over() {
			[ "$(cat s*.log | grep -c 'tutti: ready')" -ge "$round" ]
		}
		wait_until taken_over
		DAEMON=$(tr -d ' ' <.tutti/owner.lock)
		printf '%s\n' "${STANDBYS[@]}" | grep -qx "$DAEMON"
		wait_until daemon_answers
		equal "takeovers after $round" "$round" "$(cat s*.log | grep -c 'tutti: ready')"
		# Those that still wait know the new one.
		knows_owner() {
			[ "$(grep -l "process $DAEMON owns" s*.log | wc -l)" -eq $((5 - round)) ]
		}
		wait_until knows_owner
	done
	touch go
	for round in 1 2 3 4 5; do
		exits 0 tutti -c tutti.yaml start default --uid "r$round" --wait
	done
	# What had ended was not called again by any of the six.
	equal "calls" "5 5 5" "$(for name in first quick last; do grep -c "$name begin" "$RECORD_FILE"; done | paste -sd' ')"
}

# The first of three that nobody has, and that no connection is given.
three_ports() {
	python3 - <<-'PY'
		import random, socket
		while True:
		    port = random.randrange(10000, 30000)
		    ends = [socket.socket() for _ in range(3)]
		    try:
		        for i, end in enumerate(ends):
		            end.bind(("127.0.0.1", port + i))
		    except OSError:
		        continue
		    print(port)
		    break
	PY
}

@test "children of the dead owner keep neither the store nor its ports" {
	local port
	port=$(three_ports)
	cat >children.yaml <<-YAML
		listen: tcp://127.0.0.1:$port
		plugins:
		  - {exec: [$WORKER], name: worker}
		  - {path: $MODULES/sleeper.so, form: isolated}
		  - {exec: [sh, -c, 'trap "" TERM HUP; echo \$\$ >>hangs; exec setsid sleep 600'], name: hangs}
		activities:
		  A:
		    parallel:
		      - worker
		      - {plugin: exec, as: stays, with: {argv: [sh, -c, 'echo \$\$ >stays; until [ -e go ]; do sleep 0.05; done']}}
	YAML
	start_daemon children.yaml
	wait_until ready worker 1
	wait_until test -s hangs
	exits 0 tutti -c children.yaml start default --uid a --attr gate="$WORK/go"
	wait_until calls '^begin' 1
	wait_until test -s stays
	start_standby second children.yaml
	kill_owner KILL
	kill -0 "$(cat stays)"
	adopt "$STANDBY" children.yaml
	touch go
	exits 0 tutti -c children.yaml start default --uid a --attr gate="$WORK/go" --wait
}

@test "what a plugin has forked off keeps the store neither" {
	cat >fork.yaml <<-YAML
		plugins: [$MODULES/forker.so]
		activities: {A: {parallel: [{plugin: forker, with: {pid: '$WORK/forked', gate: '$WORK/go'}}]}}
	YAML
	# It does inherit the control socket, against which nothing helps.
	cp fork.yaml other.yaml
	echo 'control: ./other.sock' >>other.yaml
	start_daemon fork.yaml
	exits 0 tutti -c fork.yaml start default --uid one
	wait_until test -s forked
	start_standby second other.yaml
	kill_owner KILL
	kill -0 "$(cat forked)"
	adopt "$STANDBY" other.yaml
	touch go
	exits 0 tutti -c other.yaml start default --uid one --wait
}

@test "who deletes the lock file makes no room for a second owner" {
	start_daemon tutti.yaml
	rm .tutti/owner.lock
	exits 5 tutti serve -c tutti.yaml --no-standby
	says "in use by another process"
	start_standby second tutti.yaml
	no grep -q 'tutti: ready' second.log
	kill_owner KILL
	adopt "$STANDBY" tutti.yaml
}

@test "signals end a standby at once, the owner stays" {
	local signal code
	start_daemon tutti.yaml
	for signal in TERM INT; do
		start_standby "by-$signal" tutti.yaml
		kill -"$signal" "$STANDBY"
		code=0
		wait "$STANDBY" || code=$?
		equal "exit code after SIG$signal" 0 "$code"
		grep -q 'tutti: stopping' "by-$signal.log"
	done
	daemon_answers
	equal owner "$DAEMON" "$(tr -d ' ' <.tutti/owner.lock)"
}

# switches PID: how often its threads went to sleep of their own will.
switches() {
	cat "/proc/$1"/task/*/status | awk '/^voluntary/ { n += $2 } END { print n }'
}

@test "a standby does not poll" {
	start_daemon tutti.yaml
	start_standby second tutti.yaml
	local before i
	touch go
	asleep() {
		before=$(switches "$STANDBY")
		sleep 0.1
		[ "$before" = "$(switches "$STANDBY")" ]
	}
	wait_until asleep
	for i in $(seq 20); do
		exits 0 tutti -c tutti.yaml start default --uid "r$i" --wait
	done
	equal "wake-ups while the owner worked" "$before" "$(switches "$STANDBY")"
}

@test "a config with mistakes ends it, whoever owns the store" {
	start_daemon tutti.yaml
	echo 'activities: {A: {parallel: [no-such-plugin]}}' >bad.yaml
	exits 2 tutti serve -c bad.yaml
	says no-such-plugin
	echo 'activitys: []' >bad.yaml
	exits 2 tutti serve -c bad.yaml
	says activitys
}

@test "SIGHUP: it takes the config up again that it will use, or keeps the old" {
	start_daemon tutti.yaml
	cp tutti.yaml mine.yaml
	start_standby second mine.yaml
	# Mistakes are told, and nothing changes.
	echo 'activities: {A: {parallel: [no-such-plugin]}}' >mine.yaml
	kill -HUP "$STANDBY"
	wait_until grep -q 'keeps the config' second.log
	grep -q no-such-plugin second.log
	kill -0 "$STANDBY"
	# Another store is another standby's work.
	sed 's/^grace/store: .\/elsewhere\ngrace/' tutti.yaml >mine.yaml
	kill -HUP "$STANDBY"
	wait_until grep -q "'store' cannot be another" second.log
	# A good one counts.
	sed 's/^grace.*/control: .\/mine.sock/; s/^  A:/  B: {post: [{plugin: echo, as: new}]}\n  A:/' tutti.yaml >mine.yaml
	kill -HUP "$STANDBY"
	wait_until grep -q 'has taken the config up again' second.log
	kill_owner KILL
	adopt "$STANDBY" mine.yaml
	touch go
	exits 0 tutti -c mine.yaml start default --uid one --wait
	equal new succeeded "$(show one '.activities[] | select(.name == "B").post.tasks[0].state')"
}

@test "a SIGHUP and a kill of the owner at once: it takes over with a config of the two" {
	start_daemon tutti.yaml
	start_standby second tutti.yaml
	local owner=$DAEMON
	DAEMON=
	kill -HUP "$STANDBY"
	kill -9 "$owner"
	kill -HUP "$STANDBY"
	wait "$owner" || true
	adopt "$STANDBY" tutti.yaml
}

@test "who does not want to wait is refused: serve --no-standby, and run" {
	start_daemon tutti.yaml
	exits 5 tutti serve -c tutti.yaml --no-standby
	says "in use by process $DAEMON"
	exits 5 tutti run tutti.yaml --uid x
	says "in use by process $DAEMON"
}

@test "run owns a store too: a standby waits for its end" {
	tutti run tutti.yaml --uid one >run.log 2>&1 3>&- &
	local run=$!
	wait_until at_the_gate one
	start_standby second tutti.yaml
	touch go
	wait "$run"
	adopt "$STANDBY" tutti.yaml
	equal state succeeded "$(show one .state)"
}

@test "the service manager is told: waiting, taking over, owner" {
	start_daemon tutti.yaml
	cat >listen.py <<-'PY'
		import os, socket
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("notify.sock")
		while True:
		    open("told", "a").write(s.recv(4096).decode() + "\n")
	PY
	python3 listen.py 3>&- &
	STANDBYS+=($!)
	wait_until test -S notify.sock
	NOTIFY_SOCKET=$WORK/notify.sock start_standby second tutti.yaml
	wait_until grep -q "STATUS=standby: process $DAEMON owns" told
	equal "ready" 1 "$(grep -c READY=1 told)"
	kill_owner KILL
	wait_until grep -q 'STATUS=owns the store' told
	grep -q 'STATUS=taking over' told
	kill -TERM "$STANDBY"
	wait_until grep -q STOPPING=1 told
}
