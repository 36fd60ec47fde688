#!/usr/bin/env bats
# `tutti store`: numbers, checks, backups, compacting, and runs that leave and
# come in as files.

load common

# Fewer where everything is slow.
: "${KILLED:=${SANITIZED:+2}}" "${KILLED:=4}"
: "${FILES:=${SANITIZED:+8}}" "${FILES:=20}"

prepare() {
	cat >tutti.yaml <<-'YAML'
		store: ./store
		activities:
		  A: {pre: [{plugin: echo, with: {n: 1}}], parallel: [{plugin: exec, as: gate, filter: {gate: [true]}, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}, {plugin: exec, as: bad, filter: {bad: [true]}, with: {argv: [sh, -c, 'exit 3']}}]}
		  B: {post: [{plugin: echo, with: {all: '${{ attributes }}'}}]}
		workflows: {w: [A, B], other: [A]}
	YAML
}

# Ended runs of each kind, and one that is not.
some_runs() {
	start_daemon tutti.yaml
	exits 0 tutti start w --uid good --attr k=v --input '{"i": [1, 2]}' --wait
	exits 1 tutti start w --uid bad --attr bad=true --wait
	exits 0 tutti start other --uid stopped --attr gate=true
	exits 0 tutti cancel stopped
	wait_until state_is stopped cancelled
	exits 0 tutti start w --uid active --attr gate=true
	wait_until state_is active running
}

sound() {
	exits 0 tutti "$@" store check
	says "sound: "
}

uids() {
	tutti "$@" ls -o json | jq -r '.[].uid' | sort | tr '\n' ' '
}

# spoil FILE SEED: a few bytes of it become others.
spoil() {
	python3 - "$1" "$2" <<-'PY'
		import random, sys
		random.seed(int(sys.argv[2]))
		with open(sys.argv[1], "r+b") as file:
		    size = file.seek(0, 2)
		    for _ in range(random.choice([1, 3, 20])):
		        file.seek(random.randrange(size))
		        file.write(random.randbytes(random.choice([1, 2, 8])))
	PY
}

@test "stat and check, with and without a daemon" {
	exits 5 tutti store stat
	exits 5 tutti store check
	some_runs
	exits 0 tutti store stat
	says "schema 6"
	says "daemon: up, pid $DAEMON"
	tutti store stat -o json >stat.json
	equal "runs" 4 "$(jq .tables.runs.entries stat.json)"
	equal "owner" "$DAEMON" "$(jq .owner stat.json)"
	equal "size" "$(stat -c %s store/data.mdb)" "$(jq .file_bytes stat.json)"
	sound
	touch go
	wait_until state_is active succeeded
	stop_daemon
	sound
	tutti store check -o json >check.json
	equal "check" "true 4 0" "$(jq -r '"\(.sound) \(.runs) \(.findings | length)"' check.json)"
	exits 0 tutti store stat
	says "daemon: down"
	equal "owner" null "$(tutti store stat -o json | jq .owner)"
}

@test "a store of an older schema is read as it is, and made new by who writes" {
	local schema
	for schema in 1 2 3 4 5; do
		rm -rf store
		mkdir -m 700 store
		mdb_load -f "$SOURCE/tests/data/store/schema$schema.dump" store
		equal "read" "active bad good half stopped " "$(uids --store store)"
		sound --store store
		equal "schema" "$schema" "$(tutti --store store store stat -o json | jq .schema)"
		((schema == 5)) || equal "tables" null "$(tutti --store store store stat -o json | jq .tables.tails)"
		start_daemon tutti.yaml
		equal "schema" 6 "$(tutti store stat -o json | jq .schema)"
		waiting=$((schema >= 4))
		equal "tables" "$waiting $waiting $waiting 0" "$(tutti store stat -o json |
			jq -r '.tables | "\(.queues.entries) \(.messages.entries) \(.parts.entries) \(.tails.entries)"')"
		exits 0 tutti cancel active
		wait_until state_is active cancelled
		exits 0 tutti start w --uid new --wait
		sound
		# With all that older versions have written of them.
		exits 0 tutti delete good bad half stopped active new
		wait_until empty
		stop_daemon
	done
}

