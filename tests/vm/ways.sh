# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The ways in which a file gets to run, to be mapped, or into the kernel; each takes the file. See lib.sh.

LDSO=/lib64/ld-linux-x86-64.so.2

way_plain()
{
	"$1"
}

way_user()
{
	as_user "$1"
}

way_ldso()
{
	"$LDSO" "$1"
}

# The file becomes libz.so.1 of a program that needs it at its start; the program says what it got.
way_needed()
{
	local folder

	folder=$(mktemp -d "$SCRATCH/needed.XXXX")
	ln -s "$1" "$folder/libz.so.1"
	LD_LIBRARY_PATH=$folder needed | grep -F "$1"
}

way_dlopen()
{
	dlopen "$1"
}

# ld.so only warns and goes on without the library: the library's absence is the refusal.
way_preload()
{
	LD_PRELOAD=$1 cat /proc/self/maps >"$SCRATCH/maps" || return
	grep -F "$1" "$SCRATCH/maps"
}

way_map_private()
{
	mapping "$1"
}

way_map_shared()
{
	mapping --shared "$1"
}

way_map_exec()
{
	mapping --exec "$1"
}

# The file is an interpreter: what is executed is a script that names it.
way_interpreter()
{
	printf '#!%s\n' "$1" >"$SCRATCH/script"
	chmod 0755 "$SCRATCH/script"
	"$SCRATCH/script"
}

way_memfd_sealed()
{
	subject=''
	nameless sealed "$1"
}

way_memfd_writable()
{
	subject=''
	nameless writable "$1"
}

way_otmpfile()
{
	subject=''
	nameless "$(dirname "$1")" "$1"
}

way_fexecve()
{
	fdexec fexecve "$1"
}

way_proc_fd()
{
	fdexec proc "$1"
}

way_execveat()
{
	fdexec at "$1"
}

way_unlinked()
{
	subject=''
	cp "$1" "$1.gone"
	fdexec unlinked "$1.gone"
}

way_hard_link()
{
	subject=$1.link
	ln -f "$1" "$1.link"
	"$1.link"
}

way_rename()
{
	subject=$1.moved
	mv "$1" "$1.moved"
	"$1.moved"
}

# Stays mounted, for check to look at.
way_bind()
{
	subject=$1.bound
	: >"$subject"
	mount --bind "$1" "$subject"
	"$subject"
}

# Execute permission without read permission.
way_unreadable()
{
	chmod 0111 "$1"
	as_user "$1"
}

way_user_namespace()
{
	as_user unshare --user --map-root-user --mount --pid --fork "$1"
}

way_vfork()
{
	storm 1 "$1" >"$SCRATCH/storm"
	! grep -q refused=1 "$SCRATCH/storm" || printf 'EPERM\n'
	grep -q ran=1 "$SCRATCH/storm"
}

# --- modules: all are dummy.ko, so it goes before and after ----------------------------------------

without_module()
{
	local result

	rmmod dummy 2>/dev/null
	"$@"
	result=$?
	rmmod dummy 2>/dev/null
	return "$result"
}

way_finit()
{
	without_module module finit "$1"
}

way_init()
{
	without_module module init "$1"
}

way_kmod()
{
	without_module /usr/sbin/insmod "$1"
}

way_busybox()
{
	without_module busybox insmod "$1"
}

# The compressed forms stand beside the file. What check asks about is the form that is loaded.
way_finit_xz()
{
	subject=$1.xz
	without_module module compressed "$1.xz"
}

way_kmod_xz()
{
	subject=$1.xz
	without_module /usr/sbin/insmod "$1.xz"
}

way_kmod_zst()
{
	subject=$1.zst
	without_module /usr/sbin/insmod "$1.zst"
}

way_busybox_xz()
{
	subject=$1.xz
	without_module busybox insmod "$1.xz"
}

# kmod is built without gzip here, busybox has its own.
way_busybox_gz()
{
	subject=$1.gz
	without_module busybox insmod "$1.gz"
}

way_kexec()
{
	kexec file "$1"
}
