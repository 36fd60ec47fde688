#!/usr/bin/env bats
# In which order, and how many at a time, a queue hands out its messages: as
# those who work on them have noted it.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	export TUTTI_BUS=$WORK/.tutti/bus.json
}

# config QUEUE MS: the rest is always the same.
config() {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		plugins:
		  - {plugin: slow, queue: $1, max_tasks: ${3:-16}}
		  - {plugin: other, queue: {attempts: 2, backoff: 1ms}}
		activities:
		  Work: {parallel: [{plugin: slow, with: {ms: $2}}]}
		  Other: {parallel: [{plugin: other, with: {ms: 1}}]}
		workflows: {w: [Work], o: [Other]}
	YAML
	start_daemon tutti.yaml
}

consumers() {
	local i
	for i in $(seq "$1"); do
		PLUGIN_NAME=${2:-slow} "$MODULES/soaker" >>consumer.log 2>&1 </dev/null 3>&- &
	done
	wait_until instances "${2:-slow}" "$1"
}

instances() {
	[ "$(plugin "$1" '.instances | length')" = "$2" ]
}

# starts KEY N [WORKFLOW]: under the uids KEY1 to KEYN.
starts() {
	local i
	for i in $(seq "$2"); do
		tutti -c tutti.yaml start "${3:-w}" --uid "$1$i" --attr key="${4:-$1}" >/dev/null
	done
}

none_is_left() {
	[ "$(tutti ls --count --state pending,running,waiting)" = 0 ]
}

# Lines "begin|end UID MICROSECONDS" of all calls, in their order.
noted() {
	local uids
	uids=$(tutti ls --limit 0 -o json | jq 'map({(.id): .uid}) | add')
	jq -R -r --argjson uids "$uids" 'split(" ") | "\(.[0]) \($uids[.[1]]) \(.[5])"' "$CALLS" | sort -s -n -k3
}

# The most that were at work at a time.
most() {
	noted | awk '$1 == "begin" { now++; if (now > most) most = now } $1 == "end" { now-- } END { print most + 0 }'
}

@test "one key in order, two keys at a time" {
	config '{fifo_key: attributes.key}' 60 1
	exits 0 tutti -c tutti.yaml queue pause slow
	for i in 1 2 3 4 5; do
		tutti -c tutti.yaml start w --uid "A$i" --attr key=A >/dev/null
		tutti -c tutti.yaml start w --uid "B$i" --attr key=B >/dev/null
	done
	consumers 4
	exits 0 tutti why A5
	says "paused"
	exits 0 tutti -c tutti.yaml queue resume slow
	wait_until none_is_left
	for key in A B; do
		# Each ends before the next of its key begins.
		equal "order of $key" "$(for i in 1 2 3 4 5; do printf 'begin %s\nend %s\n' "$key$i" "$key$i"; done)" \
			"$(noted | grep " $key" | cut -d' ' -f1,2)"
	done
	equal "at a time" 2 "$(most)"
}

@test "a limit of 10: never more than 10 of 25 at once" {
	config '{concurrency: 10}' 40
	starts j 25
	consumers 2
	wait_until none_is_left
	equal "at once" 10 "$(most)"
	equal ended 25 "$(grep -c ^end "$CALLS")"
}

