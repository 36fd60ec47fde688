#!/usr/bin/env bats
# kill -9: what is written stays, and the work goes on.

load common

prepare() {
	export RECORD_FILE=$WORK/record
	: >"$RECORD_FILE"
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A:
		    pre: [{plugin: recorder, as: first, with: {output: {n: 1}, patch: {seen: first}}}]
		    parallel:
		      - {plugin: recorder, as: quick}
		      - {plugin: exec, as: gate, with: {argv: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}}
		    post: [{plugin: recorder, as: last, with: {output: '\${{ outputs.A.first.n }}', message: '\${{ stash.seen }}'}}]
		  B:
		    pre: [{plugin: wait, with: {duration: 300ms}}]
	YAML
}

# The task `gate` is in a plugin's hands and `quick` has ended.
at_the_gate() {
	[ "$(show "$1" '[.activities[0].parallel.tasks[].state] | join(" ")' 2>/dev/null)" = "running succeeded" ] ||
		[ "$(show "$1" '[.activities[0].parallel.tasks[] | select(.name == "quick" and .state == "succeeded"), select(.name == "gate" and .state == "running")] | length' 2>/dev/null)" = 2 ]
}

@test "killed between runs: ls and show still work and tell the truth" {
	start_daemon tutti.yaml
	touch go
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	stop_daemon KILL
	equal state succeeded "$(show one .state)"
	exits 0 tutti ls
	says one
	exits 0 tutti show one
	says "daemon: down"
	exits 5 tutti -c tutti.yaml start default --uid two
	says "tutti serve"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid two --wait
	equal "runs" 2 "$(tutti ls --count)"
}

@test "killed during a run: it is shown as it was, and goes on" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one
	wait_until at_the_gate one
	stop_daemon KILL
	equal state running "$(show one .state)"
	exits 0 tutti why one
	says "tutti serve"
	show one .id >id
	touch go
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	equal id "$(cat id)" "$(show one .id)"
	equal "ended tasks were not called again" "1 1 1" \
		"$(for name in first quick last; do grep -c "$name begin" "$RECORD_FILE"; done | paste -sd' ')"
	equal attempts "1 2" "$(show one '[.activities[0].parallel.tasks[] | {key: .name, value: .attempt}] | from_entries | "\(.quick) \(.gate)"')"
	equal output 1 "$(show one .outputs.A.last)"
	equal message first "$(show one '.activities[0].post.tasks[0].message')"
	exits 0 tutti history one
	says redelivered
}

@test "killed while a task waits for a time: the time stays" {
	cat >wait.yaml <<-'YAML'
		activities: {A: {pre: [{plugin: wait, with: {duration: 2s}}]}}
	YAML
	start_daemon wait.yaml
	exits 0 tutti -c wait.yaml start default --uid w
	wait_until state_is w waiting
	local before
	before=$(show w '.activities[0].pre.tasks[0].wake_at')
	stop_daemon KILL
	equal state waiting "$(show w .state)"
	start_daemon wait.yaml
	equal wake_at "$before" "$(show w '.activities[0].pre.tasks[0].wake_at // empty' | grep . || echo "$before")"
	exits 0 tutti -c wait.yaml start default --uid w --wait
	equal attempt 1 "$(show w '.activities[0].pre.tasks[0].attempt')"
}

@test "killed many times at any moment: every run ends once, no finished task is called again" {
	cat >many.yaml <<-YAML
		plugins: [$MODULES/recorder.so]
		activities:
		  A: {pre: [{plugin: recorder, as: a1}, {plugin: recorder, as: a2}], parallel: [{plugin: recorder, as: b1, with: {sleep_ms: 5}}, {plugin: recorder, as: b2}]}
		  B: {post: [{plugin: recorder, as: c1, with: {sleep_ms: 5}}]}
	YAML
	for round in 1 2 3 4 5 6; do
		start_daemon many.yaml
		for i in $(seq 8); do
			tutti -c many.yaml start default --uid "r$round.$i" -o name >>ids 2>/dev/null 3>&- || true
		done
		# Wherever it is by now.
		stop_daemon KILL
	done
	start_daemon many.yaml
	all_ended() { [ "$(tutti ls --state pending,running,waiting,cancelling --count)" = 0 ]; }
	wait_until all_ended
	# What was acknowledged is there.
	sort -u ids >acknowledged
	tutti ls -o name | sort -u >stored
	equal "acknowledged but not stored" "" "$(comm -23 acknowledged stored)"
	equal "states" succeeded "$(tutti ls -o jsonl | jq -r .state | sort -u)"
	stop_daemon TERM
	# The store is sound for tools that are not ours.
	mdb_stat -e .tutti >/dev/null
	# More than one begin for a task only with as many attempts.
	local begins attempts
	begins=$(grep -c begin "$RECORD_FILE")
	attempts=$(tutti ls -o name 2>/dev/null | while read -r id; do
		tutti show "$id" -o json 2>/dev/null
	done | jq -s '[.[].activities[][("pre","parallel","post")].tasks[].attempt] | add')
	# A delivery may have been committed but never begun.
	[ "$begins" -le "$attempts" ]
}

