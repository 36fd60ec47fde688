#!/usr/bin/env bats
# Runs that go on after their end: retry, and start --resume.

load common

prepare() {
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/flaky.so]
		activities:
		  A: {pre: [{plugin: flaky, as: first, with: {file: $WORK/calls}}]}
		  B:
		    parallel:
		      - {plugin: flaky, as: good, with: {file: $WORK/calls}}
		      - {plugin: flaky, as: bad, with: {file: $WORK/calls, unless: $WORK/mended, gate: '\${{ attributes.gate }}'}}
		      - {plugin: flaky, as: worse, mandatory: false, with: {file: $WORK/calls, unless: $WORK/mended}}
		    post: [{plugin: flaky, as: after, with: {file: $WORK/calls}}]
		  C: {pre: [{plugin: flaky, as: last, with: {file: $WORK/calls, seen: '\${{ outputs.A.first.calls }}'}}]}
		workflows: {w: [A, B, C]}
	YAML
	start_daemon tutti.yaml
	exits 1 tutti -c tutti.yaml start w --uid u --wait
	show u .id >id
}

# calls: "first 1 good 1 ...", by name.
calls() {
	sort calls | cut -d' ' -f1 | uniq -c | awk '{printf "%s%s %s", (NR > 1 ? " " : ""), $2, $1}'
}

start() {
	tutti -c tutti.yaml start w --uid u "$@"
}

tasks() {
	show "$1" '[.activities[] | .pre, .parallel, .post | .tasks[] | "\(.name) \(.state)"] | join(", ")'
}

@test "retry: only what failed, and what was not reached" {
	equal "at first" "bad 1 first 1 good 1 worse 1" "$(calls)"
	touch mended
	exits 0 tutti -c tutti.yaml retry u --dry-run
	says "would go on: "
	equal "nothing done" failed "$(show u .state)"
	exits 0 tutti -c tutti.yaml retry u
	says "goes on: "
	wait_until state_is u succeeded
	equal calls "after 1 bad 2 first 1 good 1 last 1 worse 2" "$(calls)"
	equal id "$(cat id)" "$(show u .id)"
	equal "outputs are kept" "1 1 2" "$(show u '.outputs | "\(.A.first.calls) \(.B.good.calls) \(.B.bad.calls)"')"
	equal resumes 1 "$(show u .resumes)"
	exits 0 tutti history u
	says retried
	exits 0 tutti show u
	says "went on: 1 time"
	exits 6 tutti -c tutti.yaml retry u
	says "nothing changed"
}

@test "retry: of what failed only one" {
	exits 2 tutti -c tutti.yaml retry u --member a/b/c/d
	exits 3 tutti -c tutti.yaml retry u --member nobody
	exits 6 tutti -c tutti.yaml retry u --member good
	touch mended
	exits 0 tutti -c tutti.yaml retry u --member B/parallel/bad
	wait_until state_is u degraded
	equal calls "after 1 bad 2 first 1 good 1 last 1 worse 1" "$(calls)"
}

@test "retry: it may fail again, and again" {
	exits 0 tutti -c tutti.yaml retry u
	exits 1 tutti -c tutti.yaml start w --uid u --wait
	exits 0 tutti -c tutti.yaml retry u
	exits 1 tutti -c tutti.yaml start w --uid u --wait
	equal calls "bad 3 first 1 good 1 worse 3" "$(calls)"
	equal resumes 2 "$(show u .resumes)"
}

@test "retry from an activity: it and what follows, from the beginning" {
	touch mended
	exits 2 tutti -c tutti.yaml retry u --from B --all
	says "exclude each other"
	exits 3 tutti -c tutti.yaml retry u --from X
	exits 0 tutti -c tutti.yaml retry u --from B
	wait_until state_is u succeeded
	equal calls "after 1 bad 2 first 1 good 2 last 1 worse 2" "$(calls)"
	equal tasks "first succeeded, good succeeded, bad succeeded, worse succeeded, after succeeded, last succeeded" "$(tasks u)"
	equal visits "1 2 1" "$(show u '[.activities[].visit] | join(" ")')"
	equal counts "3 3" "$(show u '.activities[1].parallel | "\(.expected) \(.finished)"')"
	equal output 2 "$(show u .outputs.B.good.calls)"
	equal "once in why" 1 "$(tutti why u B/good -o json | jq '.items | length')"
	equal "the history has both" 2 "$(tutti history u -o jsonl | jq -r 'select(.task == "good" and .to == "succeeded") | .task' | wc -l)"
	exits 0 tutti -c tutti.yaml retry u --from C
	wait_until state_is u succeeded
	equal "also one that succeeded" "after 1 bad 2 first 1 good 2 last 2 worse 2" "$(calls)"
}

