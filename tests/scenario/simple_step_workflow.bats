#!/usr/bin/env bats
# examples/simple-step-workflow: plugins that subscribe themselves, and
# workflows that share activities.

load common

prepare() {
	cp -r "$BUILD/examples/simple-step-workflow" example
	cd example
	rm -rf .tutti
}

# Everything of the run that took part: "activity/phase/task state", in order of
# their beginning.
tasks() {
	show "$1" '[.activities[] | .name as $a | ("pre", "parallel", "post") as $p
		| .[$p].tasks[] | {at: .started_at, line: "\($a)/\($p)/\(.name) \(.state)"}]
		| sort_by(.at) | .[].line'
}

@test "uid 123-456: Step2 has exactly the three tasks, in order" {
	exits 0 tutti run tutti.yaml SimpleActivityWorkflow --uid 123-456
	equal state succeeded "$(show 123-456 .state)"
	equal uid 123-456 "$(show 123-456 .uid)"
	equal activities "Step1 succeeded, Step2 succeeded, Step3 succeeded" \
		"$(show 123-456 '[.activities[] | "\(.name) \(.state)"] | join(", ")')"
	equal tasks "Step2/pre/Step 1 - pre-Activity succeeded
Step2/parallel/Step 1 succeeded
Step2/post/Step 1 - post-Activity succeeded" "$(tasks 123-456)"
	equal "expected and finished" "0 0 0 0 0 0 / 1 1 1 1 1 1 / 0 0 0 0 0 0" \
		"$(show 123-456 '[.activities[] | [.pre, .parallel, .post | .expected, .finished] | join(" ")] | join(" / ")')"
	equal mandatory true \
		"$(show 123-456 '[.activities[1] | .pre, .parallel, .post | .tasks[].mandatory] | all')"
	# One after the other, by the store's own times.
	equal overlaps 0 "$(show 123-456 '[.activities[1] | .pre, .parallel, .post | .tasks[]]
		| [range(1; length) as $i | select(.[$i].started_at < .[$i - 1].ended_at)] | length')"
}

@test "each says that it worked, and what it was handed" {
	exits 0 tutti run tutti.yaml SimpleActivityWorkflow --uid 123-456 \
		--attr 'note={"deep": ["a", {"b": 0}], "uid": "not mine"}' --attr zero=0
	equal said "It worked,It worked,It worked" \
		"$(show 123-456 '[.outputs.Step2[].said] | join(",")')"
	equal messages "It worked,It worked,It worked" \
		"$(show 123-456 '[.activities[1] | .pre, .parallel, .post | .tasks[].message] | join(",")')"
	equal phases "Step 1=parallel,Step 1 - post-Activity=post,Step 1 - pre-Activity=pre" \
		"$(show 123-456 '[.outputs.Step2 | to_entries | sort_by(.key)[] | "\(.key)=\(.value.message.phase)"] | join(",")')"
	equal uids 123-456 "$(show 123-456 '[.outputs.Step2[].message.run.uid] | unique | join(",")')"
	equal attributes '[{"note":{"deep":["a",{"b":0}],"uid":"not mine"},"zero":0}]' \
		"$(show 123-456 '[.outputs.Step2[].message.attributes] | unique | tojson')"
}

@test "in the daemon each prints it to the log" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start SimpleActivityWorkflow --uid 123-456 --attr lang=xx --wait
	for plugin in 'Step 1 - pre-Activity' 'Step 1' 'Step 1 - post-Activity'; do
		# Once the words alone, once what it was handed.
		equal "$plugin" 1 "$(grep -F "\"$plugin\"" daemon.log | grep -c 'It worked')"
		equal "$plugin" 1 "$(grep -F "\"$plugin\"" daemon.log | grep -c '123-456.*lang.*xx')"
	done
	stop_daemon
}

@test "the same uid is the same run; other attributes are a conflict" {
	exits 0 tutti run tutti.yaml SimpleActivityWorkflow --uid 123-456 --attr k=1
	local first
	first=$(tutti show 123-456 -o json)
	exits 0 tutti run tutti.yaml SimpleActivityWorkflow --uid 123-456 --attr k=1
	exits 6 tutti run tutti.yaml SimpleActivityWorkflow --uid 123-456 --attr k=2
	equal runs 1 "$(tutti ls --count)"
	equal "the run" "$first" "$(tutti show 123-456 -o json)"
}

@test "without the module of the two others, Step2 has one task" {
	sed -i 's/, .\/prepost.so//' tutti.yaml
	exits 0 tutti run tutti.yaml SimpleActivityWorkflow --uid alone
	equal tasks "Step2/parallel/Step 1 succeeded" "$(tasks alone)"
}

@test "New Business and Cancel share Validate and Rate, and then diverge" {
	exits 0 tutti run insurance.yaml 'New Business' --uid N-1 \
		--attr line=motor --input '{"policy": "P-7"}'
	exits 0 tutti run insurance.yaml Cancel --uid C-1 \
		--attr line=motor --input '{"policy": "P-7"}'
	equal "New Business" "Validate Rate Generate Documents" \
		"$(show N-1 '[.activities[].name] | join(" ")')"
	equal "Cancel" "Validate Rate Cancel Services" \
		"$(show C-1 '[.activities[].name] | join(" ")')"
	equal states "succeeded succeeded" "$(show N-1 .state) $(show C-1 .state)"
	# What they share is the same, to the letter.
	equal "Validate and Rate" "$(show N-1 '.outputs | {Validate, Rate} | tojson')" \
		"$(show C-1 '.outputs | {Validate, Rate} | tojson')"
	equal "the rest" "It worked: policy P-7 is printed, It worked: policy P-7 has ended" \
		"$(show N-1 '.outputs["Generate Documents"][].message'), $(show C-1 '.outputs["Cancel Services"][].message')"
	equal "Rate in motor" "rate risk,rate vehicle" \
		"$(show N-1 '[.activities[1].parallel.tasks[].name] | sort | join(",")')"
	exits 0 tutti run insurance.yaml Cancel --uid C-2 \
		--attr line=home --input '{"policy": "P-8"}'
	equal "Rate at home" "rate risk, 1 filtered" \
		"$(show C-2 '.activities[1].parallel | "\([.tasks[].name] | join(",")), \(.filtered) filtered"')"
	# One uid in two workflows is two runs.
	exits 0 tutti run insurance.yaml Cancel --uid N-1 --input '{"policy": "P-7"}' --attr line=home
	equal runs 4 "$(tutti ls --count)"
}

@test "both configs are without mistakes" {
	exits 0 tutti config check tutti.yaml
	exits 0 tutti config check insurance.yaml
}

@test "every command in the README works" {
	awk '/^```sh$/ {on = 1; next} /^```/ {on = 0} on' \
		"$SOURCE/examples/simple-step-workflow/README.md" >script
	[ "$(grep -c '^tutti ' script)" -ge 10 ]
	bash -eu script >output 2>&1 3>&- || {
		cat output >&2
		return 1
	}
	grep -q 'refused with exit code 6' output
	equal "lines in the log" 3 "$(grep -c 'It worked' daemon.log)"
}
