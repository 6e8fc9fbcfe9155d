// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the tables of mounts, /proc/PID/mountinfo, of this namespace and of others. */
#include "loader/watch/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

enum reach {
	REACH_LOCAL,  /* files, from here */
	REACH_PASSED, /* none, but one may pass: /dev has /dev/shm on it */
	REACH_AWAY,   /* one that waits for somebody else, to whatever is asked */
};

static const struct {
	const char *type;
	enum reach reach;
} types[] = {
	{ "autofs", REACH_PASSED },	 { "binder", REACH_PASSED },
	{ "binfmt_misc", REACH_PASSED }, { "bpf", REACH_PASSED },
	{ "cgroup", REACH_PASSED },	 { "cgroup2", REACH_PASSED },
	{ "configfs", REACH_PASSED },	 { "cpuset", REACH_PASSED },
	{ "debugfs", REACH_PASSED },	 { "devpts", REACH_PASSED },
	{ "devtmpfs", REACH_PASSED },	 { "efivarfs", REACH_PASSED },
	{ "functionfs", REACH_PASSED },	 { "fusectl", REACH_PASSED },
	{ "gadgetfs", REACH_PASSED },	 { "hugetlbfs", REACH_PASSED },
	{ "mqueue", REACH_PASSED },	 { "nfsd", REACH_PASSED },
	{ "nsfs", REACH_PASSED },	 { "proc", REACH_PASSED },
	{ "pstore", REACH_PASSED },	 { "resctrl", REACH_PASSED },
	{ "rpc_pipefs", REACH_PASSED },	 { "securityfs", REACH_PASSED },
	{ "selinuxfs", REACH_PASSED },	 { "smackfs", REACH_PASSED },
	{ "sysfs", REACH_PASSED },	 { "tracefs", REACH_PASSED },
	{ "xenfs", REACH_PASSED },	 { "9p", REACH_AWAY },
	{ "afs", REACH_AWAY },		 { "ceph", REACH_AWAY },
	{ "cifs", REACH_AWAY },		 { "coda", REACH_AWAY },
	{ "fuse", REACH_AWAY },		 { "fuseblk", REACH_AWAY },
	{ "glusterfs", REACH_AWAY },	 { "lustre", REACH_AWAY },
	{ "ncpfs", REACH_AWAY },	 { "nfs", REACH_AWAY },
	{ "nfs4", REACH_AWAY },		 { "orangefs", REACH_AWAY },
	{ "pvfs2", REACH_AWAY },	 { "smb3", REACH_AWAY },
	{ "smbfs", REACH_AWAY },	 { "vboxsf", REACH_AWAY },
	{ "virtiofs", REACH_AWAY },
};

/* Can one get there without waiting for somebody else? */
enum way { WAY_UNKNOWN, WAY_FREE, WAY_BLOCKED };

/* One line of the table; the texts lie in it. */
struct row {
	struct embargo_mount mount; /* its path is not that from here yet */
	uint64_t parent;
	enum reach reach;
	enum way way;
};

static enum reach reach_of(const char *type)
{
	/* "fuse.sshfs": the part behind the dot is the server's. */
	const size_t size = strcspn(type, ".");

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].type) == size && !strncmp(types[i].type, type, size))
			return types[i].reach;
	return REACH_LOCAL;
}

bool embargo_mounts_is_local(const char *type)
{
	return reach_of(type) == REACH_LOCAL;
}

/* In place: spaces, tabs, line breaks, '#' and backslashes stand there as three octal digits. */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
		    text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/*
 * 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw
 * |  |  |    |     |      |          |          |    source, options
 * |  |  |    |     |      |          |          type
 * |  |  |    |     |      |          none or several fields, up to the "-"
 * id parent device
 */
static bool parse_row(char *line, struct row *row)
{
	char *fields[5], *rest = line, *field;
	unsigned int device[2];

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!(fields[i] = strsep(&rest, " ")))
			return false;
	while ((field = strsep(&rest, " ")) && strcmp(field, "-"))
		;
	field = strsep(&rest, " ");
	if (!field || sscanf(fields[2], "%u:%u", &device[0], &device[1]) != 2)
		return false;
	unescape(fields[3]);
	unescape(fields[4]);
	unescape(field);
	*row = (struct row) {
		.mount = { .device = makedev(device[0], device[1]),
			   .id = strtoull(fields[0], NULL, 10),
			   .path = fields[4],
			   .type = field,
			   .root = fields[3] },
		.parent = strtoull(fields[1], NULL, 10),
		.reach = reach_of(field),
	};
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t one = ((const struct row *)a)->mount.id,
		       other = ((const struct row *)b)->mount.id;

	return (one > other) - (one < other);
}

