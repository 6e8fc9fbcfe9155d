#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Read by dracut: the script that enforces before the root's init. The program and what it puts in force stay in the root.

check()
{
	return 0
}

depends()
{
	return 0
}

# shellcheck disable=SC2154
install()
{
	inst_multiple chroot mount readlink umount
	inst_script @PREFIX@/libexec/embargo/embargo-initramfs
	inst_hook pre-pivot 95 "$moddir/embargo.sh"
}
