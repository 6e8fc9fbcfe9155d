// SPDX-License-Identifier: GPL-2.0-or-later
/* Digests of the host's foundations. */
#include "loader/watch/foundation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/host/foundation.h"

struct embargo_foundation_file {
	dev_t device;
	ino_t inode;
	struct timespec ctime;
	struct embargo_content content;
};

struct refresh {
	const struct embargo_foundation *former;
	struct embargo_foundation now;
};

static bool is_same(const struct embargo_foundation_file *file, const struct stat *status)
{
	return file->device == status->st_dev && file->inode == status->st_ino &&
	       file->ctime.tv_sec == status->st_ctim.tv_sec &&
	       file->ctime.tv_nsec == status->st_ctim.tv_nsec &&
	       file->content.size == (uint64_t)status->st_size;
}

static const struct embargo_foundation_file *find(const struct embargo_foundation *foundation,
						  const struct stat *status)
{
	for (size_t i = 0; i < foundation->count; i++)
		if (is_same(&foundation->files[i], status))
			return &foundation->files[i];
	return NULL;
}

static int add(struct embargo_foundation *foundation, const struct embargo_foundation_file *file)
{
	void *files = reallocarray(foundation->files, foundation->count + 1, sizeof(*file));

	if (!files)
		return -ENOMEM;
	foundation->files = files;
	foundation->files[foundation->count++] = *file;
	return 0;
}

static int look_at(void *context, const char *name, const char *path, const char *role)
{
	const struct embargo_foundation_file *former;
	struct embargo_foundation_file file = { 0 };
	struct refresh *refresh = context;
	_cleanup_close_ int fd = -1;
	struct stat status;

	(void)path;
	(void)role;
	if (embargo_file_open(name, &fd, &status))
		return -EACCES;
	if (find(&refresh->now, &status))
		return 0;
	former = find(refresh->former, &status);
	if (former)
		return add(&refresh->now, former);
	file.device = status.st_dev;
	file.inode = status.st_ino;
	file.ctime = status.st_ctim;
	if (embargo_sha256_file(fd, &file.content.digest, &file.content.size))
		return -EACCES;
	return add(&refresh->now, &file);
}

int embargo_foundation_refresh(struct embargo_foundation *foundation)
{
	struct refresh refresh = { .former = foundation };
	bool unseen;
	int error = embargo_foundation_each(look_at, &refresh, &unseen);

	if (error) {
		embargo_foundation_free(&refresh.now);
		return error;
	}
	embargo_foundation_free(foundation);
	*foundation = refresh.now;
	return 0;
}

bool embargo_foundation_has(const struct embargo_foundation *foundation,
			    const struct embargo_content *content)
{
	for (size_t i = 0; i < foundation->count; i++)
		if (foundation->files[i].content.size == content->size &&
		    !memcmp(&foundation->files[i].content.digest, &content->digest,
			    sizeof(content->digest)))
			return true;
	return false;
}

void embargo_foundation_free(struct embargo_foundation *foundation)
{
	free(foundation->files);
	*foundation = (struct embargo_foundation) { 0 };
}
