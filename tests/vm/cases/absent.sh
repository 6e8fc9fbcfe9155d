#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without bpf among the kernel's security modules nothing is enforced, and nobody is told otherwise.
#: --append lsm=landlock,yama

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

make_pair /tmp/listed /bin/true
policy_begin
rule_file listed banned elf /tmp/listed
policy=$(policy_end)

# refuses VERB...: ends with 2, names the boot parameter, leaves nothing behind.
refuses()
{
	local status=0

	embargo "$@" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "status $status"
	grep -q 'lsm=' "$SCRATCH/output" || fail "the boot parameter is not named: $(<"$SCRATCH/output")"
	[[ -z $(ls /sys/fs/bpf) ]] || fail "left behind: $(ls /sys/fs/bpf)"
	now_runs plain /tmp/listed "nothing is enforced"
}
attempt load-without-bpf refuses load --policy "$policy"
attempt run-without-bpf refuses run --policy "$policy"

not_enforcing()
{
	local status=0

	embargo status --json >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 1 ]] || fail "status ended with $status"
	grep -qE '"enforcing": ?false' "$SCRATCH/output" || fail "it says $(<"$SCRATCH/output")"
}
attempt status-without-bpf not_enforcing

# Checking files needs neither the kernel nor root.
check_anyway()
{
	local status=0

	chmod -R a+rX "$SCRATCH"
	as_user embargo check /tmp/listed --policy "$policy" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 1 ]] || fail "the listed file: status $status: $(<"$SCRATCH/output")"
	status=0
	as_user embargo check /tmp/listed.twin --policy "$policy" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 0 ]] || fail "the twin: status $status: $(<"$SCRATCH/output")"
}
attempt check-without-bpf check_anyway
