#!/usr/bin/env bats
# `tutti explain`: who would take part, and why the others would not.

load common
load processes

prepare() {
	cat >tutti.yaml <<-YAML
		plugins:
		  - path: $MODULES/two_in_one.so
		    overrides: {Step2: {order: 20}}
		activities:
		  ingest:
		    pre: [{plugin: echo, as: second, order: 2}, {plugin: echo, as: first, order: 1}]
		    parallel:
		      - {plugin: echo, as: thumb, filter: {mime: [{prefix: image/}], size: [{numeric: ["<", 100]}]}}
		      - {plugin: echo, as: ocr, filter: {mime: [application/pdf]}, mandatory: false}
		    post: [{plugin: echo, as: cleanup, run_on: always}, {plugin: echo, as: alert, run_on: failure}]
		  Step1: {}
		  Step2: {}
		workflows:
		  document: {activities: [ingest, Step1]}
		  other: {activities: [Step2]}
	YAML
}

# in_json FILTER: jq over $output of the last `exits`, notes left out.
in_json() {
	grep -v '^daemon: \|^not known: ' <<<"$output" | jq -rc "$1"
}

ingest='.activities[] | select(.name == "ingest")'

# valid: $output of the last `exits` is as the schema says.
valid() {
	in_json . >answer.json
	/usr/bin/python3 -m jsonschema -i answer.json "$SOURCE/docs/schemas/explain.schema.json"
}

@test "a workflow by its config: in order, and the clause that failed with what it saw" {
	exits 0 tutti explain document --attr mime=image/png --attr size=500 -o json
	equal source config "$(in_json .source)"
	valid
	equal pre "first second" "$(in_json "[$ingest | .pre[].task] | join(\" \")")"
	equal parallel '[["ocr",false],["thumb",false]]' \
		"$(in_json "[$ingest | .parallel[] | [.task, .takes_part]]")"
	equal clause '{"size":[{"numeric":["<",100]}]} [500] 1' \
		"$(in_json "$ingest | .parallel[] | select(.task == \"thumb\").reason | \"\\(.clause) \\(.seen) \\(.seen_count)\"")"
	equal sentence "attribute 'size' is 500, which does not match [{\"numeric\":[\"<\",100]}]" \
		"$(in_json "$ingest | .parallel[] | select(.task == \"thumb\").reason.sentence")"
	equal post "cleanup always alert failure" \
		"$(in_json "[$ingest | .post[] | .task, .run_on] | join(\" \")")"
	equal optional false "$(in_json "$ingest | .parallel[] | select(.task == \"ocr\").mandatory")"
	# Subscribed, not bound.
	equal subscribed '[["first",false,true],["second",false,true]]' \
		"$(in_json '[.activities[] | select(.name == "Step1").parallel[] | [.plugin, .bound, .registered]]')"
	[ ! -e .tutti ]
}

@test "nothing is written and no plugin's code runs" {
	echo "plugins: [$MODULES/init_fails.so]" >fails.yaml
	echo "activities: [Step1]" >>fails.yaml
	exits 0 tutti -c fails.yaml explain
	[ ! -e .tutti ]
}

@test "the same from the daemon, from the config and from the store" {
	start_daemon tutti.yaml
	exits 0 tutti start document --uid one --attr mime=image/png --attr size=5 --wait
	exits 0 tutti explain document --attr mime=image/png --attr size=500 -o json
	equal source daemon "$(in_json .source)"
	in_json 'del(.source)' >daemon.json
	stop_daemon TERM
	exits 0 tutti explain document --attr mime=image/png --attr size=500 -o json
	says "daemon: down, last write"
	in_json 'del(.source)' >config.json
	exits 0 tutti --store .tutti explain document --attr mime=image/png --attr size=500 -o json
	equal source store "$(in_json .source)"
	valid
	says "daemon: down, last write"
	in_json 'del(.source)' >store.json
	diff daemon.json config.json
	diff daemon.json store.json
}

@test "overrides of the config count" {
	exits 0 tutti explain other -o json
	equal order 20 "$(in_json '.activities[0].post[] | select(.plugin == "second").order')"
	start_daemon tutti.yaml
	exits 0 tutti explain other -o json
	equal order 20 "$(in_json '.activities[0].post[] | select(.plugin == "second").order')"
}

