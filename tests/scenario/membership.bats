#!/usr/bin/env bats
# Who takes part, in which order, and what a failure means.

load common

# recorder: appends "activity phase name begin|end" to RECORD_FILE.
prepare() {
	export RECORD_FILE=$WORK/record
	: >"$RECORD_FILE"
}

config() {
	cat >tutti.yaml
}

@test "no plugins: succeeds at once" {
	config <<-'YAML'
		activities: [Step1, Step2, Step3]
	YAML
	exits 0 tutti run tutti.yaml --uid empty
	equal state succeeded "$(show empty .state)"
	equal tasks 0 "$(show empty '[.activities[][("pre","parallel","post")].tasks[]] | length')"
}

@test "orders 2, 1, 2 run as 1, then the two by name, in ten stores" {
	config <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    pre:
		      - {plugin: recorder, as: zeta, order: 2}
		      - {plugin: recorder, as: one, order: 1}
		      - {plugin: recorder, as: beta, order: 2}
	YAML
	for i in 1 2 3 4 5 6 7 8 9 10; do
		: >"$RECORD_FILE"
		exits 0 tutti run tutti.yaml --uid "$i" --store "store$i"
		equal order "one begin one end beta begin beta end zeta begin zeta end" \
			"$(awk '{print $3, $4}' "$RECORD_FILE" | paste -sd' ')"
	done
}

@test "pre plugins never overlap, and parallel begins after the last of them" {
	config <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    pre:
		      - {plugin: recorder, as: p1, with: {sleep_ms: 400}}
		      - {plugin: recorder, as: p2, with: {sleep_ms: 400}}
		      - {plugin: recorder, as: p3, with: {sleep_ms: 400}}
		    parallel:
		      - {plugin: recorder, as: q1, with: {sleep_ms: 400}}
		      - {plugin: recorder, as: q2, with: {sleep_ms: 400}}
		    post:
		      - {plugin: recorder, as: r1}
	YAML
	tutti run tutti.yaml --uid sampled >/dev/null 2>&1 3>&- &
	local run=$! samples=0 pre parallel
	while kill -0 "$run" 2>/dev/null; do
		if tutti show sampled -o json >sample 2>/dev/null; then
			pre=$(jq -r '.activities[0].pre.tasks | map(.state) | unique | join(",")' sample)
			parallel=$(jq -r '[.activities[0].parallel.tasks[].state] | unique | join(",")' sample)
			case $parallel in
			*running* | *succeeded*) equal "pre at sample $samples" succeeded "$pre" ;;
			esac
			samples=$((samples + 1))
		fi
	done
	wait "$run"
	echo "$samples samples" >&2
	[ "$samples" -gt 3 ]
	equal pre "p1 begin p1 end p2 begin p2 end p3 begin p3 end" \
		"$(awk '$2 == "pre" {print $3, $4}' "$RECORD_FILE" | paste -sd' ')"
	equal phases "pre parallel post" \
		"$(awk '{print $2}' "$RECORD_FILE" | uniq | paste -sd' ')"
	# By the store's own times too.
	equal "overlaps in pre" 0 "$(show sampled '[.activities[0].pre.tasks | . as $t | range(1; length) | select($t[.].started_at < $t[. - 1].ended_at)] | length')"
}

@test "20 parallel plugins are all at work at once" {
	{
		echo "activities: {A: {parallel: ["
		for i in $(seq 20); do
			echo "{plugin: exec, as: sleep$i, with: {argv: [sleep, '0.3']}},"
		done
		echo "]}}"
	} >tutti.yaml
	exits 0 tutti run tutti.yaml --uid wide
	# Every one began before the first one ended.
	equal "started before the first end" 20 \
		"$(show wide '.activities[0].parallel.tasks | (map(.ended_at) | min) as $first | map(select(.started_at < $first)) | length')"
}

@test "a mandatory failure is visible at once, siblings finish, the rest does not run" {
	config <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    parallel:
		      - {plugin: recorder, as: bad, with: {fail: permanent, message: 'out of luck'}}
		      - {plugin: exec, as: slow, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}
		    post:
		      - {plugin: recorder, as: publish}
		      - {plugin: recorder, as: alert, run_on: failure}
		      - {plugin: recorder, as: clean, run_on: always}
		  B: {pre: [{plugin: recorder, as: next}]}
	YAML
	tutti run tutti.yaml --uid broken >out 2>&1 3>&- &
	local run=$! code=0
	phase_failed() { [ "$(show broken '.activities[0].parallel.state' 2>/dev/null)" = failed ]; }
	wait_until phase_failed
	equal run running "$(show broken .state)"
	equal sibling running "$(show broken '.activities[0].parallel.tasks[] | select(.name == "slow").state')"
	touch go
	wait "$run" || code=$?
	equal "exit code" 1 "$code"
	equal sibling succeeded "$(show broken '.activities[0].parallel.tasks[] | select(.name == "slow").state')"
	equal post "alert clean" "$(show broken '[.activities[0].post.tasks[].name] | join(" ")')"
	equal "post states" "succeeded" "$(show broken '[.activities[0].post.tasks[].state] | unique | join(" ")')"
	equal "next activity" pending "$(show broken '.activities[1].state')"
	equal state failed "$(show broken .state)"
	exits 0 tutti why broken
	says "out of luck"
	no grep -q publish "$RECORD_FILE"
	no grep -q next "$RECORD_FILE"
}

