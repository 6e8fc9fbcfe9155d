#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A million digests load, reload and enforce in a machine of 1 GiB, and status says what they cost.
#: @one --disk data:512M --memory 1G

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
make_pair /d/first "$HERE/bin/tiny"
make_pair /d/last "$HERE/bin/tiny"

# The two real digests stand first and last, a million made-up ones between them.
million_loads()
{
	policy_begin
	rule_list million banned elf million.hsb
	{
		printf '%s:%s:first\n' "$(digest_of /d/first)" "$(stat -c %s /d/first)"
		digests 999998 "$(stat -c %s /d/first)"
		printf '%s:%s:last\n' "$(digest_of /d/last)" "$(stat -c %s /d/last)"
	} >/d/million.hsb
	rm -f "$SCRATCH/policy/million.hsb"
	sed -i 's#million.hsb#/d/million.hsb#' "$SCRATCH/policy/rules"
	enforce
	expect_denied million exec plain /d/first /d/first.twin
	now_denied plain /d/last "the last of the list"
	now_runs plain /d/last.twin
}
attempt million-enforces million_loads

million_status()
{
	local text

	read_status
	text=${status_text//$'\n'/}
	[[ $text =~ \"load_ms\":[\ ]*[1-9] ]] || fail "no load_ms in $text"
	[[ $text =~ \"memory\":[\ ]*[1-9][0-9]{6} || $text =~ \"memory\":\{ ]] || fail "no memory in $text"
	[[ $text =~ \"digests\":[\ ]*1000000 || $text =~ 1000000 ]] || fail "status does not count the digests: $text"
	printf '# %s\n' "$(grep -oE '"(load_ms|memory)":[^,}]*' <<<"$text" | tr '\n' ' ')"
}
attempt million-status million_status

million_reloads()
{
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_denied plain /d/first "after the reload"
	now_runs plain /d/first.twin "after the reload"
	relax
	now_runs plain /d/first "after unload"
	! dmesg | grep -qi 'out of memory' || fail "the kernel ran out of memory: $(dmesg | grep -i 'out of memory')"
}
attempt million-reloads million_reloads
