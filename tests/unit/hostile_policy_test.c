// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile keys, ids and dates of a policy: each is refused where it is wrong. */
#include "tests/unit/hostile_fixture.h"

static void make_many_vendors(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD "vendors: [ { id: v }", file);
	for (int vendor = 0; vendor < 1024; vendor++)
		fprintf(file, ", { id: v%d }", vendor);
	fputs(" ]\n" SCHEDULES GOOD_RULE, file);
	fclose(file);
}

static void make_many_rules(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD VENDORS SCHEDULES RULES, file);
	for (int rule = 0; rule < 4097; rule++)
		fprintf(file, " - { id: r%d, vendor: v, schedule: s, any: [ { path: /a/%d } ] }\n",
			rule, rule);
	fclose(file);
}

static void make_many_stages(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD VENDORS "schedules:\n  s:\n", file);
	for (int stage = 0; stage < 17; stage++)
		fprintf(file, "    - { at: \"20%02d-01-01T00:00:00Z\", action: audit }\n",
			stage + 10);
	fputs(GOOD_RULE, file);
	fclose(file);
}

/* Five schedules of 16 stages over one path; in turn each denies for a month, and nothing else
 * does. */
static void make_long_timeline(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD VENDORS "schedules:\n", file);
	for (int schedule = 0; schedule < 5; schedule++) {
		fprintf(file, "  s%d:\n", schedule);
		for (int stage = 0; stage < 16; stage++)
			fprintf(file, "    - { at: \"20%02d-%02d-01T00:00:00Z\", action: %s }\n",
				stage / 2 + 10, 2 * schedule + 1 + stage % 2,
				stage % 2 ? "off" : "deny");
	}
	fputs("rules:\n", file);
	for (int rule = 0; rule < 5; rule++)
		fprintf(file, "  - { id: r%d, vendor: v, schedule: s%d, any: [ { path: /a } ] }\n",
			rule, rule);
	fclose(file);
}

