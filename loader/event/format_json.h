/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as programs read them. */
#ifndef EMBARGO_EVENT_FORMAT_JSON_H
#define EMBARGO_EVENT_FORMAT_JSON_H

#include "loader/event/event.h"
#include "loader/json/json.h"

/*
 * @event as an object with a key for each field; what was found out is told with
 * it, as @findings->identity where the record names no signer. Text that is none is null, as is a
 * login uid that was never set. NULL: no memory. The caller's to json_decref().
 */
json_t *embargo_format_json(const struct embargo_event *event,
			    const struct embargo_event_findings *findings);

#endif
