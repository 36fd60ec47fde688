# CaseFolding.txt of the Unicode Character Database to a table in C: runs of
# characters that are folded by adding the same number.

function hex(text,    i, number)
{
	number = 0
	for (i = 1; i <= length(text); i++) {
		number = number * 16 + \
			index("0123456789ABCDEF", substr(text, i, 1)) - 1
	}
	return number
}

function put_run()
{
	if (runs++) {
		printf "\t{ 0x%05x, 0x%05x, %d, %d },\n", first, last, \
			stride ? stride : 1, delta
	}
}

BEGIN {
	FS = "; *"
	runs = 0
	print "/* Made from CaseFolding.txt: first, last, stride, delta. */"
	print "static const struct fold_run fold_runs[] = {"
}

# Upper and lower case often alternate, which makes the stride 2.
$2 == "C" || $2 == "S" {
	from = hex($1)
	if (runs && hex($3) - from == delta && \
	    (stride ? from - last == stride : from - last <= 2)) {
		stride = from - last
	} else {
		put_run()
		first = from
		delta = hex($3) - from
		stride = 0
	}
	last = from
}

END {
	put_run()
	print "};"
}
