// SPDX-License-Identifier: GPL-2.0-or-later
/* The guard's view as text and as JSON. */
#include "loader/status/guard.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "loader/base/utf8.h"
#include "loader/model/names.h"
#include "loader/model/time.h"

bool embargo_guard_is_closed(const struct embargo_guard_view *view)
{
	return view->mode != EMBARGO_GUARD_OFF && !view->is_open;
}

int64_t embargo_guard_closes_at(const struct embargo_guard_view *view)
{
	struct timespec wall, since;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &since);
	return (wall.tv_sec - since.tv_sec) * EMBARGO_SECOND_NS + wall.tv_nsec - since.tv_nsec +
	       (int64_t)view->open_until;
}

/* A process calls itself what it likes. */
static void print_refusal(FILE *out, const char *what, const struct embargo_guard_refusal *refusal)
{
	char comm[sizeof(refusal->comm) + 1] = "";

	memcpy(comm, refusal->comm, sizeof(refusal->comm));
	fprintf(out, "%" PRIu64 " times refused: %s; last to process %u (%s) of user %u\n",
		(uint64_t)refusal->count, what, refusal->pid,
		embargo_utf8_printable(comm, comm, sizeof(comm)), refusal->uid);
}

void embargo_guard_print(const struct embargo_guard_view *view, const char *label, int indent,
			 FILE *out)
{
	char time[EMBARGO_TIME_TEXT];

	fputs(label, out);
	if (view->is_open)
		fprintf(out, "open until %s, by token %.*s\n",
			embargo_time_format(embargo_guard_closes_at(view), time, sizeof(time)),
			(int)sizeof(view->ticket), view->ticket);
	else
		fprintf(out, "%s\n", embargo_guard_mode_name(view->mode));
	for (size_t i = 0; i < EMBARGO_GUARD_REFUSED_COUNT; i++) {
		if (!view->refusals[i].count)
			continue;
		fprintf(out, "%*s", indent, "");
		print_refusal(out, embargo_guard_refused_name(i), &view->refusals[i]);
	}
}

json_t *embargo_guard_to_json(const struct embargo_guard_view *view)
{
	json_t *object = json_object(), *refused = json_object();

	embargo_json_set_text(object, "mode", embargo_guard_mode_name(view->mode));
	if (view->is_open)
		embargo_json_set_time(object, "open_until", embargo_guard_closes_at(view));
	else
		embargo_json_set(object, "open_until", json_null());
	embargo_json_set_text(object, "ticket", view->is_open ? view->ticket : NULL);
	for (size_t i = 0; i < EMBARGO_GUARD_REFUSED_COUNT; i++)
		if (view->refusals[i].count)
			embargo_json_set_number(refused, embargo_guard_refused_name(i),
						view->refusals[i].count);
	embargo_json_set(object, "refused", refused);
	return object;
}
