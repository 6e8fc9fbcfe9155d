#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No program comes near what the kernel's verifier is willing to go through, a million instructions: other kernels of a series
# take more for the same program, and the next change should not be the one that no longer loads.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

BUDGET=250000

policy_begin
cp /bin/true "$SCRATCH/any"
rule_file any banned any "$SCRATCH/any"
enforce

within_budget()
{
	local name count seen=0 largest=0

	while read -r name count; do
		((seen += 1))
		[[ $count -le $BUDGET ]] || fail "$name takes $count"
		[[ $count -gt 0 ]] || fail "the kernel does not say what $name takes"
		((count <= largest)) || largest=$count
	done < <(verified "$PINS"/progs/* 2>&1)
	[[ $seen -ge 9 ]] || fail "only $seen programs: $(verified "$PINS"/progs/* 2>&1)"
	printf 'verified instructions, the largest of %d programs: %d of %d\n' "$seen" "$largest" "$BUDGET"
}
attempt budget within_budget
