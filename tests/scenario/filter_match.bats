#!/usr/bin/env bats
# `tutti filter match`: a line in, an answer out.

load common

CASES=$BATS_TEST_DIRNAME/filter_cases.py

# answers LINE...: to $answer, one line each.
answers() {
	answer=$(printf '%s\n' "$@" | tutti filter match)
}

@test "all conformance cases, number spellings and all" {
	python3 "$CASES" lines | tutti filter match >answers
	python3 - "$BATS_TEST_DIRNAME" <<-'PY'
		import json, sys
		sys.path.insert(0, sys.argv[1])
		import filter_cases
		cases = filter_cases.cases()
		answers = [json.loads(line) for line in open("answers")]
		assert len(cases) >= 310 and len(cases) == len(answers)
		wrong = []
		for number, (case, answer) in enumerate(zip(cases, answers)):
		    assert answer["name"] == number
		    got = "error" if "error" in answer else answer["match"]
		    if got != filter_cases.expected(case):
		        wrong.append((case["name"], got))
		    if got == "error" and not answer["error"].startswith("filter"):
		        wrong.append((case["name"], answer["error"]))
		assert not wrong, wrong
	PY
}

@test "more cases: the edges" {
	sed -n 's/^\({.*}\),\{0,1\}$/\1/p' "$SOURCE/tests/data/filters_more/cases.json" >cases
	[ "$(wc -l <cases)" -ge 123 ]
	tutti filter match <cases >answers
	equal answers "$(jq -c '[.name, if .error then "error" else .match end]' cases)" \
		"$(jq -c '[.name, if .error then "error" else .match end]' answers)"
	equal errors 27 "$(grep -c '"error":"filter' answers)"
}

@test "malformed texts, as filter_text and raw in the line" {
	python3 "$CASES" texts | tutti filter match >answers
	[ "$(wc -l <answers)" -ge 27 ]
	equal "no error" "" "$(grep -v '"error":' answers || true)"
	python3 "$CASES" raw | tutti filter match >answers
	[ "$(wc -l <answers)" -ge 27 ]
	equal "no error" "" "$(grep -v '"error":' answers || true)"
}

