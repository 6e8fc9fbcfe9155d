// SPDX-License-Identifier: GPL-2.0-or-later
/* The pins in the BPF file system: folders, exchange, removal. */
#include "loader/kernel/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <bpf/bpf.h>

#include "bpf/abi.h"
#include "loader/base/cleanup.h"

/* Another start may hold the lock while it loads a large policy; but nothing waits without an end.
 */
#define LOCK_STEPS 600
#define LOCK_US	   100000

/* In the order of removal. */
static const char *const kinds[] = { "links", "progs", "maps" };

char *embargo_pins_path(char *path, size_t size, const char *folder, const char *kind,
			const char *name)
{
	snprintf(path, size, "%s/%s/%s", folder, kind, name);
	return path;
}

int embargo_pins_open(const char *kind, const char *name)
{
	char path[256];
	int fd = bpf_obj_get(embargo_pins_path(path, sizeof(path), EMBARGO_PIN_DIR, kind, name));

	return fd < 0 ? -errno : fd;
}

int embargo_pins_refuse(int error, struct embargo_diagnostic *diagnostic)
{
	if (error == -ENOENT) {
		embargo_diagnostic_remedy(diagnostic, "start it with embargo run or embargo load");
		return embargo_diagnostic_what(diagnostic, error, "nothing enforces on this host");
	}
	if (error == -EPERM || error == -EACCES)
		embargo_diagnostic_remedy(diagnostic, "run as root");
	return embargo_diagnostic_what(diagnostic, error,
				       "cannot open the pins in " EMBARGO_PIN_DIR ": %s",
				       strerror(-error));
}

int embargo_pins_lock(int *fd, struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int folder = -1;
	struct stat folder_status;
	struct statfs status;

	if (statfs(EMBARGO_PIN_ROOT, &status) || status.f_type != BPF_FS_MAGIC) {
		embargo_diagnostic_remedy(diagnostic,
					  "mount it: mount -t bpf bpf " EMBARGO_PIN_ROOT);
		return embargo_diagnostic_what(diagnostic, -ENOTSUP,
					       "there is no BPF file system at " EMBARGO_PIN_ROOT);
	}
	folder = open(EMBARGO_PIN_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return embargo_diagnostic_what(diagnostic, -errno,
					       "cannot open " EMBARGO_PIN_ROOT ": %s",
					       strerror(errno));
	/* Mounted by hand it is open to everyone: then anybody could put pins or a lock in the way.
	 */
	if (!fstat(folder, &folder_status) && (folder_status.st_mode & 077))
		fchmod(folder, 0700);
	for (int step = 0; flock(folder, LOCK_EX | LOCK_NB); step++) {
		if (errno != EWOULDBLOCK || step == LOCK_STEPS) {
			embargo_diagnostic_remedy(
				diagnostic, "see which process has " EMBARGO_PIN_ROOT " open");
			return embargo_diagnostic_what(diagnostic, -errno,
						       "cannot lock " EMBARGO_PIN_ROOT ": %s",
						       strerror(errno));
		}
		usleep(LOCK_US);
	}
	*fd = TAKE_FD(folder);
	return 0;
}

/*
 * The kernel detaches an unpinned link a moment later, and until then its program still decides.
 * The program goes last: when it is gone, it is detached. Somebody else may hold it, so the wait
 * has an end.
 */
#define LINKS_MAX    32
#define DETACH_STEPS 200
#define DETACH_US    10000

struct links {
	__u32 program[LINKS_MAX]; /* the id of each link's program */
	size_t count;
};

static void note_link(struct links *links, const char *folder, const char *name)
{
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);
	_cleanup_close_ int link = -1;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	link = bpf_obj_get(path);
	if (link >= 0 && links->count < LINKS_MAX && !bpf_obj_get_info_by_fd(link, &info, &size))
		links->program[links->count++] = info.prog_id;
}

static void await_detached(const struct links *links)
{
	for (size_t i = 0; i < links->count; i++) {
		for (int step = 0; step < DETACH_STEPS; step++) {
			int program = bpf_prog_get_fd_by_id(links->program[i]);

			if (program < 0)
				break;
			close(program);
			usleep(DETACH_US);
		}
	}
}

/* Empties and removes one folder of pins; the links in it go into @links. */
static int remove_folder(const char *path, struct links *links)
{
	_cleanup_closedir_ DIR *folder = opendir(path);
	struct dirent *entry;

	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		note_link(links, path, entry->d_name);
		if (unlinkat(dirfd(folder), entry->d_name, 0) && errno != ENOENT)
			return -errno;
	}
	return rmdir(path) ? -errno : 0;
}

int embargo_pins_remove(const char *folder)
{
	struct links links = { .count = 0 };
	char path[256];
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct links none = { .count = LINKS_MAX };

		snprintf(path, sizeof(path), "%s/%s", folder, kinds[i]);
		error = remove_folder(path, i ? &none : &links);
		if (error)
			return error;
	}
	await_detached(&links);
	return rmdir(folder) && errno != ENOENT ? -errno : 0;
}

int embargo_pins_create(struct embargo_diagnostic *diagnostic)
{
	char path[256];
	int error = embargo_pins_remove(EMBARGO_PIN_NEW); /* of a start that was killed */

	if (!error && mkdir(EMBARGO_PIN_NEW, 0700))
		error = -errno;
	for (size_t i = 0; !error && i < ARRAY_SIZE(kinds); i++) {
		snprintf(path, sizeof(path), "%s/%s", EMBARGO_PIN_NEW, kinds[i]);
		if (mkdir(path, 0700))
			error = -errno;
	}
	if (error)
		embargo_diagnostic_what(diagnostic, error, "cannot make " EMBARGO_PIN_NEW ": %s",
					strerror(-error));
	return error;
}

/* Not while somebody holds the lock: what they are about is no leftover. */
static bool is_held(void)
{
	_cleanup_close_ int root = open(EMBARGO_PIN_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return root >= 0 && flock(root, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
}

static bool has_links(void)
{
	_cleanup_closedir_ DIR *links = opendir(EMBARGO_PIN_NEW "/links");
	struct dirent *entry;

	while (links && (entry = readdir(links)))
		if (entry->d_name[0] != '.')
			return true;
	return false;
}

bool embargo_pins_are_left(void)
{
	_cleanup_close_ int map = -1;
	__u64 number = 0;
	__u32 zero = 0;

	if (is_held() || !has_links())
		return false;
	map = bpf_obj_get(EMBARGO_PIN_NEW "/maps/current");
	return map >= 0 && !bpf_map_lookup_elem(map, &zero, &number) && number;
}

int embargo_pins_install(struct embargo_diagnostic *diagnostic)
{
	int error;

	if (!renameat2(AT_FDCWD, EMBARGO_PIN_NEW, AT_FDCWD, EMBARGO_PIN_DIR, RENAME_EXCHANGE)) {
		error = embargo_pins_remove(EMBARGO_PIN_NEW);
		if (error)
			embargo_diagnostic_what(diagnostic, error, "cannot remove the old pins: %s",
						strerror(-error));
		return error;
	}
	if (errno == ENOENT && !rename(EMBARGO_PIN_NEW, EMBARGO_PIN_DIR))
		return 0;
	return embargo_diagnostic_what(diagnostic, -errno, "cannot put the pins in place: %s",
				       strerror(errno));
}
