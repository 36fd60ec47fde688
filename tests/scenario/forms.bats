#!/usr/bin/env bats
# One suite for every form a plugin can have, over the same plugins in C, Python
# and JavaScript (tests/conformance). FORM: in-process, isolated, process,
# python or node.

load common

: "${FORM:=in-process}"
CONFORMANCE=$BUILD/tests/conformance

setup_file() {
	if [ "${FORM:=in-process}" = node ]; then
		"$SOURCE/tests/node-deps.sh" "$BUILD" >&2
	fi
}

# entry [KEY: VALUE]...: the plugins of this form, with more keys. What only a
# process can have is said with processes().
entry() {
	case $FORM in
	in-process) printf '  - path: %s\n' "$CONFORMANCE/conformance.so" ;;
	isolated) printf '  - path: %s\n    form: isolated\n' \
		"$CONFORMANCE/conformance.so" ;;
	process) printf '  - exec: [%s]\n' "$CONFORMANCE/conformance_plugin" ;;
	python) printf '  - exec: [/usr/bin/python3, %s]\n    env: {PYTHONPATH: %s, PYTHONDONTWRITEBYTECODE: "1"}\n' \
		"$SOURCE/tests/conformance/conformance.py" "$SOURCE/sdk/python" ;;
	node) printf '  - exec: [node, %s]\n' "$CONFORMANCE/conformance.mjs" ;;
	*)
		echo "there is no form '$FORM'" >&2
		return 1
		;;
	esac
	if [ "$#" -gt 0 ]; then
		printf '    %s\n' "$@"
	fi
}

# processes KEY: VALUE...: said only where there are processes.
processes() {
	if [ "$FORM" != in-process ]; then
		printf '    %s\n' "$@"
	fi
}

# begin: the daemon, until the plugins are there, in N instances if given.
begin() {
	start_daemon tutti.yaml
	local instances=${1:-1}
	if [ "$FORM" = in-process ]; then
		instances=1
	fi
	wait_until registered "$instances"
}

registered() {
	tutti -c tutti.yaml plugins -o json 2>/dev/null |
		jq -e --argjson n "$1" 'any(.plugins[]; .name == "unicode" and
			.state == "ready" and
			([.instances[] | select(.state == "ready")] | length) >= $n)' \
			>/dev/null 2>&1
}

# run CODE WORKFLOW [ARG...]: to its end; the workflow's name is its uid.
run_to_end() {
	local code=$1 workflow=$2
	shift 2
	exits "$code" tutti -c tutti.yaml start "$workflow" --uid "$workflow" \
		--wait "$@"
}

# task RUN FILTER: jq over the first parallel task.
task() {
	show "$1" ".activities[0].parallel.tasks[0] | $2"
}

task_is() {
	[ "$(task "$1" "$2" 2>/dev/null)" = "$3" ]
}

@test "what a task is handed" {
	{
		echo "plugins:"
		entry 'config: {greeting: grüezi}'
		cat <<-'YAML'
			activities:
			  A:
			    pre: [{plugin: echoes, as: one}]
			    parallel: [{plugin: echoes, as: two, with: {all: '${{ attributes }}', n: 1, list: [a, null, 1.5]}}]
			    post: [{plugin: echoes, as: 'drei 3'}]
			workflows: {w: [A]}
		YAML
	} >tutti.yaml
	echo '{"kind": "x", "deep": {"list": [1, -2, "ü", null, true, {"e": {}}]}, "f": 2.5}' >attrs.json
	begin
	run_to_end 0 w --attrs attrs.json --input '{"in": ["put", 7]}'
	tutti show w -o json | jq -S '.outputs.A.two' >got.json
	jq -S '{attributes: ., input: {in: ["put", 7]}, with: {all: ., n: 1, list: ["a", null, 1.5]},
		uid: "w", workflow: "w", activity: "A", phase: "parallel", name: "two",
		attempt: 1, wakes: 0, greeting: "grüezi"}' attrs.json >want.json
	diff want.json got.json
	equal phases "pre parallel post" \
		"$(show w '.outputs.A | "\(.one.phase) \(.two.phase) \(.["drei 3"].phase)"')"
	equal "no with" '{}' "$(show w '.outputs.A.one.with | tojson')"
	equal states "succeeded succeeded succeeded" \
		"$(show w '[.activities[0][("pre", "parallel", "post")].tasks[].state] | join(" ")')"
	equal attempts "1 1 1" \
		"$(show w '[.activities[0][("pre", "parallel", "post")].tasks[].attempt] | join(" ")')"
}

