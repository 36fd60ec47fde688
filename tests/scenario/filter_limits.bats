#!/usr/bin/env bats
# Filters that are wrong or beyond the limits of SNS are refused wherever they
# come from: the config, a module in either form, a program.

load common
load processes

FIVE='{a: [1], b: [1], c: [1], d: [1], e: [1]}'
SIX='{a: [1], b: [1], c: [1], d: [1], e: [1], f: [1]}'

prepare() {
	echo '{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}' >attrs.json
}

# bound LIMITS FILTER
bound() {
	cat >tutti.yaml <<-YAML
		filter_limits: $1
		activities:
		  A:
		    parallel:
		      - {plugin: echo, as: t,
		         filter: $2}
	YAML
}

# declared MODULE FORM [LIMITS]
declared() {
	cat >tutti.yaml <<-YAML
		filter_limits: ${3:-none}
		plugins: [{path: $MODULES/filtering_$1.so, form: $2}]
		activities: [A]
	YAML
}

@test "in the config: five keys are fine, six are not, with the place" {
	for limits in sns-attributes sns-body; do
		bound "$limits" "$FIVE"
		exits 0 tutti run tutti.yaml --uid "$limits" --attrs attrs.json
		equal tasks 1 "$(show "$limits" '.activities[0].parallel.expected')"
		bound "$limits" "$SIX"
		exits 2 tutti run tutti.yaml --uid no
		says "tutti.yaml:6:18: error: "
		says "  6 |          filter: $SIX"
		says "    |                  ^"
	done
}

@test "in the config: what is nested is only for the body" {
	bound sns-body '{a: {b: [1]}}'
	exits 0 tutti run tutti.yaml --uid yes
	bound sns-attributes '{a: {b: [1]}}'
	exits 2 tutti run tutti.yaml --uid no
	says "tutti.yaml:6:18: error: "
}

@test "without limits six keys are fine" {
	bound none "$SIX"
	exits 0 tutti run tutti.yaml --uid yes --attrs attrs.json
	equal tasks 1 "$(show yes '.activities[0].parallel.expected')"
	for form in in-process isolated; do
		declared six_keys "$form"
		exits 0 tutti run tutti.yaml --uid "$form" --attrs attrs.json
		equal tasks 1 "$(show "$form" '.activities[0].parallel.expected')"
	done
}

@test "another word is a mistake, and the config says what counts" {
	bound sns "$FIVE"
	exits 2 tutti run tutti.yaml
	says "tutti.yaml:1:16: error: "
	bound sns-body "$FIVE"
	exits 0 tutti config show tutti.yaml
	says "filter_limits: sns-body"
}

@test "a module's own filter: the entry, the plugin and the subscription are named" {
	for form in in-process isolated; do
		declared five_keys "$form" sns-attributes
		exits 0 tutti run tutti.yaml --uid "$form" --attrs attrs.json
		equal tasks 1 "$(show "$form" '.activities[0].parallel.expected')"
		declared six_keys "$form" sns-attributes
		exits 2 tutti run tutti.yaml --uid no
		says "tutti.yaml:2:11: error: plugin 'filtering': the subscription to 'A': "
	done
}

@test "a module's own filter that is no filter is no filter that matches all" {
	for form in in-process isolated; do
		declared no_json "$form"
		exits 2 tutti run tutti.yaml --uid no
		says "'A': "
		says "line 1, column "
		declared no_list "$form"
		exits 2 tutti run tutti.yaml --uid no
		says "plugin 'filtering': the subscription to 'A': filter.kind: "
	done
}

@test "a reload that brings such a filter changes nothing" {
	declared five_keys in-process sns-body
	cp "$MODULES/filtering_five_keys.so" module.so
	sed -i "s|path: [^,]*|path: $WORK/module.so|" tutti.yaml
	start_daemon tutti.yaml
	for wrong in six_keys no_json no_list; do
		cat "$MODULES/filtering_$wrong.so" >module.so
		exits 2 tutti -c tutti.yaml reload
		says "nothing was changed"
		says "plugin 'filtering'"
		says "'A': "
		exits 0 tutti -c tutti.yaml start default --uid "$wrong" --wait --attrs attrs.json
		equal "the old one" 1 "$(show "$wrong" '.activities[0].parallel.expected')"
	done
	# Limits that what is loaded does not keep within.
	cat "$MODULES/filtering_six_keys.so" >module.so
	sed -i 's/sns-body/none/' tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	sed -i 's/limits: none/limits: sns-body/' tutti.yaml
	exits 2 tutti -c tutti.yaml reload
	says "tutti.yaml:2:11: error: plugin 'filtering': the subscription to 'A': "
}

