#!/usr/bin/env bats
# Queues as people see them: what waits and why, pauses, dead letters that are
# tried again or thrown away.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
}

# config POLICY: a plugin in the process that does as its `with` says.
config() {
	cat >tutti.yaml <<-YAML
		plugins: [{path: $MODULES/flaky.so, queue: {backoff: 10ms, $1}}]
		activities:
		  scan: {parallel: [{plugin: flaky, as: page, with: {file: $CALLS, unless: $WORK/never, gate: $WORK/go}}]}
		  read: {parallel: [{plugin: flaky, as: text, with: {file: $CALLS, times: 1000000}}]}
		  mend: {parallel: [{plugin: flaky, as: cure, with: {file: $CALLS, times: 3}}]}
		workflows: {scan: [scan], read: [read], mend: [mend]}
	YAML
	touch never
	start_daemon tutti.yaml
}

# queue NAME FILTER: jq over what is said of it.
queue() {
	tutti queue show "$1" -o json 2>/dev/null | jq -r "$2"
}

# queue_is NAME FILTER TEXT
queue_is() {
	[ "$(queue "$1" "$2")" = "$3" ]
}

# start WORKFLOW UID...
start() {
	local workflow=$1 uid
	shift
	for uid in "$@"; do
		tutti -c tutti.yaml start "$workflow" --uid "$uid" >/dev/null
	done
}

valid() {
	/usr/bin/python3 -m jsonschema -i "$1" "$SOURCE/docs/schemas/queue.schema.json"
}

@test "a paused queue takes everything and hands out nothing, also after a restart" {
	config 'concurrency: 1'
	exits 6 tutti queue resume flaky
	says "not paused"
	exits 3 tutti queue pause flakey
	says "did you mean 'flaky'?"
	exits 0 tutti queue pause flaky --dry-run
	says "would be paused"
	queue_is flaky .state running
	exits 0 tutti queue pause flaky
	says "is paused"
	exits 6 tutti queue pause flaky --dry-run
	exits 6 tutti queue pause flaky
	start scan a b
	equal waits "paused 2" "$(queue flaky '"\(.waits_for) \(.waiting)"')"
	exits 0 tutti why b
	says "in queue 'flaky', number 2 of 2: paused by operator uid $(id -u)"
	exits 0 tutti show b
	says "queue flaky"
	says "tutti queue show flaky"
	stop_daemon KILL
	exits 5 tutti queue resume flaky
	exits 0 tutti queue ls
	says "paused by operator"
	says "daemon: down"
	start_daemon tutti.yaml
	queue_is flaky .state paused
	touch go
	exits 0 tutti queue resume flaky
	wait_until all_ended 2
	state_is a succeeded
	equal calls 2 "$(grep -c page "$CALLS")"
	queue_is flaky '"\(.waiting) \(.in_flight) \(.dead)"' "0 0 0"
}

@test "what holds back a message is said, whatever it is" {
	config 'concurrency: 1, fifo_key: attributes.customer'
	tutti start scan --uid a --attr customer=acme
	wait_until queue_is flaky .in_flight 1
	tutti start scan --uid b --attr customer=acme
	tutti start scan --uid c
	exits 0 tutti why b
	says "in queue 'flaky', number 1 of 2: behind task 'page' of run $(show a .id) in its group 'acme', which is at work"
	exits 0 tutti why c
	says "number 2 of 2: concurrency limit 1 reached"
	equal word concurrency "$(queue flaky .waits_for)"
	tutti pause c
	exits 0 tutti why c
	says "held back: the run is paused by operator"
	exits 0 tutti queue peek flaky
	says "run paused"
	says acme
	tutti queue peek flaky --leased -o json | jq -e '.[0].instance != null and .[0].uid == "a"'
	tutti resume c
	touch go
	wait_until all_ended 3
	tutti queue show flaky -o json >shown.json
	valid shown.json
}

@test "messages of a paused workflow: put aside, and handed out to nobody" {
	config 'attempts: 5'
	tutti queue pause flaky
	start mend a b
	wait_until queue_is flaky .waiting 2
	tutti pause --workflow mend
	tutti queue resume flaky
	wait_until queue_is flaky .waits_for runs_paused
	equal counts "2 2 0" "$(queue flaky '"\(.waiting) \(.of_paused_runs) \(.delayed)"')"
	exits 0 tutti queue ls
	says "2 (2 of paused runs)"
	exits 0 tutti queue show flaky
	says "all that wait are of paused runs"
	tutti queue peek flaky -o json >peeked.json
	equal handed "0 0" "$(jq -r '[.[].deliveries | tostring] | join(" ")' peeked.json)"
	equal visible "[null]" "$(jq -c 'map(.visible_at) | unique' peeked.json)"
	exits 0 tutti resume --workflow mend
	wait_until state_is a succeeded
	wait_until state_is b succeeded
}

