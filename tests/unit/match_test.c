// SPDX-License-Identifier: GPL-2.0-or-later
/* Match: which rules a file falls under by what was found in it, and what compiling makes of that.
 */
#include "loader/policy/match.h"

#include "loader/base/cleanup.h"
#include "loader/learned/list.h"
#include "loader/model/signer.h"
#include "tests/unit/policy_fixture.h"

static struct embargo_policy_set *set;
static struct embargo_identities found;
static struct embargo_evidence evidence;
static char matched[512]; /* "RULE/KIND " for each */

static int clean(void **state)
{
	embargo_policy_set_free(set);
	embargo_identities_free(&found);
	set = NULL;
	return leave_folder(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, clean)

static void read_policy(const char *rules)
{
	const char *name = "p.yaml";
	struct embargo_policy_request request = { .files = &name,
						  .count = 1,
						  .learned = "learned" };
	struct embargo_diagnostic diagnostic = { 0 };
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", HEAD, rules);
	write_file(name, text);
	if (embargo_policy_set_read(&request, &set, &diagnostic))
		fail_msg("%s", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
}

static struct embargo_identity *find(enum embargo_identity_kind kind)
{
	struct embargo_identity *identity = embargo_identities_add(&found, kind);

	assert_non_null(identity);
	return identity;
}

static void value(struct embargo_identity *identity, enum embargo_attribute attribute,
		  const char *text)
{
	assert_int_equal(embargo_identities_set(&found, identity, attribute, text, strlen(text)),
			 0);
}

static void note(void *context, size_t rule, const struct embargo_identity *by)
{
	size_t used = strlen(matched);

	(void)context;
	snprintf(matched + used, sizeof(matched) - used, "%s/%s ", set->policies[0]->rules[rule].id,
		 by ? embargo_identity_kind_name(by->kind) : "");
}

static const char *match(const char *path)
{
	static const struct embargo_digest digest = { .bytes = { 1, 2, 3 } };

	matched[0] = '\0';
	evidence = (struct embargo_evidence) { &found, &digest, 100, path };
	embargo_policy_set_match(set, &evidence, note, NULL);
	return matched;
}

static void a_signer_matches_by_any_spelling_of_its_name(void **state)
{
	struct embargo_identity *signer;

	(void)state;
	read_policy(
		RULE("r", "early", "any: [ { x509: { o: \"Huawei Technologies Co.,Ltd.\" } } ]"));
	signer = find(EMBARGO_IDENTITY_X509);
	value(signer, EMBARGO_ATTRIBUTE_CN, "somebody");
	assert_string_equal(match(NULL), "");
	value(signer, EMBARGO_ATTRIBUTE_O, "HUAWEI  Technologies Co., Ltd");
	assert_string_equal(match(NULL), "r/x509 ");
}

/* Attributes of two certificates are not those of one. */
static void all_attributes_are_of_one_signer(void **state)
{
	(void)state;
	read_policy(RULE("r", "early", "any: [ { x509: { cn: A, o: B } } ]"));
	value(find(EMBARGO_IDENTITY_X509), EMBARGO_ATTRIBUTE_CN, "A");
	value(find(EMBARGO_IDENTITY_X509), EMBARGO_ATTRIBUTE_O, "B");
	assert_string_equal(match(NULL), "");
	value(&found.array[1], EMBARGO_ATTRIBUTE_CN, "a");
	assert_string_equal(match(NULL), "r/x509 ");
}

static void all_wants_each_of_them(void **state)
{
	(void)state;
	read_policy(RULE(
		"r", "early",
		"all: [ { soname: libx.so }, { path: /opt/v/ }, { package: { name: vendor } } ]"));
	value(find(EMBARGO_IDENTITY_SONAME), EMBARGO_ATTRIBUTE_VALUE, "libx.so");
	assert_string_equal(match("/opt/v/lib/libx.so"), "");
	value(find(EMBARGO_IDENTITY_PACKAGE), EMBARGO_ATTRIBUTE_NAME, "vendor");
	assert_string_equal(match("/opt/w/lib/libx.so"), "");
	assert_string_equal(match(NULL), "");
	assert_string_equal(match("/opt/v/lib/libx.so"), "r/soname ");
}

/* A path alone is the kernel half's: a file is not learned for where it lay. */
static void of_any_paths_and_digests_do_not_count_here(void **state)
{
	(void)state;
	read_policy(RULE("r", "early", "any: [ { path: /opt/v/ }, { soname: libx.so } ]"));
	assert_string_equal(match("/opt/v/lib/libx.so"), "");
}

static void a_short_package_counts_only_below_its_path(void **state)
{
	struct embargo_identity *package;

	(void)state;
	read_policy(
		RULE("r", "early", "any: [ { package: { name: kfl, path: /opt/kaspersky/ } } ]"));
	package = find(EMBARGO_IDENTITY_PACKAGE);
	value(package, EMBARGO_ATTRIBUTE_NAME, "kfl");
	assert_string_equal(match("/usr/bin/kfl"), "");
	assert_string_equal(match("/opt/kaspersky/kfl/bin/kfl-control"), "r/package ");
	value(package, EMBARGO_ATTRIBUTE_PATH, "/usr/bin/kfl");
	assert_string_equal(match("/opt/kaspersky/kfl/bin/kfl-control"), "");
}

static void a_requirement_leaves_invalid_signatures_out(void **state)
{
	struct embargo_identity *signer;

	(void)state;
	read_policy(RULE("r", "early", "any: [ { x509: { o: V } } ], require: valid")
			    RULE("s", "early", "any: [ { x509: { o: V } } ]"));
	signer = find(EMBARGO_IDENTITY_X509);
	value(signer, EMBARGO_ATTRIBUTE_O, "V");
	assert_string_equal(match(NULL), "s/x509 ");
	signer->digest_ok = EMBARGO_VALIDITY_NO;
	assert_string_equal(match(NULL), "s/x509 ");
	signer->digest_ok = EMBARGO_VALIDITY_YES;
	assert_string_equal(match(NULL), "r/x509 s/x509 ");
	signer->chain_ok = EMBARGO_VALIDITY_NO;
	assert_string_equal(match(NULL), "s/x509 ");
	signer->chain_ok = EMBARGO_VALIDITY_YES;
	assert_string_equal(match(NULL), "r/x509 s/x509 ");
}

static void learn(const char *soname, unsigned char first)
{
	struct embargo_learned_entry entry = {
		.digest = { .bytes = { first } },
		.size = 4242,
		.kind = EMBARGO_KIND_ELF,
		.path = "/usr/lib/x",
	};

	embargo_identities_free(&found);
	value(find(EMBARGO_IDENTITY_SONAME), EMBARGO_ATTRIBUTE_VALUE, soname);
	entry.identities = found;
	assert_int_equal(embargo_learned_list_append("learned", &entry), 0);
}

static const char *listed_by(const struct embargo_tables *tables, unsigned char first)
{
	const struct embargo_digest digest = { .bytes = { first } };
	const struct embargo_listed *listed = embargo_tables_digest(tables, &digest);

	return listed ? rule_of(tables, listed->timeline) : "";
}

static void learned_digests_are_those_of_todays_rules(void **state)
{
	_cleanup_(embargo_tables_free) struct embargo_tables tables = { 0 };
	struct embargo_diagnostic diagnostic = { 0 };

	(void)state;
	learn("libx.so", 1);
	learn("liby.so", 2);
	read_policy(RULE("p", "early", "any: [ { path: /a } ]")
			    RULE("r", "early", "any: [ { soname: libx.so } ]")
				    RULE("s", "late", "any: [ { soname: libz.so } ]"));
	assert_int_equal(embargo_policy_set_compile(set, &tables, &diagnostic), 0);
	assert_string_equal(listed_by(&tables, 1), "r");
	assert_string_equal(listed_by(&tables, 2), "");
	assert_int_equal(embargo_tables_size(&tables, 4242),
			 EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPES_MAP);
	/* Who reads the policies again has these numbers, whatever the lists hold. */
	assert_int_equal(tables.rule_timelines[0], 0);
	assert_int_equal(tables.rule_timelines[1], 1);
	assert_int_equal(tables.rule_timelines[2], 2);
}

static const char *signed_by(const struct embargo_tables *tables, const char *cn,
			     const char *serial)
{
	struct embargo_signer_key key;

	assert_int_equal(embargo_signer_key_make(cn, serial, NULL, &key), 0);
	for (size_t i = 0; i < tables->signer_count; i++)
		if (!memcmp(&tables->signers[i].key, &key, sizeof(key)))
			return rule_of(tables, tables->signers[i].is.timeline);
	return "";
}

static void signers_of_modules_are_the_kernels_where_it_can_hold_them(void **state)
{
	_cleanup_(embargo_tables_free) struct embargo_tables tables = { 0 };
	struct embargo_diagnostic diagnostic = { 0 };

	(void)state;
	read_policy(RULE(
		"r", "early",
		"any: [ { module-signer: { issuer-cn: \"Bad  Vendor\", serial: \"00:1F\" } } ]")
			    RULE("s", "late", "any: [ { module-signer: { serial: 2a } } ]"));
	assert_int_equal(embargo_policy_set_compile(set, &tables, &diagnostic), 0);
	assert_string_equal(signed_by(&tables, "BAD VENDOR", "1f"), "r");
	assert_string_equal(signed_by(&tables, "bad vendor", NULL), "");
	assert_string_equal(signed_by(&tables, NULL, "2a"), "s");
	assert_int_equal(tables.head.signer_count, 2);
	assert_int_equal(tables.head.classifies, 0);
	embargo_tables_free(&tables);
	embargo_policy_set_free(set);
	read_policy(RULE("r", "early", "any: [ { module-signer: { issuer-cn: \"Ж\" } } ]"));
	assert_int_equal(embargo_policy_set_compile(set, &tables, &diagnostic), 0);
	assert_int_equal(tables.head.signer_count, 0);
	assert_int_equal(tables.head.classifies, EMBARGO_SCOPE_MODULE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_signer_matches_by_any_spelling_of_its_name),
		TEST(all_attributes_are_of_one_signer),
		TEST(all_wants_each_of_them),
		TEST(of_any_paths_and_digests_do_not_count_here),
		TEST(a_short_package_counts_only_below_its_path),
		TEST(a_requirement_leaves_invalid_signatures_out),
		TEST(learned_digests_are_those_of_todays_rules),
		TEST(signers_of_modules_are_the_kernels_where_it_can_hold_them),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
