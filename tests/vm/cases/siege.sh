# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Whatever becomes of the gate, its watchdog, the watch, the daemon and the host: nothing waits longer than the watchdog's
# time, and what is banned is refused as soon as somebody looks again. Large files and a thousand at once are in nobody's way.
#: --cpus 2 --disk data:512M

# shellcheck source=tests/vm/gate.sh
. /t/gate.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# A program of 200 MiB, on a file system that is mounted later.
modprobe loop 2>/dev/null
truncate -s 240M /d/image
mke2fs -q -F -t ext4 /d/image
if mount -o loop /d/image /d/mnt; then
	cp "$HERE/bin/tiny" /d/mnt/large
	truncate -s 200M /d/mnt/large
	umount /d/mnt
fi

daemon_starts
find_watch

# What is there at the start is looked into before anything is measured.
is_inventoried()
{
	[[ $(</run/embargo/watch) == *'"inventory_done":true'* ]]
}
wait_for 1200 is_inventoried || give_up inventory "it does not end: $(</run/embargo/watch)"

wanted_by_settings()
{
	printf 'gate: off\n' >/etc/embargo/embargo.yaml
	: >"$SCRATCH/gate"
	embargo-gate >"$SCRATCH/gate" 2>&1 &
	watchdog=$!
	wait_for 50 grep -q 'the settings do not say' "$SCRATCH/gate" || fail "does not say so: $(<"$SCRATCH/gate")"
	[[ ! $(</proc/$watchdog/task/$watchdog/children) ]] || fail "a gate runs"
	printf 'gate: exec\n' >/etc/embargo/embargo.yaml
	wait_for 100 embargo gate status >/dev/null || fail "does not hold: $(<"$SCRATCH/gate")"
	kill "$watchdog"
	wait "$watchdog" || fail "status $?"
	[[ ! $(pidof embargo-gate) ]] || fail "something of it still runs"
}
attempt wanted-by-settings wanted_by_settings

start_gate

