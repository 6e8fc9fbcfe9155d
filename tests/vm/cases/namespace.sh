#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Path rules, and what an unprivileged user in namespaces of their own cannot do to them.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
chmod 0755 /d
mkdir -p /opt/acme/bin /opt/other /var/opt/acme /d/overlay/{lower,upper}
mount --bind /var/opt/acme /var/opt/acme
make_pair /opt/acme/bin/program /bin/true
cp /opt/acme/bin/program /opt/other/program
cp /opt/acme/bin/program /opt/acmeworks
cp /bin/true /opt/single
cp /bin/true /opt/single2
ln -s /var/opt/acme /opt/linked
cp /bin/true /var/opt/acme/program
mkdir -p /opt/acme-library
cp "$(realpath /lib/x86_64-linux-gnu/libz.so.1)" /opt/acme-library/libz.so.1
make_pair /d/listed /bin/true
make_pair /d/ns-listed /bin/true
chmod 0755 /opt /opt/acme /opt/acme/bin

policy_begin
rule_identity folder banned 'path: /opt/acme/'
rule_identity single banned 'path: /opt/single'
rule_identity linked banned 'path: /opt/linked/'
rule_identity library banned 'path: /opt/acme-library/'
rule_file listed banned elf /d/listed
rule_file ns-listed banned elf /d/ns-listed
enforce

# path_denied RULE OPERATION WAY FILE ALLOWED: like expect_denied, for a rule that names no digest.
path_denied()
{
	local rule=$1 operation=$2 way=$3 file=$4 allowed=$5 before

	read_counters
	before=${counter[denied]}
	now_denied "$way" "$file"
	read_counters
	[[ ${counter[denied]} -gt $before ]] || fail "the counter stayed at $before"
	take_events
	events_with verdict=deny "rule=$rule" "operation=$operation" >/dev/null || fail "no event: $events"
	agrees deny "$file" "$operation"
	now_runs "$way" "$allowed" "beside the rule"
	agrees allow "$allowed" "$operation"
}

attempt path-folder path_denied folder exec plain /opt/acme/bin/program /opt/other/program
attempt path-prefix-is-whole-names path_denied folder exec plain /opt/acme/bin/program.twin /opt/acmeworks
attempt path-single path_denied single exec plain /opt/single /opt/single2
attempt path-through-link path_denied linked exec plain /opt/linked/program /opt/other/program
attempt path-ldso path_denied folder map ldso /opt/acme/bin/program /opt/other/program
attempt path-library path_denied library map dlopen /opt/acme-library/libz.so.1 /lib/x86_64-linux-gnu/libz.so.1

dotted_path()
{
	enforce "$POLICY" # anew: the same file again, so soon, would only be counted
	path_denied folder exec plain /opt/other/../acme/./bin/program /opt/acme/../other/program
}
attempt path-dots dotted_path

# Where a mount hangs is remembered from the first look on; the names above it are not.
path_of_mount()
{
	local program

	enforce "$POLICY"
	mkdir -p /opt/before/inner /opt/acme/hung
	mount -t tmpfs tmpfs /opt/before/inner
	cp /bin/true /opt/before/inner/program
	for program in 1 2; do now_runs plain /opt/before/inner/program "look $program"; done
	mv /opt/acme /opt/away && mv /opt/before /opt/acme
	now_denied plain /opt/acme/inner/program "a folder above the mount renamed"
	mv /opt/acme /opt/before && mv /opt/away /opt/acme
	now_runs plain /opt/before/inner/program "renamed back"
	mount --move /opt/before/inner /opt/acme/hung
	now_denied plain /opt/acme/hung/program "the mount moved"
	mount --move /opt/acme/hung /opt/before/inner
	now_runs plain /opt/before/inner/program "moved back"
	umount /opt/before/inner
}
attempt path-of-a-mount path_of_mount

# The same where two mounts have names above them: then nothing may be remembered.
path_of_mount_upon()
{
	mount --bind /opt /opt
	path_of_mount
	umount /opt
}
attempt path-of-a-mount-upon path_of_mount_upon

# A shell in a mount namespace of its own, as a service with a private /tmp has: what counts is the host's view, and that
# is remembered too, by the superblock.
way_private()
{
	local line

	printf '%s 2>&1; echo "status $?"\n' "$1" >&"${private[1]}"
	while read -r -t 20 line <&"${private[0]}"; do
		[[ $line != status\ * ]] || return "${line#* }"
		printf '%s\n' "$line"
	done
	return 1
}

