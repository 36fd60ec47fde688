#!/usr/bin/env bats
# The example plugins in Python and JavaScript: as processes of the
# orchestrator, and started by hand.

load common

setup_file() {
	"$SOURCE/tests/node-deps.sh" "$BUILD" >&2
}

prepare() {
	# Not one that somebody has put before Debian's.
	mkdir bin
	ln -s /usr/bin/python3 bin/python3
	PATH=$WORK/bin:$PATH
}

# counts: a run in English, one cancelled in the middle, one in French.
counts() {
	exits 0 tutti -c "$CONFIG" start default --uid letter --attr lang=en \
		--input '{"text": "to be\nor not to be"}' --wait
	equal output '{"lines":2,"words":6}' "$(tutti show letter -o json | jq -Sc .outputs.Read.words)"
	exits 1 tutti -c "$CONFIG" start default --uid bad --attr lang=en --wait
	equal message "the input has no text" \
		"$(show bad '.activities[0].parallel.tasks[0].message')"
	exits 0 tutti -c "$CONFIG" start default --uid lettre --attr lang=fr \
		--input '{"text": "être"}' --wait
	equal filtered 1 "$(show lettre .activities[0].parallel.filtered)"
	head -c 20000 /dev/zero | tr '\0' '\n' | jq -Rs '{text: .}' >long.json
	exits 0 tutti -c "$CONFIG" start default --uid long --attr lang=de --input long.json
	wait_until in_the_middle
	exits 0 tutti -c "$CONFIG" cancel long
	wait_until state_is long cancelled
	show long '.activities[0].parallel.tasks[0].message' | grep -q '^stopped at line'
}

in_the_middle() {
	show long '.activities[0].parallel.tasks[0].progress.note' 2>/dev/null |
		grep -q '^line '
}

# by_hand COMMAND...: registered by a program that nobody supervises.
by_hand() {
	echo 'activities: {Read: {require: [words]}}' >hand.yaml
	echo 'listen: tcp://127.0.0.1:0' >>hand.yaml
	start_daemon hand.yaml
	"$@" >>program.log 2>&1 3>&- &
	local program=$!
	counts
	kill "$program"
	wait "$program"
}

example() {
	# Beside the folder where its package is.
	mkdir -p examples sdk
	cp -r "$BUILD/examples/$1" examples
	cp -r "$BUILD/sdk/python" sdk
	cd "examples/$1" || return 1
}

@test "in Python" {
	example python-plugin
	start_daemon tutti.yaml
	counts
}

@test "in Python, started by hand" {
	example python-plugin
	by_hand ./plugin.py
}

@test "in JavaScript" {
	example node-plugin
	start_daemon tutti.yaml
	counts
}

@test "in JavaScript, started by hand" {
	example node-plugin
	by_hand ./plugin.mjs
}

@test "they say what they are without an orchestrator" {
	example python-plugin
	./plugin.py --describe | jq -S '.plugins[0] | del(.hash)' >"$WORK/python.json"
	cd "$BUILD/examples/node-plugin"
	./plugin.mjs --describe | jq -S '.plugins[0] | del(.hash)' >"$WORK/node.json"
	diff "$WORK/python.json" "$WORK/node.json"
	equal name words "$(jq -r .name "$WORK/node.json")"
}
