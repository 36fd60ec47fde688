#!/usr/bin/env bats
# examples/tree-audit: the report must be true. Every figure is compared with
# what find, wc, sort, uniq, grep and sha256sum say of the same tree.

load common

prepare() {
	export LC_ALL=C
	chmod 755 "$WORK"
	OUT=$WORK/out
	mkdir "$OUT" tree bin
	# Permissions mean nothing to root.
	AS=()
	if [ "$(id -u)" -eq 0 ]; then
		AS=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		chown 65534:65534 "$OUT" tree
		"${AS[@]}" test -x "$TUTTI" || AS=()
		"${AS[@]}" test -r "$BUILD/examples/tree-audit/tutti.yaml" || AS=()
	fi
}

# audit CODE [DIR [ARG...]]: with programs in bin/ before all others.
audit() {
	local code=$1
	shift
	exits "$code" "${AS[@]}" env "PATH=$WORK/bin:$PATH" \
		"$BUILD/examples/tree-audit/audit.sh" -o "$OUT" "${@:-tree}"
}

latest() {
	tutti --store "$OUT/.tutti" show @latest -o json | jq -r "$1"
}

# figure TITLE: the number in the report's row of that title.
figure() {
	awk -F ' *[|] *' -v title="$1" \
		'$2 == title {print $3; n++} END {exit n != 1}' "$OUT/report.md"
}

# row TITLE EXPECTED
row() {
	equal "$1" "$2" "$(figure "$1")"
}

report_says() {
	grep -qF -- "$1" "$OUT/report.md" || {
		cat "$OUT/report.md" >&2
		return 1
	}
}

# here FIND_TEST...: what find finds in the tree, without .git.
here() {
	find . -name .git -prune -o "$@" 2>/dev/null || :
}

count() {
	tr -dc '\0' | wc -c
}

compare_files() {
	row Files "$(here -type f -print0 | count)"
	row 'Bytes in them' "$(here -type f -printf '%s\n' | awk '{n += $1} END {print n + 0}')"
	row 'Empty files' "$(here -type f -empty -print0 | count)"
	row Folders "$(here -mindepth 1 -type d -print0 | count)"
	row 'Symbolic links, not followed' "$(here -type l -print0 | count)"
	row 'Sockets, pipes and devices' \
		"$(here '(' -type s -o -type p -o -type b -o -type c ')' -print0 | count)"
	row 'Files without permission to read' \
		"$(here -type f -not -readable -print0 | count)"
	row 'Folders that could not be looked into' \
		"$(here -type d -not -readable -print0 | count)"
}

compare_lines() {
	xargs -0 -r grep -LZaP '\x00' <../list >../text || :
	row 'Text files, without a NUL byte' "$(count <../text)"
	row 'Binary files' "$(($(count <../list) - $(count <../text)))"
	row Lines "$(xargs -0 -r cat <../text | wc -l)"
	equal "by extension" "$(by_extension)" \
		"$(sed -n '/^| Extension/,/^$/p' "$OUT/report.md" | grep -E '^[|] (none|`)' || :)"
}

by_extension() {
	python3 - ../text <<-'PYTHON'
		import os, re, sys
		kinds = {}
		for name in open(sys.argv[1], "rb").read().split(b"\0")[:-1]:
		    found = re.search(rb".(\.[A-Za-z0-9_+-]{1,14})\Z", os.path.basename(name), re.S)
		    kind = found[1].decode() if found else ""
		    files, lines = kinds.get(kind, (0, 0))
		    kinds[kind] = files + 1, lines + open(name, "rb").read().count(b"\n")
		for kind, (files, lines) in sorted(kinds.items(), key=lambda k: (-k[1][1], k[0]))[:12]:
		    print("| %s | %d | %d |" % ("`%s`" % kind if kind else "none", files, lines))
	PYTHON
}

compare_largest() {
	equal "largest" "$(xargs -0 -r stat -c '%s' <../list | sort -rn | head -n 10)" \
		"$(sed -n '/^## Largest/,/^## Dup/p' "$OUT/report.md" |
			awk -F ' *[|] *' '$2 ~ /^`/ {print $(NF - 1)}')"
}

compare_duplicates() {
	paste -d ' ' <(xargs -0 -r stat -c %s <../list) \
		<(xargs -0 -r sha256sum <../list | sed 's/^\\//' | cut -c 1-64) |
		grep -v '^0 ' | sort | uniq -c | awk '$1 > 1' >../twice || :
	row 'Groups of duplicates' "$(wc -l <../twice)"
	row 'Files that have a duplicate' "$(awk '{n += $1} END {print n + 0}' ../twice)"
	row 'Files beyond the first of each group' \
		"$(awk '{n += $1 - 1} END {print n + 0}' ../twice)"
	row 'Bytes in those' "$(awk '{n += ($1 - 1) * $2} END {print n + 0}' ../twice)"
}

