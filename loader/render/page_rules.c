// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: what each rule names, in words. */
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/policy/words.h"
#include "loader/render/html.h"
#include "loader/render/page.h"

static const char *const kinds[] = {
	[EMBARGO_IDENTITY_UNKNOWN] = "",
	[EMBARGO_IDENTITY_SHA256] = "the file whose bytes have the SHA-256 digest",
	[EMBARGO_IDENTITY_PATH] = "the file at the path",
	[EMBARGO_IDENTITY_MEMORY] = "a kernel that is loaded from memory, without a file",
	[EMBARGO_IDENTITY_FSVERITY] = "files with the fs-verity digest",
	[EMBARGO_IDENTITY_X509] = "files signed by a certificate with",
	[EMBARGO_IDENTITY_MODULE_SIGNER] = "kernel modules signed by the key with",
	[EMBARGO_IDENTITY_IMA_KEY] = "files with an IMA signature by the key",
	[EMBARGO_IDENTITY_OPENPGP] = "packages and files signed by the OpenPGP key",
	[EMBARGO_IDENTITY_PACKAGE] = "a package, and the files that it installed, with",
	[EMBARGO_IDENTITY_BUILD_ID] = "programs with the build id",
	[EMBARGO_IDENTITY_SONAME] = "the library that calls itself",
	[EMBARGO_IDENTITY_NEEDED] = "programs that need the library",
	[EMBARGO_IDENTITY_MODINFO] = "kernel modules that say of themselves",
	[EMBARGO_IDENTITY_DYNAMIC] = "", /* no rule names it */
};
_Static_assert(ARRAY_SIZE(kinds) == EMBARGO_IDENTITY_COUNT, "words for each kind of identity");

static const char *kind_of(const struct embargo_pattern *pattern)
{
	size_t length = pattern->path ? strlen(pattern->path) : 0;

	if (pattern->identity.kind == EMBARGO_IDENTITY_PATH && length &&
	    pattern->path[length - 1] == '/')
		return "any file below the folder";
	return kinds[pattern->identity.kind];
}

static int write_pattern(FILE *out, const struct embargo_policy *policy,
			 const struct embargo_pattern *pattern)
{
	char text[EMBARGO_PATTERN_TEXT];
	int error;

	fprintf(out, "<li>%s <code>", kind_of(pattern));
	embargo_html_text(out, embargo_pattern_value(pattern, text));
	fputs("</code>", out);
	if (pattern->sized)
		fprintf(out, ", of %llu bytes", (unsigned long long)pattern->size);
	error = embargo_page_comment(out, policy, pattern->mark);
	fputs("</li>\n", out);
	return error;
}

static int write_patterns(FILE *out, const struct embargo_policy *policy,
			  const struct embargo_rule *rule)
{
	int error = 0;

	if (!rule->pattern_count)
		return 0;
	fprintf(out, "<p>It is about what matches <strong>%s</strong> of these%s:</p>\n<ul>\n",
		rule->all ? "all" : "any",
		rule->require_valid ? ", where the signature is valid on the host" : "");
	for (size_t i = 0; i < rule->pattern_count && !error; i++)
		error = write_pattern(out, policy, &rule->patterns[i]);
	fputs("</ul>\n", out);
	return error;
}

static int write_list(FILE *out, const struct embargo_policy *policy,
		      const struct embargo_list *list, struct embargo_diagnostic *diagnostic)
{
	char hex[2 * EMBARGO_SHA256_SIZE + 1];
	struct embargo_list_count count;
	int error = embargo_list_count(policy, list, &count, diagnostic);

	if (error)
		return error;
	fputs("<tr><th scope=\"row\"><code>", out);
	embargo_html_text(out, list->file);
	fprintf(out, "</code></th><td>%s</td><td>%zu</td><td>%zu</td><td>",
		embargo_kind_name(list->of), count.digests, count.sized);
	if (list->checked)
		fprintf(out, "<code>%s</code>",
			embargo_hex_format(list->sha256.bytes, sizeof(list->sha256.bytes), hex));
	else
		fputs("<span class=\"warning\">not bound: whoever can write the list decides what "
		      "is "
		      "refused</span>",
		      out);
	fputs("</td></tr>\n", out);
	return 0;
}

static int write_lists(FILE *out, const struct embargo_policy *policy,
		       const struct embargo_rule *rule, struct embargo_diagnostic *diagnostic)
{
	int error = 0;

	if (!rule->list_count)
		return 0;
	fputs("<div class=\"wide\"><table>\n<caption>Lists of SHA-256 digests of whole "
	      "files</caption>\n<thead><tr><th scope=\"col\">List</th><th scope=\"col\">Of</th><th "
	      "scope=\"col\">Digests</th><th scope=\"col\">With a size</th><th "
	      "scope=\"col\">SHA-256 "
	      "of the list</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t i = 0; i < rule->list_count && !error; i++)
		error = write_list(out, policy, &rule->lists[i], diagnostic);
	fputs("</tbody></table></div>\n", out);
	return error;
}

static void write_choices(FILE *out, const struct embargo_rule *rule)
{
	fputs("<p>Software of <strong>", out);
	embargo_html_text(out, rule->vendor_id);
	fputs("</strong>, by ", out);
	for (size_t i = 0; i < rule->choice_count; i++) {
		fprintf(out, "%sthe schedule ", i ? ", " : "");
		embargo_html_text(out, rule->choices[i].schedule_id);
		if (rule->choices[i].profile)
			fputs(" with the profile ", out);
		embargo_html_text(out, rule->choices[i].profile);
	}
	fputs(".</p>\n", out);
}

static int write_rule(FILE *out, const struct embargo_policy *policy,
		      const struct embargo_rule *rule, struct embargo_diagnostic *diagnostic)
{
	int error;

	embargo_html_element(out, "h4", NULL, rule->id);
	error = embargo_page_comment(out, policy, rule->mark);
	write_choices(out, rule);
	if (!error)
		error = write_patterns(out, policy, rule);
	if (!error)
		error = write_lists(out, policy, rule, diagnostic);
	if (rule->opens)
		fputs("<p>These files cannot be opened to be read either.</p>\n", out);
	if (rule->terminates)
		fprintf(out,
			"<p>What runs already when it begins to refuse is ended: asked to, and "
			"%llu "
			"seconds later made to.</p>\n",
			(unsigned long long)embargo_rule_grace(rule));
	return error;
}

int embargo_page_rules(FILE *out, const struct embargo_policy *policy,
		       struct embargo_diagnostic *diagnostic)
{
	int error = 0;

	if (policy->rule_count)
		fputs("<h3>Rules</h3>\n", out);
	for (size_t i = 0; i < policy->rule_count && !error; i++)
		error = write_rule(out, policy, &policy->rules[i], diagnostic);
	return error;
}