@test "a run: its own attributes and definition, and what it has recorded" {
	exits 0 tutti run tutti.yaml document --uid one --attr mime=application/pdf
	sed -i 's/application.pdf/text\/plain/' tutti.yaml
	exits 0 tutti explain one -o json
	equal run "$(show one .id)" "$(in_json .run)"
	valid
	equal attributes '{"mime":"application/pdf"}' "$(in_json .attributes)"
	equal opened '["pre","parallel","post"]' "$(in_json "$ingest | .opened")"
	equal state succeeded "$(in_json "$ingest | .state")"
	# The definition is pinned: the config's new filter is not its own.
	equal ocr '[true,true,false]' \
		"$(in_json "$ingest | .parallel[] | select(.task == \"ocr\") | [.takes_part, .recorded, .differs]")"
	equal thumb '[false,false,false]' \
		"$(in_json "$ingest | .parallel[] | select(.task == \"thumb\") | [.takes_part, .recorded, .differs]")"
	# Nothing failed, so nobody misses the alert.
	equal alert '[true,false,false]' \
		"$(in_json "$ingest | .post[] | select(.task == \"alert\") | [.takes_part, .recorded, .differs]")"
	exits 0 tutti explain document --attr mime=application/pdf -o json
	equal ocr false "$(in_json "$ingest | .parallel[] | select(.task == \"ocr\") | .takes_part")"
	start_daemon tutti.yaml
	exits 0 tutti explain @latest -o json
	equal source daemon "$(in_json .source)"
	equal ocr '[true,true,false]' \
		"$(in_json "$ingest | .parallel[] | select(.task == \"ocr\") | [.takes_part, .recorded, .differs]")"
	exits 2 tutti explain one --attr mime=x
	says "a run has its own attributes"
	says "tutti explain document --workflow --attr K=V"
}

@test "a run: the states of what it had, and what will not open" {
	cat >tutti.yaml <<-YAML
		activities:
		  A:
		    pre: [{plugin: exec, as: bad, with: {argv: ["false"]}}]
		    parallel: [{plugin: echo, as: next}]
		  B: {parallel: [echo]}
	YAML
	exits 1 tutti run tutti.yaml --uid one
	exits 0 tutti explain one
	says ", uid one, failed, workflow default, "
	says "|- A  failed"
	says "|  |- pre  failed"
	says "|  |  \`- + bad  plugin exec"
	says "|  \`- parallel  will not open"
	says "|     \`- . next  plugin echo"
	exits 0 tutti explain one -o json
	valid
	equal states '["failed","failed",["failed","pending","pending"]]' \
		"$(in_json '[.state, (.activities[0] | .state, [.phase_states[]])]')"
	exits 0 tutti explain -o json
	valid
	equal states '[null,null,null]' "$(in_json '[.state, (.activities[0] | .state, .phase_states)]')"
}

@test "a run that recorded otherwise than the filters of now is told so" {
	exits 0 tutti run tutti.yaml document --uid one --attr mime=application/pdf
	sed -i "s|$MODULES/two_in_one.so|$MODULES/recorder.so|; /overrides/d" tutti.yaml
	exits 0 tutti explain one -o json
	equal former '[["first",false,true,true],["second",false,true,true]]' \
		"$(in_json '[.activities[] | select(.name == "Step1").parallel[] | [.task, .takes_part, .recorded, .differs]]')"
	valid
	exits 0 tutti explain one
	says "its plugin subscribes no more"
	says "but the run has it: it took part when the phase opened"
}

@test "a run that is active is explained by the subscriptions that it keeps" {
	export CALLS=$WORK/calls
	cp "$MODULES/filtering_five_keys.so" module.so
	cat >tutti.yaml <<-YAML
		plugins: [$WORK/module.so, $MODULES/worker.so]
		activities: {hold: {parallel: [worker]}, A: {}}
	YAML
	jq -nc --arg gate "$WORK/gate" '{a: 1, b: 1, c: 1, d: 1, e: 1, gate: $gate}' >attrs.json
	at_A='.activities[] | select(.name == "A").parallel[] | [.plugin, .takes_part, .recorded, .differs]'
	start_daemon tutti.yaml
	exits 0 tutti start default --uid one --attrs attrs.json
	wait_until calls ^begin 1
	cat "$MODULES/filtering_six_keys.so" >module.so
	exits 0 tutti reload
	exits 0 tutti explain default --workflow --attrs attrs.json -o json
	equal new '["filtering",false,null,false]' "$(in_json "$at_A")"
	exits 0 tutti explain one -o json
	equal kept '["filtering",true,null,false]' "$(in_json "$at_A")"
	valid
	touch gate
	wait_until state_is one succeeded
	equal "what happened" 1 "$(show one '.activities[1].parallel.expected')"
	# It has ended, so it keeps nothing any more.
	exits 0 tutti explain one -o json
	equal ended '["filtering",false,true,true]' "$(in_json "$at_A")"
}

