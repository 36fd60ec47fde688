#!/usr/bin/env bats
# `tutti plugin check` and `tutti plugin new` as people use them.

load common

BAD=$BUILD/tests/check-plugins

@test "a plugin and its program pass all rules" {
	run tutti plugin check "$BUILD/plugins/echo.so" \
		"$BUILD/plugins/echo_plugin"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"pass  forms.results"* ]]
	[[ $output == *"pass  program.lifeline"* ]]
	[[ ${lines[-1]} == *" passed, 0 failed, "*" skipped" ]]
}

@test "a crash and a process that ends are named" {
	run tutti plugin check --only '^tasks' "$BAD/tasks_odd.so"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  tasks.odd"* ]]
	[[ $output == *"crashed: signal "* ]]
	run tutti plugin check --only '^manners' "$BAD/manners_exit.so"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  manners.exit"* ]]
}

@test "a plugin that hangs is given up" {
	run tutti plugin check --only '^cancel' "$BAD/completion_ends.so"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  completion.ends"* ]]
}

@test "a leak of a few bytes is found in this program's heap" {
	run tutti plugin check --only '^life.memory' "$BAD/life_memory.so"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  life.memory"* ]]
}

@test "advice is no failure" {
	run tutti plugin check --only '^load' "$BAD/load_time.so"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"warn  load.time"* ]]
}

@test "a program that behaves otherwise than its module" {
	run tutti plugin check --only '^forms' "$BAD/forms_results.so"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  forms.results"* ]]
	[[ $output == *"another output"* ]]
	[[ $output == *'{"form":"module"}'*'{"form":"program"}'* ]]
}

@test "module and program belong together when both are named" {
	mkdir elsewhere
	cp "$BUILD/plugins/echo.so" .
	cp "$BUILD/plugins/echo_plugin" elsewhere/
	run tutti plugin check --only '^forms' echo.so
	[ "$status" -eq 0 ]
	[[ $output == *"skip  forms.results"* ]]
	run tutti plugin check --only '^forms' echo.so elsewhere/echo_plugin
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"pass  forms.results"* ]]
}

@test "a program that crashes, and one that does not leave" {
	# Copies, since other tests run the same programs meanwhile.
	cp "$BAD/program_tasks" "$BAD/program_stop" .
	run tutti plugin check --only '^program' "$WORK/program_tasks"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  program.tasks"* ]]
	[[ $output == *"signal 6 (SIGABRT)"* ]]
	run tutti plugin check --only 'program.stop' "$WORK/program_stop"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL  program.stop"* ]]
	# Neither has been left behind.
	run pgrep -f "$WORK/program_"
	[ "$status" -eq 1 ]
}

@test "a plugin with tasks that it can do passes too" {
	run tutti plugin check --only-failed \
		--task '{with: {argv: ["/bin/sleep", "5"]}}' \
		"$BUILD/plugins/exec.so"
	[ "$status" -eq 2 ]
	run tutti plugin check --only-failed --only '^(tasks|cancel|forms)' \
		--task '{"with": {"argv": ["/bin/sleep", "5"]}}' \
		"$BUILD/plugins/exec.so"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a broken rule gives exit code 1, a mistake 2" {
	run tutti plugin check --only once "$BAD/completion_once.so"
	[ "$status" -eq 1 ]
	[[ $output == *"finish each task exactly once"* ]]
	run tutti plugin check --only '(' x.so
	[ "$status" -eq 2 ]
	run tutti plugin check
	[ "$status" -eq 2 ]
	run tutti plugin check nowhere.so
	[ "$status" -eq 1 ]
}

@test "the report as JSON" {
	run tutti plugin check --json --only '^load' "$BUILD/plugins/echo.so"
	[ "$status" -eq 0 ]
	echo "$output" | python3 -c '
import json, sys
report = json.load(sys.stdin)
assert report["failed"] == 0 and report["passed"] >= 10
assert all(r["status"] == "pass" for r in report["files"][0]["rules"])'
}

@test "a new project is refused where it would do harm" {
	mkdir there
	run tutti plugin new there
	[ "$status" -eq 6 ]
	[[ $output == *"there is there already"* || $output == *"'there' is there already"* ]]
	run tutti plugin new 'a b'
	[ "$status" -eq 2 ]
	run tutti plugin new --lang cobol x
	[ "$status" -eq 2 ]
	[ ! -e x ]
}

@test "a new project says what to type next" {
	for lang in c cpp python; do
		run tutti plugin new --lang "$lang" --dir "p-$lang" größe-1
		[ "$status" -eq 0 ]
		[[ $output == *"cd p-$lang"* ]]
		[ -f "p-$lang/README.md" ]
		[ -f "p-$lang/tutti.yaml" ]
	done
	[ -f p-c/gr__e_1.c ]
	[ -f p-cpp/gr__e_1_test.cpp ]
	python3 -m py_compile p-python/gr__e_1.py
}
