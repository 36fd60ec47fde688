#!/usr/bin/env bats
# The power is cut: of what was not synced any part may be gone. What each level
# of durability keeps, and what it does not. CUTS is how often each.

load common

: "${CUTS:=3}"

prepare() {
	load disk
	mkdir records acked ended
}

# config LEVEL FORM
config() {
	cat >tutti.yaml <<-YAML
		durability: $1
		lease: 2s
		plugins: [{path: $MODULES/recorder.so, form: $2}]
		activities:
		  A:
		    pre:
		      - {plugin: recorder, as: t1, with: {file: '\${{ input }}', output: 1}}
		      - {plugin: recorder, as: t2, with: {file: '\${{ input }}', patch: {seen: t2}}}
		    parallel:
		      - {plugin: recorder, as: t3, with: {file: '\${{ input }}', sleep_ms: 2}}
		    post:
		      - {plugin: recorder, as: t4, with: {file: '\${{ input }}', output: '\${{ stash.seen }}'}}
	YAML
}

# start_runs NAME COUNT: one after the other, until the daemon is gone. What was
# acknowledged stands in acked/; and in ended/ what the run had done by then.
start_runs() {
	local i uid
	for i in $(seq "$2"); do
		uid=$1.$i
		tutti -c tutti.yaml start default --uid "$uid" \
			--input "\"$WORK/records/$uid\"" >/dev/null 2>&1 || return 0
		: >"acked/$uid"
		[ $((i % 2)) = 0 ] || continue
		tutti -c tutti.yaml start default --uid "$uid" --wait \
			--input "\"$WORK/records/$uid\"" >/dev/null 2>&1 || return 0
		cp "records/$uid" "ended/$uid"
	done
}

# cut_often: CUTS times, at a moment and with a rest that the number decides.
# The disk is slow two times of three, so that most cuts hit a sync.
cut_often() {
	local seed
	mkdir "$FAULTS"
	for seed in $(seq "$CUTS"); do
		echo $((seed % 3 * 8)) >"$FAULTS/slow"
		start_on_disk tutti.yaml
		start_runs "$seed.a" 12 3>&- &
		start_runs "$seed.b" 12 3>&- &
		wait_until synced_or_done $((seed * 7919 % 41 + 3))
		power_cut "$seed"
	done
	rm "$FAULTS/slow"
	start_on_disk tutti.yaml
	sound
}

# synced_or_done COUNT: so many syncs, or nothing is left to be done.
synced_or_done() {
	synced_more_than "$1" || ! jobs -r | grep -q start_runs
}

all_ended() {
	[ "$(tutti ls --state pending,running,waiting,cancelling --count)" = 0 ]
}

# Once all has ended: the store is whole, and what it says of each run is of one
# piece.
sound() {
	wait_until all_ended
	mdb_dump -a .tutti >/dev/null
	tutti ls --limit 0 -o jsonl >runs
	jq -r .state runs >states
	local id
	for id in $(jq -r .id runs); do
		tutti history "$id" -o json
	done | jq -c 'map(select(.kind == "run"))' >histories
	equal "ends of the histories" "$(cat states)" "$(jq -r '.[-1].to' histories)"
	equal "breaks in the histories" 0 \
		"$(jq -s '[.[] | . as $run | range(1; length) | select($run[.].from != $run[. - 1].to)] | length' histories)"
}

nothing_acknowledged_is_lost() {
	equal states succeeded "$(jq -r .state runs | sort -u)"
	jq -r .uid runs | sort >stored
	find acked -type f -printf '%f\n' | sort >acknowledged
	[ -s acknowledged ]
	equal "acknowledged but lost" "" "$(comm -13 stored acknowledged)"
	# Not even begun again once its end was told.
	local uid
	for uid in $(find ended -type f -printf '%f\n'); do
		cmp "ended/$uid" "records/$uid"
	done
}

# The numbers of the tasks in the order in which they began never go down: who
# called the next plugin had kept the end of the one before.
called_again() {
	awk 'FNR == 1 { last = "" }
		$4 == "begin" { if ($3 < last) again++; last = $3 > last ? $3 : last }
		END { print again + 0 }' records/*
}

@test "strict: nothing acknowledged is lost, no finished plugin is called again" {
	config strict in-process
	cut_often
	nothing_acknowledged_is_lost
	equal "finished and called again" 0 "$(called_again)"
}

@test "strict, plugins in processes of their own: the same" {
	config strict isolated
	cut_often
	nothing_acknowledged_is_lost
	equal "finished and called again" 0 "$(called_again)"
}

@test "pipelined: nothing acknowledged is lost, work may be done again" {
	config pipelined in-process
	cut_often
	nothing_acknowledged_is_lost
	echo "finished and called again: $(called_again)"
}

@test "pipelined: a plugin goes on before the disk has answered, the caller does not" {
	config pipelined in-process
	start_on_disk tutti.yaml
	touch "$FAULTS/hold"
	start_runs one 1 3>&- &
	last_begins() { grep -q 't4 begin' records/one.1; }
	wait_until last_begins
	[ ! -e acked/one.1 ]
	power_cut 0
	rm "$FAULTS/hold"
	start_on_disk tutti.yaml
	exits 0 tutti ls --count
	equal "runs that nobody was told of" 0 "$output"
	start_runs one 1
	sound
	equal "work done again" 2 "$(grep -c 't1 begin' records/one.1)"
	nothing_acknowledged_is_lost
}

@test "relaxed: the store is sound after every cut" {
	config relaxed in-process
	cut_often
	equal states succeeded "$(tutti ls --limit 0 -o jsonl | jq -r .state | sort -u)"
}

# acknowledged_and_cut LEVEL: run `two` is accepted in the last commit.
acknowledged_and_cut() {
	cat >tutti.yaml <<-YAML
		durability: $1
		grace: 100ms
		plugins: [$MODULES/recorder.so]
		activities: {A: {pre: [{plugin: recorder, with: {sleep_ms: 600000}}]}}
	YAML
	start_on_disk tutti.yaml
	exits 0 tutti -c tutti.yaml start default --uid one
	exits 0 tutti -c tutti.yaml start default --uid two
	power_cut 0
	start_on_disk tutti.yaml
	exits 0 tutti show one
}

@test "relaxed: the last commit may be gone, and with strict it is not" {
	acknowledged_and_cut relaxed
	exits 3 tutti show two
	stop_daemon TERM
	rm -rf .tutti
	acknowledged_and_cut strict
	exits 0 tutti show two
}

@test "relaxed: after a good end nothing is lost" {
	config relaxed in-process
	start_on_disk tutti.yaml
	start_runs one 1
	stop_daemon TERM
	power_cut 0
	start_on_disk tutti.yaml
	sound
	nothing_acknowledged_is_lost
}
