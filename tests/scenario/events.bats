#!/usr/bin/env bats
# Run events, read by a program that knows nothing of Tutti: nanocat, of
# nanomsg.

load common

prepare() {
	cat >tutti.yaml <<-'YAML'
		listen: tcp://127.0.0.1:0
		activities: {A: {pre: [{plugin: echo}], parallel: [{plugin: echo, as: two}]}}
		workflows: {watched: [A], other: [A]}
	YAML
}

# listen TOPIC FILE: in the background; a quoted line for each message.
listen() {
	nanocat --sub --connect "$(jq -r .events .tutti/bus.json)" \
		--subscribe "$1" --quoted >"$2" 2>nanocat.log 3>&- &
	LISTENERS="${LISTENERS:-} $!"
}

# heard FILE: the events in it, one JSON line each.
heard() {
	/usr/bin/python3 - "$1" <<-'PY'
		import ast, json, sys
		import msgpack
		for line in open(sys.argv[1], encoding="latin-1"):
		    topic, _, body = ast.literal_eval("b" + line.strip()).partition(b"\0")
		    said = msgpack.unpackb(body)
		    for event in said["events"]:
		        event["topic"] = topic.decode()
		        event["run"] = said["run"]
		        event["uid"] = said["uid"]
		        print(json.dumps(event))
	PY
}

# A subscriber hears what comes once it is connected.
connected() {
	tried=$((${tried:-0} + 1))
	tutti -c tutti.yaml start watched --uid "try$tried" --wait >/dev/null 2>&1
	[ -s "$1" ]
}

all_heard() {
	[ "$(heard "$1" 2>/dev/null | jq -c 'select(.uid == "w" and .object == "run" and .to == "succeeded")' | wc -l)" = 1 ]
}

@test "a subscriber hears the events of a run, and no others" {
	start_daemon tutti.yaml
	listen event/watched/ heard.txt
	listen event/ everything.txt
	wait_until connected heard.txt
	wait_until connected everything.txt
	exits 0 tutti -c tutti.yaml start other --uid o --wait
	exits 0 tutti -c tutti.yaml start watched --uid w --wait
	wait_until all_heard heard.txt
	wait_until all_heard everything.txt
	# shellcheck disable=SC2086 # numbers of processes
	kill $LISTENERS
	heard heard.txt >events.jsonl
	heard everything.txt >everything.jsonl
	equal topic "event/watched/$(show w .id)/" \
		"$(jq -r 'select(.uid == "w") | .topic' events.jsonl | sort -u)"
	equal "of the other workflow" 0 "$(grep -c event/other events.jsonl)"
	grep -q event/other everything.jsonl
	# Just what the history has.
	equal events "$(tutti history w -o jsonl 2>/dev/null | jq -r '"\(.sequence) \(.to)"')" \
		"$(jq -r 'select(.uid == "w") | "\(.sequence) \(.to)"' events.jsonl)"
}
