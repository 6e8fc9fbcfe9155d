// SPDX-License-Identifier: GPL-2.0-or-later
/* The key of a file: which inode, and which content of it. */
#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpf/filesystem.h"
#include "loader/index/index.h"

int embargo_index_key_read(int fd, struct embargo_index_key *key)
{
	unsigned long generation = 0;
	struct statfs filesystem;
	struct stat status;

	if (fstat(fd, &status) || fstatfs(fd, &filesystem))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	/* f_type is signed on some machines; the numbers have 32 bits. */
	if (embargo_filesystem_class((uint32_t)filesystem.f_type) != EMBARGO_FILESYSTEM_TRACKED)
		return -EOPNOTSUPP;
	/* An inode number is used again; its generation then differs. */
	if (ioctl(fd, FS_IOC_GETVERSION, &generation))
		generation = 0;
	*key = (struct embargo_index_key) {
		.device = status.st_dev,
		.inode = status.st_ino,
		.generation = generation,
		.changed = status.st_ctim.tv_sec * 1000000000LL + status.st_ctim.tv_nsec,
		.size = status.st_size,
	};
	return 0;
}

bool embargo_index_key_is(const struct embargo_index_key *a, const struct embargo_index_key *b)
{
	return a->device == b->device && a->inode == b->inode && a->generation == b->generation &&
	       a->changed == b->changed && a->size == b->size;
}
