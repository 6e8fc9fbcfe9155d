// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: what is let through for a while, by whose word. */
#include <errno.h>

#include "loader/policy/words.h"
#include "loader/render/html.h"
#include "loader/render/page.h"

static void write_whose(FILE *out, const struct embargo_waives *waives)
{
	if (waives->any)
		fputs("<p>They count against the rules of any policy, where this one is signed or "
		      "the "
		      "host asks for no signatures.</p>\n",
		      out);
	if (!waives->count)
		return;
	fputs("<p>They count against the rules of these policies: ", out);
	for (size_t i = 0; i < waives->count; i++) {
		fputs(i ? ", " : "", out);
		embargo_html_text(out, waives->policies[i]);
	}
	fputs(".</p>\n", out);
}

static int write_waiver(FILE *out, const struct embargo_policy *policy,
			const struct embargo_waiver *waiver, int64_t now)
{
	char text[EMBARGO_PATTERN_TEXT];
	int error;

	fputs("<tr>", out);
	embargo_html_element(out, "th", " scope=\"row\"", waiver->ticket);
	fprintf(out, "<td>%s <code>", embargo_identity_kind_name(waiver->identity.identity.kind));
	embargo_html_text(out, embargo_pattern_value(&waiver->identity, text));
	fputs("</code></td><td>", out);
	if (waiver->from.set)
		embargo_page_time(out, waiver->from.ns);
	fputs("</td><td>", out);
	embargo_page_time(out, waiver->until);
	if (waiver->until <= now)
		fputs(" <span class=\"warning\">over</span>", out);
	fputs("</td>", out);
	embargo_html_element(out, "td", NULL, waiver->reason);
	embargo_html_element(out, "td", NULL, waiver->by);
	fputs("<td>", out);
	error = embargo_page_comment(out, policy, waiver->mark);
	fputs("</td></tr>\n", out);
	return error;
}

int embargo_page_waivers(FILE *out, const struct embargo_policy *policy, int64_t now)
{
	int error = 0;

	if (!policy->waiver_count)
		return 0;
	fputs("<h3>Waivers</h3>\n", out);
	write_whose(out, &policy->waives);
	fputs("<div class=\"wide\"><table>\n<caption>What is let through, and "
	      "reported</caption>\n<thead><tr><th scope=\"col\">Ticket</th><th "
	      "scope=\"col\">What</th><th scope=\"col\">From</th><th scope=\"col\">Until</th><th "
	      "scope=\"col\">Reason</th><th scope=\"col\">Approved by</th><th "
	      "scope=\"col\">Notes</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t i = 0; i < policy->waiver_count && !error; i++)
		error = write_waiver(out, policy, &policy->waivers[i], now);
	fputs("</tbody></table></div>\n", out);
	return error;
}