@test "a queue whose consumer is not there: accepted, and said who is missing" {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins: [{plugin: late, queue: true}]
		activities: {A: {parallel: [late]}}
	YAML
	start_daemon tutti.yaml
	start default one
	equal state queued "$(show one '.activities[0].parallel.tasks[0].state')"
	equal queue late "$(show one '.activities[0].parallel.tasks[0].queue')"
	exits 0 tutti why one
	says "number 1 of 1: no consumer: plugin 'late' has no live instance"
	exits 0 tutti queue ls
	says late
	equal consumers 0 "$(queue late .consumers)"
	equal word no_instance "$(queue late .waits_for)"
}

@test "dead letters: what they are, and redriven they come through" {
	config 'attempts: 2'
	start read a b
	start mend c
	wait_until all_ended 3
	wait_until queue_is flaky .dead 3
	equal reason dead_letter "$(show a '.activities[0].parallel.tasks[0].reason')"
	exits 0 tutti why a
	says "dead letter of queue 'flaky': attempt 2 of 2 failed:"
	exits 0 tutti show a
	says "tutti queue redrive flaky"
	tutti queue peek flaky --dead -o json >dead.json
	equal tries 2 "$(jq '.[0].deliveries' dead.json)"
	exits 0 tutti queue redrive flaky --dry-run
	says "1 task would go back into the queue"
	queue_is flaky .dead 3
	exits 6 tutti queue redrive flaky --workflow scan
	exits 0 tutti queue redrive flaky --run c
	says "$(show c .id): 1 task goes back into the queue"
	wait_until state_is c succeeded
	equal calls 4 "$(jq -n "$(show c .outputs.mend.cure.calls)")"
	wait_until queue_is flaky .dead 2
	exits 0 tutti queue redrive flaky --limit 1 -o name
	equal one 1 "$(wc -l <<<"$output")"
	# Again in vain: it is a dead letter once more.
	wait_until queue_is flaky .dead 2
	wait_until all_ended 3
	exits 0 tutti history c
	says dead_letter
	says in_queue
}

@test "a run that has not ended keeps its dead letters until it has" {
	cat >tutti.yaml <<-YAML
		plugins: [{path: $MODULES/flaky.so, queue: {attempts: 1}}]
		activities:
		  A:
		    parallel:
		      - {plugin: flaky, as: text, with: {file: $CALLS, times: 1}}
		      - {plugin: flaky, as: page, with: {file: $CALLS, gate: $WORK/go}}
	YAML
	start_daemon tutti.yaml
	start default a
	wait_until queue_is flaky .dead 1
	exits 6 tutti queue redrive flaky
	says "its run has not ended: 1"
	touch go
	wait_until state_is a failed
	exits 0 tutti queue redrive flaky
	wait_until state_is a succeeded
	exits 6 tutti queue redrive flaky
}

@test "purging: what waits fails and can be brought back, dead letters go for good" {
	config 'concurrency: 1, attempts: 1'
	start scan a
	wait_until queue_is flaky .in_flight 1
	start scan b c
	exits 0 tutti queue purge flaky --dry-run
	says "2 messages would be thrown away; 1 in consumers' hands stays"
	exits 0 tutti queue purge flaky
	says "2 messages thrown away"
	equal reason purged "$(show b '.activities[0].parallel.tasks[0].reason')"
	exits 0 tutti why b
	says "thrown out of queue 'flaky' by an operator"
	exits 6 tutti queue purge flaky
	touch go
	wait_until state_is a succeeded
	exits 0 tutti retry b
	wait_until state_is b succeeded
	start mend d
	wait_until queue_is flaky .dead 1
	exits 6 tutti queue purge flaky
	exits 0 tutti queue purge flaky --dead --dry-run
	queue_is flaky .dead 1
	exits 0 tutti why d
	says "tutti queue redrive flaky"
	exits 0 tutti queue purge flaky --dead -o json
	equal purged 1 "$(jq .purged <<<"$output")"
	queue_is flaky .dead 0
	exits 0 tutti why d
	says "it is not in the queue any more, but 'tutti retry'"
	exits 0 tutti show d
	no grep -q redrive <<<"$output"
	exits 6 tutti queue redrive flaky
	exits 6 tutti queue purge flaky --dead
	exits 0 tutti retry d
	wait_until state_is d failed
	queue_is flaky .dead 1
	exits 0 tutti store check
}

