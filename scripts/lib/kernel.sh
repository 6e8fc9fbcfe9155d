# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Stock kernels: what is offered, which one a name means, and the folder that holds it.
#
# A kernel's folder in the cache:
#	vmlinuz, release, config (if there), usr/lib/modules/RELEASE, lib -> usr/lib

readonly KERNELS=$CACHE/kernels

# Releases that the package suites offer, oldest first. Up to 6.18 a kernel is one
# package, linux-image-*; from 6.19 on that one is empty and linux-binary-* holds it.
offered_releases()
{
	[[ -e $APT_ROOT/offered ]] || return 0
	sed -nE 's/^linux-(image|binary)-([0-9]+\.[0-9]+\.[0-9]+.*-amd64)$/\2/p' "$APT_ROOT/offered" | sort -Vu
}

cached_releases()
{
	local folder

	for folder in "$KERNELS"/*/release; do
		if [[ -e $folder ]]; then basename "$(dirname "$folder")"; fi
	done | sort -V
}

# newest_of NAME: reads releases, prints the newest one that NAME means, or nothing. The cloud's flavour is meant where NAME does
# not end in "-amd64".
newest_of()
{
	local name=${1%-amd64} is_cloud=-e pattern

	[[ $1 != *-amd64 || $1 == *-cloud-amd64 ]] || is_cloud=-ve
	name=${name%-cloud}
	case $name in
	newest) pattern='.' ;;
	*) pattern=${name//./\\.} pattern="^${pattern//+/\\+}([.+-]|\$)" ;;
	esac
	{ grep "$is_cloud" '-cloud-amd64$' | grep -E -- "$pattern" || true; } | tail -n 1
}

packages_of()
{
	local release=$1 part

	if ! grep -qxF "linux-binary-$release" "$APT_ROOT/offered"; then
		printf 'linux-image-%s\n' "$release"
		return
	fi
	for part in binary modules base; do
		grep -xF "linux-$part-$release" "$APT_ROOT/offered" || true
	done
}

# fetch_release RELEASE: downloads and unpacks it. Runs under the lock.
fetch_release()
{
	local release=$1 folder=$KERNELS/$1 new=$KERNELS/.new-$1 deb vmlinuz config packages

	[[ -e $folder/release ]] && return
	need depmod kmod
	mapfile -t packages < <(packages_of "$release")
	rm -rf "$new"
	mkdir -p "$new/debs"
	download_packages "$new/debs" "${packages[@]}" || return
	for deb in "$new"/debs/*.deb; do dpkg -x "$deb" "$new" || return; done
	rm -r "$new/debs"
	if [[ -d $new/lib ]]; then
		mkdir -p "$new/usr/lib"
		mv "$new/lib/modules" "$new/usr/lib/modules" && rm -r "${new:?}/lib"
	fi
	ln -s usr/lib "$new/lib"
	vmlinuz=$(find "$new" -name 'vmlinuz*' -type f)
	config=$(find "$new/boot" "$new/usr/lib/modules/$release" -maxdepth 1 -name 'config*' -type f 2>/dev/null)
	mv "$vmlinuz" "$new/vmlinuz" || return
	[[ -z $config ]] || mv "$config" "$new/config"
	if [[ -d $new/usr/lib/modules/$release/kernel ]]; then depmod -b "$new" "$release" 2>/dev/null || return; fi
	rm -rf "${new:?}/boot" "${new:?}/usr/share" "$folder"
	printf '%s\n' "$release" >"$new/release"
	mv "$new" "$folder"
}

# release_of_image FILE: a bzImage's header points at its version, 0x200 bytes on from what it says.
release_of_image()
{
	local offset

	offset=$(od -An -tu2 -j $((0x20e)) -N 2 "$1" | tr -d ' ')
	dd if="$1" bs=1 skip=$((offset + 0x200)) count=128 2>/dev/null | tr '\0' '\n' | head -n 1 | cut -d' ' -f1
}

# adopt_image FILE: a folder for a kernel that did not come from a package. Its modules are looked for beside it.
adopt_image()
{
	local image release folder place

	image=$(realpath -e -- "$1") || die "no kernel image $1"
	release=$(release_of_image "$image")
	[[ $release =~ ^[0-9]+\.[0-9]+ ]] || die "$1 is not a kernel image for this machine"
	folder=$CACHE/adopted/$(printf '%s' "$image" | sha256sum | cut -c1-16)
	mkdir -p "$folder/usr/lib/modules"
	ln -sfn usr/lib "$folder/lib"
	ln -sfn "$image" "$folder/vmlinuz"
	for place in "$(dirname "$image")" "$(dirname "$image")/../lib/modules/$release" \
		"$(dirname "$image")/lib/modules/$release" "/lib/modules/$release"; do
		[[ -d $place/kernel ]] || continue
		ln -sfn "$(realpath "$place")" "$folder/usr/lib/modules/$release"
		break
	done
	printf '%s\n' "$release" >"$folder/release"
	printf '%s\n' "$folder"
}

# kernel_folder_locked NAME: a network that is absent is no obstacle while the cache holds what NAME means.
kernel_folder_locked()
{
	local name=$1 release

	lists_are_fresh || update_lists || true
	release=$(offered_releases | newest_of "$name")
	if [[ $release ]] && ! fetch_release "$release"; then
		# The mirror may have replaced the package since the lists were read.
		release=''
		if update_lists; then
			release=$(offered_releases | newest_of "$name")
			[[ $release ]] && ! fetch_release "$release" && release=''
		fi
	fi
	[[ $release ]] || release=$(cached_releases | newest_of "$name")
	[[ $release ]] || die "no kernel \"$name\" is offered or cached: see --list, and $APT_ROOT/*.log"
	printf '%s\n' "$KERNELS/$release"
}

# kernel_folder NAME: prints the folder of the kernel that NAME (6.1, newest, a release, a file) means.
kernel_folder()
{
	local release

	if [[ $1 == */* ]]; then
		adopt_image "$1"
		return
	fi
	if lists_are_fresh; then
		release=$(offered_releases | newest_of "$1")
		if [[ $release && -e $KERNELS/$release/release ]]; then
			printf '%s\n' "$KERNELS/$release"
			return
		fi
	fi
	mkdir -p "$KERNELS"
	with_lock kernels kernel_folder_locked "$1"
}

# list_kernels: what can be had, and what is cached already.
list_kernels()
{
	local release

	lists_are_fresh || with_lock kernels update_lists || note "no network: showing what is known"
	{ offered_releases; cached_releases; } | sort -Vu | while read -r release; do
		if [[ -e $KERNELS/$release/release ]]; then
			printf '%s\tcached\n' "$release"
		else
			printf '%s\n' "$release"
		fi
	done
}

# version_at_least RELEASE MAJOR.MINOR
version_at_least()
{
	[[ $(printf '%s\n%s\n' "$2" "${1%%[-+]*}" | sort -V | head -n 1) == "$2" ]]
}
