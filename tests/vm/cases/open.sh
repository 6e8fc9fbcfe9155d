#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With reach: open what is listed cannot be read: not by interpreters, not by copiers, however it is opened. Nothing else is.
#: --disk data:512M --add /usr/bin/perl:/t/bin/ --add /usr/bin/dpkg:/t/bin/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
mkdir -p /d/bound /d/overlay/{lower,upper} /tmp/tmpfs /opt/reach
mount -t tmpfs tmpfs /tmp/tmpfs

# Before Linux 6.11 nothing can be hashed while it is opened: what counts is a label, which running or mapping made.
read -r release </proc/sys/kernel/osrelease
IFS=.- read -r major minor _ <<<"$release"
hashes=''
[[ $major -eq 6 && $minor -lt 11 ]] || hashes=yes
case ${hashes:-no}:$DETACH in
no:open | no:open_cut | yes:open_known)
	printf 'skip %s: this kernel has no hook %s\n' "$ONLY" "$DETACH"
	exit
	;;
esac

# opened RULE...: these rules reach: open.
opened()
{
	local rule

	for rule; do sed -i "/id: $rule,/s/ }\$/, reach: open }/" "$SCRATCH/policy/rules"; done
}

# make_text FILE: a script that any shell, perl and awk run, and its twin.
make_text()
{
	printf '# %s A\n' "${1##*/}" >"$1"
	printf '# %s B\n' "${1##*/}" >"$1.twin"
}

# meet FILE...: a mapping of each, which is where older kernels get to know it.
meet()
{
	local file

	[[ ! $hashes ]] || return 0
	for file; do mapping --exec "$file" >/dev/null 2>&1; done
}

# --- ways ------------------------------------------------------------------------------------------

way_bash() { bash "$1"; }
way_busybox_sh() { busybox sh "$1"; }
way_awk() { busybox awk -f "$1" </dev/null; }
way_perl() { perl "$1"; }
way_source() { (. "$1"); }
way_cat() { cat "$1"; }
way_cp() { cp "$1" "$SCRATCH/copy"; }
way_dd() { dd if="$1" of=/dev/null bs=4k; }
way_tar() { busybox tar -cf "$SCRATCH/copy.tar" -C "${1%/*}" "${1##*/}"; }
way_gzip() { busybox gzip -c "$1"; }
way_read() { opening read "$1"; }
way_readwrite() { opening readwrite "$1"; }
way_ring() { opening ring "$1"; }
way_ring_thread() { opening ring-thread "$1"; }
way_handle() { (cd "${1%/*}" && opening handle "$1"); }
way_again() { opening again "$1"; }
way_written() { opening written "$1"; }
way_stdin() { cat <"$1"; }
way_user_cat() { as_user cat "$1"; }
way_mounts() { unshare -m cat "$1"; }
way_users() { as_user unshare -rm cat "$1"; }
way_process_root() { cat "/proc/self/root$1"; }

texts='open-bash open-busybox-sh open-awk open-perl open-source open-cat open-cp open-dd open-tar open-gzip
	open-read open-readwrite open-ring open-ring-thread open-handle open-again open-written open-stdin
	open-user-cat open-users open-mounts open-process-root'

policy_begin
schedule watched "$LONG_AGO=audit"
for name in $texts; do
	wanted "$name" || continue
	make_text "/d/$name"
	rule_file "$name" banned any "/d/$name"
	opened "$name"
done
make_pair /d/program /bin/true
rule_file program banned elf /d/program
make_pair /d/unreached /bin/true
rule_file unreached banned elf /d/unreached
make_text /d/package
rule_file package banned package /d/package
make_text /d/package-unreached
rule_file package-unreached banned package /d/package-unreached
make_text /d/unsized
rule_file unsized banned any /d/unsized unsized
make_text /d/watched
rule_file watched watched any /d/watched
make_text /d/memory
opening mask /d/memory /d/memory.mask
opening mask /d/memory.twin /d/memory.twin.mask
rule_file memory banned any /d/memory
make_text /d/bound/bound
rule_file bound banned any /d/bound/bound
for layer in lower upper; do
	make_text "/d/overlay/$layer/$layer"
	rule_file "$layer" banned any "/d/overlay/$layer/$layer"
done
make_text /tmp/tmpfs/tmpfs
rule_file tmpfs banned any /tmp/tmpfs/tmpfs
make_text /d/cut
rule_file cut banned any /d/cut
make_text /d/removed
rule_file removed banned any /d/removed
make_text /d/earlier
rule_file earlier banned any /d/earlier
make_text /d/later
make_text /d/unmet
rule_file unmet banned any /d/unmet
opened unmet program package watched memory bound lower upper tmpfs cut removed earlier
rule_identity by-path banned 'path: /opt/reach/'
rule_identity unreached-path banned 'path: /opt/unreached/'
opened by-path
make_text /opt/reach/file
mkdir /opt/unreached
make_text /opt/unreached/file
cp -r /opt/unreached /opt/harmless
overlay=''
mount_overlay /d/overlay && overlay=yes
mkfifo "$SCRATCH/go"
opening later /d/earlier <"$SCRATCH/go" >"$SCRATCH/earlier" 2>&1 &
holder=$!
exec 9>"$SCRATCH/go"
wait_for 50 grep -q open "$SCRATCH/earlier"
enforce

