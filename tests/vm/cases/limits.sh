#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What embargo does not stop, shown: a case turns red when it is stopped after all, and docs/THREATS.md is then to say so.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
modprobe fuse 2>/dev/null
modprobe loop 2>/dev/null

# The listed program ends with 7, whoever runs it.
cp "$HERE/bin/tiny7" /d/listed
chmod 0755 /d/listed

mkdir /d/banned
cp "$HERE/bin/tiny7" /d/banned/program
printf 'not the one that is listed' >>/d/banned/program
policy_begin
rule_identity below banned 'path: /d/banned/'
rule_file listed banned elf /d/listed
printf '#!/bin/bash\nexit 7\n' >/d/script
chmod 0755 /d/script
rule_file script banned script /d/script
enforce

# did_run WHAT COMMAND...: the listed instructions ran.
did_run()
{
	local what=$1

	shift
	"$@" >"$SCRATCH/output" 2>&1
	status=$?
	[[ $status -eq 7 ]] || fail "$what: status $status: $(<"$SCRATCH/output")"
}

# is_listed FILE: it is denied where it is run as anybody would.
is_listed()
{
	now_denied plain "$1" "to begin with"
}

# --- bytes that are read, and put into memory ------------------------------------------------------

implanted()
{
	is_listed /d/listed
	did_run "$1" implant "$@"
}
attempt into-anonymous-memory implanted anonymous /d/listed
attempt into-a-traced-process implanted ptrace /d/listed /bin/true
attempt into-proc-mem implanted memory /d/listed /bin/true

argument()
{
	is_listed /d/script
	did_run "bash script" bash /d/script
}
attempt script-as-argument argument

# --- bytes that change where nobody tells of it ----------------------------------------------------

# The medium beneath a mounted file system is written: its file has the same times, and what the kernel half remembers of it
# is believed.
written_beneath()
{
	local block

	truncate -s 32M /d/medium
	mke2fs -q -F -t ext4 -b 4096 /d/medium
	mkdir -p /mnt/medium
	mount -o loop /d/medium /mnt/medium || { skip "no loop device here"; return; }
	cp "$HERE/bin/tiny" /mnt/medium/program
	umount /mnt/medium
	mount -o loop /d/medium /mnt/medium
	block=$(debugfs -R 'bmap /program 0' /d/medium)
	now_runs plain /mnt/medium/program "harmless at first"
	now_runs plain /mnt/medium/program "harmless again"
	[[ $block ]] || { fail "nobody knows where the file lies"; return; }
	dd if="$HERE/bin/tiny7" of=/d/medium bs=4096 seek="$block" conv=notrunc status=none
	sync
	printf 1 >/proc/sys/vm/drop_caches
	cmp -s /mnt/medium/program /d/listed || fail "the file does not hold the listed bytes: block $block"
	did_run "the changed file" /mnt/medium/program
	umount /mnt/medium
}
attempt written-beneath-a-mount written_beneath

# A server that says today this and tomorrow that: no digest of its files is taken, and on-error allows.
served()
{
	mkdir -p /mnt/fuse
	fuse /mnt/fuse /d/listed || fail "no FUSE here"
	did_run "the file of a server" /mnt/fuse/program
	take_events
	events_with verdict=audit operation=exec path=/mnt/fuse/program >/dev/null || fail "no audit event: $events"
	umount /mnt/fuse
}
attempt served-by-fuse served

# --- what is too large -----------------------------------------------------------------------------

# Its very size is listed, and on-error: audit lets it pass, with an event.
too_large()
{
	cp "$HERE/bin/tiny7" /d/huge
	truncate -s 600M /d/huge
	printf '%s:%s:huge\n' "$(printf '%064d' 1)" "$(stat -c %s /d/huge)" >"$SCRATCH/policy/huge.hsb"
	rule_list huge banned elf huge.hsb
	enforce
	did_run "larger than max-hash" /d/huge
	take_events
	events_with verdict=audit operation=exec path=/d/huge >/dev/null || fail "no audit event: $events"
}
attempt larger-than-max-hash too_large

# --- what was banned by its place only -------------------------------------------------------------

moved_away()
{
	is_listed /d/banned/program
	cp /d/banned/program /d/elsewhere
	did_run "a copy" /d/elsewhere
}
attempt copied-from-a-banned-path moved_away

# --- mappings that turn executable -----------------------------------------------------------------

# An unsized digest, of a file that was never run or mapped as code: the hook of mprotect cannot hash.
unsized_mprotect()
{
	make_pair /d/unsized "$(realpath /lib/x86_64-linux-gnu/libz.so.1)"
	rule_file unsized banned elf /d/unsized unsized
	enforce
	now_runs map_private /d/unsized
	now_denied map_exec /d/unsized "mapped as code"
}
attempt unsized-by-mprotect unsized_mprotect
