#!/usr/bin/env bats
# Attempts: as often as the config says, as late as it says, and told.

load common

# config RETRY [MORE]: one activity with the task `job`.
config() {
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/flaky.so]
		grace: 300ms
		activities:
		  A:
		    parallel:
		      - plugin: flaky
		        as: job
		        ${2:-}
		        with: {file: $WORK/calls, times: '\${{ attributes.times }}', how: '\${{ attributes.how }}'}
		        retry: $1
	YAML
}

# start UID TIMES HOW [ARG...]
start() {
	local uid=$1 times=$2 how=$3
	shift 3
	tutti -c tutti.yaml start --uid "$uid" --attr "times=$times" --attr "how=$how" "$@"
}

task() {
	show "$1" ".activities[0].parallel.tasks[0] | $2"
}

calls() {
	wc -l <calls
}

# gaps: milliseconds between a failure and the delivery that follows it.
gaps() {
	tutti history "$1" -o jsonl | python3 -c '
import datetime, json, sys
rows = [json.loads(line) for line in sys.stdin]
at = None
for row in rows:
    if row["task"] != "job":
        continue
    time = datetime.datetime.fromisoformat(row["time"].replace("Z", "+00:00"))
    if row["to"] == "retrying":
        at = time
    elif at and row["to"] == "running":
        print(int((time - at).total_seconds() * 1000))
        at = None
'
}

@test "fifty failures that may pass, and then success" {
	config '{attempts: 60, backoff: 1ms, factor: 1}'
	start_daemon tutti.yaml
	exits 0 start u 50 retryable --wait
	equal calls 51 "$(calls)"
	equal task "succeeded 51 50 60" "$(task u '"\(.state) \(.attempt) \(.failures) \(.attempts_allowed)"')"
	equal output 51 "$(task u .output.calls)"
	equal "attempts in the history" 50 "$(tutti history u -o jsonl | jq -r 'select(.to == "retrying") | .message' | sort -u | wc -l)"
	exits 0 tutti why u A/job
	says "succeeded"
}

@test "one failure too many: it says how often it was tried" {
	config '{attempts: 3, backoff: 1ms}'
	start_daemon tutti.yaml
	exits 1 start u 3 retryable --wait
	equal calls 3 "$(calls)"
	equal task "failed attempts_used_up 3 3 3" "$(task u '"\(.state) \(.reason) \(.attempt) \(.failures) \(.attempts_allowed)"')"
	exits 0 tutti why u
	says "attempt 3 of 3 failed: failure 3"
	exits 0 tutti show u
	says "tutti retry"
}

@test "a permanent failure is one at once" {
	config 60
	start_daemon tutti.yaml
	exits 1 start u 50 permanent --wait
	equal calls 1 "$(calls)"
	equal task "failed plugin_failed failure 1" "$(task u '"\(.state) \(.reason) \(.message)"')"
}

@test "without retry there is one attempt" {
	sed '/retry/d' <(config 2 && cat tutti.yaml) >once.yaml
	mv once.yaml tutti.yaml
	start_daemon tutti.yaml
	exits 1 start u 1 retryable --wait
	equal calls 1 "$(calls)"
	equal allowed 1 "$(task u .attempts_allowed)"
}

@test "the waits grow as configured, up to the longest" {
	config '{attempts: 6, backoff: 20ms, factor: 3, max: 200ms}'
	start_daemon tutti.yaml
	exits 0 start u 5 retryable --wait
	gaps u >found
	equal "how many" 5 "$(wc -l <found)"
	printf '%s\n' 20 60 180 200 200 | paste found - >pairs
	while read -r found least; do
		[ "$found" -ge "$least" ] || {
			cat pairs >&2
			return 1
		}
	done <pairs
}

@test "while it waits everybody says until when, and why" {
	config '{attempts: 4, backoff: 1h, max: 1d}'
	start_daemon tutti.yaml
	start u 9 retryable
	wait_until task_is u retrying
	equal task "backoff 1 1 4 failure 1" "$(task u '"\(.reason) \(.attempt) \(.failures) \(.attempts_allowed) \(.message)"')"
	equal next "$(task u .wake_at)" "$(task u .next_attempt_at)"
	equal run waiting "$(show u .state)"
	exits 0 tutti why u
	says "1 of 4 attempts has failed"
	says "plugin 'flaky' is called again at $(task u .next_attempt_at)"
	says "the last one: failure 1"
	exits 0 tutti show u
	says "retrying"
	exits 0 tutti history u
	says backoff
	exits 0 tutti -c tutti.yaml cancel u
	wait_until state_is u cancelled
	equal next null "$(task u .next_attempt_at)"
}

task_is() {
	[ "$(task "$1" .state 2>/dev/null)" = "$2" ]
}

@test "the time of the next attempt survives kill -9, and so does the count" {
	config '{attempts: 3, backoff: 2s}'
	start_daemon tutti.yaml
	start u 1 retryable
	wait_until task_is u retrying
	local next
	next=$(task u .next_attempt_at)
	stop_daemon KILL
	equal "next, seen without a daemon" "$next" "$(task u .next_attempt_at)"
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start --uid u --attr times=1 --attr how=retryable --wait
	equal task "succeeded 2 1" "$(task u '"\(.state) \(.attempt) \(.failures)"')"
	local began
	began=$(tutti history u -o jsonl | jq -rs 'map(select(.task == "job" and .to == "running")) | last | .time')
	[ ! "$began" '<' "$next" ]
}

@test "a process that dies counts as a failed attempt" {
	config '{attempts: 4, backoff: 1ms}'
	sed -i "s|plugins:.*|plugins: [{exec: [$MODULES/flaky], restart: {delay: 10ms, max: 10ms, deaths: 100, within: 1m}}]|" tutti.yaml
	start_daemon tutti.yaml
	exits 0 start u 2 crash --wait
	equal calls 3 "$(calls)"
	equal task "succeeded 3 2" "$(task u '"\(.state) \(.attempt) \(.failures)"')"
	rm calls
	exits 1 start v 9 crash --wait
	equal calls 4 "$(calls)"
	equal task "failed attempts_used_up 4" "$(task v '"\(.state) \(.reason) \(.failures)"')"
}

@test "an attempt that takes too long is followed by another one" {
	config '{attempts: 3, backoff: 1ms}' 'timeout: 100ms'
	start_daemon tutti.yaml
	exits 0 start u 1 hang --wait
	equal task "succeeded 2 1" "$(task u '"\(.state) \(.attempt) \(.failures)"')"
}