@test "who takes part: filters, orders, optional ones" {
	{
		echo "plugins:"
		entry
		cat <<-'YAML'
			activities: [Filtered, Ordered, Optional]
			workflows: {f: [Filtered], o: [Ordered], opt: [Optional]}
		YAML
	} >tutti.yaml
	begin
	exits 0 tutti -c tutti.yaml start f --uid a --attr kind=a --wait
	equal "in" '{"Filtered":{"filtered":"filtered"}}' "$(show a '.outputs | tojson')"
	exits 0 tutti -c tutti.yaml start f --uid b --attr kind=b --wait
	equal "out" "0 tasks, 1 filtered" \
		"$(show b '.activities[0].parallel | "\(.tasks | length) tasks, \(.filtered) filtered"')"
	run_to_end 0 o
	equal order '["order-b","order-a"]' "$(show o '.stash.list | tojson')"
	equal tasks "order-b order-a" \
		"$(show o '[.activities[0].pre.tasks[].name] | join(" ")')"
	run_to_end 0 opt
	equal optional "degraded failed not today" \
		"$(show opt '"\(.state) \(.activities[0].parallel.tasks[0] | "\(.state) \(.message)")"')"
}

@test "failures and their messages" {
	{
		echo "plugins:"
		entry
		cat <<-'YAML'
			activities:
			  A: {parallel: [{plugin: fails}], post: [{plugin: echoes}]}
			  B: {parallel: [{plugin: retryable}]}
			workflows: {a: [A], b: [B]}
		YAML
	} >tutti.yaml
	begin
	run_to_end 1 a
	equal a "failed plugin_failed no such house 1" \
		"$(task a '"\(.state) \(.reason) \(.message) \(.attempt)"')"
	equal "post" 0 "$(show a '.activities[0].post.tasks | length')"
	run_to_end 1 b
	equal b "failed plugin_failed busy 1" \
		"$(task b '"\(.state) \(.reason) \(.message) \(.attempt)"')"
}

@test "progress can be watched, and a cancelled task is told" {
	{
		echo "plugins:"
		entry
		cat <<-'YAML'
			activities:
			  P: {parallel: [{plugin: progresses}]}
			  C: {parallel: [{plugin: cancellable}]}
			workflows: {p: [P], c: [C]}
		YAML
	} >tutti.yaml
	begin
	exits 0 tutti -c tutti.yaml start p --uid p --attr "gate=$WORK/gate"
	wait_until task_is p '.progress | "\(.fraction) \(.note)"' "0.5 half"
	equal state running "$(task p .state)"
	touch gate
	wait_until state_is p succeeded
	exits 0 tutti -c tutti.yaml start c --uid c
	wait_until task_is c .state running
	exits 0 tutti -c tutti.yaml cancel c
	wait_until state_is c cancelled
	equal c "cancelled stopped 1" "$(task c '"\(.state) \(.message) \(.attempt)"')"
}

@test "a task that does not stop is left behind, and the plugin goes on" {
	{
		echo "grace: 300ms"
		echo "plugins:"
		entry
		cat <<-'YAML'
			activities:
			  S: {parallel: [{plugin: stubborn}]}
			  E: {parallel: [{plugin: echoes}]}
			workflows: {s: [S], e: [E]}
		YAML
	} >tutti.yaml
	begin
	exits 0 tutti -c tutti.yaml start s --uid s --attr "gate=$WORK/gate"
	wait_until task_is s .state running
	exits 0 tutti -c tutti.yaml cancel s
	wait_until state_is s cancelled
	run_to_end 0 e
	touch gate
	exits 0 tutti -c tutti.yaml start e --uid after --wait
	equal state cancelled "$(show s .state)"
}

@test "deadlines: looked at by the plugin, and not" {
	{
		echo "grace: 300ms"
		echo "plugins:"
		entry
		cat <<-'YAML'
			activities:
			  D: {parallel: [{plugin: deadline, timeout: 200ms}]}
			  S: {parallel: [{plugin: stubborn, timeout: 200ms}]}
			workflows: {d: [D], s: [S]}
		YAML
	} >tutti.yaml
	begin
	run_to_end 1 d
	equal d "failed deadline out of time" "$(task d '"\(.state) \(.reason) \(.message)"')"
	run_to_end 1 s --attr "gate=$WORK/gate"
	equal s "failed abandoned" "$(task s '"\(.state) \(.reason)"')"
	touch gate
}

