// SPDX-License-Identifier: GPL-2.0-or-later
/* Identities as JSON: there and back they are the same, and hostile JSON gives none. */
#include "loader/json/identity.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

static struct embargo_identities set;

static int teardown(void **state)
{
	(void)state;
	embargo_identities_free(&set);
	return 0;
}

static void put(struct embargo_identity *identity, enum embargo_attribute attribute,
		const char *text)
{
	assert_int_equal(embargo_identities_set(&set, identity, attribute, text, strlen(text)), 0);
}

/* The identities of @set as one line of JSON; the caller frees it. */
static char *encode(void)
{
	_cleanup_json_ json_t *array = NULL;

	assert_int_equal(embargo_identities_to_json(&set, &array), 0);
	return json_dumps(array, JSON_COMPACT | JSON_SORT_KEYS);
}

static int decode(const char *text, struct embargo_identities *into)
{
	_cleanup_json_ json_t *array =
		json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(array);
	return embargo_identities_from_json(array, into);
}

#define SIGNER                                                                          \
	"[{\"kind\":\"build-id\",\"value\":\"00ff\"},"                                  \
	"{\"attributes\":{\"cn\":[\"A, B\",\"C\",\"\xc3\x84\"],\"o\":\"D\",\"serial\":" \
	"\"1f\"},\"chain_ok\":false,\"digest_ok\":true,\"kind\":\"x509\",\"value\":"    \
	"\"cn=A, B, cn=C, o=D, cn=\xc3\x84, serial=1f\"}]"

static void has_the_form_that_its_header_shows(void **state)
{
	struct embargo_identity *identity;
	char *text;

	(void)state;
	identity = embargo_identities_add(&set, EMBARGO_IDENTITY_BUILD_ID);
	put(identity, EMBARGO_ATTRIBUTE_VALUE, "00ff");
	identity = embargo_identities_add(&set, EMBARGO_IDENTITY_X509);
	put(identity, EMBARGO_ATTRIBUTE_CN, "A, B");
	put(identity, EMBARGO_ATTRIBUTE_CN, "C");
	put(identity, EMBARGO_ATTRIBUTE_O, "D");
	put(identity, EMBARGO_ATTRIBUTE_CN, "\xc3\x84");
	put(identity, EMBARGO_ATTRIBUTE_SERIAL, "1f");
	identity->digest_ok = EMBARGO_VALIDITY_YES;
	identity->chain_ok = EMBARGO_VALIDITY_NO;
	text = encode();
	assert_string_equal(text, SIGNER);
	free(text);
}

/* Every kind, with every attribute that a rule may name of it. */
static void comes_back_as_it_went(void **state)
{
	struct embargo_identities back = {};
	char *before, *after;

	(void)state;
	for (enum embargo_identity_kind kind = 1; kind < EMBARGO_IDENTITY_COUNT; kind++) {
		struct embargo_identity *identity = embargo_identities_add(&set, kind);

		identity->digest_ok = kind % 3;
		identity->chain_ok = (kind + 1) % 3;
		if (embargo_identity_single(kind)) {
			put(identity, embargo_identity_single(kind), "0123");
			continue;
		}
		for (enum embargo_attribute at = 1; at < EMBARGO_ATTRIBUTE_COUNT; at++)
			put(identity, at, embargo_attribute_name(at));
		for (size_t more = identity->count; more < EMBARGO_ATTRIBUTES_MAX; more++)
			put(identity, EMBARGO_ATTRIBUTE_CN, "another");
	}
	before = encode();
	assert_int_equal(decode(before, &back), 0);
	assert_int_equal(back.count, EMBARGO_IDENTITY_COUNT - 1);
	for (size_t i = 0; i < back.count; i++) {
		assert_int_equal(back.array[i].kind, set.array[i].kind);
		assert_int_equal(back.array[i].count, set.array[i].count);
		assert_int_equal(back.array[i].digest_ok, set.array[i].digest_ok);
		assert_int_equal(back.array[i].chain_ok, set.array[i].chain_ok);
	}
	embargo_identities_free(&set);
	set = back;
	after = encode();
	/* Values of one attribute stand together now, the first among the others. */
	assert_int_equal(strlen(after), strlen(before));
	free(before);
	free(after);
}

static void an_identity_of_nothing_has_no_form(void **state)
{
	struct embargo_identity nothing = { .kind = EMBARGO_IDENTITY_X509 };
	json_t *object = NULL;

	(void)state;
	assert_int_equal(embargo_identity_to_json(&nothing, &object), -EINVAL);
	nothing.kind = EMBARGO_IDENTITY_COUNT;
	assert_int_equal(embargo_identity_to_json(&nothing, &object), -EINVAL);
	assert_null(object);
}

