#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody takes what is told: the ring is full, the journal and the service manager hang, standard error is a full pipe. No
# verdict hangs on any of that, nothing of ours waits for it, and what was lost is counted and told.
#: @one --disk data:512M

# shellcheck source=tests/vm/gate.sh
. /t/gate.sh
# shellcheck source=tests/vm/faults.sh
. /t/faults.sh

prepare_files
policy_begin
rule_file listed banned any /d/listed
POLICY=$(policy_end)

# Each of other users' denials is an event of its own.
denials()
{
	local seen

	seen=$(storm --users "$1" /d/listed)
	[[ $seen == "ran=0 refused=$1 other=0" ]] || fail "the listed program: $seen"
}

ring_full()
{
	local lost

	daemon_starts
	kill -STOP "$daemon"
	fault_begin
	denials 6000
	fault_end
	read_counters
	lost=${counter[lost_denials]}
	[[ $lost -gt 0 ]] || fail "the ring was not filled: ${counter[*]}"
	[[ ${counter[denied]} -ge 6000 ]] || fail "counted ${counter[denied]} denials"
	embargo status | grep -q "lost_denials *$lost" || fail "status: $(embargo status)"
	kill -CONT "$daemon"
	says "$SCRATCH/run" "$lost events were lost, as they came faster than they could be told; their verdicts stood"
	: >"$SCRATCH/run"
	now_denied user /d/listed 'afterwards'
	says "$SCRATCH/run" 'uid=1000\|user 1000\|uid 1000'
	daemon_ends
	relax
}
attempt ring-full ring_full

# listen NAME SOCKET: somebody who takes what is sent there, into $SCRATCH/NAME; ${listener[NAME]} is the process.
declare -A listener
listen()
{
	: >"$SCRATCH/$1"
	journal "$2" "$SCRATCH/$1" &
	listener[$1]=$!
	wait_for 50 test -S "$2" || give_up listener "$1 does not listen"
}

# fill_pipe: file descriptor 9 is one that nobody reads and nothing more goes into.
fill_pipe()
{
	rm -f "$SCRATCH/full"
	mkfifo "$SCRATCH/full"
	exec 9<>"$SCRATCH/full"
}

# All three at once: the journal and the manager take nothing, and standard error is full.
hung()
{
	mkdir -p /run/systemd/journal
	printf 2 >/proc/sys/net/unix/max_dgram_qlen
	listen journal /run/systemd/journal/socket
	listen manager /run/notify
	fill_pipe
	NOTIFY_SOCKET=/run/notify embargo run --policy "$POLICY" 2>&9 &
	daemon=$!
	says "$SCRATCH/journal" 'enforcing: 1 policies' 300
	says "$SCRATCH/manager" READY=1
	kill -STOP "${listener[journal]}" "${listener[manager]}"
	timeout 2 cat /dev/zero >&9
	fault_begin
	for ((i = 0; i < 4; i++)); do
		denials 1000
		pause 3
	done
	goes_on "$daemon" 'the daemon'
	read_counters
	[[ ${counter[lost_denials]} -eq 0 ]] || fail "the daemon no longer empties the ring: ${counter[lost_denials]} were lost"
	timeout 60 embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: status $?: $(<"$SCRATCH/output")"
	timeout 10 embargo status >"$SCRATCH/output" 2>&1 || fail "status: $?: $(<"$SCRATCH/output")"
	fault_end
	recovers
	daemon_ends
	exec 9>&-
	kill "${listener[@]}"
	wait "${listener[@]}" 2>/dev/null
	rm -rf /run/systemd
	printf 10 >/proc/sys/net/unix/max_dgram_qlen
	relax
}

# The journal listens again and hears how much it missed; and so does who reads standard error.
recovers()
{
	: >"$SCRATCH/journal"
	kill -CONT "${listener[journal]}" "${listener[manager]}"
	pause 1
	cat <&9 >"$SCRATCH/drained" &
	denials 1
	now_denied user /d/listed 'afterwards'
	says "$SCRATCH/journal" '[0-9]* entries were lost: the journal did not keep up'
	says "$SCRATCH/drained" '[0-9]* lines were read by nobody'
	: >"$SCRATCH/manager"
	says "$SCRATCH/manager" 'STATUS=Enforcing generation 2'
	kill $!
}
attempt journal-manager-and-stderr-hung hung

# What the gate's watchdog has to say nobody reads: it looks after the gate all the same.
gate_unheard()
{
	printf '  - { id: by-package, vendor: acme, schedule: banned, any: [ { package: { name: acme-agent } } ] }\n' \
		>>"$SCRATCH/policy/rules"
	POLICY=$(policy_end)
	daemon_starts
	find_watch
	fill_pipe
	timeout 2 cat /dev/zero >&9
	embargo-gate 2>&9 &
	watchdog=$!
	wait_for 300 embargo gate status >/dev/null || { fail "does not hold: $(embargo gate status)"; return; }
	find_gate
	fault_begin
	kill -STOP "$gate"
	lets_go "$WATCHDOG" unheard
	holds_again
	run_fresh unheard-again 5 one
	# On a loaded machine not all are looked into in time; that all are with time enough is the gate's own group's.
	[[ $refused -gt 0 ]] || fail "$ran of 5 ran with another gate"
	fault_end
	cat <&9 >"$SCRATCH/drained" &
	kill -STOP "$gate"
	says "$SCRATCH/drained" '[0-9]* lines were read by nobody'
	kill $! "$watchdog"
	wait "$watchdog"
	exec 9>&-
	daemon_ends
	rm /etc/embargo/embargo.yaml
	relax
}
attempt gate-unheard gate_unheard
