#!/usr/bin/env bats
# Starting runs: uids, conflicts, and input that is wrong or too big.

load common

prepare() {
	cat >tutti.yaml <<-'YAML'
		activities:
		  A: {parallel: [{plugin: echo, with: {all: '${{ attributes }}', input: '${{ input }}'}}]}
		  B: {parallel: [{plugin: exec, as: gate, filter: {gate: [true]}, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}]}
	YAML
}

@test "fifty simultaneous starts of one uid make one run" {
	start_daemon tutti.yaml
	local pids=()
	for i in $(seq 50); do
		tutti -c tutti.yaml start default --uid same --attr k=1 -o json >"started.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	equal "runs" 1 "$(tutti ls -o json | jq length)"
	equal "ids" 1 "$(cat started.* | jq -r .id | sort -u | wc -l)"
	equal "created" 1 "$(cat started.* | jq -r .created | grep -c true)"
}

@test "the same uid with other metadata, also nested, is a conflict and changes nothing" {
	start_daemon tutti.yaml
	echo '{"customer": {"name": "x", "tags": ["a", {"b": null}]}, "n": 1}' >a.json
	exits 0 tutti -c tutti.yaml start default --uid u --attrs a.json --input '{"i": 1}' --wait
	show u . >before
	exits 0 tutti -c tutti.yaml start default --uid u --attrs a.json --input '{"i": 1}'
	# The order of keys is no difference, and neither is 1 or 1.0.
	echo '{"n": 1.0, "customer": {"tags": ["a", {"b": null}], "name": "x"}}' >same.json
	exits 0 tutti -c tutti.yaml start default --uid u --attrs same.json --input '{"i": 1}'
	local other
	for other in \
		'{"customer": {"name": "x", "tags": ["a", {"b": false}]}, "n": 1}' \
		'{"customer": {"name": "x", "tags": [{"b": null}, "a"]}, "n": 1}' \
		'{"customer": {"name": "x", "tags": ["a", {"b": null}]}, "n": "1"}' \
		'{"customer": {"name": "x", "tags": ["a", {"b": null}]}, "n": 1, "m": null}' \
		'{}'; do
		echo "$other" >other.json
		exits 6 tutti -c tutti.yaml start default --uid u --attrs other.json --input '{"i": 1}'
		says "other attributes"
	done
	exits 6 tutti -c tutti.yaml start default --uid u --attrs a.json --input '{"i": 2}'
	says "other input"
	show u . >after
	cmp before after
	equal "runs" 1 "$(tutti ls --count)"
}

@test "control fields and metadata never mix" {
	start_daemon tutti.yaml
	cat >a.json <<-'JSON'
		{"activity": "X", "status": "failed", "uid": "other", "run": {"id": 1}, "plugin": "exec",
		 "phase": "post", "workflow": "nope", "state": {"deep": [1, {"uid": [2.5, true, null, ""]}]}}
	JSON
	exits 0 tutti -c tutti.yaml start default --uid mixed --attrs a.json --wait
	equal state succeeded "$(show mixed .state)"
	equal uid mixed "$(show mixed .uid)"
	equal seen "$(jq -S . a.json)" "$(tutti show mixed -o json | jq -S .outputs.A.echo.all)"
}

@test "empty uid, unknown workflow, bad JSON: clear errors, nothing stored" {
	start_daemon tutti.yaml
	exits 2 tutti -c tutti.yaml start default --uid ''
	says uid
	exits 3 tutti -c tutti.yaml start defalt --uid u
	says "did you mean 'default'"
	exits 2 tutti -c tutti.yaml start default --uid u --input '{"a": 1,}'
	says "line 1"
	exits 2 tutti -c tutti.yaml start default --uid u --attrs missing.json
	says missing.json
	echo '[1, 2]' >list.json
	exits 2 tutti -c tutti.yaml start default --uid u --attrs list.json
	says "attributes are a map, found list"
	exits 2 tutti -c tutti.yaml start default --uid "$(printf 'x%.0s' $(seq 201))"
	says 200
	exits 2 tutti -c tutti.yaml start default --uid $'new\nline'
	equal "runs" 0 "$(tutti ls --count)"
	exits 0 tutti -c tutti.yaml start default --uid "$(printf 'x%.0s' $(seq 200))" --wait
}

@test "2 MB of metadata are refused with the limit, as input they arrive whole" {
	start_daemon tutti.yaml
	python3 -c 'import json; print(json.dumps({"k%d" % i: "v" * 1000 for i in range(2000)}))' >big.json
	exits 2 tutti -c tutti.yaml start default --uid big --attrs big.json
	says 1048576
	equal "runs" 0 "$(tutti ls --count)"
	exits 0 tutti -c tutti.yaml start default --uid big --input big.json --wait
	tutti show big -o json | jq -S .input >got.json
	jq -S . big.json >want.json
	cmp want.json got.json
	tutti show big -o json | jq -S .outputs.A.echo.input >got.json
	cmp want.json got.json
}

