// SPDX-License-Identifier: GPL-2.0-or-later
/* Identities: when one is what a rule names, and what can be no value. */
#include "loader/model/identity.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

static struct embargo_identities found, named;

static int teardown(void **state)
{
	(void)state;
	embargo_identities_free(&found);
	embargo_identities_free(&named);
	return 0;
}

static struct embargo_identity *add(struct embargo_identities *set, enum embargo_identity_kind kind)
{
	struct embargo_identity *identity = embargo_identities_add(set, kind);

	assert_non_null(identity);
	return identity;
}

static void put(struct embargo_identities *set, enum embargo_attribute attribute, const char *text)
{
	assert_int_equal(embargo_identities_set(set, &set->array[set->count - 1], attribute, text,
						strlen(text)),
			 0);
}

static bool matches(void)
{
	return embargo_identity_matches(&found.array[0], &named.array[0]);
}

/* Does a file of @kind with @value have what a rule with @pattern names? */
static bool compares(enum embargo_identity_kind kind, enum embargo_attribute attribute,
		     const char *value, const char *pattern)
{
	bool result;

	add(&found, kind);
	put(&found, attribute, value);
	add(&named, kind);
	put(&named, attribute, pattern);
	result = matches();
	teardown(NULL);
	return result;
}

static void every_name_of_a_certificate_counts(void **state)
{
	(void)state;
	add(&found, EMBARGO_IDENTITY_X509);
	put(&found, EMBARGO_ATTRIBUTE_CN, "Harmless");
	put(&found, EMBARGO_ATTRIBUTE_CN, "Kaspersky Lab");
	put(&found, EMBARGO_ATTRIBUTE_O, "Other");
	add(&named, EMBARGO_IDENTITY_X509);
	put(&named, EMBARGO_ATTRIBUTE_CN, "KASPERSKY LAB");
	assert_true(matches());
	/* All that a rule names must be there. */
	put(&named, EMBARGO_ATTRIBUTE_CN, "harmless");
	assert_true(matches());
	put(&named, EMBARGO_ATTRIBUTE_O, "Kaspersky Lab");
	assert_false(matches());
}

static void kinds_and_attributes_do_not_mix(void **state)
{
	(void)state;
	add(&found, EMBARGO_IDENTITY_X509);
	put(&found, EMBARGO_ATTRIBUTE_ISSUER_CN, "Kaspersky Lab");
	put(&found, EMBARGO_ATTRIBUTE_SUBJECT, "CN=Kaspersky Lab");
	add(&named, EMBARGO_IDENTITY_X509);
	put(&named, EMBARGO_ATTRIBUTE_CN, "Kaspersky Lab");
	assert_false(matches());
	named.array[0].values[0].attribute = EMBARGO_ATTRIBUTE_ISSUER_CN;
	assert_true(matches());
	named.array[0].kind = EMBARGO_IDENTITY_MODULE_SIGNER;
	assert_false(matches());
	/* A whole name is to be read; and nothing is not everything. */
	assert_false(compares(EMBARGO_IDENTITY_X509, EMBARGO_ATTRIBUTE_SUBJECT, "CN=a", "CN=a"));
	add(&found, EMBARGO_IDENTITY_X509);
	put(&found, EMBARGO_ATTRIBUTE_CN, "a");
	add(&named, EMBARGO_IDENTITY_X509);
	assert_false(matches());
}

struct comparison {
	const char *value, *pattern;
	bool equal;
};

static void each_is(enum embargo_identity_kind kind, enum embargo_attribute attribute,
		    const struct comparison *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (compares(kind, attribute, table[i].value, table[i].pattern) != table[i].equal)
			fail_msg("%s and %s", table[i].value, table[i].pattern);
}

static void compares_hex(void **state)
{
	static const struct comparison table[] = {
		{ "1f", "1F", true },	{ "1f", "001f", true },	 { "001f", "1f", true },
		{ "0", "000", true },	{ "1f", "1f0", false },	 { "1f", "f", false },
		{ "-1f", "1f", false }, { "1f", "0x1f", false },
	};

	(void)state;
	each_is(EMBARGO_IDENTITY_X509, EMBARGO_ATTRIBUTE_SERIAL, table, ARRAY_SIZE(table));
}

