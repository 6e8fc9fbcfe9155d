#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With an IMA policy loaded, IMA answers from its cache while a file is being written: such an answer is none.
#: --disk data:64M --append ima_policy=tcb

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d

# A file that held harmless bytes when IMA looked first, and holds the listed ones now, with its writer still there.
# It is either refused or told to have no digest; never is it taken for what it was.
stale()
{
	local file=/d/$1 before

	sysctl -q -w "kernel.kptr_restrict=$2" || printf '%s\n' "$2" >/proc/sys/kernel/kptr_restrict
	relax
	make_pair "$file" /bin/true
	cp "$file.twin" "$file.changing"
	policy_begin deny
	rule_file "$1" banned any "$file"
	enforce
	now_runs map_exec "$file.changing" "with no writer"
	exec 9<>"$file.changing"
	overwrite "$file.changing" "$file"
	read_counters
	before=${counter[digest_failed]}
	now_denied map_exec "$file.changing" "while it is written"
	read_counters
	[[ ${counter[digest_failed]} -gt $before ]] || fail "a digest was had"
	exec 9>&-
	now_denied map_exec "$file.changing" "once it is written"
	now_runs plain "$file.twin" "the twin"
}
attempt ima-policy-is-seen stale seen 1

# No address is shown then: what IMA has measured beyond the boot tells.
attempt ima-policy-is-guessed stale guessed 2

measured=$(</sys/kernel/security/ima/runtime_measurements_count)
[[ $measured -gt 1 ]] || give_up ima-policy "there is none: IMA has measured $measured"
relax