@test "a workflow comes before a run of its name; --run and --workflow decide" {
	exits 0 tutti run tutti.yaml other --uid document
	exits 0 tutti explain document -o json
	equal run null "$(in_json .run)"
	exits 0 tutti explain document --run -o json
	equal workflow other "$(in_json .workflow)"
	exits 0 tutti explain document --workflow -o json
	equal workflow document "$(in_json .workflow)"
	exits 2 tutti explain document --workflow --run
	exits 3 tutti explain --workflow @latest
	exits 3 tutti explain --run nobody
	start_daemon tutti.yaml
	exits 0 tutti explain document -o json
	equal run null "$(in_json .run)"
	exits 0 tutti explain document --run -o json
	equal workflow other "$(in_json .workflow)"
	exits 3 tutti explain --workflow @latest
	exits 3 tutti explain --run nobody
}

@test "unknown names: did you mean" {
	exits 3 tutti explain documnet
	says "there is no workflow and no run 'documnet'; did you mean 'document'?"
	exits 3 tutti explain documnet --workflow
	says "there is no workflow 'documnet'; did you mean 'document'?"
	exits 3 tutti explain document --activity ingets
	says "did you mean 'ingest'?"
	exits 2 tutti explain
	says "name the workflow: the config has 2 of them: 'document', 'other'"
	start_daemon tutti.yaml
	exits 3 tutti explain documnet
	says "there is no workflow and no run 'documnet'; did you mean 'document'?"
	exits 3 tutti explain documnet --workflow
	says "there is no workflow 'documnet'; did you mean 'document'?"
	exits 3 tutti explain document --activity ingets
	says "did you mean 'ingest'?"
	exits 2 tutti explain
	says "name the workflow: the config has 2 of them: 'document', 'other'"
	exits 0 tutti start other --uid one --wait
	stop_daemon TERM
	exits 3 tutti --store .tutti explain otehr
	says "there is no workflow and no run 'otehr'"
	says "did you mean 'other'?"
	exits 3 tutti --store .tutti explain otehr --workflow
	no grep "no run 'otehr'" <<<"$output"
	says "did you mean 'other'?"
	mkdir elsewhere
	cd elsewhere
	exits 5 tutti explain document
}

@test "a run without a store: not reachable, as for show" {
	exits 5 tutti show full
	exits 5 tutti explain full --run
	says "there is no store at"
	exits 5 tutti explain 01m7ykgnzfe33j3vgh5kkmx68a --run
	says "there is no store at"
	exits 3 tutti explain full
	says "there is no workflow and no run 'full'"
}

@test "one activity only" {
	exits 0 tutti explain document --activity Step1 -o json
	equal names '["Step1"]' "$(in_json '[.activities[].name]')"
	start_daemon tutti.yaml
	exits 0 tutti explain document --activity Step1 -o json
	equal names '["Step1"]' "$(in_json '[.activities[].name]')"
}

@test "forms of output" {
	exits 0 tutti explain document --attr mime=application/pdf --attr size=1
	says "workflow document, attributes {\"mime\":\"application/pdf\",\"size\":1}"
	says "|  |  |- + ocr  plugin echo, optional"
	says "x thumb"
	says "attribute 'mime' is \"application/pdf\", which does not match [{\"prefix\":\"image/\"}]"
	[[ "$output" != *"saw "* ]]
	exits 0 tutti explain document --attr 'mime=["application/pdf","text/plain"]' --attr size=1
	says "none of which matches [{\"prefix\":\"image/\"}]"
	says "saw \"application/pdf\", \"text/plain\""
	exits 0 tutti explain document --attr mime=application/pdf -o name
	equal names "first second ocr cleanup alert first second" "$(grep -v ^daemon <<<"$output" | paste -sd' ')"
	exits 0 tutti explain document -o csv
	equal header workflow,run,activity,phase,task,plugin,bound,registered,mandatory,order,run_on,takes_part,recorded,differs,reason \
		"$(grep -v ^daemon <<<"$output" | head -1)"
	exits 0 tutti explain document -o jsonl
	equal rows '["ingest","parallel","thumb",false]' \
		"$(in_json 'select(.task == "thumb") | [.activity, .phase, .task, .takes_part]')"
}

