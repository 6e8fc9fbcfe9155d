// SPDX-License-Identifier: GPL-2.0-or-later
/* STIX patterns: which digests each comes to, which it narrows, and where it is no pattern. */
#include "loader/import/stix_pattern.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

/* Digests for the tables: 64 times one digit. */
#define D1 "1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "2222222222222222222222222222222222222222222222222222222222222222"
#define DA "AaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA"

#define H(digest) "file:hashes.'SHA-256' = '" digest "'"

static const struct {
	const char *pattern;
	const char *found; /* a digit for each digest, with its size after it where it has one */
	unsigned int narrowed, others;
} sound[] = {
	{ "[" H(D1) "]", "1", 0, 0 },
	{ " [ " H(D1) " ] ", "1", 0, 0 },
	{ "[" H(DA) "]", "a", 0, 0 },
	{ "[file:hashes.SHA256 = '" D1 "']", "1", 0, 0 },
	{ "[file:hashes.'SHA256'='" D1 "']", "1", 0, 0 },
	{ "[file:hashes.'sha-256'=='" D1 "']", "1", 0, 0 },
	{ "[" H(D1) " OR " H(D2) "]", "12", 0, 0 },
	{ "[" H(D1) "] OR [" H(D2) "]", "12", 0, 0 },
	{ "([" H(D1) "] OR ([" H(D2) "]))", "12", 0, 0 },
	{ "[file:hashes.'SHA-256' IN ('" D1 "', '" D2 "')]", "12", 0, 0 },
	/* Another digest of the same content says nothing more. */
	{ "[" H(D1) " AND file:hashes.MD5 = 'x']", "1", 0, 1 },
	{ "[file:hashes.MD5 = 'x' AND file:hashes.'SHA-1' = 'y' AND " H(D1) "]", "1", 0, 2 },
	{ "[file:hashes.MD5 = 'x']", "", 0, 1 },
	{ "[" H(D1) " OR file:hashes.MD5 = 'x']", "1", 0, 1 },
	/* A size sizes. */
	{ "[" H(D1) " AND file:size = 7]", "1:7", 0, 0 },
	{ "[file:size = 7 AND (" H(D1) " OR " H(D2) ")]", "1:72:7", 0, 0 },
	{ "[file:size = 7 AND file:hashes.MD5 = 'x' AND " H(D1) "]", "1:7", 0, 1 },
	{ "[" H(D1) " AND file:size = 0]", "1", 0, 0 },
	{ "[" H(D1) " OR " H(D2) " AND file:size = 7]", "12:7", 0, 0 },
	{ "[file:size = 7]", "", 0, 0 },
	/* What is ORed is enough, whatever it is ORed with. */
	{ "[" H(D1) " OR file:name = 'x']", "1", 0, 0 },
	{ "[" H(D1) "] OR [ipv4-addr:value = '10.0.0.1']", "1", 0, 0 },
	{ "[" H(D1) " OR " H(D2) " AND file:name = 'x']", "1", 1, 0 },
	/* What is ANDed is not. */
	{ "[" H(D1) " AND file:name = 'x']", "", 1, 0 },
	{ "[file:name = 'x' AND " H(D1) "]", "", 1, 0 },
	{ "[(" H(D1) " OR " H(D2) ") AND file:name = 'x']", "", 2, 0 },
	{ "[" H(D1) " AND " H(D2) "]", "", 2, 0 },
	{ "[" H(D1) " AND file:size > 7]", "", 1, 0 },
	{ "[" H(D1) " AND file:size IN (7, 8)]", "", 1, 0 },
	{ "[" H(D1) " AND file:size = 7 AND file:size = 8]", "", 1, 0 },
	{ "[" H(D1) " AND file:size = -7]", "", 1, 0 },
	{ "[" H(D1) " AND (file:hashes.MD5 = 'x' OR file:name = 'y')]", "", 1, 1 },
	{ "[" H(D1) " AND EXISTS file:name]", "", 1, 0 },
	{ "[" H(D1) "] AND [" H(D2) "]", "", 2, 0 },
	{ "[" H(D1) "] FOLLOWEDBY [" H(D2) "]", "", 2, 0 },
	{ "[" H(D1) "] OR [" H(D2) "] AND [file:name = 'x']", "1", 1, 0 },
	{ "[" H(D1) "] OR [" H(D2) "] FOLLOWEDBY [file:name = 'x']", "", 2, 0 },
	{ "[" H(D1) "] WITHIN 5 SECONDS", "", 1, 0 },
	{ "[" H(D1) "] REPEATS 2 TIMES OR [" H(D2) "]", "2", 1, 0 },
	{ "([" H(D1) "] OR [" H(D2) "]) WITHIN 5.5 SECONDS", "", 2, 0 },
	{ "[" H(D1) "] START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'", "", 1, 0 },
	/* What is negated, or compared otherwise, names nothing. */
	{ "[NOT " H(D1) "]", "", 0, 0 },
	{ "[file:hashes.'SHA-256' NOT = '" D1 "']", "", 0, 0 },
	{ "[file:hashes.'SHA-256' != '" D1 "']", "", 0, 0 },
	{ "[file:hashes.'SHA-256' NOT IN ('" D1 "')]", "", 0, 0 },
	{ "[file:hashes.'SHA-256' LIKE '1%']", "", 0, 0 },
	{ "[NOT (" H(D1) ")]", "", 1, 0 },
	/* Digests of other things. */
	{ "[artifact:hashes.'SHA-256' = '" D1 "']", "", 0, 0 },
	{ "[x509-certificate:hashes.'SHA-256' = 'short']", "", 0, 0 },
	{ "[file:content_ref.hashes.'SHA-256' = '" D1 "']", "", 0, 0 },
	{ "[file:extensions.'windows-pebinary-ext'.sections[0].hashes.'SHA-256' = 'x']", "", 0, 0 },
	/* Values of each sort. */
	{ "[a:b = true OR a:b = 1.5 OR a:b = h'0aff' OR a:b = b'AAAA' OR a:b MATCHES '^\\'x' OR " H(
		  D1) "]",
	  "1", 0, 0 },
	{ "[network-traffic:dst_ref.value ISSUBSET '10.0.0.0/8' OR " H(D1) "]", "1", 0, 0 },
};