# Nothing of any run is left.
empty() {
	[ "$(tutti store stat -o json | jq '.tables |
		.runs.entries + .tree.entries + .history.entries + .doomed.entries')" = 0 ]
}

# lead_nowhere COUNT: entries of an index that are of no run.
lead_nowhere() {
	{
		printf 'VERSION=3\nformat=bytevalue\ndatabase=ix_state\ntype=btree\nHEADER=END\n'
		seq "$1" | while read -r i; do
			printf ' 06%032x\n \n' "$i"
		done
		printf 'DATA=END\n'
	} | mdb_load -s ix_state store
}

@test "check tells the first thousand findings and counts the others" {
	some_runs
	stop_daemon KILL
	lead_nowhere 1000
	exits 1 tutti store check
	equal findings 1000 "$(grep -c 'there is no such run' <<<"$output")"
	no says more 2>/dev/null
	lead_nowhere 1001
	exits 1 tutti store check
	equal findings 1000 "$(grep -c 'there is no such run' <<<"$output")"
	says "and 1 more"
	equal found 1001 "$(tutti store check -o json | jq .found)"
}

@test "a store with garbled pages is looked at without coming to harm" {
	some_runs
	stop_daemon KILL
	# Without free pages: each byte counts.
	exits 0 tutti store compact
	local seed code worse=0
	for seed in $(seq "$FILES"); do
		rm -rf spoilt
		mkdir spoilt
		cp store/data.mdb spoilt/
		spoil spoilt/data.mdb "$seed"
		code=0
		tutti --store spoilt store check >said 2>&1 || code=$?
		case $code in
		0) ;; # in a page that is free
		1)
			worse=$((worse + 1))
			[ -s said ]
			;;
		*)
			echo "seed $seed: exit code $code" >&2
			cat said >&2
			return 1
			;;
		esac
	done
	[ "$worse" -ge $((FILES / 4)) ]
	# Cut short.
	cp store/data.mdb spoilt/data.mdb
	truncate -s $(($(stat -c %s store/data.mdb) / 2)) spoilt/data.mdb
	exits 1 tutti --store spoilt store check
	exits 1 tutti --store spoilt store check -o json
	equal sound false "$(jq .sound <<<"$output")"
}

@test "a backup taken under load opens, checks clean, and is a store to go on with" {
	start_daemon tutti.yaml
	(
		i=0
		while [ ! -e enough ]; do
			i=$((i + 1))
			tutti start w --uid "r$i" --attr "bad=$((i % 2))" >/dev/null 2>&1 || true
		done
	) 3>&- &
	local load=$! i runs
	for i in 1 2 3 4 5; do
		exits 0 tutti store backup "plain$i"
		exits 0 tutti store backup "small$i" --compact
		sound
	done
	touch enough
	wait "$load"
	for i in 1 2 3 4 5; do
		sound --store "plain$i"
		sound --store "small$i"
	done
	runs=$(tutti --store plain5 ls --count)
	[ "$runs" -gt 0 ]
	exits 6 tutti store backup plain1
	says "not an empty directory"
	# Restored: the backup in the place of the store.
	stop_daemon KILL
	mv store lost
	mkdir -m 700 store
	cp plain5/data.mdb store/
	start_daemon tutti.yaml
	[ "$(tutti ls --count)" -ge "$runs" ]
	wait_until eval '[ "$(tutti ls --state pending,running --count)" -eq 0 ]'
	exits 0 tutti start w --uid new --wait
	sound
}

@test "compact gives space back, only without a daemon, and drops what no run needs" {
	some_runs
	local i uids=()
	for i in $(seq 200); do
		uids+=("s$i")
		tutti start w --uid "s$i" --attr "long=$(printf '%0500d' "$i")" >/dev/null
	done
	tutti start other --uid last --wait >/dev/null
	wait_until eval '[ "$(tutti ls --state pending,running --count)" -eq 1 ]'
	tutti delete "${uids[@]}" stopped last >/dev/null
	exits 5 tutti store compact
	says "stop it first"
	says "store backup DIR --compact"
	touch go
	wait_until state_is active succeeded
	stop_daemon
	local before
	before=$(stat -c %s store/data.mdb)
	exits 0 tutti store compact
	says "unused definitions dropped: 1"
	[ "$(stat -c %s store/data.mdb)" -lt $((before / 2)) ]
	sound
	equal left "active bad good " "$(uids)"
	start_daemon tutti.yaml
	exits 0 tutti start other --uid last --wait
	sound
	stop_daemon
	exits 0 tutti store compact
	says "dropped: 0"
	exits 5 tutti --store nowhere store compact
	[ ! -e nowhere ]
}