@test "retry all: everything, also over kill -9" {
	touch mended
	exits 0 tutti -c tutti.yaml pause --workflow w
	exits 0 tutti -c tutti.yaml retry u --all
	stop_daemon KILL
	equal "taken back" "" "$(tasks u)"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml resume --workflow w
	wait_until state_is u succeeded
	equal calls "after 1 bad 2 first 2 good 2 last 1 worse 2" "$(calls)"
}

@test "an active run, and none" {
	tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go"
	exits 6 tutti -c tutti.yaml retry v
	says "has not ended"
	exits 6 tutti -c tutti.yaml retry v u --dry-run
	exits 3 tutti -c tutti.yaml retry nobody
	touch go
	exits 1 tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go" --wait
}

@test "start --resume: what failed is done again, finished tasks keep their state" {
	touch mended
	exits 1 start --wait
	says "exists already"
	exits 0 start --resume --dry-run
	says "would go on"
	exits 0 start --resume --wait
	says "goes on"
	equal calls "after 1 bad 2 first 1 good 1 last 1 worse 2" "$(calls)"
	equal id "$(cat id)" "$(show u .id)"
	exits 0 start --resume -o json
	equal "nothing left to do" "false false succeeded" "$(jq -r '"\(.created) \(.resumed) \(.state)"' <<<"$output")"
	exits 0 tutti -c tutti.yaml start w --uid new --resume --wait
	says "started"
	exits 2 tutti -c tutti.yaml start w --resume
	says "--resume needs --uid"
}

@test "start --resume: a cancelled run" {
	touch mended
	tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go"
	exits 0 tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go" --resume
	says "exists already"
	exits 0 tutti -c tutti.yaml cancel v
	wait_until state_is v cancelled
	touch go
	exits 0 tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go" --resume --wait
	equal state succeeded "$(show v .state)"
}

@test "other attributes or input are a conflict, however deep" {
	exits 6 start --resume --attr a=1
	says "other attributes"
	exits 6 start --resume --input '{"a": 1}'
	says "other input"
	tutti -c tutti.yaml start w --uid v --input '{"a": {"b": [1, {"c": "x"}]}}' --attr 'n={"m": [1]}'
	exits 6 tutti -c tutti.yaml start w --uid v --input '{"a": {"b": [1, {"c": "y"}]}}' --attr 'n={"m": [1]}'
	exits 6 tutti -c tutti.yaml start w --uid v --input '{"a": {"b": [1, {"c": "x"}]}}' --attr 'n={"m": [2]}'
	exits 0 tutti -c tutti.yaml start w --uid v --input '{"a": {"b": [1, {"c": "x"}]}}' --attr 'n={"m": [1]}'
	exits 0 start --override --attr a=1
	says "exists already"
	equal "as it was" '{}' "$(show u '.attributes | tojson')"
	touch mended
	exits 0 start --resume --override --attr a=1 --input '[7]' --wait
	equal "as it is now" '{"a":1} [7]' "$(show u '"\(.attributes | tojson) \(.input | tojson)"')"
}

@test "start --resume: the definition may have grown" {
	touch mended
	local before
	before=$(show u .version)
	sed -i -e 's/^workflows:.*/workflows: {w: [A, B, C, D]}/' \
		-e "s|^  C:|  D: {pre: [{plugin: flaky, as: new, with: {file: $WORK/calls}}]}\n  C:|" tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	exits 0 start --resume --wait
	equal calls "after 1 bad 2 first 1 good 1 last 1 new 1 worse 2" "$(calls)"
	[ "$(show u .version)" != "$before" ]
	equal activities "A B C D" "$(show u '[.activities[].name] | join(" ")')"
	stop_daemon KILL
	equal "and is stored" "A B C D" "$(show u '[.activities[].name] | join(" ")')"
}

