// SPDX-License-Identifier: GPL-2.0-or-later
/* A handle on what enforces: state, counters, hooks and memory, read through the pins. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/handle.h"
#include "loader/kernel/hooks.h"
#include "loader/kernel/pins.h"
#include "loader/model/time.h"

const char *const embargo_handle_names[] = {
	[EMBARGO_MAP_DIGESTS] = "digests",
	[EMBARGO_MAP_SIZES] = "sizes",
	[EMBARGO_MAP_PATHS] = "paths",
	[EMBARGO_MAP_SIGNERS] = "signers",
	[EMBARGO_MAP_TIMELINES] = "timelines",
	[EMBARGO_MAP_REASONS] = "reasons",
	[EMBARGO_MAP_WAIVED] = "waived",
	[EMBARGO_MAP_WAIVER_SETS] = "waiver_sets",
	[EMBARGO_MAP_WAIVERS] = "waivers",
	[EMBARGO_MAP_PARTS] = "parts",
	[EMBARGO_MAP_GENERATIONS] = "generations",
	[EMBARGO_MAP_CURRENT] = "current",
	[EMBARGO_MAP_LEARNED] = "learned",
	[EMBARGO_MAP_LEARNED_SIZES] = "learned_sizes",
	[EMBARGO_MAP_CLOCK] = "clock",
	[EMBARGO_MAP_NOTES] = "notes",
	[EMBARGO_MAP_COUNTERS] = "counters",
	[EMBARGO_MAP_EVENTS] = "events",
	[EMBARGO_MAP_SIGHTINGS] = "sightings",
	[EMBARGO_MAP_RECENT] = "recent",
	[EMBARGO_MAP_OVERLAY_LABELS] = "overlay_labels",
	[EMBARGO_MAP_JUDGEMENTS] = "judgements",
};
_Static_assert(ARRAY_SIZE(embargo_handle_names) == EMBARGO_MAP_COUNT, "a name for each map");

static int open_map(struct embargo_enforcement *handle, enum embargo_map map)
{
	handle->maps[map] = embargo_pins_open("maps", embargo_handle_names[map]);
	return handle->maps[map] < 0 ? handle->maps[map] : 0;
}

int embargo_enforcement_open(struct embargo_enforcement **enforcement,
			     struct embargo_diagnostic *diagnostic)
{
	struct embargo_enforcement *handle = calloc(1, sizeof(*handle));
	int error = 0;

	if (!handle)
		return -ENOMEM;
	for (enum embargo_map map = 0; map < EMBARGO_MAP_COUNT; map++)
		handle->maps[map] = -1;
	for (enum embargo_map map = 0; !error && map < EMBARGO_MAP_COUNT; map++)
		error = open_map(handle, map);
	if (!error) {
		*enforcement = handle;
		return 0;
	}
	embargo_enforcement_close(handle);
	return embargo_pins_refuse(error, diagnostic);
}

void embargo_enforcement_close(struct embargo_enforcement *enforcement)
{
	if (!enforcement)
		return;
	ring_buffer__free(enforcement->ring);
	for (enum embargo_map map = 0; map < EMBARGO_MAP_COUNT; map++)
		if (enforcement->maps[map] >= 0)
			close(enforcement->maps[map]);
	free(enforcement);
}

/* The one value of map @map. */
static int read_value(const struct embargo_enforcement *enforcement, enum embargo_map map,
		      void *value)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(enforcement->maps[map], &key, value) ? -errno : 0;
}

int embargo_enforcement_head(const struct embargo_enforcement *enforcement,
			     struct embargo_generation *head)
{
	struct embargo_generation heads[2];
	__u64 number;
	int error = read_value(enforcement, EMBARGO_MAP_CURRENT, &number);

	if (!error)
		error = read_value(enforcement, EMBARGO_MAP_GENERATIONS, heads);
	if (!error)
		*head = heads[number & 1];
	return error;
}

