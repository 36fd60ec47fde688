#!/usr/bin/env bats
# Trouble with the store and the machine: each is told in a clear sentence,
# nothing that was committed is lost, and the work goes on when its cause is gone.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	export RECORD_FILE=$WORK/record
	: >"$RECORD_FILE"
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    pre: [{plugin: recorder, as: first}]
		    parallel: [{plugin: exec, as: gate, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}]
		    post: [{plugin: recorder, as: last}]
	YAML
}

teardown() {
	stop_daemon KILL
	cd /
	end_orphans
	umount "$WORK/disk" 2>/dev/null || true
	rm -rf "$WORK"
}

# small_disk OPTIONS: in the folder disk.
small_disk() {
	mkdir -p disk
	mount -t tmpfs -o "$1" tmpfs disk 2>/dev/null ||
		skip "mounting a disk is not permitted here"
}

# a_store: one run that has ended.
a_store() {
	touch go
	exits 0 tutti run tutti.yaml --uid one
	rm go
}

# Everybody says so, with exit code 5, and nobody dies of it.
refused_by_all() {
	local verb
	for verb in "serve -c tutti.yaml" "run tutti.yaml --uid two" "ls" "show one" "history one" "why one"; do
		# shellcheck disable=SC2086
		exits 5 tutti $verb
		says "$1"
		says "$2"
	done
}

# The same store is as it was, and new runs go.
goes_on() {
	equal state succeeded "$(show one .state)"
	touch go
	exits 0 tutti run tutti.yaml --uid "$1"
	equal runs 2 "$(tutti ls --count 2>/dev/null)"
}

@test "read-only file system: looking works, nothing is taken, and later it goes on" {
	small_disk size=8m
	sed -i '1i store: ./disk/store' tutti.yaml
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one
	waits() { [ "$(tutti -c tutti.yaml show one -o json | jq -r '.activities[0].parallel.tasks[0].state')" = running ]; }
	wait_until waits
	stop_daemon KILL
	mount -o remount,ro disk
	exits 5 tutti serve -c tutti.yaml
	says "read-only"
	exits 5 tutti run tutti.yaml --uid two
	says "read-only"
	exits 0 tutti -c tutti.yaml show one
	says "daemon: down"
	exits 0 tutti -c tutti.yaml ls --state running
	says one
	mount -o remount,rw disk
	touch go
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	equal "calls of first" 1 "$(grep -c 'first begin' "$RECORD_FILE")"
}

@test "started with SIGCHLD ignored: how programs end is known" {
	echo 'activities: {A: {parallel: [{plugin: exec, with: {argv: [sh, -c, "exit 3"], success_codes: [3]}}]}}' >ends.yaml
	exits 0 env --ignore-signal=CHLD tutti run ends.yaml
}

@test "a store of somebody else is refused" {
	command -v setpriv >/dev/null || skip "no setpriv"
	[ "$(id -u)" -eq 0 ] || skip "only root can be somebody else"
	a_store
	# A copy of the program where everybody may read it.
	local public
	public=$(mktemp -d /tmp/tutti-public.XXXXXX)
	chmod 755 "$public" "$WORK"
	cp "$TUTTI" "$public/tutti"
	local verb
	for verb in "run tutti.yaml" "ls"; do
		# shellcheck disable=SC2086
		exits 5 setpriv --reuid=65534 --regid=65534 --clear-groups "$public/tutti" $verb --store "$WORK/.tutti"
		says "ot allowed" || says "ermission denied"
	done
	rm -r "$public"
	goes_on two
}

@test "a store of a newer schema is refused by all, with what to do" {
	a_store
	cp -r .tutti before
	mdb_dump -s meta .tutti >meta
	# The value after the key "schema": a format, and a number of 8 bytes.
	awk '{ print } /^ 736368656d61$/ { getline; print " 0100000000000000ff" }' meta >newer
	no cmp -s meta newer
	mdb_load -f newer -s meta .tutti
	refused_by_all "has schema 255" "use the newer tutti that wrote it"
	rm -r .tutti
	mv before .tutti
	goes_on two
}

@test "a data file that is cut short is refused by all, and a backup goes on" {
	a_store
	cp -r .tutti backup
	local size
	for size in 5000 9000 20000 40000; do
		truncate -s "$size" .tutti/data.mdb
		refused_by_all "cut short" "restore a backup"
		cp backup/data.mdb .tutti/data.mdb
	done
	goes_on two
}

