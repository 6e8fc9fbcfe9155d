#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk that holds floor, versions, learned digests and index is full, read-only from the start, or breaks in the midst of
# it: what is in force stays, what is met is learned and refused all the same, each file that is not written is told, and all
# of it is written once the disk takes it again.
#: @one --disk data:512M --add /usr/sbin/dmsetup:/t/bin/ --add /usr/bin/strace:/t/bin/

# shellcheck source=tests/vm/faults.sh
. /t/faults.sh

export DM_DISABLE_UDEV=1 # there is none
STATE=/var/lib/embargo
mount_ext4 /dev/vda /d
prepare_files
policy_begin
rule_file listed banned any /d/listed
rule_identity by-package banned 'package: { name: acme-agent }'
POLICY=$(policy_end)

# The disk is a file behind a loop device behind a table that can be made to fail.
make_state()
{
	local sectors

	modprobe loop 2>/dev/null
	modprobe dm-mod 2>/dev/null || return
	truncate -s 16M /d/state
	loop=$(losetup -f) && losetup "$loop" /d/state || return
	sectors=$((16 << 11))
	linear="0 $sectors linear $loop 0" broken="0 $sectors error"
	dmsetup create state --table "$linear" || return
	mke2fs -q -F -t ext4 -m 0 /dev/mapper/state && mkdir -p $STATE && mount -t ext4 /dev/mapper/state $STATE
}
make_state >"$SCRATCH/state" 2>&1 || give_up state "no disk that can be made to fail: $(<"$SCRATCH/state")"

# disk TABLE: from here on it is that.
disk()
{
	dmsetup suspend --nolockfs state
	dmsetup load state --table "$1"
	dmsetup resume state || fail 'no other disk'
}

# is_kept NAME: in the list, and so at every boot.
is_kept()
{
	wait_for 100 grep -q "$(digest_of "/d/$1")" $STATE/learned || fail "/d/$1 is not in the list: $(<$STATE/learned)"
}

# The watch looks for an index every ten seconds.
index_is_kept()
{
	says "$SCRATCH/run" "the index: $STATE/index.sqlite is kept again" 200
}

floor_told()
{
	clock set 1
	says "$SCRATCH/run" "cannot keep the clock's floor in $STATE/floor: $1; .* make room there, or make it writable"
}

floor_kept()
{
	clock set 1
	says "$SCRATCH/run" "the clock's floor is kept in $STATE/floor again"
}

learned_told()
{
	says "$SCRATCH/run" "$STATE/learned cannot be written: $1; .* make room there, or make it writable"
}

learned_kept()
{
	says "$SCRATCH/run" "$STATE/learned is written again"
}

# next_edition: the policy with a version of its own, so that there is something to remember.
edition=1
next_edition()
{
	sed "s/^version: .*/version: $((edition += 1))/" "$POLICY" >"$POLICY.new"
	mv "$POLICY.new" "$POLICY"
}

# A list that ends where a block does: not one line more goes in. A kernel that writes by large folios takes none of them where
# there is no room for the whole: so ever smaller ones, until not a byte goes in.
fill_once()
{
	local size

	size=$(stat -c %s $STATE/learned)
	printf '\n%.0s' $(seq $(((4096 - size % 4096) % 4096))) >>$STATE/learned
	for size in 128K 4K 4K 1; do
		dd if=/dev/zero of=$STATE/fill bs=$size oflag=append conv=notrunc status=none 2>/dev/null
		sync
	done
}

is_full()
{
	[[ $(($(stat -c %s $STATE/learned) % 4096)) == 0 ]] && ! printf '\n' 2>/dev/null >>$STATE/fill
}

# fill: and it stays so. What the watch had begun may write a line more, or give a journal of the index back.
fill()
{
	local still=0

	for _ in {1..20}; do
		is_full || { fill_once; still=0; }
		pause 1
		is_full && [[ $((still += 1)) == 3 ]] && return
	done
	fail "the disk is not full: $(stat -f -c '%f blocks free, %a to be had' $STATE)"
}

full()
{
	daemon_starts
	soon_refused before
	is_kept before
	fill
	fault_begin
	floor_told 'No space left on device'
	soon_refused full
	learned_told 'No space left on device'
	next_edition
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: status $?: $(<"$SCRATCH/output")"
	grep -q "$STATE/versions cannot be written: .* make it writable" "$SCRATCH/output" || fail "of versions: $(<"$SCRATCH/output")"
	soon_refused full
	fault_end
	rm $STATE/fill
	learned_kept
	is_kept full
	floor_kept
	daemon_ends
	daemon_starts
	now_denied plain /d/full 'at the next start'
	daemon_ends
}
attempt state-full full

