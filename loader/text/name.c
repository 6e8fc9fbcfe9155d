// SPDX-License-Identifier: GPL-2.0-or-later
/* Folding names, by utf8proc: the Unicode tables are its own. */
#include "loader/text/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "loader/base/cleanup.h"

/* More than any name that is kept: compatibility forms grow up to eighteenfold. */
#define FOLDED_SIZE 20480

static bool is_separator(utf8proc_int32_t code)
{
	switch (utf8proc_category(code)) {
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
		return true;
	default:
		return false;
	}
}

/* Writes @text to @folded with one space for each run of what is no word. */
static int squeeze(const utf8proc_uint8_t *text, char *folded, size_t size)
{
	utf8proc_int32_t code;
	utf8proc_ssize_t used;
	size_t length = 0;
	bool gap = false;

	for (; *text; text += used) {
		used = utf8proc_iterate(text, -1, &code);
		if (used <= 0)
			return -EBADMSG;
		if (is_separator(code)) {
			gap = length > 0;
			continue;
		}
		if (length + gap + (size_t)used >= size)
			return -E2BIG;
		if (gap)
			folded[length++] = ' ';
		gap = false;
		memcpy(folded + length, text, (size_t)used);
		length += (size_t)used;
	}
	if (!length)
		return -ENODATA;
	folded[length] = '\0';
	return (int)length;
}

int embargo_name_fold(const char *name, size_t length, char *folded, size_t size)
{
	static const utf8proc_option_t form = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
					      UTF8PROC_CASEFOLD | UTF8PROC_IGNORE |
					      UTF8PROC_REJECTNA;
	_cleanup_free_
	utf8proc_uint8_t *mapped = NULL;
	utf8proc_ssize_t result;

	if (memchr(name, '\0', length))
		return -EBADMSG;
	result = utf8proc_map((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)length, &mapped,
			      form);
	if (result == UTF8PROC_ERROR_NOMEM)
		return -ENOMEM;
	if (result < 0)
		return -EBADMSG;
	return squeeze(mapped, folded, size);
}

bool embargo_name_equal(const char *left, const char *right)
{
	char folded[2][FOLDED_SIZE];

	return embargo_name_fold(left, strlen(left), folded[0], FOLDED_SIZE) > 0 &&
	       embargo_name_fold(right, strlen(right), folded[1], FOLDED_SIZE) > 0 &&
	       !strcmp(folded[0], folded[1]);
}