@test "damaged pages and files that are no store are refused by all" {
	a_store
	cp -r .tutti backup
	local page
	for page in 0 1; do
		dd if=/dev/urandom of=.tutti/data.mdb bs=4096 seek="$page" count=1 conv=notrunc 2>/dev/null
		refused_by_all "page" "restore a backup"
		cp backup/data.mdb .tutti/data.mdb
	done
	# All pages but the first two: each is in use, or was.
	local pages
	pages=$(($(stat -c %s .tutti/data.mdb) / 4096))
	dd if=/dev/urandom of=.tutti/data.mdb bs=4096 seek=2 count=$((pages - 2)) conv=notrunc 2>/dev/null
	refused_by_all "damaged" "restore a backup"
	head -c 100000 /dev/urandom >.tutti/data.mdb
	refused_by_all "none of a store" "restore a backup"
	echo "a text" >.tutti/data.mdb
	refused_by_all "cut short" "restore a backup"
	cp backup/data.mdb .tutti/data.mdb
	goes_on two
}

@test "any page that is damaged: an answer or a clear error, never a crash" {
	a_store
	cp .tutti/data.mdb good
	local pages page code
	pages=$(($(stat -c %s good) / 4096))
	touch go
	for page in $(seq 2 $((pages - 1))); do
		dd if=/dev/urandom of=.tutti/data.mdb bs=4096 seek="$page" count=1 conv=notrunc 2>/dev/null
		for verb in "ls" "show one" "run tutti.yaml --uid p$page"; do
			code=0
			# shellcheck disable=SC2086
			tutti $verb >out 2>&1 || code=$?
			if [ "$code" -ne 0 ] && [ "$code" -ne 5 ]; then
				echo "page $page, $verb: exit code $code" >&2
				cat out >&2
				return 1
			fi
		done
		cp good .tutti/data.mdb
	done
}

@test "an empty folder and an empty file are no store to look at, and become one" {
	mkdir .tutti
	exits 5 tutti ls
	says "no store"
	: >.tutti/data.mdb
	exits 5 tutti ls
	says "no store"
	exits 5 tutti show one
	says "no store"
	touch go
	exits 0 tutti run tutti.yaml --uid one
	equal runs 1 "$(tutti ls --count 2>/dev/null)"
}

@test "lock files that are gone are made again" {
	a_store
	rm .tutti/lock.mdb .tutti/owner.lock
	exits 0 tutti show one
	rm -f .tutti/lock.mdb
	start_daemon tutti.yaml
	exits 5 tutti serve -c tutti.yaml --no-standby
	says "in use by process $DAEMON"
	stop_daemon TERM
	goes_on two
}

@test "a reader that was killed with a snapshot in its hands is forgotten" {
	start_daemon tutti.yaml
	touch go
	exits 0 tutti -c tutti.yaml start default --uid r0 --wait
	python3 -c 'import json; print(json.dumps("x" * 300000))' >input.json
	exits 0 tutti -c tutti.yaml start default --uid large --input input.json --wait
	# A copy that nobody reads on stands still, and keeps its snapshot.
	mkfifo pipe
	sleep 600 <pipe 3>&- &
	local sleeper=$!
	mdb_copy .tutti >pipe 3>&- &
	local reader=$!
	has_slot() { mdb_stat -r .tutti | grep -q "^ *$reader "; }
	wait_until has_slot
	kill -9 "$reader" "$sleeper"
	wait "$reader" "$sleeper" || true
	has_slot
	stop_daemon TERM
	start_daemon tutti.yaml
	no has_slot
	exits 0 tutti -c tutti.yaml start default --uid r1 --wait
}

# ticks PID: its time on the processor.
ticks() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

@test "out of descriptors: it lives, does not spin, and goes on when there are some" {
	cat >few.yaml <<-YAML
		plugins:
		  - {exec: [$WORKER], name: worker, restart: {delay: 50ms, max: 200ms, deaths: 1000, within: 1m}}
		activities: {A: {parallel: [worker]}}
	YAML
	cat >crowd.py <<-'PY'
		import socket, sys, time
		held = []
		for _ in range(400):
		    s = socket.socket(socket.AF_UNIX)
		    s.setblocking(False)
		    try:
		        s.connect(".tutti/control.sock")
		    except BlockingIOError:
		        s.close()
		        break
		    held.append(s)
		print(len(held), flush=True)
		open("crowded", "w").close()
		sys.stdin.read()
	PY
	(ulimit -n 64 && exec tutti serve -c few.yaml) >>daemon.log 2>&1 3>&- &
	DAEMON=$!
	CONFIG=few.yaml
	wait_until daemon_answers
	wait_until ready worker 1
	exits 0 tutti -c few.yaml start default --uid one --wait
	mkfifo hold
	python3 crowd.py <hold 3>&- &
	local crowd=$!
	exec 7>hold
	wait_until test -e crowded
	used() { [ "$(find "/proc/$DAEMON/fd" -mindepth 1 2>/dev/null | wc -l)" -ge 63 ]; }
	wait_until used
	# The process of the plugin ends just now, and another cannot be started.
	kill -9 "$(pgrep -P "$DAEMON" -f worker | head -1)"
	# Reading needs nothing of the daemon.
	local before after i start=$SECONDS
	before=$(ticks "$DAEMON")
	until [ $((SECONDS - start)) -ge 2 ]; do
		exits 0 tutti -c few.yaml ls
	done
	after=$(ticks "$DAEMON")
	# Two seconds and more are 200 ticks; who spins takes most of them.
	[ $((after - before)) -lt 50 ]
	kill -0 "$DAEMON"
	# Who asks now is answered when there is room again.
	tutti -c few.yaml start default --uid two --wait >started 2>&1 3>&- 7>&- &
	local asking=$!
	exec 7>&-
	wait "$crowd"
	wait "$asking" || cat started >&2
	equal state succeeded "$(show two .state)"
	equal runs 2 "$(tutti -c few.yaml ls --count)"
}

