// SPDX-License-Identifier: GPL-2.0-or-later
/* OpenPGP signatures: each version and form, armor, and damage; and the base64 that they are in. */
#include "loader/identity/openpgp.h"

#include "loader/base/base64.h"
#include "tests/unit/reader.h"

#define PRINT "\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x01\x02\x03\x04\x05"
#define KEY   "\xdd\xee\xff\x01\x02\x03\x04\x05" /* its end */
#define OTHER "\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8"
#define LONG  "0123456789abcdef0123456789abcdef" /* 32 bytes, as version 6 has them */

#define PRINT_TEXT "112233445566778899aabbccddeeff0102030405"
#define LONG_TEXT  "3031323334353637383961626364656630313233343536373839616263646566"

static void read_signature(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	embargo_openpgp_read(bytes, size, (struct embargo_claim_place) { 7, "it" }, specimen);
}

struct packet {
	const char *name;
	const char *bytes;
	size_t size;
	const char *identities, *fault;
};

#define PACKET(bytes) bytes, sizeof(bytes) - 1

static const struct packet packets[] = {
	{ "version 4, fingerprint and its id",
	  PACKET("\xc2\x2b\4\0\1\x08\0\x17\x16\x21\4" PRINT "\0\x0a\x09\x10" KEY "\0\0\0\0"),
	  "openpgp " PRINT_TEXT "; ", "" },
	{ "version 4, id alone", PACKET("\xc2\x14\4\0\1\x08\0\0\0\x0a\x09\x10" OTHER "\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "a critical subpacket", PACKET("\xc2\x14\4\0\1\x08\0\0\0\x0a\x09\x90" OTHER "\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "fingerprint and another's id",
	  PACKET("\xc2\x2b\4\0\1\x08\0\x17\x16\x21\4" PRINT "\0\x0a\x09\x10" OTHER "\0\0\0\0"),
	  "openpgp " PRINT_TEXT "; openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "the older form, one byte", PACKET("\x88\x14\4\0\1\x08\0\0\0\x0a\x09\x10" OTHER "\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "the older form, two bytes",
	  PACKET("\x89\0\x14\4\0\1\x08\0\0\0\x0a\x09\x10" OTHER "\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "the older form, to the end", PACKET("\x8b\4\0\1\x08\0\0\0\x0a\x09\x10" OTHER "\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "five bytes of length",
	  PACKET("\xc2\xff\0\0\0\x14\4\0\1\x08\0\0\0\x0a\x09\x10" OTHER "\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "version 3", PACKET("\xc2\x0f\3\5\0\1\2\3\4" OTHER), "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "version 6", PACKET("\xc2\x2f\6\0\1\x08\0\0\0\x23\x22\x21\6" LONG "\0\0\0\0"),
	  "openpgp " LONG_TEXT "; openpgp 3031323334353637; ", "" },
	{ "two signatures", PACKET("\xc2\x0f\3\5\0\1\2\3\4" OTHER "\xc2\x0f\3\5\0\1\2\3\4" KEY),
	  "openpgp a1a2a3a4a5a6a7a8; openpgp ddeeff0102030405; ", "" },
	{ "another packet before it", PACKET("\xcd\2hi\xc2\x0f\3\5\0\1\2\3\4" OTHER),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "zeros behind it", PACKET("\xc2\x0f\3\5\0\1\2\3\4" OTHER "\0\0\0\0"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "no key", PACKET("\xc2\x0a\4\0\1\x08\0\0\0\0\0\0"), "",
	  "it: OpenPGP signature without a key's name" },
	{ "an id of seven bytes",
	  PACKET("\xc2\x13\4\0\1\x08\0\0\0\x09\x08\x10"
		 "1234567\0\0"),
	  "", "it: OpenPGP signature without a key's name" },
	{ "an area longer than its packet", PACKET("\xc2\x08\4\0\1\x08\0\x10\0\0"), "",
	  "it: OpenPGP signature cut off or damaged" },
	{ "a subpacket longer than its area", PACKET("\xc2\x0c\4\0\1\x08\0\2\x09\x10\0\0\0\0"), "",
	  "it: OpenPGP signature cut off or damaged" },
	{ "a subpacket of no length", PACKET("\xc2\x0c\4\0\1\x08\0\2\0\x10\0\0\0\0"), "",
	  "it: OpenPGP signature cut off or damaged" },
	{ "version 9", PACKET("\xc2\x01\x09"), "", "it: OpenPGP signature cut off or damaged" },
	{ "an empty one", PACKET("\xc2\0"), "", "it: OpenPGP signature cut off or damaged" },
	{ "longer than the bytes", PACKET("\xc2\x20\3\5\0\1\2\3\4" OTHER), "",
	  "it: OpenPGP packet cut off or damaged" },
	{ "in parts", PACKET("\xc2\xe1\3\5\0\1\2\3\4" OTHER), "",
	  "it: OpenPGP packet cut off or damaged" },
	{ "text behind it", PACKET("\xc2\x0f\3\5\0\1\2\3\4" OTHER "text"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "it: OpenPGP packet cut off or damaged" },
	{ "text", PACKET("no signature"), "", "it: no OpenPGP signature" },
	{ "nothing", PACKET(""), "", "it: no OpenPGP signature" },
	{ "armor",
	  PACKET("-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\nwg8DBQABAgMEoaKj\npKWmp6g=\n=abcd\n"
		 "-----END PGP SIGNATURE-----\n"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "armor as other systems end lines",
	  PACKET("-----BEGIN PGP SIGNATURE-----\r\n\r\nwg8DBQABAgMEoaKjpKWmp6g=\r\n"
		 "-----END PGP SIGNATURE-----\r\n"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "armor behind a text",
	  PACKET("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\ntext\n"
		 "-----BEGIN PGP SIGNATURE-----\n\nwg8DBQABAgMEoaKjpKWmp6g=\n"
		 "-----END PGP SIGNATURE-----\n"),
	  "openpgp a1a2a3a4a5a6a7a8; ", "" },
	{ "armor without an end",
	  PACKET("-----BEGIN PGP SIGNATURE-----\n\nwg8DBQABAgMEoaKjpKWmp6g="), "",
	  "it: armor without an end" },
	{ "armor of nothing", PACKET("-----BEGIN PGP SIGNATURE-----"), "",
	  "it: armor without an end" },
	{ "armor of no base64",
	  PACKET("-----BEGIN PGP SIGNATURE-----\n\nwg8D!QABAgME\n-----END PGP SIGNATURE-----\n"),
	  "", "it: no base64" },
};

static void reads_each_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		struct embargo_specimen specimen = unit_read(read_signature, EMBARGO_KIND_UNKNOWN,
							     packets[i].bytes, packets[i].size);

		if (strcmp(unit_identities(&specimen), packets[i].identities) ||
		    strcmp(unit_fault(&specimen), packets[i].fault))
			fail_msg("%s: \"%s\", and %s", packets[i].name, unit_fault(&specimen),
				 unit_identities(&specimen));
		embargo_specimen_free(&specimen);
	}
}

/* A signature header is not signed itself: who fills it with keys hides nothing else. */
static void a_crowd_of_keys_is_bounded(void **state)
{
	uint8_t bytes[100 * 17];
	struct embargo_specimen specimen;

	(void)state;
	for (uint8_t i = 0; i < 100; i++) {
		memcpy(bytes + 17 * i, "\xc2\x0f\3\5\0\1\2\3\4" OTHER, 17);
		bytes[17 * i + 16] = i;
	}
	specimen = unit_read(read_signature, EMBARGO_KIND_UNKNOWN, bytes, sizeof(bytes));
	assert_int_equal(specimen.identities.count, EMBARGO_OPENPGP_PACKETS_MAX);
	assert_string_equal(unit_fault(&specimen), "it: OpenPGP packet cut off or damaged");
	read_signature((const uint8_t *)packets[0].bytes, packets[0].size, &specimen);
	assert_int_equal(specimen.identities.count, EMBARGO_OPENPGP_KEYS_MAX);
	assert_string_equal(specimen.faults[1].what, "it: more keys than are kept");
	embargo_specimen_free(&specimen);
}

static void survives_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++)
		unit_survive(read_signature, EMBARGO_KIND_UNKNOWN, packets[i].bytes,
			     packets[i].size);
}

static void decodes_base64(void **state)
{
	static const struct {
		const char *text, *bytes;
		long size;
	} cases[] = {
		{ "", "", 0 },
		{ "Zg==", "f", 1 },
		{ "Zm8=", "fo", 2 },
		{ "Zm9v", "foo", 3 },
		{ "Zm9vYg", "foob", 4 },
		{ "Zm\n9v\r\n", "foo", 3 },
		{ "Z", "", -1 },
		{ "Zg=", "", -1 },
		{ "Zg===", "", -1 },
		{ "=", "", -1 },
		{ "Zm8=Zg==", "", -1 },
		{ "Zm-v", "", -1 },
		{ "+/+/", "\xfb\xff\xbf", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[16];
		long size = embargo_base64_decode(cases[i].text, strlen(cases[i].text), bytes);

		if ((size < 0) != (cases[i].size < 0) ||
		    (size >= 0 && (size != cases[i].size || memcmp(bytes, cases[i].bytes, size))))
			fail_msg("%s gives %ld", cases[i].text, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_form),
		cmocka_unit_test(a_crowd_of_keys_is_bounded),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(decodes_base64),
	};

	return cmocka_run_group_tests_name("openpgp", tests, NULL, NULL);
}
