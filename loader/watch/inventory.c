// SPDX-License-Identifier: GPL-2.0-or-later
/* Walking through trees of files, a step at a time, with nothing open between two steps. */
#include "loader/watch/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/watch/candidate.h"

/* Which folder or file it was that was added: the path may lead elsewhere by now. */
struct identity {
	uint64_t mount, device, inode;
};

struct root {
	char *path;
	struct identity identity;
	uint64_t expected; /* files; 0: not known */
};

/* A folder that is being walked. What was read of it is kept, not the folder itself. */
struct level {
	size_t path;	/* of its own path from the root, bytes */
	int64_t offset; /* where to read on */
	bool is_read;	/* to its end */
	char *names;	/* a byte of type and a name with its NUL, one after the other */
	size_t size, at;
};

/* Files of several names: open addressing, never full. Device and inode; an inode is not 0. */
struct link {
	uint64_t device, inode;
};

struct embargo_inventory {
	struct root *roots; /* [0]: the one that is walked */
	size_t root_count, root_room;
	bool has_begun; /* with roots[0] */
	struct level levels[EMBARGO_INVENTORY_DEPTH];
	size_t depth;	     /* levels in use */
	char path[PATH_MAX]; /* of the deepest level, from the root; no slash at either end */
	char found[2 * PATH_MAX];
	struct link *links;
	size_t link_count;
	struct embargo_inventory_progress progress;
	bool is_expected; /* of each root so far */
	bool gives_each_name, gives_all;
};

#define LINK_SLOTS (2 * EMBARGO_INVENTORY_LINKS)

int embargo_inventory_open(struct embargo_inventory **inventory)
{
	struct embargo_inventory *opened = calloc(1, sizeof(*opened));

	if (!opened || !(opened->links = calloc(LINK_SLOTS, sizeof(*opened->links)))) {
		free(opened);
		return -ENOMEM;
	}
	opened->progress.is_done = true;
	*inventory = opened;
	return 0;
}

void embargo_inventory_give_each_name(struct embargo_inventory *inventory)
{
	inventory->gives_each_name = true;
}

void embargo_inventory_give_all(struct embargo_inventory *inventory)
{
	inventory->gives_all = true;
}

static void leave_level(struct embargo_inventory *inventory)
{
	struct level *level = &inventory->levels[--inventory->depth];

	free(level->names);
	*level = (struct level) { .path = 0 };
	if (inventory->depth)
		inventory->path[inventory->levels[inventory->depth - 1].path] = '\0';
}

void embargo_inventory_close(struct embargo_inventory *inventory)
{
	if (!inventory)
		return;
	while (inventory->depth)
		leave_level(inventory);
	for (size_t i = 0; i < inventory->root_count; i++)
		free(inventory->roots[i].path);
	free(inventory->roots);
	free(inventory->links);
	free(inventory);
}

/* Opens the folder or file at @path with O_PATH. */
static int open_path(const char *path, int *fd, struct identity *identity, struct statx *status)
{
	_cleanup_close_ int opened = open(path, O_PATH | O_CLOEXEC);

	if (opened < 0 || statx(opened, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
				STATX_BASIC_STATS | STATX_MNT_ID, status))
		return -errno;
	*identity = (struct identity) {
		.mount = status->stx_mnt_id,
		.device = (uint64_t)status->stx_dev_major << 32 | status->stx_dev_minor,
		.inode = status->stx_ino,
	};
	*fd = TAKE_FD(opened);
	return 0;
}

static bool is_identity(const struct identity *a, const struct identity *b)
{
	return a->mount == b->mount && a->device == b->device && a->inode == b->inode;
}

/* From a file system's own count of its inodes; btrfs has none. */
static uint64_t expect(int fd, const struct statx *status)
{
	struct statfs filesystem;

	if (S_ISREG(status->stx_mode))
		return 1;
	if (!(status->stx_attributes & STATX_ATTR_MOUNT_ROOT) || fstatfs(fd, &filesystem) ||
	    filesystem.f_files < filesystem.f_ffree)
		return 0;
	return filesystem.f_files - filesystem.f_ffree;
}

