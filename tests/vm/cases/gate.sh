# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The gate: what is run for the first time is held until it was examined, and nothing waits longer than the watchdog's time,
# whatever becomes of the gate, its watchdog, the watch and the daemon.
#: --cpus 2 --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# Milliseconds: what an execution may wait for (gate-wait), the watchdog's time, and the kernel's own; with what an emulated
# machine is late by.
readonly WAIT=2000 WATCHDOG=5000 DEADLINE=7000 SLACK=1200
readonly COUNT=200

mount_ext4 /dev/vda /d
mkdir -p /etc/embargo
printf 'gate: exec\n' >/etc/embargo/embargo.yaml
policy_begin
rule_identity by-package banned 'package: { name: acme-agent }'
POLICY=$(policy_end)

start_daemon()
{
	embargo run --policy "$POLICY" >>"$SCRATCH/run" 2>&1 &
	daemon=$!
	wait_for 300 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || give_up run "run does not enforce: $(<"$SCRATCH/run")"
}

# The process that looks into files: the child of the daemon's child.
find_watch()
{
	local keeper

	read -r keeper _ </proc/"$daemon"/task/"$daemon"/children
	read -r watch _ </proc/"$keeper"/task/"$keeper"/children
}

start_gate()
{
	embargo-gate >>"$SCRATCH/gate" 2>&1 &
	watchdog=$!
	disown "$watchdog"
	wait_for 300 embargo gate status >/dev/null || give_up gate "does not hold: $(embargo gate status); $(<"$SCRATCH/gate")"
	find_gate
}

find_gate()
{
	read -r gate _ </proc/"$watchdog"/task/"$watchdog"/children
}

# holds_again: after the pause that follows an end.
holds_again()
{
	wait_for 200 embargo gate status >/dev/null || fail "does not hold again: $(embargo gate status)"
	find_gate
}

# gate_counts: into `gate_count` by name, with the report as new as the gate.
declare -A gate_count
gate_counts()
{
	local name value

	sleep 1.2
	while read -r name value; do gate_count[$name]=$value; done </run/embargo/gate.counts
}

# run_fresh NAME COUNT one|all [SOURCE]: into `ran`, `refused`, `longest`; /d/NAME holds the files.
run_fresh()
{
	local words

	mkdir -p "/d/$1"
	words=$(fresh "${4:-$HERE/bin/branded}" "/d/$1" "$2" "$3")
	read -r _ ran _ refused _ longest <<<"$words"
	[[ $((ran + refused)) == "$2" ]] || fail "of $2: $words"
}

# lets_go MILLISECONDS NAME: what is not banned runs, and waits for no longer.
lets_go()
{
	run_fresh "$2" 3 all "$HERE/bin/tiny"
	[[ $ran == 3 ]] || fail "$ran of 3 ran"
	[[ $longest -lt $(($1 + SLACK)) ]] || fail "waited for $longest ms"
}

# The watch has classified nothing for seven seconds: it tells each second, or after 64 files.
is_caught_up()
{
	local before

	before=$(</run/embargo/watch)
	sleep 7
	[[ $(</run/embargo/watch) == "$before" ]]
}

start_daemon
find_watch

without_gate()
{
	run_fresh without "$COUNT" one
	printf 'gate off: %d of %d ran once, 1 ms after they were written\n' "$ran" "$COUNT"
	wait_for 20 is_caught_up || fail "the watch does not end: $(</run/embargo/watch)"
	run_fresh without "$COUNT" one
	[[ $ran == 0 ]] || fail "$ran ran a second time; $(tail -n 3 "$SCRATCH/run")"
}
attempt without-gate without_gate

# What 1,000 at once take by themselves.
run_fresh many-without 1000 all "$HERE/bin/tiny"
alone=$longest
wait_for 20 is_caught_up || give_up caught-up "the watch does not end: $(</run/embargo/watch)"

