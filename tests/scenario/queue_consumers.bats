#!/usr/bin/env bats
# A plugin behind a queue: its task is accepted at once, and done when somebody
# is there to do it.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	export TUTTI_BUS=$WORK/.tutti/bus.json
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		lease: 2s
		plugins:
		  - {plugin: slow, queue: {attempts: 3, backoff: 10ms}, overrides: {Extra: {mandatory: false}}}
		activities:
		  Work: {pre: [echo], parallel: [slow]}
		  Extra: {parallel: [slow]}
		workflows: {w: [Work], extra: [Extra]}
	YAML
}

# One that is started by hand.
consumer() {
	PLUGIN_NAME=slow "$MODULES/soaker" >>consumer.log 2>&1 </dev/null 3>&- &
}

# queue NAME FILTER: jq over what is said of it.
queue() {
	tutti queue ls -o json | jq -r --arg name "$1" ".[] | select(.name == \$name) | $2"
}

is() {
	[ "$(show "$1" "$2")" = "$3" ]
}

was_late() {
	tutti history "$1" -o json | grep -q late_completion
}

SLOW='.activities[0].parallel.tasks[0]'

@test "nobody is there: queued with the fan-out; hours later somebody is" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start w --uid 1
	wait_until is 1 "$SLOW.state" queued
	equal queue slow "$(show 1 "$SLOW.queue")"
	# The same commit: no time lies between them.
	equal "queued after the fan-out" 0 "$(tutti history 1 -o json | jq '
		[.[] | select(.phase == "parallel")]
		| (map(select(.kind == "task" and .to == "queued"))[0].time) as $queued
		| (map(select(.kind == "phase" and .to == "running"))[0].time) as $fan
		| if $queued == $fan then 0 else 1 end')"
	equal waiting 1 "$(queue slow .waiting)"
	exits 0 tutti why 1
	says "queue 'slow'"
	# Also over a restart.
	stop_daemon KILL
	exits 0 tutti why 1
	says "queue 'slow'"
	start_daemon tutti.yaml
	equal state queued "$(show 1 "$SLOW.state")"
	consumer
	wait_until state_is 1 succeeded
	equal attempt 1 "$(show 1 "$SLOW.attempt")"
	equal calls 1 "$(grep -c ^begin "$CALLS")"
	equal waiting 0 "$(queue slow '.waiting + .in_flight + .dead')"
}

@test "killed each time: a dead letter; redriven it comes through" {
	cat >program <<-SH
		#!/bin/sh
		[ -e $WORK/mended ] && exec $MODULES/soaker
		exec $MODULES/worker
	SH
	chmod +x program
	cat >killed.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins:
		  - {exec: [./program], name: p, env: {PLUGIN_NAME: slow}, queue: {attempts: 3, backoff: 10ms},
		     restart: {delay: 1ms, max: 10ms, deaths: 1000, within: 1m}}
		activities: {Work: {require: [slow], parallel: [slow]}}
		workflows: {w: [Work]}
	YAML
	start_daemon killed.yaml
	exits 0 tutti -c killed.yaml start w --uid 1 --attr crash=always
	wait_until state_is 1 failed
	equal reason dead_letter "$(show 1 "$SLOW.reason")"
	equal attempt 3 "$(show 1 "$SLOW.attempt")"
	show 1 "$SLOW.message" | grep -q "queue 'slow': attempt 3 of 3 failed"
	equal begun 3 "$(grep -c ^begin "$CALLS")"
	equal dead 1 "$(queue slow .dead)"
	exits 0 tutti queue peek slow --dead
	says "attempt 3 of 3"
	touch mended
	# The process that is there now is still the old program.
	wait_until ready p 1
	kill -KILL "$(pids_of slow)"
	exits 0 tutti -c killed.yaml queue redrive slow
	wait_until state_is 1 succeeded
	equal dead 0 "$(queue slow '.dead + .waiting + .in_flight')"
	exits 6 tutti -c killed.yaml queue redrive slow
}