@test "too few descriptors to start: said so, with exit code 5" {
	a_store
	local limit code
	for limit in 4 6 8 10 12; do
		code=0
		(ulimit -n "$limit" && exec tutti serve -c tutti.yaml) >out 2>&1 3>&- &
		DAEMON=$!
		ended() { grep -q 'tutti: ready' out || ! kill -0 "$DAEMON" 2>/dev/null; }
		until ended; do sleep 0.02; done
		kill -TERM "$DAEMON" 2>/dev/null || true
		wait "$DAEMON" || code=$?
		DAEMON=
		if [ "$code" -ne 0 ] && [ "$code" -ne 5 ] && [ "$code" -ne 2 ] && [ "$code" -ne 127 ]; then
			echo "limit $limit: exit code $code" >&2
			cat out >&2
			return 1
		fi
		# The loader may not even find its libraries: its own sentence.
		[ "$code" -eq 0 ] || grep -qi 'too many open files\|descriptor\|cannot open shared object' out
	done
	goes_on two
}

@test "disk full with runs in flight: committed work stays, and all of it ends when there is room" {
	small_disk size=2m
	cat >full.yaml <<-YAML
		store: ./disk/store
		control: ./control.sock
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    pre: [{plugin: recorder, as: first}]
		    parallel:
		      - plugin: exec
		        as: big
		        with: {output_limit: 200000, argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done; head -c 150000 /dev/zero | tr "\\\\0" x']}
		    post: [{plugin: recorder, as: last}]
	YAML
	start_daemon full.yaml
	local i
	for i in 1 2 3 4 5; do
		exits 0 tutti -c full.yaml start default --uid "f$i"
	done
	all_at_gate() { [ "$(tutti -c full.yaml ls -o name | while read -r id; do tutti -c full.yaml show "$id" -o json | jq -r '.activities[0].parallel.tasks[0].state'; done | grep -c running)" = 5 ]; }
	wait_until all_at_gate
	head -c 3000000 /dev/zero >disk/ballast 2>/dev/null || true
	touch go
	blocked() { grep -q 'cannot write the store' daemon.log; }
	wait_until blocked
	# Nothing new is taken, with the reason.
	exits 5 tutti -c full.yaml start default --uid refused
	says "full"
	# It is killed while the disk is full, and started while it still is.
	stop_daemon KILL
	: >daemon.log
	tutti serve -c full.yaml >>daemon.log 2>&1 3>&- &
	DAEMON=$!
	CONFIG=full.yaml
	tried() { grep -q 'cannot write the store\|tutti: ready' daemon.log || ! kill -0 "$DAEMON" 2>/dev/null; }
	until tried; do sleep 0.02; done
	rm disk/ballast
	if ! kill -0 "$DAEMON" 2>/dev/null; then
		wait "$DAEMON" || equal "exit code on a full disk" 5 "$?"
		grep -qi 'full\|space' daemon.log
		DAEMON=
		start_daemon full.yaml
	fi
	all_done() { [ "$(tutti -c full.yaml ls --state succeeded --count 2>/dev/null)" = 5 ]; }
	wait_until all_done
	equal runs 5 "$(tutti -c full.yaml ls --count)"
	equal "calls of first" 5 "$(grep -c 'first begin' "$RECORD_FILE")"
	# If there was room for one of the outputs, its `last` was under way.
	local attempts=0
	for i in 1 2 3 4 5; do
		attempts=$((attempts + $(tutti -c full.yaml show "f$i" -o json | jq '.activities[0].post.tasks[0].attempt')))
	done
	equal "calls of last" "$attempts" "$(grep -c 'last begin' "$RECORD_FILE")"
	[ "$attempts" -le 6 ]
	no tutti -c full.yaml show refused
}
