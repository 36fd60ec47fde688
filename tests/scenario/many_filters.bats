#!/usr/bin/env bats
# As many filters in one phase as a phase may have: who takes part is exact,
# and everything that shows, stores or restores the definition goes on working.
# MANY: fewer of them, for builds that are slow.

load common

MANY=${MANY:-100000}
EVERY=$((MANY / 50)) # every so many match

# A phase whose tasks t000000, t000001, ... take part by key and size; those of
# one key are 50.
prepare() {
	awk -v many="$MANY" -v every="$EVERY" 'BEGIN {
		print "activities:"
		print "  A:"
		print "    parallel:"
		for (i = 0; i < many; i++) {
			printf "      - {plugin: echo, as: t%06d, filter: {key: [k%d, \"%d\"], size: [{numeric: [\">=\", %d]}]}}\n",
				i, i % every, i, i % 7
		}
		print "  B: {pre: [{plugin: wait, with: {duration: \"${{ attributes.pause }}\"}}]}"
	}' >tutti.yaml
	# Those who only ask need only know where the store is.
	echo 'activities: [A]' >client.yaml
	awk -v many="$MANY" -v every="$EVERY" 'BEGIN {
		for (i = 7; i < many; i += every) {
			printf "t%06d\n", i
		}
	}' >expected
}

# exact UID: the 50, all done, and no others.
exact() {
	tutti -c "${CONFIG:-client.yaml}" show "$1" -o json >shown.json
	jq -r '.activities[0].parallel.tasks[] | select(.state == "succeeded").name' shown.json | sort >names
	cmp expected names
	equal counts "50 50 $((MANY - 50))" \
		"$(jq -r '.activities[0].parallel | [.expected, .finished, .filtered] | join(" ")' shown.json)"
}

@test "run: the 50 of so many filters that match, and no others" {
	equal lines 50 "$(wc -l <expected)"
	exits 0 tutti run tutti.yaml --uid all --attr key=k7 --attr size=6 --attr pause=1ms
	exact all
}

# state_of UID: without its definition, which takes a while to read.
state_of() {
	tutti -c client.yaml ls -o json | jq -r --arg uid "$1" '.[] | select(.uid == $uid).state'
}

serve() {
	tutti serve -c tutti.yaml >>daemon.log 2>&1 3>&- &
	DAEMON=$!
	CONFIG=client.yaml
	wait_until daemon_answers
}

@test "serve and start: the same, also after a restart in the middle" {
	serve
	exits 0 tutti -c client.yaml start default --uid all --attr key=k7 --attr size=6 --attr pause=1h
	waits() { [ "$(state_of all)" = waiting ]; }
	wait_until waits
	exact all
	stop_daemon TERM
	serve
	equal state waiting "$(state_of all)"
	local version
	version=$(jq -r .version shown.json)
	# Of those 50, the ones that are content with the size.
	exits 0 tutti -c client.yaml start default --uid few --attr key=k7 --attr size=3 --attr pause=1ms --wait
	awk '{ n = substr($1, 2) + 0; if (n % 7 <= 3) print }' expected >fewer
	tutti -c client.yaml show few -o json >shown.json
	jq -r '.activities[0].parallel.tasks[].name' shown.json | sort >names
	cmp fewer names
	equal version "$version" "$(jq -r .version shown.json)"
	exits 0 tutti -c client.yaml cancel all
	cancelled() { [ "$(state_of all)" = cancelled ]; }
	wait_until cancelled
}

@test "a thousand plugins by their own filters" {
	awk 'BEGIN { for (a = 0; a < 5; a++) for (b = 0; b < 10; b++) print "m" a b 7 }' >expected
	MANY=1000
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/thousand.so]
		activities: [A]
	YAML
	exits 0 tutti run tutti.yaml --uid own --attr key=k7 --attr n=4
	exact own
	# Bound ones count once, and go by the plugin's filter or by their own.
	cat >tutti.yaml <<-YAML
		plugins: [$MODULES/thousand.so]
		activities: {A: {parallel: [m007, m008, {plugin: m449, as: mine, filter: {n: [4]}}]}}
	YAML
	exits 0 tutti run tutti.yaml --uid bound --attr key=k7 --attr n=4
	echo mine >>expected
	sort -o expected expected
	tutti show bound -o json | jq -r '.activities[0].parallel.tasks[].name' | sort >names
	cmp expected names
	equal filtered 949 "$(show bound '.activities[0].parallel.filtered')"
}