@test "a second daemon that does not wait is refused with the pid of the first" {
	start_daemon tutti.yaml
	sed 's/^activities/control: .\/other.sock\nactivities/' tutti.yaml >second.yaml
	exits 5 tutti serve -c second.yaml --no-standby
	says "$DAEMON"
	exits 5 tutti run tutti.yaml --uid x
	says "$DAEMON"
}

@test "reading verbs work while the daemon writes" {
	cat >busy.yaml <<-'YAML'
		activities: {A: {parallel: [{plugin: echo}, {plugin: echo, as: two}], post: [{plugin: echo, as: three}]}}
	YAML
	start_daemon busy.yaml
	(for i in $(seq 60); do tutti -c busy.yaml start default --uid "b$i" >/dev/null; done) 3>&- &
	local writer=$!
	while kill -0 "$writer" 2>/dev/null; do
		exits 0 tutti ls
		exits 0 tutti plugins
		if [ "$(tutti ls --count)" -gt 0 ]; then
			exits 0 tutti show @latest -o json
			exits 0 tutti why @latest
			exits 0 tutti history @latest
		fi
	done
	wait "$writer"
	all_done() { [ "$(tutti ls --state succeeded --count)" = 60 ]; }
	wait_until all_done
}

@test "SIGTERM: plugins may finish, the rest goes on after the restart" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one
	wait_until at_the_gate one
	(sleep 0.3 && touch go) 3>&- &
	stop_daemon TERM
	equal gate succeeded "$(show one '.activities[0].parallel.tasks[] | select(.name == "gate").state')"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	equal "attempt of gate" 1 "$(show one '.activities[0].parallel.tasks[] | select(.name == "gate").attempt')"
}

@test "a plugin that left the config: said at the start, why is true, cancel works" {
	cat >with.yaml <<-YAML
		plugins: [$MODULES/recorder.so]
		activities: {A: {parallel: [{plugin: recorder, as: slow, timeout: 1h, with: {sleep_ms: 60000}}]}}
	YAML
	cat >without.yaml <<-'YAML'
		activities: {A: {parallel: [echo]}}
	YAML
	start_daemon with.yaml
	exits 0 tutti -c with.yaml start default --uid orphan
	slow_runs() { [ "$(show orphan '.activities[0].parallel.tasks[0].state')" = running ]; }
	wait_until slow_runs
	stop_daemon KILL
	start_daemon without.yaml
	grep -q "waits for plugin 'recorder'" daemon.log
	exits 0 tutti why orphan
	says "waits for plugin 'recorder', which is not registered"
	equal reason plugin_not_registered "$(show orphan '.activities[0].parallel.tasks[0].reason')"
	exits 0 tutti -c without.yaml cancel orphan
	wait_until state_is orphan cancelled
}

@test "SIGTERM with more tasks than threads have begun: none of them fails" {
	cat >many.yaml <<-'YAML'
		grace: 1s
		activities: {A: {parallel: [{plugin: exec, as: a, with: {argv: [sleep, '600']}}, {plugin: echo, as: b}]}}
	YAML
	start_daemon many.yaml
	for i in $(seq 20); do
		tutti -c many.yaml start default --uid "s$i" >/dev/null 2>&1 3>&- &
	done
	some_run() { [ "$(tutti ls --state running --count)" -gt 3 ]; }
	wait_until some_run
	stop_daemon TERM
	equal "failed" 0 "$(tutti ls --state failed --count)"
}

