// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading JSON: strictly, and without a look at anything else. */
#include "loader/json/read.h"

json_t *embargo_json_read_object(const char *bytes, size_t size)
{
	json_t *value;

	/*
	 * Else the first object opens /dev/urandom, which a process without privileges may not.
	 * What somebody gains who provokes collisions is bounded by the size of the text.
	 */
	json_object_seed(1);
	value = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(value)) {
		json_decref(value);
		return NULL;
	}
	return value;
}

const char *embargo_json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}
