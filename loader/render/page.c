// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: its frame, and what a policy says of itself, of authorities and of vendors. */
#include "loader/render/page.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/crypto/sha256.h"
#include "loader/model/time.h"
#include "loader/policy/comment.h"
#include "loader/render/html.h"

/* Colours of the reader's own scheme; on paper each policy begins a page, and no row is torn. */
static const char style[] =
	":root{color-scheme:light dark}\n"
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem "
	"1.5rem}\n"
	"h1,h2,h3,h4{line-height:1.2;margin:1.5em 0 .5em}\n"
	"h2{border-bottom:2px solid;padding-bottom:.2em}\n"
	".wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}\n"
	"caption{text-align:left;font-weight:bold;padding:.3rem 0}\n"
	"th,td{border:1px solid;padding:.3rem .6rem;text-align:left;vertical-align:top}\n"
	"thead th{border-bottom-width:2px}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}\n"
	"dt{font-weight:bold}dd{margin:0;overflow-wrap:anywhere}\n"
	"code,pre,time{font-family:ui-monospace,monospace;font-size:.95em}\n"
	"code{overflow-wrap:anywhere}\n"
	"time{white-space:nowrap}\n"
	"pre.comment{white-space:pre-wrap;border-left:4px solid;padding:.2rem .8rem;margin:.5rem "
	"0}\n"
	"td pre.comment,li pre.comment{font:inherit;white-space:normal;min-width:16rem}\n"
	".unverified,.warning{font-weight:bold;text-decoration:underline}\n"
	"@media print{body{max-width:none;padding:0;font-size:10pt}"
	"section.policy+section.policy{break-before:page}"
	"h2,h3,h4,caption{break-after:avoid}tr,dt{break-inside:avoid}thead{display:table-header-"
	"group}"
	"nav{display:none}.wide{overflow:visible}a{color:inherit;text-decoration:none}}\n";

void embargo_page_time(FILE *out, int64_t ns)
{
	char text[EMBARGO_TIME_TEXT];

	embargo_time_format(ns, text, sizeof(text));
	fprintf(out, "<time datetime=\"%s\">%s</time>", text, text);
}

int embargo_page_comment(FILE *out, const struct embargo_policy *policy, struct embargo_mark mark)
{
	_cleanup_free_
	char *text = embargo_comment_above(policy, mark);

	embargo_html_comment(out, text);
	return !text && errno == ENOMEM ? -ENOMEM : 0;
}

static void write_moment(FILE *out, const char *label, const struct embargo_moment *moment)
{
	if (!moment->set)
		return;
	fprintf(out, "<dt>%s</dt><dd>", label);
	embargo_page_time(out, moment->ns);
	fputs("</dd>\n", out);
}

static void write_expiry(FILE *out, const struct embargo_policy *policy, int64_t now)
{
	write_moment(out, "Expires", &policy->expires);
	if (policy->expires.set && policy->expires.ns <= now)
		fputs("<dt>State</dt><dd class=\"warning\">Expired: it stays in force, and wants "
		      "to "
		      "be replaced.</dd>\n",
		      out);
}

static int write_head(FILE *out, const struct embargo_policy *policy, int64_t now)
{
	char hex[2 * EMBARGO_SHA256_SIZE + 1];
	struct embargo_digest digest;
	int error = embargo_sha256_memory(policy->text, policy->text_length, &digest);

	if (error)
		return error;
	fputs("<dl>\n", out);
	fprintf(out, "<dt>Version</dt><dd>%llu</dd>\n", (unsigned long long)policy->version);
	write_moment(out, "Issued", &policy->issued);
	write_expiry(out, policy, now);
	fputs("<dt>File</dt><dd><code>", out);
	embargo_html_text(out, policy->file);
	fprintf(out, "</code></dd>\n<dt>SHA-256 of it</dt><dd><code>%s</code></dd>\n",
		embargo_hex_format(digest.bytes, sizeof(digest.bytes), hex));
	fprintf(out, "<dt>Signature</dt><dd>%s</dd>\n",
		policy->is_signed
			? "These bytes are signed by as many of this host's signers as it requires."
			: "Not verified here: read it as a draft.");
	fprintf(out, "<dt>Unreadable files</dt><dd>%s</dd>\n</dl>\n",
		policy->deny_on_error
			? "A file whose digest cannot be had is refused as if it were listed."
			: "A file whose digest cannot be had runs, and is reported.");
	return 0;
}

static int write_notes(FILE *out, const struct embargo_policy *policy)
{
	_cleanup_free_
	char *text = embargo_comment_head(policy);

	if (!text)
		return errno == ENOMEM ? -ENOMEM : 0;
	fputs("<h3>What its authors say</h3>\n", out);
	embargo_html_comment(out, text);
	return 0;
}