compare_todo() {
	row 'Lines with TODO, FIXME or XXX' \
		"$(xargs -0 -r grep -IhwE 'TODO|FIXME|XXX' <../list | wc -l)"
}

compare_c() {
	grep -zE '\.[ch]$' ../list >../c || return 0
	local include='^[[:space:]]*#[[:space:]]*include[[:space:]]*'
	row 'C files' "$(count <../c)"
	row 'Includes of system headers' \
		"$(xargs -0 -r grep -haE "$include<[^>]+>" <../c | wc -l)"
	row 'Includes of own headers' \
		"$(xargs -0 -r grep -haE "$include\"[^\"]+\"" <../c | wc -l)"
	# The header that is included most often stands first.
	local first
	first=$(xargs -0 -r grep -haoE "$include(<[^>]+>|\"[^\"]+\")" <../c |
		sed -E "s/$include//" | sort | uniq -c | sort -k1,1nr -k2 |
		awk 'NR == 1 {printf "- `%s`: %d", $2, $1}')
	report_says "$first"
}

# Scripts whose first line asks for sh, bash or nothing.
compare_shell() {
	grep -z '\.sh$' ../list >../sh || return 0
	local script scripts=0 bare=0 wrong=0 careless=0 other=0 first
	while IFS= read -r -d '' script; do
		scripts=$((scripts + 1))
		first=$(head -n 1 "$script" | tr -d '\0')
		[ "${first:0:2}" = '#!' ] || bare=$((bare + 1))
		case $first in
		'#!'*perl*)
			other=$((other + 1))
			continue
			;;
		'#!'*bash*) bash -n "$script" || wrong=$((wrong + 1)) ;;
		*) sh -n "$script" || wrong=$((wrong + 1)) ;;
		esac 2>/dev/null
		grep -qE '^\s*set (-[a-z]*e|-o errexit)' "$script" ||
			careless=$((careless + 1))
	done <../sh
	row 'Shell scripts' "$scripts"
	row "Without \`#!\` at the beginning" "$bare"
	row 'With a syntax error' "$wrong"
	row "Without \`set -e\`" "$careless"
	row 'For another shell, not checked' "$other"
	row 'Could not be read any more' 0
}

compare_checksums() {
	xargs -0 -r sha256sum -- <../list >../sums
	cmp ../sums "$OUT/manifest.sha256"
	row "Files in \`manifest.sha256\`" "$(count <../list)"
	row 'Files that could not be read any more' 0
	report_says "\`$(sha256sum <../sums | cut -c 1-64)\`"
	[ ! -s ../sums ] || sha256sum --quiet -c "$OUT/manifest.sha256"
}

# The report against everything that can be asked independently.
compare() {
	cd tree
	here -type f -readable -print0 | sort -z >../list
	compare_files
	compare_lines
	compare_largest
	compare_duplicates
	compare_todo
	compare_c
	compare_shell
	compare_checksums
	report_says 'None of these files changed while the audit ran.'
	cd ..
}

# Runs `compare` with the permissions that the audit had.
compare_as_auditor() {
	local figures="$WORK/figures"
	mkdir "$figures"
	mv tree "$figures/tree"
	chmod 777 "$figures"
	declare -f >"$figures/functions"
	local code=0
	"${AS[@]}" env OUT="$OUT" bash -eu -c \
		'cd "$1"; . ./functions; compare' - "$figures" || code=$?
	mv "$figures/tree" tree
	rm -rf "$figures"
	return "$code"
}

# The run left nothing of its own behind.
clean() {
	equal "left over" "" "$(find "$OUT" -name 'work-*')"
}

@test "this repository" {
	if ! git -C "$SOURCE" archive HEAD 2>/dev/null | tar -xC tree 2>/dev/null; then
		tar -C "$SOURCE" --exclude=./build --exclude=./.git -cf - . | tar -xC tree
	fi
	chmod -R a+rX tree
	[ "$(find tree -type f | wc -l)" -gt 100 ]
	audit 0
	equal state succeeded "$(latest .state)"
	equal lang '["c","sh"]' "$(latest '.attributes.lang | tojson')"
	equal tasks "snapshot classify / checksums duplicates includes largest lines shell todo / report clean" \
		"$(latest '.activities[0] | [[.pre.tasks[].name], ([.parallel.tasks[].name] | sort), [.post.tasks[].name] | join(" ")] | join(" / ")')"
	compare_as_auditor
	clean
}