@test "an exported run is a store of its own to everything that looks" {
	some_runs
	exits 0 tutti store export good good.tutti
	exits 6 tutti store export bad good.tutti
	says "--force replaces it"
	equal "the file" "good " "$(uids --store good.tutti)"
	exits 0 tutti store export active active.tutti
	tutti show good -o json >here.json
	tutti --store good.tutti show @latest -o json >there.json
	cmp here.json there.json
	cmp <(tutti history good -o json) <(tutti --store good.tutti history good -o json)
	exits 0 tutti --store good.tutti why good
	exits 0 tutti --store active.tutti show @latest
	says "an exported run"
	sound --store good.tutti
	sound --store active.tutti
	exits 5 tutti --store good.tutti cancel good
	exits 3 tutti store export nobody nobody.tutti
	[ ! -e nobody.tutti ]
	# Nothing is written beside it.
	mkdir media
	cp good.tutti media/
	chmod 500 media
	chmod 400 media/good.tutti
	exits 0 tutti --store media/good.tutti show good
	equal "files" "good.tutti" "$(ls media)"
	exits 0 tutti store export bad good.tutti --force
	equal "the file" "bad " "$(uids --store good.tutti)"
}

@test "import, with and without a daemon: ended runs only, conflicts are refused" {
	some_runs
	local uid
	for uid in good bad stopped active; do
		exits 0 tutti store export "$uid" "$uid.tutti"
	done
	tutti show good -o json >good.json
	# Offline, into a store that is not there yet.
	exits 0 tutti --store new store import good.tutti --dry-run
	says "would be imported"
	[ ! -e new/data.mdb ]
	exits 0 tutti --store new store import good.tutti
	cmp good.json <(tutti --store new show good -o json)
	exits 6 tutti --store new store import good.tutti
	says "already"
	exits 2 tutti --store new store import active.tutti
	says "done twice"
	exits 0 tutti --store new store import stopped.tutti
	sound --store new
	equal new "good stopped " "$(uids --store new)"
	# Through the daemon.
	exits 6 tutti store import good.tutti
	exits 0 tutti delete good
	exits 0 tutti store import good.tutti
	cmp good.json <(tutti show good -o json)
	exits 0 tutti delete good bad
	exits 0 tutti start w --uid good --attr other=1 --wait
	exits 6 tutti store import good.tutti
	says "uid 'good'"
	exits 0 tutti store import bad.tutti
	exits 0 tutti start w --uid bad --attr bad=true
	says bad
	exits 2 tutti store import active.tutti
	exits 3 tutti store import nothing.tutti
	exits 2 tutti store import store
	exits 2 tutti store import tutti.yaml
	exits 2 tutti store import new/data.mdb
	says "several"
	sound
	equal "left over" "" "$(find . -name 'import*')"
	# As good as one's own: it can be retried, and deleted.
	exits 0 tutti retry bad
	wait_until state_is bad failed
	exits 0 tutti delete bad
	sound
}

swept() {
	[ "$(tutti store stat -o json | jq .tables.doomed.entries)" -eq 0 ]
}

@test "a large run is imported in pieces; killed in between, it is there or it is not" {
	python3 - >tutti.yaml <<-'PY'
		print("store: ./store")
		print("activities:")
		print("  A:")
		print("    parallel:")
		for n in range(10000):
		    print(f"      - {{plugin: echo, as: t{n}}}")
		print("workflows: {large: [A]}")
	PY
	start_daemon tutti.yaml
	exits 0 tutti start large --uid large --wait
	exits 0 tutti store export large large.tutti
	exits 0 tutti delete large
	local round import
	for round in $(seq "$KILLED"); do
		wait_until swept
		tutti store import large.tutti >imported 2>&1 3>&- &
		import=$!
		# Anywhere between the child's copy and the last piece.
		sleep "0.$((round * 15 + 10))"
		stop_daemon KILL
		wait "$import" || true
		start_daemon tutti.yaml
		wait_until swept
		sound
		if [ -n "$(uids)" ]; then
			exits 0 tutti delete large
		else
			equal rows 0 "$(tutti store stat -o json | jq .tables.tree.entries)"
		fi
	done
	wait_until swept
	exits 0 tutti store import large.tutti
	equal tasks 10000 "$(show large '[.activities[].parallel.tasks[]] | length')"
	sound
}

