/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies as one page for people who audit them: to be read by anyone, and printed. */
#ifndef EMBARGO_RENDER_PAGE_H
#define EMBARGO_RENDER_PAGE_H

#include <stdio.h>

#include "loader/policy/policy.h"

/*
 * Writes @set as HTML that stands alone: nothing of it is fetched, nothing runs. Dates are told as
 * seen at @now. Digest lists are read. Errors: as embargo_list_read(), told in @diagnostic, or
 * -ENOMEM; what was written then is no page. Errors of @out are the caller's to look for.
 */
int embargo_page_write(FILE *out, const struct embargo_policy_set *set, int64_t now,
		       struct embargo_diagnostic *diagnostic);

/* Its parts, for each policy: what happens when, what each rule names, and what is
 * let through all the same. Nothing where a policy has none of them. */
int embargo_page_dates(FILE *out, const struct embargo_policy *policy, int64_t now,
		       struct embargo_diagnostic *diagnostic);
int embargo_page_rules(FILE *out, const struct embargo_policy *policy,
		       struct embargo_diagnostic *diagnostic);

int embargo_page_waivers(FILE *out, const struct embargo_policy *policy, int64_t now);

/* "2024-09-29T04:00:00Z", as a time element. */
void embargo_page_time(FILE *out, int64_t ns);

/* The comment above @mark, if there is one. Errors: -ENOMEM. */
int embargo_page_comment(FILE *out, const struct embargo_policy *policy, struct embargo_mark mark);

#endif