wanted_by_settings()
{
	printf 'gate: off\n' >/etc/embargo/embargo.yaml
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

first_time()
{
	run_fresh first "$COUNT" one
	printf 'gate on: %d of %d ran, the longest waited for %d ms\n' "$ran" "$COUNT" "$longest"
	[[ $refused == "$COUNT" ]] || fail "$ran of $COUNT ran"
	gate_counts
	[[ ${gate_count[allowed]} -ge $COUNT && ${gate_count[late]} == 0 ]] || fail "$(embargo gate status)"
	[[ $(embargo gate status --json) == *'"running": true'* ]] || fail "not running"
}
attempt first-time first_time

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

# A reload: what was passed over is held again.
reloaded()
{
	printf '\n# reloaded' | cat "$HERE/bin/tiny" - >/d/reloaded
	chmod 0755 /d/reloaded
	sleep 4
	now_runs plain /d/reloaded
	gate_counts
	before=${gate_count[held]}
	embargo reload --policy "$POLICY" 2>"$SCRATCH/reload" || fail "$(<"$SCRATCH/reload")"
	sleep 2
	now_runs plain /d/reloaded
	gate_counts
	[[ ${gate_count[held]} -gt $before ]] || fail "not held again"
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
	kill -9 "$watch"
	lets_go 0 watch-killed
	wait_for 100 grep -q 'no watch to ask' "$SCRATCH/gate" || fail "not said: $(<"$SCRATCH/gate")"
	holds_again
	run_fresh watch-again 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran with another watch"
	find_watch
}
attempt watch-killed watch_killed

daemon_stopped()
{
	kill -STOP "$daemon"
	run_fresh daemon-stopped 5 one
	[[ $refused == 5 ]] || fail "$ran of 5 ran"
	kill -CONT "$daemon"
}
attempt daemon-stopped daemon_stopped

gate_stopped()
{
	gate_counts
	before=${gate_count[opened_by_watchdog]}
	kill -STOP "$gate"
	lets_go "$WATCHDOG" gate-stopped
	gate_counts
	[[ ${gate_count[opened_by_watchdog]} == $((before + 1)) ]] || fail "not counted: $(embargo gate status)"
	holds_again
}
attempt gate-stopped gate_stopped

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
	lets_go "$DEADLINE" all-frozen
	thaw_all
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

many()
{
	gate_counts
	run_fresh many 1000 all "$HERE/bin/tiny"
	printf 'at once: %d of 1000 ran, the longest took %d ms, without the gate %d\n' "$ran" "$longest" "$alone"
	[[ $ran == 1000 ]] || fail "$ran of 1000 ran"
	# The watch, which looks into all of them, takes as much of the processors again.
	[[ $longest -lt $((2 * alone + WATCHDOG + SLACK)) ]] || fail "waited for $longest ms, without the gate $alone"
	before=${gate_count[opened_by_watchdog]}
	gate_counts
	[[ ${gate_count[opened_by_watchdog]} == "$before" ]] || fail "taken for hung: $(embargo gate status)"
	[[ ${gate_count[held]} == $((gate_count[allowed] + gate_count[late])) || ${gate_count[unanswered]} -gt 0 ]] ||
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
attempt suspended suspended

turned_off()
{
	kill -STOP "$watchdog"
	kill -STOP "$gate"
	embargo gate off || fail "gate off: status $?"
	lets_go 0 turned-off
	kill -CONT "$watchdog"
	sleep 2
	[[ ! $(</proc/$watchdog/task/$watchdog/children) ]] || fail "another gate was started"
	embargo gate on || fail "gate on: status $?"
	holds_again
}
attempt turned-off turned_off

ended()
{
	kill -STOP "$gate"
	kill -9 "$watchdog"
	lets_go 0 ended
	[[ $(embargo gate status) == *'not running'* ]] || fail "$(embargo gate status)"
}
attempt ended ended

kill "$daemon"
wait "$daemon"
