/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules name, in the words of output; and what their lists hold, in numbers. */
#ifndef EMBARGO_POLICY_WORDS_H
#define EMBARGO_POLICY_WORDS_H

#include "loader/policy/policy.h"

/* A path of 4,095 bytes is the longest value. */
#define EMBARGO_PATTERN_TEXT 4352

/* "/opt/acme/", "cn=...", a digest: into @text (EMBARGO_PATTERN_TEXT bytes); returns the value. */
const char *embargo_pattern_value(const struct embargo_pattern *pattern,
				  char text[static EMBARGO_PATTERN_TEXT]);

struct embargo_list_count {
	size_t digests;
	size_t sized; /* of them with a size */
};

/* Reads @list to its end. Errors: as embargo_list_read(). */
int embargo_list_count(const struct embargo_policy *policy, const struct embargo_list *list,
		       struct embargo_list_count *count, struct embargo_diagnostic *diagnostic);

#endif
