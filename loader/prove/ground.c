// SPDX-License-Identifier: GPL-2.0-or-later
/* The ground that canaries stand on: a private tmpfs, and files without names elsewhere. */
#include "loader/prove/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bpf/filesystem.h"
#include "loader/base/cleanup.h"

/* Where a host has a disk, and lets programs be run from it. */
static const char *const folders[] = { "/var/tmp", "/var/lib", "/root", "/tmp", "/usr", "/" };

static int open_labelled(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_close_ int folder = open(folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		_cleanup_close_ int file = -1;
		struct statvfs flags;
		struct statfs kind;

		if (folder < 0 || fstatfs(folder, &kind) || fstatvfs(folder, &flags) ||
		    (flags.f_flag & (ST_NOEXEC | ST_RDONLY)) ||
		    embargo_filesystem_class(kind.f_type) != EMBARGO_FILESYSTEM_TRACKED)
			continue;
		file = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
		if (file >= 0)
			return TAKE_FD(folder);
	}
	return -1;
}

int embargo_ground_open(struct embargo_ground *ground, struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int labelled = open_labelled();

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("embargo-prove", EMBARGO_GROUND, "tmpfs", MS_NOSUID | MS_NODEV,
		  "size=16m,mode=0755"))
		return embargo_diagnostic_what(diagnostic, -errno,
					       "cannot make a mount namespace with a tmpfs: %s",
					       strerror(errno));
	ground->labelled = TAKE_FD(labelled);
	return 0;
}
