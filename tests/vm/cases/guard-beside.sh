#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes on beside a closed guard: snapshots of the folders that it guards, package managers, and those who look at what
# programs the kernel runs.
#: --disk data:64M --disk trees:256M --add /usr/bin/openssl:/usr/bin/ --add /usr/bin/btrfs:/usr/bin/ --add /usr/bin/dpkg:/usr/bin/ --add /usr/bin/dpkg-deb:/usr/bin/ --add /usr/bin/dpkg-split:/usr/bin/ --add REFUSE-UNDER-GUARD:/t/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# The host's /etc is a subvolume, where there are any.
mkdir -p /trees
trees=
if command -v mkfs.btrfs >/dev/null && modprobe btrfs && mkfs.btrfs -q -f /dev/vdb >/dev/null && mount -t btrfs /dev/vdb /trees; then
	btrfs -q subvolume create /trees/etc
	cp -a /etc/. /trees/etc/
	mount -t btrfs -o subvol=etc /dev/vdb /etc && trees=yes
fi 2>"$SCRATCH/btrfs"

# shellcheck source=tests/vm/guard.sh
. /t/guard.sh

mount_ext4 /dev/vda /d
make_pair /d/listed /bin/true
make_anchor
make_policy
cp "$KEYS/anchor.pem" "$CONFIG/trust.d/"
start_daemon on
without_hook

# refused COMMAND: it is, and changes nothing.
refused()
{
	! eval "$1" >"$SCRATCH/output" 2>&1 || fail "let through: $1"
}

# works COMMAND
works()
{
	eval "$1" >"$SCRATCH/output" 2>&1 || fail "$1: $(<"$SCRATCH/output")"
}

# --- snapshots ----------------------------------------------------------------------------------------

# The folder that is guarded, by whichever mount; and not a snapshot of it, whose numbers are the same.
snapshots()
{
	local copy=/trees/copy/embargo

	[[ $trees ]] || { skip "no btrfs here: $(<"$SCRATCH/btrfs")"; return; }
	works 'btrfs -q subvolume snapshot /trees/etc /trees/copy'
	[[ $(stat -c %i "$copy/policy.d") == "$(stat -c %i "$POLICIES")" ]] || fail "the numbers are not the same"
	refused 'rm /trees/etc/embargo/policy.d/host.yaml'
	refused 'mv /trees/etc/embargo /trees/etc/other'
	refused 'mv /trees/etc /trees/other'
	works "echo x >>$copy/policy.d/host.yaml && chmod 600 $copy/policy.d/host.yaml && mv $copy/policy.d/host.yaml $copy/other"
	works "rm -r $copy/policy.d && mv $copy /trees/copy/other && rm -r /trees/copy/other"
	works 'btrfs -q subvolume delete /trees/copy'
	works 'btrfs -q subvolume snapshot -r /trees/etc /trees/copy && btrfs -q subvolume delete /trees/copy'
	[[ -s $POLICIES/host.yaml ]] || fail "the policy has gone"
}
attempt snapshots snapshots

# --- attributes ---------------------------------------------------------------------------------------

# To say what is so already is no change.
attributes()
{
	works "chmod $(stat -c %a "$POLICIES/host.yaml") $POLICIES/host.yaml"
	works 'install -d -m 0755 /etc/embargo /etc/embargo/policy.d'
	works "touch $POLICIES/host.yaml && cat $POLICIES/host.yaml"
	refused "chmod 666 $POLICIES/host.yaml"
	refused "chown 1000 $POLICIES/host.yaml"
	refused "chown :1000 $POLICIES/host.yaml"
	refused "truncate -s $(stat -c %s "$POLICIES/host.yaml") $POLICIES/host.yaml"
	refused 'chmod 700 /var/lib/embargo'
	[[ $(stat -c '%a %u %g' "$POLICIES/host.yaml") == '644 0 0' ]] || fail "it was changed"
}
attempt attributes attributes

# Nor is it anybody's to fix what is in there; what may be above is others' business.
flags()
{
	[[ $trees ]] || { skip "no btrfs here: $(<"$SCRATCH/btrfs")"; return; }
	works 'chattr +i /etc && chattr -i /etc && lsattr -d /etc/embargo'
	works 'touch /etc/another && chattr +i /etc/another && chattr -i /etc/another && rm /etc/another'
	refused 'chattr +i /etc/embargo'
	refused "chattr +i $POLICIES/host.yaml"
	refused 'chattr +i /trees/etc/embargo/policy.d'
	[[ $(lsattr -d /etc/embargo) == [!i]* && $(lsattr "$POLICIES/host.yaml") != *i*' '* ]] || fail "it is fixed"
}
attempt flags flags

# ... and to say who owns it, where the kernel tells what a mount makes of owners: by one that takes 0 for another it is one.
owners()
{
	if [[ $(uname -r) == 6.1.* ]]; then
		refused "chown 0:0 $POLICIES/host.yaml"
		return
	fi
	works "chown 0:0 $POLICIES/host.yaml /etc/embargo"
	works "cp -a -T /bin/true /d/mine && mkdir -p /mapped && unguard remap /d /mapped && chown 0 /mapped/mine"
	[[ $(stat -c %u /d/mine) == 100000 ]] || fail "the mount maps nothing: $(stat -c %u /d/mine)"
	works 'umount /mapped && unguard remap /etc /mapped'
	refused 'chown 0 /mapped/embargo/policy.d/host.yaml'
	[[ $(stat -c %u "$POLICIES/host.yaml") == 0 ]] || fail "it has another owner: $(stat -c %u "$POLICIES/host.yaml")"
	works 'umount /mapped'
}
attempt owners owners

