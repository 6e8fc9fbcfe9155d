#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `doctor --prove`: agrees with docs/THREATS.md, says what is open where something is missing, disturbs and leaves nothing.
#: --disk data:512M --add THREATS:/t/THREATS.md
#: --append ima_hash=sha1
#: --append lsm=landlock,yama

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mkdir -p /var/tmp /run
modprobe overlay 2>/dev/null
echo 1 >/proc/sys/net/core/bpf_jit_kallsyms

# prove: its answer in `status`, its ways in `ways`: "NAME OUTCOME true|false CASE..." a line, the third for what is known
# to be open.
prove()
{
	status=0
	embargo doctor --prove --json >"$SCRATCH/proof" 2>"$SCRATCH/errors" || status=$?
	ways=$(awk -F'"' '
		/"name":/ { name = $4 }
		/"outcome":/ { outcome = $4 }
		/"known":/ { known = /true/ ? "true" : "false" }
		/"cases":/ { cases = ""; listing = 1 }
		listing && match($0, /"[a-z]+\/[^"]+"/) { cases = cases " " substr($0, RSTART + 1, RLENGTH - 2) }
		/\]/ { if (listing) print name, outcome, known cases; listing = 0 }' "$SCRATCH/proof")
}

# traces: what there would be more of if anything had been left: mounts, programs, pins, names, inodes.
traces()
{
	cat /proc/self/mounts
	grep -c '\[bpf\]$' /proc/kallsyms
	find /sys/fs/bpf /var/tmp /run -not -type p | sort
	stat -f -c %d /var/tmp
}

leaves_nothing()
{
	sync
	traces >"$SCRATCH/after"
	cmp -s "$SCRATCH/before" "$SCRATCH/after"
}

# Without SHA-256 from IMA modules are still hashed, in BPF, and nothing else is.
sha1()
{
	local name outcome known

	prove
	[[ $status -eq 1 ]] || fail "status $status: $(<"$SCRATCH/errors")"
	while read -r name outcome known _; do
		case $name in
		init_module) [[ $outcome == closed ]] || fail "$name is $outcome: modules are hashed in BPF" ;;
		finit_module) ;;
		*) [[ $outcome != closed ]] || fail "$name is closed without digests ($known)" ;;
		esac
	done <<<"$ways"
	[[ $ways == *'execve open false'* ]] || fail "execve is not open: $ways"
	grep -q 'ima_hash=sha256' "$SCRATCH/proof" || fail "the remedy is not named"
}

without_bpf()
{
	prove
	[[ $status -eq 1 ]] || fail "status $status: $(<"$SCRATCH/errors")"
	[[ $ways != *closed* ]] || fail "closed without any program: $ways"
	[[ $ways == *'execve open false'* ]] || fail "execve is not open: $ways"
	grep -q 'boot with lsm=' "$SCRATCH/proof" || fail "the boot parameter is not named"
}

case $BOOT in
2)
	attempt prove-sha1 sha1
	exit
	;;
3)
	attempt prove-without-bpf without_bpf
	exit
	;;
esac

mount_ext4 /dev/vda /var/tmp
traces >"$SCRATCH/before"

whole()
{
	prove
	[[ $status -eq 0 ]] || fail "status $status: $(<"$SCRATCH/errors")"
	[[ $(grep -c ' closed false' <<<"$ways") -ge 40 ]] || fail "fewer than 40 are closed: $ways"
	! grep -vE ' (closed false|open true)' <<<"$ways" || fail "neither closed nor a known limit: $ways"
	wait_for 50 leaves_nothing || fail "left behind: $(diff "$SCRATCH/before" "$SCRATCH/after")"
}
attempt prove-all whole

# threat CASE: what the table says of the row that CASE stands for, on this kernel.
threat()
{
	local column

	case $(uname -r) in
	6.1.*) column=5 ;;
	6.12.*) column=6 ;;
	*) column=7 ;;
	esac
	awk -F' *[|] *' -v name="$1" -v column="$column" '{
		count = split($4, tests, / *, */)
		for (i = 1; i <= count; i++)
			if (tests[i] == name) { print $column; exit }
	}' "$HERE/THREATS.md"
}

# What the table has no row for is tried all the same.
threats()
{
	local name outcome known cases case says compared=0

	[[ ${ways:-} ]] || prove
	while read -r name outcome known cases; do
		for case in $cases; do
			says=$(threat "$case")
			[[ $says ]] || continue
			[[ $says == "$outcome" ]] || fail "$name is $outcome, and $case is $says in docs/THREATS.md"
			compared=$((compared + 1))
		done
	done <<<"$ways"
	[[ $compared -ge 45 ]] || fail "only $compared could be compared"
}
attempt prove-as-the-table threats

nobody()
{
	local status=0

	as_user embargo doctor --prove >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "status $status"
	grep -q 'run as root' "$SCRATCH/output" || fail "it says $(<"$SCRATCH/output")"
}
attempt prove-as-nobody nobody

# Killed while it loads its programs, and at moments from when it has its tmpfs, which comes after them; it must not have been
# over by itself each time.
killed()
{
	local over=0 moment pid

	for moment in early 0 0.3 0.6 1 1.5; do
		embargo doctor --prove >/dev/null 2>&1 &
		pid=$!
		if [[ $moment == early ]]; then
			pause 0.3
		else
			wait_for 300 grep -q ^embargo-prove "/proc/$pid/mounts" || fail "it never came to try anything"
			pause "$moment"
		fi
		kill -9 "$pid" 2>/dev/null || over=$((over + 1))
		wait "$pid" 2>/dev/null
		wait_for 100 leaves_nothing || fail "after $moment s: $(diff "$SCRATCH/before" "$SCRATCH/after")"
	done
	[[ $over -lt 3 ]] || fail "$over times it was over before it was killed"
}
attempt prove-killed killed

# A policy in force stays as it was, refuses what it lists, and hears of no canary; nobody else is refused anything.
summary()
{
	embargo status --json | json_lines | grep -vE '"(checked|label_hit|hashed|size_filtered|memory|now|floor|uptime)' |
		grep -E '"(enforcing|generation|policy|id|attached|denied|audited|lost|missed)'
}

beside()
{
	make_pair /var/tmp/listed /bin/true
	policy_begin
	rule_file listed banned elf /var/tmp/listed
	enforce
	summary >"$SCRATCH/status"
	storm "$EXECS" "$HERE/bin/tiny" >"$SCRATCH/storm" 2>&1 &
	prove
	[[ $status -eq 0 ]] || fail "status $status: $(<"$SCRATCH/errors"): $(grep -vE ' (closed false|open true)' <<<"$ways")"
	summary | diff "$SCRATCH/status" - >"$SCRATCH/differs" || fail "status has changed: $(<"$SCRATCH/differs")"
	take_events
	[[ -z $events ]] || fail "it was told of $events"
	now_denied plain /var/tmp/listed "listed all the time"
	while [[ $(jobs -r) ]]; do
		prove
	done
	wait
	[[ $(<"$SCRATCH/storm") == *"ran=$EXECS refused=0"* ]] || fail "beside it: $(<"$SCRATCH/storm")"
	relax
	rm -f /var/tmp/listed*
}
attempt prove-beside-a-policy beside
umount /var/tmp
