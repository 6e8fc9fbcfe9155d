// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host's settings make of a policy: more, never less, and what would be nothing is refused.
 */
#include <errno.h>

#include "bpf/decide.h"
#include "loader/model/time.h"
#include "tests/unit/policy_fixture.h"

#define POLICY                                                                 \
	"policy: p\nversion: 1\nvendors: [ { id: v } ]\n"                      \
	"authorities: [ { id: law, cite: The Law } ]\n"                        \
	"schedules:\n"                                                         \
	"  late: [ { at: \"2030-01-01T00:00:00Z\", action: audit },"           \
	" { at: \"2031-01-01T00:00:00Z\", action: deny-new, authority: law }," \
	" { at: \"2032-01-01T00:00:00Z\", action: deny, authority: law },"     \
	" { at: \"2034-01-01T00:00:00Z\", action: \"off\" } ]\n"               \
	"  ever: [ { at: \"2010-01-01T00:00:00Z\", action: deny } ]\n"         \
	"rules:\n"                                                             \
	"  - { id: a, vendor: v, schedule: late, any: [ { path: /a } ] }\n"    \
	"  - { id: b, vendor: v, schedule: late, any: [ { path: /b } ] }\n"    \
	"  - { id: c, vendor: v, schedule: ever, any: [ { path: /c } ] }\n"

static int compile_with(const char *settings, bool as_hosts, struct embargo_tables *tables,
			struct embargo_diagnostic *diagnostic)
{
	static const char *const files[] = { "p.yaml" };
	char text[1024];

	write_file("p.yaml", POLICY);
	snprintf(text, sizeof(text), "%s%s", as_hosts ? "policies: [ p.yaml ]\n" : "", settings);
	write_file("s.yaml", text);
	return embargo_policy_compile_host(&(struct embargo_policy_request) { .files = files,
									      .count = as_hosts ? 0
												: 1,
									      .settings = "s.yaml",
									      .trust = "nowhere" },
					   tables, diagnostic);
}

