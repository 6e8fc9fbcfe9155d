// SPDX-License-Identifier: GPL-2.0-or-later
/* The numbers in guard_objects: putting them there, and taking away those of maps that have gone.
 */
#include "loader/kernel/guard_objects.h"

#include <errno.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/guard.h"
#include "loader/kernel/handle.h"
#include "loader/kernel/pins.h"

#define SLOTS 2

int embargo_guard_objects_add(int objects, bool is_program, __u32 id, enum embargo_guard_use use)
{
	struct embargo_guard_object key = { is_program, id };
	__u32 value = use;

	/* What was said of a map first is not taken back by the programs that use it. */
	if (bpf_map_update_elem(objects, &key, &value, BPF_NOEXIST) && errno != EEXIST)
		return -errno;
	return 0;
}

int embargo_guard_objects_add_map(int objects, int map, enum embargo_guard_use use)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size))
		return -errno;
	return embargo_guard_objects_add(objects, false, info.id, use);
}

/* A slot in which no generation is yet has none. */
static int add_slots(int objects, int outer)
{
	int error = 0;

	for (__u32 slot = 0, id; !error && slot < SLOTS; slot++) {
		if (!bpf_map_lookup_elem(outer, &slot, &id))
			error = embargo_guard_objects_add(objects, false, id, EMBARGO_GUARD_OURS);
		else if (errno != ENOENT)
			error = -errno;
	}
	return error;
}

int embargo_guard_objects_add_tables(int objects)
{
	int error = 0;

	for (int i = 0; !error && i < EMBARGO_MAP_TABLES; i++) {
		_cleanup_close_ int outer = embargo_pins_open("maps", embargo_handle_names[i]);

		error = outer < 0 ? outer : add_slots(objects, outer);
	}
	return error;
}

static bool has_gone(__u32 id)
{
	_cleanup_close_ int map = bpf_map_get_fd_by_id(id);

	return map < 0 && errno == ENOENT;
}

static void forget_gone(int objects)
{
	struct embargo_guard_object keys[EMBARGO_GUARD_OBJECTS];
	size_t count = 0;

	while (count < ARRAY_SIZE(keys) &&
	       !bpf_map_get_next_key(objects, count ? &keys[count - 1] : NULL, &keys[count]))
		count++;
	for (size_t i = 0; i < count; i++)
		if (!keys[i].is_program && has_gone(keys[i].id))
			bpf_map_delete_elem(objects, &keys[i]);
}

int embargo_guard_objects_renew(void)
{
	char path[256];
	_cleanup_close_ int objects = bpf_obj_get(embargo_pins_path(
		path, sizeof(path), EMBARGO_GUARD_PIN_DIR, "maps", "guard_objects"));

	if (objects < 0)
		return errno == ENOENT ? 0 : -errno;
	forget_gone(objects);
	return embargo_guard_objects_add_tables(objects);
}
