#!/usr/bin/env bats
# All conformance cases of filters through every door of the engine: bound in a
# config, declared by a module, registered by a program.

load common
load processes

DOORS=$BATS_TEST_DIRNAME/filter_doors.py

prepare() {
	: "${SOURCE:?path of the sources}"
	export PYTHONPATH=$SOURCE/sdk/python PYTHONDONTWRITEBYTECODE=1
	export TUTTI_BUS=$WORK/.tutti/bus.json
}

# Debian's own: it has msgpack.
doors() {
	/usr/bin/python3 "$DOORS" "$@"
}

@test "who takes part is as the cases say, through each door" {
	doors config >tutti.yaml
	doors source >filters.c
	"${CC:-cc}" -shared -fPIC -I "$SOURCE/sdk/include" -o filters.so filters.c
	start_daemon tutti.yaml
	doors program >>program.log 2>&1 3>&- &
	local program=$!
	wait_until plugin_is program ready
	doors runs || {
		cat program.log daemon.log
		return 1
	}
	kill "$program"
	wait "$program" || true
}

@test "filters that are none, in a config: each is refused, with its place and path" {
	doors bad-config one.yaml two.yaml
	doors bad-check one.yaml two.yaml
}

@test "every filter that is wrong is told at once, each with its first mistake" {
	cat >tutti.yaml <<-YAML
		activities:
		  A:
		    parallel:
		      - {plugin: echo, filter: {x: 1, y: 2}}
		      - {plugin: echo, as: b, filter: {x: [{prefx: 1}], y: 2}}
	YAML
	exits 2 tutti config check tutti.yaml
	equal errors 2 "$(grep -c ': error: filter.x' <<<"$output")"
	equal "of them second mistakes" 0 "$(grep -c 'filter.y' <<<"$output" || true)"
}

@test "in a module's declaration, malformed texts among them" {
	doors bad-modules "$MODULES/filtered.so"
}

@test "from a program: the registration is refused with a readable sentence" {
	printf 'listen: tcp://127.0.0.1:0\nactivities: {A: {}}\n' >tutti.yaml
	start_daemon tutti.yaml
	doors bad-program
	equal plugins 0 "$(tutti plugins -o json | jq '[.plugins[] | select(.name == "bad")] | length')"
}

@test "the limits of SNS, when the config asks for them" {
	doors limits
	doors config >tutti.yaml
	sed -i 's/^listen:.*/filter_limits: sns-attributes/; s/^plugins:.*//' tutti.yaml
	exits 2 tutti config check tutti.yaml
	says "filter"
}