static const struct {
	const char *pattern;
	size_t at;
	const char *what;
} broken[] = {
	{ "", 0, "no bracket at the beginning of an observation" },
	{ "x", 0, "no bracket at the beginning of an observation" },
	{ "[", 1, "a path is missing, like file:hashes.'SHA-256'" },
	{ "[]", 1, "a path is missing, like file:hashes.'SHA-256'" },
	{ "[file:name]", 10, "an operator is missing" },
	{ "[file:x.'y = 1]", 1, "a path with a quote or a bracket open" },
	{ "[file:x[0 = 1", 1, "a path with a quote or a bracket open" },
	{ "[file:name ]", 11, "an operator is missing" },
	{ "[file:name = ]", 13, "a value is missing" },
	{ "[file:name = 'x]", 14, "a string that is not closed" },
	{ "[file:name = 'x'", 16, "a bracket that is not closed" },
	{ "[(file:name = 'x']", 17, "a bracket that is not closed" },
	{ "[file:name = 'x'] [a:b = 1]", 18, "something behind the end" },
	{ "[file:name = 'x'] AND", 21, "no bracket at the beginning of an observation" },
	{ "[file:name = 'x' AND]", 20, "a path is missing, like file:hashes.'SHA-256'" },
	{ "[file:hashes.'SHA-256 = 'x']", 27, "a string that is not closed" },
	{ "[file:hashes.'SHA-256' = 'x']", 26, "a SHA-256 that is not 64 hexadecimal characters" },
	{ "[file:hashes.'SHA-256' = 7]", 25, "a SHA-256 that is not 64 hexadecimal characters" },
	{ "[file:hashes.'SHA-256' IN ('" D1 "', 'x')]", 96,
	  "a SHA-256 that is not 64 hexadecimal characters" },
	{ "[file:hashes.'SHA-256' IN '" D1 "']", 27, "IN without a set" },
	{ "[file:hashes.'SHA-256' IN ('" D1 "']", 93, "a set that is not closed" },
	{ "[" H(D1) "] WITHIN 5", 101, "a qualifier that is cut off" },
	{ "[file:name # 'x']", 11, "a character that has no place in a pattern" },
};