@test "killed while programs run: they end with it, all that belongs to them" {
	local run pid
	cat >programs.yaml <<-'YAML'
		activities:
		  A:
		    parallel:
		      - {plugin: exec, as: quick, with: {argv: ['true']}}
		      - {plugin: exec, with: {argv: [sh, -c, 'echo $$ >>leaders; sleep 1000 & echo $! >>members; wait']}}
	YAML
	start_daemon programs.yaml
	run=$(tutti -c programs.yaml start default -o name)
	wait_until test -s members
	stop_daemon KILL
	for pid in $(cat leaders members); do
		wait_until has_ended "$pid"
	done
	start_daemon programs.yaml
	wait_until has_lines 2 members
	equal attempt 2 "$(show "$run" '.activities[0].parallel.tasks[] | select(.name == "exec").attempt')"
	stop_daemon TERM
	for pid in $(cat leaders members); do
		wait_until has_ended "$pid"
	done
	[ -z "$(keepers)" ]
}

# Gone, or about to be reaped by somebody else.
has_ended() {
	local state
	state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -z "$state" ] || [ "$state" = Z ]
}

has_lines() {
	[ "$(wc -l <"$2")" -ge "$1" ]
}

# The shells that see to it, of this scenario.
keepers() {
	local cwd
	for cwd in /proc/[0-9]*/cwd; do
		[ "$(readlink "$cwd" 2>/dev/null)" = "$WORK" ] &&
			tr '\0' ' ' <"$(dirname "$cwd")/cmdline" | grep 'read -r sign'
	done
	return 0
}

@test "killed by a program it has just started: the program ends, too" {
	cat >killer.yaml <<-'YAML'
		activities: {A: {parallel: [{plugin: exec, with: {argv: [sh, -c, 'echo $$ >>killers; kill -KILL $PPID; exec sleep 1000']}}]}}
	YAML
	local cpu i
	# One processor for all: the program goes on before who started it does.
	cpu=$(sed -n 's/^Cpus_allowed_list:\t\([0-9]*\).*/\1/p' /proc/self/status)
	for i in $(seq 8); do
		rm -rf .tutti killers
		start_daemon killer.yaml
		taskset -acp "$cpu" "$DAEMON" >/dev/null
		tutti -c killer.yaml start default >/dev/null 2>&1 || true
		wait "$DAEMON" || true
		DAEMON=
		wait_until test -s killers
		wait_until has_ended "$(cat killers)"
	done
	[ -z "$(keepers)" ]
}

@test "outputs of any size are there after a kill, those of the last attempt" {
	cat >outputs.yaml <<-'YAML'
		activities:
		  A:
		    parallel:
		      - {plugin: echo, with: {x: '${{ input.x }}'}}
		      - {plugin: exec, retry: {attempts: 2, backoff: 1ms}, with: {argv: [sh, -c, 'head -c "$((TUTTI_ATTEMPT == 2 ? $1 : 500 - $1))" /dev/zero | tr "\0" y; [ "$TUTTI_ATTEMPT" = 2 ]', sh, '${{ input.n }}']}}
		    post: [{plugin: wait, with: {duration: 1h}}]
	YAML
	local n
	start_daemon outputs.yaml
	# As MessagePack a map with such a text has five bytes more.
	for n in 0 1 250 251 252 490; do
		tutti -c outputs.yaml start default --uid "n$n" --input \
			"{\"x\": \"$(head -c "$n" /dev/zero | tr '\0' x)\", \"n\": \"$n\"}" >/dev/null
	done
	for n in 0 1 250 251 252 490; do
		wait_until post_waits "n$n"
	done
	stop_daemon KILL
	for n in 0 1 250 251 252 490; do
		equal "output $n" "$n $n" "$(lengths "n$n")"
	done
	start_daemon outputs.yaml
	for n in 0 1 250 251 252 490; do
		equal "output $n" "$n $n" "$(lengths "n$n")"
		exits 0 tutti -c outputs.yaml store export "n$n" "n$n.tutti"
		equal "output $n" "$n $n" "$(lengths "n$n" --store "n$n.tutti")"
	done
	exits 0 tutti store check
}

post_waits() {
	[ "$(show "$1" '.activities[0].post.tasks[0].state')" = waiting ]
}

# lengths RUN [OPTION...]: of what echo and the program gave.
lengths() {
	local run=$1
	shift
	tutti "$@" show "$run" -o json | jq -r '.activities[0].parallel.tasks |
		"\(.[0].output.x | length) \(.[1].output.stdout | length)"'
}
