#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ways around a ban that nobody takes by accident: what others tell of elsewhere stands in docs/THREATS.md too.
#: @two --disk data:512M --disk copies:256M --cpus 2

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

BINFMT=/proc/sys/fs/binfmt_misc

mount_ext4 /dev/vda /d
mkdir -p /d/overlay/{lower,upper,work,merged} /copies
modprobe overlay 2>/dev/null
modprobe binfmt_misc 2>/dev/null
mount -t binfmt_misc binfmt_misc "$BINFMT" 2>/dev/null

# --- ways ------------------------------------------------------------------------------------------

# ld.so goes on without a library that it could not map, and that library says so where it is there.
way_audit()
{
	LD_AUDIT=$1 cat /proc/self/maps >"$SCRATCH/maps" || return
	grep -qx audited "$SCRATCH/maps" && grep -F "$1" "$SCRATCH/maps"
}

way_chroot()
{
	subject=''
	chroot /d "/${1#/d/}"
}

# By the root of another process.
way_proc_root()
{
	subject=''
	"/proc/1/root$1"
}

way_uring()
{
	uring "$1"
}

# What the kernel starts by itself: a program takes another's core, and says so by a file.
way_usermode_helper()
{
	local pattern

	subject=''
	pattern=$(</proc/sys/kernel/core_pattern)
	rm -f /d/core-taken
	printf '|%s /d/core-taken' "$1" >/proc/sys/kernel/core_pattern
	(
		ulimit -c unlimited
		bash -c 'kill -SEGV $$'
	) 2>/dev/null
	wait_for 20 test -e /d/core-taken || printf 'EPERM, or it never ran\n'
	printf '%s' "$pattern" >/proc/sys/kernel/core_pattern
	test -e /d/core-taken
}

# interpreted FLAGS FILE: what is run is a file that says nothing; FILE is registered as what runs such files.
interpreted()
{
	[[ ! -e $BINFMT/acme ]] || printf '%s' -1 >"$BINFMT/acme"
	printf ':acme:M::acme-format::%s:%s' "$2" "$1" >"$BINFMT/register" || return
	printf 'acme-format\n' >/d/document
	chmod 0755 /d/document
	/d/document
}

way_binfmt()
{
	interpreted '' "$1"
}

way_binfmt_opened()
{
	interpreted F "$1"
}

# Readable means executable to a program that was started so.
way_implied()
{
	mapping --implied "$1"
}

# A shared block of the file system: another inode, the same bytes.
way_reflink()
{
	subject=$1.reflink
	cp --reflink=always --preserve=mode "$1" "$subject" || return
	"$subject"
}

# Only what the overlay says of the file is copied, a block of attributes at most; the bytes are those beneath.
way_metacopy()
{
	chown 1000 "$1" || return
	"$1"
}

# --- what is listed --------------------------------------------------------------------------------

# name, operation, where the file lies, what it is made from, way
table='
library-audit       map    /d                audit    audit
exec-chroot         exec   /d                tiny     chroot
exec-proc-root      exec   /d                true     proc_root
exec-io-uring       exec   /d                true     uring
exec-32-bit         exec   /d                tiny32   plain
usermode-helper     exec   /d                touch    usermode_helper
binfmt              exec   /d                true     binfmt
binfmt-opened       exec   /d                true     binfmt_opened
exec-metacopy       exec   /d/overlay/lower  true     metacopy
exec-reflink        exec   /copies           true     reflink
exec-sparse         exec   /d                sparse   plain
'
declare -A source=(
	[audit]=$HERE/bin/audit
	[tiny]=$HERE/bin/tiny
	[tiny32]=$HERE/bin/tiny32
	[true]=/bin/true
	[touch]=$(realpath /bin/touch)
	[sparse]=$SCRATCH/sparse
)

cp "$HERE/bin/tiny" "$SCRATCH/sparse"
truncate -s 32M "$SCRATCH/sparse"

has_reflinks=
if command -v mkfs.btrfs >/dev/null && modprobe btrfs && mkfs.btrfs -q -f /dev/vdb >/dev/null && mount -t btrfs /dev/vdb /copies; then
	has_reflinks=yes
fi 2>"$SCRATCH/btrfs"

policy_begin
while read -r name operation ground from way; do
	wanted "$name" || continue
	make_pair "$ground/$name" "${source[$from]}"
	rule_file "$name" banned elf "$ground/$name"
done < <(grep . <<<"$table")
make_pair /d/implied "$(realpath /lib/x86_64-linux-gnu/libz.so.1)"
rule_file read-implies-exec banned elf /d/implied unsized
cp "$HERE/bin/tiny" /d/exchange.one
cp "$HERE/bin/tiny7" /d/exchange.two
rule_file rename-exchange banned elf /d/exchange.two
mount -t overlay overlay -o lowerdir=/d/overlay/lower,upperdir=/d/overlay/upper,workdir=/d/overlay/work,metacopy=on /d/overlay/merged
enforce

# tried NAME OPERATION FILE WAY
tried()
{
	[[ $1 != exec-reflink || $has_reflinks ]] || { skip "no file system with reflinks here: $(<"$SCRATCH/btrfs")"; return; }
	expect_denied "$1" "$2" "$4" "$3" "$3.twin"
	[[ $1 != exec-metacopy || $(stat -c %b "/d/overlay/upper/${3##*/}") -le 8 ]] || fail "its bytes were copied: no metacopy was tried"
}

while read -r name operation ground from way; do
	attempt "$name" tried "$name" "$operation" "${ground/%lower/merged}/$name" "$way"
done < <(grep . <<<"$table")
attempt read-implies-exec expect_denied read-implies-exec map implied /d/implied /d/implied.twin

# --- races -----------------------------------------------------------------------------------------

# Whichever of the two the name leads to when it is executed: the listed one never runs, the other always.
exchanged()
{
	local result

	result=$(exchange /d/exchange.one /d/exchange.two 400 2>&1)
	[[ $result == *" listed=0 other=0" ]] || fail "$result"
	[[ $result != "harmless=0 "* && $result != *"refused=0 "* ]] || fail "only ever one of them, so nothing was shown: $result"
}
attempt rename-exchange exchanged

# --- what is too large to be hashed ----------------------------------------------------------------

# A sparse file costs nobody anything; its policy says that what cannot be hashed is not to run.
too_large()
{
	policy_begin deny
	cp "$HERE/bin/tiny" /d/huge
	truncate -s 600M /d/huge
	printf '%s:%s:huge\n' "$(printf '%064d' 1)" "$(stat -c %s /d/huge)" >"$SCRATCH/policy/huge.hsb"
	rule_list huge banned elf huge.hsb
	enforce
	now_denied plain /d/huge "larger than max-hash, on-error: deny"
	cp "$HERE/bin/tiny" /d/small
	now_runs plain /d/small
}
attempt exec-huge too_large