static void begin_table(FILE *out, const char *caption, const char *const *heads)
{
	fputs("<div class=\"wide\"><table>\n", out);
	embargo_html_element(out, "caption", NULL, caption);
	fputs("<thead><tr>\n", out);
	for (; *heads; heads++)
		embargo_html_element(out, "th", " scope=\"col\"", *heads);
	fputs("</tr></thead>\n<tbody>\n", out);
}

static void end_table(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

static int write_authorities(FILE *out, const struct embargo_policy *policy)
{
	static const char *const heads[] = { "Authority", "Law, order or clause", "Binds",
					     "From",	  "Sources and notes",	  NULL };
	int error = 0;

	if (!policy->rule_count && !policy->authority_count)
		return 0;
	fputs("<h3>Authorities</h3>\n", out);
	if (!policy->authority_count) {
		fputs("<p class=\"warning\">None: no law or order is named.</p>\n", out);
		return 0;
	}
	begin_table(out, "On what it stands, and whom that binds", heads);
	for (size_t i = 0; i < policy->authority_count && !error; i++) {
		const struct embargo_authority *authority = &policy->authorities[i];

		fputs("<tr>", out);
		embargo_html_element(out, "th", " scope=\"row\"", authority->id);
		embargo_html_element(out, "td", NULL, authority->cite);
		embargo_html_element(out, "td", NULL,
				     authority->binds ? authority->binds : "not said");
		fputs("<td>", out);
		if (authority->from.set)
			embargo_page_time(out, authority->from.ns);
		fputs("</td><td>", out);
		error = embargo_page_comment(out, policy, authority->mark);
		fputs("</td></tr>\n", out);
	}
	end_table(out);
	return error;
}

static int write_vendors(FILE *out, const struct embargo_policy *policy)
{
	static const char *const heads[] = { "Vendor", "Known as", "Sources and notes", NULL };
	int error = 0;

	if (!policy->vendor_count)
		return 0;
	fputs("<h3>Vendors</h3>\n", out);
	begin_table(out, "Whose software it is about", heads);
	for (size_t i = 0; i < policy->vendor_count && !error; i++) {
		const struct embargo_vendor *vendor = &policy->vendors[i];

		fputs("<tr>", out);
		embargo_html_element(out, "th", " scope=\"row\"", vendor->id);
		fputs("<td>", out);
		for (size_t j = 0; j < vendor->name_count; j++) {
			fputs(j ? "<br>" : "", out);
			embargo_html_text(out, vendor->names[j]);
		}
		fputs("</td><td>", out);
		error = embargo_page_comment(out, policy, vendor->mark);
		fputs("</td></tr>\n", out);
	}
	end_table(out);
	return error;
}

static int write_policy(FILE *out, const struct embargo_policy *policy, int64_t now,
			struct embargo_diagnostic *diagnostic)
{
	int error;

	fprintf(out, "<section class=\"policy\" id=\"%s\">\n", policy->id);
	fputs("<h2>Policy ", out);
	embargo_html_text(out, policy->id);
	fputs("</h2>\n", out);
	error = write_head(out, policy, now);
	if (!error)
		error = write_notes(out, policy);
	if (!error)
		error = write_authorities(out, policy);
	if (!error)
		error = write_vendors(out, policy);
	if (!error)
		error = embargo_page_dates(out, policy, now, diagnostic);
	if (!error)
		error = embargo_page_rules(out, policy, diagnostic);
	if (!error)
		error = embargo_page_waivers(out, policy, now);
	fputs("</section>\n", out);
	return error;
}

/* Where there is more than one. */
static void write_contents(FILE *out, const struct embargo_policy_set *set)
{
	if (set->count < 2)
		return;
	fputs("<nav aria-label=\"Policies\"><ul>\n", out);
	for (size_t i = 0; i < set->count; i++)
		fprintf(out, "<li><a href=\"#%s\">%s</a></li>\n", set->policies[i]->id,
			set->policies[i]->id);
	fputs("</ul></nav>\n", out);
}

int embargo_page_write(FILE *out, const struct embargo_policy_set *set, int64_t now,
		       struct embargo_diagnostic *diagnostic)
{
	const char *title = set->count == 1 ? set->policies[0]->id : "policies";
	int error = 0;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	      out);
	embargo_html_text(out, title);
	fprintf(out,
		": what is refused, from when, and why</title>\n<style>\n%s</style>\n</head>\n",
		style);
	fputs("<body>\n<header>\n<h1>What is refused, from when, and why</h1>\n<p>As seen at ",
	      out);
	embargo_page_time(out, now);
	fputs(", by embargo " EMBARGO_VERSION ". Times are UTC, and beside it as the policy has "
	      "them.</p>\n",
	      out);
	write_contents(out, set);
	fputs("</header>\n<main>\n", out);
	for (size_t i = 0; i < set->count && !error; i++)
		error = write_policy(out, set->policies[i], now, diagnostic);
	fputs("</main>\n</body>\n</html>\n", out);
	if (error && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, error, "out of memory");
	return error;
}