/* As the first table writes it. */
static void describe(const struct embargo_stix_files *files, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < files->count; i++) {
		used += (size_t)snprintf(text + used, size - used, "%x",
					 files->digests[i].digest.bytes[0] & 0x0f);
		if (files->digests[i].sized)
			used += (size_t)snprintf(text + used, size - used, ":%llu",
						 (unsigned long long)files->digests[i].size);
	}
}

static void test_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sound); i++) {
		struct embargo_stix_files files = { .digests = NULL };
		struct embargo_stix_fault fault;
		char found[128];

		if (embargo_stix_pattern_read(sound[i].pattern, &files, &fault))
			fail_msg("%s: at %zu: %s", sound[i].pattern, fault.at, fault.what);
		describe(&files, found, sizeof(found));
		if (strcmp(found, sound[i].found) || files.narrowed != sound[i].narrowed ||
		    files.others != sound[i].others)
			fail_msg("%s: found %s, narrowed %d, others %d", sound[i].pattern, found,
				 (int)files.narrowed, (int)files.others);
		embargo_stix_files_free(&files);
	}
}

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct embargo_stix_files files = { .count = 7 };
		struct embargo_stix_fault fault = { 0 };

		if (embargo_stix_pattern_read(broken[i].pattern, &files, &fault) != -EINVAL)
			fail_msg("%s: is taken", broken[i].pattern);
		if (fault.at != broken[i].at || strcmp(fault.what, broken[i].what))
			fail_msg("%s: at %zu: %s", broken[i].pattern, fault.at, fault.what);
		assert_int_equal(files.count, 7);
	}
}

/* However it is cut, it is read or refused, and never read past its end. */
static void test_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sound); i++) {
		size_t length = strlen(sound[i].pattern);

		for (size_t cut = 0; cut < length; cut++) {
			struct embargo_stix_files files = { .digests = NULL };
			struct embargo_stix_fault fault = { .at = length };
			char *pattern = strndup(sound[i].pattern, cut);

			assert_non_null(pattern);
			if (embargo_stix_pattern_read(pattern, &files, &fault))
				assert_true(fault.at <= cut);
			embargo_stix_files_free(&files);
			free(pattern);
		}
	}
}

static char *repeat(const char *part, size_t times)
{
	char *text = calloc(times, strlen(part) + 1);

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * strlen(part), part, strlen(part));
	return text;
}

static void test_depth(void **state)
{
	struct embargo_stix_files files = { .digests = NULL };
	struct embargo_stix_fault fault;
	_cleanup_free_
	char *outside = repeat("(", 100000);
	_cleanup_free_
	char *inside = repeat("(", 100000);

	(void)state;
	inside[0] = '[';
	assert_int_equal(embargo_stix_pattern_read(outside, &files, &fault), -E2BIG);
	assert_string_equal(fault.what, "brackets nested more than 32 deep");
	assert_int_equal(embargo_stix_pattern_read(inside, &files, &fault), -E2BIG);
	assert_int_equal(fault.at, EMBARGO_STIX_DEPTH);
}

static void test_too_many(void **state)
{
	static const char one[] = H(D1) " OR ";
	struct embargo_stix_files files = { .digests = NULL };
	struct embargo_stix_fault fault;
	_cleanup_free_
	char *pattern = repeat(one, EMBARGO_STIX_DIGESTS + 2);

	(void)state;
	/* The first gives its beginning to the bracket: a pattern of one fewer, all in one line. */
	memset(pattern, ' ', sizeof(one) - 1);
	pattern[0] = '[';
	assert_int_equal(embargo_stix_pattern_read(pattern, &files, &fault), -E2BIG);
	assert_string_equal(fault.what, "more than 65536 digests");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),	  cmocka_unit_test(test_broken),
		cmocka_unit_test(test_every_cut), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
