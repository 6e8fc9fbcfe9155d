// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking sightings out of their ring buffer, and having the kernel half forget what it saw. */
#include "loader/kernel/sightings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/event/event.h"
#include "loader/kernel/pins.h"

struct embargo_sightings {
	int records;
	int key;
	int counters;
	struct ring_buffer *ring;
	int (*each)(void *context, const struct embargo_sighting *sighting);
	void *context;
};

/* A record that is not what the kernel half writes is passed over. */
static int take(void *context, void *data, size_t size)
{
	struct embargo_sightings *sightings = context;
	const struct embargo_sighting *sighting;

	if (embargo_sighting_check(data, size, &sighting))
		return 0;
	return sightings->each(sightings->context, sighting);
}

static int open_ring(struct embargo_sightings *sightings)
{
	sightings->records = embargo_pins_open("maps", "sightings");
	sightings->key = embargo_pins_open("maps", "sight_key");
	sightings->counters = embargo_pins_open("maps", "counters");
	if (sightings->records < 0)
		return sightings->records;
	if (sightings->key < 0)
		return sightings->key;
	if (sightings->counters < 0)
		return sightings->counters;
	sightings->ring = ring_buffer__new(sightings->records, take, sightings, NULL);
	return sightings->ring ? 0 : -errno;
}

int embargo_sightings_open(struct embargo_sightings **sightings)
{
	struct embargo_sightings *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	error = open_ring(made);
	if (error)
		embargo_sightings_close(made);
	else
		*sightings = made;
	return error;
}

void embargo_sightings_close(struct embargo_sightings *sightings)
{
	if (!sightings)
		return;
	ring_buffer__free(sightings->ring);
	if (sightings->records >= 0)
		close(sightings->records);
	if (sightings->key >= 0)
		close(sightings->key);
	if (sightings->counters >= 0)
		close(sightings->counters);
	free(sightings);
}

int embargo_sightings_fd(const struct embargo_sightings *sightings)
{
	return ring_buffer__epoll_fd(sightings->ring);
}

int embargo_sightings_read(struct embargo_sightings *sightings,
			   int (*each)(void *context, const struct embargo_sighting *sighting),
			   void *context)
{
	sightings->each = each;
	sightings->context = context;
	return ring_buffer__consume(sightings->ring);
}

int embargo_sightings_lost(const struct embargo_sightings *sightings, uint64_t *lost)
{
	struct embargo_counters rows[EMBARGO_COUNTER_CPUS];
	__u32 zero = 0;

	if (bpf_map_lookup_elem(sightings->counters, &zero, rows))
		return -errno;
	*lost = 0;
	for (size_t cpu = 0; cpu < EMBARGO_COUNTER_CPUS; cpu++)
		*lost += rows[cpu].value[EMBARGO_COUNTER_LOST_SIGHTINGS];
	return 0;
}

int embargo_sightings_begin(int map, __u32 classifies)
{
	__u32 zero = 0;
	__u64 key = 0;

	if (classifies & (EMBARGO_SCOPES_EXEC | EMBARGO_SCOPE_MAP_EXEC)) {
		ssize_t got = getrandom(&key, sizeof(key), 0);

		if (got < 0)
			return -errno;
		key |= 1; /* 0 is none */
	}
	return bpf_map_update_elem(map, &zero, &key, BPF_ANY) ? -errno : 0;
}

int embargo_sightings_forget(struct embargo_sightings *sightings)
{
	__u32 zero = 0;
	__u64 key;

	if (bpf_map_lookup_elem(sightings->key, &zero, &key))
		return -errno;
	return key ? embargo_sightings_begin(sightings->key, EMBARGO_SCOPES_EXEC) : 0;
}
