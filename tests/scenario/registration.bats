#!/usr/bin/env bats
# Programs that are started by hand and register themselves.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		lease: 2s
		activities:
		  Offer: {}
		  Bound: {parallel: [worker]}
		  Needed: {require: [worker], parallel: [{plugin: wait, with: {duration: 1ms}}]}
		  Late: {register_window: 1h}
		workflows:
		  offer: {activities: [Offer]}
		  bound: {activities: [Bound]}
		  needed: {activities: [Needed]}
		  late: {activities: [{activity: Late}, {activity: Offer}]}
	YAML
	PIDS=
	export TUTTI_BUS=$WORK/.tutti/bus.json
}

by_hand() {
	"$WORKER" "$@" >>worker.log 2>&1 </dev/null 3>&- &
	PIDS="$PIDS $!"
	LAST=$!
}

end_programs() {
	for pid in $PIDS; do
		kill -9 "$pid" 2>/dev/null || true
	done
}

teardown() {
	end_programs
	stop_daemon KILL
	cd /
	end_orphans
	rm -rf "$WORK"
}

@test "it registers, its filter decides, it does its task" {
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	exits 0 tutti -c tutti.yaml start offer --uid yes --attr offer=true --wait
	equal tasks 1 "$(show yes '.activities[0].parallel.tasks | length')"
	exits 0 tutti -c tutti.yaml start offer --uid no --attr offer=false --wait
	equal tasks 0 "$(show no '.activities[0].parallel.tasks | length')"
	equal filtered 1 "$(show no '.activities[0].parallel.filtered')"
}

@test "known without a live copy its tasks wait, and why says so" {
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	kill -TERM "$LAST"
	wait_until plugin_is worker "no instance"
	exits 0 tutti -c tutti.yaml start bound --uid one
	equal state pending "$(show one '.activities[0].parallel.tasks[0].state')"
	equal reason no_instance "$(show one '.activities[0].parallel.tasks[0].reason')"
	exits 0 tutti why one
	says worker
	stop_daemon TERM
	start_daemon tutti.yaml
	equal "still known" "no instance" "$(plugin worker .state)"
	by_hand
	wait_until state_is one succeeded
}

@test "killed with a task in hand: another copy does it" {
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	exits 0 tutti -c tutti.yaml start bound --uid one --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	kill -9 "$LAST"
	by_hand
	wait_until calls '^begin' 2
	touch gate
	wait_until state_is one succeeded
	equal attempt 2 "$(show one '.activities[0].parallel.tasks[0].attempt')"
}

@test "it outlives the daemon and comes back by itself" {
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	stop_daemon KILL
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	exits 0 tutti -c tutti.yaml start bound --uid one --wait
	kill -0 "$LAST"
}

@test "required: the activity waits until it is there" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start needed --uid one
	wait_until state_is one waiting
	equal reason plugin_not_registered "$(show one '.activities[0].reason')"
	exits 0 tutti why one
	says worker
	stop_daemon KILL
	start_daemon tutti.yaml
	equal state waiting "$(show one .state)"
	by_hand
	wait_until state_is one succeeded
}

@test "ephemeral: the registration ends with the connection" {
	start_daemon tutti.yaml
	by_hand --ephemeral
	wait_until plugin_is worker ready
	exits 0 tutti -c tutti.yaml start bound --uid one --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	kill -9 "$LAST"
	wait_until state_is one failed
	equal reason plugin_removed "$(show one '.activities[0].parallel.tasks[0].reason')"
	equal "not listed" "" "$(plugin worker .name)"
}

@test "removed by an operator while runs are active" {
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	for i in 1 2 3 4 5 6; do
		tutti -c tutti.yaml start bound --uid "r$i" --attr gate="$WORK/gate" >/dev/null
	done
	wait_until calls '^begin' 4
	exits 0 tutti -c tutti.yaml plugins remove worker
	touch gate
	wait_until all_ended 6
	equal "in hand" 4 "$(tutti ls --state succeeded --count)"
	equal "the rest" 2 "$(tutti ls --state failed --count)"
	wait_until gone "$LAST"
	exits 3 tutti -c tutti.yaml plugins remove worker
}

