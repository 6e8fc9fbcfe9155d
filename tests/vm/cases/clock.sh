#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dates come when they should, with nobody of ours about, and neither a clock set back nor a reboot undoes them.
#: --disk data:64M --disk poisoned:64M --rtc 2035-06-01T00:00:00
#: --disk data:64M --disk poisoned:64M --rtc 2033-01-01T00:00:00

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# keep_floor_on DEVICE: the floor outlives a machine on its disk, as on a host; each disk stands for a host of its own.
keep_floor_on()
{
	! mountpoint -q /var/lib/embargo || umount /var/lib/embargo
	if [[ $BOOT == 1 ]]; then
		mount_ext4 "$1" /var/lib/embargo
	else
		mkdir -p /var/lib/embargo
		mount -t ext4 "$1" /var/lib/embargo || give_up clock "the disk of the machine before is not readable"
	fi
}

keep_floor_on /dev/vda
make_pair /tmp/dated /bin/true
make_pair /tmp/later /bin/true

now()
{
	status_says now
}

# What a load finds before the clock is synchronised is no floor; what a reload finds after that is one, over a reboot too, and
# with a folder where the new file is written first.
reload_keeps()
{
	policy_begin
	schedule between "2034-01-01T00:00:00Z=deny"
	rule_file dated between elf /tmp/dated
	enforce
	[[ $(status_says floor) < "2030-" ]] || fail "a clock that nobody confirmed became the floor: $(status_says floor)"
	clock synchronise
	mkdir -p /var/lib/embargo/floor.new/inside
	enforce
	[[ $(status_says floor) > "2035-05" ]] || fail "after the reload the floor is $(status_says floor)"
	[[ $(sed -n 's/^floor //p' /var/lib/embargo/floor) -gt 2060000000000000000 ]] ||
		fail "kept for the next boot is $(head -n 1 /var/lib/embargo/floor), which is before 2035"
}

# before_date SECONDS: loads a rule whose date comes in SECONDS, and sees what it does until then.
before_date()
{
	date=$(at "$1")
	policy_begin
	schedule dated "$LONG_AGO=audit" "$date=deny"
	rule_file dated dated elf /tmp/dated
	enforce
	now_runs plain /tmp/dated "before the date"
	take_events
	events_with verdict=audit rule=dated operation=exec >/dev/null || fail "no audit event before the date: $events"
	agrees audit /tmp/dated exec
	agrees deny /tmp/dated exec "$date"
	agrees allow /tmp/dated.twin exec
	[[ $EPOCHSECONDS -lt $(date -d "$date" +%s) ]]
}

passes_alone()
{
	local date seconds

	for seconds in 10 40 160; do
		why=''
		if before_date "$seconds"; then break; fi
	done
	[[ $EPOCHSECONDS -lt $(date -d "$date" +%s) ]] || fail "the machine is too slow for the date"
	! pgrep -x embargo >/dev/null || fail "a process of embargo is there: $(pgrep -ax embargo)"
	wait_until "$date"
	sleep 1
	expect_denied dated exec plain /tmp/dated /tmp/dated.twin
}

set_back()
{
	local before after

	before=$(now)
	clock "$1" -31536000 || { fail "the clock cannot be set"; return; }
	[[ $EPOCHSECONDS -lt $(date -d "$before" +%s) ]] || fail "the clock was not set back"
	after=$(now)
	[[ ! $after < $before ]] || fail "now went from $before to $after"
	now_denied plain /tmp/dated "$1"
	now_runs plain /tmp/dated.twin
	clock "$1" 31536000
}

reload_set_back()
{
	clock set -31536000
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_denied plain /tmp/dated "after a reload with the clock set back"
	clock set 31536000
}