static void tighten(const char *settings, struct embargo_tables *tables)
{
	struct embargo_diagnostic diagnostic = { 0 };
	char text[2048];

	if (compile_with(settings, true, tables, &diagnostic))
		fail_msg("%s", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
}

static __u32 found;

static void note(void *context, __u32 timeline, __u32 waived)
{
	(void)context;
	(void)waived;
	found = timeline;
}

/* "deny by law", of a file that came at @arrival. */
static void assert_asked(const struct embargo_tables *tables, const char *path, const char *time,
			 const char *arrival, const char *expected)
{
	static const char *const words[] = { "nothing", "allow", "audit", "deny" };
	struct embargo_decision decision = {};
	struct embargo_facts facts = {};
	char text[128];
	int64_t ns;

	assert_int_equal(embargo_time_parse(time, &ns), 0);
	facts.now = ns;
	assert_int_equal(embargo_time_parse(arrival, &ns), 0);
	facts.ctime = ns;
	assert_int_equal(embargo_tables_path(tables, path, 0, note, NULL), 1);
	embargo_decide(&decision, &tables->timelines[found], &facts);
	snprintf(text, sizeof(text), "%s by %s", words[decision.verdict],
		 tables->reasons[decision.reason].authority);
	assert_string_equal(text, expected);
}

#define OLD "2000-01-01T00:00:00Z"

static void a_rule_is_raised_from_a_date_on(void **state)
{
	struct embargo_tables tables;

	(void)state;
	tighten("stricter: [ { policy: p, rule: a, action: deny, at: \"2025-06-01T00:00:00Z\" } "
		"]\n",
		&tables);
	assert_asked(&tables, "/a", "2025-05-31T23:59:59Z", OLD, "nothing by ");
	assert_asked(&tables, "/a", "2025-06-01T00:00:00Z", OLD, "deny by host settings");
	assert_asked(&tables, "/a", "2030-06-01T00:00:00Z", OLD, "deny by host settings");
	/* Where the law asks for the same, it is the law that is named. */
	assert_asked(&tables, "/a", "2032-01-01T00:00:00Z", OLD, "deny by law");
	/* What the policy takes back, the host keeps. */
	assert_asked(&tables, "/a", "2034-01-01T00:00:00Z", OLD, "deny by host settings");
	assert_asked(&tables, "/b", "2025-06-01T00:00:00Z", OLD, "nothing by ");
	embargo_tables_free(&tables);
}

static void all_rules_are_raised_always(void **state)
{
	struct embargo_tables tables;

	(void)state;
	tighten("stricter: [ { policy: p, action: audit } ]\n", &tables);
	assert_asked(&tables, "/a", "1999-01-01T00:00:00Z", OLD, "audit by host settings");
	assert_asked(&tables, "/b", "2034-01-01T00:00:00Z", OLD, "audit by host settings");
	assert_asked(&tables, "/c", "2009-12-31T23:59:59Z", OLD, "audit by host settings");
	assert_asked(&tables, "/c", "2010-01-01T00:00:00Z", OLD, "deny by ");
	assert_asked(&tables, "/a", "2032-01-01T00:00:00Z", OLD, "deny by law");
	embargo_tables_free(&tables);
}

/* A file that came between the host's stage and the law's is new to the host's alone. */
static void an_earlier_deny_new_means_more(void **state)
{
	struct embargo_tables tables;

	(void)state;
	tighten("stricter: [ { policy: p, rule: a, action: deny-new, at: "
		"\"2020-01-01T00:00:00Z\" } ]\n",
		&tables);
	assert_asked(&tables, "/a", "2031-06-01T00:00:00Z", "2025-01-01T00:00:00Z",
		     "deny by host settings");
	assert_asked(&tables, "/a", "2031-06-01T00:00:00Z", OLD, "audit by host settings");
	embargo_tables_free(&tables);
}

static void entries_add_up(void **state)
{
	struct embargo_tables tables;

	(void)state;
	tighten("stricter:\n"
		"  - { policy: p, action: audit }\n"
		"  - { policy: p, rule: a, action: deny, at: \"2026-01-01T00:00:00Z\" }\n"
		"  - { policy: p, rule: b, action: deny-new, at: \"2025-01-01T00:00:00Z\" }\n",
		&tables);
	assert_asked(&tables, "/a", "2025-06-01T00:00:00Z", OLD, "audit by host settings");
	assert_asked(&tables, "/a", "2026-01-01T00:00:00Z", OLD, "deny by host settings");
	assert_asked(&tables, "/b", "2026-01-01T00:00:00Z", OLD, "audit by host settings");
	assert_asked(&tables, "/b", "2026-01-01T00:00:00Z", "2025-06-01T00:00:00Z",
		     "deny by host settings");
	embargo_tables_free(&tables);
}

static const struct {
	const char *settings, *what;
	unsigned int line, column;
} wrong[] = {
	{ "stricter: [ { policy: p, rule: c, action: audit, at: \"2010-01-01T00:00:00Z\" } ]\n",
	  "stricter: asks for no more than policy 'p' does at any time", 2, 13 },
	{ "stricter: [ { policy: p, rule: c, action: deny, at: \"2010-01-01T00:00:00Z\" } ]\n",
	  "stricter: asks for no more than policy 'p' does at any time", 2, 13 },
	{ "stricter: [ { policy: p, action: off } ]\n", "stricter: with the action 'off'", 2, 34 },
	{ "stricter: [ { policy: p, action: allow } ]\n", "unknown action 'allow'", 2, 34 },
	{ "stricter: [ { policy: q, action: deny } ]\n",
	  "stricter: names the policy 'q', which this host has not", 2, 13 },
	{ "stricter: [ { policy: p, rule: d, action: deny } ]\n",
	  "stricter: names the rule 'd', which policy 'p' has not", 2, 13 },
	{ "stricter: [ { policy: p } ]\n", "a stricter: entry without the key 'action'", 2, 13 },
	{ "stricter: [ { action: deny } ]\n", "a stricter: entry without the key 'policy'", 2, 13 },
	{ "stricter: [ { policy: p, action: deny, until: 3 } ]\n",
	  "unknown key 'until' in a stricter: entry", 2, 40 },
	{ "stricter: [ { policy: p, action: deny, at: 2025-01-01 } ]\n",
	  "'2025-01-01' has no offset", 2, 44 },
	{ "stricter: []\n", "expected a list of stricter: entries, not empty", 2, 11 },
};

static void what_would_weaken_is_refused(void **state)
{
	struct embargo_tables tables;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct embargo_diagnostic diagnostic = { 0 };

		assert_int_equal(compile_with(wrong[i].settings, true, &tables, &diagnostic),
				 -EINVAL);
		assert_string_equal(diagnostic.what, wrong[i].what);
		assert_string_equal(diagnostic.file, "s.yaml");
		assert_int_equal(diagnostic.line, wrong[i].line);
		assert_int_equal(diagnostic.column, wrong[i].column);
		assert_true(diagnostic.remedy[0]);
	}
}

/* Somebody who looks at one draft does not have all policies before them. */
static void other_policies_are_passed_over(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;

	(void)state;
	assert_int_equal(compile_with("stricter: [ { policy: q, action: deny } ]\n", false, &tables,
				      &diagnostic),
			 0);
	assert_asked(&tables, "/a", "2025-06-01T00:00:00Z", OLD, "nothing by ");
	embargo_tables_free(&tables);
}

static void an_unknown_profile_is_refused_with_the_choices(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;
	const char *file = "p.yaml";

	(void)state;
	write_file("p.yaml", HEAD RULE("r", "{ contractor: early, commercial: late }",
				       "any: [ { path: /a } ]"));
	write_file("s.yaml", "profile: contracter\n");
	assert_int_equal(embargo_policy_compile_host(
				 &(struct embargo_policy_request) {
					 .files = &file, .count = 1, .settings = "s.yaml" },
				 &tables, &diagnostic),
			 -EINVAL);
	assert_string_equal(diagnostic.what,
			    "rule 'r' has no schedule for the profile 'contracter'");
	assert_non_null(strstr(diagnostic.remedy, "contractor or commercial"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_rule_is_raised_from_a_date_on),
		IN_FOLDER(all_rules_are_raised_always),
		IN_FOLDER(an_earlier_deny_new_means_more),
		IN_FOLDER(entries_add_up),
		IN_FOLDER(what_would_weaken_is_refused),
		IN_FOLDER(other_policies_are_passed_over),
		IN_FOLDER(an_unknown_profile_is_refused_with_the_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
