// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile waivers: nobody is let through by one that is not whole, and none is ignored without a
 * word. */
#include "tests/unit/hostile_fixture.h"

#define UNTIL	      "until: \"2025-01-31T00:00:00Z\""
#define ANSWERS	      "ticket: SEC-1, reason: r, by: b"
#define WAIVER(text)  WITH(GOOD_RULE) "waivers:\n  - { " text " }\n"
#define FOR(identity) WAIVER(identity ", " UNTIL ", " ANSWERS)
#define APART(text)   HEAD text "waivers: [ { sha256: " HEX ", " UNTIL ", " ANSWERS " } ]\n"

static void make_many_waivers(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(WITH(GOOD_RULE) "waivers:\n", file);
	for (int waiver = 0; waiver < 1025; waiver++)
		fprintf(file, "  - { path: /w/%d, " UNTIL ", " ANSWERS " }\n", waiver);
	fclose(file);
}

static void make_meeting_waivers(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(WITH(GOOD_RULE) "waivers:\n", file);
	for (int waiver = 0; waiver < 9; waiver++)
		fputs("  - { sha256: " HEX ", " UNTIL ", " ANSWERS " }\n", file);
	fclose(file);
}

static const struct hostile hostile[] = {
	{ "none", TEXT(WITH(GOOD_RULE) "waivers: []\n"), .line = 7, .column = 10,
	  .what = "expected a list of waivers, not empty" },
	{ "a_word", TEXT(WITH(GOOD_RULE) "waivers: [ all ]\n"), .line = 7, .column = 12,
	  .what = "expected a waiver" },
	{ "without_an_end", TEXT(WAIVER("sha256: " HEX ", " ANSWERS)), .line = 8, .column = 5,
	  .what = "a waiver without the key 'until'" },
	{ "without_a_ticket", TEXT(WAIVER("sha256: " HEX ", " UNTIL ", reason: r, by: b")),
	  .line = 8, .column = 5, .what = "a waiver without the key 'ticket'" },
	{ "without_a_reason", TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: t, by: b")),
	  .line = 8, .column = 5, .what = "a waiver without the key 'reason'" },
	{ "without_an_approver", TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: t, reason: r")),
	  .line = 8, .column = 5, .what = "a waiver without the key 'by'" },
	{ "without_an_identity", TEXT(WAIVER(UNTIL ", " ANSWERS)), .line = 8, .column = 5,
	  .what = "a waiver for nothing" },
	{ "for_two_identities", TEXT(FOR("sha256: " HEX ", path: /opt/v/")), .line = 8,
	  .column = 81, .what = "an identity of two kinds" },
	{ "an_unknown_key", TEXT(FOR("sha256: " HEX ", sha-1: x")), .line = 8, .column = 81,
	  .what = "unknown key 'sha-1' in a waiver" },
	{ "a_key_twice", TEXT(WAIVER("sha256: " HEX ", " UNTIL ", " ANSWERS ", by: c")), .line = 8,
	  .column = 145, .what = "key 'by' a second time; the first is in line 8" },
	{ "an_end_before_the_beginning",
	  TEXT(FOR("sha256: " HEX ", from: \"2025-01-31T00:00:00Z\"")), .line = 8, .column = 5,
	  .what = "a waiver that ends before it begins" },
	{ "a_bare_date", TEXT(WAIVER("sha256: " HEX ", until: 2025-01-31, " ANSWERS)), .line = 8,
	  .column = 88, .what = "'2025-01-31' has no offset" },
	{ "an_empty_reason",
	  TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: t, reason: \"\", by: b")), .line = 8,
	  .column = 131, .what = "an empty value" },
	{ "a_reason_of_blanks",
	  TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: t, reason: \"   \", by: b")), .line = 8,
	  .column = 131, .what = "a text of blanks alone" },
	{ "an_approver_of_blanks",
	  TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: t, reason: r, by: \"  \"")), .line = 8,
	  .column = 138, .what = "a text of blanks alone" },
	{ "a_ticket_of_two_words",
	  TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: \"a b\", reason: r, by: b")), .line = 8,
	  .column = 120, .what = "'a b' cannot be a ticket" },
	{ "a_ticket_beyond_ascii",
	  TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: SÉC-1, reason: r, by: b")), .line = 8,
	  .column = 120, .what = "'SÉC-1' cannot be a ticket" },
	{ "a_ticket_of_64_bytes",
	  TEXT(WAIVER("sha256: " HEX ", " UNTIL ", ticket: " HEX ", reason: r, by: b")), .line = 8,
	  .column = 120, .what = "a ticket of 64 bytes, where 63 are the most" },
	{ "a_size_without_a_digest", TEXT(FOR("path: /opt/v/, size: 3")), .line = 8, .column = 5,
	  .what = "a size without a sha256" },
	{ "a_path_that_names_all", TEXT(FOR("path: /")), .line = 8, .column = 13,
	  .what = "the path '/' would name every file" },
	{ "a_short_package_name", TEXT(FOR("package: { name: kfl }")), .line = 8, .column = 16,
	  .what = "the package name 'kfl' is short, and could be anybody's" },
	{ "more_than_1024", .make = make_many_waivers, .line = 8, .column = 3,
	  .what = "1025 waivers, where 1024 are the most" },
	{ "more_than_8_for_one_file", .make = make_meeting_waivers, .line = 16, .column = 5,
	  .what = "more than 8 waivers meet on what this one is for" },
	{ "waives_without_waivers", TEXT(WITH(GOOD_RULE) "waives: any\n"), .line = 7, .column = 9,
	  .what = "waives: in a policy without waivers" },
	{ "waives_all", TEXT(APART("waives: all\n")), .line = 3, .column = 9,
	  .what = "waives: of 'all'" },
	{ "waives_nobody", TEXT(APART("waives: []\n")), .line = 3, .column = 9,
	  .what = "expected a list of ids of policies, not empty" },
	{ "waives_what_is_no_id", TEXT(APART("waives: [ a b ]\n")), .line = 3, .column = 11,
	  .what = "'a b' cannot be an id" },
	{ "apart_and_for_nobody", TEXT(APART("")), .line = 1, .column = 9,
	  .what = "waivers for the rules of policy 'p', which has none" },
	{ "neither_rules_nor_waivers", TEXT(HEAD VENDORS SCHEDULES), .line = 1, .column = 1,
	  .what = "a policy without the key 'rules'" },
	{ "rules_without_vendors",
	  TEXT(HEAD SCHEDULES GOOD_RULE "waivers:\n  - { sha256: " HEX ", " UNTIL ", " ANSWERS
					" }\n"),
	  .line = 1, .column = 1, .what = "a policy without the key 'vendors'" },
};

static void accepts_the_good_one(void **state)
{
	const char *const files[] = { "p.yaml", "apart.yaml" };
	struct embargo_policy_request request = { .files = files, .count = 2 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;
	char text[2048];

	(void)state;
	write_file("p.yaml", FOR("sha256: " HEX ", size: 7, from: \"2025-01-30T23:59:59Z\""),
		   strlen(FOR("sha256: " HEX ", size: 7, from: \"2025-01-30T23:59:59Z\"")));
	write_file("apart.yaml",
		   "policy: q\nversion: 1\nwaives: [ p ]\nwaivers: [ { path: /opt/v/, " UNTIL
		   ", " ANSWERS " } ]\n",
		   strlen("policy: q\nversion: 1\nwaives: [ p ]\nwaivers: [ { path: /opt/v/, " UNTIL
			  ", " ANSWERS " } ]\n"));
	if (embargo_policy_compile_host(&request, &tables, &diagnostic))
		fail_msg("%s", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
	assert_int_equal(tables.head.waiver_count, 2);
	embargo_tables_free(&tables);
}

int main(void)
{
	return RUN_HOSTILE("hostile_waiver", hostile, accepts_the_good_one);
}