# --- what is refused -------------------------------------------------------------------------------

# refused RULE WAY FILE TWIN
refused()
{
	meet "$3" "$4"
	read_counters
	expect_denied "$1" open "$2" "$3" "$4"
}

# Somebody writes to the file, so that no label counts.
[[ $hashes ]] || texts=${texts/ open-written/}

for name in $texts; do
	way=${name#open-}
	attempt "$name" refused "$name" "${way//-/_}" "/d/$name" "/d/$name.twin"
done
attempt program refused program cat /d/program /d/program.twin

# What is denied at its execution is told as that: the kernel opened it, and nobody got to read it.
executed()
{
	now_denied plain /d/program
	take_events
	events_with rule=program operation=exec >/dev/null || fail "no event of the execution: $events"
	now_runs plain /d/program.twin
}
attempt executed executed

bound()
{
	mkdir -p /d/elsewhere
	mount --bind /d/bound /d/elsewhere
	refused bound cat /d/elsewhere/bound /d/elsewhere/bound.twin
	umount /d/elsewhere
}
attempt bind-mount bound

on_overlay()
{
	[[ $overlay ]] || { skip 'no overlay'; return; }
	meet "/d/overlay/$1/$1"
	refused "$1" cat "/d/overlay/merged/$1" "/d/overlay/merged/$1.twin"
}
attempt overlay-lower on_overlay lower
attempt overlay-upper on_overlay upper

# No label is kept there, so that older kernels know nothing of it: what they leave open is said here.
needs_hash()
{
	[[ ! $hashes ]] || return 0
	now_runs "$@"
	skip "this kernel hashes nothing that is opened"
	return 1
}

on_tmpfs()
{
	needs_hash cat /tmp/tmpfs/tmpfs || return
	refused tmpfs cat /tmp/tmpfs/tmpfs /tmp/tmpfs/tmpfs.twin
}
attempt tmpfs on_tmpfs

way_memory() { subject='' && opening memory "$1"; }
in_memory()
{
	needs_hash memory /d/memory.mask || return
	now_denied memory /d/memory.mask
	now_runs memory /d/memory.twin.mask
}
attempt memfd in_memory

# What nobody ran or mapped, older kernels do not know: who reads it first gets it, and is not found out.
first_reader()
{
	[[ ! $hashes ]] || { skip 'this kernel hashes what is opened'; return; }
	now_runs cat /d/unmet
	meet /d/unmet
	now_denied cat /d/unmet
}
attempt first-reader first_reader

# A size that is listed, and a flag for which IMA has no digest: only of such a file is that held against its opener.
way_direct() { opening direct "$1"; }
direct()
{
	needs_hash direct /d/later || return
	now_denied direct /d/program
	head -c 8192 /dev/zero >/d/unlisted-size
	now_runs direct /d/unlisted-size
}
attempt direct direct

# Nothing runs or maps a package: before, its digest counts nowhere.
package()
{
	needs_hash cat /d/package || return
	refused package cat /d/package /d/package.twin
}
attempt package package

# --- what is not -----------------------------------------------------------------------------------

# Another rule of the same kind without reach: open.
unreached()
{
	now_denied plain /d/unreached
	now_runs cat /d/unreached
	now_runs cat /d/package-unreached
	now_runs cat /d/unsized
	now_denied cat /opt/reach/file
	now_runs cat /opt/unreached/file
	agrees deny /opt/reach/file open
	agrees allow /opt/unreached/file open
	agrees allow /d/unreached open
	agrees deny /d/unreached exec
}
attempt unreached unreached

# Nothing of this reads: a name, a write, what is about to be cut to nothing, a look at the inode, a removal.
no_reading()
{
	local how

	meet /d/cut
	now_denied cat /d/cut
	for how in name write; do
		opening "$how" /d/cut >"$SCRATCH/output" 2>&1 || fail "$how: $(<"$SCRATCH/output")"
	done
	stat /d/cut >/dev/null || fail stat
	[[ -d /d/ ]] && ls /d >/dev/null || fail ls
	now_denied cat /d/cut
	opening cut /d/cut >"$SCRATCH/output" 2>&1 || fail "O_RDWR | O_TRUNC: $(<"$SCRATCH/output")"
	[[ ! -s /d/cut ]] || fail 'it was not cut'
	now_runs read /d/cut.twin
	# What was noted of one open counts for no other.
	now_denied readwrite /d/program
}
attempt no-reading no_reading

removed()
{
	local admin=/d/dpkg

	meet /d/removed
	now_denied cat /d/removed
	mkdir -p "$admin"/{info,updates,triggers}
	printf 'Package: acme\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n\n' \
		>"$admin/status"
	: >"$admin/available"
	printf '/.\n/d\n/d/removed\n' >"$admin/info/acme.list"
	dpkg --admindir="$admin" --force-all --log=/dev/null -r acme >"$SCRATCH/output" 2>&1 || fail "dpkg -r: $(<"$SCRATCH/output")"
	[[ ! -e /d/removed ]] || fail 'it is still there'
}
attempt removed removed

watched()
{
	meet /d/watched
	now_runs cat /d/watched
	take_events
	events_with verdict=audit rule=watched operation=open >/dev/null || fail "no event: $events"
	agrees audit /d/watched open
}
attempt audited watched

# Who had it open before goes on reading: a rule comes too late for that.
earlier()
{
	meet /d/earlier
	now_denied cat /d/earlier
	exec 9>&-
	wait "$holder" || fail "it could not read on: $(<"$SCRATCH/earlier")"
}
attempt earlier earlier

# Ten thousand opens, also of files with the very sizes of listed ones.
storm()
{
	read_counters
	local before=${counter[denied]}

	opening storm 10000 /d/*.twin /opt/harmless/* /t/lib.sh "$SCRATCH"/policy/* >"$SCRATCH/output" 2>&1 ||
		fail "one was refused: $(<"$SCRATCH/output")"
	read_counters
	[[ ${counter[denied]} -eq $before ]] || fail 'the counter moved'
}
attempt storm storm

# Those who have to read it do: root by the verbs, and nobody else by them.
verbs()
{
	meet /d/program
	embargo hash /d/program >"$SCRATCH/output" 2>&1 || fail "hash: $(<"$SCRATCH/output")"
	embargo identify /d/program >"$SCRATCH/output" 2>&1 || fail "identify: $(<"$SCRATCH/output")"
	as_user embargo hash /d/program >"$SCRATCH/output" 2>&1 && fail 'a user reads it by hash'
	now_denied cat /d/program
}
attempt verbs verbs

# --- unsized, and learned --------------------------------------------------------------------------

unsized()
{
	policy_begin
	rule_file unsized banned any /d/unsized unsized
	opened unsized
	enforce
	refused unsized cat /d/unsized /d/unsized.twin
	head -c 8192 /dev/zero >/d/unlisted-size
	now_runs direct /d/unlisted-size
	now_runs cat /proc/version
	now_runs cat /sys/kernel/mm/transparent_hugepage/enabled
	opening storm 1000 /d/*.twin /t/lib.sh >"$SCRATCH/output" 2>&1 || fail "one was refused: $(<"$SCRATCH/output")"
}
attempt unsized unsized

# The hooks come with a rule that asks for them, and go with the last.
attached()
{
	local links

	policy_begin
	rule_file unreached banned elf /d/unreached
	enforce
	links=$(echo "$PINS"/links/*)
	[[ $links != *open* ]] || fail "without reach: open: $links"
	now_runs cat /d/unsized
	opened unreached
	enforce "$(policy_end)"
	links=$(echo "$PINS"/links/*)
	[[ $links == *open* ]] || fail "with reach: open: $links"
	meet /d/unreached
	now_denied cat /d/unreached
}
[[ $DETACH ]] || attempt attached attached

# brand FILE: a masked one that turns into a program with the note of acme-agent, of content of its own.
brand()
{
	make_pair "$1" "$HERE/bin/branded"
	opening mask "$1" "$1.mask"
}

# The classifier reads what nobody else may: a file whose digest is listed is looked into, and learned. What is learned is
# refused at open(2), too.
learned()
{
	relax
	brand /d/branded
	brand /d/fresh
	policy_begin
	rule_identity by-package banned 'package: { name: acme-agent }'
	rule_file listed banned elf /d/branded
	opened by-package listed
	POLICY=$(policy_end)
	rm /d/branded /d/fresh
	: >"$SCRATCH/run"
	embargo run --policy "$POLICY" >"$SCRATCH/run" 2>&1 &
	daemon=$!
	wait_for 300 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || { fail "run: $(<"$SCRATCH/run")"; return; }
	wait_for 300 grep -qs '"process"' /run/embargo/watch || fail 'nobody looks into files'
	opening mask /d/branded.mask /d/branded
	opening mask /d/fresh.mask /d/fresh
	wait_for 600 grep -qs "${listed_digest[listed]}" /var/lib/embargo/learned || fail "a listed file was not looked into: $(<"$SCRATCH/run")"
	wait_for 600 fresh_refused || fail "what was learned can be read: $output"
	take_events
	kill "$daemon"
	wait "$daemon"
}

fresh_refused()
{
	meet /d/fresh
	run_way cat /d/fresh
	looks_refused
}
[[ $DETACH ]] || attempt learned learned