static void compares_the_end_of_key_ids(void **state)
{
	static const struct comparison table[] = {
		{ "0123456789abcdef", "89ABCDEF", true },
		{ "89abcdef", "0123456789abcdef", true },
		{ "0123456789abcdef", "0123456789abcdef", true },
		{ "0123456789abcdef", "01234567", false },
		/* Fewer than eight digits are the end of too many. */
		{ "0123456789abcdef", "9abcdef", false },
		{ "9abcdef", "9abcdef", false },
	};

	(void)state;
	each_is(EMBARGO_IDENTITY_OPENPGP, EMBARGO_ATTRIBUTE_KEY_ID, table, ARRAY_SIZE(table));
	each_is(EMBARGO_IDENTITY_IMA_KEY, EMBARGO_ATTRIBUTE_KEY_ID, table, ARRAY_SIZE(table));
}

static void compares_patterns_of_packages(void **state)
{
	static const struct comparison table[] = {
		{ "kesl", "kesl", true },
		{ "kesl-gui", "kesl*", true },
		{ "kesl", "kesl*", true },
		{ "kesl", "*", true },
		{ "kesl-gui-11", "k*-*1", true },
		{ "aab", "*ab", true },
		{ "abcabd", "*abd", true },
		{ "kesl", "KESL", false },
		{ "xkesl", "kesl*", false },
		{ "kesl", "kesl?", false },
		{ "kesl1", "kesl[1]", false },
		{ "kesl[1]", "kesl[1]", true },
		{ "kesl", "*k", false },
		{ "*", "\\*", false },
		/* Only the rule's star is one. */
		{ "kes*", "kesl", false },
	};

	(void)state;
	each_is(EMBARGO_IDENTITY_PACKAGE, EMBARGO_ATTRIBUTE_NAME, table, ARRAY_SIZE(table));
}

/* A pattern that makes a simple matcher try every way there is. */
static void patterns_take_no_time(void **state)
{
	char value[EMBARGO_ATTRIBUTE_SIZE] = "", pattern[EMBARGO_ATTRIBUTE_SIZE] = "";

	(void)state;
	memset(value, 'a', sizeof(value) - 1);
	for (size_t i = 0; i + 3 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 3);
	pattern[strlen(pattern) - 1] = 'b';
	assert_false(compares(EMBARGO_IDENTITY_PACKAGE, EMBARGO_ATTRIBUTE_NAME, value, pattern));
}

static void compares_folders(void **state)
{
	static const struct comparison table[] = {
		{ "/opt/kaspersky/kesl/a", "/opt/kaspersky/", true },
		{ "/opt/kaspersky/a", "/opt/kaspersky/a", true },
		{ "/opt/kaspersky", "/opt/kaspersky/", false },
		{ "/opt/kaspersky2/a", "/opt/kaspersky/", false },
		{ "/opt/kaspersky/ab", "/opt/kaspersky/a", false },
		{ "/opt/Kaspersky/a", "/opt/kaspersky/", false },
	};

	(void)state;
	each_is(EMBARGO_IDENTITY_PACKAGE, EMBARGO_ATTRIBUTE_PATH, table, ARRAY_SIZE(table));
}

static void compares_modules_and_libraries(void **state)
{
	static const struct comparison modules[] = {
		{ "kl_net-hook", "kl-net_hook", true },
		{ "klflt", "klflt2", false },
		{ "Klflt", "klflt", false },
	};
	static const struct comparison libraries[] = {
		{ "libkl.so.1", "libkl.so.1", true },
		{ "libkl.so.1", "libkl.so", false },
		{ "libkl.so.1", "*", false },
	};

	(void)state;
	each_is(EMBARGO_IDENTITY_MODINFO, EMBARGO_ATTRIBUTE_NAME, modules, ARRAY_SIZE(modules));
	each_is(EMBARGO_IDENTITY_SONAME, EMBARGO_ATTRIBUTE_VALUE, libraries, ARRAY_SIZE(libraries));
	each_is(EMBARGO_IDENTITY_NEEDED, EMBARGO_ATTRIBUTE_VALUE, libraries, ARRAY_SIZE(libraries));
}