/* As the walk through a tree: what is in a folder comes right behind it, before "folder-2". */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int compare_parts(const void *a, const void *b)
{
	const struct embargo_mount *one = &((const struct row *)a)->mount,
				   *other = &((const struct row *)b)->mount;

	if (one->device != other->device)
		return one->device < other->device ? -1 : 1;
	return compare_paths(one->root, other->root);
}

bool embargo_mounts_is_within(const char *root, const char *of)
{
	const size_t size = strcmp(of, "/") ? strlen(of) : 0;

	return !strncmp(root, of, size) && (root[size] == '/' || !root[size]);
}

static struct row *parent_of(struct row *rows, size_t count, const struct row *row)
{
	const struct row parent = { .mount = { .id = row->parent } };

	return row->parent == row->mount.id
		       ? NULL
		       : bsearch(&parent, rows, count, sizeof(*rows), compare_ids);
}

/*
 * Is it mounted on what one can pass, up to the root, whose parent is not in the table? The answer
 * is noted on the whole way: mounts may be stacked deep, by any user in a namespace of his.
 */
static bool is_reachable(struct row *rows, size_t count, struct row *row)
{
	struct row *at = row;
	size_t steps = 0;
	enum way way;

	while (at->way == WAY_UNKNOWN && at->reach != REACH_AWAY && steps++ <= count) {
		struct row *parent = parent_of(rows, count, at);

		if (!parent)
			at->way = WAY_FREE;
		else
			at = parent;
	}
	/* Where it found no end, the parents are a circle. */
	way = at->way == WAY_FREE ? WAY_FREE : WAY_BLOCKED;
	at->way = way;
	for (at = row; at && at->way == WAY_UNKNOWN; at = parent_of(rows, count, at))
		at->way = way;
	return way == WAY_FREE;
}

/* Those of @rows that are worth a look, to the front; returns their number. */
static size_t keep_local(struct row *rows, size_t count)
{
	size_t kept = 0;

	qsort(rows, count, sizeof(*rows), compare_ids);
	/* The answers first: what is kept moves over the rows that they come from. */
	for (size_t i = 0; i < count; i++)
		is_reachable(rows, count, &rows[i]);
	for (size_t i = 0; i < count; i++)
		if (rows[i].reach == REACH_LOCAL && rows[i].way == WAY_FREE)
			rows[kept++] = rows[i];
	qsort(rows, kept, sizeof(*rows), compare_parts);
	return kept;
}

static int tell(struct row *row, pid_t pid,
		int (*each)(void *context, const struct embargo_mount *mount), void *context)
{
	char path[PATH_MAX];

	if (!pid)
		return each(context, &row->mount);
	if (snprintf(path, sizeof(path), "/proc/%d/root%s", pid, row->mount.path) >=
	    (int)sizeof(path))
		return -EAGAIN;
	row->mount.path = path;
	return each(context, &row->mount);
}

static int tell_parts(struct row *rows, size_t count, pid_t pid,
		      int (*each)(void *context, const struct embargo_mount *mount), void *context)
{
	const struct embargo_mount *taken = NULL;
	int answer;

	for (size_t i = 0; i < count; i++) {
		const struct embargo_mount *mount = &rows[i].mount;

		if (taken && taken->device == mount->device &&
		    embargo_mounts_is_within(mount->root, taken->root))
			continue;
		answer = tell(&rows[i], pid, each, context);
		if (!answer)
			taken = mount;
		else if (answer != -EAGAIN)
			return answer;
	}
	return 0;
}

/* A whole table; the texts of @rows lie in @text. */
struct table {
	char *text;
	struct row *rows;
	size_t count;
};

static void free_table(struct table *table)
{
	free(table->text);
	free(table->rows);
}

/* Finds the rows in @size bytes of text, which it takes apart. */
static int parse_table(struct table *table, size_t size)
{
	size_t lines = 0;
	char *rest, *line;

	for (size_t i = 0; i < size; i++)
		lines += table->text[i] == '\n';
	table->rows = calloc(lines + 1, sizeof(*table->rows));
	if (!table->rows)
		return -ENOMEM;
	for (rest = table->text; table->count < lines && (line = strsep(&rest, "\n"));)
		table->count += parse_row(line, &table->rows[table->count]);
	return 0;
}

