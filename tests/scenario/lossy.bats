#!/usr/bin/env bats
# Plugins behind a bus that drops, delays, doubles and reorders frames. SEED=n
# repeats what it does.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	SEED=${SEED:-$RANDOM}
	echo "SEED=$SEED"
	PIDS=
}

teardown() {
	for pid in $PIDS; do
		kill -9 "$pid" 2>/dev/null || true
	done
	stop_daemon KILL
	cd /
	end_orphans
	rm -rf "$WORK"
}

all_registered() {
	[ "$(tutti plugins -o json 2>/dev/null | jq '[.plugins[] | select(.name | test("^p[0-9]")) | select(.state == "ready")] | length')" = "$1" ]
}

@test "the phase ends with every member exactly once in the store" {
	local members=8
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		lease: 3s
		activities:
		  All: {pre: [{plugin: p1, as: first}], parallel: [$(seq -f 'p%.0f' $members | paste -sd,)], post: [{plugin: p2, as: last}]}
	YAML
	start_daemon tutti.yaml
	python3 "$SOURCE/tests/shim/sp_shim.py" .tutti/bus.json shim.json --seed "$SEED" \
		--drop 0.05 --dup 0.08 --delay 0.1 --reorder 0.05 >shim.log 2>&1 3>&- &
	PIDS=$!
	wait_until test -s shim.json
	for name in $(seq -f 'p%.0f' $members); do
		TUTTI_BUS=$WORK/shim.json PLUGIN_NAME=$name "$WORKER" >"$name.log" 2>&1 </dev/null 3>&- &
		PIDS="$PIDS $!"
	done
	wait_until all_registered $members
	for i in $(seq 6); do
		tutti -c tutti.yaml start default --uid "r$i" >/dev/null
	done
	# Each poll that is lost costs an idle plugin three leases.
	wait_until all_ended 6 || wait_until all_ended 6
	equal succeeded 6 "$(tutti ls --state succeeded --count)"
	for i in $(seq 6); do
		equal "members of r$i" "$members $members" \
			"$(show "r$i" '.activities[0].parallel | "\(.expected) \(.finished)"')"
		tutti show "r$i" -o json >"r$i.json"
	done
	# Each attempt is begun once at most, and none after the one that ended it.
	python3 - "$CALLS" r*.json <<-'PY'
		import collections, json, sys
		begun = collections.Counter()
		for line in open(sys.argv[1]):
		    what, run, name, attempt = line.split()[:4]
		    if what == "begin":
		        begun[run, name, int(attempt)] += 1
		doubles = [key for key, times in begun.items() if times > 1]
		assert not doubles, ("an attempt was begun twice", doubles)
		for file in sys.argv[2:]:
		    run = json.load(open(file))
		    for phase in run["activities"][0].values():
		        for task in phase["tasks"] if isinstance(phase, dict) else []:
		            assert task["state"] == "succeeded", task
		            later = [key for key in begun if key[:2] == (run["id"], task["name"])
		                     and key[2] > task["attempt"]]
		            assert not later, ("called after its completion", later)
		print(len(begun), "attempts")
	PY
}
