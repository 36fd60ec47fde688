#!/usr/bin/env bats
# A parallel phase of many plugin processes, every one of them killed once at a
# random moment. SEED=n repeats the moments.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	SEED=${SEED:-$RANDOM}
	echo "SEED=$SEED"
	# A process with a sanitizer is ten times as large and slow.
	if nm "$TUTTI" 2>/dev/null | grep -q -E '__asan_init|__tsan_init'; then
		MEMBERS=${MEMBERS:-24}
	else
		MEMBERS=${MEMBERS:-256}
	fi
}

names() {
	seq -f 'p%03.0f' "$MEMBERS"
}

config() {
	echo 'lease: 5s'
	echo 'plugins:'
	for name in $(names); do
		echo "  - {exec: [$WORKER], name: $name, env: {PLUGIN_NAME: $name}, restart: {delay: 20ms, max: 100ms, deaths: 50}}"
	done
	echo 'activities:'
	echo '  All:'
	echo "    parallel: [$(names | paste -sd,)]"
	echo '    post: [{plugin: wait, with: {duration: 1ms}}]'
}

all_ready() {
	[ "$(tutti plugins -o json 2>/dev/null | jq '[.processes[].ready] | add')" = "$MEMBERS" ]
}

@test "every process is killed once: all runs end, nothing is lost or repeated" {
	config >tutti.yaml
	start_daemon tutti.yaml
	wait_until all_ready
	for i in 1 2 3; do
		tutti -c tutti.yaml start default --uid "r$i" --attr work_ms=400 >/dev/null
	done
	tutti plugins -o json | jq -r '.plugins[].instances[] | select(.name | startswith("in-process") | not) | .pid' >pids
	equal processes "$MEMBERS" "$(wc -l <pids)"
	python3 - "$SEED" pids <<-'PY'
		import os, random, signal, sys, time
		dice = random.Random(int(sys.argv[1]))
		pids = [int(line) for line in open(sys.argv[2])]
		dice.shuffle(pids)
		for pid in pids:
		    time.sleep(dice.random() * 0.01)
		    os.kill(pid, signal.SIGKILL)
	PY
	wait_until all_ended 3
	equal succeeded 3 "$(tutti ls --state succeeded --count)"
	for i in 1 2 3; do
		tutti show "r$i" -o json >"r$i.json"
		equal members "$MEMBERS $MEMBERS" \
			"$(jq -r '.activities[0].parallel | "\(.expected) \(.finished)"' "r$i.json")"
	done
	# What the plugins saw against what the store says.
	python3 - "$CALLS" r1.json r2.json r3.json <<-'PY'
		import collections, json, sys
		begun, ended = collections.Counter(), collections.Counter()
		for line in open(sys.argv[1]):
		    what, run, name, attempt = line.split()[:4]
		    (begun if what == "begin" else ended)[run, name, int(attempt)] += 1
		for file in sys.argv[2:]:
		    run = json.load(open(file))
		    for task in run["activities"][0]["parallel"]["tasks"]:
		        key = run["id"], task["name"]
		        last = task["attempt"]
		        assert task["state"] == "succeeded", task
		        assert ended[key + (last,)] == 1, (task, ended)
		        assert begun[key + (last,)] == 1, task
		        later = [k for k in begun if k[:2] == key and k[2] > last]
		        assert not later, ("called after its completion", later)
		doubles = [k for k, n in begun.items() if n > 1]
		assert not doubles, ("an attempt was begun twice", doubles)
	PY
}

@test "memory does not grow over many runs" {
	cat >tutti.yaml <<-YAML
		plugins: [{exec: [$WORKER], name: worker, env: {PLUGIN_TASKS: "64"}}]
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	wait_until ready worker 1
	local runs=${RUNS:-400}
	start_many() {
		for i in $(seq "$1" "$2"); do
			tutti -c tutti.yaml start default --uid "m$i" >/dev/null
		done
		wait_until all_ended "$2"
	}
	resident() {
		awk '/^RssAnon/ {print $2}' "/proc/$1/status"
	}
	start_many 1 "$runs"
	local daemon plugin_pid worker
	plugin_pid=$(pids_of worker)
	daemon=$(resident "$DAEMON")
	worker=$(resident "$plugin_pid")
	start_many $((runs + 1)) $((runs * 3))
	echo "daemon $daemon then $(resident "$DAEMON"), worker $worker then $(resident "$plugin_pid") KiB"
	# Sanitizers keep what was freed for a while.
	if ! nm "$TUTTI" 2>/dev/null | grep -q -E '__asan_init|__tsan_init'; then
		[ "$(resident "$DAEMON")" -le $((daemon + 2048)) ]
		[ "$(resident "$plugin_pid")" -le $((worker + 2048)) ]
	fi
}
