# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rows of a table whose rows stand on tests; sourced behind report.sh.

# rows_of FILE: "LINE|COLUMN|COLUMN...", blanks trimmed, without heads and rules.
rows_of()
{
	awk '/^\|[- |]+$/ { next }
		/^\| / { if (!inside++) next; line = $0; sub(/ *\| *$/, "", line); sub(/^\| */, "", line)
			gsub(/ *\| */, "|", line); print NR "|" line; next }
		{ inside = 0 }' "$1"
}

# test_is_there GROUP/NAME: a case of a group of tests/vm/cases; or a line of a system test; or a unit test.
test_is_there()
{
	local group=${1%%/*} name=${1#*/} file

	if [ "$group" = unit ]; then
		[ -f "tests/unit/${name}_test.c" ]
		return
	fi
	for file in "tests/vm/cases/$group.sh" "tests/system/$group.sh"; do
		# with-NAME and without-NAME are made of the same line.
		grep -qE "(^|[ '\"])${name#with-}([ '\"]|\$)" "$file" 2>/dev/null && return
	done
	return 1
}

# missing_tests COLUMN: of the rows on standard input, those whose COLUMN, after the line, names a test that is not there.
missing_tests()
{
	local line rest tests test

	while IFS='|' read -r line rest; do
		tests=$(cut -d '|' -f "$1" <<<"$rest")
		[ -n "$tests" ] || echo "line $line: no test"
		for test in ${tests//,/ }; do
			test_is_there "$test" || echo "line $line: there is no test $test"
		done
	done
}