@test "the name comes back as it was written" {
	answers '{"name":1.50,"filter":null}' '{"name":{"a": [1,  2]}}' \
		'{"name":"\u00e9\/"}' '{}' '{"name":null}' '{"name":18446744073709551616000}' \
		'{"filter":{"a":[x]},"name":"late"}'
	equal names '1.50
{"a": [1,  2]}
"\u00e9\/"
null
null
18446744073709551616000
"late"' "$(sed 's/^{"name"://; s/,"\(match\|error\)":.*$//' <<<"$answer")"
}

@test "nothing asked for matches everything; what is no object matches nothing else" {
	answers '{"name":1}' '{"filter":null}' '{"filter":{}}' '{"filter":{},"attributes":null}' \
		'{"filter":{},"attributes":[1]}' '{"filter":{},"attributes":"x"}' \
		'{"filter_text":null,"attributes":{"a":1}}' '{"filter_text":"null"}' \
		'{"filter_text":" {} "}'
	equal matches 9 "$(grep -c '"match":true' <<<"$answer")"
	answers '{"filter":{"a":["x"]},"attributes":[{"a":"x"}]}' \
		'{"filter":{"a":["x"]},"attributes":null}' \
		'{"filter":{"a":["x"]},"attributes":"x"}' '{"filter":{"a":[1]}}' \
		'{"filter":{"a":[{"exists":false}]},"attributes":[1]}' \
		'{"filter":{"a":[{"exists":false}]},"attributes":"x"}'
	equal matches 6 "$(grep -c '"match":false' <<<"$answer")"
}

@test "a key that is there twice: refused in a filter, the last one wins in attributes" {
	answers '{"name":1,"filter":{"a":["x"],"b":[1],"a":["y"]}}' \
		'{"name":2,"filter":{"a":{"b c":[1],"b\u0020c":[2]}}}' \
		'{"name":3,"filter":{"a":[{"numeric":["=",1],"numeric":["=",2]}]}}' \
		'{"name":4,"filter_text":"{\"a\":[1],\"a\":[1]}"}'
	equal errors '{"name":1,"error":"filter.a: the key is there twice"}
{"name":2,"error":"filter.a.\"b c\": the key is there twice"}
{"name":3,"error":"filter.a[0].numeric: the key is there twice"}
{"name":4,"error":"filter_text: filter.a: the key is there twice"}' "$answer"
	answers '{"filter":{"a":["y"]},"attributes":{"a":"x","b":1,"a":"y"}}' \
		'{"filter":{"a":["x"]},"attributes":{"a":"x","\u0061":"y"}}' \
		'{"filter":{"a.b":[2]},"attributes":{"c":[{"d":1,"d":[]}],"a":{"b":1,"b":2}}}' \
		'{"filter":{"a":[18446744073709551615]},"attributes":{"a":9223372036854775808,"b":[18446744073709551614],"a":18446744073709551615}}'
	equal matches 'true
false
true
true' "$(jq .match <<<"$answer")"
	answers '{"filter":{},"filter":{}}'
	equal twice "line 1, column 14: 'filter' is there twice" "$(jq -r .error <<<"$answer")"
	answers '{"name":1,"filter":{},"filter_text":"{}"}'
	equal both "'filter' and 'filter_text': only one of them" "$(jq -r .error <<<"$answer")"
}

@test "a mistyped member is a mistake, not a filter that matches everything" {
	answers '{"name":1,"filters":{"a":[1]}}' '{"atributes":{},"name":2,"filter":{"a":[1]}}' \
		'{"name":3,"more":1}' '{"name":4,"tags":[1],"src":"x","match":true,"error":false}'
	equal answers '{"name":1,"error":"line 1, column 11: unknown member '"'filters'; did you mean 'filter'?"'"}
{"name":2,"error":"line 2, column 2: unknown member '"'atributes'; did you mean 'attributes'?"'"}
{"name":3,"match":true}
{"name":4,"match":true}' "$answer"
}

@test "numbers keep their exactness" {
	answers '{"filter":{"a":[300]},"attributes":{"a":3.0e2}}' \
		'{"filter":{"a":[0]},"attributes":{"a":-0}}' \
		'{"filter":{"a":[18446744073709551615]},"attributes":{"a":18446744073709551615}}' \
		'{"filter":{"a":[9007199254740993]},"attributes":{"a":9007199254740992}}' \
		'{"filter":{"a":[18446744073709551615]},"attributes":{"a":18446744073709551614}}'
	equal matches 'true
true
true
false
false' "$(jq .match <<<"$answer")"
	answers '{"name":"far","filter":{"a":[1e400]}}'
	equal refused far "$(jq -r 'select(.error) | .name' <<<"$answer")"
}

@test "a malformed line says where, and stops no other" {
	answers '{"name":"a"}' '' '   ' '{"name":"b","filter":{"a":["ü",x]}}' \
		'{"name":"c","filter":{}} more' '[1]' 'x' '{"name":"d"' \
		'{"name":"e","filter":{"a":["x]}}' '{"name":tru}' '{"name":"f"}'
	equal answers '{"name":"a","match":true}
{"name":"b","error":"line 4, column 32: invalid token near '"'x'"'"}
{"name":"c","error":"line 5, column 26: nothing may follow the end"}
{"name":null,"error":"line 6, column 1: expected a map"}
{"name":null,"error":"line 7, column 1: expected '"'{'"' or '"'['"'"}
{"name":"d","error":"line 8, column 12: expected '"','"' or '"'}'"'"}
{"name":"e","error":"line 9, column 22: what begins here does not end"}
{"name":null,"error":"line 10, column 11: invalid token near '"'tru'"'"}
{"name":"f","match":true}' "$answer"
}

@test "the last line needs no end, and lines may end as on Windows" {
	equal answer '{"name":1,"match":true}' "$(printf '{"name":1}' | tutti filter match)"
	equal answer '{"name":1,"match":true}' "$(printf '{"name":1}\r\n\r\n' | tutti filter match)"
	equal nothing "" "$(tutti filter match </dev/null)"
}

@test "a line may be long, but not longer than the limit" {
	local limit=$((4 * 1024 * 1024))
	python3 - $limit >lines <<-'PY'
		import sys
		limit = int(sys.argv[1])
		for more in 0, 1:
		    line = '{"name":%d,"attributes":{"a":""}}' % more
		    print(line.replace('""', '"%s"' % ('x' * (limit + more - len(line)))))
		print('{"name":2}')
	PY
	equal answers '{"name":0,"match":true}
{"name":1,"error":"line 2: longer than the limit of 4194304 bytes"}
{"name":2,"match":true}' "$(tutti filter match <lines)"
}

@test "each line is answered at once: it serves as a coprocess" {
	coproc MATCH { tutti filter match --explain 2>&1 3>&-; }
	local reply pid=$MATCH_PID
	for i in 1 2 3; do
		printf '{"name":%d,"filter":{"a":["x"]},"attributes":{"a":%d}}\n' "$i" "$i" >&"${MATCH[1]}"
		read -r -t 60 reply <&"${MATCH[0]}"
		equal name "$i" "$(jq .name <<<"$reply")"
		equal match false "$(jq .match <<<"$reply")"
		[ -n "$(jq -r .why <<<"$reply")" ]
	done
	eval "exec ${MATCH[1]}>&-"
	wait "$pid"
}

@test "why is said only on request, and only of what does not match" {
	answers '{"filter":{"a":["x"]},"attributes":{"a":"y"}}'
	equal plain '{"name":null,"match":false}' "$answer"
	answer=$(printf '%s\n' '{"filter":{"a":["x"]},"attributes":{"a":"y"}}' '{"filter":{}}' |
		tutti filter match --explain)
	equal why 1 "$(grep -c '"why":' <<<"$answer")"
	says_why=$(jq -r 'select(.why) | .why' <<<"$answer")
	[[ $says_why == *"'a'"* && $says_why == *'"y"'* ]]
}

@test "the limits of SNS, as in its data" {
	python3 - "$BATS_TEST_DIRNAME" <<-'PY'
		import json, subprocess, sys
		sys.path.insert(0, sys.argv[1])
		import filter_cases
		scopes = {"MessageAttributes": "sns-attributes", "MessageBody": "sns-body"}
		cases = filter_cases.limits()
		assert len(cases) >= 12
		for case in cases:
		    limits = scopes[json.loads(case["scope"])]
		    line = '{"name":%s,"filter":%s}\n' % (
		        case["name"], json.dumps(json.loads(case["filter"])))
		    done = subprocess.run(["tutti", "filter", "match", "--limits", limits],
		                          input=line, capture_output=True, text=True, check=True)
		    accepted = "error" not in json.loads(done.stdout)
		    assert accepted == json.loads(case["sns_accepts"]), (case["name"], done.stdout)
		    done = subprocess.run(["tutti", "filter", "match"],
		                          input=line, capture_output=True, text=True, check=True)
		    assert "match" in json.loads(done.stdout), done.stdout
	PY
	exits 2 tutti filter match --limits sns
	says "none, sns-attributes or sns-body"
}

@test "what cannot be read is told" {
	run tutti filter match <.
	[ "$status" -ne 0 ]
	says "cannot read standard input"
}

@test "an \$or is one key for SNS, and no nesting" {
	answer=$(printf '%s\n' \
		'{"filter":{"a":[1],"b":[1],"c":[1],"d":[1],"$or":[{"e":[1],"f":[1]},{"g":[1]}]}}' \
		'{"filter":{"a":[1],"b":[1],"c":[1],"d":[1],"i":[1],"$or":[{"e":[1]},{"g":[1]}]}}' |
		tutti filter match --limits sns-attributes)
	equal answers '{"name":null,"match":false}
{"name":null,"error":"filter: 6 keys, but SNS takes at most 5"}' "$answer"
}

@test "attributes may be nested 32 deep" {
	answer=$(python3 -c '
for n in 32, 33:
    print("{\"attributes\":%s1%s}" % ("{\"a\":" * n, "}" * n))' | tutti filter match)
	equal answers '{"name":null,"match":true}
{"name":null,"error":"line 2, column 175: more than 32 levels of nesting"}' \
		"$answer"
}

@test "mistakes in the command line" {
	exits 2 tutti filter
	says "tutti filter match: match filters"
	exits 0 tutti help filter
	says "tutti filter match: match filters"
	exits 2 tutti filter match file
	exits 0 tutti filter match --help
	says "filter_text"
}