read_only()
{
	wait_for 50 mount -o remount,ro $STATE || { fail 'somebody still writes there'; return; }
	daemon_starts
	says "$SCRATCH/run" "the index: $STATE/index.sqlite: .*Read-only file system"
	fault_begin
	soon_refused read-only
	learned_told 'Read-only file system'
	floor_told 'Read-only file system'
	next_edition
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: status $?: $(<"$SCRATCH/output")"
	grep -q "$STATE/versions cannot be written: .* make it writable" "$SCRATCH/output" || fail "of versions: $(<"$SCRATCH/output")"
	soon_refused read-only
	fault_end
	mount -o remount,rw $STATE
	learned_kept
	is_kept read-only
	floor_kept
	index_is_kept
	daemon_ends
}
attempt state-read-only read_only

# Where the texts are kept by which new files are looked into, nothing can be written.
unkept()
{
	daemon_starts
	mount -t tmpfs -o ro none /run/embargo/policies
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: status $?: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") == *'/run/embargo/policies cannot be written: no new file is looked into'*'reload'* ]] ||
		fail "not told: $(<"$SCRATCH/output")"
	now_denied plain /d/listed 'with nothing kept'
	now_runs plain /d/listed.twin 'with nothing kept'
	umount /run/embargo/policies
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "the next reload: status $?: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") != *'cannot be written'* ]] || fail "told: $(<"$SCRATCH/output")"
	soon_refused unkept
	daemon_ends
}
attempt state-unkept unkept

# It takes its time: what was just learned is refused before it is on the list, and its event says by what all the same.
slow()
{
	local listener tracer storm

	mkdir -p /run/systemd/journal
	journal /run/systemd/journal/socket "$SCRATCH/journal" whole &
	listener=$!
	wait_for 50 test -S /run/systemd/journal/socket || fail 'nobody listens'
	daemon_starts
	soon_refused before-slow
	[[ $(</run/embargo/watch) =~ \"process\":\ *([0-9]+) ]] || fail 'there is no watch'
	strace -qq -o /dev/null -e trace=write -e inject=write:delay_enter=80000 -p "${BASH_REMATCH[1]}" &
	tracer=$!
	wait_for 50 eval "! grep -q '^TracerPid:.0' /proc/${BASH_REMATCH[1]}/status" || fail 'the watch cannot be traced'
	make_pair /d/slow "$HERE/bin/branded"
	: >"$SCRATCH/journal"
	storm 3000 /d/slow >"$SCRATCH/storm" &
	storm=$!
	wait_for 300 grep -qa '^EMBARGO_PATH=/d/slow$' "$SCRATCH/journal" || fail "no event: $(tail -n 30 "$SCRATCH/journal")"
	grep -qa '^EMBARGO_IDENTITY=package name=acme-agent' "$SCRATCH/journal" ||
		fail "the first event does not say by what: $(grep -a '^EMBARGO' "$SCRATCH/journal")"
	wait $storm
	kill -INT $tracer
	wait $tracer
	daemon_ends
	kill $listener
	rm -r /run/systemd/journal
}
attempt state-slow slow

# It gives errors, and its file system becomes read-only by itself. What the list says is not to be had: a reload is refused.
breaks()
{
	local number

	daemon_starts
	cp "$HERE/bin/tiny" /d/old
	pause 3 # younger files are kept in no index
	number=$(status_says generation)
	disk "$broken"
	printf 3 >/proc/sys/vm/drop_caches
	fault_begin
	soon_refused breaks
	says "$SCRATCH/run" "$STATE/learned cannot be written: "
	floor_told '.*'
	now_runs plain /d/old
	says "$SCRATCH/run" "the index: $STATE/index.sqlite: .*make room there, or make it writable" 200
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 && fail "reload: $(<"$SCRATCH/output")"
	grep -q "$STATE/.*error" "$SCRATCH/output" || fail "not told of the reload: $(<"$SCRATCH/output")"
	[[ $(status_says generation) == "$number" ]] || fail "not generation $number"
	soon_refused breaks
	fault_end
	disk "$linear"
	umount $STATE || fail 'somebody holds it'
	mount -t ext4 /dev/mapper/state $STATE || fail 'it cannot be mounted again'
	learned_kept
	is_kept breaks
	floor_kept
	index_is_kept
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "the next reload: $(<"$SCRATCH/output")"
	daemon_ends
}
attempt state-breaks breaks

relax
wait_for 50 umount $STATE 2>/dev/null
dmsetup remove state
losetup -d "$loop"