static const struct hostile hostile[] = {
	/* What is no policy. */
	{ "a_list_for_a_policy", TEXT("- policy: p\n"), .line = 1, .column = 1,
	  .what = "a policy has to be a mapping" },
	{ "a_word_for_a_policy", TEXT("policy\n"), .line = 1, .column = 1,
	  .what = "a policy has to be a mapping" },
	{ "an_unknown_key", TEXT("policy: p\nversoin: 1\n"), .line = 2, .column = 1,
	  .what = "unknown key 'versoin' in a policy" },
	{ "an_unknown_key_in_a_rule", TEXT(WITH(RULE("match: []"))), .line = 6, .column = 38,
	  .what = "unknown key 'match' in a rule" },
	{ "an_unknown_key_in_a_stage",
	  TEXT(STAGES("    - { at: \"2020-01-01T00:00:00Z\", act: deny }\n")), .line = 6,
	  .column = 37, .what = "unknown key 'act' in a stage" },
	{ "a_missing_key", TEXT("policy: p\n"), .line = 1, .column = 1,
	  .what = "a policy without the key 'version'" },
	{ "a_rule_without_an_id",
	  TEXT(WITH(RULES "- { vendor: v, schedule: s, any: [ { path: /a } ] }\n")), .line = 6,
	  .column = 3, .what = "a rule without the key 'id'" },
	{ "a_version_of_zero", TEXT("policy: p\nversion: 0\nvendors: 1\nschedules: 1\nrules: 1\n"),
	  .line = 2, .column = 10, .what = "'0' is not a number that can stand here" },
	{ "an_octal_version", TEXT("policy: p\nversion: 010\nvendors: 1\nschedules: 1\nrules: 1\n"),
	  .line = 2, .column = 10, .what = "'010' is not a number that can stand here" },
	{ "a_version_too_large",
	  TEXT("policy: p\nversion: 9223372036854775808\nvendors: 1\nschedules: 1\nrules: 1\n"),
	  .line = 2, .column = 10,
	  .what = "'9223372036854775808' is not a number that can stand here" },
	{ "an_empty_id", TEXT("policy: \nversion: 1\nvendors: 1\nschedules: 1\nrules: 1\n"),
	  .line = 1, .column = 8, .what = "an empty value" },
	{ "an_id_with_a_slash",
	  TEXT("policy: ../p\nversion: 1\nvendors: 1\nschedules: 1\nrules: 1\n"), .line = 1,
	  .column = 9, .what = "'../p' cannot be an id" },
	{ "an_id_of_64_bytes",
	  TEXT("policy: a234567890123456789012345678901234567890123456789012345678901234\nversion: "
	       "1\nvendors: 1\nschedules: 1\nrules: 1\n"),
	  .line = 1, .column = 9, .what = "an id of 64 bytes, where 63 are the most" },
	{ "a_citation_of_128_bytes",
	  TEXT(HEAD VENDORS SCHEDULES GOOD_RULE
	       "authorities:\n- { id: a, cite: "
	       "12345678901234567890123456789012345678901234567890123456789012345678901234567890123"
	       "456789012345678901234567890123456789012345678 }\n"),
	  .line = 8, .column = 18, .what = "a citation of 128 bytes, where 127 are the most" },
	{ "no_vendors", TEXT(HEAD "vendors: []\n" SCHEDULES GOOD_RULE), .line = 3, .column = 10,
	  .what = "expected a list of vendors, not empty" },
	{ "no_rules", TEXT(WITH("rules: []\n")), .line = 5, .column = 8,
	  .what = "expected a list of rules, not empty" },
	{ "expired_before_issued",
	  TEXT(WITH(GOOD_RULE) "issued: 2026-01-01T00:00:00Z\nexpires: 2025-01-01T00:00:00Z\n"),
	  .line = 1, .column = 9, .what = "policy 'p' expires before it is issued" },
	{ "on_error_off", TEXT(WITH(GOOD_RULE) "on-error: off\n"), .line = 7, .column = 11,
	  .what = "on-error cannot be 'off'" },
	{ "a_duplicate_rule",
	  TEXT(WITH(GOOD_RULE "  - { id: r, vendor: v, schedule: s, any: [ { path: /b } ] }\n")),
	  .line = 7, .column = 5, .what = "rule 'r' a second time; the first is in line 6" },
	{ "a_duplicate_vendor",
	  TEXT(HEAD "vendors: [ { id: v }, { id: v } ]\n" SCHEDULES GOOD_RULE), .line = 3,
	  .column = 23, .what = "vendor 'v' a second time; the first is in line 3" },
	{ "a_duplicate_authority",
	  TEXT(WITH(GOOD_RULE) "authorities: [ { id: a, cite: a }, { id: a, cite: b } ]\n"),
	  .line = 7, .column = 36, .what = "authority 'a' a second time; the first is in line 7" },
	{ "an_unknown_vendor",
	  TEXT(WITH(RULES "- { id: r, vendor: w, schedule: s, any: [ { path: /a } ] }\n")),
	  .line = 6, .column = 3, .what = "no vendor 'w'" },
	{ "an_unknown_schedule",
	  TEXT(WITH(RULES "- { id: r, vendor: v, schedule: t, any: [ { path: /a } ] }\n")),
	  .line = 6, .column = 33, .what = "no schedule 't'" },
	{ "an_empty_choice",
	  TEXT(WITH(RULES "- { id: r, vendor: v, schedule: {}, any: [ { path: /a } ] }\n")),
	  .line = 6, .column = 33, .what = "a rule without a schedule" },
	{ "a_choice_and_no_profile",
	  TEXT(WITH(RULES
		    "- { id: r, vendor: v, schedule: { a: s, b: s }, any: [ { path: /a } ] }\n")),
	  .line = 6, .column = 3,
	  .what = "rule 'r' has a schedule for each profile, and this host has no profile" },
	{ "1025_vendors", .make = make_many_vendors, .line = 3, .column = 10,
	  .what = "1025 vendors, where 1024 are the most" },
	{ "4097_rules", .make = make_many_rules, .line = 6, .column = 2,
	  .what = "4097 rules, where 4096 are the most" },
	/* Dates. */
	{ "a_bare_date", TEXT(STAGES("    - { at: 2020-01-01, action: deny }\n")), .line = 6,
	  .column = 13, .what = "'2020-01-01' has no offset" },
	{ "a_time_without_offset",
	  TEXT(STAGES("    - { at: \"2020-01-01T00:00:00\", action: deny }\n")), .line = 6,
	  .column = 13, .what = "'2020-01-01T00:00:00' has no offset" },
	{ "the_30th_of_february",
	  TEXT(STAGES("    - { at: \"2020-02-30T00:00:00Z\", action: deny }\n")), .line = 6,
	  .column = 13, .what = "'2020-02-30T00:00:00Z' is not in the calendar" },
	{ "the_year_2300", TEXT(STAGES("    - { at: \"2300-01-01T00:00:00Z\", action: deny }\n")),
	  .line = 6, .column = 13, .what = "'2300-01-01T00:00:00Z' is not between 1678 and 2261" },
	{ "no_time_at_all", TEXT(STAGES("    - { at: tomorrow, action: deny }\n")), .line = 6,
	  .column = 13, .what = "'tomorrow' is not a time" },
	{ "a_stage_out_of_order",
	  TEXT(STAGES("    - { at: \"2021-01-01T00:00:00Z\", action: audit }\n    - { at: "
		      "\"2020-01-01T00:00:00Z\", action: deny }\n")),
	  .line = 7, .column = 7, .what = "a stage that is not later than the one before it" },
	{ "two_stages_at_once",
	  TEXT(STAGES("    - { at: \"2020-01-01T00:00:00Z\", action: audit }\n    - { at: "
		      "\"2020-01-01T01:00:00+01:00\", action: deny }\n")),
	  .line = 7, .column = 7, .what = "a stage that is not later than the one before it" },
	{ "an_unknown_action",
	  TEXT(STAGES("    - { at: \"2020-01-01T00:00:00Z\", action: block }\n")), .line = 6,
	  .column = 45, .what = "unknown action 'block'" },
	{ "an_unknown_authority",
	  TEXT(STAGES("    - { at: \"2020-01-01T00:00:00Z\", action: deny, authority: x }\n")),
	  .line = 6, .column = 7, .what = "no authority 'x'" },
	{ "a_schedule_without_stages", TEXT(HEAD VENDORS "schedules: { s: [] }\n" GOOD_RULE),
	  .line = 4, .column = 17, .what = "expected a list of stages, not empty" },
	{ "17_stages", .make = make_many_stages, .line = 6, .column = 5,
	  .what = "17 stages, where 16 are the most" },
	{ "a_timeline_of_80_steps", .make = make_long_timeline, .line = 95, .column = 5,
	  .what = "the 5 rules that meet on one file, or on a missing digest, 'r4' the last of "
		  "them, have more than 64 "
		  "different stages together" },
};

/* Each piece of the table is good but for what is wrong with it. */
static void accepts_the_good_one(void **state)
{
	const char *const files[] = { "p.yaml" };
	struct embargo_policy_request request = { .files = files, .count = 1 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml", LIST, strlen(LIST));
	write_file("list", HEX ":1:x\n", strlen(HEX ":1:x\n"));
	assert_int_equal(embargo_policy_compile_host(&request, &tables, &diagnostic), 0);
	embargo_tables_free(&tables);
	write_file("p.yaml", WITH(GOOD_RULE), strlen(WITH(GOOD_RULE)));
	assert_int_equal(embargo_policy_compile_host(&request, &tables, &diagnostic), 0);
	embargo_tables_free(&tables);
}

int main(void)
{
	return RUN_HOSTILE("hostile_policy", hostile, accepts_the_good_one);
}
