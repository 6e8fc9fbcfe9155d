# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's initramfs: tools of this machine, modules of the kernel, and what one run adds. The first two are cached.

# Programs that every guest has. Those marked ? come along where this machine has them.
readonly GUEST_TOOLS=(
	bash
	# coreutils
	arch b2sum base32 base64 basename basenc cat chgrp chmod chown chroot cksum comm cp csplit cut date dd df dir
	dircolors dirname du echo env expand expr factor false fmt fold groups head hostid id install join link ln
	logname ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv
	printf ptx pwd readlink realpath rm rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum shred
	shuf sleep sort split stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate tsort tty
	uname unexpand uniq unlink users vdir wc who whoami yes
	# kmod
	insmod rmmod modprobe lsmod modinfo depmod
	# util-linux
	mount umount losetup unshare nsenter setpriv script flock findmnt mountpoint taskset chrt prlimit setsid
	blkid dmesg hwclock switch_root ionice lsns
	# everyday programs
	'?grep' '?sed' '?find' '?xargs' '?gawk' '?diff' '?cmp' '?ps' '?pgrep' '?pkill' '?tar' '?gzip' '?xz' '?zstd'
	'?jq' '?strace' '?bpftool'
	# file systems, attributes, capabilities
	mke2fs e2fsck '?tune2fs' '?debugfs' '?chattr' '?lsattr' '?resize2fs' '?mkfs.xfs' '?mkfs.btrfs' '?mkfs.f2fs'
	'?mkfs.vfat' '?mksquashfs' '?mkfs.erofs' '?genisoimage' '?xorriso' '?getfattr' '?setfattr' '?getcap' '?setcap'
	'?capsh' '?fusermount3' '?kexec'
)

# Modules that every guest has, with what they need; those that a kernel lacks or has built in are passed over.
readonly GUEST_MODULES=(
	virtio_pci virtio_console virtio_blk overlay loop dummy fuse squashfs erofs isofs brd xfs btrfs f2fs vfat
	nls_cp437 nls_iso8859-1 nls_ascii nls_utf8 binfmt_misc zram dm-mod sha256-ssse3 sha256_ssse3
)

readonly SCRIPTS=${SCRIPTS:-$(dirname "$(realpath "${BASH_SOURCE[0]}")")/..}

# A guest's /bin, /sbin and /lib* are links into /usr, as on every current distribution.
usr_path()
{
	sed -E 's#^/(bin|sbin|lib|lib32|lib64|libx32)(/|$)#/usr/\1\2#' <<<"$1"
}

is_elf()
{
	[[ -f $1 && $(head -c 4 -- "$1" | od -An -tx1) == ' 7f 45 4c 46' ]]
}

# libraries_of FILE...: the shared libraries and the loader that these programs need on this machine.
libraries_of()
{
	ldd -- "$@" 2>/dev/null | sed -nE 's/^.*=> (\/[^ ]+) \(0x.*$/\1/p; s/^[[:space:]]+(\/[^ ]+) \(0x.*$/\1/p' | sort -u
}

# put_libraries TREE FILE...
put_libraries()
{
	local tree=$1 library place

	shift
	while read -r library; do
		place=$tree$(usr_path "$library")
		[[ -e $place ]] && continue
		mkdir -p "$(dirname "$place")"
		cp -L --preserve=mode,timestamps -- "$library" "$place"
	done < <(libraries_of "$@")
}

# pack TREE FILE: one uncompressed archive (unpacking costs an emulator more than reading), the same for the same tree.
pack()
{
	find "$1" -exec touch -h -d @1700000000 {} +
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --null -o -H newc --owner=0:0 --reproducible --quiet) >"$2.new" && mv "$2.new" "$2"
}

# program_paths: where the tools are, one a line; dies for one that is missing.
program_paths()
{
	local tool path

	for tool in "${GUEST_TOOLS[@]}"; do
		if path=$(type -P "${tool#\?}"); then
			printf '%s\n' "$path"
		elif [[ $tool != \?* ]]; then
			die "$tool is missing: run scripts/setup"
		fi
	done
}

# build_helper NAME: a helper in C, compiled once for each version of its source. Prints its path.
build_helper()
{
	local source=$SCRIPTS/channel/$1.c key program

	key=$(digest_of_files "$source" "$SCRIPTS/channel/channel.h")
	program=$CACHE/guest/$1-$key
	if [[ ! -x $program ]]; then
		make_room "$CACHE/guest"
		need "${CC:-cc}" gcc
		"${CC:-cc}" -std=gnu11 -O2 -Wall -static -o "$program.$$" "$source" || die "cannot compile $source"
		mv "$program.$$" "$program"
	fi
	touch "$program"
	printf '%s\n' "$program"
}

