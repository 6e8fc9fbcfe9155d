# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Running the program and holding it to its word; sourced. Leaves the test in an empty folder, removed at the end.

set -u
export LC_ALL=C

# BUILD may be relative, to the tree's root.
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
# For the tests that source this.
# shellcheck disable=SC2034
embargo=$(realpath "$root/${BUILD:-build}/embargo" 2>/dev/null || realpath "${BUILD:-build}/embargo")
folder=$(mktemp -d) || exit 2
trap clean_up EXIT

# What a sanitizer has found, whatever the program that it was found in was to leave with.
# shellcheck disable=SC2317  # the trap calls it
clean_up()
{
	local report

	for report in "$folder.reports"/*; do
		[ -e "$report" ] || continue
		sed 's/^/  /' "$report"
		echo "not ok sanitizer: $(sed -nE 's/.*(ERROR: |SUMMARY: |runtime error: )//p' "$report" | head -n 1)"
	done
	rm -rf "$folder" "$folder.reports"
}

if [ "${SANITIZE:-}" ]; then
	mkdir -m 1777 "$folder.reports"
	export ASAN_OPTIONS=log_path=$folder.reports/asan UBSAN_OPTIONS=log_path=$folder.reports/ubsan
fi

# bounds_memory NAME...: whether a program can be held to a bound of its address space, or says of each NAME why not.
bounds_memory()
{
	local name

	[ "${SANITIZE:-}" ] || return 0
	for name; do
		echo "skip $name: a sanitizer lays its shadow over more memory than any bound leaves"
	done
	return 1
}

cd "$folder" || exit 2

# expect NAME STATUS PATTERN COMMAND...: the command leaves with STATUS, and what it says matches PATTERN (as a
# whole, line breaks included).
expect()
{
	local name=$1 status=$2 pattern=$3 said left

	shift 3
	said=$("$@" 2>&1 </dev/null)
	left=$?
	if [ "$left" -eq "$status" ] && [[ $said =~ $pattern ]]; then
		echo "ok $name"
		return
	fi
	sed 's/^/  /' <<<"$said"
	echo "not ok $name: left with $left, expected $status and $pattern"
}

# json NAME FILTER COMMAND...: what the command prints is JSON, and the python expression FILTER over it (as `out`)
# is true.
json()
{
	local name=$1 filter=$2 said

	shift 2
	if ! command -v python3 >/dev/null; then
		echo "skip $name: python3 is not installed"
		return
	fi
	said=$("$@" 2>/dev/null </dev/null)
	if python3 -c 'import json, sys; out = json.loads(sys.argv[1]); sys.exit(not ('"$filter"'))' "$said"; then
		echo "ok $name"
		return
	fi
	sed 's/^/  /' <<<"$said"
	echo "not ok $name: not so: $filter"
}
