#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one loader leaves to the next: the clock that it had, and nothing of a start that was killed half way.
#: --disk data:64M --rtc 2035-06-01T00:00:00

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
make_pair /d/dated /bin/true
make_pair /d/lifted /bin/true

floor_is_behind()
{
	grep -q 'behind 1' /var/lib/embargo/floor
}

# The floor's file is gone, the clock set back: what the old one knew of the time has to come from itself.
clock_is_handed_on()
{
	clock synchronise
	policy_begin
	schedule between "2034-01-01T00:00:00Z=deny"
	rule_file dated between elf /d/dated
	enforce
	now_denied plain /d/dated "on its date"
	clock set -63072000 || { fail "the clock cannot be set"; return; }
	now_denied plain /d/dated "the clock set back"
	rm -f /var/lib/embargo/floor
	embargo load --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "load: $(<"$SCRATCH/output")"
	now_denied plain /d/dated "after a new load with the clock set back"
	floor_is_behind || fail "that the clock was behind is forgotten: $(</var/lib/embargo/floor)"
	clock set 63072000
	embargo floor --reset >"$SCRATCH/output" 2>&1 || fail "floor --reset: $(<"$SCRATCH/output")"
	embargo load --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "load: $(<"$SCRATCH/output")"
	! floor_is_behind || fail "floor --reset does not last: $(</var/lib/embargo/floor)"
	relax
}
attempt clock-is-handed-on clock_is_handed_on

# A load that is killed after it exchanged the folders, and before it took the old one away, leaves both deciding.
killed_half_way()
{
	policy_begin
	rule_file lifted banned elf /d/lifted
	relax
	enforce
	now_denied plain /d/lifted
	mv "$PINS" "$PINS-aside"
	policy_begin
	rule_file dated banned elf /d/dated
	enforce
	mv "$PINS-aside" "$PINS-new"
	now_denied plain /d/lifted "both decide"
	[[ $(embargo status) == *"unfinished  a start was killed midway"*"embargo reload"* ]] || fail "status: $(embargo status)"
	[[ $(embargo doctor) == *"unfinished "*"a start was killed midway"* ]] || fail "doctor: $(embargo doctor)"
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	wait_for 30 /d/lifted 2>/dev/null || fail "what is no longer listed is still refused"
	now_denied plain /d/dated "listed now"
	[[ $(status_says unfinished) == false ]] || fail "then status says: unfinished $(status_says unfinished)"
	[[ ! -e $PINS-new ]] || fail "the old pins are still there"
	relax
	[[ -z $(ls /sys/fs/bpf) ]] || fail "left behind: $(ls /sys/fs/bpf)"
}
attempt killed-half-way killed_half_way
