#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The control socket: root reloads by it, a group reads, others get nothing, and nobody holds anybody up.
#: @two --disk data:512M --cpus 2

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

SOCKET=/run/embargo/control
POLICIES=/etc/embargo/policy.d
GROUP=990

mount_ext4 /dev/vda /d
make_pair /d/listed "$HERE/bin/tiny"
make_pair /d/second "$HERE/bin/tiny"
relax
grep -q '^embargo:' /etc/group 2>/dev/null || printf 'embargo:x:%s:\n' "$GROUP" >>/etc/group

# host_policy [both]: the host's own, as a reload without options reads it.
host_policy()
{
	policy_begin
	rule_file listed banned elf /d/listed
	[[ ${1:-} != both ]] || rule_file second banned elf /d/second
	policy_end >/dev/null
	rm -rf "$POLICIES"
	mkdir -p "$POLICIES"
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb "$POLICIES"
}

start_daemon()
{
	: >"$SCRATCH/run" # what another wrote there is not this one's
	embargo run >"$SCRATCH/run" 2>&1 &
	daemon=$!
	wait_for 300 grep -q 'enforcing: ' "$SCRATCH/run" || give_up daemon "$(<"$SCRATCH/run")"
	wait_for 100 eval 'answer=$(ask status) && [[ $answer == "answer: 0,"* ]]' || give_up steward "$(ask status; cat "$SCRATCH/run")"
}

as_member()
{
	setpriv --reuid 1000 --regid 1000 --groups "$GROUP" --no-new-privs -- "$@"
}

# Root without a right of its own: what it cannot do by hand, it may ask for.
as_bare_root()
{
	setpriv --bounding-set -all --inh-caps -all -- "$@"
}

host_policy
start_daemon

root_writes()
{
	local before after

	before=$(status_says generation)
	now_runs plain /d/second 'not listed yet'
	host_policy both
	as_bare_root embargo reload >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") == 'enforcing: 1 policies, 2 rules, 2 digests' ]] || fail "says $(<"$SCRATCH/output")"
	after=$(status_says generation)
	[[ $after -eq $((before + 1)) ]] || fail "generation $before, then $after"
	now_denied plain /d/second 'listed now'
	as_bare_root embargo reload --policy "$POLICIES" >"$SCRATCH/output" 2>&1 && fail 'bare root reloads by hand'
}
attempt root-writes root_writes

# The same words and statuses by either way: what goes by hand names its policies.
same_as_by_hand()
{
	local way asked answered

	for way in good broken; do
		[[ $way == good ]] || printf 'colour: red\n' >>"$POLICIES/test.yaml"
		asked=$(embargo reload 2>&1) && asked+=" 0" || asked+=" $?"
		answered=$(embargo reload --policy "$POLICIES" 2>&1) && answered+=" 0" || answered+=" $?"
		[[ $asked == "$answered" ]] || fail "$way: by socket '$asked', by hand '$answered'"
	done
	[[ $asked == *test.yaml:*colour*' 2' ]] || fail "a broken policy: $asked"
	now_denied plain /d/listed 'after a broken reload'
	host_policy both
}
attempt same-as-by-hand same_as_by_hand

# steady: what of a status does not move by itself.
steady()
{
	busybox sed -E '/"(now|floor|checked|hashed|label_hit|size_filtered|memory|retried)":/d' "$1"
}

group_reads()
{
	local form

	for form in --json --openmetrics; do
		embargo status $form >"$SCRATCH/roots" 2>&1 || fail "root: $(<"$SCRATCH/roots")"
		as_member embargo status $form >"$SCRATCH/members" 2>&1 || fail "member: $(<"$SCRATCH/members")"
		[[ $(wc -l <"$SCRATCH/members") -gt 20 ]] || fail "member: $(<"$SCRATCH/members")"
		[[ $form == --openmetrics || $(steady "$SCRATCH/roots") == "$(steady "$SCRATCH/members")" ]] ||
			fail "not the same: $(diff <(steady "$SCRATCH/roots") <(steady "$SCRATCH/members"))"
	done
	as_member embargo status | grep -q '^enforcing   yes' || fail 'no text for a member'
	[[ $(as_member ask reload) == 'answer: EPERM, 0 bytes' ]] || fail "a member reloads: $(as_member ask reload)"
	[[ $(as_member ask descriptor) == 'answer: EBADMSG, 0 bytes' ]] || fail "descriptor: $(as_member ask descriptor)"
	[[ $(ask descriptor) == 'answer: EBADMSG, 0 bytes' ]] || fail "root's descriptor: $(ask descriptor)"
}
attempt group-reads group_reads