int embargo_enforcement_counters(const struct embargo_enforcement *enforcement, uint64_t *totals)
{
	struct embargo_counters rows[EMBARGO_COUNTER_CPUS];
	int error = read_value(enforcement, EMBARGO_MAP_COUNTERS, rows);

	_Static_assert(EMBARGO_COUNTER_COUNT <= ARRAY_SIZE(rows->value),
		       "a row holds every counter");
	if (error)
		return error;
	memset(totals, 0, EMBARGO_COUNTER_COUNT * sizeof(*totals));
	for (size_t cpu = 0; cpu < ARRAY_SIZE(rows); cpu++)
		for (size_t i = 0; i < EMBARGO_COUNTER_COUNT; i++)
			totals[i] += rows[cpu].value[i];
	return 0;
}

int embargo_enforcement_notes(const struct embargo_enforcement *enforcement,
			      struct embargo_notes *notes)
{
	return read_value(enforcement, EMBARGO_MAP_NOTES, notes);
}

int embargo_enforcement_clock(const struct embargo_enforcement *enforcement,
			      struct embargo_clock *clock)
{
	return read_value(enforcement, EMBARGO_MAP_CLOCK, clock);
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * EMBARGO_SECOND_NS + time.tv_nsec;
}

int embargo_enforcement_now(const struct embargo_enforcement *enforcement, int64_t *now)
{
	struct embargo_clock clock;
	int64_t wall, floor;
	int error = embargo_enforcement_clock(enforcement, &clock);

	if (error)
		return error;
	wall = read_clock(CLOCK_TAI) - clock.tai_offset;
	floor = clock.base + read_clock(CLOCK_BOOTTIME);
	*now = wall > floor ? wall : floor;
	return 0;
}

int embargo_enforcement_clock_set(struct embargo_enforcement *enforcement,
				  const struct embargo_clock *clock)
{
	__u32 zero = 0;

	return bpf_map_update_elem(enforcement->maps[EMBARGO_MAP_CLOCK], &zero, clock, BPF_ANY)
		       ? -errno
		       : 0;
}

int embargo_enforcement_notes_clear(struct embargo_enforcement *enforcement)
{
	struct embargo_notes none = { .clock_behind = 0 };
	__u32 zero = 0;

	return bpf_map_update_elem(enforcement->maps[EMBARGO_MAP_NOTES], &zero, &none, BPF_ANY)
		       ? -errno
		       : 0;
}

/* What the kernel says one map takes (fdinfo's `memlock`). */
static uint64_t map_bytes(int map)
{
	_cleanup_fclose_ FILE *file = NULL;
	char line[256];
	uint64_t bytes;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", map);
	file = fopen(line, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			return bytes;
	return 0;
}

/* The inner maps of both slots. */
static uint64_t inner_bytes(int outer)
{
	uint64_t bytes = 0;

	for (__u32 slot = 0; slot < 2; slot++) {
		_cleanup_close_ int inner = -1;
		__u32 id;

		if (bpf_map_lookup_elem(outer, &slot, &id))
			continue;
		inner = bpf_map_get_fd_by_id(id);
		if (inner >= 0)
			bytes += map_bytes(inner);
	}
	return bytes;
}

int embargo_enforcement_memory(const struct embargo_enforcement *enforcement, uint64_t *bytes)
{
	*bytes = 0;
	for (enum embargo_map map = 0; map < EMBARGO_MAP_COUNT; map++) {
		*bytes += map_bytes(enforcement->maps[map]);
		if (map < EMBARGO_MAP_TABLES)
			*bytes += inner_bytes(enforcement->maps[map]);
	}
	return 0;
}

static uint64_t program_missed(const char *name)
{
	_cleanup_close_ int program = embargo_pins_open("progs", name);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &size))
		return 0;
	return info.recursion_misses;
}

int embargo_enforcement_hooks(const struct embargo_enforcement *enforcement,
			      int (*each)(void *context, const struct embargo_hook *hook),
			      void *context)
{
	char path[256];
	int result = 0;

	for (size_t i = 0; !result && i < embargo_hook_count; i++) {
		struct embargo_hook hook = { .name = embargo_hook_forms[i].name };

		embargo_pins_path(path, sizeof(path), EMBARGO_PIN_DIR, "links", hook.name);
		hook.attached = !access(path, F_OK);
		hook.missed = enforcement ? program_missed(hook.name) : 0;
		result = each(context, &hook);
	}
	return result;
}
