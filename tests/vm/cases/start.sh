#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a start looks at before it begins: the folder of the pins, its lock, and whether it sees the whole host.
#: @one --disk data:512M --add /usr/bin/flock:/usr/bin/flock

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
make_pair /d/listed /bin/true
policy_begin
rule_file listed banned elf /d/listed
policy=$(policy_end)

# refused PATTERN COMMAND...: ends with 2, says so, leaves nothing behind.
refused()
{
	local status=0 pattern=$1

	shift
	"$@" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "status $status: $(<"$SCRATCH/output")"
	grep -q -- "$pattern" "$SCRATCH/output" || fail "no '$pattern' in: $(<"$SCRATCH/output")"
	[[ -z $(ls /sys/fs/bpf) ]] || fail "left behind: $(ls /sys/fs/bpf)"
	now_runs plain /d/listed "nothing is enforced"
}
attempt not-in-a-container refused 'this is a container' unshare --pid --fork --mount-proc embargo load --policy "$policy"
attempt not-half-blind refused 'run it as root with CAP_SYS_PTRACE' setpriv --bounding-set=-sys_ptrace embargo load --policy "$policy"

# Mounted by hand the folder is everybody's: then anybody could put pins or a lock in the way.
closes_the_folder()
{
	chmod 1777 /sys/fs/bpf
	enforce "$policy"
	[[ $(stat -c %a /sys/fs/bpf) == 700 ]] || fail "the folder has mode $(stat -c %a /sys/fs/bpf)"
	now_denied plain /d/listed
	relax
}
attempt closes-the-folder closes_the_folder

# Another start may be at work for a while.
waits_for_the_lock()
{
	local holder before=$EPOCHSECONDS

	flock /sys/fs/bpf sleep 8 &
	holder=$!
	sleep 0.5
	enforce "$policy"
	[[ $((EPOCHSECONDS - before)) -ge 7 ]] || fail "it did not wait"
	wait "$holder" || fail "the lock was not held"
	now_denied plain /d/listed
}
attempt waits-for-the-lock waits_for_the_lock

# A reload looks at PID 1's program as a start does, and says where it may not.
says_what_it_did_not_see()
{
	setpriv --bounding-set=-sys_ptrace embargo reload --policy "$policy" >"$SCRATCH/output" 2>&1 ||
		fail "reload: $(<"$SCRATCH/output")"
	grep -q 'the program of PID 1 .* cannot be looked at' "$SCRATCH/output" || fail "not said: $(<"$SCRATCH/output")"
	embargo reload --policy "$policy" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	! grep -q 'PID 1' "$SCRATCH/output" || fail "said for nothing: $(<"$SCRATCH/output")"
	relax
}
attempt says-what-it-did-not-see says_what_it_did_not_see
