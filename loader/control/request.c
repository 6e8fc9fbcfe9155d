// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests: the table of verbs, from bytes and to bytes. */
#include "loader/control/request.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"

static const char magic[4] = { 'E', 'M', 'B', 'C' };

const struct embargo_control_terms embargo_control_terms[] = {
	[EMBARGO_CONTROL_UNKNOWN] = { .name = NULL },
	[EMBARGO_CONTROL_STATUS] = { .name = "status", .argument_end = 3 },
	[EMBARGO_CONTROL_RELOAD] = { .name = "reload", .is_roots = true, .argument_end = 1 },
	[EMBARGO_CONTROL_UNLOCK] = { .name = "unlock",
				     .is_roots = true,
				     .argument_end = 1,
				     .file_most = EMBARGO_CONTROL_TOKEN },
};
_Static_assert(ARRAY_SIZE(embargo_control_terms) == EMBARGO_CONTROL_VERBS, "each has its terms");

int embargo_control_request_read(const void *bytes, size_t size, size_t descriptors,
				 struct embargo_control_request *request)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);
	const struct embargo_control_terms *terms;
	uint32_t version, verb, argument;

	if (size != EMBARGO_CONTROL_REQUEST_SIZE ||
	    !embargo_cursor_starts(&cursor, magic, sizeof(magic)))
		return -EPROTO;
	embargo_cursor_seek(&cursor, sizeof(magic));
	version = embargo_cursor_u32(&cursor);
	verb = embargo_cursor_u32(&cursor);
	argument = embargo_cursor_u32(&cursor);
	if (version != EMBARGO_CONTROL_VERSION)
		return -EPROTONOSUPPORT;
	if (verb == EMBARGO_CONTROL_UNKNOWN || verb >= EMBARGO_CONTROL_VERBS)
		return -EOPNOTSUPP;
	terms = &embargo_control_terms[verb];
	if (argument >= terms->argument_end)
		return -EINVAL;
	if (descriptors != (terms->file_most ? 1 : 0))
		return -EBADMSG;
	*request = (struct embargo_control_request) { (enum embargo_control_verb)verb, argument };
	return 0;
}

static void put(uint8_t *bytes, uint32_t number)
{
	for (size_t i = 0; i < sizeof(number); i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
}

void embargo_control_request_write(const struct embargo_control_request *request,
				   uint8_t bytes[static EMBARGO_CONTROL_REQUEST_SIZE])
{
	memcpy(bytes, magic, sizeof(magic));
	put(bytes + 4, EMBARGO_CONTROL_VERSION);
	put(bytes + 8, request->verb);
	put(bytes + 12, request->argument);
}
