#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file that cannot match is never hashed, and one that could is hashed once.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d

# 500 programs, none of a listed size: sizes are odd ones, the listed file's is none of theirs.
sized_only()
{
	local hashed result

	mkdir /d/many
	copies 500 "$HERE/bin/tiny" /d/many
	make_pair /d/listed "$HERE/bin/tiny"
	printf '%0500d' 0 >>/d/listed
	printf '%0500d' 0 >>/d/listed.twin
	policy_begin
	rule_file listed banned any /d/listed
	enforce
	read_counters
	hashed=${counter[hashed]}
	result=$(storm --each /d/many/*)
	[[ $result == "ran=500 refused=0 other=0" ]] || fail "$result"
	read_counters
	[[ $hashed -eq 0 && ${counter[hashed]} -eq 0 ]] || fail "${counter[hashed]} digests were computed, $hashed of them before"
	[[ ${counter[size_filtered]} -ge 500 ]] || fail "only ${counter[size_filtered]} were cleared by their size"
	[[ ${counter[denied]} -eq 0 ]] || fail "${counter[denied]} were denied"
	now_runs plain /d/listed.twin "of the listed size"
	read_counters
	[[ ${counter[hashed]} -gt 0 ]] || fail "a file of the listed size was not hashed: the count proves nothing"
	now_denied plain /d/listed
}
attempt sized-500-programs-hash-nothing sized_only

# hashed_by COMMAND...: how many digests it cost.
hashed_by()
{
	local before

	read_counters
	before=${counter[hashed]}
	"$@" >/dev/null 2>&1
	read_counters
	hashed=$((counter[hashed] - before))
}

# Static programs: an exec of one involves no other file.
unsized_once()
{
	mkdir -p /d/once
	copies 20 "$HERE/bin/tiny" /d/once
	sync
	sleep 1.1
	make_pair /d/unsized "$HERE/bin/tiny"
	policy_begin
	rule_file unsized banned elf /d/unsized unsized
	enforce
	base_cost
	hashed_by run_all
	[[ $((hashed - cost)) -eq 20 ]] || fail "20 new files took $((hashed - cost)) digests"
	hashed_by run_all
	[[ $((hashed - cost)) -eq 0 ]] || fail "the second run of 20 files took $((hashed - cost)) digests"
	embargo reload --policy "$POLICY" >/dev/null 2>&1 || fail "reload failed"
	hashed_by run_all
	[[ $((hashed - cost)) -eq 0 ]] || fail "after a reload 20 files took $((hashed - cost)) digests"
	read_counters
	[[ ${counter[label_hit]} -ge 40 ]] || fail "label hits: ${counter[label_hit]}"
	printf 'x' >>/d/once/3
	sync
	sleep 1.1
	hashed_by run_all
	[[ $((hashed - cost)) -eq 1 ]] || fail "one of 20 files changed, and $((hashed - cost)) digests were computed"
	now_denied plain /d/unsized
}
# What the measuring itself costs: embargo and the programs of this script lie on tmpfs, where nothing is remembered.
base_cost()
{
	hashed_by storm 1 /d/none
	hashed_by storm 1 /d/none
	cost=$hashed
}
run_all()
{
	local result

	result=$(storm --each /d/once/*)
	[[ $result == "ran=20 refused=0 other=0" ]] || fail "$result"
}
attempt unsized-hashed-once unsized_once

# A library too: mapped by many programs, hashed for the first.
library_once()
{
	cp "$(realpath /lib/x86_64-linux-gnu/libz.so.1)" /d/libz.so.1
	sync
	sleep 1.1
	hashed_by dlopen /lib/x86_64-linux-gnu/libz.so.1
	cost=$hashed
	hashed_by dlopen /d/libz.so.1
	[[ $hashed -le $cost ]] || fail "the first load took $hashed digests, from tmpfs it is $cost"
	hashed_by dlopen /d/libz.so.1
	[[ $hashed -eq $((cost - 1)) ]] || fail "the second load took $hashed digests, from tmpfs it is $cost"
}
attempt unsized-library-once library_once