@test "more than fit into one request" {
	config 'attempts: 1'
	tutti queue pause flaky
	touch go
	python3 - <<-'PY' >uids
		for i in range(620):
		    print(f"u{i}")
	PY
	xargs -a uids -P 4 -I UID tutti -c tutti.yaml start read --uid UID >/dev/null
	queue_is flaky .waiting 620
	equal all 620 "$(tutti queue peek flaky --limit 0 -o name | sort -u | wc -l)"
	tutti queue resume flaky
	wait_until queue_is flaky .dead 620
	wait_until all_ended 620
	tutti queue pause flaky
	tutti queue redrive flaky -o json >rows.json
	equal redriven 620 "$(jq '[.[] | select(.changed)] | length' rows.json)"
	queue_is flaky '"\(.waiting) \(.dead)"' "620 0"
	exits 0 tutti queue purge flaky
	says "620 messages thrown away"
	wait_until all_ended 620
	queue_is flaky '"\(.waiting) \(.dead)"' "0 0"
	exits 0 tutti store check
}

@test "a consumer that is killed each time: a dead letter, and what comes of it" {
	cat >tutti.yaml <<-YAML
		plugins:
		  - exec: [$WORKER]
		    name: worker
		    queue: {attempts: 2, backoff: 10ms}
		    restart: {delay: 50ms, max: 200ms, deaths: 20, within: 1m}
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	tutti -c tutti.yaml start default --uid one --attr gate="$WORK/gate"
	for attempt in 1 2; do
		wait_until calls '^begin' "$attempt"
		kill -9 "$(pids_of worker)"
	done
	wait_until queue_is worker .dead 1
	wait_until state_is one failed
	exits 0 tutti why one
	says "dead letter of queue 'worker': attempt 2 of 2 failed:"
	says "SIGKILL"
	touch gate
	exits 0 tutti queue redrive worker
	wait_until state_is one succeeded
	equal left "0 0 0" "$(queue worker '"\(.waiting) \(.in_flight) \(.dead)"')"
}

@test "accepted at once, done when somebody comes to do it" {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins: [{plugin: worker, queue: true}]
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	start default one two
	queue_is worker .waiting 2
	stop_daemon TERM
	start_daemon tutti.yaml
	queue_is worker .waiting 2
	TUTTI_BUS=.tutti/bus.json "$WORKER" >by-hand.log 2>&1 3>&- &
	wait_until all_ended 2
	equal consumers 1 "$(queue worker .consumers)"
	equal calls 2 "$(grep -c '^begin' "$CALLS")"
	kill $!
}

@test "requests about queues that nobody should make are refused" {
	config 'attempts: 1'
	cat >ask.py <<-'PY'
		import msgpack, socket, struct, sys
		s = socket.socket(socket.AF_UNIX)
		s.connect(".tutti/control.sock")
		def read(n):
		    data = b""
		    while len(data) < n:
		        more = s.recv(n - len(data))
		        if not more:
		            sys.exit("the daemon hung up")
		        data += more
		    return data
		def ask(verb, **args):
		    frame = msgpack.packb({"id": 1, "verb": verb, "args": args})
		    s.sendall(struct.pack(">I", len(frame)) + frame)
		    answer = msgpack.unpackb(read(*struct.unpack(">I", read(4))))
		    return "ok" if answer["ok"] else answer["code"] + " " + answer["error"]
		run = "0" * 26
		one = {"run": run, "task": 0}
		def say(*words):
		    print(*words)
		say(ask("queue_pause"))
		say(ask("queue_pause", queue=5))
		say(ask("queue_redrive", queue="flaky"))
		say(ask("queue_redrive", queue="flaky", runs=run))
		say(ask("queue_redrive", queue="flaky", runs=[5]))
		say(ask("queue_redrive", queue="flaky", runs=["x"]))
		say(ask("queue_redrive", queue="flaky", runs=[run] * 200))
		say(ask("queue_redrive", queue="flaky", runs=[run] * 201))
		say(ask("queue_drop", queue="flaky", messages=[one] * 500))
		say(ask("queue_drop", queue="flaky", messages=[one] * 501))
		say(ask("queue_drop", queue="flaky", messages=[5, {}, {"run": run, "task": -7}]))
	PY
	/usr/bin/python3 ask.py >answers
	equal answers "$(cat <<-'TEXT'
		E_NOT_FOUND there is no queue ''
		E_NOT_FOUND there is no queue ''
		E_INVALID 'runs' must be a list of at most 200
		E_INVALID 'runs' must be a list of at most 200
		E_INVALID 'runs' must be ids of runs
		E_INVALID 'runs' must be ids of runs
		ok
		E_INVALID 'runs' must be a list of at most 200
		E_UNCHANGED queue 'flaky' has none of these dead letters
		E_INVALID 'messages' must be a list of at most 500
		E_UNCHANGED queue 'flaky' has none of these dead letters
	TEXT
	)" "$(cat answers)"
}