# deny-new stops what came after the stage and reports what was there before; both have the same digest.
deny_new()
{
	local stage

	mkdir -p /var/lib/embargo/programs
	cp /tmp/later /var/lib/embargo/programs/old
	sync
	sleep 1.1
	stage=$(at 0)
	sleep 1.1
	policy_begin
	schedule arriving "$LONG_AGO=audit" "$stage=deny-new"
	rule_file later arriving elf /tmp/later
	enforce
	now_runs plain /var/lib/embargo/programs/old "there before the stage"
	take_events
	events_with verdict=audit action=deny-new rule=later >/dev/null || events_with verdict=audit rule=later >/dev/null ||
		fail "no audit event: $events"
	agrees audit /var/lib/embargo/programs/old exec
	cp /tmp/later /var/lib/embargo/programs/new
	now_denied plain /var/lib/embargo/programs/new "came after the stage"
	take_events
	events_with verdict=deny rule=later >/dev/null || fail "no event: $events"
	agrees deny /var/lib/embargo/programs/new exec
	cp /tmp/later.twin /var/lib/embargo/programs/twin
	now_runs plain /var/lib/embargo/programs/twin "unlisted, new"
	now_denied memfd_sealed /var/lib/embargo/programs/old "from memory, which has no age"
	overwrite /var/lib/embargo/programs/twin /tmp/later
	now_denied plain /var/lib/embargo/programs/twin "changed after the stage"
}

# What has to hold in the next machine: the ban's date lies between that one's clock and this one's.
leave_floor()
{
	policy_begin
	schedule between "2034-01-01T00:00:00Z=deny"
	rule_file dated between elf /tmp/dated
	enforce
	now_denied plain /tmp/dated
	relax
	sync
}

after_reboot()
{
	[[ $(date +%Y) == 2033 ]] || fail "the clock of this machine says $(date)"
	policy_begin
	schedule between "2034-01-01T00:00:00Z=deny"
	rule_file dated between elf /tmp/dated
	enforce
	[[ $(now) > "2035-06" ]] || fail "now is $(now)"
	now_denied plain /tmp/dated
	take_events
	events_with verdict=deny rule=dated >/dev/null || fail "no event: $events"
	agrees deny /tmp/dated exec now
	now_runs plain /tmp/dated.twin
	[[ $(embargo floor) == *2035-06* ]] || fail "embargo floor says $(embargo floor)"
	[[ $(status_says clock_behind) == true ]] || fail "status does not say that the clock is behind"
}

# With a clock that was set back no ctime is evidence: what looks old is denied with the rest.
old_but_clock_behind()
{
	local old=/var/lib/embargo/programs/old

	policy_begin
	schedule arriving "$LONG_AGO=audit" "2035-05-01T00:00:00Z=deny-new"
	rule_file later arriving elf /tmp/later
	enforce
	[[ -e $old ]] || fail "the machine before left no old file"
	now_denied plain "$old" "ctime $(stat -c %z "$old")"
	agrees deny "$old" exec now
}

# A clock that is wrong by decades, and that nobody ever confirmed: setting it by hand ends a synchronisation.
poison()
{
	[[ ! -e /var/lib/embargo/floor ]] || fail "there is a floor already"
	clock set 788400000 || fail "the clock cannot be set"
	[[ $(at 0) > "2060-" ]] || fail "the clock says $(at 0)"
	policy_begin
	schedule future "$LONG_AGO=audit" "2050-01-01T00:00:00Z=deny"
	rule_file dated future elf /tmp/dated
	enforce
	now_denied plain /tmp/dated "while the clock says 2060"
	embargo reload --policy "$POLICY" >/dev/null 2>&1
	relax
	sync
	clock set -788400000
}

after_poison()
{
	policy_begin
	schedule future "$LONG_AGO=audit" "2050-01-01T00:00:00Z=deny"
	schedule past "2032-01-01T00:00:00Z=deny"
	rule_file dated future elf /tmp/dated
	rule_file later past elf /tmp/later
	enforce
	[[ $(now) < "2034-" ]] || fail "now is $(now)"
	now_runs plain /tmp/dated "a later date has come early"
	take_events
	events_with verdict=audit rule=dated >/dev/null || fail "no audit event: $events"
	now_denied plain /tmp/later "a date that has passed"
}

case $BOOT in
1)
	attempt clock-reload-keeps-floor reload_keeps
	clock synchronise
	relax
	attempt deny-new deny_new
	attempt date-passes-alone passes_alone
	attempt clock-set-back-settimeofday set_back set
	attempt clock-set-back-adjtimex set_back step
	attempt clock-set-back-reload reload_set_back
	attempt clock-floor-kept leave_floor
	keep_floor_on /dev/vdb
	attempt clock-poisoned poison
	;;
2)
	attempt clock-set-back-reboot after_reboot
	attempt deny-new-clock-behind old_but_clock_behind
	relax
	keep_floor_on /dev/vdb
	attempt clock-poisoned-reboot after_poison
	;;
esac