# --- packages -----------------------------------------------------------------------------------------

mkdir -p /var/lib/dpkg/{info,updates,triggers} "$SCRATCH/packages"
touch /var/lib/dpkg/{status,available}
printf '#!/bin/sh\nexit 0\n' | tee /usr/bin/ldconfig >/usr/bin/start-stop-daemon
chmod 755 /usr/bin/ldconfig /usr/bin/start-stop-daemon

# package NAME VERSION FILE...: $SCRATCH/packages/NAME_VERSION.deb with these files, those in /etc being of its configuration.
# It asks before anything is touched, as ours does, where it is called embargo.
package()
{
	local name=$1 version=$2 folder=$SCRATCH/packages/$1 file

	shift 2
	rm -rf "$folder"
	mkdir -p "$folder/DEBIAN"
	printf '%s\n' "Package: $name" "Version: $version" 'Architecture: all' 'Maintainer: none <none@localhost>' 'Description: none' \
		>"$folder/DEBIAN/control"
	[[ $name != embargo ]] || install -m 0755 /t/refuse-under-guard "$folder/DEBIAN/preinst"
	for file; do
		mkdir -p "$folder${file%/*}"
		printf '%s %s\n' "$name" "$version" >"$folder$file"
		[[ $file != /etc/* ]] || printf '%s\n' "$file" >>"$folder/DEBIAN/conffiles"
	done
	dpkg-deb -Znone -b "$folder" "$SCRATCH/packages/${name}_$version.deb" >"$SCRATCH/output" 2>&1 || fail "the package: $(<"$SCRATCH/output")"
}

dpkg_install()
{
	dpkg --force-bad-path --force-confnew -i "$SCRATCH/packages/$1.deb" >"$SCRATCH/output" 2>&1
}

# Others' packages never meet the guard, whichever folders above ours they bring.
other_packages()
{
	local version

	for version in 1 2; do
		package other "$version" /etc/other.conf /etc/other/conf /var/lib/other/state /usr/lib/other/file /run/other
		dpkg_install "other_$version" || fail "version $version: $(<"$SCRATCH/output")"
		[[ $(</etc/other.conf) == "other $version" && $(</var/lib/other/state) == "other $version" ]] || fail "it is not there"
	done
	works 'dpkg --force-bad-path --purge other'
	[[ ! -e /etc/other.conf && ! -e /var/lib/other ]] || fail "it is still there"
}
attempt other-packages other_packages

# Our own is refused before anything is touched, with what helps; and put in place while a token has opened the guard.
own_package()
{
	package embargo 9 /etc/embargo/policy.d/shipped.yaml.example /usr/share/embargo/shipped
	! dpkg_install embargo_9 || fail "it was let through"
	[[ $(<"$SCRATCH/output") == *'the guard is closed'*'embargo guard unlock'* ]] || fail "it says: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") == *'pre-installation script'* ]] || fail "it got further than to ask: $(<"$SCRATCH/output")"
	[[ ! -e /usr/share/embargo/shipped && ! $(compgen -G "$POLICIES/shipped*") ]] || fail "something was touched"
	unlock 40
	dpkg_install embargo_9 || fail "with the guard open: $(<"$SCRATCH/output")"
	package embargo 10 /etc/embargo/policy.d/shipped.yaml.example /usr/share/embargo/shipped
	dpkg_install embargo_10 || fail "with the guard open: $(<"$SCRATCH/output")"
	[[ $(<"$POLICIES/shipped.yaml.example") == 'embargo 10' ]] || fail "it is not there"
	wait_for 900 closed_again || fail "it does not close"
	now_denied plain /d/listed "afterwards"
}
attempt own-package own_package

# --- whoever looks --------------------------------------------------------------------------------------

# All of others' are listed, and ours end no list. Links have numbers too, and cannot be taken off by them.
bpftool_looks()
{
	local kind id

	command -v bpftool >/dev/null || { skip "no bpftool here"; return; }
	works 'unguard pin /sys/fs/bpf/others'
	for kind in prog map link; do
		bpftool "$kind" list >"$SCRATCH/list" 2>&1 || fail "$kind list: $(<"$SCRATCH/list")"
	done
	bpftool map list >"$SCRATCH/list" 2>&1
	grep -q 'name foreign' "$SCRATCH/list" || fail "others' map is not listed: $(<"$SCRATCH/list")"
	! grep -q 'name digests' "$SCRATCH/list" || fail "ours is"
	while read -r id; do
		! bpftool link detach id "$id" >"$SCRATCH/output" 2>&1 || fail "link $id was taken off"
	done < <(bpftool link list 2>/dev/null | sed -n 's/^\([0-9][0-9]*\):.*/\1/p')
	refused "bpftool map delete pinned $PINS/maps/digests key 0 0 0 0"
	refused "bpftool prog show pinned $PINS/progs/exec"
	now_denied plain /d/listed "afterwards"
	rm /sys/fs/bpf/others
}
attempt bpftool bpftool_looks

# For this there is no hook, and it comes last: what is on the disk is root's. What is in force stays so.
subvolume()
{
	[[ $trees ]] || { skip "no btrfs here: $(<"$SCRATCH/btrfs")"; return; }
	works 'btrfs -q subvolume delete /trees/etc'
	[[ ! -e $POLICIES/host.yaml ]] || fail "it is there still"
	now_denied plain /d/listed "without a policy on the disk"
	now_runs plain /d/listed.twin "afterwards"
}
attempt subvolume subvolume
