#!/usr/bin/env bats
# show -o json: the published schema describes it in every state, and the
# fields that scripts rely on are there.

load common

prepare() {
	cat >tutti.yaml <<-'YAML'
		activities:
		  A:
		    pre: [{plugin: echo, as: load}]
		    parallel:
		      - {plugin: echo, as: fails, mandatory: false, filter: {bad: [1]}}
		      - {plugin: exec, as: breaks, filter: {bad: [2]}, with: {argv: ['false']}}
		      - {plugin: exec, as: gate, filter: {gate: [true]}, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}
		      - {plugin: wait, as: later, filter: {wait: [true]}, with: {duration: 1h}}
		      - {plugin: exec, as: soft, mandatory: false, filter: {bad: [3]}, with: {argv: ['false']}}
		    post: [{plugin: echo, as: last, run_on: always}]
		  B: {}
	YAML
}

# valid RUN: against the schema, by a validator that is not ours.
valid() {
	tutti show "$1" -o json >"$1.json" 2>/dev/null
	/usr/bin/python3 -m jsonschema -i "$1.json" "$SOURCE/docs/schemas/run.schema.json"
}

@test "every state validates" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid good --wait
	exits 1 tutti -c tutti.yaml start default --uid broken --attr bad=2 --wait
	exits 0 tutti -c tutti.yaml start default --uid soft --attr bad=3 --wait
	exits 0 tutti -c tutti.yaml start default --uid waits --attr wait=true
	exits 0 tutti -c tutti.yaml start default --uid gated --attr gate=true
	gate_runs() { [ "$(show gated '.activities[0].parallel.tasks[0].state')" = running ]; }
	wait_until gate_runs
	wait_until state_is waits waiting
	exits 0 tutti -c tutti.yaml start default --uid gone --attr wait=true
	wait_until state_is gone waiting
	exits 0 tutti -c tutti.yaml cancel gone
	wait_until state_is gone cancelled
	for run in good:succeeded broken:failed soft:degraded waits:waiting gated:running gone:cancelled; do
		valid "${run%:*}"
		equal "state of ${run%:*}" "${run#*:}" "$(jq -r .state "${run%:*}.json")"
	done
	exits 0 tutti -c tutti.yaml cancel gated
	valid gated
	stop_daemon KILL
	valid gated
}

@test "the shape that scripts rely on" {
	exits 0 tutti run tutti.yaml --uid 123-456 --attr n=1 --input '{"a": [1, 2.5, null]}'
	tutti show 123-456 -o json >run.json 2>/dev/null
	for field in id tenant uid workflow version state reason created_at started_at \
		ended_at attributes input stash outputs activities; do
		jq -e "has(\"$field\")" run.json >/dev/null
	done
	equal header "default 123-456 default succeeded null" \
		"$(jq -r '"\(.tenant) \(.uid) \(.workflow) \(.state) \(.reason)"' run.json)"
	jq -r .version run.json | grep -qx 'sha256:[0-9a-f]\{64\}'
	jq -r .created_at run.json | grep -qx '[0-9-]\{10\}T[0-9:]\{8\}\.[0-9]\{6\}Z'
	equal input '{"a":[1,2.5,null]}' "$(jq -c .input run.json)"
	equal phase '{"state":"succeeded","mandatory_done":true,"expected":1,"finished":1,"filtered":0}' \
		"$(jq -c '.activities[0].pre | {state, mandatory_done, expected, finished, filtered}' run.json)"
	equal filtered 5 "$(jq .activities[0].parallel.filtered run.json)"
	equal task '{"name":"load","plugin":"echo","member":null,"mandatory":true,"state":"succeeded","attempt":1}' \
		"$(jq -c '.activities[0].pre.tasks[0] | {name, plugin, member, mandatory, state, attempt}' run.json)"
	jq -e '.activities[0].pre.tasks[0] | has("instance") and has("message") and has("progress") and has("created_at") and has("started_at") and has("ended_at") and has("output")' run.json >/dev/null
	equal visit 1 "$(jq .activities[0].visit run.json)"
	equal "second activity" "succeeded 0" "$(jq -r '.activities[1] | "\(.state) \(.parallel.tasks | length)"' run.json)"
}

@test "other forms of output can be read by programs" {
	exits 0 tutti run tutti.yaml --uid 'a, "b"'
	tutti ls -o csv 2>/dev/null >ls.csv
	/usr/bin/python3 - <<-'PY'
		import csv
		rows = list(csv.DictReader(open("ls.csv", newline="")))
		assert len(rows) == 1 and 'a, "b"' in rows[0].values(), rows
	PY
	equal jsonl 'a, "b"' "$(tutti ls -o jsonl 2>/dev/null | jq -r .uid)"
	equal name 26 "$(tutti ls -o name 2>/dev/null | tr -d '\n' | wc -c)"
	tutti history @latest -o jsonl 2>/dev/null | jq -e -s 'length > 5 and ([.[].sequence] | . == sort)' >/dev/null
	tutti plugins -o json 2>/dev/null | jq -e . >/dev/null
	tutti version -o json | jq -e . >/dev/null
	tutti config show tutti.yaml -o json | jq -e .activities.A.post >/dev/null
}