# Everything that makes trouble in names, contents and kinds.
nasty() {
	cd tree
	mkdir 'a b' $'new\nline' ünï .git deep ./--help
	mkdir -p deep/{1,2,3}/{1,2,3}/.git
	echo hidden | tee .git/config deep/1/2/.git/x >/dev/null
	printf 'a\nb\n' | tee 'a b/c d.c' $'new\nline/x\ny.txt' dup $'\t' >/dev/null
	printf 'a\nc\n' >same-size
	printf '%s' 'no newline at the end' >./-n
	printf -- '-\n' >./-
	printf 'x\n' >'--help/ -rf *.txt'
	printf 'x\n\0y\n' >binary.dat
	printf 'x\n' >$'latin-caf\xe9.md'
	printf 'x\n' >'`id`|$(id);"'"'"'\.h'
	: >empty
	: >'empty too.c'
	printf 'TODO: \303\251\nxTODO no\n/* FIXME */ x XXX\n' >ünï/ä.h
	printf '#include <stdio.h>\n # \tinclude "own.h"\n// #include <no>\n#include <stdio.h> // again\n' \
		>ünï/a.c
	head -c 300000 /dev/zero | tr '\0' 'z' >large.txt
	cp large.txt large.copy
	echo 'echo hi' >bare.sh
	printf '#!/bin/sh\nset -eu\nif\n' >$'wrong\n.sh'
	printf '#!/usr/bin/env bash\nset -o errexit\na=(1)\n' >' bash .sh'
	printf '#!/usr/bin/perl\nuse strict;\n' >perl.sh
	ln -s /etc/passwd link
	ln -s . loop
	ln -s nowhere dangling.c
	mkfifo pipe
	ln dup hard
	mkdir closed
	echo x >closed/file
	echo secret >locked.c
	chmod 000 locked.c closed
	cd ..
	if [ ${#AS[@]} -gt 0 ]; then
		chown -hR 65534:65534 tree
	fi
}

@test "a nasty tree" {
	nasty
	audit 0
	equal state succeeded "$(latest .state)"
	compare_as_auditor
	# What is known without asking anybody.
	row 'Symbolic links, not followed' 3
	row 'Sockets, pipes and devices' 1
	row 'With a syntax error' 1
	row 'Shell scripts' 4
	row 'For another shell, not checked' 1
	row 'Groups of duplicates' 3
	row 'Lines with TODO, FIXME or XXX' 2
	row 'Includes of system headers' 2
	row 'Includes of own headers' 1
	if [ "$(id -u)" -ne 0 ] || [ ${#AS[@]} -gt 0 ]; then
		row 'Files without permission to read' 1
		row 'Folders that could not be looked into' 1
		report_says "- \`locked.c\`"
		report_says "- \`closed: Permission denied\`"
	fi
	report_says "\`new\\nline/x\\ny.txt\`"
	report_says "\`wrong\\n.sh\`"
	report_says "- 2 times 300000 bytes: \`large.copy\`, \`large.txt\`"
	report_says "- \`.git\`"
	no grep -q hidden "$OUT/report.md"
	iconv -f UTF-8 -t UTF-8 "$OUT/report.md" >/dev/null
	clean
}

@test "an empty tree" {
	audit 0
	equal state succeeded "$(latest .state)"
	compare_as_auditor
	row Files 0
	row Lines 0
	report_says "Not looked at: the run's \`lang\` does not name \`c\`."
	report_says "Not looked at: the run's \`lang\` does not name \`sh\`."
	equal filtered 2 "$(latest '.activities[0].parallel.filtered')"
	[ ! -s "$OUT/manifest.sha256" ]
	clean
}

@test "ten thousand files" {
	awk 'BEGIN {for (i = 0; i < 10000; i++) {
		f = sprintf("tree/%d/f%d.%s", i % 100, i, i % 10 ? "c" : "sh")
		if (i < 100) system("mkdir tree/" i)
		printf "#include <h%d.h>\nline %d\n", i % 7, i % 5000 >f; close(f)}}'
	chmod -R a+rX tree
	audit 0
	row Files 10000
	row Lines 20000
	row 'C files' 9000
	row 'Shell scripts' 1000
	cd tree
	find . -type f -print0 | sort -z >../list
	compare_duplicates
	compare_checksums
	cd ..
	clean
}

@test "lang decides which checks take part" {
	echo 'int x;' >tree/x.c
	audit 0
	equal lang '["c"]' "$(latest '.attributes.lang | tojson')"
	equal "in parallel" "checksums duplicates includes largest lines todo" \
		"$(latest '[.activities[0].parallel.tasks[].name] | sort | join(" ")')"
	equal filtered 1 "$(latest '.activities[0].parallel.filtered')"
	report_says "Not looked at: the run's \`lang\` does not name \`sh\`."
}

@test "a file that vanishes while the audit runs" {
	echo stays >tree/stays
	echo goes >tree/goes
	chmod 777 tree
	# The checksums begin, and it is gone.
	printf '#!/bin/sh\nrm -f ./goes\nexec /usr/bin/sha256sum "$@"\n' >bin/sha256sum
	chmod +x bin/sha256sum
	audit 0
	equal state succeeded "$(latest .state)"
	row Files 2
	row "Files in \`manifest.sha256\`" 1
	row 'Files that could not be read any more' 1
	report_says 'While the audit ran, 0 of these files changed and 1 vanished'
	no grep -q goes "$OUT/manifest.sha256"
	clean
}

@test "a file that changes while the audit runs" {
	echo one >tree/file
	chmod 666 tree/file
	printf '#!/bin/sh\necho two >>./file\nexec /usr/bin/sha256sum "$@"\n' >bin/sha256sum
	chmod +x bin/sha256sum
	audit 0
	report_says 'While the audit ran, 1 of these files changed and 0 vanished'
}

@test "a check that the report needs fails: no report, and why" {
	echo x >tree/x
	printf '#!/bin/sh\necho "sha256sum: write error: No space left" >&2\nexit 1\n' >bin/sha256sum
	chmod +x bin/sha256sum
	audit 1
	says 'tutti why @latest'
	says 'No space left'
	equal state failed "$(latest .state)"
	equal checksums failed "$(latest '.activities[0].parallel.tasks[] | select(.name == "checksums").state')"
	equal post "clean succeeded" "$(latest '[.activities[0].post.tasks[] | "\(.name) \(.state)"] | join(", ")')"
	[ ! -e "$OUT/report.md" ]
	[ ! -e "$OUT/manifest.sha256" ]
	clean
	# An older report is not shown as this run's.
	echo 'from yesterday' >"$OUT/report.md"
	audit 1
	no grep -q yesterday <<<"$output"
}

@test "an optional check fails: degraded, and the report says so" {
	echo 'TODO' >tree/x
	printf '#!/bin/sh\ncase "$*" in *TODO*) exec kill -9 $$ ;; esac\nexec /usr/bin/grep "$@"\n' >bin/grep
	chmod +x bin/grep
	audit 0
	equal state degraded "$(latest .state)"
	equal todo "failed false" "$(latest '.activities[0].parallel.tasks[] | select(.name == "todo") | "\(.state) \(.mandatory)"')"
	report_says 'Not known: the check failed.'
	row Files 1
	no figure 'Lines with TODO, FIXME or XXX'
	clean
}

@test "what cannot be audited is refused with a sentence" {
	audit 2 nowhere
	says "cannot enter 'nowhere'"
	audit 2 "$OUT"
	says 'must not be the tree itself'
	exits 2 "$BUILD/examples/tree-audit/audit.sh" one two
	# A tree that goes away between the script and the run; a file for a tree.
	for dir in "$WORK/nowhere" /etc/passwd; do
		exits 1 tutti run "$BUILD/examples/tree-audit/tutti.yaml" \
			--store store --uid "$dir" \
			--input "{\"dir\": \"$dir\", \"out\": \"$OUT\"}"
		says "cannot audit '$dir'"
	done
	exits 1 tutti run "$BUILD/examples/tree-audit/tutti.yaml" --store store --uid none
	says '`dir` must be'
	clean
}

@test "names of the tree and of the output that want quoting" {
	mkdir "$WORK/a \"b\" \\c 'd' \$HOME" "$WORK/o \"u\" \\t"
	OUT="$WORK/o \"u\" \\t"
	AS=()
	echo x >"$WORK/a \"b\" \\c 'd' \$HOME/file"
	audit 0 "$WORK/a \"b\" \\c 'd' \$HOME"
	row Files 1
	row "Files in \`manifest.sha256\`" 1
	mkdir $'new\nline'
	audit 2 $'new\nline'
	says 'control characters'
}

@test "what the audit writes is not part of the tree" {
	echo x >tree/x
	AS=()
	OUT=$WORK/tree/out
	audit 0
	audit 0
	row Files 1
	report_says '- `out`'
}

@test "every audit is a run of its own" {
	echo x >tree/x
	audit 0
	audit 0
	says 'No daemon is running.'
	equal runs 2 "$(tutti --store "$OUT/.tutti" ls --count)"
	equal uids 2 "$(tutti --store "$OUT/.tutti" ls -o json | jq '[.[].uid] | unique | length')"
}

@test "only a work folder is ever used or removed" {
	mkdir precious
	echo precious >precious/file
	cat >tutti.yaml <<-YAML
		plugins: [$BUILD/examples/tree-audit/tree_audit.so]
		activities:
		  Clean: {pre: [{plugin: clean, with: {work: $WORK/precious}}]}
		  Make: {pre: [{plugin: snapshot, with: {dir: $WORK/tree, work: $WORK/precious}}]}
		  Gone: {pre: [{plugin: clean, with: {work: $WORK/nowhere}}]}
		workflows: {clean: [Clean], make: [Make], gone: [Gone]}
	YAML
	exits 1 tutti run tutti.yaml clean --uid 1
	says 'nothing was removed'
	exits 1 tutti run tutti.yaml make --uid 2
	says 'is there already'
	exits 0 tutti run tutti.yaml gone --uid 3
	equal precious "file precious" "$(ls precious) $(cat precious/*)"
}

@test "the installed copy works from where it was installed" {
	cmake --install "$BUILD" --prefix "$WORK/prefix" >install.log 2>&1 || {
		cat install.log >&2
		return 1
	}
	echo 'int x;' >tree/x.c
	mkdir elsewhere
	cd elsewhere
	PATH=/usr/bin:/bin exits 0 env -u TUTTI -u BUILD \
		"$WORK/prefix/share/tutti/examples/tree-audit/audit.sh" ../tree
	OUT=$PWD/tree-audit
	row Files 1
	row 'C files' 1
}

@test "every command in the README works" {
	# `make demo` is this, after building.
	printf '#!/bin/sh\nfor word; do case $word in DIR=*) dir=${word#DIR=} ;; esac; done\nexec examples/tree-audit/audit.sh "${dir:-$PWD}"\n' >bin/make
	printf '#!/bin/sh\ncat -- "$@"\n' >bin/less
	chmod +x bin/make bin/less
	mkdir -p checkout/build
	ln -s "$BUILD" checkout/build/release
	ln -s "$SOURCE/examples" checkout/examples
	awk '/^```sh$/ {on = 1; next} /^```/ {on = 0} on' \
		"$SOURCE/examples/tree-audit/README.md" |
		sed "s,/tmp/my-audit,$WORK/my-audit,g; s,/usr/include/linux,$WORK/tree,g" >script
	[ "$(wc -l <script)" -ge 5 ]
	echo 'int x;' >tree/x.c
	cd checkout
	PATH=$WORK/bin:$PATH BUILD=$BUILD bash -eu ../script >../output 2>&1 3>&- || {
		cat ../output >&2
		return 1
	}
	OUT=$WORK/my-audit
	row Files 1
	# The demo has looked at the checkout itself, and not into the build.
	grep -q "Audit of \`$(pwd -P)\`" ../output
}

@test "killed in the middle, it goes on, and the report is as true" {
	echo 'int x;' >tree/x.c
	echo y >tree/y
	# The first attempt hangs, and goes on writing when it is too late.
	printf '#!/bin/sh\nif [ "$TUTTI_ATTEMPT" = 1 ]; then touch %s/begun; until [ -e %s/go ]; do sleep 0.05; done; fi\nexec /usr/bin/sha256sum "$@"\n' \
		"$WORK" "$WORK" >bin/sha256sum
	chmod +x bin/sha256sum
	local run=(env "PATH=$WORK/bin:$PATH" tutti run
		"$BUILD/examples/tree-audit/tutti.yaml" --uid once --attr 'lang=["c"]'
		--input "{\"dir\": \"$WORK/tree\", \"out\": \"$OUT\"}")
	AS=()
	"${run[@]}" >/dev/null 2>&1 3>&- &
	local pid=$!
	wait_until test -e begun
	others_done() { [ "$(show once .activities[0].parallel.finished)" = 5 ]; }
	wait_until others_done
	kill -9 "$pid"
	wait "$pid" || :
	equal "while it is dead" running "$(show once .state)"
	exits 0 "${run[@]}"
	touch go
	equal state succeeded "$(show once .state)"
	equal attempts "checksums 2, duplicates 1, includes 1, largest 1, lines 1, todo 1" \
		"$(show once '[.activities[0].parallel.tasks[] | "\(.name) \(.attempt)"] | sort | join(", ")')"
	compare_as_auditor
	clean
}
