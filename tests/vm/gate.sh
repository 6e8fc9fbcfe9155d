# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034  # the groups use what is set here
# What the groups of the gate share: the daemon, its watch, the gate, its watchdog, and programs that are run when 1 ms old.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

# Milliseconds: what an execution may wait for (gate-wait), the watchdog's time, and the kernel's own; with what an emulated
# machine is late by.
readonly WAIT=2000 WATCHDOG=5000 DEADLINE=7000 SLACK=1200

mount_ext4 /dev/vda /d
mkdir -p /d/mnt /etc/embargo
printf 'gate: exec\n' >/etc/embargo/embargo.yaml
policy_begin
rule_identity by-package banned 'package: { name: acme-agent }'
POLICY=$(policy_end)

has_ended()
{
	! kill -0 "$1" 2>/dev/null
}

# stop_daemon: with the watch, whose report must not be taken for the next one's.
stop_daemon()
{
	daemon_ends
	wait_for 100 has_ended "$watch" || fail "the watch outlives the daemon"
}

# The process that looks into files, once it has told who it is; its classifiers, and the one of these that is patient.
find_watch()
{
	local process words

	wait_for 100 says_who_it_is || give_up watch "there is none: $(</run/embargo/watch)"
	read -r -a classifiers </proc/"$watch"/task/"$watch"/children
	for process in "${classifiers[@]}"; do
		read -r -a words </proc/"$process"/stat
		[[ ${words[18]} != 19 ]] || patient=$process # its nice value
	done
}

says_who_it_is()
{
	[[ -e /run/embargo/watch && $(</run/embargo/watch) =~ \"process\":\ *([0-9]+) ]] && watch=${BASH_REMATCH[1]} &&
		[[ -e /proc/$watch ]]
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

# lets_go MILLISECONDS NAME [COUNT]: what is not banned runs, and waits for no longer.
lets_go()
{
	local count=${3:-3}

	run_fresh "$2" "$count" all "$HERE/bin/tiny"
	[[ $ran == "$count" ]] || fail "$ran of $count ran"
	[[ $longest -lt $(($1 + SLACK)) ]] || fail "waited for $longest ms"
}

# told TEXT: the gate says so from now on; what it said before does not count.
told()
{
	wait_for 100 grep -q "$1" "$SCRATCH/gate" || fail "not said: $1: $(<"$SCRATCH/gate")"
}
