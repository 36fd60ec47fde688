#!/usr/bin/env bats
# How a plugin comes to have a queue: by its entry, by its own declaration, by
# an entry for a plugin that somebody else starts.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	PIDS=
	export TUTTI_BUS=$WORK/.tutti/bus.json
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

# config LINE...: entries of `plugins`.
config() {
	{
		printf 'listen: tcp://127.0.0.1:0\nlease: 2s\n'
		[ $# -eq 0 ] || printf 'plugins:\n'
		[ $# -eq 0 ] || printf '  - %s\n' "$@"
		cat <<-YAML
			activities:
			  Offer: {}
			  Bound: {parallel: [worker]}
			workflows:
			  offer: {activities: [Offer]}
			  bound: {activities: [Bound]}
		YAML
	} >tutti.yaml
}

by_hand() {
	"$WORKER" "$@" >>worker.log 2>&1 </dev/null 3>&- &
	PIDS="$PIDS $!"
	LAST=$!
}

# queue PLUGIN FILTER: of the queue it has now.
queue() {
	plugin "$1" "(.queue // {}) | $2"
}

refused() {
	grep -q "$1" worker.log
}

@test "what the config says holds, whole" {
	export PLUGIN_QUEUE=declared
	config "{exec: [$WORKER], queue: {rate: 100/m, fifo_key: run.uid}}"
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	equal name worker "$(queue worker .name)"
	equal attempts 5 "$(queue worker .attempts)"
	equal rate "100 60000" "$(queue worker '"\(.rate) \(.rate_per_ms)"')"
	exits 0 tutti plugins show worker
	says "queue: worker, 5 attempts, 100/m, in order by run.uid"
	exits 0 tutti plugins -o wide
	says QUEUE
	exits 0 tutti config show tutti.yaml
	says "fifo_key: run.uid"
}

@test "a declared one, until the config says that there is none" {
	export PLUGIN_QUEUE=mine
	config "{exec: [$WORKER]}"
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	equal declared "mine 3" "$(queue worker '"\(.name) \(.attempts)"')"
	config "{exec: [$WORKER], queue: false}"
	exits 0 tutti reload
	says "worker: queue"
	equal none null "$(plugin worker .queue)"
	config "{exec: [$WORKER], queue: theirs}"
	exits 0 tutti reload
	equal given "theirs 5" "$(queue worker '"\(.name) \(.attempts)"')"
	config "{exec: [$WORKER]}"
	exits 0 tutti reload
	equal again "mine 3" "$(queue worker '"\(.name) \(.attempts)"')"
	exits 6 tutti reload
}

@test "modules declare one too, in this process and isolated" {
	export PLUGIN_QUEUE=mine
	config "{path: $MODULES/worker.so}"
	start_daemon tutti.yaml
	equal inside "mine 3" "$(queue worker '"\(.name) \(.attempts)"')"
	config "{path: $MODULES/worker.so, form: isolated}"
	exits 0 tutti reload
	wait_until plugin_is worker ready
	equal isolated "mine 3" "$(queue worker '"\(.name) \(.attempts)"')"
	config "{path: $MODULES/worker.so, form: isolated, queue: {attempts: 2}}"
	exits 0 tutti reload
	equal given "worker 2" "$(queue worker '"\(.name) \(.attempts)"')"
}

@test "it is remembered without a live copy, as the config of now has it" {
	export PLUGIN_QUEUE=mine
	config
	start_daemon tutti.yaml
	by_hand
	wait_until plugin_is worker ready
	kill -9 "$LAST"
	stop_daemon TERM
	equal "without a daemon" mine "$(queue worker .name)"
	start_daemon tutti.yaml
	equal recalled "mine 3" "$(queue worker '"\(.name) \(.attempts)"')"
	stop_daemon KILL
	config "{plugin: worker, queue: {attempts: 9}}"
	start_daemon tutti.yaml
	equal given "worker 9" "$(queue worker '"\(.name) \(.attempts)"')"
	stop_daemon KILL
	config
	start_daemon tutti.yaml
	equal declared "mine 3" "$(queue worker '"\(.name) \(.attempts)"')"
}

@test "announced: it counts as registered before it has ever been there" {
	config "{plugin: worker, queue: true, max_tasks: 2, overrides: {Offer: {mandatory: false}}}"
	start_daemon tutti.yaml
	equal state "no instance" "$(plugin worker .state)"
	equal module announced "$(plugin worker .module)"
	equal queue worker "$(queue worker .name)"
	exits 0 tutti -c tutti.yaml start bound --uid one
	stop_daemon KILL
	start_daemon tutti.yaml
	equal state "no instance" "$(plugin worker .state)"
	by_hand
	wait_until state_is one succeeded
	equal module "registers itself" "$(plugin worker .module)"
	equal "tasks at a time" 2 "$(plugin worker '.instances[0].max_tasks')"
	exits 0 tutti -c tutti.yaml start offer --uid two --attr offer=true \
		--attr fail=no --wait
	equal "its override" degraded "$(show two .state)"
	exits 0 tutti plugins remove worker
	equal "announced again" announced "$(plugin worker .module)"
}

@test "announced ones come and go with a reload" {
	config
	start_daemon tutti.yaml
	config "{plugin: later, queue: {concurrency: 2}}" "{plugin: other}"
	exits 0 tutti reload
	says "later: announced"
	equal concurrency 2 "$(queue later .concurrency)"
	equal none null "$(plugin other .queue)"
	exits 6 tutti plugins remove later
	says "take it out there"
	config "{plugin: later, queue: {concurrency: 3}}"
	exits 0 tutti reload
	says "later: queue"
	says "other: not announced"
	equal concurrency 3 "$(queue later .concurrency)"
	equal gone "" "$(plugin other .state)"
}

@test "two plugins may change their queues with each other" {
	config "{plugin: a, queue: one}" "{plugin: b, queue: two}"
	start_daemon tutti.yaml
	config "{plugin: a, queue: two}" "{plugin: b, queue: one}"
	exits 0 tutti reload
	equal names "two one" "$(queue a .name) $(queue b .name)"
}

@test "a queue with messages of one plugin is not given to another" {
	config "{plugin: worker, queue: one}"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start bound --uid waits
	config "{plugin: worker, queue: two}" "{plugin: other, queue: one}"
	exits 6 tutti reload
	says "nothing was changed: plugin 'other': queue 'one'"
	equal "as before" one "$(queue worker .name)"
	config "{plugin: worker, queue: two}"
	exits 0 tutti reload
	equal name two "$(queue worker .name)"
	by_hand
	wait_until state_is waits succeeded
	config "{plugin: worker, queue: two}" "{plugin: other, queue: one}"
	exits 0 tutti reload
	equal name one "$(queue other .name)"
}

@test "a queue belongs to one plugin: the second is refused with a sentence" {
	config "{plugin: ocr, queue: shared}"
	start_daemon tutti.yaml
	export PLUGIN_QUEUE=shared
	by_hand
	wait_until refused "the queue 'shared' is plugin 'ocr''s already"
	equal "not registered" "" "$(plugin worker .state)"
	PLUGIN_QUEUE=own by_hand
	wait_until plugin_is worker ready
}

@test "an entry for itself and a module of the same plugin are too much" {
	config "{path: $MODULES/worker.so}" "{plugin: worker, queue: true}"
	exits 2 tutti config check tutti.yaml
	says "tutti.yaml:5:5: error: plugin 'worker' is provided by the entry 'worker'"
	config "{exec: [$WORKER]}" "{plugin: worker, queue: true}"
	start_daemon tutti.yaml
	wait_until grep -q "has an entry of its own in the config" daemon.log .tutti/logs/plugins.log
}

@test "a queue that two plugins of the config would have is a mistake in it" {
	config "{path: $MODULES/two_in_one.so, queue: shared}"
	exits 2 tutti config check tutti.yaml
	says "tutti.yaml:4:5: error: plugin 'second': the queue 'shared' is plugin 'first''s already"
	config "{path: $MODULES/two_in_one.so, queue: true}" "{plugin: other, queue: second}"
	exits 2 tutti config check tutti.yaml
	says "plugin 'second': the queue 'second' is plugin 'other''s already"
	config "{path: $MODULES/two_in_one.so, form: isolated, queue: shared}"
	exits 2 tutti config check tutti.yaml
	says "the queue 'shared' is plugin 'first''s already"
	config "{path: $MODULES/two_in_one.so, queue: true}"
	exits 0 tutti config check tutti.yaml
	start_daemon tutti.yaml
	equal names "first second" "$(queue first .name) $(queue second .name)"
}

@test "explain takes what is announced for registered" {
	config
	exits 0 tutti -c tutti.yaml explain bound
	says "worker  not registered"
	config "{plugin: worker, queue: true}"
	exits 0 tutti -c tutti.yaml explain bound
	says worker
	no grep "not registered" <<<"$output"
}

@test "what is built in can be given one" {
	config "{plugin: wait, queue: {attempts: 2}, max_tasks: 3}"
	start_daemon tutti.yaml
	equal attempts 2 "$(queue wait .attempts)"
	equal state ready "$(plugin wait .state)"
	equal "tasks at a time" 3 "$(plugin wait .max_tasks)"
}

# task UID FILTER: jq over the first task of a run.
task() {
	show "$1" ".activities[0].parallel.tasks[0] | $2"
}

task_is() {
	[ "$(task "$1" .state)" = "$2" ]
}

@test "a program that has never come up: its tasks are queued all the same" {
	config "{exec: [$WORKER], plugin: worker, name: ocr, instances: 0, queue: {attempts: 2}, max_tasks: 2, overrides: {Offer: {mandatory: false}}}"
	exits 0 tutti config check tutti.yaml
	no grep -q nobody <<<"$output"
	start_daemon tutti.yaml
	equal queue "worker 2" "$(queue worker '"\(.name) \(.attempts)"')"
	equal state "no instance" "$(plugin worker .state)"
	equal entry ocr "$(plugin worker .entry)"
	exits 0 tutti -c tutti.yaml start bound --uid one
	equal state "queued worker" "$(task one '"\(.state) \(.queue)"')"
	exits 0 tutti why one
	says "its program is wanted by nobody; 'tutti plugins scale ocr 1' starts one"
	stop_daemon KILL
	start_daemon tutti.yaml
	equal module announced "$(plugin worker .module)"
	exits 0 tutti -c tutti.yaml start bound --uid two
	equal state queued "$(task two .state)"
	exits 0 tutti plugins scale ocr 1
	wait_until state_is one succeeded
	wait_until state_is two succeeded
	equal "its own word" "$WORKER" "$(plugin worker .module)"
	equal "tasks at a time" 2 "$(plugin worker '.instances[0].max_tasks')"
	exits 0 tutti -c tutti.yaml start offer --uid three --attr offer=true \
		--attr fail=no --wait
	equal "its override" degraded "$(show three .state)"
	stop_daemon TERM
	start_daemon tutti.yaml
	equal recalled "$WORKER" "$(plugin worker .module)"
	exits 0 tutti -c tutti.yaml start offer --uid four --attr offer=true
	equal "its subscription" queued "$(task four .state)"
}

@test "announced by its program's entry, without a queue: no instance" {
	config "{exec: [$WORKER], plugin: worker, instances: 0}"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start bound --uid one
	equal state "pending no_instance" "$(task one '"\(.state) \(.reason)"')"
	exits 0 tutti plugins scale worker 1
	wait_until state_is one succeeded
}

@test "a program that cannot be started: its tasks are queued" {
	config "{exec: [./missing], plugin: worker, queue: true, restart: {deaths: 1}}"
	start_daemon tutti.yaml
	wait_until plugin_is worker "gave up"
	exits 0 tutti -c tutti.yaml start bound --uid one
	equal state queued "$(task one .state)"
	by_hand
	wait_until state_is one succeeded
	equal "registered by hand" "worker registers itself" \
		"$(plugin worker '"\(.queue.name) \(.module)"')"
}

@test "a program that registers another plugin than its entry names" {
	config "{exec: [$WORKER], plugin: worker, queue: {name: jobs, attempts: 2}, env: {PLUGIN_NAME: other}}"
	start_daemon tutti.yaml
	wait_until plugin_is other ready
	equal "not its queue" null "$(plugin other .queue)"
	exits 0 tutti logs
	says "says that it brings the plugin 'worker', and it has brought 'other'"
	equal queue jobs "$(queue worker .name)"
	exits 0 tutti -c tutti.yaml start bound --uid one
	equal state queued "$(task one .state)"
	config "{exec: [$WORKER], plugin: worker, queue: {attempts: 2}, env: {PLUGIN_NAME: other}}"
	exits 0 tutti reload
	equal names "worker other" "$(queue worker .name) $(queue other .name)"
	equal state queued "$(task one .state)"
}

@test "without a name of its plugin: what to do is said" {
	config "{exec: [$WORKER], name: cons, instances: 0, queue: true}"
	exits 0 tutti config check tutti.yaml
	says "tutti.yaml:4: the queue of the entry 'cons' is nobody's until its program has registered a plugin; 'plugin: NAME' in the entry names it"
	start_daemon tutti.yaml
	grep -q "entry=cons msg=\"its queue is nobody's until" daemon.log
	exits 0 tutti -c tutti.yaml start bound --uid one
	equal state "pending plugin_not_registered" "$(task one '"\(.state) \(.reason)"')"
	exits 0 tutti why one
	says "'plugin: worker' in its entry makes it known before it comes"
	config "{exec: [$WORKER], name: cons, plugin: worker, instances: 0, queue: true}"
	exits 0 tutti reload
	says "cons: plugin"
	wait_until task_is one queued
	exits 0 tutti plugins scale cons 1
	wait_until state_is one succeeded
}

@test "a reload that takes the name of a plugin out of an entry" {
	config "{exec: [$WORKER], plugin: worker, instances: 0, queue: true}" \
		"{exec: [$WORKER], name: b, plugin: b, env: {PLUGIN_NAME: b}, queue: true}"
	start_daemon tutti.yaml
	wait_until plugin_is b ready
	pid=$(pids_of b)
	config "{exec: [$WORKER], instances: 0, queue: true}" \
		"{exec: [$WORKER], name: b, env: {PLUGIN_NAME: b}, queue: true}"
	exits 0 tutti reload
	says "worker: plugin"
	says "b: plugin"
	equal gone "" "$(plugin worker .state)"
	equal "not started again" "$pid ready b" \
		"$(pids_of b) $(plugin b '"\(.state) \(.queue.name)"')"
	stop_daemon KILL
	start_daemon tutti.yaml
	equal gone "" "$(plugin worker .state)"
	exits 0 tutti -c tutti.yaml explain bound
	says "not registered"
}

@test "tasks stay in the queue while the plugin's entry becomes another" {
	config "{exec: [$WORKER], plugin: worker, name: one, instances: 0, queue: true}"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start bound --uid one
	config "{exec: [$WORKER, -v], plugin: worker, name: two, instances: 0, queue: true}"
	exits 0 tutti reload
	equal state "queued two" "$(task one .state) $(plugin worker .entry)"
	config "{plugin: worker, queue: true}"
	exits 0 tutti reload
	equal state "queued null" "$(task one .state) $(plugin worker .entry)"
	config "{exec: [$WORKER], plugin: worker, name: three, queue: true}"
	exits 0 tutti reload
	wait_until state_is one succeeded
	config "{exec: [$WORKER, -v], plugin: worker, name: four, instances: 0, queue: true}"
	exits 0 tutti reload
	exits 0 tutti -c tutti.yaml start bound --uid two
	equal state "queued four" "$(task two .state) $(plugin worker .entry)"
	config "{plugin: worker, queue: true}"
	exits 0 tutti reload
	equal state queued "$(task two .state)"
	by_hand
	wait_until state_is two succeeded
}

@test "two entries do not name the same plugin" {
	config "{exec: [$WORKER], plugin: ocr}" "{exec: [b], plugin: ocr}"
	exits 2 tutti config check tutti.yaml
	says "tutti.yaml:5:25: error: the plugin 'ocr' has an entry already"
	says "tutti.yaml:4:"
	says "note: the first one is here"
	config "{path: $MODULES/worker.so}" "{exec: [b], plugin: worker}"
	exits 2 tutti config check tutti.yaml
	says "tutti.yaml:5:5: error: plugin 'worker' is provided by the entry 'worker'"
	config "{exec: [$WORKER], name: a}" "{exec: [b], name: b, plugin: worker, instances: 0}"
	start_daemon tutti.yaml
	wait_until grep -q "plugin 'worker' is that of the entry 'b' of the config" daemon.log .tutti/logs/plugins.log
	equal "not registered" announced "$(plugin worker .module)"
}

@test "a program of the config takes the place of what is built in" {
	config "{exec: [$WORKER], name: mine, plugin: echo, env: {PLUGIN_NAME: echo}, instances: 0, queue: true}"
	start_daemon tutti.yaml
	equal state "no instance announced" "$(plugin echo '"\(.state) \(.module)"')"
	exits 0 tutti plugins scale mine 1
	wait_until plugin_is echo ready
	equal program "$WORKER" "$(plugin echo .module)"
	config
	exits 0 tutti reload
	wait_until plugin_is echo ready
	equal inside tutti "$(plugin echo .module)"
}

@test "one that was in quarantine as a module is announced as a program" {
	config "{path: $MODULES/worker.so}"
	sed -i '1i crash_limit: 1' tutti.yaml
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start bound --uid one --attr crash=always
	local crashed=$DAEMON
	DAEMON= # it is to end
	wait_until gone "$crashed"
	start_daemon tutti.yaml
	equal state quarantined "$(plugin worker .state)"
	stop_daemon TERM
	config "{exec: [$WORKER], plugin: worker, instances: 0, queue: true}"
	start_daemon tutti.yaml
	equal state "no instance announced" "$(plugin worker '"\(.state) \(.module)"')"
	exits 0 tutti -c tutti.yaml start bound --uid two
	equal state queued "$(task two .state)"
}