@test "a program's own filter: its hello is refused" {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		filter_limits: sns-attributes
		activities: [A]
	YAML
	start_daemon tutti.yaml
	export TUTTI_BUS=$WORK/.tutti/bus.json
	exits 78 timeout 30 "$MODULES/filtering_six_keys"
	says "plugin 'filtering': the subscription to 'A': "
	"$MODULES/filtering_five_keys" >program.log 2>&1 </dev/null 3>&- &
	wait_until plugin_is filtering ready
	kill $!
}

# with LIMITS [CRASHES]: a config for a program that is started by hand.
with() {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		filter_limits: $1
		crash_limit: ${2:-2}
		activities: [A]
	YAML
}

@test "a reload that changes only limits takes them over and says so" {
	with none
	start_daemon tutti.yaml
	with sns-attributes
	exits 0 tutti -c tutti.yaml reload --dry-run
	says "filter_limits: would be none -> sns-attributes"
	exits 0 tutti -c tutti.yaml reload
	says "filter_limits: none -> sns-attributes"
	no grep crash_limit <<<"$output"
	export TUTTI_BUS=$WORK/.tutti/bus.json
	exits 78 timeout 30 "$MODULES/filtering_six_keys"
	with sns-attributes 3
	exits 0 tutti -c tutti.yaml reload -o json
	equal changed '[{"entry":"crash_limit","what":"2 -> 3"}]' "$(jq -c .changed <<<"$output")"
	equal notes '[]' "$(jq -c .notes <<<"$output")"
	exits 6 tutti -c tutti.yaml reload
	with sns-body 4
	sed -i 's/\[A\]/[A, B]/' tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	says "filter_limits: sns-attributes -> sns-body"
	says "crash_limit: 3 -> 4"
	says "tutti.yaml: workflows"
}

@test "programs beyond new limits keep what they have, and the reload names them" {
	with none
	start_daemon tutti.yaml
	export TUTTI_BUS=$WORK/.tutti/bus.json
	"$MODULES/filtering_six_keys" >program.log 2>&1 </dev/null 3>&- &
	local program=$!
	wait_until plugin_is filtering ready
	with sns-attributes
	exits 0 tutti -c tutti.yaml reload --dry-run
	says "plugin 'filtering': the subscription to 'A': "
	tutti -c tutti.yaml reload >out 2>notes
	equal out "filter_limits: none -> sns-attributes" "$(head -1 out)"
	grep -q "plugin 'filtering': the subscription to 'A': .* stays until it says hello again" notes
	exits 0 tutti -c tutti.yaml start default --uid kept --wait --attrs attrs.json
	equal kept 1 "$(show kept '.activities[0].parallel.expected')"
	kill "$program"
	wait "$program" || true
	exits 78 timeout 30 "$MODULES/filtering_six_keys"
	# By a signal: in the log.
	with sns-body
	kill -HUP "$DAEMON"
	wait_until grep -q "level=warn .*reload: plugin 'filtering': the subscription" daemon.log
}

@test "beyond new limits the config's overrides still count" {
	cat >tutti.yaml <<-YAML
		plugins: [{exec: [$MODULES/filtering_six_keys], name: own}]
		activities: [A]
	YAML
	start_daemon tutti.yaml
	wait_until plugin_is filtering ready
	sed -i 's/name: own/&, overrides: {A: {order: 7}}/' tutti.yaml
	echo "filter_limits: sns-attributes" >>tutti.yaml
	exits 0 tutti -c tutti.yaml reload
	says "own: overrides"
	says "filter_limits: none -> sns-attributes"
	exits 0 tutti explain -o json
	equal order 7 "$(jq '.activities[0].parallel[0].order' <<<"$output")"
}
