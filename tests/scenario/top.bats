#!/usr/bin/env bats
# `tutti top`: what a daemon says of itself is what it has done, and saying it
# costs it no sleep.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	cat >tutti.yaml <<-YAML
		plugins:
		  - {exec: [$WORKER], max_tasks: 4}
		  - {path: $MODULES/flaky.so, queue: {backoff: 10ms, attempts: 3, concurrency: 4}}
		activities:
		  Mixed:
		    pre: [{plugin: echo, as: one}]
		    parallel:
		      - {plugin: echo, as: two}
		      - {plugin: worker, as: far}
		      - {plugin: flaky, as: page, with: {file: $CALLS}}
		      - {plugin: exec, as: shaky, mandatory: false, with: {argv: ['false']}}
		    post: [{plugin: wait, as: rest, with: {duration: 1ms}}]
		  Bad: {pre: [{plugin: exec, as: bad, with: {argv: ['false']}}]}
		  Dead: {parallel: [{plugin: flaky, as: never, with: {file: $CALLS, times: 1000}}]}
		  Held: {parallel: [{plugin: worker, as: held}, {plugin: echo, as: free}]}
		workflows: {mixed: [Mixed], bad: [Bad], dead: [Dead], held: [Held]}
	YAML
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
}

# top FILTER: jq over the daemon's numbers.
top() {
	tutti top -o json | jq -r "$1"
}

top_is() {
	[ "$(top "$1")" = "$2" ]
}

# of PLUGIN: delivered, answered, succeeded, failed, retried, parked, in flight.
of() {
	top ".plugins[] | select(.name == \"$1\") |
		[.delivered, .answered, .succeeded, .failed, .retried, .parked, .in_flight] | join(\" \")"
}

@test "counts are those of what was run: inside, in a process, through a queue" {
	local i before=0
	equal nothing "0 0 0 0 0 0" "$(top '[.runs.started, .runs.ended,
		.tasks.delivered, .tasks.answered, (.plugins | length), .tasks.in_flight] | join(" ")')"
	for i in 1 2 3 4 5 6 7; do
		tutti -c tutti.yaml start mixed --uid "m$i" --wait=1m >/dev/null
	done
	exits 1 tutti -c tutti.yaml start bad --uid b1 --wait=1m
	exits 1 tutti -c tutti.yaml start bad --uid b2 --wait=1m
	exits 1 tutti -c tutti.yaml start dead --uid d1 --wait=1m
	tutti top -o json >top.json
	/usr/bin/python3 -m jsonschema -i top.json "$SOURCE/docs/schemas/metrics.schema.json"
	equal runs "0 10 10 0 7 3 0" "$(jq -r '.runs | [.active, .started, .ended,
		.succeeded, .degraded, .failed, .cancelled] | join(" ")' top.json)"
	equal echo "14 14 14 0 0 0 0" "$(of echo)"
	equal worker "7 7 7 0 0 0 0" "$(of worker)"
	equal exec "9 9 0 9 0 0 0" "$(of exec)"
	equal wait "14 14 7 0 0 7 0" "$(of wait)"
	# Three attempts of the one that ends as a dead letter.
	equal flaky "10 10 7 1" "$(of flaky | cut -d' ' -f1-4)"
	equal queue "flaky 0 0 1 false" "$(jq -r '.queues[] | select(.plugin == "flaky") |
		[.name, .waiting, .in_flight, .dead, .paused] | map(tostring) | join(" ")' top.json)"
	# What plugins have had is what all have had.
	jq -e '. as $top | ["delivered", "answered", "succeeded", "failed", "retried", "parked", "queued"] |
		all(. as $key | $top.tasks[$key] == ([$top.plugins[][$key]] | add))' top.json
	jq -e '[.plugins[] | .latency_us | .count > 0 and .p50 > 0 and
		.p50 <= .p90 and .p90 <= .p99 and .p99 <= .max] | all' top.json
	# Each run is accepted in one commit at least, and ends in another.
	jq -e '.commits | .count >= 20 and .records > .count and
		.took_us.p50 > 0 and .sync_us.max <= .took_us.max' top.json
	jq -e '.loop.turns > 0 and .store.file_bytes > 0 and .store.durability == "strict"' top.json
	# The same to the CLI's own count of what is in the store.
	equal ended 10 "$(tutti ls --count)"
}

