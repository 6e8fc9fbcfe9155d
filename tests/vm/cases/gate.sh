# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The gate in short: what is run for the first time is held until it was examined; a gate that does not live is opened, and
# one that is turned off is open.
#: @two --disk data:512M --cpus 2

# shellcheck source=tests/vm/gate.sh
. /t/gate.sh

readonly COUNT=200

daemon_starts
find_watch

# Looked into by now, and learned.
are_learned()
{
	[[ $(</run/embargo/watch) =~ \"learned\":\ *([0-9]+) && ${BASH_REMATCH[1]} -ge $COUNT ]]
}

without_gate()
{
	run_fresh without "$COUNT" one
	printf 'gate off: %d of %d ran once, 1 ms after they were written\n' "$ran" "$COUNT"
	wait_for 900 are_learned || fail "the watch does not end: $(</run/embargo/watch)"
	run_fresh without "$COUNT" one
	[[ $ran == 0 ]] || fail "$ran ran a second time; $(tail -n 3 "$SCRATCH/run")"
}
attempt without-gate without_gate

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

gate_stopped()
{
	gate_counts
	before=${gate_count[opened_by_watchdog]}
	: >"$SCRATCH/gate"
	kill -STOP "$gate"
	lets_go "$WATCHDOG" gate-stopped
	told 'it did not live and was ended' # and not by the kernel, two seconds later
	gate_counts
	[[ ${gate_count[opened_by_watchdog]} == $((before + 1)) ]] || fail "not counted: $(embargo gate status)"
	holds_again
}
attempt gate-stopped gate_stopped

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

kill "$watchdog"
stop_daemon
