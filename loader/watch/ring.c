// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring of sightings as a source of events. */
#include "loader/watch/ring.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/sightings.h"

struct embargo_ring {
	struct embargo_sightings *sightings;
	sd_event_source *source;
	int (*each)(void *context, const struct embargo_sighting *sighting);
	void *context;
	uint64_t lost; /* of these all files were told again */
};

static int on_ring(sd_event_source *source, int fd, uint32_t events, void *context)
{
	const struct embargo_ring *ring = context;

	(void)source;
	(void)fd;
	(void)events;
	embargo_sightings_read(ring->sightings, ring->each, ring->context);
	return 0;
}

static int begin(struct embargo_ring *ring, sd_event *event)
{
	int error = embargo_sightings_open(&ring->sightings);

	if (!error)
		error = sd_event_add_io(event, &ring->source, embargo_sightings_fd(ring->sightings),
					EPOLLIN, on_ring, ring);
	if (error >= 0)
		error = embargo_sightings_lost(ring->sightings, &ring->lost);
	return error < 0 ? error : embargo_sightings_forget(ring->sightings);
}

int embargo_ring_open(sd_event *event,
		      int (*each)(void *context, const struct embargo_sighting *sighting),
		      void *context, struct embargo_ring **ring)
{
	struct embargo_ring *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->each = each;
	made->context = context;
	error = begin(made, event);
	if (error)
		embargo_ring_close(made);
	else
		*ring = made;
	return error;
}

void embargo_ring_close(struct embargo_ring *ring)
{
	if (!ring)
		return;
	sd_event_source_disable_unref(ring->source);
	embargo_sightings_close(ring->sightings);
	free(ring);
}

int embargo_ring_make_up(struct embargo_ring *ring)
{
	uint64_t lost;
	int error = embargo_sightings_lost(ring->sightings, &lost);

	if (error || lost == ring->lost)
		return error;
	error = embargo_sightings_forget(ring->sightings);
	if (error)
		return error;
	ring->lost = lost;
	return 1;
}
