# SPDX-License-Identifier: GPL-2.0-or-later
# Reads OpenMetrics text and says where it breaks the rules of that format (version 1.0); exits with 1 where it does.
# Prints nothing else, but with -v show=1 each sample as "NAME{LABELS} VALUE". Gauges, counters and unknowns only.

function refuse(why)
{
	printf "line %d: %s: %s\n", NR, why, $0
	bad = 1
}

# Everything about one family stands together, its description first.
function enter(name)
{
	if (name == family)
		return
	if (name in seen)
		refuse("the family " name " was left before")
	seen[name] = 1
	family = name
	has_sample = 0
}

function describe(line,    words, name, rest)
{
	split(line, words, " ")
	name = words[3]
	if (name !~ /^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
		refuse("no name")
	enter(name)
	if (has_sample)
		refuse("a description after a sample")
	if ((words[2], name) in described)
		refuse("described twice")
	described[words[2], name] = 1
	rest = substr(line, length(words[2]) + length(name) + 5)
	if (line != "# " words[2] " " name " " rest || rest ~ /^ / || rest == "")
		refuse("not separated by single spaces")
	if (words[2] == "TYPE") {
		if (rest !~ /^(gauge|counter|unknown)$/)
			refuse("no type that is known here")
		if (rest == "counter" && name ~ /_total$/)
			refuse("a counter's family does not end in _total")
		type[name] = rest
	} else if (words[2] == "UNIT") {
		if (substr(name, length(name) - length(rest)) != "_" rest)
			refuse("the name does not end in its unit")
	} else if (words[2] != "HELP") {
		refuse("a comment")
	}
}

function check_labels(labels,    rest, name, used)
{
	rest = labels
	while (match(rest, /^[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\\\|\\"|\\n)*"/)) {
		name = substr(rest, 1, index(rest, "=") - 1)
		if (name in used)
			refuse("a label twice")
		used[name] = 1
		rest = substr(rest, RLENGTH + 1)
		if (rest == "")
			return
		if (substr(rest, 1, 1) != ",")
			break
		rest = substr(rest, 2)
	}
	refuse("bad labels")
}

function sample(line,    name, labels, rest, end)
{
	if (!match(line, /^[a-zA-Z_:][a-zA-Z0-9_:]*/)) {
		refuse("neither a sample nor a description")
		return
	}
	name = substr(line, 1, RLENGTH)
	rest = substr(line, RLENGTH + 1)
	labels = ""
	if (substr(rest, 1, 1) == "{") {
		end = match(rest, /} /)
		labels = substr(rest, 2, end - 2)
		check_labels(labels)
		rest = substr(rest, end + 1)
	}
	if (rest !~ /^ [-+]?([0-9]+|[0-9]*\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?$/)
		refuse("no number after one space")
	if (type[family] == "counter") {
		if (name != family "_total")
			refuse("not the family's name and _total")
		if (rest ~ /^ -/)
			refuse("a counter below zero")
	} else if (name != family) {
		enter(name)
	}
	has_sample = 1
	if ((name, labels) in sampled)
		refuse("a sample twice")
	sampled[name, labels] = 1
	if (show)
		print name (labels == "" ? "" : "{" labels "}") rest
}

ended { refuse("something after the end") }
/^# EOF$/ { ended = 1; next }
/^#/ { describe($0); next }
{ sample($0) }

END {
	if (!ended) {
		print "there is no # EOF at the end"
		bad = 1
	}
	exit bad
}
