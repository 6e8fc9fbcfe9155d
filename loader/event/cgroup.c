// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of cgroups: by the process, else by a bounded search of the hierarchy, else the number. */
#include "loader/event/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "loader/base/cleanup.h"

/* Directories that a search opens before it gives up: a host with thousands of containers is not
 * searched through for one line of a log. */
#define SEARCH_MAX   2048
#define SEARCH_DEPTH 16

static const char *hierarchy(void)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs status;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (!statfs(roots[i], &status) && status.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	return NULL;
}

static bool is_cgroup(const char *root, const char *path, uint64_t id)
{
	char full[EMBARGO_CGROUP_TEXT + 64];
	struct stat status;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full))
		return false;
	return !stat(full, &status) && status.st_ino == id;
}

/* The cgroup that @pid is in, when that is @id. */
static int ask_process(const char *root, uint64_t id, pid_t pid, char *text)
{
	char name[64], line[EMBARGO_CGROUP_TEXT + 8];
	_cleanup_fclose_ FILE *file = NULL;

	if (!pid)
		return -ENOENT;
	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "0::/", 4))
			continue;
		line[strcspn(line, "\n")] = 0;
		if (!is_cgroup(root, line + 3, id))
			return -ENOENT;
		strcpy(text, line + 3);
		return 0;
	}
	return -ENOENT;
}

struct search {
	uint64_t id;
	unsigned int left;
	char path[EMBARGO_CGROUP_TEXT];
};

static int search_below(struct search *search, int parent, const char *name, unsigned int depth)
{
	_cleanup_closedir_ DIR *directory = NULL;
	size_t length = strlen(search->path);
	struct dirent *entry;
	int fd;

	if (depth > SEARCH_DEPTH || !search->left--)
		return -ENOENT;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory) {
		if (fd >= 0)
			close(fd);
		return -ENOENT;
	}
	while (search->left && (entry = readdir(directory))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    length + 1 + strlen(entry->d_name) >= sizeof(search->path))
			continue;
		sprintf(search->path + length, "/%s", entry->d_name);
		if (entry->d_ino == search->id ||
		    !search_below(search, dirfd(directory), entry->d_name, depth + 1))
			return 0;
		search->path[length] = 0;
	}
	return -ENOENT;
}

static int search_hierarchy(const char *root, uint64_t id, char *text)
{
	struct search search = { .id = id, .left = SEARCH_MAX };

	if (is_cgroup(root, "/", id)) {
		strcpy(text, "/");
		return 0;
	}
	if (search_below(&search, AT_FDCWD, root, 0))
		return -ENOENT;
	strcpy(text, search.path);
	return 0;
}

const char *embargo_cgroup_name(struct embargo_cgroup_cache *cache, uint64_t id, pid_t pid,
				pid_t ppid)
{
	const char *root = hierarchy();
	unsigned int slot;
	char *text;

	for (slot = 0; slot < EMBARGO_CGROUP_CACHE; slot++)
		if (cache->known[slot].id == id && cache->known[slot].text[0])
			return cache->known[slot].text;
	slot = cache->next++ % EMBARGO_CGROUP_CACHE;
	text = cache->known[slot].text;
	cache->known[slot].id = id;
	if (!root || !id ||
	    (ask_process(root, id, pid, text) && ask_process(root, id, ppid, text) &&
	     search_hierarchy(root, id, text)))
		snprintf(text, EMBARGO_CGROUP_TEXT, "%" PRIu64, id);
	return text;
}
