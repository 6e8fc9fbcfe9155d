// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes of a policy: a bounded read and the check that they are text. */
#include "loader/policy/source.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/utf8.h"
#include "loader/policy/policy.h"

static const char *remedy_of(int error)
{
	switch (error) {
	case -ENOENT:
		return "correct the path, or put the file there";
	case -EACCES:
		return "let this user read it, or run as root";
	case -EISDIR:
	case -EINVAL:
		return "name a regular file";
	case -EFBIG:
		return "keep digests in lists of their own, and divide the policy";
	default:
		return "";
	}
}

int embargo_source_refuse(const char *file, int error, struct embargo_diagnostic *diagnostic)
{
	embargo_diagnostic_at(diagnostic, file, 0, 0);
	embargo_diagnostic_remedy(diagnostic, "%s", remedy_of(error));
	if (error == -EFBIG)
		return embargo_diagnostic_what(diagnostic, error, "holds more than %d bytes",
					       EMBARGO_POLICY_BYTES);
	return embargo_diagnostic_what(diagnostic, error, "%s", embargo_file_error(error));
}

/* On a terminal, each of these writes what the file does not say. */
static const char *forbidden(const unsigned char *bytes, size_t length)
{
	if (!bytes[0])
		return "a NUL byte";
	if (bytes[0] < 0x20 || bytes[0] == 0x7f ||
	    (length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0))
		return "a control character";
	if (length == 3 && bytes[0] == 0xe2 &&
	    ((bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae) ||
	     (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9)))
		return "a character that turns the direction of text";
	return NULL;
}

const char *embargo_source_forbidden(const char *text, size_t left, size_t *used)
{
	size_t length = embargo_utf8_length(text, left);

	*used = length ? length : 1;
	return length ? forbidden((const unsigned char *)text, length) : "a byte that is not UTF-8";
}

int embargo_source_check(const char *file, const char *text, size_t length,
			 struct embargo_diagnostic *diagnostic)
{
	unsigned int line = 1, column = 1;
	size_t used;

	for (size_t at = 0; at < length; at += used) {
		const char *what = embargo_source_forbidden(text + at, length - at, &used);

		if (what && !strchr("\t\r\n", text[at] ? text[at] : 1)) {
			embargo_diagnostic_at(diagnostic, file, line, column);
			embargo_diagnostic_remedy(diagnostic, "write the file as plain UTF-8 text");
			return embargo_diagnostic_what(diagnostic, -EINVAL, "%s (0x%02x)", what,
						       (unsigned char)text[at]);
		}
		column++;
		if (text[at] == '\n') {
			line++;
			column = 1;
		}
	}
	return 0;
}

int embargo_source_bytes(const char *file, char **bytes, size_t *length,
			 struct embargo_diagnostic *diagnostic)
{
	int error = embargo_file_read(file, EMBARGO_POLICY_BYTES, bytes, length);

	return error ? embargo_source_refuse(file, error, diagnostic) : 0;
}

int embargo_source_read(const char *file, char **text, size_t *length,
			struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	char *bytes = NULL;
	size_t size;
	int error;

	error = embargo_source_bytes(file, &bytes, &size, diagnostic);
	if (!error)
		error = embargo_source_check(file, bytes, size, diagnostic);
	if (error)
		return error;
	*text = TAKE_PTR(bytes);
	*length = size;
	return 0;
}