path_of_mount_elsewhere()
{
	local program=/opt/before/inner/program look shell commands

	enforce "$POLICY"
	mkdir -p /opt/before/inner /opt/acme/hung
	mount -t tmpfs tmpfs /opt/before/inner
	cp /bin/true "$program"
	cp /bin/true /opt/acme/hung/listed
	coproc private { exec unshare -m bash; }
	shell=$! commands=${private[1]}
	for look in 1 2; do now_runs private "$program" "look $look"; done
	for look in 1 2; do now_denied private /opt/acme/hung/listed "look $look at the root's"; done
	mv /opt/acme /opt/away && mv /opt/before /opt/acme
	now_denied private /opt/acme/inner/program "a folder above the mount renamed"
	mv /opt/acme /opt/before && mv /opt/away /opt/acme
	now_runs private "$program" "renamed back"
	mount --move /opt/before/inner /opt/acme/hung
	now_denied private "$program" "the mount moved, in the host's view"
	mount --move /opt/acme/hung /opt/before/inner
	now_runs private "$program" "moved back"
	mount --bind /opt/before/inner /opt/acme/hung
	now_denied private "$program" "mounted a second time, in the host's view"
	umount /opt/acme/hung
	now_runs private "$program" "but once again"
	mkdir -p /opt/aside
	mount --bind /opt/before/inner /opt/aside
	for look in 1 2; do now_runs private "$program" "mounted twice, look $look"; done
	mv /opt/acme /opt/away && mv /opt/before /opt/acme
	now_denied private /opt/acme/inner/program "mounted twice, and a folder above one of them renamed"
	mv /opt/acme /opt/before && mv /opt/away /opt/acme
	umount /opt/aside
	exec {commands}>&-
	wait "$shell"
	umount /opt/before/inner
	rm /opt/acme/hung/listed
}
attempt path-of-a-mount-elsewhere path_of_mount_elsewhere

# Deeper than the quick look follows: 24 folders, then a mount upon a mount, where what is above is not remembered.
path_is_deep()
{
	local depth=a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x folder

	enforce "$POLICY"
	mkdir -p /opt/{acme,other}/{$depth,upon}
	for folder in acme other; do
		cp /bin/true /opt/$folder/$depth/deep
		mount -t tmpfs tmpfs /opt/$folder/upon
		mkdir /opt/$folder/upon/it
		mount -t tmpfs tmpfs /opt/$folder/upon/it
		cp /bin/true /opt/$folder/upon/it/program
	done
	for folder in 1 2; do
		now_denied plain /opt/acme/$depth/deep "24 folders down"
		now_runs plain /opt/other/$depth/deep "24 folders down, beside it"
		now_denied plain /opt/acme/upon/it/program "on the second mount"
		now_runs plain /opt/other/upon/it/program "on the second mount, beside it"
	done
	umount /opt/{acme,other}/upon/it /opt/{acme,other}/upon
}
attempt path-is-deep path_is_deep

# Mounted on the banned folder itself: no name within the file system tells of it.
path_is_mountpoint()
{
	mount --bind /opt/other /opt/acme
	now_denied plain /opt/acme/program "through the mount"
	now_runs plain /opt/other/program "beside it"
	umount /opt/acme
}
attempt path-is-a-mountpoint path_is_mountpoint

# in_namespace COMMAND: as an unprivileged user, root in user and mount namespaces of their own.
in_namespace()
{
	as_user unshare --user --map-root-user --mount --propagation private bash -c "$1"
}

# The user makes /opt their own and mounts the host's bash where a rule bans everything. Within, it may be denied or not:
# it is no evidence. Outside, the host's file must be as it was, for everybody.
brand()
{
	now_runs_command "before" /bin/bash -c true
	in_namespace 'mount -t tmpfs tmpfs /opt && mkdir -p /opt/acme/bin && touch /opt/acme/bin/bash &&
		mount --bind /bin/bash /opt/acme/bin/bash && /opt/acme/bin/bash -c true; echo "inside: $?"' >"$SCRATCH/output" 2>&1
	grep -q '^inside:' "$SCRATCH/output" || fail "the attack did not take place: $(<"$SCRATCH/output")"
	now_runs_command "root, afterwards" /bin/bash -c true
	now_runs_command "the user, afterwards" as_user /bin/bash -c true
	now_runs_command "ld.so, afterwards" "$LDSO" /bin/bash -c true
	agrees allow /bin/bash exec
}
now_runs_command()
{
	local when=$1

	shift
	"$@" >"$SCRATCH/output" 2>&1 || fail "$when: $* ended with $?: $(<"$SCRATCH/output")"
}
attempt namespace-cannot-brand brand

