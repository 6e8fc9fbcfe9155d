#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where no digest can be had, on-error decides, each failure is counted and told, and nothing unlisted is refused.
#: @one --disk data:512M
#: --disk data2:128M --append ima_hash=sha1

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
modprobe fuse 2>/dev/null
make_pair /d/listed /bin/true

# serve FILE: at /mnt/fuse/program.
serve()
{
	umount /mnt/fuse 2>/dev/null
	mkdir -p /mnt/fuse
	fuse /mnt/fuse "$1" || fail "no FUSE here"
}

# policy_for ON-ERROR sized|unsized
policy_for()
{
	policy_begin "$1"
	rule_file listed banned elf /d/listed "$2"
	enforce
}

# failing_allowed FILE: runs, and is counted and told as one whose digest could not be had.
failing_allowed()
{
	local before

	read_counters
	before=${counter[digest_failed]}
	now_runs plain "$1" "on-error: audit"
	read_counters
	[[ ${counter[digest_failed]} -gt $before ]] || fail "digest_failed stayed at $before"
	take_events
	events_with verdict=audit operation=exec "path=$1" >/dev/null || fail "no audit event: $events"
}

fuse_audit()
{
	policy_for audit sized
	serve /d/listed
	failing_allowed /mnt/fuse/program
	umount /mnt/fuse
}

fuse_deny()
{
	policy_for deny sized
	serve /d/listed
	now_denied plain /mnt/fuse/program "on-error: deny"
	take_events
	events_with verdict=deny operation=exec path=/mnt/fuse/program >/dev/null || fail "no event: $events"
	now_runs plain /d/listed.twin "whose digest can be had"
	umount /mnt/fuse
}

# A size that no digest has clears a file wherever it lies.
fuse_sized()
{
	policy_for deny sized
	serve /bin/true
	now_runs plain /mnt/fuse/program "of a size that is not listed"
	umount /mnt/fuse
}

# A descriptor opened O_DIRECT cannot be hashed, and it is the caller who opened it so.
direct_denied()
{
	policy_for audit sized
	run_way map_direct /d/listed
	looks_refused || fail "not refused: status $status: $output"
	take_events
	events_with verdict=deny operation=map >/dev/null || fail "no event: $events"
	run_way map_direct /bin/true
	[[ $status -eq 0 || $output == *EINVAL* ]] || fail "a file of another size: $output"
	cp /bin/true /d/other
	now_runs map_direct /d/other "a file of another size"
	now_denied plain /d/listed "without O_DIRECT"
}
way_map_direct()
{
	mapping --direct --exec "$1"
}

# The kernel's own hash is SHA-1 here. An unsized list then bans nothing that could be recognised: load refuses it.
unsized_refused()
{
	local status=0

	policy_begin
	rule_file listed banned elf /d/listed unsized
	embargo load --policy "$(policy_end)" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "status $status: $(<"$SCRATCH/output")"
	grep -q ima_hash "$SCRATCH/output" || fail "ima_hash= is not named in: $(<"$SCRATCH/output")"
	[[ -z $(ls /sys/fs/bpf) ]] || fail "left behind: $(ls /sys/fs/bpf)"
	relax
}

sha1_audit()
{
	policy_for audit sized
	failing_allowed /d/listed
	failing_allowed /d/listed.twin
	now_runs plain /bin/true unlisted
}

sha1_deny()
{
	policy_for deny sized
	now_denied plain /d/listed
	now_runs plain /bin/true "of a size that is not listed"
	agrees allow /bin/true exec
}

sha1_doctor()
{
	embargo doctor >"$SCRATCH/output" 2>&1
	grep -q ima_hash "$SCRATCH/output" || fail "doctor does not name ima_hash=: $(<"$SCRATCH/output")"
}

# Nobody pays for it but who could be listed.
sha1_unlisted()
{
	make_pair /d/small "$HERE/bin/tiny"
	cp /bin/true /d/other
	policy_begin audit
	rule_file listed banned elf /d/small sized
	enforce
	unlisted_begin /d/small.twin /d/other
	unlisted_reach 8000
	unlisted_end 8000
	policy_for deny sized
	unlisted_begin /d/small
	unlisted_reach 2000
	now_denied plain /d/listed
	unlisted_end 2000
}

# A module's digest is computed from the buffer: it needs no IMA.
sha1_module()
{
	local found

	found=$(modinfo -n dummy)
	case $found in
	*.xz) xz -dc "$found" >"$SCRATCH/dummy.ko" ;;
	*) cp "$found" "$SCRATCH/dummy.ko" ;;
	esac
	make_pair /d/module.ko "$SCRATCH/dummy.ko"
	policy_begin
	rule_file module banned module /d/module.ko
	enforce
	expect_denied module module init /d/module.ko /d/module.ko.twin
	enforce # anew: the same digest again would only be counted
	expect_denied module module finit /d/module.ko /d/module.ko.twin
}

case $BOOT in
1)
	attempt fuse-on-error-audit fuse_audit
	attempt fuse-on-error-deny fuse_deny
	attempt fuse-size-clears fuse_sized
	attempt direct-is-evasion direct_denied
	;;
2)
	attempt ima-sha1-unsized-refused unsized_refused
	attempt ima-sha1-on-error-audit sha1_audit
	attempt ima-sha1-on-error-deny sha1_deny
	attempt ima-sha1-doctor sha1_doctor
	attempt ima-sha1-module sha1_module
	attempt ima-sha1-unlisted sha1_unlisted
	;;
esac