static void what_has_another_form_is_refused(void **state)
{
	static const char *const texts[] = {
		"{}",
		"7",
		"[7]",
		"[[]]",
		"[null]",
		"[{}]",
		"[{\"kind\":\"soname\"}]",
		"[{\"value\":\"a\"}]",
		"[{\"kind\":7,\"value\":\"a\"}]",
		"[{\"kind\":\"\",\"value\":\"a\"}]",
		"[{\"kind\":\"sonames\",\"value\":\"a\"}]",
		"[{\"kind\":\"soname\",\"value\":\"\"}]",
		"[{\"kind\":\"soname\",\"value\":7}]",
		"[{\"kind\":\"soname\",\"value\":[\"a\"]}]",
		"[{\"kind\":\"soname\",\"value\":\"a\\u0000b\"}]",
		"[{\"kind\":\"soname\",\"value\":\"a\\nb\"}]",
		"[{\"kind\":\"soname\",\"value\":\"a\",\"more\":1}]",
		"[{\"kind\":\"soname\",\"value\":\"a\",\"digest_ok\":\"yes\"}]",
		"[{\"kind\":\"soname\",\"value\":\"a\",\"chain_ok\":1}]",
		"[{\"kind\":\"soname\",\"value\":\"a\",\"attributes\":{\"value\":\"a\"}}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\"}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\",\"attributes\":{}}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\",\"attributes\":[\"a\"]}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\",\"attributes\":{\"cn\":[]}}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\",\"attributes\":{\"cn\":[[\"a\"]]}}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\",\"attributes\":{\"cnn\":\"a\"}}]",
		"[{\"kind\":\"x509\",\"value\":\"cn=a\",\"attributes\":{\"cn\":\"a\\u0000\"}}]",
		"[{\"kind\":\"soname\",\"value\":\"a\"},{\"kind\":\"soname\"}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int error = decode(texts[i], &set);

		if (error != -EBADMSG)
			print_error("%s\n", texts[i]);
		assert_int_equal(error, -EBADMSG);
		assert_null(set.array);
	}
}

/* @count times @text, between brackets and with commas. */
static json_t *repeat(size_t count, json_t *value)
{
	json_t *array = json_array();

	while (count--)
		assert_int_equal(json_array_append(array, value), 0);
	json_decref(value);
	return array;
}

static int decode_array(json_t *array)
{
	int error = embargo_identities_from_json(array, &set);

	json_decref(array);
	embargo_identities_free(&set);
	return error;
}

static json_t *with_names(size_t count)
{
	return repeat(1, json_pack("{s:s, s:s, s:{s:o}}", "kind", "x509", "value", "many",
				   "attributes", "cn", repeat(count, json_string("a"))));
}

static void bounds_hold(void **state)
{
	char text[EMBARGO_ATTRIBUTE_SIZE + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(decode_array(repeat(1, json_pack("{s:s, s:s#}", "kind", "soname", "value",
							  text, EMBARGO_ATTRIBUTE_SIZE - 1))),
			 0);
	assert_int_equal(decode_array(repeat(1, json_pack("{s:s, s:s#}", "kind", "soname", "value",
							  text, EMBARGO_ATTRIBUTE_SIZE))),
			 -E2BIG);
	assert_int_equal(
		decode_array(repeat(EMBARGO_IDENTITIES_MAX,
				    json_pack("{s:s, s:s}", "kind", "needed", "value", "a"))),
		0);
	assert_int_equal(
		decode_array(repeat(EMBARGO_IDENTITIES_MAX + 1,
				    json_pack("{s:s, s:s}", "kind", "needed", "value", "a"))),
		-E2BIG);
	assert_int_equal(decode_array(with_names(EMBARGO_ATTRIBUTES_MAX)), 0);
	assert_int_equal(decode_array(with_names(EMBARGO_ATTRIBUTES_MAX + 1)), -E2BIG);
	assert_int_equal(decode_array(json_array()), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(has_the_form_that_its_header_shows, teardown),
		cmocka_unit_test_teardown(comes_back_as_it_went, teardown),
		cmocka_unit_test_teardown(an_identity_of_nothing_has_no_form, teardown),
		cmocka_unit_test_teardown(what_has_another_form_is_refused, teardown),
		cmocka_unit_test_teardown(bounds_hold, teardown),
	};

	return cmocka_run_group_tests_name("identity_json", tests, NULL, NULL);
}
