// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to put something else where the guarded is, or to make that what it was not, for which a
 * shell has no program: one word each, and the folder. */
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "helper.h"

#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif

#define FS_XFLAG_NODUMP	    0x80
#define FS_IOC_SETVERSION   0x40087602
#define FS_IOC32_SETVERSION 0x40047602

/* Of a system call for programs of 32 bits. */
#define IOCTL32 54

static void must(long result, const char *what)
{
	if (result < 0)
		refuse(what);
}

/* Another root for all that have @folder as theirs; what was mounted for it goes. */
static void pivot(const char *folder)
{
	int error;

	must(mount("none", folder, "tmpfs", 0, NULL), "mount");
	must(mount(NULL, folder, NULL, MS_PRIVATE, NULL), "private");
	must(chroot(folder), "chroot");
	must(chdir("/"), "chdir");
	must(mkdir("new", 0755), "mkdir");
	must(mount("none", "new", "tmpfs", 0, NULL), "mount");
	must(mkdir("new/old", 0755), "mkdir");
	error = syscall(SYS_pivot_root, "new", "new/old") ? errno : 0;
	umount2("/", MNT_DETACH);
	errno = error;
	must(-error, "pivot_root");
}

/* From 6.17 on. */
static void set_flags(const char *folder)
{
	struct {
		uint64_t flags;
		uint32_t others[4];
	} attributes = { .flags = FS_XFLAG_NODUMP };

	must(syscall(SYS_file_setattr, AT_FDCWD, folder, &attributes, sizeof(attributes), 0),
	     "file_setattr");
}

/* chattr(1) sets the flags, too, which has a hook more from 6.17 on. */
static void set_version(const char *folder)
{
	int fd = open_or_refuse(folder, O_RDONLY | O_DIRECTORY);
	long version = 7;

	must(ioctl(fd, FS_IOC_SETVERSION, &version), "ioctl");
}

/* As a program of 32 bits would. */
static void set_version32(const char *folder)
{
#ifdef __x86_64__
	int fd = open_or_refuse(folder, O_RDONLY | O_DIRECTORY), result = IOCTL32;
	int *version = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (version == MAP_FAILED)
		refuse("mmap");
	*version = 7;
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(fd), "c"(FS_IOC32_SETVERSION), "d"(version)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = -result;
	must(result, "ioctl");
#else
	errno = EOPNOTSUPP;
	refuse(folder);
#endif
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "", *to = argc > 2 ? argv[2] : "";

	if (!strcmp(way, "pivot"))
		pivot(to);
	else if (!strcmp(way, "bind") && argc > 3)
		/* Of these two flags the kernel goes by the first. */
		must(mount(to, argv[3], NULL, MS_BIND | MS_PRIVATE, NULL), "bind");
	else if (!strcmp(way, "remount"))
		must(mount(NULL, to, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_PRIVATE, NULL),
		     "remount");
	else if (!strcmp(way, "move") && argc > 3)
		must(mount(to, argv[3], NULL, MS_MOVE, NULL), "move");
	else if (!strcmp(way, "flags"))
		set_flags(to);
	else if (!strcmp(way, "version"))
		set_version(to);
	else if (!strcmp(way, "version32"))
		set_version32(to);
	else
		return 2;
	return 0;
}
