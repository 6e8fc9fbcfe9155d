// SPDX-License-Identifier: GPL-2.0-or-later
/* IMA signatures: which values are one, and which are broken. */
#include "loader/identity/ima.h"

#include "tests/unit/reader.h"

static void read_value(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	embargo_ima_read(bytes, size, (struct embargo_claim_place) { 0, "it" }, specimen);
}

#define VALUE(bytes) bytes, sizeof(bytes) - 1

static const struct {
	const char *name, *bytes;
	size_t size;
	const char *identities, *fault;
} values[] = {
	{ "signature", VALUE("\3\2\4\1\2\3\4\0\2ab"), "ima-key 01020304; ", "" },
	{ "portable signature", VALUE("\5\2\4\1\2\3\4\0\2ab"), "ima-key 01020304; ", "" },
	{ "of the fs-verity digest", VALUE("\6\3\4\xaa\xbb\xcc\xdd\0\1a"), "ima-key aabbccdd; ",
	  "" },
	{ "digest of the older form",
	  VALUE("\1"
		"01234567890123456789"),
	  "", "" },
	{ "HMAC",
	  VALUE("\2"
		"01234567890123456789"),
	  "", "" },
	{ "digest",
	  VALUE("\4\4"
		"01234567890123456789012345678901"),
	  "", "" },
	{ "nothing", VALUE(""), "", "it: IMA signature cut off or too long" },
	{ "a type alone", VALUE("\3"), "", "it: IMA signature cut off or too long" },
	{ "no signature", VALUE("\3\2\4\1\2\3\4\0\0"), "",
	  "it: IMA signature cut off or too long" },
	{ "a short one", VALUE("\3\2\4\1\2\3\4\0\3ab"), "",
	  "it: IMA signature cut off or too long" },
	{ "a long one", VALUE("\3\2\4\1\2\3\4\0\2abc"), "",
	  "it: IMA signature cut off or too long" },
	{ "version 1", VALUE("\3\1\4\1\2\3\4\0\2ab"), "", "it: IMA signature of version 1" },
	{ "type 9", VALUE("\x09\2\4\1\2\3\4\0\2ab"), "", "it: IMA value of unknown type 9" },
};

static void tells_signatures_from_what_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct embargo_specimen specimen =
			unit_read(read_value, EMBARGO_KIND_ELF, values[i].bytes, values[i].size);

		if (strcmp(unit_identities(&specimen), values[i].identities) ||
		    strcmp(unit_fault(&specimen), values[i].fault))
			fail_msg("%s: \"%s\", and %s", values[i].name, unit_fault(&specimen),
				 unit_identities(&specimen));
		embargo_specimen_free(&specimen);
	}
}

static void survives_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		unit_survive(read_value, EMBARGO_KIND_ELF, values[i].bytes, values[i].size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_signatures_from_what_is_none),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests_name("ima", tests, NULL, NULL);
}
