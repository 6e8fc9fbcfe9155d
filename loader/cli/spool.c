// SPDX-License-Identifier: GPL-2.0-or-later
/* Output that is given whole or not at all. */
#include "loader/cli/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"

/* What no name of a file is left of, however the program ends. */
static int open_nameless(FILE **out)
{
	const char *folder = getenv("TMPDIR");
	int fd = open(folder && folder[0] == '/' ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC,
		      0600);

	if (fd < 0) /* a file system that knows no such files */
		*out = tmpfile();
	else
		*out = fdopen(fd, "w+e");
	if (!*out && fd >= 0)
		close(fd);
	return *out ? 0 : -errno;
}

static int open_beside(struct embargo_spool *spool, const char *path)
{
	mode_t mask = umask(0);
	struct stat status;
	int fd;

	umask(mask);
	/* To rename to /dev/null is to take it from everybody. */
	if (!lstat(path, &status) && !S_ISREG(status.st_mode))
		return -EEXIST;
	if (asprintf(&spool->aside, "%s.XXXXXX", path) < 0) {
		spool->aside = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(spool->aside, O_CLOEXEC);
	if (fd < 0) {
		free(TAKE_PTR(spool->aside));
		return -errno;
	}
	fchmod(fd, 0666 & ~mask);
	spool->out = fdopen(fd, "w+e");
	if (spool->out)
		return 0;
	close(fd);
	return -errno;
}

int embargo_spool_open(struct embargo_spool *spool, const char *path)
{
	int error;

	*spool = (struct embargo_spool) { .path = path };
	error = path ? open_beside(spool, path) : open_nameless(&spool->out);
	if (error == -EEXIST)
		embargo_log_error(path,
				  "is there, and is no file; name one, or leave --output out");
	else if (error)
		embargo_log_error(path ? path : "TMPDIR",
				  "no file can be made there: %s; name a folder that is there",
				  strerror(-error));
	return error;
}

static int copy(FILE *from, FILE *to)
{
	char buffer[65536];
	size_t got;

	rewind(from);
	while ((got = fread(buffer, 1, sizeof(buffer), from)))
		if (fwrite(buffer, 1, got, to) != got)
			return -EIO;
	return ferror(from) || fflush(to) ? -EIO : 0;
}

static int give(struct embargo_spool *spool)
{
	if (fflush(spool->out) || ferror(spool->out))
		return errno ? -errno : -EIO;
	if (!spool->path)
		return copy(spool->out, stdout);
	if (fsync(fileno(spool->out)) || rename(spool->aside, spool->path))
		return -errno;
	free(TAKE_PTR(spool->aside));
	return 0;
}

int embargo_spool_give(struct embargo_spool *spool)
{
	int error = give(spool);

	if (error)
		embargo_log_error(spool->path ? spool->path : "standard output",
				  "cannot be written: %s", strerror(-error));
	return error;
}

void embargo_spool_close(struct embargo_spool *spool)
{
	if (spool->aside)
		unlink(spool->aside);
	free(spool->aside);
	if (spool->out)
		fclose(spool->out);
	*spool = (struct embargo_spool) { .out = NULL };
}