@test "a message of multi-byte text is never cut inside a character" {
	local text
	text=$(python3 -c 'print("€" * 100)')
	cat >long.yaml <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    parallel:
		      - {plugin: recorder, as: short, mandatory: false, with: {fail: permanent, message: '$text'}}
		      - {plugin: recorder, as: long, mandatory: false, with: {fail: permanent, message: 'x$text$text$text$text$text'}}
	YAML
	exits 0 tutti run long.yaml --uid m
	equal message "$text" "$(show m '.activities[0].parallel.tasks[] | select(.name == "short").message')"
	show m '.activities[0].parallel.tasks[] | select(.name == "long").message' >message
	iconv -f UTF-8 -t UTF-8 message >/dev/null
	no grep -q '�' message
	[ "$(wc -c <message)" -gt 1000 ]
}

@test "start --dry-run says what would be and stores nothing" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid u --dry-run
	equal "runs" 0 "$(tutti ls --count)"
}

@test "start --wait gives up with 4, cancel and skip change what they say" {
	start_daemon tutti.yaml
	exits 4 tutti -c tutti.yaml start default --uid slow --attr gate=true --wait 300ms
	exits 6 tutti -c tutti.yaml skip slow gate
	exits 3 tutti -c tutti.yaml skip slow nothing-like-it
	exits 0 tutti -c tutti.yaml cancel slow --dry-run
	equal state running "$(show slow .state)"
	exits 0 tutti -c tutti.yaml cancel slow
	wait_until state_is slow cancelled
	exits 6 tutti -c tutti.yaml cancel slow
	exits 7 tutti -c tutti.yaml start default --uid slow --attr gate=true --wait
	exits 3 tutti -c tutti.yaml cancel no-such-run
}

@test "skip marks a task that has not come yet" {
	cat >skip.yaml <<-'YAML'
		activities:
		  A: {pre: [{plugin: exec, as: gate, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}, {plugin: echo, as: second}]}
		  B: {post: [{plugin: exec, as: never, with: {argv: ['false']}}]}
	YAML
	start_daemon skip.yaml
	exits 0 tutti -c skip.yaml start default --uid s
	exits 0 tutti -c skip.yaml skip s A/pre/second
	exits 0 tutti -c skip.yaml skip s never
	exits 6 tutti -c skip.yaml skip s never
	touch go
	exits 0 tutti -c skip.yaml start default --uid s --wait
	equal states "succeeded skipped skipped" "$(show s '[.activities[][("pre","post")].tasks[].state] | join(" ")')"
}

@test "several runs are alive at once, each with its own documents" {
	start_daemon tutti.yaml
	for i in $(seq 20); do
		exits 0 tutti -c tutti.yaml start default --uid "r$i" --attr n="$i" --attr gate=true
	done
	all_wait() { [ "$(tutti ls --state running --count)" = 20 ]; }
	wait_until all_wait
	touch go
	for i in $(seq 20); do
		exits 0 tutti -c tutti.yaml start default --uid "r$i" --attr n="$i" --attr gate=true --wait
		equal "output of r$i" "$i" "$(show "r$i" .outputs.A.echo.all.n)"
	done
}

two_ends() {
	[ "$(wc -l <ends)" = 2 ]
}

@test "lines: a run for each, in one connection" {
	start_daemon tutti.yaml
	printf '%s\n' '{"uid":"l1","attributes":{"size":1}}' '' \
		'{"uid":"l2","input":[1,2]}' '{}' >lines
	exits 0 tutti -c tutti.yaml start default --lines lines --wait
	equal "summary" "3 started|3 succeeded" "$(paste -sd '|' <<<"$output")"
	exits 0 tutti -c tutti.yaml start default --lines - --wait -o json --in-flight 1 <lines
	jq -s -e 'map([.line, .uid, .created, .state]) |
		.[0] == [1, "l1", false, "succeeded"] and
		.[1] == [3, "l2", false, "succeeded"] and
		.[2][0] == 4 and .[2][2:] == [true, "succeeded"]' <<<"$output"
	equal "runs" 4 "$(tutti ls --count)"
	# In flight: the one that waits does not hold the others up.
	printf '%s\n' '{"attributes":{"gate":true}}' '{}' '{}' >lines
	tutti -c tutti.yaml start default --lines lines --wait -o json --in-flight 2 >ends 3>&- &
	wait_until two_ends
	touch go
	wait $!
	equal "order of ends" "2 3 1" "$(jq -r .line ends | paste -sd ' ')"
}

@test "lines: what is wrong is told by line, and the others are started" {
	start_daemon tutti.yaml
	printf '%s\n' '{"uid":"a"}' 'nonsense' '[1]' '{"uid":7}' '{"input":1,"inputs":2}' \
		'{"uid":"a","input":3}' '{"workflow":"nope"}' '{"uid":"b"}' >lines
	exits 2 tutti -c tutti.yaml start default --lines lines
	says "line 2: "
	says "line 3: must be a JSON object, not list"
	says "line 4: uid must be a text, not number"
	says "line 5: there is no key 'inputs'"
	says "which was started with other input"
	says "line 7: there is no workflow 'nope'"
	says "2 started, 6 refused"
	equal "runs" 2 "$(tutti ls --count)"
	exits 2 tutti -c tutti.yaml start default --lines lines --uid x
	exits 2 tutti -c tutti.yaml start default --lines lines --in-flight 0
	exits 2 tutti -c tutti.yaml start default --lines lines --in-flight 4097
	exits 2 tutti -c tutti.yaml start default --in-flight 2
	exits 2 tutti -c tutti.yaml start default --lines missing
	exits 0 tutti -c tutti.yaml start default --lines /dev/null
	says "no lines"
}
