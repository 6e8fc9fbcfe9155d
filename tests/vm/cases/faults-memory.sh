#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# There is no memory, and no descriptor: for who looks into files, for the daemon and all its processes, for a reload at each
# map that it makes. What is in force stays in force, whole, and whoever was ended or had to wait goes on later.
#: @one --disk data:512M --add /usr/bin/strace:/t/bin/

# shellcheck source=tests/vm/faults.sh
. /t/faults.sh

GROUP=/sys/fs/cgroup/small

printf '+memory' >/sys/fs/cgroup/cgroup.subtree_control
mkdir -p $GROUP
mount_ext4 /dev/vda /d
prepare_files
make_pair /d/second "$HERE/bin/tiny"
policy_begin
rule_file listed banned any /d/listed
rule_identity by-package banned 'package: { name: acme-agent }'
POLICY=$(policy_end)

has_ended()
{
	! kill -0 "$1" 2>/dev/null || [[ $(<"/proc/$1/stat") == *') Z '* ]]
}

# small PROCESS... LIMIT: they and what they start have so much memory. One may have ended by itself.
small()
{
	local limit=${*: -1}

	printf '%s' "$limit" >$GROUP/memory.max
	while [[ $# -gt 1 ]]; do
		printf '%s' "$1" >$GROUP/cgroup.procs
		shift
	done 2>/dev/null
	[[ $(<$GROUP/cgroup.procs) ]] || fail 'nobody is in the group'
}

# killed_for_memory: how often in that group.
killed_for_memory()
{
	local name value

	while read -r name value; do
		[[ $name != oom_kill ]] || printf '%s\n' "$value"
	done <$GROUP/memory.events
}

# tree PROCESS: it and all below it.
tree()
{
	local child children

	printf '%s\n' "$1"
	read -r -a children <"/proc/$1/task/$1/children"
	for child in "${children[@]}"; do tree "$child"; done
}

# watch_is_there: into `watch`.
watch_is_there()
{
	[[ -e /run/embargo/watch && $(</run/embargo/watch) =~ \"process\":\ *([0-9]+) ]] && watch=${BASH_REMATCH[1]} &&
		kill -0 "$watch" 2>/dev/null
}

# Who looks into a file of 200 MiB with 24 MiB is killed for it; the next file is looked into.
classifier_killed()
{
	daemon_starts
	wait_for 100 watch_is_there || { fail 'no watch'; return; }
	soon_refused before
	mapfile -t below < <(tree "$watch")
	small "${below[@]:1}" 24M
	fault_begin
	cp "$HERE/bin/tiny" /d/large
	truncate -s 200M /d/large
	says "$SCRATCH/run" '/d/large cannot be classified: ' 300
	[[ $(killed_for_memory) -gt 0 ]] || fail "nobody was killed: $(<$GROUP/memory.events)"
	rm /d/large
	soon_refused behind 600 # with the little that they have
	fault_end
	daemon_ends
}
attempt classifier-out-of-memory classifier_killed

# The whole of it, with the maps that it made: all that is in force stays, and another daemon takes over.
daemon_killed()
{
	printf max >$GROUP/memory.max
	printf 1 >$GROUP/memory.oom.group # all or none, as systemd has it for a service
	: >"$SCRATCH/run"
	(printf '%s' "$BASHPID" >$GROUP/cgroup.procs && exec embargo run --policy "$POLICY") >>"$SCRATCH/run" 2>&1 &
	daemon=$!
	says "$SCRATCH/run" 'enforcing: 1 policies' 300
	fault_begin
	printf 16K >$GROUP/memory.max &
	wait_for 300 has_ended "$daemon" || fail "the daemon lives: $(<$GROUP/memory.events)"
	wait "$daemon" 2>/dev/null
	[[ $(killed_for_memory) -gt 0 ]] || fail "nobody was killed: $(<$GROUP/memory.events)"
	embargo status >"$SCRATCH/output" || fail "status $?: $(<"$SCRATCH/output")"
	grep -q '^daemon *not running' "$SCRATCH/output" || fail "says $(<"$SCRATCH/output")"
	fault_end
	daemon_starts
	now_denied plain /d/listed 'with another daemon'
	soon_refused another
}
attempt daemon-out-of-memory daemon_killed

# daemon_runs: whatever became of the last one.
daemon_runs()
{
	if [[ ! ${daemon:-} ]] || has_ended "$daemon"; then daemon_starts; fi
}

# in_little LIMIT COMMAND...: in the group of so much memory, and alone there.
in_little()
{
	printf max >$GROUP/memory.max
	printf 0 >$GROUP/memory.oom.group
	printf '%s' "$1" >$GROUP/memory.max
	shift
	(printf '%s' "$BASHPID" >$GROUP/cgroup.procs && exec "$@") >"$SCRATCH/output" 2>&1
}

# A reload to a list of 50,000, by a process that has memory for none, for some and for all of it: what is in force stays, or the
# whole list is in force. Maps are charged to who makes them.
little_memory()
{
	local limit before after good=$SCRATCH/policy/good.yaml large=$SCRATCH/policy/large.yaml status little=0 enough=0

	daemon_runs
	cp "$POLICY" "$good"
	cp "$SCRATCH/policy/rules" "$SCRATCH/rules"
	rule_list large banned elf large.hsb
	{
		digests 50000 "$(stat -c %s /d/second)"
		printf '%s:%s:second\n' "$(digest_of /d/second)" "$(stat -c %s /d/second)"
	} >"$SCRATCH/policy/large.hsb"
	cp "$(policy_end)" "$large"
	fault_begin
	for limit in 2M 4M 8M 32M max; do
		before=$(status_says generation)
		status=0
		in_little $limit embargo reload --policy "$large" 2>/dev/null || status=$?
		after=$(status_says generation)
		if [[ $status -eq 0 ]]; then
			enough=$((enough + 1))
			[[ $after -eq $((before + 1)) ]] || fail "with $limit: done, and generation $after behind $before"
			now_denied plain /d/second "done, with $limit"
			embargo reload --policy "$good" >"$SCRATCH/output" 2>&1 || fail "back: $(<"$SCRATCH/output")"
		else
			little=$((little + 1))
			[[ $status -eq 137 || $status -eq 2 ]] || fail "with $limit: status $status: $(<"$SCRATCH/output")"
			[[ $after == "$before" ]] || fail "with $limit: not done, and generation $after behind $before"
			now_runs plain /d/second "not done, with $limit"
		fi
		now_denied plain /d/listed "with $limit"
	done
	printf '# %d reloads had too little memory, %d had enough\n' "$little" "$enough"
	# With sanitizers only what has no limit is enough.
	[[ $little -gt 2 && $((enough * PATIENCE)) -gt 1 ]] || fail "$little reloads had too little memory, $enough had enough"
	fault_end
	mv "$SCRATCH/rules" "$SCRATCH/policy/rules"
	POLICY=$(policy_end)
}
attempt reload-in-little-memory little_memory

# A reload to which the kernel gives no memory for a map, for each of those that it makes: all of it, or nothing.
maps_refused()
{
	local number before after good=$SCRATCH/policy/good.yaml refused=0 status

	daemon_runs
	cp "$POLICY" "$good"
	rule_file second banned any /d/second
	fault_begin
	for number in 2 7 13 20 27 33 40 50 70 120; do
		POLICY=$(policy_end)
		before=$(status_says generation)
		status=0
		strace -f --seccomp-bpf -o "$SCRATCH/trace" -e trace=bpf -e "inject=bpf:error=ENOMEM:when=$number" \
			embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || status=$?
		after=$(status_says generation)
		if [[ $status -eq 0 ]]; then
			[[ $after -eq $((before + 1)) ]] || fail "at $number: done, and generation $after behind $before"
			now_denied plain /d/second "done, at $number"
			grep -q INJECTED "$SCRATCH/trace" || break
			embargo reload --policy "$good" >"$SCRATCH/output" 2>&1 || fail "back: $(<"$SCRATCH/output")"
		else
			refused=$((refused + 1))
			[[ $status -eq 2 && $(<"$SCRATCH/output") == *'Cannot allocate memory'* ]] || fail "at $number: status $status: $(<"$SCRATCH/output")"
			[[ $after == "$before" ]] || fail "at $number: refused, and generation $after behind $before"
			now_runs plain /d/second "refused, at $number"
		fi
		now_denied plain /d/listed "at $number"
	done
	printf '# %d reloads were refused, the last call that was made is before number %d\n' "$refused" "$number"
	[[ $refused -gt 3 ]] || fail "only $refused reloads were refused"
	fault_end
}
attempt reload-without-memory maps_refused

# takes_over: another enforcement takes the place of the one that the daemon reports about.
takes_over()
{
	embargo load --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "load: status $?: $(<"$SCRATCH/output")"
}

# The daemon has no descriptor left, and the host has none for whoever is not its administrator.
no_descriptors()
{
	local before

	before=$(</proc/sys/fs/file-max)
	daemon_runs
	fault_begin
	prlimit --pid "$daemon" --nofile=3:4096
	takes_over
	says "$SCRATCH/run" 'of which nothing can be told yet: Too many open files; it is tried again'
	prlimit --pid "$daemon" --nofile=1024:4096
	says "$SCRATCH/run" 'reporting goes on with it'
	: >"$SCRATCH/run"
	printf 1 >/proc/sys/fs/file-max
	takes_over
	says "$SCRATCH/run" 'of which nothing can be told yet: Too many open files in system; it is tried again'
	printf '%s' "$before" >/proc/sys/fs/file-max
	says "$SCRATCH/run" 'reporting goes on with it'
	fault_end
	: >"$SCRATCH/run"
	now_denied user /d/listed
	says "$SCRATCH/run" 'uid 1000'
}
attempt no-descriptors no_descriptors

# ticks_of PROCESS: what it took of the processor until now, in hundredths of a second.
ticks_of()
{
	local words

	read -r -a words <"/proc/$1/stat"
	printf '%s' $((words[13] + words[14]))
}

# Who asks takes all the steward's descriptors, and then it has not even one: it waits for them, and costs no processor.
asked_too_much()
{
	local answer steward ticks holder

	daemon_runs
	for steward in $(tree "$daemon"); do
		[[ $(<"/proc/$steward/comm") != embargo-steward ]] || break
	done
	ask hold 200 600 0 >"$SCRATCH/hold" &
	holder=$!
	fault_begin
	prlimit --pid "$steward" --nofile=3:4096
	timeout 5 embargo reload >/dev/null 2>&1
	ticks=$(ticks_of "$steward")
	pause 5
	ticks=$(($(ticks_of "$steward") - ticks))
	[[ $ticks -lt 50 ]] || fail "it took $ticks hundredths of a second of the processor to wait for 5 s"
	fault_end
	prlimit --pid "$steward" --nofile=1024:4096
	kill $holder
	wait $holder
	wait_for 100 answers || fail "the steward answers no more: $answer"
}

answers()
{
	answer=$(ask status)
	[[ $answer == 'answer: 0,'* ]]
}
attempt steward-without-descriptors asked_too_much
daemon_ends
relax
