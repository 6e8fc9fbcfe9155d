// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading JSON: strictly, and without a look at anything else. */
#include "loader/json/read.h"

#include <errno.h>
#include <string.h>

#include "loader/base/file.h"

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

struct reading {
	int fd;
	uint64_t offset;
	int error;
};

static size_t read_part(void *buffer, size_t size, void *context)
{
	struct reading *reading = context;
	ssize_t got = embargo_file_pread(reading->fd, buffer, size, reading->offset);

	if (got < 0) {
		reading->error = (int)got;
		return (size_t)-1;
	}
	reading->offset += (uint64_t)got;
	return (size_t)got;
}

static const char *remedy(enum json_error_code code)
{
	switch (code) {
	case json_error_premature_end_of_input:
		return "it was cut off: fetch it again";
	case json_error_duplicate_key:
		return "two readers could understand it in two ways: have it written anew";
	case json_error_out_of_memory:
		return "have it divided";
	case json_error_stack_overflow:
		return "nothing of this sort is nested so deeply: is it the file that you mean?";
	default:
		return "is it JSON, in UTF-8, and whole?";
	}
}

int embargo_json_read_file(int fd, json_t **value, struct embargo_diagnostic *diagnostic)
{
	struct reading reading = { .fd = fd };
	enum json_error_code code;
	json_error_t error;
	json_t *read;

	/* No JSON_DISABLE_EOF_CHECK: what follows the value is not left unread. */
	read = json_load_callback(read_part, &reading, JSON_REJECT_DUPLICATES, &error);
	if (read) {
		*value = read;
		return 0;
	}
	/* Where memory ends within a value, jansson says nothing. */
	code = error.text[0] ? json_error_code(&error) : json_error_out_of_memory;
	if (reading.error) {
		embargo_diagnostic_remedy(diagnostic, "look after the disk");
		return embargo_diagnostic_what(diagnostic, reading.error, "cannot be read: %s",
					       strerror(-reading.error));
	}
	diagnostic->line = error.line > 0 ? (unsigned int)error.line : 0;
	diagnostic->column = error.column > 0 ? (unsigned int)error.column : 0;
	embargo_diagnostic_remedy(diagnostic, "%s", remedy(code));
	if (code == json_error_out_of_memory)
		return embargo_diagnostic_what(diagnostic, -ENOMEM,
					       "takes more memory than is given to it");
	return embargo_diagnostic_what(diagnostic, -EINVAL, "is not the JSON that it should be: %s",
				       error.text);
}

const char *embargo_json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}
