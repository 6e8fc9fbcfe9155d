// SPDX-License-Identifier: GPL-2.0-or-later
/* An event as a JSON object, key by key from the table of fields. */
#include "loader/event/format_json.h"

#include <stdlib.h>

#include "loader/base/cleanup.h"

static int set_field(json_t *object, const struct embargo_field *field, const char *text)
{
	switch (field->type) {
	case EMBARGO_FIELD_TEXT:
		return embargo_json_set_text(object, field->name, text[0] ? text : NULL);
	case EMBARGO_FIELD_BYTES:
		return embargo_json_set_path(object, field->name, text[0] ? text : NULL);
	case EMBARGO_FIELD_FLAG:
		return embargo_json_set(object, field->name, json_boolean(text[0]));
	case EMBARGO_FIELD_NUMBER:
		if (!text[0])
			return embargo_json_set(object, field->name, json_null());
		return embargo_json_set(object, field->name, json_integer(strtoll(text, NULL, 10)));
	case EMBARGO_FIELD_WAIVER:
		return 0; /* they stand together */
	}
	return 0;
}

static int set_waiver(json_t *object, const struct embargo_event *event)
{
	json_t *waiver;
	int failed;

	if (!event->ticket[0])
		return embargo_json_set(object, "waiver", json_null());
	waiver = json_object();
	failed = embargo_json_set_text(waiver, "ticket", event->ticket);
	failed |= embargo_json_set_time(waiver, "until", event->waived_until);
	return embargo_json_set(object, "waiver", waiver) | failed;
}

json_t *embargo_format_json(const struct embargo_event *event,
			    const struct embargo_event_findings *findings)
{
	_cleanup_json_ json_t *object = json_object();
	char text[EMBARGO_EVENT_FIELD_TEXT];

	if (!object)
		return NULL;
	for (size_t i = 0; embargo_event_fields[i].name; i++) {
		embargo_event_field_get(event, i, text);
		if (set_field(object, &embargo_event_fields[i], text))
			return NULL;
	}
	if (findings->identity[0] && !(event->flags & EMBARGO_EVENT_SIGNER) &&
	    embargo_json_set_text(object, "identity", findings->identity))
		return NULL;
	if (set_waiver(object, event) ||
	    embargo_json_set_path(object, "cgroup", findings->cgroup) ||
	    embargo_json_set_text(object, "reason", embargo_event_digest_reason(event, text)))
		return NULL;
	return TAKE_PTR(object);
}