@test "an optional failure degrades: the run goes on, exit code 0" {
	config <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A: {parallel: [{plugin: recorder, as: bad, mandatory: false, with: {fail: permanent}}, {plugin: recorder, as: good}]}
		  B: {pre: [{plugin: recorder, as: next}]}
	YAML
	exits 0 tutti run tutti.yaml --uid soft
	equal states "degraded degraded succeeded" "$(show soft '[.state, .activities[].state] | join(" ")')"
	grep -q 'B pre next' "$RECORD_FILE"
}

@test "only optional plugins: the phase waits for them" {
	config <<-YAML
		activities:
		  A:
		    parallel:
		      - {plugin: exec, as: one, mandatory: false, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}
		    post: [{plugin: echo}]
	YAML
	tutti run tutti.yaml --uid soft >/dev/null 2>&1 3>&- &
	local run=$!
	one_runs() { [ "$(show soft '.activities[0].parallel.tasks[0].state' 2>/dev/null)" = running ]; }
	wait_until one_runs
	equal mandatory_done true "$(show soft '.activities[0].parallel.mandatory_done')"
	equal post pending "$(show soft '.activities[0].post.state')"
	touch go
	wait "$run"
	equal state succeeded "$(show soft .state)"
}

@test "a filtered-out mandatory plugin does not block" {
	config <<-'YAML'
		activities:
		  A:
		    parallel:
		      - {plugin: echo, as: c, filter: {lang: [c]}}
		      - {plugin: echo, as: big, filter: {size: [{numeric: [">", 10]}], kind: [{prefix: im}]}}
		      - {plugin: echo, as: other, filter: {lang: [{anything-but: [sh]}], missing: [{exists: false}]}}
	YAML
	exits 0 tutti run tutti.yaml --uid f1 --attr lang=sh --attr size=11 --attr kind=image
	equal members "big" "$(show f1 '[.activities[0].parallel.tasks[].name] | join(" ")')"
	equal counts "1 1 2" "$(show f1 '.activities[0].parallel | [.expected, .finished, .filtered] | join(" ")')"
	exits 0 tutti run tutti.yaml --uid f2 --attr lang=zig --attr size=10 --attr kind=image
	equal members "other" "$(show f2 '[.activities[0].parallel.tasks[].name] | join(" ")')"
}

@test "mandatory by default, optional for one activity: one entry in each" {
	cat >tutti.yaml <<-YAML
		plugins:
		  - path: $MODULES/two_doors.so
		    overrides: {B: {mandatory: false}}
		activities: [A, B]
	YAML
	exits 0 tutti run tutti.yaml --uid o
	equal A "true" "$(show o '[.activities[0].parallel.tasks[].mandatory] | join(" ")')"
	equal B "false" "$(show o '[.activities[1].parallel.tasks[].mandatory] | join(" ")')"
}

@test "on_failure: cancel, optional_failure: fail, on_empty: fail" {
	config <<-'YAML'
		activities:
		  A:
		    on_failure: cancel
		    parallel:
		      - {plugin: exec, as: bad, with: {argv: ['false']}}
		      - {plugin: exec, as: long, with: {argv: [sleep, '600']}}
		  B:
		    optional_failure: fail
		    parallel: [{plugin: exec, as: bad, mandatory: false, with: {argv: ['false']}}]
		  C:
		    on_empty: fail
		    parallel: [{plugin: echo, filter: {never: [1]}}]
		workflows: {a: [A], b: [B], c: [C]}
	YAML
	exits 1 tutti run tutti.yaml a --uid a
	equal long cancelled "$(show a '.activities[0].parallel.tasks[] | select(.name == "long").state')"
	exits 1 tutti run tutti.yaml b --uid b
	exits 1 tutti run tutti.yaml c --uid c
	equal reason empty_phase "$(show c '.activities[0].parallel.reason')"
}

@test "500 plugins in one phase" {
	{
		echo "activities: {A: {parallel: ["
		for i in $(seq 500); do
			echo "{plugin: echo, as: e$i, with: {n: $i}},"
		done
		echo "]}}"
	} >tutti.yaml
	exits 0 tutti run tutti.yaml --uid many
	equal counts "500 500 true" "$(show many '.activities[0].parallel | [.expected, .finished, .mandatory_done] | join(" ")')"
	equal outputs 125250 "$(show many '[.outputs.A[].n] | add')"
}