# poisoned MAX_TASKS: a consumer that has so many at a time and is given up soon.
poisoned() {
	cat >poison.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins:
		  - {exec: [$MODULES/worker], plugin: slow, max_tasks: $1, env: {PLUGIN_NAME: slow},
		     queue: {attempts: ${2:-9}, backoff: 1ms, max: 5ms}, restart: {delay: 1ms, max: 5ms, deaths: 3, within: 1h}}
		activities: {Work: {parallel: [slow]}}
		workflows: {w: [Work]}
	YAML
	start_daemon poison.yaml
}

@test "who was in the same hands as a message that kills is not taken with it" {
	poisoned 4 2
	exits 0 tutti -c poison.yaml queue pause slow
	for uid in good1 good2 good3; do
		exits 0 tutti -c poison.yaml start w --uid "$uid" --attr work_ms=300
	done
	exits 0 tutti -c poison.yaml start w --uid poison --attr crash=always
	wait_until plugin_is slow ready
	exits 0 tutti -c poison.yaml queue resume slow
	wait_until state_is poison failed
	for uid in good1 good2 good3; do
		wait_until state_is "$uid" succeeded
	done
	equal "one dead letter" 1 "$(queue slow .dead)"
	# All four were in its hands when it died first.
	equal attempts "2 2 2 2" "$(for uid in good1 good2 good3 poison; do show "$uid" "$SLOW.attempt"; done | paste -sd' ')"
}

@test "a message that kills stops nobody for longer than its attempts take" {
	poisoned 1
	exits 0 tutti -c poison.yaml start w --uid poison --attr crash=always
	exits 0 tutti -c poison.yaml start w --uid good1
	exits 0 tutti -c poison.yaml start w --uid good2
	wait_until state_is good1 succeeded
	wait_until state_is good2 succeeded
	wait_until state_is poison failed
	equal attempts "9 dead_letter" "$(show poison "$SLOW | \"\(.attempt) \(.reason)\"")"
	exits 0 tutti -c poison.yaml start w --uid good3
	wait_until state_is good3 succeeded
}

@test "an optional one: overrides hold also behind the queue" {
	start_daemon tutti.yaml
	cat >failing.py <<-PY
		import sys
		sys.path.append("$SOURCE/sdk/python")
		import tutti
		@tutti.plugin("slow", version="1", max_tasks=1)
		def slow(task):
		    raise tutti.Failed("no")
		tutti.run([slow])
	PY
	exits 0 tutti -c tutti.yaml start extra --uid 1
	/usr/bin/python3 failing.py >>consumer.log 2>&1 </dev/null 3>&- &
	wait_until state_is 1 degraded
	equal mandatory false "$(show 1 "$SLOW.mandatory")"
	# A verdict, not bad luck: one attempt, and no dead letter.
	equal attempt 1 "$(show 1 "$SLOW.attempt")"
	equal reason plugin_failed "$(show 1 "$SLOW.reason")"
	equal dead 0 "$(queue slow .dead)"
}

@test "what has ended is never in the queue" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start w --uid skipped
	exits 0 tutti -c tutti.yaml start w --uid cancelled
	wait_until is skipped "$SLOW.state" queued
	wait_until is cancelled "$SLOW.state" queued
	equal waiting 2 "$(queue slow .waiting)"
	exits 0 tutti -c tutti.yaml skip skipped slow
	exits 0 tutti -c tutti.yaml cancel cancelled
	wait_until state_is cancelled cancelled
	wait_until state_is skipped succeeded
	equal waiting 0 "$(queue slow .waiting)"
	# Marked before it comes: it never enters.
	exits 0 tutti -c tutti.yaml pause --workflow w
	exits 0 tutti -c tutti.yaml start w --uid marked
	exits 0 tutti -c tutti.yaml skip marked slow
	exits 0 tutti -c tutti.yaml resume --workflow w
	wait_until state_is marked succeeded
	equal "was queued" 0 "$(tutti history marked -o json | jq '[.[] | select(.to == "queued")] | length')"
	consumer
	exits 0 tutti -c tutti.yaml start w --uid last --wait
	equal calls 1 "$(grep -c ^begin "$CALLS")"
}

