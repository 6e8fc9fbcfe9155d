// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of files by their first bytes. */
#include "loader/identity/kind.h"

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"

static const struct {
	const char *bytes;
	size_t size;
	enum embargo_kind kind;
} magics[] = {
	{ "\177ELF", 4, EMBARGO_KIND_ELF },
	{ "MZ", 2, EMBARGO_KIND_PE },
	{ "#!", 2, EMBARGO_KIND_SCRIPT },
	{ "!<arch>\ndebian-binary", 21, EMBARGO_KIND_PACKAGE },
	{ "\xed\xab\xee\xdb", 4, EMBARGO_KIND_PACKAGE }, /* the lead of an RPM */
};

enum embargo_kind embargo_kind_detect(const void *head, size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(head, size);

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (embargo_cursor_starts(&cursor, magics[i].bytes, magics[i].size))
			return magics[i].kind;
	return EMBARGO_KIND_UNKNOWN;
}

enum embargo_scope embargo_kind_exec_scope(const void *head, size_t size)
{
	switch (embargo_kind_detect(head, size)) {
	case EMBARGO_KIND_ELF:
		return EMBARGO_SCOPE_EXEC_ELF;
	case EMBARGO_KIND_PE:
		return EMBARGO_SCOPE_EXEC_PE;
	case EMBARGO_KIND_SCRIPT:
		return EMBARGO_SCOPE_EXEC_SCRIPT;
	default:
		return EMBARGO_SCOPE_EXEC_OTHER;
	}
}