# Somebody looks into it: the watch has it open.
is_in_hand()
{
	local fd

	for fd in /proc/"$watch"/fd/*; do
		[[ ! $fd -ef $1 ]] || return 0
	done
	return 1
}

# while_large NAME FILE COUNT: what is run for the first time does not wait behind a file that takes many seconds.
while_large()
{
	local before

	gate_counts
	before=${gate_count[late]}
	wait_for 900 is_in_hand "$2" || fail "nobody looks into $2"
	run_fresh "$1" "$3" one
	is_in_hand "$2" || fail "$2 was done too soon to tell"
	printf 'while %s is looked into: %d of %d ran, the longest waited for %d ms\n' "$2" "$ran" "$3" "$longest"
	[[ $refused == "$3" ]] || fail "$ran of $3 ran"
	[[ $longest -lt $WATCHDOG ]] || fail "waited for $longest ms"
	gate_counts
	[[ ${gate_count[late]} == "$before" ]] || fail "late: $(embargo gate status)"
}

large_found()
{
	mount -o loop,ro /d/image /d/mnt || { skip "no loop device"; return; }
	while_large large-found /d/mnt/large 50
	wait_for 900 umount /d/mnt 2>/dev/null || fail "the file system is held"
}
attempt large-found large_found

# What somebody runs goes before what was only written.
while_unpacking()
{
	mkdir /d/unpacked
	for ((i = 0; i < 500; i++)); do
		printf '#!/bin/bash\n# %d\n' "$i" >"/d/unpacked/$i"
	done
	chmod 0755 /d/unpacked/*
	run_fresh unpacking 20 one
	printf 'while 500 files are looked into: %d of 20 ran, the longest waited for %d ms\n' "$ran" "$longest"
	[[ $refused == 20 ]] || fail "$ran of 20 ran"
}
attempt while-unpacking while_unpacking

mounted_later()
{
	mkdir -p /d/later
	mount -t tmpfs tmpfs /d/later
	sleep 1
	run_fresh later 20 one
	[[ $refused == 20 ]] || fail "$ran of 20 ran"
	wait_for 30 umount /d/later || fail "the file system is held"
}
attempt mounted-later mounted_later

# What was examined costs nothing the next time, until it is written to; and what others may write to is asked about always.
passed_over()
{
	local before

	cp "$HERE/bin/tiny" /d/old
	cp "$HERE/bin/tiny" /d/open
	chmod 0777 /d/open
	sleep 4
	now_runs plain /d/old
	now_runs plain /d/open
	gate_counts
	before=${gate_count[held]}
	now_runs plain /d/old
	gate_counts
	# sleep and its like were run before as well
	[[ ${gate_count[held]} == "$before" ]] || fail "held again: $before, ${gate_count[held]}"
	now_runs plain /d/open
	gate_counts
	[[ ${gate_count[held]} == $((before + 1)) ]] || fail "not asked about: $before, ${gate_count[held]}"
	cat "$HERE/bin/branded" >/d/old
	now_denied plain /d/old "written to"
}
attempt passed-over passed_over

# reloads WHEN: what was passed over is held again.
reloads()
{
	local before

	gate_counts
	before=${gate_count[held]}
	embargo reload --policy "$POLICY" >"$SCRATCH/reload" 2>&1 || fail "$(<"$SCRATCH/reload")"
	sleep 2.5
	now_runs plain /d/reloaded
	gate_counts
	[[ ${gate_count[held]} -gt $before ]] || fail "not held again $1"
}

# The second time while the inventory, which begins anew, waits for a classifier that does not answer for a minute.
reloaded()
{
	printf '\n# reloaded' | cat "$HERE/bin/tiny" - >/d/reloaded
	chmod 0755 /d/reloaded
	sleep 4
	now_runs plain /d/reloaded
	find_watch
	kill -STOP "$patient"
	reloads "after a reload"
	reloads "while a file takes long"
	kill -CONT "$patient"
}
attempt reloaded reloaded

watch_stopped()
{
	gate_counts
	before=${gate_count[late]}
	kill -STOP "$watch"
	lets_go "$WAIT" watch-stopped
	sleep 2 # the counts are written every second
	gate_counts
	[[ ${gate_count[late]} -gt $before ]] || fail "none was late: $(embargo gate status)"
	sleep 5
	before=${gate_count[unanswered]}
	lets_go 0 watch-hung
	gate_counts
	[[ ${gate_count[unanswered]} -gt $before ]] || fail "held though nobody answers: $(embargo gate status)"
	kill -CONT "$watch"
	sleep 3
	run_fresh watch-continued 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran when it went on"
}
attempt watch-stopped watch_stopped

watch_killed()
{
	local before=$watch

	: >"$SCRATCH/gate"
	kill -9 "$watch"
	lets_go 0 watch-killed
	told 'no watch to ask'
	holds_again
	run_fresh watch-again 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran with another watch"
	find_watch
	[[ $watch != "$before" ]] || fail "it is the same watch"
}
attempt watch-killed watch_killed

large_written()
{
	cp "$HERE/bin/tiny" /d/large
	truncate -s 64M /d/large
	while_large large-written /d/large 20
	rm /d/large
}
attempt large-written large_written

# Nor behind one that somebody runs: that one waits for as long as any may, and runs.
large_run()
{
	local before runner

	cp "$HERE/bin/tiny" /d/large
	truncate -s 200M /d/large
	sleep 1
	gate_counts
	before=${gate_count[late]}
	/d/large &
	runner=$!
	run_fresh large-run 20 one
	printf 'while 200 MiB are held: %d of 20 ran, the longest waited for %d ms\n' "$ran" "$longest"
	wait "$runner" || fail "the large one: status $?"
	[[ $refused == 20 ]] || fail "$ran of 20 ran"
	gate_counts
	[[ ${gate_count[late]} == $((before + 1)) ]] || fail "not the large one alone was late: $(embargo gate status)"
	rm /d/large
}
attempt large-run large_run

# What could not be looked into runs, is counted, and is not taken for examined. In memory, where the index knows no file.
not_examined()
{
	local before

	mkdir -p /d/memory
	mount -t tmpfs tmpfs /d/memory
	sleep 1
	printf '\n# not examined' | cat "$HERE/bin/tiny" - >/d/memory/not-examined
	chmod 0755 /d/memory/not-examined
	sleep 4 # old enough to be passed over, had it been examined
	gate_counts
	before=${gate_count[failed]}
	find_watch
	kill -9 "${classifiers[@]}"
	now_runs plain /d/memory/not-examined
	gate_counts
	[[ ${gate_count[failed]} == $((before + 1)) ]] || fail "not counted: $(embargo gate status)"
	before=${gate_count[held]}
	now_runs plain /d/memory/not-examined
	gate_counts
	[[ ${gate_count[held]} -gt $before ]] || fail "taken for examined: $(embargo gate status)"
	before=${gate_count[held]}
	now_runs plain /d/memory/not-examined
	gate_counts
	[[ ${gate_count[held]} == "$before" ]] || fail "not taken for examined: $(embargo gate status)"
	wait_for 300 umount /d/memory 2>/dev/null || fail "the file system is held"
}
attempt not-examined not_examined

daemon_stopped()
{
	kill -STOP "$daemon"
	run_fresh daemon-stopped 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran"
	kill -CONT "$daemon"
}
attempt daemon-stopped daemon_stopped

freeze_all()
{
	mkdir -p /sys/fs/cgroup/frozen
	echo "$gate" >/sys/fs/cgroup/frozen/cgroup.procs && echo "$watchdog" >/sys/fs/cgroup/frozen/cgroup.procs &&
		echo 1 >/sys/fs/cgroup/frozen/cgroup.freeze
}

thaw_all()
{
	echo 0 >/sys/fs/cgroup/frozen/cgroup.freeze
}

# Frozen together with its watchdog: the kernel's own deadline is what is left.
all_frozen()
{
	gate_counts
	before=${gate_count[opened_by_watchdog]}
	freeze_all || { skip "no cgroup to freeze"; return; }
	: >"$SCRATCH/gate"
	lets_go "$DEADLINE" all-frozen
	thaw_all
	told "the kernel's deadline ended it"
	gate_counts
	[[ ${gate_count[opened_by_watchdog]} == $((before + 1)) ]] || fail "not counted: $(embargo gate status)"
	holds_again
}
attempt all-frozen all_frozen

gate_killed()
{
	kill -9 "$gate"
	lets_go 0 gate-killed
	holds_again
	run_fresh gate-again 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran with another gate"
}
attempt gate-killed gate_killed

# What the kernel has no descriptor for, it refuses: the gate must not let it come to that.
no_descriptors()
{
	prlimit --pid "$gate" --nofile=3:4096 || { skip "no prlimit"; return; }
	lets_go 0 no-descriptors
	holds_again
	prlimit --pid "$watch" --nofile=4:4096
	lets_go "$WAIT" watch-no-descriptors
	prlimit --pid "$watch" --nofile=1024:4096
	sleep 3
}
attempt no-descriptors no_descriptors

# The daemon and all its processes tell what they do to a pipe that nobody reads and that is full.
journal_hung()
{
	stop_daemon
	mkfifo "$SCRATCH/full"
	exec 9<>"$SCRATCH/full"
	embargo run --policy "$POLICY" 2>&9 &
	daemon=$!
	sleep 1.2 # what the gate said before
	wait_for 300 embargo gate status >/dev/null || fail "does not hold: $(embargo gate status)"
	timeout 2 cat /dev/zero >&9 # until nothing more goes in
	run_fresh journal-hung 60 one
	printf 'nobody reads: %d of 60 ran, the longest waited for %d ms\n' "$ran" "$longest"
	[[ $refused == 60 ]] || fail "$ran of 60 ran"
	[[ $longest -lt $WATCHDOG ]] || fail "waited for $longest ms"
	lets_go "$WATCHDOG" journal-hung-plain 60
	exec 9>&-
	find_watch
	stop_daemon
	daemon_starts
	find_watch
	holds_again
}
attempt journal-hung journal_hung

many=0 # milliseconds
many()
{
	gate_counts
	run_fresh many 1000 all "$HERE/bin/tiny"
	many=$longest
	[[ $ran == 1000 ]] || fail "$ran of 1000 ran"
	before=${gate_count[opened_by_watchdog]}
	gate_counts
	[[ ${gate_count[opened_by_watchdog]} == "$before" ]] || fail "taken for hung: $(embargo gate status)"
	[[ ${gate_count[held]} == $((gate_count[allowed] + gate_count[late] + gate_count[failed])) || ${gate_count[unanswered]} -gt 0 ]] ||
		fail "$(embargo gate status)"
}
attempt many many

# A host that goes to sleep freezes its processes, and its clock may run on: no beat counts that the watchdog itself slept over.
suspended()
{
	gate_counts
	before=${gate_count[opened_by_watchdog]}
	freeze_all || { skip "no cgroup to freeze"; return; }
	sleep 6
	thaw_all
	gate_counts
	[[ ${gate_count[opened_by_watchdog]} == "$before" ]] || fail "taken for hung: $(embargo gate status)"
	run_fresh suspended 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran"
}
attempt frozen-for-a-while suspended

# The real thing, while somebody is held: a kernel in which that somebody cannot be frozen gives up the suspend after a while.
asleep()
{
	local alarm=/sys/class/rtc/rtc0/wakealarm sleeper status=0

	modprobe rtc_cmos 2>/dev/null
	[[ $(</proc/sys/kernel/osrelease) == 6.* ]] || { skip "the emulated machine does not wake this kernel again"; return; }
	[[ -w $alarm && $(</sys/power/mem_sleep) == *'[deep]'* ]] || { skip "no alarm, or no sleep"; return; }
	kill -STOP "$watch"
	mkdir -p /d/asleep
	fresh "$HERE/bin/tiny" /d/asleep 1 all >"$SCRATCH/asleep" &
	sleeper=$!
	sleep 2.5 # two until it is run
	printf 0 >$alarm
	printf +30 >$alarm
	printf 5000 >/sys/power/pm_freeze_timeout
	printf mem 2>/dev/null >/sys/power/state || status=1
	wait_for $(((DEADLINE + SLACK) / 100)) has_ended "$sleeper" || fail "somebody is still held"
	printf 'asleep: %s times, status %s, who was held: %s\n' "$(dmesg | grep -c 'Waking up from system sleep')" "$status" \
		"$(<"$SCRATCH/asleep")"
	kill -CONT "$watch"
	sleep 3
	wait_for 300 embargo gate status >/dev/null || fail "does not hold again: $(embargo gate status)"
	find_gate
	run_fresh asleep-again 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran"
}
attempt asleep asleep

ended()
{
	kill -STOP "$gate"
	kill -9 "$watchdog"
	lets_go 0 ended
	[[ $(embargo gate status) == *'not running'* ]] || fail "$(embargo gate status)"
}
attempt ended ended

# Now that there is none: what 1,000 at once take by themselves. The watch, which looks into all of them, takes as much of the
# processors again.
many_without()
{
	run_fresh many-without 1000 all "$HERE/bin/tiny"
	printf '1000 at once: the longest took %d ms, without the gate %d\n' "$many" "$longest"
	[[ $many -lt $((2 * longest + WATCHDOG + SLACK)) ]] || fail "waited for $many ms, without the gate $longest"
}
attempt many-without many_without

kill "$daemon"
wait "$daemon"