# brand_evidence: and a path that only the user's own mounts give a file is no ground for denying it inside either.
own_path()
{
	in_namespace 'mount -t tmpfs tmpfs /opt && mkdir -p /opt/acme/bin && cp /bin/true /opt/acme/bin/mine &&
		/opt/acme/bin/mine' >"$SCRATCH/output" 2>&1 || fail "denied for a path of the user's own: $(<"$SCRATCH/output")"
}
attempt namespace-own-path own_path

# clear_by COMMAND: the banned program, shown under another name inside; it must be denied there and on the host still.
clear_by()
{
	now_denied plain /opt/acme/bin/program before
	in_namespace "$1" >"$SCRATCH/output" 2>&1
	grep -q '^inside: 126$' "$SCRATCH/output" || fail "inside: $(<"$SCRATCH/output")"
	now_denied plain /opt/acme/bin/program "on the host afterwards"
	now_denied user /opt/acme/bin/program "the user on the host afterwards"
}
attempt namespace-cannot-clear-by-bind clear_by \
	'mkdir -p /tmp/own && mount -t tmpfs tmpfs /tmp/own && touch /tmp/own/fine && mount --bind /opt/acme/bin/program /tmp/own/fine &&
	/tmp/own/fine; echo "inside: $?"'
attempt namespace-cannot-clear-by-folder clear_by \
	'mount -t tmpfs tmpfs /mnt && mkdir /mnt/fine && mount --bind /opt/acme/bin /mnt/fine && /mnt/fine/program; echo "inside: $?"'
attempt namespace-cannot-clear-by-cover clear_by \
	'mount -t tmpfs tmpfs /mnt && mkdir /mnt/opt && mount --rbind /opt /mnt/opt && mount -t tmpfs tmpfs /opt && /mnt/opt/acme/bin/program
	echo "inside: $?"'
attempt namespace-cannot-clear-by-chroot clear_by \
	'mount -t tmpfs tmpfs /mnt && mkdir /mnt/usr /mnt/x && mount --rbind /usr /mnt/usr && ln -s usr/lib /mnt/lib && ln -s usr/lib64 /mnt/lib64 &&
	ln -s usr/bin /mnt/bin && mount --bind /opt/acme/bin /mnt/x && chroot /mnt /bin/bash -c "/x/program"; echo "inside: $?"'

# A digest goes with the content, wherever the user puts it.
listed_inside()
{
	in_namespace 'mount -t tmpfs tmpfs /mnt && cp /d/ns-listed /mnt/a && /mnt/a; echo "inside: $?"
		cp /d/ns-listed.twin /mnt/b && /mnt/b; echo "twin: $?"' >"$SCRATCH/output" 2>&1
	grep -q '^inside: 126$' "$SCRATCH/output" || fail "the listed file ran: $(<"$SCRATCH/output")"
	grep -q '^twin: 0$' "$SCRATCH/output" || fail "the twin did not: $(<"$SCRATCH/output")"
	take_events
	events_with verdict=deny rule=ns-listed operation=exec uid=1000 >/dev/null || fail "no event: $events"
}
attempt namespace-listed-digest listed_inside

# An overlay of the user's own, over the folder that holds the listed file.
listed_in_own_overlay()
{
	modprobe overlay 2>/dev/null
	in_namespace 'mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/m &&
		mount -t overlay overlay -o lowerdir=/d,upperdir=/mnt/u,workdir=/mnt/w,userxattr /mnt/m || exit 77
		/mnt/m/listed; echo "inside: $?"; /mnt/m/listed.twin; echo "twin: $?"' >"$SCRATCH/output" 2>&1
	[[ $? -ne 77 ]] || { skip "no overlay in a user namespace here: $(<"$SCRATCH/output")"; return; }
	grep -q '^inside: 126$' "$SCRATCH/output" || fail "the listed file ran: $(<"$SCRATCH/output")"
	grep -q '^twin: 0$' "$SCRATCH/output" || fail "the twin did not: $(<"$SCRATCH/output")"
	now_denied plain /d/listed "on the host afterwards"
}
attempt namespace-own-overlay listed_in_own_overlay
