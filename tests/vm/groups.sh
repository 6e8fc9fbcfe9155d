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

for part; do
	[[ $part == "$1" ]] || clear_away
	printf 'group %s\n' "${part%:*}"
	BOOT=${part#*:} bash "$HERE/cases/${part%:*}.sh" </dev/null || printf 'not ok ends-well: status %s\n' $?
done