@test "a wrong token, a wrong user's file: refused with a sentence" {
	start_daemon tutti.yaml
	jq '.token = "0000000000000000000000000000000000000000000000000000000000000000"' "$TUTTI_BUS" >wrong.json
	chmod 600 wrong.json
	TUTTI_BUS=$WORK/wrong.json exits 78 "$WORKER"
	says token
	chmod 644 wrong.json
	TUTTI_BUS=$WORK/wrong.json exits 1 "$WORKER" || true
	TUTTI_BUS=$WORK/none.json exits 5 "$WORKER"
}

@test "run events reach any client" {
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	nanocat --sub --connect "$(jq -r .events "$TUTTI_BUS")" --subscribe event/bound/ --ascii >events.log 2>&1 3>&- &
	PIDS="$PIDS $!"
	seen() {
		tutti -c tutti.yaml start bound >/dev/null
		grep -q succeeded events.log
	}
	wait_until seen
	grep -q "event/bound/" events.log
}

@test "a guest beside the config's own copy decides nothing" {
	sed -i "s|^listen:.*|&\nplugins: [{exec: [$WORKER], name: own, restart: {delay: 50ms, deaths: 20}}]|" tutti.yaml
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	by_hand --ephemeral
	two() {
		[ "$(plugin worker '.instances | length')" = 2 ]
	}
	wait_until two
	equal "still the entry's" "own false" "$(plugin worker '"\(.entry) \(.ephemeral)"')"
	kill -TERM "$LAST"
	exits 0 tutti -c tutti.yaml start bound --uid one --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	kill -9 "$(awk 'END {print $5}' "$CALLS")"
	touch gate
	wait_until state_is one succeeded
}

@test "what is built in is not taken over by strangers" {
	start_daemon tutti.yaml
	PLUGIN_NAME=echo exits 78 "$WORKER"
	says "provided by 'tutti'"
	equal state ready "$(plugin echo .state)"
}

@test "two entries of one program are told apart after a restart" {
	cat >tutti.yaml <<-YAML
		lease: 2s
		plugins:
		  - {exec: [sh, -c, 'until [ -e go ]; do sleep 0.05; done; exec $WORKER'], name: a, env: {PLUGIN_NAME: wa}}
		  - {exec: [sh, -c, 'until [ -e go ]; do sleep 0.05; done; exec $WORKER'], name: b, env: {PLUGIN_NAME: wb}}
		activities: {A: {parallel: [wb]}}
	YAML
	touch go
	start_daemon tutti.yaml
	wait_until plugin_is wa ready
	wait_until plugin_is wb ready
	stop_daemon TERM
	rm go
	start_daemon tutti.yaml
	equal entry b "$(plugin wb .entry)"
	exits 0 tutti -c tutti.yaml start default --uid one
	sed -i '/name: a,/d' tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	touch go
	wait_until state_is one succeeded
}

@test "a log that nobody reads stops nothing" {
	mkfifo log.pipe
	sleep 1000 <log.pipe 3>&- &
	PIDS="$PIDS $!"
	cat >loud.yaml <<-YAML
		plugins: [{exec: [sh, -c, 'exit 3'], name: w, restart: {delay: 1ms, max: 2ms, deaths: 100000}}]
		activities: {A: {}}
	YAML
	tutti serve -c loud.yaml 2>log.pipe 3>&- &
	DAEMON=$!
	CONFIG=loud.yaml
	wait_until daemon_answers
	loud() {
		[ "$(stat -c %s .tutti/logs/plugins.log)" -gt 200000 ]
	}
	wait_until loud
	exits 0 tutti -c loud.yaml start default --uid one --wait
	stop_daemon TERM
}

@test "a subscription to an activity that is nowhere is in the log" {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins: [$MODULES/two_in_one.so]
		activities: {Step1: {}, Ofer: {}}
	YAML
	start_daemon tutti.yaml
	# Step1 is like Step2, but the plugin subscribes to it as well.
	equal module 'level=info plugin="second" activity="Step2" msg="it subscribes to the activity '"'Step2'"', which no workflow of the config has"' \
		"$(grep activity= daemon.log | sed 's/^.*level/level/')"
	TUTTI_BUS=$WORK/.tutti/bus.json "$WORKER" >worker.log 2>&1 </dev/null 3>&- &
	wait_until plugin_is worker ready
	grep "activity=\"Offer\"" daemon.log >offer
	equal lines 1 "$(wc -l <offer)"
	grep -q 'level=warn plugin="worker" activity="Offer" msg="it subscribes to the activity .Offer., which no workflow of the config has; did you mean .Ofer.?"' offer
	kill $!
}
