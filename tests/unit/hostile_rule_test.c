// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile rules, identities and paths: each is refused where it is wrong. */
#include "tests/unit/hostile_fixture.h"

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

static const struct hostile hostile[] = {
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
	{ "reach_too_far", TEXT(WITH(RULE("any: [ { path: /a } ], reach: read"))), .line = 6,
	  .column = 68, .what = "a rule cannot reach 'read'" },
	{ "reach_without_a_file", TEXT(WITH(RULE("any: [ { memory: kexec } ], reach: open"))),
	  .line = 6, .column = 5, .what = "reach: open in a rule that names no file" },
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
};

int main(void)
{
	return RUN_HOSTILE("hostile_rule", hostile, NULL);
}