@test "parked tasks come again; late and double completions" {
	{
		echo "plugins:"
		entry
		cat <<-'YAML'
			activities:
			  P: {parallel: [{plugin: parks}]}
			  L: {pre: [{plugin: late-finish}], parallel: [{plugin: late-finish, as: again}]}
			  T: {parallel: [{plugin: twice}]}
			workflows: {p: [P], l: [L], t: [T]}
		YAML
	} >tutti.yaml
	begin
	run_to_end 0 p
	equal parks '{"wakes":1} 1 1' "$(task p '"\(.output | tojson) \(.attempt) \(.wakes)"')"
	run_to_end 0 l
	equal late '{"L":{"again":{"late":true},"late-finish":{"late":true}}}' \
		"$(tutti show l -o json | jq -Sc .outputs)"
	run_to_end 0 t
	equal twice '{"finish":1}' "$(task t '.output | tojson')"
	wait_until logged twice "second finish: stale"
}

# logged PLUGIN TEXT
logged() {
	tutti logs --plugin "$1" 2>/dev/null | grep -q -F -- "$2"
}

@test "lines of the log" {
	{
		echo "plugins:"
		entry
		echo 'activities: {A: {parallel: [{plugin: logs}]}}'
	} >tutti.yaml
	begin
	run_to_end 0 default
	wait_until logged logs "a line of the plugin"
	wait_until logged logs "a line of the task"
	tutti logs --run default 2>/dev/null >lines
	grep -q "a line of the task" lines
	no grep -q "a line of the plugin" lines
	no logged echoes "a line of the task"
}

@test "big outputs and every kind of text" {
	{
		echo "plugins:"
		entry
		echo 'activities: {A: {pre: [{plugin: unicode}], parallel: [{plugin: big}]}}'
	} >tutti.yaml
	begin
	run_to_end 0 default
	equal length 1048576 "$(task default '.output.text | length')"
	equal text "Grüße, 世界 🙂" "$(show default .outputs.A.unicode.text)"
	equal stash "Grüße, 世界 🙂" "$(show default .stash.text)"
	equal "bytes of the message" 1023 \
		"$(show default '.activities[0].pre.tasks[0].message | utf8bytelength')"
}

@test "a wide phase over several instances: each member once" {
	{
		echo "plugins:"
		entry
		processes "instances: 3"
		echo "activities:"
		echo "  A:"
		echo "    parallel:"
		for i in $(seq 40); do
			echo "      - {plugin: echoes, as: e$i, with: {n: $i}}"
		done
	} >tutti.yaml
	begin 3
	run_to_end 0 default
	equal members "$(seq 40 | paste -sd' ')" \
		"$(show default '[.outputs.A[].with.n] | sort | join(" ")')"
	equal attempts 1 "$(show default '[.activities[0].parallel.tasks[].attempt] | unique | join(" ")')"
	if [ "$FORM" != in-process ]; then
		equal "instances that took part" 3 \
			"$(show default '[.activities[0].parallel.tasks[].instance] | unique | length')"
	fi
}

@test "a crash costs one attempt" {
	if [ "$FORM" = in-process ]; then
		skip "it would be the daemon's"
	fi
	{
		echo "plugins:"
		entry
		processes "restart: {delay: 50ms}"
		echo 'activities: {A: {parallel: [{plugin: crashes}]}}'
	} >tutti.yaml
	begin
	run_to_end 0 default
	equal crashed "succeeded 2" "$(task default '"\(.state) \(.attempt)"')"
	exits 0 tutti history default
	says instance_lost
	says SIGSEGV
}

# processes of the daemon that are still there
left() {
	grep -lz "^TUTTI_BUS=$WORK/" /proc/[0-9]*/environ 2>/dev/null
}

none_left() {
	[ -z "$(left)" ]
}

@test "no process outlives the daemon" {
	{
		echo "plugins:"
		entry
		processes "instances: 2"
		cat <<-'YAML'
			activities: {S: {parallel: [{plugin: stubborn}]}}
			grace: 300ms
		YAML
	} >tutti.yaml
	begin 2
	if [ "$FORM" != in-process ]; then
		equal processes 2 "$(left | wc -l)"
	fi
	stop_daemon TERM
	wait_until none_left
	begin 2
	exits 0 tutti -c tutti.yaml start default --uid s --attr "gate=$WORK/gate"
	wait_until task_is s .state running
	stop_daemon KILL
	wait_until none_left
	touch gate
}