@test "a message is the same bytes that it would have been without the queue" {
	cat >bytes.py <<-PY
		import hashlib, json, os, sys
		sys.path.append("$SOURCE/sdk/python")
		import tutti
		NAME = os.environ["PLUGIN_NAME"]
		@tutti.plugin(NAME, version="1", max_tasks=4)
		def bytes_of(task):
		    work = task._work
		    with open("$WORK/bytes", "a") as file:
		        file.write(json.dumps({"name": NAME, "uid": work["uid"], **{
		            key: (work.get(key) or b"").hex()
		            for key in ("attributes", "input", "stash", "outputs")},
		            "with": (task._member.get("with") or b"").hex()}) + "\n")
		    return {"seen": NAME}
		tutti.run([bytes_of])
	PY
	cat >bytes.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins:
		  - {plugin: queued, queue: true}
		activities:
		  Before: {pre: [{plugin: echo, with: {output: {a: [1, 2.5, "x"]}}}]}
		  Work:
		    require: [direct]
		    parallel:
		      - {plugin: direct, with: {n: 1, from: '\${{ attributes.k }}', of: '\${{ outputs.Before }}'}}
		      - {plugin: queued, with: {n: 1, from: '\${{ attributes.k }}', of: '\${{ outputs.Before }}'}}
		workflows: {w: [Before, Work]}
	YAML
	start_daemon bytes.yaml
	PLUGIN_NAME=direct /usr/bin/python3 bytes.py >>consumer.log 2>&1 </dev/null 3>&- &
	exits 0 tutti -c bytes.yaml start w --uid 1 --attr 'k={"deep": [1, "ü"]}' --input '{"p": [1.0, null]}'
	wait_until grep -q direct bytes
	PLUGIN_NAME=queued /usr/bin/python3 bytes.py >>consumer.log 2>&1 </dev/null 3>&- &
	wait_until state_is 1 succeeded
	equal bytes 1 "$(jq -c 'del(.name)' bytes | sort -u | wc -l)"
	equal seen "direct queued" "$(jq -r .name bytes | sort | paste -sd' ')"
	jq -e '(.attributes, .input, .outputs, .with) | length > 2' bytes >/dev/null
}

@test "visibility: who says nothing loses the message" {
	cat >silent.py <<-PY
		import os, sys, time
		sys.path.append("$SOURCE/sdk/python")
		import tutti
		@tutti.plugin("slow", version="1", max_tasks=1)
		def slow(task):
		    began = time.monotonic()
		    if task.attempt == 1:
		        while not os.path.exists("$WORK/go"):
		            time.sleep(0.01)
		            if task.attributes["talks"]:
		                task.progress(0.5, "at it")
		            if time.monotonic() - began > 3:
		                open("$WORK/long", "w").close()
		    return {"attempt": task.attempt}
		tutti.run([slow])
	PY
	sed -i 's/backoff: 10ms/backoff: 10ms, visibility: 300ms/' tutti.yaml
	start_daemon tutti.yaml
	for _ in 1 2; do
		/usr/bin/python3 silent.py >>consumer.log 2>&1 </dev/null 3>&- &
	done
	exits 0 tutti -c tutti.yaml start w --uid silent --attr talks=false
	wait_until state_is silent succeeded
	equal attempt 2 "$(show silent "$SLOW.attempt")"
	equal expired 1 "$(tutti history silent -o json | jq '[.[] | select(.reason == "backoff" and (.message | test("said nothing")))] | length')"
	touch go
	wait_until was_late silent
	rm -f go long
	exits 0 tutti -c tutti.yaml start w --uid talks --attr talks=true
	wait_until is talks "$SLOW.state" running
	# Ten times as long as it may be silent.
	wait_until [ -e long ]
	equal attempt "1 running" "$(show talks "$SLOW | \"\\(.attempt) \\(.state)\"")"
	touch go
	wait_until state_is talks succeeded
	equal attempt 1 "$(show talks "$SLOW.attempt")"
}