@test "five hundred plugins are listed, others are added up" {
	stop_daemon
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/thousand.so]
		activities: [A]
	YAML
	start_daemon tutti.yaml
	sums() {
		tutti top -o json >top.json
		jq -r '[.tasks.succeeded, (.plugins | length), .others.plugins, .others.succeeded,
			([.plugins[] | select(.latency_us.count == 1)] | length), .tasks.latency_us.count] | join(" ")' top.json
	}
	tutti -c tutti.yaml start default --attr 'key=["k0","k1","k2","k3","k4"]' --attr n=9 --wait=1m >/dev/null
	equal "at the limit" "500 500 0 0 500 500" "$(sums)"
	tutti -c tutti.yaml start default --attr key=k5 --attr n=0 --wait=1m >/dev/null
	equal "beyond it" "510 500 10 10" "$(sums | cut -d' ' -f1-4)"
	# Whose times are its own is who answered first.
	equal answers 510 "$(jq .tasks.latency_us.count top.json)"
	/usr/bin/python3 -m jsonschema -i top.json "$SOURCE/docs/schemas/metrics.schema.json"
	exits 0 tutti top
	says "and 10 more plugins: 0 in flight, 10 delivered"
}

@test "what is in flight and waits is seen while it is" {
	local i
	for i in 1 2 3 4 5 6; do
		tutti start held --uid "h$i" --attr gate="$WORK/go" >/dev/null
	done
	tutti queue pause flaky
	tutti start dead --uid waits >/dev/null
	wait_until top_is '.plugins[] | select(.name == "worker") | "\(.in_flight) \(.capacity) \(.answered)"' "4 4 0"
	wait_until top_is '.queues[0] | "\(.waiting) \(.in_flight) \(.paused)"' "1 0 true"
	equal active 7 "$(top .runs.active)"
	exits 0 tutti top
	says '7 active'
	echo "$output" | grep -qx 'worker *[0-9.]* *4/4  *-  *-  *-  *0  *0'
	echo "$output" | grep -qx 'flaky *paused  *1  *0  *0'
	# The one with more to do is first.
	equal first echo "$(echo "$output" | awk '/^PLUGIN/ { getline; print $1 }')"
	touch go
	wait_until top_is .runs.active 1
	equal worker "6 6 6 0 0 0 0" "$(of worker)"
}

@test "an idle daemon sleeps, also when it was just asked" {
	stop_daemon
	# Without processes, which are to be heard of now and then.
	cat >tutti.yaml <<-YAML
		activities: {A: {pre: [{plugin: echo}], post: [{plugin: wait, with: {duration: 1ms}}]}}
	YAML
	start_daemon tutti.yaml
	tutti -c tutti.yaml start default --uid i1 --wait=1m >/dev/null
	equal tasks 3 "$(top .tasks.answered)"
	# The loop waits for ever: in ppoll() without a time, its timer not set.
	asleep() {
		local timer
		timer=$(grep -ls '^clockid: 0' /proc/"$DAEMON"/fdinfo/*) &&
			grep -q '^it_value: (0, 0)' "$timer" &&
			grep -Eq '^(271|73) 0x[0-9a-f]+ 0x3 0x0 ' "/proc/$DAEMON/syscall"
	}
	wait_until asleep
	turns=$(top .loop.turns)
	# To ask is one turn, and nothing else happens in between.
	equal turns "$((turns + 1))" "$(top .loop.turns)"
	equal commits "$(top .commits.count)" "$(top .commits.count)"
}

@test "on a terminal it is drawn again and again, and q leaves" {
	tutti -c tutti.yaml start mixed --uid m1 --wait=1m >/dev/null
	/usr/bin/python3 "$SOURCE/tests/scenario/top_screen.py" tutti
}

@test "on a terminal it outlives the daemon" {
	/usr/bin/python3 "$SOURCE/tests/scenario/top_screen.py" tutti --gone 3>&- &
	local screen=$!
	wait_until [ -e seen ]
	stop_daemon
	wait_until [ -e missed ]
	start_daemon tutti.yaml
	wait "$screen"
}

@test "without a daemon it says so" {
	stop_daemon
	exits 5 tutti top
	exits 5 tutti top -o json
	exits 2 tutti top --interval 1ms
	says '100ms or more'
}