others_are_refused()
{
	local output

	[[ $(stat -c '%a %u %g' $SOCKET) == "660 0 $GROUP" ]] || fail "the socket is $(stat -c '%a %u %g' $SOCKET)"
	[[ $(as_user ask status) == 'no answer: EACCES' ]] || fail "others connect: $(as_user ask status)"
	output=$(as_user embargo status 2>&1)
	[[ $? -eq 2 && $output != *enforcing* ]] || fail "status: $output"
	chmod 0666 $SOCKET
	[[ $(as_user ask status) == 'answer: EPERM, 0 bytes' ]] || fail "by an open socket: $(as_user ask status)"
	[[ $(as_user ask reload) == 'answer: EPERM, 0 bytes' ]] || fail "by an open socket: $(as_user ask reload)"
	[[ $(unshare --user --map-root-user ask reload) == *EPERM* ]] ||
		fail "root of another namespace: $(unshare --user --map-root-user ask reload)"
	[[ $(unshare --user --map-root-user ask status) == *EPERM* ]] || fail 'it reads'
	chmod 0660 $SOCKET
}
attempt others-are-refused others_are_refused

# hold COUNT SECONDS BYTES: as a member, until they are let go.
hold()
{
	as_member ask hold "$@" >"$SCRATCH/hold" &
	holder=$!
	wait_for 50 grep -q held "$SCRATCH/hold" || fail 'nobody holds'
}

# Eight of the group's and more that say nothing, half of something, or do not listen: root does not notice, and the group
# waits for as long as their patience lasts.
nobody_is_held_up()
{
	local bytes began

	for bytes in 0 7 16; do
		hold 12 30 $bytes
		began=$EPOCHREALTIME
		[[ $(ask status) == 'answer: 0,'* ]] || fail "root after $bytes bytes: $(ask status)"
		began=$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))
		[[ $began -lt $((3000 * PATIENCE)) ]] || fail "root waits $began ms after $bytes bytes"
		[[ $(as_member ask status) == 'answer: 0,'* ]] || fail "the group after $bytes bytes: $(as_member ask status)"
		kill $holder
		wait $holder 2>/dev/null
	done
}
attempt nobody-is-held-up nobody_is_held_up

a_hundred_at_once()
{
	[[ $(ask crowd 100) == 'answered=100 failed=0' ]] || fail "root: $(ask crowd 100)"
	[[ $(as_member ask crowd 100) == 'answered=100 failed=0' ]] || fail "group: $(as_member ask crowd 100)"
}
attempt a-hundred-at-once a_hundred_at_once

# Killed in the midst of a reload, at many moments: what was in force is, or what was asked for, and the next one works.
killed_mid_reload()
{
	local moment

	for moment in 0.02 0.05 0.1 0.2 0.4; do
		host_policy both
		embargo reload >"$SCRATCH/output" 2>&1 &
		asker=$!
		pause $moment
		kill -9 "$daemon"
		wait "$daemon" "$asker" 2>/dev/null
		now_denied plain /d/listed "after $moment s"
		now_runs plain /d/listed.twin "after $moment s"
		start_daemon
		embargo reload >"$SCRATCH/output" 2>&1 || fail "the next reload: $(<"$SCRATCH/output")"
		now_denied plain /d/second "after the next reload"
	done
}
attempt killed-mid-reload killed_mid_reload

# Without a daemon it is as it ever was.
no_daemon()
{
	kill "$daemon"
	wait "$daemon" 2>/dev/null
	embargo reload >"$SCRATCH/output" 2>&1 || fail "by hand: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") == 'enforcing: 1 policies, 2 rules, 2 digests' ]] || fail "says $(<"$SCRATCH/output")"
	relax
	[[ ! -e $SOCKET ]] || fail 'the socket stays'
}
attempt no-daemon no_daemon
rm -rf "$POLICIES"
