// SPDX-License-Identifier: GPL-2.0-or-later
/* The next date: read from the tables that are in force, not from what lies on disk. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/handle.h"

/* Steps that change nothing (a merged timeline has some) are no dates that anybody waits for. */
static void consider(const struct embargo_timeline *timeline, int64_t now,
		     struct embargo_step *next)
{
	for (__u32 i = 0; i < timeline->count && i < EMBARGO_TIMELINE_STEPS; i++) {
		const struct embargo_step *step = &timeline->steps[i];

		if (step->at <= now || (i && step->action == timeline->steps[i - 1].action))
			continue;
		if (step->at < next->at || (step->at == next->at && step->action > next->action))
			*next = *step;
		return;
	}
}

/* The table @map of the generation in force; the caller closes it. */
static int open_table(const struct embargo_enforcement *enforcement, enum embargo_map map)
{
	struct embargo_generation head;
	__u32 slot, id;
	int error = embargo_enforcement_head(enforcement, &head), inner;

	if (error)
		return error;
	slot = head.number & 1;
	if (bpf_map_lookup_elem(enforcement->maps[map], &slot, &id))
		return -errno;
	inner = bpf_map_get_fd_by_id(id);
	return inner < 0 ? -errno : inner;
}

int embargo_enforcement_next(const struct embargo_enforcement *enforcement, int64_t now,
			     struct embargo_step *next)
{
	struct embargo_step found = { .at = INT64_MAX };
	struct embargo_timeline timeline;
	_cleanup_close_ int inner = open_table(enforcement, EMBARGO_MAP_TIMELINES);

	if (inner < 0)
		return inner;
	for (__u32 i = 0; !bpf_map_lookup_elem(inner, &i, &timeline); i++)
		consider(&timeline, now, &found);
	*next = found;
	return 0;
}

int embargo_enforcement_next_waiver(const struct embargo_enforcement *enforcement, int64_t now,
				    struct embargo_permit *next)
{
	struct embargo_permit found = { .until = INT64_MAX }, permit;
	_cleanup_close_ int inner = open_table(enforcement, EMBARGO_MAP_WAIVERS);

	if (inner < 0)
		return inner;
	for (__u32 i = 1; !bpf_map_lookup_elem(inner, &i, &permit); i++)
		if (permit.until > now && permit.until < found.until)
			found = permit;
	*next = found;
	return 0;
}
