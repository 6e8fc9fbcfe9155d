// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of watched file systems. */
#include "loader/watch/watched.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/watch/notices.h"

static size_t head_of(uint64_t device)
{
	/* Numbers of devices differ in their low bits: the minor's. */
	return (device ^ device >> 12) % EMBARGO_WATCHED_HEADS;
}

static void free_texts(struct embargo_mount *mount)
{
	free((char *)mount->path);
	free((char *)mount->type);
	free((char *)mount->root);
}

static int copy_texts(struct embargo_mount *to, const struct embargo_mount *from)
{
	*to = *from;
	to->path = strdup(from->path);
	to->type = strdup(from->type);
	to->root = strdup(from->root);
	if (to->path && to->type && to->root)
		return 0;
	free_texts(to);
	return -ENOMEM;
}

static int make_room(struct embargo_watched_table *table)
{
	const size_t room = table->room ? 2 * table->room : 64;
	struct embargo_watched *larger;

	if (table->count < table->room)
		return 0;
	if (table->count >= EMBARGO_NOTICES_FILESYSTEMS)
		return -ENOSPC;
	larger = realloc(table->array, room * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	table->array = larger;
	table->room = room;
	return 0;
}

int embargo_watched_add(struct embargo_watched_table *table, const struct embargo_watched *watched)
{
	size_t *head = &table->heads[head_of(watched->mount.device)];
	struct embargo_watched copy = *watched;
	int error = make_room(table);

	if (!error)
		error = copy_texts(&copy.mount, &watched->mount);
	if (error)
		return error;
	copy.next = *head;
	table->array[table->count] = copy;
	*head = ++table->count;
	return 0;
}

const struct embargo_watched *embargo_watched_find(const struct embargo_watched_table *table,
						   const struct embargo_mount *mount)
{
	size_t at = table->heads[head_of(mount->device)];

	while (at) {
		const struct embargo_watched *watched = &table->array[at - 1];

		if (watched->mount.device == mount->device &&
		    embargo_mounts_is_within(mount->root, watched->mount.root))
			return watched;
		at = watched->next;
	}
	return NULL;
}

void embargo_watched_free(struct embargo_watched_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free_texts(&table->array[i].mount);
	free(table->array);
	*table = (struct embargo_watched_table) { .count = 0 };
}