make_base_tree()
{
	local tree=$1 path applet busybox
	shift

	mkdir -p "$tree"/{usr/{bin,sbin,lib,lib32,lib64,local/{bin,sbin}},proc,sys,dev,run,tmp,etc,root,home/user,mnt,media} \
		"$tree"/{var/{lib,log,tmp,cache},opt,srv,vm}
	for path in bin sbin lib lib32 lib64; do ln -s "usr/$path" "$tree/$path"; done
	ln -s ../run "$tree/var/run"
	chmod 1777 "$tree/tmp" "$tree/var/tmp"
	chmod 0700 "$tree/root"
	busybox=$(type -P busybox)
	cp -L "$busybox" "$tree/usr/bin/busybox"
	for path; do cp -L --preserve=mode "$path" "$tree$(usr_path "$path")"; done
	put_libraries "$tree" "$@"
	while read -r applet; do
		path=$tree$(usr_path "/$applet")
		if [[ ! -e $path && ! -e $tree/usr/bin/${applet##*/} && ! -e $tree/usr/sbin/${applet##*/} ]]; then
			ln -s /usr/bin/busybox "$path"
		fi
	done < <("$busybox" --list-full)
	for path in mkfs.ext2 mkfs.ext3 mkfs.ext4; do ln -sf mke2fs "$tree/usr/sbin/$path"; done
	ln -sf e2fsck "$tree/usr/sbin/fsck.ext4"
	[[ ! -e /etc/mke2fs.conf ]] || cp -L /etc/mke2fs.conf "$tree/etc/"
	cp "$SCRIPTS/guest/passwd" "$SCRIPTS/guest/group" "$tree/etc/"
	printf 'root:*:19000::::::\nuser:*:19000::::::\n' >"$tree/etc/shadow"
	chmod 0600 "$tree/etc/shadow"
	printf 'embargo-vm\n' >"$tree/etc/hostname"
	printf '127.0.0.1\tlocalhost embargo-vm\n' >"$tree/etc/hosts"
	printf 'passwd: files\ngroup: files\n' >"$tree/etc/nsswitch.conf"
	ln -s /proc/self/mounts "$tree/etc/mtab"
	install -m 0755 "$SCRIPTS/guest/init" "$tree/init"
	install -m 0644 "$SCRIPTS"/guest/{enter-root,hand-over} "$tree/vm/"
}

# base_image: prints the path of the archive that all guests share.
base_image()
{
	local programs key image tree

	mapfile -t programs < <(program_paths)
	[[ ${#programs[@]} -gt 100 ]] || exit "$STATUS_NOT_UP"
	key=$({
		stat -L -c '%n %s %Y' "${programs[@]}" "$(type -P busybox)"
		cat "$SCRIPTS/lib/image.sh" "$SCRIPTS"/guest/*
	} | sha256sum | cut -c1-16)
	image=$CACHE/guest/base-$key.cpio
	if [[ ! -e $image ]]; then
		make_room "$CACHE/guest"
		tree=$CACHE/guest/.new-base
		rm -rf "$tree"
		mkdir "$tree"
		make_base_tree "$tree" "${programs[@]}"
		pack "$tree" "$image" || die "cannot pack the guest's base image"
		rm -rf "$tree"
	fi
	touch "$image"
	printf '%s\n' "$image"
}

# modules_image KERNEL-FOLDER: prints the path of the archive with the modules that every guest has.
modules_image()
{
	local folder=$1 release image tree module source key

	release=$(<"$folder/release")
	source=$folder/usr/lib/modules/$release
	key=$({
		printf '%s ' "$folder" "${GUEST_MODULES[@]}"
		stat -L -c '%s %Y' "$source/modules.dep" "$source/kernel" 2>/dev/null || true
	} | sha256sum | cut -c1-16)
	image=$CACHE/guest/modules-$release-$key.cpio
	if [[ ! -e $image ]]; then
		make_room "$CACHE/guest"
		tree=$CACHE/guest/.new-modules
		rm -rf "$tree"
		mkdir -p "$tree/usr/lib/modules/$release"
		ln -s usr/lib "$tree/lib"
		for module in "${GUEST_MODULES[@]}"; do
			modprobe -d "$folder" -S "$release" --show-depends "$module" 2>/dev/null || true
		done | sed -n 's/^insmod //p' | awk '{ print $1 }' | sort -u | while read -r module; do
			module=$(realpath -- "$module")
			module=${module#"$(realpath "$source")"/}
			install -D -m 0644 "$source/$module" "$tree/usr/lib/modules/$release/$module"
		done
		for module in modules.order modules.builtin modules.builtin.modinfo; do
			[[ ! -e $source/$module ]] || cp "$source/$module" "$tree/usr/lib/modules/$release/"
		done
		depmod -b "$tree" "$release" 2>/dev/null
		rm "$tree/lib"
		pack "$tree" "$image" || die "cannot pack the modules of $release"
		rm -rf "$tree"
	fi
	touch "$image"
	printf '%s\n' "$image"
}

# has_module KERNEL-FOLDER NAME: whether it is a loadable module of that kernel.
has_module()
{
	local release

	release=$(<"$1/release")
	grep -qE "/${2//[-_]/[-_]}\.ko" "$1/usr/lib/modules/$release/modules.dep" 2>/dev/null
}

# add_to_tree TREE LIBRARY-TREE HOST GUEST: a file or a folder, and the libraries that its programs need.
add_to_tree()
{
	local tree=$1 libraries=$2 host=$3 guest=$4 place file programs=()

	[[ -e $host ]] || die "--add: there is no $host"
	[[ $guest == /* ]] || die "--add: the guest's path is absolute, not \"$guest\""
	if [[ -f $host && $guest == */ ]]; then guest=$guest$(basename "$host"); fi
	guest=$(usr_path "$(realpath -ms "$guest")")
	place=$tree${guest%/}
	mkdir -p "$(dirname "$place")"
	if [[ -d $host ]]; then
		mkdir -p "$place"
		cp -a -- "$host/." "$place/"
		while read -r -d '' file; do
			is_elf "$file" && programs+=("$file")
		done < <(find -L "$host" -type f -print0)
	else
		cp -L --preserve=mode,timestamps -- "$host" "$place"
		is_elf "$host" && programs+=("$host")
	fi
	[[ ${#programs[@]} -eq 0 ]] || put_libraries "$libraries" "${programs[@]}"
	for place in bin sbin lib lib32 lib64; do
		[[ -d $tree/$place && ! -L $tree/$place ]] || continue
		mkdir -p "$tree/usr/$place"
		cp -a "$tree/$place/." "$tree/usr/$place/"
		rm -r "${tree:?}/$place"
	done
}
