// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy export`: the digests of policies, for other people's tools. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/cli/spool.h"
#include "loader/import/bill.h"
#include "loader/import/listing.h"
#include "loader/model/time.h"
#include "loader/policy/list.h"
#include "loader/policy/policy.h"

enum form {
	FORM_HSB,
	FORM_CYCLONEDX,
	FORM_COUNT,
};

static const char *const forms[] = {
	[FORM_HSB] = "hsb",
	[FORM_CYCLONEDX] = "cyclonedx",
};
_Static_assert(ARRAY_SIZE(forms) == FORM_COUNT, "a word for each form");

struct options {
	const char *format;
	const char *output;
};

static const char *form_name(size_t index)
{
	return index < FORM_COUNT ? forms[index] : NULL;
}

static const struct embargo_option table[] = {
	{ .name = "format",
	  .argument = "NAME",
	  .summary = "how they are written; hsb where nothing is said",
	  .choice = form_name,
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, format) },
	{ .name = "output",
	  .argument = "FILE",
	  .summary = "write there, at once and whole, and not to standard output",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, output) },
	EMBARGO_OPTIONS_END,
};

struct exporting {
	enum form form;
	struct embargo_spool spool;
	struct embargo_listing listing;
	struct embargo_bill bill;
	const struct embargo_policy *policy; /* of the rule that is written */
	const struct embargo_rule *rule;
	const struct embargo_list *list; /* or NULL */
	size_t written, without;	 /* a digest that says it alone */
};

static void stop(struct exporting *exporting)
{
	embargo_listing_free(&exporting->listing);
	embargo_spool_close(&exporting->spool);
}

static const char *vendor_name(const struct embargo_vendor *vendor)
{
	return vendor->name_count ? vendor->names[0] : vendor->id;
}

static int write_entry(struct exporting *exporting, struct embargo_import_entry *entry)
{
	const struct embargo_rule *rule = exporting->rule;
	char provenance[EMBARGO_IMPORT_TEXT];
	int error;
	const struct embargo_bill_place place = {
		.policy = exporting->policy->id,
		.rule = rule->id,
		.vendor = rule->vendor->id,
		.list = exporting->list ? exporting->list->file : NULL,
	};

	exporting->written++;
	entry->supplier = vendor_name(rule->vendor);
	if (exporting->form == FORM_CYCLONEDX)
		return embargo_bill_add(&exporting->bill, entry, &place);
	snprintf(provenance, sizeof(provenance), "policy %s, version %llu, rule %s, of %.1000s",
		 place.policy, (unsigned long long)exporting->policy->version, place.rule,
		 entry->supplier);
	entry->provenance = provenance;
	error = embargo_listing_add(&exporting->listing, entry);
	entry->provenance = NULL;
	return error;
}

static int write_line(void *context, const struct embargo_list_entry *line)
{
	struct exporting *exporting = context;
	struct embargo_import_entry entry = {
		.digest = line->digest,
		.sized = line->sized,
		.size = line->size,
		.kind = exporting->list->of,
		.name = line->name,
	};

	return write_entry(exporting, &entry);
}

/* A digest that is asked for only together with something else would by itself be more. */
static int write_pattern(struct exporting *exporting, const struct embargo_pattern *pattern)
{
	struct embargo_import_entry entry = {
		.digest = pattern->digest,
		.sized = pattern->sized,
		.size = pattern->size,
		.kind = EMBARGO_KIND_ANY,
		.name = exporting->rule->id,
	};

	if (pattern->identity.kind == EMBARGO_IDENTITY_SHA256 &&
	    (!exporting->rule->all || exporting->rule->pattern_count == 1))
		return write_entry(exporting, &entry);
	exporting->without++;
	return 0;
}

static int write_rule(struct exporting *exporting, const struct embargo_rule *rule,
		      struct embargo_diagnostic *diagnostic)
{
	int error = 0;

	exporting->rule = rule;
	for (size_t i = 0; i < rule->list_count && !error; i++) {
		exporting->list = &rule->lists[i];
		error = embargo_list_read(exporting->policy, exporting->list, write_line, exporting,
					  diagnostic);
	}
	exporting->list = NULL;
	for (size_t i = 0; i < rule->pattern_count && !error; i++)
		error = write_pattern(exporting, &rule->patterns[i]);
	return error;
}

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * EMBARGO_SECOND_NS + now.tv_nsec;
}

static int write_set(struct exporting *exporting, const struct embargo_policy_set *set,
		     struct embargo_diagnostic *diagnostic)
{
	const bool is_bill = exporting->form == FORM_CYCLONEDX;
	int error = is_bill ? embargo_bill_begin(&exporting->bill, wall_clock()) : 0;

	for (size_t i = 0; i < set->count && !error; i++) {
		exporting->policy = set->policies[i];
		for (size_t j = 0; j < exporting->policy->rule_count && !error; j++)
			error = write_rule(exporting, &exporting->policy->rules[j], diagnostic);
	}
	if (!error && is_bill)
		error = embargo_bill_end(&exporting->bill);
	if (error && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, error, "%s", strerror(-error));
	return error;
}

static int give(struct exporting *exporting)
{
	if (exporting->without)
		embargo_log_error("identities",
				  "%zu left out: what they name has no digest, or not by that "
				  "alone",
				  exporting->without);
	if (!exporting->written) {
		embargo_log_error("policies", "hold no digest; policy show prints what they hold");
		return -ENODATA;
	}
	return embargo_spool_give(&exporting->spool);
}

static int export(struct exporting *exporting, int count, char **files)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_policy_set *set = NULL;
	int error = embargo_policy_set_read(
		&(struct embargo_policy_request) { .files = (const char *const *)files,
						   .count = (size_t)count,
						   .shipped_fallback = true,
						   .demand = EMBARGO_DEMAND_HOST },
		&set, &diagnostic);

	if (!error)
		error = write_set(exporting, set, &diagnostic);
	embargo_policy_set_free(set);
	if (error)
		embargo_log_diagnostic("policy export", &diagnostic);
	return error ? error : give(exporting);
}

static int run(int argc, char **argv)
{
	struct options options = { .format = forms[FORM_HSB] };
	_cleanup_(stop) struct exporting exporting = { .form = FORM_HSB };
	int status = embargo_options_parse(&embargo_verb_policy_export, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!strcmp(options.format, forms[FORM_CYCLONEDX]))
		exporting.form = FORM_CYCLONEDX;
	if (embargo_spool_open(&exporting.spool, options.output))
		return EMBARGO_EXIT_FAILURE;
	exporting.listing.out = exporting.bill.out = exporting.spool.out;
	return export(&exporting, argc, argv) ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_export = {
	.name = "policy export",
	.operands = "[POLICY...]",
	.summary = "print the digests of policies for other tools",
	.details =
		"Without POLICY the host's policies, or else the shipped ones. Dates, waivers and "
		"what is not\ntold by a digest are not in it.",
	.options = table,
	.run = run,
};
