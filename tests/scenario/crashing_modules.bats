#!/usr/bin/env bats
# A plugin in this process that crashes takes the daemon with it: it is named,
# and after the second time it is kept out.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/worker.so]
		activities:
		  A: {parallel: [worker, {plugin: wait, with: {duration: 1h}}]}
		  B: {parallel: [worker]}
		workflows:
		  a: {activities: [A]}
		  b: {activities: [B]}
	YAML
}

daemon_gone() {
	! kill -0 "$DAEMON" 2>/dev/null
}

crash_it() {
	tutti serve -c tutti.yaml >>daemon.log 2>&1 3>&- &
	DAEMON=$!
	until daemon_gone; do sleep 0.02; done
	DAEMON=
}

@test "two crashes, then quarantine; released it works again" {
	start_daemon tutti.yaml
	tutti -c tutti.yaml start b --uid victim --attr crash=always >/dev/null 2>&1 || true
	until daemon_gone; do sleep 0.02; done
	DAEMON=
	crash_it
	start_daemon tutti.yaml
	grep -q "signal 11 (SIGSEGV).*plugin 'worker'\|plugin=worker.*signal 11" daemon.log
	wait_until state_is victim failed
	equal reason quarantined "$(show victim '.activities[0].parallel.tasks[0].reason')"
	exits 0 tutti history victim
	says "SIGSEGV"
	equal state quarantined "$(plugin worker .state)"
	equal crashes 2 "$(plugin worker .crashes)"
	exits 1 tutti -c tutti.yaml start b --uid innocent --wait
	exits 0 tutti why innocent
	says "tutti plugins release worker"
	exits 0 tutti -c tutti.yaml plugins release worker
	exits 0 tutti -c tutti.yaml start b --uid later --wait
	exits 6 tutti -c tutti.yaml plugins release worker
}

@test "quarantine outlives a restart; a kill from outside is nobody's fault" {
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start b --uid one --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	stop_daemon KILL
	start_daemon tutti.yaml
	equal crashes 0 "$(plugin worker .crashes)"
	touch gate
	wait_until state_is one succeeded
	tutti -c tutti.yaml start b --uid two --attr crash=always >/dev/null 2>&1 || true
	until daemon_gone; do sleep 0.02; done
	DAEMON=
	crash_it
	start_daemon tutti.yaml
	equal state quarantined "$(plugin worker .state)"
	stop_daemon TERM
	start_daemon tutti.yaml
	equal state quarantined "$(plugin worker .state)"
}

@test "isolated after its quarantine it works" {
	sed -i 's/^plugins:.*/&\ncrash_limit: 1/' tutti.yaml
	start_daemon tutti.yaml
	tutti -c tutti.yaml start b --uid one --attr crash=always >/dev/null 2>&1 || true
	until daemon_gone; do sleep 0.02; done
	DAEMON=
	start_daemon tutti.yaml
	equal state quarantined "$(plugin worker .state)"
	sed -i "s|^plugins:.*|plugins: [{path: $MODULES/worker.so, form: isolated, name: w}]|" tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	exits 0 tutti -c tutti.yaml start b --uid two --wait
}
