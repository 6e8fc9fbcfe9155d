// SPDX-License-Identifier: GPL-2.0-or-later
/* Files by device, inode, change time and size. */
#include "loader/sweep/contents.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "bpf/filesystem.h"
#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/kind.h"

/* All of it is compared, so there is no padding. */
struct key {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t seconds;
	int64_t nanoseconds;
};

struct known_file {
	struct key key;
	struct embargo_file_content content;
	unsigned int round; /* in which it was hashed */
	bool is_tracked;    /* no byte changes without a trace in the key */
};

struct embargo_contents {
	embargo_contents_asker *is_asked;
	const void *context;
	void *tree;
	size_t count;
	unsigned int round;
	struct known_file single; /* for what there is no room for */
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

int embargo_contents_open(embargo_contents_asker *is_asked, const void *context,
			  struct embargo_contents **contents)
{
	struct embargo_contents *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->is_asked = is_asked;
	made->context = context;
	*contents = made;
	return 0;
}

void embargo_contents_close(struct embargo_contents *contents)
{
	if (!contents)
		return;
	tdestroy(contents->tree, free);
	free(contents);
}

void embargo_contents_renew(struct embargo_contents *contents)
{
	contents->round++;
}

static struct key key_of(const struct stat *status)
{
	return (struct key) {
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = (uint64_t)status->st_size,
		.seconds = status->st_ctim.tv_sec,
		.nanoseconds = status->st_ctim.tv_nsec,
	};
}

/* Containers run from overlay, whose inode's times follow those beneath in all ordinary ways. */
static bool is_tracked(int fd)
{
	struct statfs system;

	if (fstatfs(fd, &system))
		return false;
	switch (embargo_filesystem_class((uint32_t)system.f_type)) {
	case EMBARGO_FILESYSTEM_TRACKED:
	case EMBARGO_FILESYSTEM_IMAGE:
	case EMBARGO_FILESYSTEM_OVERLAY:
		return true;
	default:
		return false;
	}
}

static int describe(int fd, const struct stat *status, struct known_file *entry)
{
	char head[EMBARGO_KIND_HEAD];
	ssize_t size = embargo_file_pread(fd, head, sizeof(head), 0);

	*entry = (struct known_file) { .key = key_of(status), .is_tracked = is_tracked(fd) };
	if (size < 0)
		return (int)size;
	entry->content.size = entry->key.size;
	entry->content.exec_scope = embargo_kind_exec_scope(head, (size_t)size);
	return embargo_arrival_read(fd, &entry->content.arrival);
}

static struct known_file *find_entry(struct embargo_contents *contents, const struct stat *status)
{
	const struct key key = key_of(status);
	struct known_file *const *found = tfind(&key, &contents->tree, compare);

	return found ? *found : NULL;
}

static struct known_file *keep(struct embargo_contents *contents, const struct known_file *entry)
{
	struct known_file *made =
		contents->count < EMBARGO_CONTENTS_MOST ? malloc(sizeof(*made)) : NULL;
	struct known_file **kept;

	if (made)
		*made = *entry;
	kept = made ? tsearch(made, &contents->tree, compare) : NULL;
	if (kept && *kept == made) {
		contents->count++;
		return made;
	}
	free(made);
	contents->single = *entry;
	return &contents->single;
}

static bool wants_digest(const struct embargo_contents *contents, const struct known_file *entry,
			 bool is_program, bool always)
{
	uint32_t scope = is_program ? entry->content.exec_scope : EMBARGO_SCOPE_MAP_EXEC;

	if (entry->content.is_hashed && (entry->is_tracked || entry->round == contents->round))
		return false;
	return always || contents->is_asked(contents->context, entry->content.size, scope);
}

static int hash(const struct embargo_contents *contents, int fd, struct known_file *entry)
{
	struct stat after;
	struct key key;
	uint64_t size;
	int error;

	entry->content.is_hashed = false;
	error = embargo_sha256_file(fd, &entry->content.digest, &size);
	if (error)
		return error;
	if (fstat(fd, &after))
		return -errno;
	key = key_of(&after);
	if (compare(&key, &entry->key) || size != entry->key.size)
		return -EAGAIN;
	entry->content.is_hashed = true;
	entry->round = contents->round;
	return 0;
}

static int find(struct embargo_contents *contents, const char *path, bool is_program, bool always,
		struct stat *status, struct embargo_file_content *content)
{
	_cleanup_close_ int fd = -1;
	struct known_file *entry, made;
	int error = 0;

	if (stat(path, status))
		return -errno;
	if (!S_ISREG(status->st_mode))
		return -EINVAL;
	entry = find_entry(contents, status);
	if (!entry || wants_digest(contents, entry, is_program, always))
		error = embargo_file_open(path, &fd, status);
	if (error)
		return error;
	if (fd >= 0)
		entry = find_entry(contents, status);
	if (!entry) {
		error = describe(fd, status, &made);
		if (error)
			return error;
		entry = keep(contents, &made);
	}
	if (fd >= 0 && wants_digest(contents, entry, is_program, always))
		error = hash(contents, fd, entry);
	if (error)
		return error;
	*content = entry->content;
	return 0;
}

int embargo_contents_find(struct embargo_contents *contents, const char *path, bool is_program,
			  struct stat *status, struct embargo_file_content *content)
{
	return find(contents, path, is_program, false, status, content);
}

int embargo_contents_hash(struct embargo_contents *contents, const char *path, bool is_program,
			  struct stat *status, struct embargo_file_content *content)
{
	return find(contents, path, is_program, true, status, content);
}