static int add_root(struct embargo_inventory *inventory, const struct root *root)
{
	if (inventory->root_count == inventory->root_room) {
		const size_t room = inventory->root_room ? 2 * inventory->root_room : 16;
		struct root *larger = realloc(inventory->roots, room * sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		inventory->roots = larger;
		inventory->root_room = room;
	}
	inventory->roots[inventory->root_count] = *root;
	inventory->roots[inventory->root_count].path = strdup(root->path);
	if (!inventory->roots[inventory->root_count].path)
		return -ENOMEM;
	inventory->root_count++;
	return 0;
}

/* What was done before is told no more. */
static void begin_anew(struct embargo_inventory *inventory)
{
	inventory->progress = (struct embargo_inventory_progress) { .seen = 0 };
	inventory->is_expected = true;
	memset(inventory->links, 0, LINK_SLOTS * sizeof(*inventory->links));
	inventory->link_count = 0;
}

int embargo_inventory_add(struct embargo_inventory *inventory, const char *path)
{
	_cleanup_close_ int fd = -1;
	struct root root = { .path = (char *)path };
	struct statx status;
	int error = open_path(path, &fd, &root.identity, &status);

	if (error)
		return error;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	/* The first may be half done: what is asked for is all of it. */
	for (size_t i = inventory->has_begun; i < inventory->root_count; i++)
		if (is_identity(&inventory->roots[i].identity, &root.identity))
			return 0;
	if (inventory->root_count >= EMBARGO_INVENTORY_ROOTS)
		return -ENOSPC;
	root.expected = expect(fd, &status);
	error = add_root(inventory, &root);
	if (error)
		return error;
	if (inventory->progress.is_done)
		begin_anew(inventory);
	inventory->progress.expected += root.expected;
	inventory->is_expected = inventory->is_expected && root.expected;
	return 0;
}

/* Was the file, which has several names, given before? */
static bool is_seen(struct embargo_inventory *inventory, const struct stat *status)
{
	size_t slot = (status->st_ino * 0x9e3779b97f4a7c15 ^ status->st_dev) % LINK_SLOTS;
	struct link *link;

	if (inventory->gives_each_name || status->st_nlink < 2 || !status->st_ino)
		return false;
	while ((link = &inventory->links[slot])->inode) {
		if (link->inode == status->st_ino && link->device == status->st_dev)
			return true;
		slot = (slot + 1) % LINK_SLOTS;
	}
	if (inventory->link_count < EMBARGO_INVENTORY_LINKS) {
		*link = (struct link) { .device = status->st_dev, .inode = status->st_ino };
		inventory->link_count++;
	}
	return false;
}

/* Below the folder @fd, within its mount, through no link: what is mounted there is not touched. */
static int open_below(int fd, const char *path, int flags)
{
	const struct open_how how = {
		.flags = flags | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	const int opened = syscall(SYS_openat2, fd, path, &how, sizeof(how));

	return opened < 0 ? -errno : opened;
}

/* Looks at the regular file @fd, an O_PATH descriptor. True: it may be code, and @file is open. */
static bool look_at(struct embargo_inventory *inventory, int fd, const char *name,
		    const struct stat *status, int *file)
{
	_cleanup_close_ int opened = -1;
	int error;

	inventory->progress.seen++;
	if (!status->st_size || is_seen(inventory, status))
		return false;
	error = embargo_file_reopen(fd, &opened);
	if (error) {
		inventory->progress.skipped++;
		return false;
	}
	if (!inventory->gives_all && !embargo_candidate_by_name(name, status->st_mode) &&
	    !embargo_candidate_by_magic(opened))
		return false;
	inventory->progress.given++;
	*file = TAKE_FD(opened);
	return true;
}

/* Goes into the folder called @name, or the root where it is empty. */
static void enter_level(struct embargo_inventory *inventory, const char *name)
{
	size_t size = inventory->depth ? inventory->levels[inventory->depth - 1].path : 0;
	const size_t more = strlen(name) + (size ? 1 : 0);

	if (inventory->depth >= EMBARGO_INVENTORY_DEPTH ||
	    size + more + NAME_MAX + 2 > sizeof(inventory->path)) {
		inventory->progress.skipped++;
		return;
	}
	sprintf(inventory->path + size, "%s%s", size ? "/" : "", name);
	inventory->levels[inventory->depth++].path = size + more;
}

/* Reads on in the folder @fd. */
static int read_names(struct level *level, int fd)
{
	char buffer[EMBARGO_INVENTORY_NAMES];
	ssize_t got;

	level->at = level->size = 0;
	if (!level->names && !(level->names = malloc(sizeof(buffer))))
		return -ENOMEM;
	if (level->offset && lseek(fd, level->offset, SEEK_SET) < 0)
		return -errno;
	got = getdents64(fd, buffer, sizeof(buffer));
	if (got < 0)
		return -errno;
	level->is_read = !got;
	for (ssize_t at = 0; at < got;) {
		const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
		const bool may_be = entry->d_type == DT_REG || entry->d_type == DT_DIR ||
				    entry->d_type == DT_UNKNOWN;

		/* The kernel's entry is longer than this. */
		if (may_be && strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			level->size += 1 + sprintf(level->names + level->size, "%c%s",
						   entry->d_type + 1, entry->d_name);
		level->offset = entry->d_off;
		at += entry->d_reclen;
	}
	return 0;
}

/* Opens the folder of the deepest level, if the root is still where it was. */
static int open_level(struct embargo_inventory *inventory, int *fd)
{
	const struct root *root = &inventory->roots[0];
	_cleanup_close_ int opened = -1;
	struct identity identity;
	struct statx status;
	int error = open_path(root->path, &opened, &identity, &status);

	if (error)
		return error;
	if (!is_identity(&identity, &root->identity))
		return -ESTALE;
	error = open_below(opened, inventory->path[0] ? inventory->path : ".",
			   O_RDONLY | O_DIRECTORY | O_NOATIME);
	if (error == -EPERM) /* another's, without CAP_FOWNER */
		error = open_below(opened, inventory->path[0] ? inventory->path : ".",
				   O_RDONLY | O_DIRECTORY);
	if (error < 0)
		return error;
	*fd = error;
	return 0;
}

static int give(struct embargo_inventory *inventory, const char *name, int fd,
		struct embargo_inventory_file *file)
{
	const char *root = inventory->roots[0].path;
	const size_t size = strlen(root);

	snprintf(inventory->found, sizeof(inventory->found), "%s%s%s%s%s", root,
		 size && root[size - 1] == '/' ? "" : "/", inventory->path,
		 inventory->path[0] ? "/" : "", name);
	*file = (struct embargo_inventory_file) { .fd = fd, .path = inventory->found };
	return 1;
}

static void pass_over(struct embargo_inventory *inventory, int error)
{
	inventory->progress.mounted += error == -EXDEV;
	inventory->progress.skipped += error && error != -EXDEV && error != -ENOENT;
}

/* The names that are kept of the folder @fd, or some of them. */
static int look_through(struct embargo_inventory *inventory, int fd,
			struct embargo_inventory_file *file)
{
	struct level *level = &inventory->levels[inventory->depth - 1];

	for (unsigned int i = 0; i < EMBARGO_INVENTORY_STEP && level->at < level->size; i++) {
		const unsigned char type = level->names[level->at] - 1;
		const char *name = level->names + level->at + 1;
		_cleanup_close_ int entry = -1;
		struct stat status = { .st_mode = S_IFDIR };
		int found = -1;

		level->at += 2 + strlen(name);
		if (type != DT_DIR) {
			entry = open_below(fd, name, O_PATH);
			/* Gone, or another file is mounted upon it. */
			if (entry < 0 || fstat(entry, &status)) {
				pass_over(inventory, entry);
				continue;
			}
		}
		if (S_ISDIR(status.st_mode)) {
			enter_level(inventory, name);
			return -EAGAIN;
		}
		if (S_ISREG(status.st_mode) && look_at(inventory, entry, name, &status, &found))
			return give(inventory, name, found, file);
	}
	return -EAGAIN;
}

static void leave_root(struct embargo_inventory *inventory)
{
	while (inventory->depth)
		leave_level(inventory);
	inventory->path[0] = '\0';
	inventory->has_begun = false;
	free(inventory->roots[0].path);
	memmove(inventory->roots, inventory->roots + 1,
		--inventory->root_count * sizeof(*inventory->roots));
	inventory->progress.is_done = !inventory->root_count;
}

/* The first step into a root, which may be a single file. */
static int begin_root(struct embargo_inventory *inventory, struct embargo_inventory_file *file)
{
	const struct root *root = &inventory->roots[0];
	_cleanup_close_ int fd = -1;
	struct identity identity;
	struct statx status;
	struct stat found;
	int opened = -1;
	int error = open_path(root->path, &fd, &identity, &status);

	inventory->has_begun = true;
	if (error || !is_identity(&identity, &root->identity) || fstat(fd, &found)) {
		inventory->progress.skipped++;
	} else if (S_ISDIR(found.st_mode)) {
		enter_level(inventory, "");
		return -EAGAIN;
	} else if (S_ISREG(found.st_mode) && look_at(inventory, fd, root->path, &found, &opened)) {
		snprintf(inventory->found, sizeof(inventory->found), "%s", root->path);
		*file = (struct embargo_inventory_file) { .fd = opened, .path = inventory->found };
		leave_root(inventory);
		return 1;
	}
	leave_root(inventory);
	return -EAGAIN;
}

int embargo_inventory_next(struct embargo_inventory *inventory, struct embargo_inventory_file *file)
{
	_cleanup_close_ int fd = -1;
	struct level *level;
	int error;

	if (!inventory->root_count)
		return 0;
	if (!inventory->has_begun)
		return begin_root(inventory, file);
	if (!inventory->depth) {
		leave_root(inventory);
		return inventory->root_count ? -EAGAIN : 0;
	}
	level = &inventory->levels[inventory->depth - 1];
	error = open_level(inventory, &fd);
	if (!error && level->at == level->size && !level->is_read)
		error = read_names(level, fd);
	if (error == -ENOMEM)
		return error;
	if (error || (level->is_read && level->at == level->size)) {
		pass_over(inventory, error);
		leave_level(inventory);
		return -EAGAIN;
	}
	return look_through(inventory, fd, file);
}

void embargo_inventory_progress(const struct embargo_inventory *inventory,
				struct embargo_inventory_progress *progress)
{
	*progress = inventory->progress;
	progress->roots = inventory->root_count;
	if (!inventory->is_expected)
		progress->expected = 0;
}
