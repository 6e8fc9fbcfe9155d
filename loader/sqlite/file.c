// SPDX-License-Identifier: GPL-2.0-or-later
/* The methods by which SQLite reads one open file (sqlite.org/vfs.html). */
#include "loader/sqlite/file.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "loader/base/file.h"

struct file {
	sqlite3_file base;
	int fd;
};

static int close_file(sqlite3_file *file)
{
	(void)file; /* it is the caller's */
	return SQLITE_OK;
}

/* What is missing at the end has to read as zeros. */
static int read_file(sqlite3_file *base, void *buffer, int size, sqlite3_int64 offset)
{
	const struct file *file = (struct file *)base;
	ssize_t got = embargo_file_pread(file->fd, buffer, (size_t)size, (uint64_t)offset);

	if (got < 0)
		return SQLITE_IOERR_READ;
	if (got == size)
		return SQLITE_OK;
	memset((char *)buffer + got, 0, (size_t)(size - got));
	return SQLITE_IOERR_SHORT_READ;
}

static int refuse_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
	(void)file, (void)bytes, (void)size, (void)offset;
	return SQLITE_READONLY;
}

static int refuse_truncation(sqlite3_file *file, sqlite3_int64 size)
{
	(void)file, (void)size;
	return SQLITE_READONLY;
}

static int tell_size(sqlite3_file *base, sqlite3_int64 *size)
{
	struct stat status;

	if (fstat(((struct file *)base)->fd, &status))
		return SQLITE_IOERR_FSTAT;
	*size = status.st_size;
	return SQLITE_OK;
}

/* To sync, to lock and to unlock what cannot change is nothing. */
static int do_nothing(sqlite3_file *file, int how)
{
	(void)file, (void)how;
	return SQLITE_OK;
}

static int tell_lock(sqlite3_file *file, int *is_locked)
{
	(void)file;
	*is_locked = 0;
	return SQLITE_OK;
}

static int know_no_control(sqlite3_file *file, int operation, void *argument)
{
	(void)file, (void)operation, (void)argument;
	return SQLITE_NOTFOUND;
}

static int tell_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int tell_device(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = refuse_write,
	.xTruncate = refuse_truncation,
	.xSync = do_nothing,
	.xFileSize = tell_size,
	.xLock = do_nothing,
	.xUnlock = do_nothing,
	.xCheckReservedLock = tell_lock,
	.xFileControl = know_no_control,
	.xSectorSize = tell_sector,
	.xDeviceCharacteristics = tell_device,
};

/* The database, and no other file: no journal, no log, nothing to sort in. */
static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
		     int *out_flags)
{
	struct file *file = (struct file *)base;

	(void)name;
	file->base.pMethods = NULL;
	if (!(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	file->fd = *(const int *)vfs->pAppData;
	file->base.pMethods = &methods;
	if (out_flags)
		*out_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs, (void)name, (void)sync;
	return SQLITE_IOERR_DELETE;
}

static int find_nothing(sqlite3_vfs *vfs, const char *name, int flags, int *is_there)
{
	(void)vfs, (void)name, (void)flags;
	*is_there = 0;
	return SQLITE_OK;
}

static int keep_name(sqlite3_vfs *vfs, const char *name, int size, char *full)
{
	(void)vfs;
	sqlite3_snprintf(size, full, "%s", name);
	return SQLITE_OK;
}

static int tell_random(sqlite3_vfs *vfs, int size, char *bytes)
{
	(void)vfs;
	return getrandom(bytes, (size_t)size, 0) == size ? size : 0;
}

static int sleep_not(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs, (void)microseconds;
	return 0;
}

/* Days since noon in Greenwich on November 24, 4714 B.C. */
static int tell_time(sqlite3_vfs *vfs, double *days)
{
	struct timespec now;

	(void)vfs;
	clock_gettime(CLOCK_REALTIME, &now);
	*days = 2440587.5 + (double)now.tv_sec / 86400.0;
	return SQLITE_OK;
}

static int tell_error(sqlite3_vfs *vfs, int size, char *text)
{
	(void)vfs, (void)size, (void)text;
	return 0;
}

void embargo_sqlite_file_prepare(sqlite3_vfs *vfs, const int *fd)
{
	*vfs = (sqlite3_vfs) {
		.iVersion = 1,
		.szOsFile = sizeof(struct file),
		.mxPathname = 64,
		.zName = EMBARGO_SQLITE_FILE_NAME,
		.pAppData = (void *)fd,
		.xOpen = open_file,
		.xDelete = delete_file,
		.xAccess = find_nothing,
		.xFullPathname = keep_name,
		.xRandomness = tell_random,
		.xSleep = sleep_not,
		.xCurrentTime = tell_time,
		.xGetLastError = tell_error,
	};
}
