#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each hook is taken away in turn, and the case that is named for it must then fail: what stays green is no test.
#: --disk data:256M --disk other:64M --add VMLINUZ:/t/vmlinuz --add /usr/bin/perl:/t/bin/ --add /usr/bin/dpkg:/t/bin/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

# hook, group, the case named for it, what it must complain of. Without `exec` the program is started, and then killed for
# want of its mappings, which `map` still refuses.
table='
exec              digest    exec              the listed file was not refused: status 139
map               digest    ldso              the listed file was not refused: status 0
mprotect          mprotect  mprotect-private  after the date: mapped executable
kernel_read       module    module-finit      the listed file was not refused: status 0
kernel_post_read  module    module-finit-xz   the listed file was not refused: status 0
kernel_post_load  module    module-init       the listed file was not refused: status 0
kernel_load       module    kexec-memory      not refused: status 0
ioctl             evasion   extents-moved     the listed bytes ran
ioctl_compat      evasion   extents-moved-32  the listed bytes ran
open              open      open-cat          the listed file was not refused: status 0
open_cut          open      no-reading        O_RDWR | O_TRUNC
open_known        open      open-cat          the listed file was not refused: status 0
mount             evasion   overlay-remounted a label came back
'

mapfile -t at_first </proc/self/mounts

without_hook()
{
	local hook=$1 group=$2 name=$3 complaint=$4

	ONLY=$name DETACH=$hook bash "$HERE/cases/$group.sh" >"$SCRATCH.nested" 2>&1 </dev/null
	relax
	unmount_after "${#at_first[@]}"
	if grep -q "^skip $name:" "$SCRATCH.nested"; then
		skip "$(sed -n "s/^skip $name: //p" "$SCRATCH.nested")"
	elif ! grep -qF "not ok $name: $complaint" "$SCRATCH.nested"; then
		fail "without the hook $hook the case $name says: $(<"$SCRATCH.nested")"
	fi
}

while read -r hook group name complaint; do
	attempt "without-$hook" without_hook "$hook" "$group" "$name" "$complaint"
done < <(grep . <<<"$table")
