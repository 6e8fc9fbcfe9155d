// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile policies, lists and settings: each is refused where it is wrong, in these words. */
#include "loader/policy/policy.h"

#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

/* A policy that would do, in pieces of known length: rules begin in line 5, their first in line 6.
 */
#define HEAD	      "policy: p\nversion: 1\n"
#define VENDORS	      "vendors: [ { id: v } ]\n"
#define SCHEDULES     "schedules: { s: [ { at: \"2020-01-01T00:00:00Z\", action: deny } ] }\n"
#define RULES	      "rules:\n"
#define RULE(matches) RULES "  - { id: r, vendor: v, schedule: s, " matches " }\n"
#define GOOD_RULE     RULE("any: [ { path: /opt/v/ } ]")
#define WITH(rules)   HEAD VENDORS SCHEDULES rules
#define STAGES(stages)                           \
	HEAD VENDORS "schedules:\n  s:\n" stages \
		     "rules: [ { id: r, vendor: v, schedule: s, any: [ { path: /a/ } ] } ]\n"
#define LIST	  WITH(RULE("digests: { file: list, of: elf }"))
#define HEX	  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct hostile {
	const char *name;
	const char *text; /* of p.yaml; NULL: `make` makes it */
	size_t length;	  /* where there is a NUL in it */
	const char *list; /* of the file `list` beside it, or NULL */
	void (*make)(void);
	const char *file; /* that is blamed; NULL: p.yaml */
	unsigned int line, column;
	const char *what;
};

static char folder[] = "/tmp/embargo-hostile-XXXXXX";

static void write_file(const char *name, const char *bytes, size_t length)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void make_gigabyte(void)
{
	int fd = open("p.yaml", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	close(fd);
}

static void make_deep(void)
{
	static char text[20000];

	memset(text, '[', 10000);
	memset(text + 10000, ']', 10000);
	write_file("p.yaml", text, sizeof(text));
}

static void make_deep_block(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	for (int depth = 0; depth < 1000; depth++)
		fprintf(file, "%*sa:\n", depth, "");
	fclose(file);
}

static void make_many_keys(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	for (int key = 0; key < 100000; key++)
		fprintf(file, "k%d: 1\n", key);
	fclose(file);
}

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

static void make_long_path(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD VENDORS SCHEDULES RULES "- { id: r, vendor: v, schedule: s, any: [ { path: ",
	      file);
	for (int part = 0; part < 20; part++)
		fprintf(file, "/%0250d", part);
	fputs(" } ] }\n", file);
	fclose(file);
}

static void make_long_component(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD VENDORS SCHEDULES RULES, file);
	fprintf(file, "- { id: r, vendor: v, schedule: s, any: [ { path: /%0256d } ] }\n", 0);
	fclose(file);
}

