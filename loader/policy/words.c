// SPDX-License-Identifier: GPL-2.0-or-later
/* What rules name, in the words of output; and what their lists hold, in numbers. */
#include "loader/policy/words.h"

#include "loader/base/hex.h"
#include "loader/policy/list.h"

const char *embargo_pattern_value(const struct embargo_pattern *pattern,
				  char text[static EMBARGO_PATTERN_TEXT])
{
	switch (pattern->identity.kind) {
	case EMBARGO_IDENTITY_SHA256:
		return embargo_hex_format(pattern->digest.bytes, EMBARGO_SHA256_SIZE, text);
	case EMBARGO_IDENTITY_PATH:
		return pattern->path;
	case EMBARGO_IDENTITY_MEMORY:
		return "kexec";
	default:
		return embargo_identity_format(&pattern->identity, text, EMBARGO_PATTERN_TEXT);
	}
}

static int count_entry(void *context, const struct embargo_list_entry *entry)
{
	struct embargo_list_count *count = context;

	count->digests++;
	count->sized += entry->sized;
	return 0;
}

int embargo_list_count(const struct embargo_policy *policy, const struct embargo_list *list,
		       struct embargo_list_count *count, struct embargo_diagnostic *diagnostic)
{
	struct embargo_list_count counted = { 0 };
	int error = embargo_list_read(policy, list, count_entry, &counted, diagnostic);

	if (!error)
		*count = counted;
	return error;
}