@test "of very many that take no part the rest is counted" {
	{
		echo "activities:"
		echo "  A:"
		echo "    parallel:"
		for i in $(seq 10001); do
			echo "      - {plugin: echo, as: t$i, filter: {n: [$i]}}"
		done
	} >many.yaml
	tutti -c many.yaml explain --attr n=10001 -o json >all.json
	equal all '[10001,{"pre":0,"parallel":0,"post":0}]' \
		"$(jq -c '.activities[0] | [(.parallel | length), .omitted]' all.json)"
	tutti -c many.yaml explain -o json >most.json
	equal most '[10000,{"pre":0,"parallel":1,"post":0}]' \
		"$(jq -c '.activities[0] | [(.parallel | length), .omitted]' most.json)"
	tutti -c many.yaml explain >most
	equal end "      \`- and 1 more that do not take part" "$(tail -1 most)"
}

@test "attributes from a file: of a key that is there twice the last one counts" {
	echo '{"mime":"text/plain","size":1,"mime":"application/pdf"}' >attrs.json
	exits 0 tutti explain document --attrs attrs.json -o json
	equal attributes '{"size":1,"mime":"application/pdf"}' "$(in_json .attributes)"
	exits 0 tutti run tutti.yaml document --uid one --attrs attrs.json
	equal attributes application/pdf "$(show one .attributes.mime)"
	exits 0 tutti explain document --attrs attrs.json --attr mime=image/gif -o json
	equal thumb true "$(in_json "$ingest | .parallel[] | select(.task == \"thumb\").takes_part")"
}

@test "attributes and filters from standard input, and as JSON itself" {
	local json='{"mime":"application/pdf"}'
	tutti explain document --attrs "$json" -o json >itself.json
	equal attributes "$json" "$(jq -c .attributes itself.json)"
	tutti explain document --attrs - -o json <<<"$json" >stdin.json
	diff itself.json stdin.json
	tutti run tutti.yaml document --uid one --attrs - <<<"$json"
	equal attributes application/pdf "$(show one .attributes.mime)"
	tutti run tutti.yaml document --uid two --attrs "$json" --attr size=1 --input - <<<'[7]'
	equal run 'application/pdf 1 [7]' "$(show two '"\(.attributes.mime) \(.attributes.size) \(.input)"')"
	start_daemon tutti.yaml
	tutti start document --uid three --attrs - --wait <<<"$json"
	tutti start document --uid four --attrs "$json" --wait
	equal started 'application/pdf application/pdf' \
		"$(show three .attributes.mime) $(show four .attributes.mime)"
	exits 2 tutti start document --uid five --attrs - --input - <<<"$json"
	says "standard input holds one document, not two"
	exits 2 tutti explain document --attrs '{"a":'
	says "--attrs: line 1"
	exits 2 tutti explain document --attrs '[1]'
	says "--attrs: attributes are a map, found list"
	exits 2 tutti explain document --attrs - <<<'[1'
	says "standard input: line "
	exits 0 tutti explain --filter @- --attr a=1 <<<'{"a":[1]}'
	says "matches"
	exits 2 tutti explain --filter @- <<<'{"a":[]}'
	says "standard input: filter.a: "
	exits 2 tutti explain --filter @- --attrs - <<<'{}'
	says "standard input holds one document, not two"
}