static int read_table(pid_t pid, struct table *table)
{
	char path[64];
	size_t size;
	int error;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid ? pid : getpid());
	error = embargo_file_read(path, EMBARGO_MOUNTS_TABLE, &table->text, &size);
	return error ? error : parse_table(table, size);
}

int embargo_mounts_each(pid_t pid, int (*each)(void *context, const struct embargo_mount *mount),
			void *context)
{
	_cleanup_(free_table) struct table table = { .count = 0 };
	int error = read_table(pid, &table);

	if (error)
		return error;
	return tell_parts(table.rows, keep_local(table.rows, table.count), pid, each, context);
}

int embargo_mounts_each_below(const char *path,
			      int (*each)(void *context, const struct embargo_mount *mount),
			      void *context)
{
	_cleanup_(free_table) struct table table = { .count = 0 };
	int error = read_table(0, &table);
	const size_t count = error ? 0 : keep_local(table.rows, table.count);

	for (size_t i = 0; i < count && !error; i++)
		if (strcmp(table.rows[i].mount.path, path) &&
		    embargo_mounts_is_within(table.rows[i].mount.path, path))
			error = each(context, &table.rows[i].mount);
	return error;
}

int embargo_mounts_id_is_local(uint64_t id)
{
	_cleanup_(free_table) struct table table = { .count = 0 };
	int error = read_table(0, &table);
	bool is_there = false;
	size_t count;

	for (size_t i = 0; i < table.count && !error && !is_there; i++)
		is_there = table.rows[i].mount.id == id;
	if (error || !is_there)
		return error ? error : -ENOENT;
	count = keep_local(table.rows, table.count);
	for (size_t i = 0; i < count; i++)
		if (table.rows[i].mount.id == id)
			return 1;
	return 0;
}

/* Adds @number to the sorted @numbers; false where it is there already. */
static bool add_number(uint64_t *numbers, size_t *count, uint64_t number)
{
	size_t low = 0, high = *count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < *count && numbers[low] == number)
		return false;
	memmove(&numbers[low + 1], &numbers[low], (*count - low) * sizeof(*numbers));
	numbers[low] = number;
	(*count)++;
	return true;
}

int embargo_mounts_each_namespace(pid_t *begin, int (*each)(void *context, pid_t pid),
				  void *context)
{
	_cleanup_free_
	uint64_t *seen = malloc(EMBARGO_MOUNTS_NAMESPACES * sizeof(*seen));
	_cleanup_closedir_ DIR *processes = opendir("/proc");
	const struct dirent *entry;
	struct stat status;
	size_t count = 0;
	pid_t last = 0;
	int answer = 0;

	if (!seen)
		return -ENOMEM;
	if (!processes || stat("/proc/self/ns/mnt", &status))
		return -errno;
	add_number(seen, &count, status.st_ino);
	/* The kernel tells processes by their number. */
	while ((entry = readdir(processes))) {
		char path[64], *end;
		const long pid = strtol(entry->d_name, &end, 10);

		if (*end || pid <= *begin)
			continue;
		/* A process that has ended meanwhile, or may not be looked into, has none. */
		snprintf(path, sizeof(path), "/proc/%ld/ns/mnt", pid);
		if (stat(path, &status) || !add_number(seen, &count, status.st_ino))
			continue;
		last = pid;
		answer = each(context, pid);
		if (answer || count == EMBARGO_MOUNTS_NAMESPACES)
			break;
	}
	*begin = entry ? last : 0;
	return answer;
}

int embargo_mounts_open(const struct embargo_mount *mount, int *fd)
{
	_cleanup_close_ int opened = open(mount->path, O_PATH | O_CLOEXEC);
	struct statx status;

	if (opened < 0 || statx(opened, "", AT_EMPTY_PATH, STATX_MNT_ID, &status))
		return -errno;
	if (!(status.stx_mask & STATX_MNT_ID) || status.stx_mnt_id != mount->id)
		return -ESTALE;
	*fd = TAKE_FD(opened);
	return 0;
}

int embargo_mounts_watch(int *fd)
{
	const int opened = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (opened < 0)
		return -errno;
	*fd = opened;
	return 0;
}
