#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No program comes near what the kernel's verifier is willing to go through, a million instructions: other kernels of a series
# take more for the same program, and the next change should not be the one that no longer loads. `doctor --prove` loads no
# others.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

BUDGET=250000

policy_begin
cp /bin/true "$SCRATCH/any"
rule_file any banned any "$SCRATCH/any"
enforce

# of_budget LEAST: standard input has "NAME COUNT" for at least so many programs.
of_budget()
{
	local name count seen=0 most=0 all=0 largest=''

	while read -r name count; do
		[[ $count =~ ^[1-9][0-9]*$ ]] || { fail "the kernel does not say what $name takes: $count"; continue; }
		((seen += 1, all += count))
		[[ $count -le $BUDGET ]] || fail "$name takes $count"
		((count <= most)) || { most=$count largest=$name; }
	done
	[[ $seen -ge $1 ]] || fail "only $seen programs"
	printf 'verified instructions: %d of %d programs, the largest is %s with %d of %d\n' "$all" "$seen" "$largest" "$most" "$BUDGET"
}

of_policy()
{
	of_budget 9 < <(verified "$PINS"/progs/* 2>&1)
}
attempt budget of_policy

# Where a hook has other arguments on other kernels, there is a program for each form, NAME and NAME_WORD: one of them loads.
of_guard()
{
	local programs name

	programs=$(verified guard 2>&1)
	while read -r name; do
		fail "$name does not load"
	done < <(awk '$2 == "none" { none[$1]; next } { loads[$1] }
		END { for (n in none) { ok = 0
			for (l in loads) ok = ok || index(l "_", n "_") == 1 || index(n "_", l "_") == 1
			if (!ok) print n } }' <<<"$programs")
	of_budget 20 < <(grep -v ' none$' <<<"$programs")
}
attempt guard of_guard
