#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What embargo stands on goes away beneath it: the folder of policies before a reload and in the midst of many, what the kernel
# says of its types, the BPF file system. The last good generation stays, and whoever asks is told what is missing.
#: @one --disk data:512M --add /usr/sbin/dmsetup:/t/bin/

# shellcheck source=tests/vm/faults.sh
. /t/faults.sh

export DM_DISABLE_UDEV=1 # there is none
POLICIES=/etc/embargo/policy.d
mount_ext4 /dev/vda /d
prepare_files
make_pair /d/second "$HERE/bin/tiny"

# fill_policies [both]: the host's own, and its lists.
fill_policies()
{
	policy_begin
	rule_file listed banned any /d/listed
	[[ ! ${1:-} ]] || rule_file second banned any /d/second
	policy_end >/dev/null
	mkdir -p $POLICIES
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb $POLICIES
}

host_starts()
{
	daemon_starts
	wait_for 100 answers || give_up steward "$(ask status)"
}

answers()
{
	[[ $(ask status) == 'answer: 0,'* ]]
}

# stays NAME TEXT: by the socket and by hand a reload is refused, for this reason, and changes nothing.
stays()
{
	local before way

	before=$(status_says generation)
	for way in '' "--policy $POLICIES"; do
		# shellcheck disable=SC2086  # an option and its value
		embargo reload $way >"$SCRATCH/output" 2>&1
		[[ $? -eq 2 ]] || fail "$1: reload $way: $(<"$SCRATCH/output")"
		grep -q "$2" "$SCRATCH/output" || fail "$1: no '$2' in: $(<"$SCRATCH/output")"
	done
	[[ $(status_says generation) == "$before" ]] || fail "$1: generation $before, then $(status_says generation)"
	now_denied plain /d/listed "$1"
	kill -0 "$daemon" || fail "$1: the daemon has ended: $(<"$SCRATCH/run")"
}

# comes_back NAME: and the next reload takes what is new.
comes_back()
{
	fill_policies both
	embargo reload >"$SCRATCH/output" 2>&1 || fail "$1: the next reload: $(<"$SCRATCH/output")"
	now_denied plain /d/second "$1: back again"
	fill_policies
	embargo reload >"$SCRATCH/output" 2>&1 || fail "$1: the last reload: $(<"$SCRATCH/output")"
}

removed()
{
	fault_begin
	rm -rf $POLICIES
	stays removed "$POLICIES"
	mkdir $POLICIES
	stays emptied "$POLICIES: holds no policy"
	rmdir $POLICIES
	printf 'no folder\n' >$POLICIES
	stays 'a file instead' "$POLICIES"
	rm $POLICIES
	fill_policies
	rm $POLICIES/listed.hsb
	stays 'without its list' listed.hsb
	fault_end
	comes_back removed
}

unmounted()
{
	rm -rf $POLICIES
	mkdir $POLICIES
	mount -t tmpfs tmpfs $POLICIES
	fill_policies
	embargo reload >"$SCRATCH/output" 2>&1 || fail "with a mount: $(<"$SCRATCH/output")"
	fault_begin
	umount $POLICIES || fail 'it is held'
	stays unmounted "$POLICIES: holds no policy"
	fault_end
	comes_back unmounted
}

# A disk that gives errors beneath it.
unreadable()
{
	local loop sectors=$((16 << 11))

	modprobe loop 2>/dev/null
	modprobe dm-mod 2>/dev/null
	truncate -s 16M /d/policies
	loop=$(losetup -f)
	losetup "$loop" /d/policies
	if ! dmsetup create policies --table "0 $sectors linear $loop 0"; then
		fail 'no disk that can be made to fail'
		return
	fi
	mount_ext4 /dev/mapper/policies $POLICIES
	fill_policies
	embargo reload >"$SCRATCH/output" 2>&1 || fail "with a mount: $(<"$SCRATCH/output")"
	sync
	dmsetup suspend --nolockfs policies
	dmsetup load policies --table "0 $sectors error"
	dmsetup resume policies
	printf 3 >/proc/sys/vm/drop_caches
	fault_begin
	stays unreadable "$POLICIES.*error"
	fault_end
	umount $POLICIES || fail 'it is held'
	dmsetup remove policies
	losetup -d "$loop"
	comes_back unreadable
}

