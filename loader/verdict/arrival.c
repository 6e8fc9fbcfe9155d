// SPDX-License-Identifier: GPL-2.0-or-later
/* A file's arrival, from its inode and its file system. */
#include "loader/verdict/arrival.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "bpf/filesystem.h"
#include "loader/model/time.h"

int embargo_arrival_read(int fd, struct embargo_arrival *arrival)
{
	struct stat status;
	struct statfs system;

	if (fstat(fd, &status) || fstatfs(fd, &system))
		return -errno;
	arrival->ctime = status.st_ctim.tv_sec * EMBARGO_SECOND_NS + status.st_ctim.tv_nsec;
	arrival->unknown = !embargo_filesystem_dates_arrival((uint32_t)system.f_type,
							     system.f_flags & ST_RDONLY);
	arrival->on_fuse =
		embargo_filesystem_class((uint32_t)system.f_type) == EMBARGO_FILESYSTEM_FUSE;
	return 0;
}