static void make_deep_path(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	fputs(HEAD VENDORS SCHEDULES RULES "- { id: r, vendor: v, schedule: s, any: [ { path: ",
	      file);
	for (int part = 0; part < 33; part++)
		fputs("/a", file);
	fputs(" } ] }\n", file);
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

static void make_policy_folder(void)
{
	assert_int_equal(mkdir("p.yaml", 0700), 0);
	assert_int_equal(mkdir("p.yaml/empty", 0700), 0);
}

static void make_policy_fifo(void)
{
	assert_int_equal(mkfifo("p.yaml", 0600), 0);
}

static void make_nothing(void)
{
}

static void make_list_folder(void)
{
	write_file("p.yaml", LIST, strlen(LIST));
	assert_int_equal(mkdir("list", 0700), 0);
}

static void make_list_fifo(void)
{
	write_file("p.yaml", LIST, strlen(LIST));
	assert_int_equal(mkfifo("list", 0600), 0);
}

static void make_list_of_nul(void)
{
	write_file("p.yaml", LIST, strlen(LIST));
	write_file("list", "# a\n" HEX "  n\0ame\n", 4 + 64 + 8);
}

static void make_list_long_line(void)
{
	static char text[100000];

	write_file("p.yaml", LIST, strlen(LIST));
	memset(text, 'a', sizeof(text));
	write_file("list", text, sizeof(text));
}

static void make_link_circle(void)
{
	const char *text = WITH(RULE("any: [ { path: %s/circle/ } ]"));
	char *policy;

	assert_int_equal(symlink("circle", "circle"), 0);
	assert_true(asprintf(&policy, text, folder) > 0);
	write_file("p.yaml", policy, strlen(policy));
	free(policy);
}

static void make_link_to_root(void)
{
	const char *text = WITH(RULE("any: [ { path: %s/root/ } ]"));
	char *policy;

	assert_int_equal(symlink("/", "root"), 0);
	assert_true(asprintf(&policy, text, folder) > 0);
	write_file("p.yaml", policy, strlen(policy));
	free(policy);
}

#define TEXT(bytes) .text = (bytes), .length = sizeof(bytes) - 1

static const struct hostile hostile[] = {
	/* What is no text. */
	{ "one_gigabyte", .make = make_gigabyte, .what = "holds more than 1048576 bytes" },
	{ "a_folder_without_policies", .make = make_policy_folder, .what = "holds no policy" },
	{ "a_fifo", .make = make_policy_fifo, .what = "is no regular file" },
	{ "a_missing_policy", .make = make_nothing, .what = "No such file or directory" },
	{ "a_nul_byte", TEXT("policy: p\nversion: 1\0\n"), .line = 2, .column = 11,
	  .what = "a NUL byte (0x00)" },
	{ "a_nul_escape", TEXT("policy: \"a\\0b\"\n"), .line = 1, .column = 9,
	  .what = "a value with a NUL byte in it (0x00)" },
	{ "a_nul_in_a_path", TEXT(WITH(RULE("any: [ { path: \"/opt/v\\0/\" } ]"))), .line = 6,
	  .column = 53, .what = "a value with a NUL byte in it (0x00)" },
	{ "a_lone_continuation", TEXT("# \x80\n"), .line = 1, .column = 3,
	  .what = "a byte that is not UTF-8 (0x80)" },
	{ "an_overlong_form", TEXT("policy: \xc0\xaf\n"), .line = 1, .column = 9,
	  .what = "a byte that is not UTF-8 (0xc0)" },
	{ "a_surrogate", TEXT("a\nb: \xed\xa0\x80\n"), .line = 2, .column = 4,
	  .what = "a byte that is not UTF-8 (0xed)" },
	{ "a_cut_sequence", TEXT("policy: \xe2\x82"), .line = 1, .column = 9,
	  .what = "a byte that is not UTF-8 (0xe2)" },
	{ "columns_are_characters", TEXT("# \xc3\xa9\xc3\xa9 \xff\n"), .line = 1, .column = 6,
	  .what = "a byte that is not UTF-8 (0xff)" },
	{ "an_escape_sequence", TEXT("policy: \x1b[2J\n"), .line = 1, .column = 9,
	  .what = "a control character (0x1b)" },
	{ "an_escaped_escape", TEXT("policy: \"\\e[2J\"\n"), .line = 1, .column = 9,
	  .what = "a value with a control character in it (0x1b)" },
	{ "a_c1_control", TEXT("policy: \xc2\x9b\n"), .line = 1, .column = 9,
	  .what = "a control character (0xc2)" },
	{ "a_text_that_turns",
	  TEXT("policy: \xe2\x80\xae"
	       "p\n"),
	  .line = 1, .column = 9, .what = "a character that turns the direction of text (0xe2)" },
	/* What is no document. */
	{ "nothing", TEXT(""), .line = 1, .column = 1, .what = "no YAML document in it" },
	{ "comments_alone", TEXT("# policy: p\n"), .line = 1, .column = 1,
	  .what = "no YAML document in it" },
	{ "no_yaml", TEXT("policy: [ p\n"), .line = 2, .column = 1,
	  .what = "is not YAML: did not find expected ',' or ']'" },
	{ "a_tab", TEXT("policy:\n\tp\n"), .line = 2, .column = 1,
	  .what = "is not YAML: found character that cannot start any token" },
	{ "nested_10000_deep", .make = make_deep, .line = 1, .column = 17,
	  .what = "nested more than 16 deep" },
	{ "nested_1000_deep_in_blocks", .make = make_deep_block, .line = 17, .column = 17,
	  .what = "nested more than 16 deep" },
	{ "100000_keys", .make = make_many_keys, .line = 1025, .column = 1,
	  .what = "more than 1024 keys in one mapping" },
	{ "a_second_document", TEXT("policy: p\n---\npolicy: q\n"), .line = 2, .column = 1,
	  .what = "a second document" },
	{ "an_alias", TEXT("policy: p\nversion: *a\n"), .line = 2, .column = 10,
	  .what = "an alias (*)" },
	{ "an_anchor", TEXT("policy: &a p\n"), .line = 1, .column = 9, .what = "an anchor (&)" },
	{ "an_anchor_on_a_mapping", TEXT("vendors: &a { id: v }\n"), .line = 1, .column = 10,
	  .what = "an anchor (&)" },
	{ "a_tag", TEXT("policy: !!str p\n"), .line = 1, .column = 9, .what = "a tag (!)" },
	{ "a_merge_key", TEXT("policy: p\n<<: { version: 1 }\n"), .line = 2, .column = 1,
	  .what = "unknown key '<<' in a policy" },
	{ "a_duplicate_key", TEXT("policy: p\nversion: 1\npolicy: q\n"), .line = 3, .column = 1,
	  .what = "key 'policy' a second time; the first is in line 1" },
	{ "a_duplicate_schedule", TEXT(HEAD "schedules:\n  s: []\n  s: []\n"), .line = 5,
	  .column = 3, .what = "key 's' a second time; the first is in line 4" },
	{ "a_key_that_is_a_list", TEXT("[ a ]: b\n"), .line = 1, .column = 1,
	  .what = "a key that is not a word" },
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
	{ "waivers", TEXT(WITH(GOOD_RULE) "waivers: []\n"), .line = 7, .column = 10,
	  .what = "waivers are not supported by this version" },
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
	/* Rules. */
	{ "a_rule_that_matches_nothing",
	  TEXT(WITH(RULES "  - { id: r, vendor: v, schedule: s }\n")), .line = 6, .column = 5,
	  .what = "a rule that matches nothing" },
	{ "an_empty_any", TEXT(WITH(RULE("any: []"))), .line = 6, .column = 43,
	  .what = "expected a list of identities, not empty" },
	{ "digests_and_any", TEXT(WITH(RULE("digests: { file: list }, any: [ { path: /a } ]"))),
	  .line = 6, .column = 63, .what = "a rule with both 'digests' and 'any'" },
	{ "an_unknown_identity", TEXT(WITH(RULE("any: [ { md5: a } ]"))), .line = 6, .column = 47,
	  .what = "unknown identity kind 'md5'" },
	{ "all_of_memory_and_more", TEXT(WITH(RULE("all: [ { path: /a }, { memory: kexec } ]"))),
	  .line = 6, .column = 59, .what = "memory: together with something else" },
	{ "an_x509_without_attributes", TEXT(WITH(RULE("any: [ { x509: Kaspersky } ]"))), .line = 6,
	  .column = 53, .what = "'Kaspersky' says nothing of x509" },
	{ "an_attribute_of_another_kind", TEXT(WITH(RULE("any: [ { x509: { vendor: A } } ]"))),
	  .line = 6, .column = 55, .what = "'vendor' says nothing of x509" },
	{ "an_attribute_to_be_read_only", TEXT(WITH(RULE("any: [ { x509: { subject: A } } ]"))),
	  .line = 6, .column = 55, .what = "'subject' says nothing of x509" },
	{ "a_name_of_nothing_but_dots", TEXT(WITH(RULE("any: [ { x509: { o: \"...\" } } ]"))),
	  .line = 6, .column = 58, .what = "'...' is no name" },
	{ "a_serial_that_is_no_number", TEXT(WITH(RULE("any: [ { x509: { serial: xyz } } ]"))),
	  .line = 6, .column = 63, .what = "'xyz' cannot be such a number" },
	{ "a_serial_of_zeros", TEXT(WITH(RULE("any: [ { x509: { serial: 00 } } ]"))), .line = 6,
	  .column = 63, .what = "'00' cannot be such a number" },
	{ "a_short_key_id", TEXT(WITH(RULE("any: [ { openpgp: abcdef12 } ]"))), .line = 6,
	  .column = 56, .what = "'abcdef12' cannot be such a number" },
	{ "a_build_id_of_one_digit", TEXT(WITH(RULE("any: [ { build-id: a } ]"))), .line = 6,
	  .column = 57, .what = "'a' cannot be such a number" },
	{ "a_short_package_name", TEXT(WITH(RULE("any: [ { package: { name: kfl } } ]"))),
	  .line = 6, .column = 56,
	  .what = "the package name 'kfl' is short, and could be anybody's" },
	{ "a_short_package_pattern", TEXT(WITH(RULE("any: [ { package: { name: kesl* } } ]"))),
	  .line = 6, .column = 56,
	  .what = "the package name 'kesl*' is short, and could be anybody's" },
	{ "a_package_of_any_name", TEXT(WITH(RULE("any: [ { package: { name: '*kesl' } } ]"))),
	  .line = 6, .column = 64, .what = "a package name that begins with *" },
	{ "a_package_below_the_root",
	  TEXT(WITH(RULE("any: [ { package: { name: kfl, path: / } } ]"))), .line = 6, .column = 75,
	  .what = "the path '/' would name every file" },
	{ "an_unknown_requirement", TEXT(WITH(RULE("any: [ { x509: { o: A } } ], require: trust"))),
	  .line = 6, .column = 76, .what = "unknown requirement 'trust'" },
	{ "valid_without_a_signature", TEXT(WITH(RULE("any: [ { soname: a } ], require: valid"))),
	  .line = 6, .column = 5,
	  .what = "require: valid in a rule that could match without an x509 signature" },
	{ "valid_with_a_way_round",
	  TEXT(WITH(RULE("any: [ { x509: { o: A } }, { path: /a } ], require: valid"))), .line = 6,
	  .column = 5,
	  .what = "require: valid in a rule that could match without an x509 signature" },
	{ "running_programs_denied", TEXT(WITH(RULE("any: [ { path: /a } ], running: deny"))),
	  .line = 6, .column = 70, .what = "what runs already cannot be 'deny'" },
	{ "running_programs_in_capitals",
	  TEXT(WITH(RULE("any: [ { path: /a } ], running: Terminate"))), .line = 6, .column = 70,
	  .what = "what runs already cannot be 'Terminate'" },
	{ "running_programs_by_a_list",
	  TEXT(WITH(RULE("any: [ { path: /a } ], running: [ terminate ]"))), .line = 6,
	  .column = 70, .what = "expected a single value" },
	{ "a_grace_of_nothing",
	  TEXT(WITH(RULE("any: [ { path: /a } ], running: terminate, grace: 0"))), .line = 6,
	  .column = 88, .what = "'0' is not a number that can stand here" },
	{ "a_grace_below_nothing",
	  TEXT(WITH(RULE("any: [ { path: /a } ], running: terminate, grace: -1"))), .line = 6,
	  .column = 88, .what = "'-1' is not a number that can stand here" },
	{ "a_grace_of_minutes",
	  TEXT(WITH(RULE("any: [ { path: /a } ], running: terminate, grace: 1m"))), .line = 6,
	  .column = 88, .what = "'1m' is not a number that can stand here" },
	{ "a_grace_of_hours",
	  TEXT(WITH(RULE("any: [ { path: /a } ], running: terminate, grace: 3601"))), .line = 6,
	  .column = 88, .what = "a grace of more than 3600 seconds" },
	{ "a_grace_beyond_numbers",
	  TEXT(WITH(
		  RULE("any: [ { path: /a } ], running: terminate, grace: 18446744073709551617"))),
	  .line = 6, .column = 88,
	  .what = "'18446744073709551617' is not a number that can stand here" },
	{ "a_grace_for_nobody", TEXT(WITH(RULE("any: [ { path: /a } ], grace: 5"))), .line = 6,
	  .column = 5, .what = "a grace in a rule that stops nothing" },
	{ "a_grace_before_a_report",
	  TEXT(WITH(RULE("any: [ { path: /a } ], grace: 5, running: report"))), .line = 6,
	  .column = 5, .what = "a grace in a rule that stops nothing" },
	{ "an_identity_of_two_kinds", TEXT(WITH(RULE("any: [ { path: /a, memory: kexec } ]"))),
	  .line = 6, .column = 57, .what = "an identity of two kinds" },
	{ "a_size_of_a_path", TEXT(WITH(RULE("any: [ { path: /a, size: 1 } ]"))), .line = 6,
	  .column = 45, .what = "a size without a sha256" },
	{ "a_size_alone", TEXT(WITH(RULE("any: [ { size: 1 } ]"))), .line = 6, .column = 45,
	  .what = "a size without a sha256" },
	{ "an_empty_identity", TEXT(WITH(RULE("any: [ {} ]"))), .line = 6, .column = 45,
	  .what = "expected an identity" },
	{ "a_short_digest", TEXT(WITH(RULE("any: [ { sha256: abcd } ]"))), .line = 6, .column = 55,
	  .what = "a digest of 4 characters, where SHA-256 has 64" },
	{ "a_long_digest", TEXT(WITH(RULE("any: [ { sha256: " HEX "0 } ]"))), .line = 6,
	  .column = 55, .what = "a digest of 65 characters, where SHA-256 has 64" },
	{ "a_digest_with_a_g",
	  TEXT(WITH(RULE("any: [ { sha256: "
			 "gf86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } ]"))),
	  .line = 6, .column = 55,
	  .what = "'gf86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' is not "
		  "hexadecimal" },
	{ "the_digest_of_nothing", TEXT(WITH(RULE("any: [ { sha256: " EMPTY_HEX " } ]"))),
	  .line = 6, .column = 55,
	  .what = "the digest of the empty file, which would name every empty file" },
	{ "a_size_of_zero", TEXT(WITH(RULE("any: [ { sha256: " HEX ", size: 0 } ]"))), .line = 6,
	  .column = 127, .what = "'0' is not a number that can stand here" },
	{ "another_memory", TEXT(WITH(RULE("any: [ { memory: module } ]"))), .line = 6,
	  .column = 55, .what = "unknown load from memory 'module'" },
	/* Paths. */
	{ "a_relative_path", TEXT(WITH(RULE("any: [ { path: opt/v/ } ]"))), .line = 6, .column = 53,
	  .what = "the path 'opt/v/' is not absolute" },
	{ "the_root", TEXT(WITH(RULE("any: [ { path: / } ]"))), .line = 6, .column = 53,
	  .what = "the path '/' would name every file" },
	{ "dot_dot", TEXT(WITH(RULE("any: [ { path: /opt/../v/ } ]"))), .line = 6, .column = 53,
	  .what = "the path '/opt/../v/' has . or .. in it" },
	{ "a_dot", TEXT(WITH(RULE("any: [ { path: /opt/. } ]"))), .line = 6, .column = 53,
	  .what = "the path '/opt/.' has . or .. in it" },
	{ "two_slashes", TEXT(WITH(RULE("any: [ { path: /opt//v } ]"))), .line = 6, .column = 53,
	  .what = "the path '/opt//v' has two slashes together" },
	{ "a_wildcard", TEXT(WITH(RULE("any: [ { path: \"/opt/v*\" } ]"))), .line = 6, .column = 53,
	  .what = "the path '/opt/v*' has a wildcard in it" },
	{ "a_path_of_5000_bytes", .make = make_long_path, .line = 6, .column = 51,
	  .what = "a path of more than 4095 bytes" },
	{ "a_component_of_256_bytes", .make = make_long_component, .line = 6, .column = 51,
	  .what = "the path "
		  "'/"
		  "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
		  "000000000000000000000000000000000000000' has a component of more than 255 "
		  "bytes" },
	{ "a_path_of_33_components", .make = make_deep_path, .line = 6, .column = 51,
	  .what = "a path of 33 components, where 32 are the most" },
	{ "a_link_in_a_circle", .make = make_link_circle, .line = 6, .column = 45,
	  .what = "the path 'FOLDER/circle/' leads round in circles on this host" },
	{ "a_link_to_the_root", .make = make_link_to_root, .line = 6, .column = 45,
	  .what = "the path 'FOLDER/root/' leads to the root on this host" },
	/* Digest lists: as a whole, then their lines. */
	{ "a_missing_list", TEXT(LIST), .line = 6, .column = 55,
	  .what = "the list 'list': No such file or directory" },
	{ "a_list_that_is_a_folder", .make = make_list_folder, .line = 6, .column = 55,
	  .what = "the list 'list': is a directory, not a file" },
	{ "a_list_that_is_a_fifo", .make = make_list_fifo, .line = 6, .column = 55,
	  .what = "the list 'list': is no regular file" },
	{ "an_empty_list", TEXT(LIST), .list = "# nothing\n\n", .line = 6, .column = 55,
	  .what = "the list 'list' holds no digest" },
	{ "a_list_of_another_digest", TEXT(WITH(RULE("digests: { file: list, sha256: " HEX " }"))),
	  .list = HEX ":1:x\n", .line = 6, .column = 55,
	  .what = "the list 'list' is not the one that the policy means: its sha256 is "
		  "294a4a6f4f399cd18a7c00769831d217af1f9b49a4eff2a7dc1a23be86703a08" },
	{ "an_unknown_kind_of_list", TEXT(WITH(RULE("digests: { file: list, of: exe }"))),
	  .line = 6, .column = 65, .what = "unknown kind of file 'exe'" },
	{ "a_nul_in_a_list", .make = make_list_of_nul, .file = "list", .line = 2, .column = 68,
	  .what = "a NUL byte" },
	{ "a_line_of_100000_bytes", .make = make_list_long_line, .file = "list", .line = 1,
	  .column = 1, .what = "a line of more than 8259 bytes" },
	{ "a_short_digest_in_a_list", TEXT(LIST),
	  .list = "# c\n" HEX ":1:x\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c:1:x\n",
	  .file = "list", .line = 3, .column = 1,
	  .what = "a digest of 48 characters, where SHA-256 has 64" },
	{ "an_md5_list", TEXT(LIST), .list = "d41d8cd98f00b204e9800998ecf8427e  x\n",
	  .file = "list", .line = 1, .column = 1,
	  .what = "a digest of 32 characters, where SHA-256 has 64" },
	{ "a_long_digest_in_a_list", TEXT(LIST), .list = HEX "0  x\n", .file = "list", .line = 1,
	  .column = 1, .what = "a digest of 65 characters, where SHA-256 has 64" },
	{ "prose_in_a_list", TEXT(LIST), .list = "hello\n", .file = "list", .line = 1, .column = 1,
	  .what = "a line without a digest" },
	{ "the_digest_of_nothing_in_a_list", TEXT(LIST), .list = EMPTY_HEX "  empty\n",
	  .file = "list", .line = 1, .column = 1,
	  .what = "the digest of the empty file, which would name every empty file" },
	{ "a_sum_without_a_name", TEXT(LIST), .list = HEX "  \n", .file = "list", .line = 1,
	  .column = 65, .what = "no name" },
	{ "an_hsb_without_a_name", TEXT(LIST), .list = HEX ":12:\n", .file = "list", .line = 1,
	  .column = 69, .what = "no name" },
	{ "an_hsb_without_a_size", TEXT(LIST), .list = HEX ":x\n", .file = "list", .line = 1,
	  .column = 66, .what = "a size that is no number from 1 to 9223372036854775807" },
	{ "an_hsb_of_size_zero", TEXT(LIST), .list = HEX ":0:x\n", .file = "list", .line = 1,
	  .column = 66, .what = "a size that is no number from 1 to 9223372036854775807" },
	{ "an_hsb_of_a_huge_size", TEXT(LIST), .list = HEX ":99999999999999999999:x\n",
	  .file = "list", .line = 1, .column = 66,
	  .what = "a size that is no number from 1 to 9223372036854775807" },
	{ "an_hsb_with_more_behind", TEXT(LIST), .list = HEX ":1:x:73:y\n", .file = "list",
	  .line = 1, .column = 72, .what = "more after the name than a level" },
	{ "an_escaped_hsb", TEXT(LIST), .list = "\\" HEX ":1:x\n", .file = "list", .line = 1,
	  .column = 1, .what = "a backslash before an .hsb line" },
};

/* Every case has its own folder, and all paths are seen from there. */
static int enter_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int leave_folder(void **state)
{
	char *command;
	int status;

	(void)state;
	if (chdir("/") || asprintf(&command, "rm -rf '%s'", folder) < 0)
		return -1;
	status = system(command);
	free(command);
	return status;
}

/* What is expected, with FOLDER for the folder of this run. */
static char *expand(const char *text)
{
	const char *at = strstr(text, "FOLDER");
	char *expanded;

	if (!at)
		return strdup(text);
	assert_true(asprintf(&expanded, "%.*s%s%s", (int)(at - text), text, folder, at + 6) > 0);
	return expanded;
}

static void refuses(void **state)
{
	const struct hostile *expected = *state;
	const char *const files[] = { "p.yaml" };
	struct embargo_policy_request request = { .files = files, .count = 1 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables, before;
	char *what;

	if (expected->make)
		expected->make();
	else
		write_file("p.yaml", expected->text, expected->length);
	if (expected->list)
		write_file("list", expected->list, strlen(expected->list));
	memset(&tables, 0x5a, sizeof(tables));
	before = tables;
	assert_true(embargo_policy_compile_host(&request, &tables, &diagnostic) < 0);
	what = expand(expected->what);
	assert_string_equal(diagnostic.what, what);
	free(what);
	assert_string_equal(diagnostic.file, expected->file ? expected->file : "p.yaml");
	assert_int_equal(diagnostic.line, expected->line);
	assert_int_equal(diagnostic.column, expected->column);
	assert_true(diagnostic.remedy[0]);
	assert_memory_equal(&tables, &before, sizeof(tables));
}

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
	static struct CMUnitTest tests[sizeof(hostile) / sizeof(hostile[0]) + 1];
	size_t count = 0;

	for (; count < sizeof(hostile) / sizeof(hostile[0]); count++)
		tests[count] = (struct CMUnitTest) { hostile[count].name, refuses, enter_folder,
						     leave_folder, (void *)&hostile[count] };
	tests[count++] = (struct CMUnitTest) { "accepts_the_good_one", accepts_the_good_one,
					       enter_folder, leave_folder, NULL };
	return _cmocka_run_group_tests("policy_hostile", tests, count, NULL, NULL);
}