@test "programs: known when they have registered, else it is said that they are not" {
	cat >tutti.yaml <<-YAML
		plugins: [{exec: [$WORKER], name: hands}]
		activities: {Offer: {}}
	YAML
	exits 0 tutti explain --attr offer=true -o json
	says "not known: the plugins of the program 'hands', which is not running"
	equal nobody 0 "$(in_json '.activities[0].parallel | length')"
	equal unknown '["hands"]' "$(in_json .unknown)"
	valid
	start_daemon tutti.yaml
	wait_until ready hands 1
	exits 0 tutti explain --attr offer=false -o json
	equal known '[]' "$(in_json .unknown)"
	equal worker '[false,true]' "$(in_json '.activities[0].parallel[] | select(.plugin == "worker") | [.takes_part, .registered]')"
	equal clause '{"offer":[true]}' "$(in_json '.activities[0].parallel[] | select(.plugin == "worker").reason.clause')"
	stop_daemon TERM
	exits 0 tutti explain --attr offer=true -o json
	equal worker true "$(in_json '.activities[0].parallel[] | select(.plugin == "worker").takes_part')"
	no grep "not known" <<<"$output"
}

@test "programs that have not registered with the daemon are named" {
	cat >tutti.yaml <<-YAML
		plugins:
		  - {exec: [sleep, "1000"], name: starting}
		  - {exec: ["false"], name: failing}
		  - {exec: [$WORKER], name: unwanted, instances: 0}
		  - {exec: [$WORKER], name: hands}
		  - $MODULES/two_in_one.so
		activities: {Offer: {}}
	YAML
	start_daemon tutti.yaml
	wait_until ready hands 1
	exits 0 tutti explain -o json
	equal unknown '["starting","failing","unwanted"]' "$(in_json .unknown)"
	valid
	exits 0 tutti explain
	for entry in starting failing unwanted; do
		says "not known: the plugins of the program '$entry', which has not registered"
	done
	no grep "'hands'" <<<"$output"
	# It has registered before: its plugins are known.
	exits 0 tutti plugins scale hands 0
	wait_until ready hands 0
	exits 0 tutti explain -o json
	equal unknown '["starting","failing","unwanted"]' "$(in_json .unknown)"
}

@test "a plugin that is bound but has not registered" {
	cat >tutti.yaml <<-YAML
		listen: tcp://127.0.0.1:0
		activities: {A: {parallel: [{plugin: later, filter: {a: [1]}}]}}
	YAML
	exits 0 tutti explain --attr a=1
	says "+ later  not registered"
	exits 0 tutti explain --attr a=2 -o json
	equal later '[false,false]' "$(in_json '.activities[0].parallel[0] | [.registered, .takes_part]')"
}

@test "one filter, without a workflow" {
	cd / && cd "$WORK" && rm tutti.yaml
	exits 0 tutti explain --filter '{"a":[{"prefix":"x"}]}' --attr a=xyz
	says "matches"
	exits 0 tutti explain --filter '{"a":[{"prefix":"x"}]}' --attr a=abc -o json
	equal match false "$(in_json .match)"
	equal clause '{"a":[{"prefix":"x"}]}' "$(in_json .reason.clause)"
	equal seen '["abc"]' "$(in_json .reason.seen)"
	equal keys '["match","reason"] ["clause","seen","seen_count","sentence"]' \
		"$(in_json '"\(keys) \(.reason | keys)"')"
	exits 0 tutti explain --filter '{}' -o json
	equal matching '{"match":true,"reason":null}' "$(in_json .)"
	echo '{"a":[{"numeric":["<"]}]}' >filter.json
	exits 2 tutti explain --filter @filter.json
	says "filter.json: filter.a[0].numeric"
	exits 2 tutti explain --filter '{"a":["x"],"a":["y"]}'
	says "filter.a: the key is there twice"
	exits 2 tutti explain --filter '{"a":[x]}'
	says "column"
	exits 2 tutti explain document --filter '{}'
	exits 2 tutti explain --filter '{}' -o csv
	exits 2 tutti explain --filter @missing.json
}

@test "a binding and a plugin of one name are told apart" {
	cat >same.yaml <<-YAML
		plugins: [$MODULES/two_in_one.so]
		activities:
		  Step1:
		    parallel: [{plugin: echo, as: first, filter: {a: [2]}}]
		workflows: {w: [Step1]}
	YAML
	exits 0 tutti run same.yaml w --uid one --attr a=1
	exits 0 tutti -c same.yaml explain one -o json
	equal both '[["echo",false,false,false],["first",true,true,false]]' \
		"$(in_json '[.activities[0].parallel[] | select(.task == "first") | [.plugin, .takes_part, .recorded, .differs]] | sort')"
}
