#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A listed kernel module or kernel image does not get into the kernel, however it is handed over.
#: @one --disk data:512M --add VMLINUZ:/t/vmlinuz

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# name, way; the module's list holds the digest of the uncompressed module
table='
module-finit         finit
module-init          init
module-finit-xz      finit_xz
module-kmod          kmod
module-kmod-xz       kmod_xz
module-kmod-zst      kmod_zst
module-busybox       busybox
module-busybox-xz    busybox_xz
module-busybox-gz    busybox_gz
'

# A real module, as the kernel's package has it: plain on 6.1, compressed later.
find_module()
{
	local found

	found=$(modinfo -n dummy) || give_up module "this kernel has no dummy.ko"
	case $found in
	*.xz) xz -dc "$found" >"$1" ;;
	*.zst) zstd -q -dc "$found" >"$1" ;;
	*) cp "$found" "$1" ;;
	esac
}

# compress FORM FILE: beside it. The kernel's own xz decoder knows CRC32 only.
compress()
{
	case $1 in
	xz) xz --check=crc32 --lzma2=dict=1MiB -c "$2" >"$2.xz" ;;
	zst) zstd -q -c "$2" >"$2.zst" ;;
	gz) gzip -c "$2" >"$2.gz" ;;
	esac
}

mount_ext4 /dev/vda /d
find_module "$SCRATCH/dummy.ko"
compress xz "$SCRATCH/dummy.ko"
can_decompress=''
if way_finit_xz "$SCRATCH/dummy.ko" 2>/dev/null; then can_decompress=yes; fi
policy_begin
while read -r name way; do
	wanted "$name" || continue
	make_pair "/d/$name.ko" "$SCRATCH/dummy.ko"
	mv "/d/$name.ko.twin" "/d/$name.twin.ko"
	compress "${way##*_}" "/d/$name.ko"
	compress "${way##*_}" "/d/$name.twin.ko"
	rule_file "$name" banned module "/d/$name.ko"
done < <(grep . <<<"$table")
if wanted kexec-file; then
	make_pair /d/kexec-file /t/vmlinuz
	rule_file kexec-file banned any /d/kexec-file
fi
rule_identity kexec-memory banned 'memory: kexec'
enforce

# A kernel without MODULE_DECOMPRESS refuses the flag by itself, and there is nothing of ours to see. One that has it but
# shows its LSM hooks the compressed bytes only gets ENOSYS from us, so that insmod decompresses: nobody gets in this way.
finit_compressed()
{
	local name=$1

	if [[ ! $can_decompress ]]; then
		run_way finit_xz "/d/$name.ko"
		[[ $status -ne 0 ]] || fail "a compressed listed module was loaded"
		skip "this kernel cannot decompress modules"
		return
	fi
	run_way finit_xz "/d/$name.twin.ko"
	if [[ $status -ne 0 && $output == *ENOSYS* ]]; then
		run_way finit_xz "/d/$name.ko"
		[[ $status -ne 0 ]] || fail "a compressed listed module was loaded"
		return
	fi
	expect_denied "$name" module finit_xz "/d/$name.ko" "/d/$name.twin.ko"
}

while read -r name way; do
	case $name in
	module-finit-xz) attempt "$name" finit_compressed "$name" ;;
	*) attempt "$name" expect_denied "$name" module "$way" "/d/$name.ko" "/d/$name.twin.ko" ;;
	esac
done < <(grep . <<<"$table")

attempt kexec-file expect_denied kexec-file kexec kexec /d/kexec-file /d/kexec-file.twin

kexec_memory()
{
	run_way kexec_memory ''
	looks_refused || fail "not refused: status $status: $output"
	take_events
	events_with verdict=deny operation=kexec rule=kexec-memory >/dev/null || fail "no event: $events"
	relax
	run_way kexec_memory ''
	[[ $status -eq 0 ]] || fail "without a policy: $output"
}
way_kexec_memory()
{
	kexec memory
}
attempt kexec-memory kexec_memory
