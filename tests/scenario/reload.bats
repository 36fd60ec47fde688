#!/usr/bin/env bats
# A changed config, changed modules and programs, while runs go on.

load common
load processes

prepare() {
	CALLS=$WORK/calls
	: >"$CALLS"
	cp "$MODULES/worker.so" module.so
}

inside() {
	cat >tutti.yaml <<-YAML
		plugins: [$WORK/module.so]
		activities: {A: {parallel: [worker]}}
	YAML
}

@test "in this process: the task in hand ends on the old code, the next runs the new" {
	inside
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid old --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	# In place, as cp does it: running code must not notice.
	cat "$MODULES/worker_v2.so" >module.so
	exits 0 tutti -c tutti.yaml reload
	says replaced
	equal version 2 "$(plugin worker .version)"
	exits 0 tutti -c tutti.yaml start default --uid new --wait
	equal "new code" 2 "$(show new .outputs.A.worker.version)"
	equal "still running" running "$(show old .state)"
	touch gate
	wait_until state_is old succeeded
	equal "old code" 1 "$(show old .outputs.A.worker.version)"
	equal hash "$(sha256sum module.so | cut -d' ' -f1)" "$(plugin worker .hash)"
	exits 6 tutti -c tutti.yaml reload
}

@test "isolated: the same" {
	cat >tutti.yaml <<-YAML
		plugins: [{path: $WORK/module.so, form: isolated}]
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	exits 0 tutti -c tutti.yaml start default --uid old --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	local old_pid
	old_pid=$(plugin worker '.instances[0].pid')
	cat "$MODULES/worker_v2.so" >module.so
	exits 0 tutti -c tutti.yaml reload
	says replaced
	new_code() {
		[ "$(plugin worker "[.instances[] | select(.state == \"ready\" and .pid != $old_pid)] | length")" = 1 ] &&
			[ "$(plugin worker .version)" = 2 ]
	}
	wait_until new_code
	exits 0 tutti -c tutti.yaml start default --uid new --wait
	equal "new code" 2 "$(show new .outputs.A.worker.version)"
	touch gate
	wait_until state_is old succeeded
	equal "old code" 1 "$(show old .outputs.A.worker.version)"
	equal attempt 1 "$(show old '.activities[0].parallel.tasks[0].attempt')"
	one_left() {
		[ "$(plugin worker '.instances | length')" = 1 ]
	}
	wait_until one_left
}

@test "a program: the same" {
	cp "$WORKER" program
	cat >tutti.yaml <<-YAML
		plugins: [{exec: [$WORK/program], name: worker}]
		activities: {A: {parallel: [worker]}}
	YAML
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	cp "${WORKER}_v2" program.new
	mv program.new program
	exits 0 tutti -c tutti.yaml reload
	new_code() {
		[ "$(plugin worker .version)" = 2 ]
	}
	wait_until new_code
	exits 0 tutti -c tutti.yaml start default --uid new --wait
	equal "new code" 2 "$(show new .outputs.A.worker.version)"
}

@test "a bad config or module changes nothing" {
	inside
	start_daemon tutti.yaml
	cp tutti.yaml good.yaml
	echo 'activitees: {}' >>tutti.yaml
	exits 2 tutti -c tutti.yaml --to .tutti/control.sock reload || exits 2 tutti --store .tutti -c good.yaml reload
	says activit
	cp good.yaml tutti.yaml
	echo 'not a module' >module.so
	exits 2 tutti -c tutti.yaml reload
	says module.so
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	equal "old code" 1 "$(show one .outputs.A.worker.version)"
}

@test "workflows and modules come and go; active runs keep their definition" {
	inside
	start_daemon tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid old --attr gate="$WORK/gate"
	wait_until calls '^begin' 1
	cat >tutti.yaml <<-YAML
		plugins: [$WORK/module.so, $MODULES/recorder.so]
		activities: {A: {parallel: [worker]}, B: {post: [recorder]}}
		workflows: {second: {activities: [B]}}
	YAML
	exits 0 tutti -c tutti.yaml reload
	says added
	RECORD_FILE=$WORK/record exits 0 tutti -c tutti.yaml start second --uid new --wait
	exits 3 tutti -c tutti.yaml start default --uid none
	touch gate
	wait_until state_is old succeeded
	inside
	kill -HUP "$DAEMON"
	back() {
		tutti -c tutti.yaml start default --uid back >/dev/null 2>&1
	}
	wait_until back
	equal "gone" "" "$(plugin recorder .name)"
}

@test "a hundred active runs: one module replaced, one plugin removed, one process killed" {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		lease: 2s
		plugins:
		  - {path: $WORK/module.so, form: in-process}
		  - {exec: [$WORKER], name: killed, instances: 2, env: {PLUGIN_NAME: killed}, restart: {delay: 20ms, deaths: 50}}
		activities:
		  A: {parallel: [worker, killed, {plugin: removed, mandatory: false}]}
	YAML
	start_daemon tutti.yaml
	wait_until ready killed 2
	TUTTI_BUS=$WORK/.tutti/bus.json PLUGIN_NAME=removed "$WORKER" >removed.log 2>&1 </dev/null 3>&- &
	wait_until plugin_is removed ready
	for i in $(seq 100); do
		tutti -c tutti.yaml start default --uid "r$i" --attr gate="$WORK/gate" >/dev/null
	done
	cat "$MODULES/worker_v2.so" >module.so
	exits 0 tutti -c tutti.yaml reload
	kill -9 "$(pids_of killed | head -1)"
	exits 0 tutti -c tutti.yaml plugins remove removed
	touch gate
	wait_until all_ended 100
	equal "none failed" 0 "$(tutti ls --state failed --count)"
	equal "versions" "1 2" "$(for i in $(seq 100); do show "r$i" .outputs.A.worker.version; done | sort -u | paste -sd' ')"
}

@test "again and again while tasks go to and fro: none is lost, none fails" {
	inside
	start_daemon tutti.yaml
	for i in $(seq 300); do
		tutti -c tutti.yaml start default --uid "r$i" --attr gate="$WORK/gate" --attr work_ms=3 >/dev/null
	done
	touch gate
	until all_ended 300; do
		cat "$MODULES/worker_v2.so" >module.so
		exits 0 tutti -c tutti.yaml reload
		cat "$MODULES/worker.so" >module.so
		exits 0 tutti -c tutti.yaml reload
	done
	equal succeeded 300 "$(tutti ls --state succeeded --count)"
}

@test "another form: what waits is done by the new one" {
	one() {
		cat >tutti.yaml <<-YAML
			plugins: [{path: $WORK/module.so, name: w, max_tasks: 1$1}]
			activities: {A: {parallel: [worker]}}
		YAML
	}
	one ""
	start_daemon tutti.yaml
	for i in 1 2 3; do
		tutti -c tutti.yaml start default --uid "r$i" --attr gate="$WORK/gate" >/dev/null
	done
	wait_until calls '^begin' 1
	one ", form: isolated"
	exits 0 tutti -c tutti.yaml reload
	wait_until calls '^begin' 2
	one ""
	exits 0 tutti -c tutti.yaml reload
	wait_until calls '^begin' 3
	touch gate
	wait_until all_ended 3
	equal succeeded 3 "$(tutti ls --state succeeded --count)"
	equal "begun once each" 3 "$(grep -c '^begin' "$CALLS")"
}

@test "an entry with another name keeps its plugins" {
	one() {
		cat >tutti.yaml <<-YAML
			plugins: [{exec: [$WORKER], name: $1, env: {PLUGIN_TASKS: "1"}}]
			activities: {A: {parallel: [worker]}}
		YAML
	}
	one before
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	for i in 1 2; do
		tutti -c tutti.yaml start default --uid "r$i" --attr gate="$WORK/gate" >/dev/null
	done
	wait_until calls '^begin' 1
	one after
	exits 0 tutti -c tutti.yaml reload
	wait_until calls '^begin' 2
	touch gate
	wait_until all_ended 2
	equal succeeded 2 "$(tutti ls --state succeeded --count)"
	equal entry after "$(plugin worker .entry)"
}

@test "new code without a plugin that is bound is refused, of one that is not it ends" {
	inside
	start_daemon tutti.yaml
	cp "$MODULES/recorder.so" module.new
	mv module.new module.so
	exits 2 tutti -c tutti.yaml reload
	says "no module provides a plugin 'worker'"
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	rm module.so
	exits 2 tutti -c tutti.yaml reload
	says module.so
	stop_daemon TERM
	cp "$MODULES/worker.so" module.so
	cat >tutti.yaml <<-YAML
		plugins: [{path: $WORK/module.so, form: isolated}]
		activities: {Offer: {}}
	YAML
	start_daemon tutti.yaml
	wait_until plugin_is worker ready
	cp "$MODULES/recorder.so" module.new
	mv module.new module.so
	RECORD_FILE=$WORK/record exits 0 tutti -c tutti.yaml reload
	equal "gone" "" "$(plugin worker .name)"
	exits 0 tutti -c tutti.yaml start default --uid two --attr offer=true --wait
}

@test "of several modules all are replaced, or none" {
	cp "$MODULES/recorder.so" second.so
	cat >tutti.yaml <<-YAML
		plugins: [$WORK/module.so, $WORK/second.so]
		activities: {A: {parallel: [worker]}}
	YAML
	export RECORD_FILE=$WORK/record
	start_daemon tutti.yaml
	cat "$MODULES/worker_v2.so" >module.so
	cat "$MODULES/init_fails.so" >second.so
	exits 2 tutti -c tutti.yaml reload
	equal version 1 "$(plugin worker .version)"
	exits 0 tutti -c tutti.yaml start default --uid one --wait
	equal "old code" 1 "$(show one .outputs.A.worker.version)"
}

@test "a program that never registers does not pile up" {
	printf '#!/bin/sh\nexec sleep 1000\n' >slow.sh
	chmod +x slow.sh
	cat >tutti.yaml <<-YAML
		plugins: [{exec: [./slow.sh]}]
		activities: {A: {}}
	YAML
	start_daemon tutti.yaml
	for i in 1 2 3 4 5; do
		echo "# $i" >>slow.sh
		exits 0 tutti -c tutti.yaml reload
	done
	one_left() {
		[ "$(process slow.sh .actual)" = 1 ]
	}
	wait_until one_left
}
