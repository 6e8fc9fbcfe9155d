// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: the check at the door, and room for one. */
#include "loader/event/event.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool ends(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static bool reason_ends(const struct embargo_reason *reason)
{
	return ends(reason->policy, sizeof(reason->policy)) &&
	       ends(reason->rule, sizeof(reason->rule)) &&
	       ends(reason->vendor, sizeof(reason->vendor)) &&
	       ends(reason->authority, sizeof(reason->authority)) &&
	       ends(reason->cite, sizeof(reason->cite));
}

int embargo_event_check(const void *data, size_t size, const struct embargo_event **event)
{
	const struct embargo_event *candidate = data;
	size_t room;

	if (size <= sizeof(*candidate) || (uintptr_t)data % _Alignof(struct embargo_event))
		return -EBADMSG;
	room = size - sizeof(*candidate);
	if (candidate->path_length >= room || candidate->path_length >= EMBARGO_PATH_LONG)
		return -EBADMSG;
	if (strnlen(candidate->path, room) != candidate->path_length)
		return -EBADMSG;
	if (!candidate->operation || candidate->operation >= EMBARGO_OPERATION_COUNT ||
	    !candidate->verdict || candidate->verdict >= EMBARGO_VERDICT_COUNT ||
	    !candidate->action || candidate->action >= EMBARGO_ACTION_COUNT || !candidate->count)
		return -EBADMSG;
	if (!ends(candidate->comm, sizeof(candidate->comm)) || !reason_ends(&candidate->reason) ||
	    !ends(candidate->ticket, sizeof(candidate->ticket)))
		return -EBADMSG;
	*event = candidate;
	return 0;
}

int embargo_sighting_check(const void *data, size_t size, const struct embargo_sighting **sighting)
{
	const struct embargo_sighting *candidate = data;
	size_t room;

	if (size <= sizeof(*candidate) || (uintptr_t)data % _Alignof(struct embargo_sighting))
		return -EBADMSG;
	room = size - sizeof(*candidate);
	if (candidate->path_length >= room ||
	    strnlen(candidate->path, room) != candidate->path_length)
		return -EBADMSG;
	*sighting = candidate;
	return 0;
}

struct embargo_event *embargo_event_new(void)
{
	return calloc(1, sizeof(struct embargo_event) + EMBARGO_PATH_LONG);
}
