// SPDX-License-Identifier: GPL-2.0-or-later
/* Output as JSON. */
#include "loader/json/json.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/base/utf8.h"
#include "loader/model/time.h"

int embargo_json_set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) ? -ENOMEM : 0;
}

int embargo_json_set_text(json_t *object, const char *key, const char *text)
{
	_cleanup_free_
	char *repaired = NULL;

	if (!text)
		return embargo_json_set(object, key, json_null());
	repaired = embargo_utf8_repair(text);
	return repaired ? embargo_json_set(object, key, json_string(repaired)) : -ENOMEM;
}

int embargo_json_set_path(json_t *object, const char *key, const char *path)
{
	char beside[64];

	if (path && !embargo_utf8_is_valid(path)) {
		snprintf(beside, sizeof(beside), "%s_hex", key);
		if (embargo_json_set_hex(object, beside, path, strlen(path)))
			return -ENOMEM;
	}
	return embargo_json_set_text(object, key, path);
}

int embargo_json_set_time(json_t *object, const char *key, int64_t ns)
{
	char text[EMBARGO_TIME_TEXT];

	return embargo_json_set_text(object, key, embargo_time_format(ns, text, sizeof(text)));
}

int embargo_json_set_hex(json_t *object, const char *key, const void *bytes, size_t size)
{
	_cleanup_free_
	char *text = malloc(EMBARGO_HEX_SIZE(size));

	if (!text)
		return -ENOMEM;
	return embargo_json_set_text(object, key, embargo_hex_format(bytes, size, text));
}

int embargo_json_set_number(json_t *object, const char *key, uint64_t number)
{
	return embargo_json_set(object, key, json_integer((json_int_t)number));
}

static int print(const json_t *value, FILE *out, size_t flags)
{
	if (json_dumpf(value, out, flags | JSON_ENCODE_ANY) || fputc('\n', out) == EOF)
		return -EIO;
	return 0;
}

int embargo_json_print(const json_t *value, FILE *out)
{
	return print(value, out, JSON_INDENT(2));
}

int embargo_json_print_line(const json_t *value, FILE *out)
{
	return print(value, out, JSON_COMPACT);
}
