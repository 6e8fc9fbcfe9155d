#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The clock jumps by years, forth and back, again and again, and the machine sleeps: what has long been banned is refused at
# each moment, what nobody listed runs, a date acts as the clock that counts says, and the daemon goes on.
#: @one --disk data:512M

# shellcheck source=tests/vm/faults.sh
. /t/faults.sh

YEAR=31536000

mount_ext4 /dev/vda /d
prepare_files
make_pair /d/dated "$HERE/bin/tiny"
policy_begin
schedule dated "$LONG_AGO=audit" "$(at $((5 * YEAR)))=deny"
rule_file listed banned any /d/listed
rule_file dated dated any /d/dated
POLICY=$(policy_end)

# A clock that nobody vouches for: the date comes when it says so, and goes with it again, as it never was more than a claim.
jumps()
{
	local i jump

	fault_begin
	for ((i = 0; i < 5; i++)); do
		for jump in 1 3600 $((10 * YEAR)) -$((10 * YEAR)) -$((20 * YEAR)) $((20 * YEAR)) -3601; do
			clock set "$jump" || fail 'the clock cannot be set'
			now_denied plain /d/listed "after a jump of $jump s"
			now_runs plain /d/dated.twin "after a jump of $jump s"
			if [[ $jump -eq $((10 * YEAR)) ]]; then
				now_denied plain /d/dated 'when its date has come'
			else
				now_runs plain /d/dated "its date has not come, after a jump of $jump s"
			fi
		done
	done
	fault_end
	goes_on "$daemon" 'the daemon'
	[[ $(status_says clock_behind) == true ]] || fail 'status does not say that the clock was set back'
	says "$SCRATCH/run" 'the clock was set back below its floor; no date is undone by it'
}

# All processes are frozen, until the clock of the machine wakes it.
sleeps()
{
	local alarm=/sys/class/rtc/rtc0/wakealarm

	modprobe rtc_cmos 2>/dev/null
	[[ $(</proc/sys/kernel/osrelease) == 6.* ]] || { skip 'the emulated machine does not wake this kernel again'; return; }
	[[ -w $alarm && $(</sys/power/mem_sleep) == *'[deep]'* ]] || { skip 'no alarm, or no sleep'; return; }
	fault_begin
	printf 0 >$alarm
	printf +20 >$alarm
	printf mem 2>"$SCRATCH/output" >/sys/power/state || fail "the machine does not sleep: $(<"$SCRATCH/output")"
	now_denied plain /d/listed 'after sleep'
	fault_end
	goes_on "$daemon" 'the daemon'
}

# With a clock that is known to be right a date that has come stays.
stays_passed()
{
	fault_begin
	clock step $((10 * YEAR))
	clock synchronise # which ends with each step
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_denied plain /d/dated 'when its date has come'
	for ((i = 0; i < 5; i++)); do
		clock step -$((10 * YEAR))
		now_denied plain /d/dated 'though the clock was set back'
		now_denied plain /d/listed
		clock step $((10 * YEAR))
	done
	clock step -$((10 * YEAR))
	fault_end
	now_denied plain /d/dated 'though the clock was set back'
}

daemon_starts
attempt jumps jumps
attempt sleeps sleeps
attempt date-stays-passed stays_passed
daemon_ends
relax
