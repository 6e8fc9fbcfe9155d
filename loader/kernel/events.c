// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking events out of the ring buffer, and counts out of the map of repetitions. */
#include <errno.h>
#include <time.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/handle.h"

static int take(void *context, void *data, size_t size)
{
	struct embargo_enforcement *enforcement = context;

	return enforcement->each(enforcement->context, data, size);
}

static int make_ring(struct embargo_enforcement *enforcement)
{
	if (enforcement->ring)
		return 0;
	enforcement->ring =
		ring_buffer__new(enforcement->maps[EMBARGO_MAP_EVENTS], take, enforcement, NULL);
	return enforcement->ring ? 0 : -errno;
}

int embargo_enforcement_events_fd(struct embargo_enforcement *enforcement)
{
	int error = make_ring(enforcement);

	return error ? error : ring_buffer__epoll_fd(enforcement->ring);
}

int embargo_enforcement_events_read(struct embargo_enforcement *enforcement,
				    embargo_event_reader each, void *context)
{
	int error = make_ring(enforcement);

	if (error)
		return error;
	enforcement->each = each;
	enforcement->context = context;
	return ring_buffer__consume(enforcement->ring);
}

/* What stands at @index in the table @map of generation @number, while that is still there. */
static int find(const struct embargo_enforcement *enforcement, enum embargo_map map, __u64 number,
		__u32 index, void *value)
{
	_cleanup_close_ int inner = -1;
	struct embargo_generation head;
	__u32 slot = number & 1, id;

	if (embargo_enforcement_head(enforcement, &head) || head.number != number)
		return -ENOENT;
	if (bpf_map_lookup_elem(enforcement->maps[map], &slot, &id))
		return -errno;
	inner = bpf_map_get_fd_by_id(id);
	if (inner < 0)
		return -errno;
	return bpf_map_lookup_elem(inner, &index, value) ? -errno : 0;
}

static uint64_t boot_time(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/*
 * An entry that is told is deleted, not zeroed: then the kernel half sends the next such event at
 * once. What it counts in between the look and the deletion is lost to the count, never to the
 * verdict.
 */
static int tell(struct embargo_enforcement *enforcement, const struct embargo_recent_key *key,
		const struct embargo_recent *recent, embargo_recent_reader each, void *context)
{
	struct embargo_reason reason;
	struct embargo_permit permit;
	int unnamed, unwaived = -ENOENT;

	bpf_map_delete_elem(enforcement->maps[EMBARGO_MAP_RECENT], key);
	if (!recent->count)
		return 0;
	unnamed = find(enforcement, EMBARGO_MAP_REASONS, key->generation, key->reason, &reason);
	if (key->waiver)
		unwaived = find(enforcement, EMBARGO_MAP_WAIVERS, key->generation, key->waiver,
				&permit);
	return each(context, key, unnamed ? NULL : &reason, unwaived ? NULL : &permit,
		    recent->count);
}

int embargo_enforcement_recent_read(struct embargo_enforcement *enforcement, bool all,
				    embargo_recent_reader each, void *context)
{
	int map = enforcement->maps[EMBARGO_MAP_RECENT], result = 0;
	struct embargo_recent_key key, next;
	uint64_t now = boot_time();
	struct embargo_recent recent;
	int more = bpf_map_get_next_key(map, NULL, &next);

	for (int i = 0; !more && !result && i < EMBARGO_COALESCE_MAX; i++) {
		key = next;
		more = bpf_map_get_next_key(map, &key, &next);
		if (bpf_map_lookup_elem(map, &key, &recent))
			continue;
		if ((all && recent.count) || now - recent.last >= EMBARGO_COALESCE_NS)
			result = tell(enforcement, &key, &recent, each, context);
	}
	return result;
}
