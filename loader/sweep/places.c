// SPDX-License-Identifier: GPL-2.0-or-later
/* From a device's number, or a mount's, to the type of its file system, by mountinfo. */
#include "loader/sweep/places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/watch/mounts.h"

/* Devices that are remembered; a host has as many as it has file systems. */
#define PLACES_MOST 65536

struct place {
	uint64_t device;
	bool is_local;
};

struct embargo_places {
	struct place *array;
	size_t count;
	uint64_t memory; /* the device of memfds and shared memory, which is mounted nowhere */
};

struct row {
	uint64_t mount;
	uint64_t device;
	bool is_local;
};

/* "36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw": see mounts.c. */
static bool parse_row(const char *line, struct row *row)
{
	const char *separator = strstr(line, " - ");
	unsigned int major, minor;
	unsigned long long mount;
	char type[64];

	if (!separator || sscanf(line, "%llu %*u %u:%u", &mount, &major, &minor) != 3 ||
	    sscanf(separator, " - %63s", type) != 1)
		return false;
	*row = (struct row) { mount, makedev(major, minor), embargo_mounts_is_local(type) };
	return true;
}

static const struct place *find(const struct embargo_places *places, uint64_t device)
{
	for (size_t i = 0; i < places->count; i++)
		if (places->array[i].device == device)
			return &places->array[i];
	return NULL;
}

static void remember(struct embargo_places *places, const struct row *row)
{
	struct place *larger;

	if (places->count == PLACES_MOST || find(places, row->device))
		return;
	larger = reallocarray(places->array, places->count + 1, sizeof(*larger));
	if (!larger)
		return;
	places->array = larger;
	larger[places->count++] = (struct place) { row->device, row->is_local };
}

/* Remembers all that process @pid has mounted. @mount: tells of that one alone, through @found. */
static void read_table(struct embargo_places *places, const char *pid, uint64_t mount,
		       struct row *found)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_
	char *line = NULL;
	char path[64];
	size_t room = 0;
	struct row row;

	snprintf(path, sizeof(path), "/proc/%.10s/mountinfo", pid);
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0) {
		if (!parse_row(line, &row))
			continue;
		remember(places, &row);
		if (row.mount == mount)
			*found = row;
	}
}

static uint64_t find_memory(void)
{
	_cleanup_close_ int fd = memfd_create("embargo", MFD_CLOEXEC);
	struct stat status;

	return fd >= 0 && !fstat(fd, &status) ? status.st_dev : 0;
}

int embargo_places_open(struct embargo_places **places)
{
	struct embargo_places *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->memory = find_memory();
	read_table(made, "self", 0, &(struct row) { 0 });
	*places = made;
	return 0;
}

void embargo_places_close(struct embargo_places *places)
{
	if (!places)
		return;
	free(places->array);
	free(places);
}

/*
 * A program that has taken its own code out of its memory. O_PATH and AT_STATX_DONT_SYNC ask no
 * server; the number of the mount is the same in every namespace.
 */
static bool is_local_mount(struct embargo_places *places, const char *pid, const char *path)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct row found = { .is_local = false };
	struct statx status;

	if (fd < 0 ||
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID, &status))
		return false;
	if (makedev(status.stx_dev_major, status.stx_dev_minor) == places->memory)
		return true;
	read_table(places, "self", status.stx_mnt_id, &found);
	if (!found.mount)
		read_table(places, pid, status.stx_mnt_id, &found);
	return found.is_local;
}

bool embargo_places_is_local(struct embargo_places *places, const char *pid,
			     const struct embargo_process_file *file)
{
	const struct place *place;

	if (!file->device)
		return is_local_mount(places, pid, file->path);
	if (file->device == places->memory)
		return true;
	place = find(places, file->device);
	if (!place) {
		read_table(places, pid, 0, &(struct row) { 0 });
		place = find(places, file->device);
	}
	/* Unmounted while it is in use: a disk is a disk, while other devices are anybody's. */
	return place ? place->is_local : major(file->device) != 0;
}
