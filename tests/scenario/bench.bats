#!/usr/bin/env bats
# tutti bench: the numbers agree with each other, and nothing stays behind.

load common

# Whatever becomes of it, `where` holds only the store that was there before.
only_the_store() {
	equal "left in the folder" store "$(ls -A where)"
	equal "left in the store" "$before" "$(ls -lA --time-style=full-iso where/store)"
}

prepare() {
	mkdir where
	cat >tutti.yaml <<-'YAML'
		activities: {A: {pre: [echo]}}
	YAML
	tutti run tutti.yaml --store where/store >/dev/null 2>&1
	before=$(ls -lA --time-style=full-iso where/store)
}

@test "the numbers are there, fit the schema, and agree with each other" {
	tutti bench --seconds 1 --store where/store -o json >bench.json
	only_the_store
	/usr/bin/python3 -m jsonschema -i bench.json "$SOURCE/docs/schemas/bench.schema.json"
	equal "rows" "in-process strict 1, in-process strict 256, in-process pipelined 1, in-process pipelined 256, in-process relaxed 1, in-process relaxed 256, process strict 1, process strict 256, process pipelined 1, process pipelined 256, process relaxed 1, process relaxed 256" \
		"$(jq -r '[.rows[] | "\(.plugins) \(.durability) \(.in_flight)"] | join(", ")' bench.json)"
	jq -e '.left_out == null and .store == "where/store" and .seconds > 0' bench.json
	jq -e '.disk | del(.in_memory)[] | .p50_us > 0 and .p99_us >= .p50_us and .per_second > 0' bench.json
	jq -e '[.rows[] | .p50_us > 0 and .p99_us >= .p50_us and .daemon_cpu_us > 0 and
		.flush_us > 0 and .runs_per_second > 0 and
		(.tasks_per_second / .runs_per_second - 10 | fabs) < 0.1] | all' bench.json
	# A run alone takes its latency; what is between two runs is little.
	jq -e '[.rows[] | select(.in_flight == 1) |
		(.floor_us / .flush_us / .flushes - 1 | fabs) < 0.1 and
		(.ratio * .floor_us / .p50_us - 1 | fabs) < 0.1 and
		.runs_per_second * .p50_us < 3e6] | all' bench.json
	jq -e '[.rows[] | select(.in_flight > 1) |
		.ratio == null and .floor_us == null and .flushes == null] | all' bench.json
}

measuring() {
	ls where/tutti-bench-*/daemon/store/data.mdb >/dev/null 2>&1
}

@test "an interrupt ends it at once, and nothing stays behind" {
	# What runs in the background of a script ignores it.
	env --default-signal=INT "$TUTTI" bench --seconds 600 --store where/store >output 2>&1 &
	local pid=$! code=0
	wait_until measuring
	kill -INT "$pid"
	wait "$pid" || code=$?
	equal "exit code" 130 "$code"
	only_the_store
	equal "output" "" "$(cat output)"
	equal "processes" "" "$(readlink /proc/[0-9]*/cwd | grep "^$WORK/where" || true)"
}

@test "what goes wrong is told, and nothing stays behind" {
	exits 5 tutti bench --store /proc/none/store
	says "cannot make a folder in /proc"
	# Too few for a daemon.
	exits 5 sh -c 'ulimit -n 10; tutti bench --store where/store'
	says "the daemon to be measured has ended: tutti: "
	only_the_store
}