@test "10 a second: not more, evenly, and not much less" {
	config '{rate: 10/s}' 0
	starts r 45
	consumers 1
	wait_until calls ^begin 31
	# 30 gaps of a tenth of a second, as the store has noted them.
	local leased
	leased=$(for uid in $(tutti ls --limit 0 -o json | jq -r '.[].uid'); do
		tutti history "$uid" -o json | jq -r '.[]
			| select(.kind == "task" and .to == "running") | .time'
	done | sort | head -31)
	local span
	span=$(printf '%s\n' "$leased" | python3 -c '
import sys, datetime
times = [datetime.datetime.fromisoformat(line.strip().replace("Z", "+00:00")) for line in sys.stdin]
print(int((times[-1] - times[0]).total_seconds() * 1000))')
	echo "31 in $span ms"
	[ "$span" -ge 2700 ]
	[ "$span" -le 3300 ]
}

@test "the more urgent first, then in the order in which they came" {
	config '{priority: attributes.key, concurrency: 1}' 1
	exits 0 tutti -c tutti.yaml queue pause slow
	starts low 2 w 1
	starts high 2 w 9
	starts none 1 w x
	consumers 1
	exits 0 tutti -c tutti.yaml queue resume slow
	wait_until none_is_left
	equal order "high1 high2 low1 low2 none1" "$(noted | awk '$1 == "begin" { print $2 }' | paste -sd' ')"
}

@test "delay: not before its time" {
	config '{delay: 700ms}' 0
	consumers 1
	starts d 1
	wait_until none_is_left
	tutti history d1 -o json | jq -e '
		def us: sub("Z$"; "") | split(".") | (.[0] + "Z" | fromdate) * 1000000 + (.[1] | tonumber);
		[.[] | select(.kind == "task")] as $moves
		| ($moves | map(select(.to == "queued"))[0].time | us) as $queued
		| ($moves | map(select(.to == "running"))[0].time | us) as $begun
		| $begun - $queued >= 700000'
}

@test "a full queue of one plugin delays no other" {
	config '{concurrency: 1}' 100000
	starts full 50
	consumers 1
	consumers 1 other
	wait_until calls ^begin 1
	starts quick 20 o
	wait_until calls "^end.*Other" 20
	equal "at work" 1 "$(noted | grep -c "begin full")"
	equal waiting 49 "$(tutti queue ls -o json | jq '.[] | select(.name == "slow") | .waiting')"
}

@test "a poison message holds up its group only as long as its attempts take" {
	cat >poison.py <<-PY
		import sys
		sys.path.append("$SOURCE/sdk/python")
		import tutti
		@tutti.plugin("slow", version="1", max_tasks=4)
		def slow(task):
		    with open("$CALLS", "a") as file:
		        file.write(f"{task.uid} {task.attempt}\n")
		    if task.uid == "A1":
		        raise tutti.Retryable("poison")
		tutti.run([slow])
	PY
	config '{fifo_key: attributes.key, attempts: 3, backoff: 20ms}' 0
	exits 0 tutti -c tutti.yaml queue pause slow
	starts A 2
	starts B 2
	/usr/bin/python3 poison.py >>consumer.log 2>&1 </dev/null 3>&- &
	wait_until instances slow 1
	exits 0 tutti -c tutti.yaml queue resume slow
	wait_until state_is A1 failed
	wait_until state_is A2 succeeded
	wait_until state_is B2 succeeded
	equal "of A" "A1 1,A1 2,A1 3,A2 1" "$(grep ^A "$CALLS" | paste -sd,)"
	equal "of B" "B1 1,B2 1" "$(grep ^B "$CALLS" | paste -sd,)"
	equal reason dead_letter "$(show A1 '.activities[0].parallel.tasks[0].reason')"
}

@test "purged: thrown away, and not forgotten" {
	config '{}' 0
	starts p 3
	exits 0 tutti -c tutti.yaml queue purge slow --dry-run
	equal waiting 3 "$(tutti queue ls -o json | jq '.[] | select(.name == "slow") | .waiting')"
	exits 0 tutti -c tutti.yaml queue purge slow
	wait_until none_is_left
	equal reason purged "$(show p2 '.activities[0].parallel.tasks[0].reason')"
	exits 6 tutti -c tutti.yaml queue purge slow
	exits 3 tutti -c tutti.yaml queue purge slowly
	says slow
	consumers 1
	exits 0 tutti -c tutti.yaml retry p2
	wait_until state_is p2 succeeded
	equal calls 1 "$(grep -c ^begin "$CALLS")"
}

@test "a queue that its plugin has left is retiring: it takes nothing, and goes when it is empty" {
	config '{name: old}' 0
	starts m 2
	sed -i 's/name: old/name: new/' tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	starts n 1
	equal queues "new running 1, old retiring 2" "$(tutti queue ls -o json | jq -r '
		[.[] | select(.plugin == "slow") | "\(.name) \(.state) \(.waiting)"] | sort | join(", ")')"
	exits 0 tutti queue show old
	says "retiring"
	consumers 1
	wait_until none_is_left
	equal queues new "$(tutti queue ls -o json | jq -r '[.[] | select(.plugin == "slow") | .name] | join(" ")')"
	for verb in ls 'show new' 'peek new'; do
		# shellcheck disable=SC2086
		exits 2 tutti queue $verb --tenant other
		says "of all tenants"
	done
}