# flaps: the folder goes and comes, again and again.
flaps()
{
	while :; do
		mv $POLICIES $POLICIES.away
		pause 0.1
		mv $POLICIES.away $POLICIES
		pause 0.2
	done
}

# Each reload finds the folder, or half of it, or nothing: it is the whole policy, or none.
amid_reloads()
{
	local flapping done=0 refused=0 before i

	before=$(status_says generation)
	flaps &
	flapping=$!
	fault_begin
	for ((i = 0; i < 25; i++)); do
		if embargo reload >"$SCRATCH/output" 2>&1; then
			done=$((done + 1))
			[[ $(<"$SCRATCH/output") == 'enforcing: 1 policies, 1 rules, 1 digests' ]] || fail "says $(<"$SCRATCH/output")"
		else
			refused=$((refused + 1))
		fi
		now_denied plain /d/listed "at reload $i"
	done
	kill $flapping
	wait $flapping 2>/dev/null
	[[ ! -d $POLICIES.away ]] || mv $POLICIES.away $POLICIES
	fault_end
	[[ $(status_says generation) -eq $((before + done)) ]] || fail "$done reloads, and from $before to $(status_says generation)"
	printf '# of 25 reloads %d were refused\n' "$refused"
	comes_back 'amid reloads'
}

# The kernel's types are asked for at a start alone: a reload goes on without, and a start that cannot leaves all as it is.
no_btf()
{
	local before status=0

	mkdir -p "$SCRATCH/empty"
	mount --bind "$SCRATCH/empty" /sys/kernel/btf
	before=$(status_says generation)
	fault_begin
	embargo load --policy $POLICIES >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "load: status $status: $(<"$SCRATCH/output")"
	grep -qi 'btf' "$SCRATCH/output" || fail "load does not name BTF: $(<"$SCRATCH/output")"
	embargo doctor >"$SCRATCH/output" 2>&1
	grep -q '/sys/kernel/btf/vmlinux is missing' "$SCRATCH/output" || fail "doctor: $(<"$SCRATCH/output")"
	now_denied plain /d/listed 'without BTF'
	embargo reload >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	[[ $(status_says generation) -eq $((before + 1)) ]] || fail "generation $before, then $(status_says generation)"
	fault_end
	umount /sys/kernel/btf
}

# Hidden by another mount the pins are out of everybody's reach, and what hangs on them goes on. Without any, a start says so.
no_bpffs()
{
	local status=0

	mkdir -p "$SCRATCH/empty"
	mount --bind "$SCRATCH/empty" /sys/fs/bpf
	fault_begin
	embargo load --policy $POLICIES >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "load: status $status: $(<"$SCRATCH/output")"
	grep -q 'no BPF file system at /sys/fs/bpf' "$SCRATCH/output" || fail "load does not say so: $(<"$SCRATCH/output")"
	embargo reload --policy $POLICIES >"$SCRATCH/output" 2>&1 && fail "reload: $(<"$SCRATCH/output")"
	embargo doctor >"$SCRATCH/output" 2>&1
	grep -q 'not mounted at /sys/fs/bpf' "$SCRATCH/output" || fail "doctor: $(<"$SCRATCH/output")"
	now_denied plain /d/listed 'without a BPF file system'
	says "$SCRATCH/run" 'the BPF file system at /sys/fs/bpf is covered or gone'
	fault_end
	umount /sys/fs/bpf
	goes_on "$daemon" 'the daemon'
	now_denied plain /d/listed 'with it again'
	[[ $(status_says enforcing) == true ]] || fail "status: $status_text"
}

fill_policies
host_starts
attempt policies-removed removed
attempt policies-unmounted unmounted
attempt policies-unreadable unreadable
attempt policies-amid-reloads amid_reloads
attempt no-btf no_btf
attempt no-bpffs no_bpffs
kill "$daemon" 2>/dev/null
wait "$daemon" 2>/dev/null
relax
rm -rf $POLICIES
