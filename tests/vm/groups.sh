# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Inside the guest: bash groups.sh GROUP:BOOT... runs these groups of cases, each in a shell of its own, and takes away what
# one leaves before the next one begins. "group NAME" stands before the lines of each.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

mapfile -t at_first </proc/self/mounts

# clear_away: the next group finds no policy, no mount and no floor but those of a machine that has just come up.
clear_away()
{
	relax
	unmount_after "${#at_first[@]}"
	rm -rf "$SCRATCH" /etc/embargo /var/lib/embargo
	mkdir -p "$SCRATCH"
	[[ ! -e $PINS ]] || give_up left-behind "$PINS"
}

# What a sanitizer finds: it writes to a folder that everybody may write to, and aborts; of who may not write the kernel tells.
readonly REPORTS=/run/sanitizer
if [[ ${SANITIZE:-} ]]; then
	mkdir -m 1777 "$REPORTS"
	export ASAN_OPTIONS=log_path=$REPORTS/asan:detect_leaks=0 UBSAN_OPTIONS=log_path=$REPORTS/ubsan
fi

# sanitized: nothing was found since the last time.
sanitized()
{
	local report found=''

	for report in "$REPORTS"/*; do
		found+="${report##*/}: $(grep -m 3 -E 'ERROR: |runtime error: |^ +#[1-6] .*loader/' "$report" | tr '\n' ';') "
	done
	rm -f "$REPORTS"/*
	found+=$(dmesg -c | grep -B 4 -A 2 'potentially unexpected fatal signal 6' | grep -E 'fatal signal|Comm:')
	attempt sanitizer expect_nothing "$found"
}

expect_nothing()
{
	[[ ! $1 ]] || fail "$1"
}

# up: seconds since the machine came up, whatever a group does to its clock.
up()
{
	local seconds

	read -r seconds _ </proc/uptime
	printf '%s' "${seconds%.*}"
}

for part; do
	[[ $part == "$1" ]] || clear_away
	printf 'group %s\n' "${part%:*}"
	began=$(up)
	BOOT=${part#*:} bash "$HERE/cases/${part%:*}.sh" </dev/null || printf 'not ok ends-well: status %s\n' $?
	[[ ! ${SANITIZE:-} ]] || ONLY='*' sanitized
	printf 'took %d s\n' $(($(up) - began))
done