static void what_is_no_text_is_no_value(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} texts[] = {
		{ "", 0 },	    { "Kaspersky Lab\0Harmless", 22 },
		{ "\0", 1 },	    { "a\nb", 3 },
		{ "a\x1b[2J", 5 },  { "\x7f", 1 },
		{ "a\xc2\x85", 3 }, /* a control character of Unicode */
		{ "a\xff", 2 },	    { "\xed\xa0\x80", 3 },
		{ "\xe2\x82", 2 },
	};
	struct embargo_identity *identity = add(&found, EMBARGO_IDENTITY_X509);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(embargo_identities_set(&found, identity, EMBARGO_ATTRIBUTE_CN,
							texts[i].bytes, texts[i].length),
				 -EBADMSG);
	assert_int_equal(identity->count, 0);
}

static void bounds_hold(void **state)
{
	struct embargo_identity *identity = add(&found, EMBARGO_IDENTITY_X509);
	char text[EMBARGO_ATTRIBUTE_SIZE];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(embargo_identities_set(&found, identity, EMBARGO_ATTRIBUTE_CN, text,
						sizeof(text)),
			 -E2BIG);
	for (int i = 0; i < EMBARGO_ATTRIBUTES_MAX; i++)
		assert_int_equal(embargo_identities_set(&found, identity, EMBARGO_ATTRIBUTE_CN,
							text, sizeof(text) - 1),
				 0);
	assert_int_equal(embargo_identities_set(&found, identity, EMBARGO_ATTRIBUTE_CN, "a", 1),
			 -E2BIG);
	while (found.count < EMBARGO_IDENTITIES_MAX)
		add(&found, EMBARGO_IDENTITY_NEEDED);
	assert_null(embargo_identities_add(&found, EMBARGO_IDENTITY_NEEDED));
	/* What was there stays whole while the set grows. */
	assert_int_equal(found.array[0].count, EMBARGO_ATTRIBUTES_MAX);
	assert_int_equal(strlen(embargo_identity_value(&found.array[0], EMBARGO_ATTRIBUTE_CN)),
			 EMBARGO_ATTRIBUTE_SIZE - 1);
	embargo_identities_drop(&found);
	assert_non_null(embargo_identities_add(&found, EMBARGO_IDENTITY_NEEDED));
}

static void every_word_is_its_own(void **state)
{
	(void)state;
	for (enum embargo_identity_kind kind = 1; kind < EMBARGO_IDENTITY_COUNT; kind++)
		assert_int_equal(embargo_identity_kind_parse(embargo_identity_kind_name(kind)),
				 kind);
	for (enum embargo_attribute at = 1; at < EMBARGO_ATTRIBUTE_COUNT; at++)
		assert_int_equal(embargo_attribute_parse(embargo_attribute_name(at)), at);
	assert_int_equal(embargo_identity_kind_parse("X509"), EMBARGO_IDENTITY_UNKNOWN);
	assert_int_equal(embargo_attribute_parse(""), EMBARGO_ATTRIBUTE_UNKNOWN);
	assert_null(embargo_identity_kind_name(EMBARGO_IDENTITY_UNKNOWN));
	assert_null(embargo_attribute_name(EMBARGO_ATTRIBUTE_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_name_of_a_certificate_counts, teardown),
		cmocka_unit_test_teardown(kinds_and_attributes_do_not_mix, teardown),
		cmocka_unit_test(compares_hex),
		cmocka_unit_test(compares_the_end_of_key_ids),
		cmocka_unit_test(compares_patterns_of_packages),
		cmocka_unit_test(patterns_take_no_time),
		cmocka_unit_test(compares_folders),
		cmocka_unit_test(compares_modules_and_libraries),
		cmocka_unit_test_teardown(what_is_no_text_is_no_value, teardown),
		cmocka_unit_test_teardown(bounds_hold, teardown),
		cmocka_unit_test(every_word_is_its_own),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