@test "start --resume: what a run has been through must still be there" {
	sed -i 's/^workflows:.*/workflows: {w: [A, C]}/' tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	exits 6 start --resume
	equal state failed "$(show u .state)"
}

@test "plugins that always run do so in every phase" {
	cat >always.yaml <<-YAML
		plugins: [{path: $MODULES/flaky.so, form: ${FORM:-in-process}}]
		activities:
		  A: {pre: [{plugin: always, as: login, with: {file: $WORK/always}}, {plugin: flaky, as: once, with: {file: $WORK/always}}]}
		  B: {pre: [{plugin: always, as: more, with: {file: $WORK/always}}, {plugin: flaky, as: bad, with: {file: $WORK/always, unless: $WORK/mended}}]}
	YAML
	stop_daemon
	start_daemon always.yaml
	exits 1 tutti -c always.yaml start --uid a --wait
	touch mended
	exits 0 tutti -c always.yaml start --uid a --resume --wait
	equal calls "bad 2 login 2 more 2 once 1" "$(sort always | cut -d' ' -f1 | uniq -c | awk '{printf "%s%s %s", (NR > 1 ? " " : ""), $2, $1}')"
	equal output 2 "$(show a .outputs.A.login.calls)"
}

@test "plugins of programs say so, too, also before they are back" {
	cat >always.yaml <<-YAML
		plugins: [{exec: [$MODULES/flaky]}]
		activities:
		  A: {pre: [{plugin: always, as: login, with: {file: $WORK/always}}]}
		  B: {pre: [{plugin: flaky, as: bad, with: {file: $WORK/always, unless: $WORK/mended}}]}
	YAML
	stop_daemon
	start_daemon always.yaml
	exits 1 tutti -c always.yaml start --uid a --wait
	touch mended
	stop_daemon KILL
	cd /
	end_orphans
	cd "$WORK"
	start_daemon always.yaml
	exits 0 tutti -c always.yaml start --uid a --resume --wait
	equal calls 2 "$(grep -c '^login ' always)"
}

@test "of twenty at once one resumes" {
	touch mended
	tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go"
	exits 0 tutti -c tutti.yaml cancel v
	wait_until state_is v cancelled
	for i in $(seq 20); do
		tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go" --resume -o json >"out$i" 3>&- &
	done
	for i in $(seq 20); do
		wait_until test -s "out$i"
	done
	equal resumed 1 "$(cat out* | jq -s 'map(select(.resumed)) | length')"
	equal "one run" 1 "$(cat out* | jq -r .id | sort -u | wc -l)"
	touch go
	exits 0 tutti -c tutti.yaml start w --uid v --attr gate="$WORK/go" --wait
}

@test "many who retry while it ends: each is answered, and each success counts" {
	local i
	for i in $(seq 8); do
		(
			for _ in $(seq 15); do
				tutti -c tutti.yaml retry u -o jsonl 3>&- || [ $? -eq 6 ] || echo bad
			done
		) >"answers$i" 2>"notes$i" &
	done
	for i in $(seq 8); do
		wait_until tells_its_end "answers$i" "notes$i"
	done
	equal "no other failure" "" "$(grep -hx bad answers* || true)"
	wait_until state_is u failed
	equal resumes "$(cat answers* | jq -s 'map(select(.changed)) | length')" "$(show u .resumes)"
	equal calls "$(show u '.resumes + 1')" "$(grep -c '^bad ' calls)"
}

# tells_its_end ANSWERS NOTES: fifteen of both together.
tells_its_end() {
	[ $(($(wc -l <"$1") + $(grep -c '' "$2"))) -ge 15 ]
}

@test "run --resume: without a daemon" {
	stop_daemon
	exits 1 tutti run tutti.yaml w --uid u
	touch mended
	exits 0 tutti run tutti.yaml w --uid u --resume
	says "goes on"
	equal calls "after 1 bad 2 first 1 good 1 last 1 worse 2" "$(calls)"
}