@test "a hostile file does the store no harm" {
	some_runs
	exits 0 tutti store export good good.tutti
	exits 0 tutti delete good
	local seed code refused=0
	for seed in $(seq "$FILES"); do
		cp good.tutti evil.tutti
		spoil evil.tutti "$seed"
		code=0
		tutti store import evil.tutti >said 2>&1 || code=$?
		case $code in
		0) tutti delete good >/dev/null ;; # nothing that matters
		2) refused=$((refused + 1)) ;;
		*)
			echo "seed $seed: exit code $code" >&2
			cat said >&2
			return 1
			;;
		esac
		# Looking at it is no risk to others, whatever it says.
		tutti --store evil.tutti show @latest >/dev/null 2>&1 || true
	done
	[ "$refused" -ge $((FILES / 8)) ]
	sound
	equal left "active bad stopped " "$(uids)"
	equal "left over" "" "$(find store -name 'import*')"
	exits 0 tutti store import good.tutti
	# The limit, and one beyond.
	truncate -s $((1024 * 1024 * 1024)) large.tutti
	exits 2 tutti store import large.tutti
	no says "the limit is" 2>/dev/null
	truncate -s $((1024 * 1024 * 1024 + 1)) large.tutti
	exits 2 tutti store import large.tutti
	says "the limit is 1073741824"
}

rows() {
	tutti "$@" store stat -o json |
		jq -r '.tables | "\(.queues.entries) \(.messages.entries) \(.parts.entries)"'
}

@test "what is in queues is checked, leaves with its run, and goes with it" {
	cat >tutti.yaml <<-YAML
		store: ./store
		plugins: [{path: $MODULES/flaky.so, queue: {attempts: 2, backoff: 10ms}}]
	YAML
	cat >>tutti.yaml <<-'YAML'
		activities:
		  A:
		    parallel:
		      - {plugin: flaky, as: gate, filter: {gate: [true]}, with: {gate: go}}
		      - {plugin: flaky, as: bad, filter: {bad: [true]}, with: {file: calls, times: 3, gate: go}}
		workflows: {w: [A]}
	YAML
	start_daemon tutti.yaml
	touch go
	exits 1 tutti start w --uid bad --attr bad=true --wait
	rm go
	exits 0 tutti start w --uid held --attr gate=true
	wait_until state_is held running
	sound
	equal "queues, messages, documents" "2 2 2" "$(rows)"
	# With them it is as sound a file, and tells the same.
	local uid
	for uid in bad held; do
		exits 0 tutti store export "$uid" "$uid.tutti"
		sound --store "$uid.tutti"
	done
	equal "dead" "flaky 1" "$(tutti --store bad.tutti queue ls -o json | jq -r '.[] | "\(.name) \(.dead)"')"
	equal "bad" "1 1 1" "$(rows --store bad.tutti)"
	equal "held" "1 1 1" "$(rows --store held.tutti)"
	# A task that was in hands comes again.
	stop_daemon KILL
	sound
	exits 0 tutti store compact
	sound
	equal "kept" "2 2 2" "$(rows)"
	start_daemon tutti.yaml
	touch go
	wait_until state_is held succeeded
	sound
	equal "the dead letter" "2 1 1" "$(rows)"
	exits 0 tutti delete bad
	wait_until swept
	equal "swept" "2 0 0" "$(rows)"
	# Its messages stay in the file: it is retried as any other.
	exits 0 tutti store import bad.tutti
	equal "nothing" "2 0 0" "$(rows)"
	sound
	exits 0 tutti retry bad
	wait_until state_is bad succeeded
	equal "calls" 4 "$(wc -l <calls)"
	equal "done" "2 0 0" "$(rows)"
	sound
}
