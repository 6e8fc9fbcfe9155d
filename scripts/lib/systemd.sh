# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A small Debian 12 with systemd as a disk image: made once, in a machine of its own, so that nobody need be root.
# It works on the variable opt of scripts/vm.
# shellcheck disable=SC2154

# What embargo is linked against, and what installs and watches it. No udev: nothing here waits for a device.
readonly ROOT_PACKAGES=(
	systemd systemd-sysv dbus kmod libpam-systemd login passwd util-linux mount procps iproute2 make
	libbpf1 libelf1 libyaml-0-2 libjansson4 libsystemd0 libcap-ng0 libseccomp2 libssl3 liblzma5
	zlib1g libzstd1 libutf8proc2 libsqlite3-0 ca-certificates attr rpm
)

# root_packages: these and what --with asks for, by commas.
root_packages()
{
	local IFS=,

	printf '%s\n' "${ROOT_PACKAGES[*]}${opt[with]:+,${opt[with]}}"
}

# Units that take an emulated machine time and give it nothing.
readonly ROOT_MASKED=(
	getty.target getty-static.service console-getty.service systemd-firstboot.service e2scrub_reap.service
	e2scrub_all.timer fstrim.timer dpkg-db-backup.timer apt-daily.timer apt-daily-upgrade.timer
	systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-random-seed.service
	systemd-pstore.service systemd-hwdb-update.service systemd-binfmt.service remote-fs.target
	sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount
	systemd-remount-fs.service modprobe@.service systemd-tmpfiles-clean.timer
)
readonly ROOT_SIZE=2G

# The settings that turn a Debian root into a quiet guest: a program, which a hook of mmdebstrap runs with the root's path.
# shellcheck disable=SC2016
root_setup()
{
	local unit

	printf '#!/bin/sh\nset -eu\nroot=$1\n'
	for unit in "${ROOT_MASKED[@]}"; do
		printf 'ln -sf /dev/null "$root/etc/systemd/system/%s"\n' "$unit"
	done
	cat <<'END'
mkdir -p "$root/var/log/journal" "$root/etc/systemd/system.conf.d" "$root/etc/systemd/journald.conf.d"
printf '[Manager]\nDefaultTimeoutStartSec=60s\nDefaultTimeoutStopSec=15s\nShowStatus=no\n' >"$root/etc/systemd/system.conf.d/vm.conf"
printf '[Journal]\nStorage=persistent\nSystemMaxUse=64M\nForwardToConsole=no\n' >"$root/etc/systemd/journald.conf.d/vm.conf"
chroot "$root" useradd -m -u 1000 -s /bin/bash user
echo embargo-vm >"$root/etc/hostname"
printf '127.0.0.1\tlocalhost embargo-vm\n' >"$root/etc/hosts"
: >"$root/etc/fstab"
ln -s /dev/null "$root/etc/tmpfiles.d/tmp.conf" # what was added under /tmp stays there
systemd-machine-id-setup --root="$root" 2>/dev/null || tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
END
}

# make_root FILE: Debian's packages into a tar, the tar into a file system.
make_root()
{
	local image=$1 work=$CACHE/roots/.new log=$CACHE/roots/mmdebstrap.log

	need mmdebstrap mmdebstrap
	note "making a Debian with systemd; this takes two minutes, once"
	rm -rf "$work"
	mkdir -p "$work"
	root_setup >"$work/setup"
	chmod +x "$work/setup"
	write_sources | grep -E ' bookworm(-security)? main$' >"$work/sources.list" || return
	mmdebstrap --quiet --variant=essential --architectures=amd64 --include="$(root_packages)" \
		--aptopt='APT::Install-Recommends "false"' --dpkgopt=path-exclude='/usr/share/man/*' \
		--dpkgopt=path-exclude='/usr/share/locale/*' --dpkgopt=path-exclude='/usr/share/doc/*' \
		--customize-hook="$work/setup" bookworm "$work/root.tar" - <"$work/sources.list" >"$log" 2>&1 || return
	"$SCRIPTS/vm" --kernel "${opt[kernel]}" --disk "$work/root.ext4:$ROOT_SIZE" --disk "$work/root.tar:1M" -- bash -c \
		'mke2fs -q -t ext4 -L root /dev/vda && mount /dev/vda /mnt && tar -x -p --numeric-owner -C /mnt -f /dev/vdb' \
		>>"$log" 2>&1 || return
	mv "$work/root.ext4" "$image"
	rm -rf "$work"
}

# systemd_root: prints the path of the image.
systemd_root()
{
	local key image

	key=$({ root_packages | tr , '\n'; root_setup; } | sha256sum | cut -c1-16)
	image=$CACHE/roots/systemd-$key.ext4
	make_room "$CACHE/roots"
	[[ -e $image ]] || make_root "$image" || die "cannot make the systemd root: see $CACHE/roots/mmdebstrap.log"
	touch "$image"
	printf '%s\n' "$image"
}
