// SPDX-License-Identifier: GPL-2.0-or-later
/* RPMs: headers byte by byte, all sorts of signatures, and damage. */
#include "tests/unit/reader.h"
#include "tests/unit/signing.h"

#define V3 "\xc2\x0f\3\5\0\1\2\3\4"

struct rpm {
	uint8_t bytes[4096];
	size_t size;
	size_t header;	     /* where the one under construction begins */
	uint8_t store[2048]; /* of it */
	size_t stored, count;
};

static void put(struct rpm *rpm, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		rpm->bytes[rpm->size++] = number >> (24 - 8 * i);
}

static void add(struct rpm *rpm, uint32_t tag, uint32_t type, uint32_t count, const void *content,
		size_t size)
{
	rpm->size = rpm->header + 16 + 16 * rpm->count++;
	put(rpm, tag);
	put(rpm, type);
	put(rpm, rpm->stored);
	put(rpm, count);
	memcpy(rpm->store + rpm->stored, content, size);
	rpm->stored += size;
}

static void begin(struct rpm *rpm)
{
	rpm->header = rpm->size;
	rpm->stored = rpm->count = 0;
}

static void end(struct rpm *rpm)
{
	rpm->size = rpm->header;
	put(rpm, 0x8eade801);
	put(rpm, 0);
	put(rpm, rpm->count);
	put(rpm, rpm->stored);
	rpm->size += 16 * rpm->count;
	memcpy(rpm->bytes + rpm->size, rpm->store, rpm->stored);
	rpm->size += rpm->stored;
}

#define ADD_TEXT(rpm, tag, type, count, text) add(rpm, tag, type, count, text, sizeof(text))

static struct rpm make_rpm(void)
{
	struct rpm rpm = { .size = 96 };

	memcpy(rpm.bytes, "\xed\xab\xee\xdb\3", 5);
	begin(&rpm);
	add(&rpm, 267, 7, 17, V3 "eddsakey", 17);
	add(&rpm, 268, 7, 17, V3 "rsakey..", 17);
	add(&rpm, 1002, 7, 17, V3 "pgpkey..", 17);
	add(&rpm, 1005, 7, 17, V3 "gpgkey..", 17);
	ADD_TEXT(&rpm, 278, 8, 2, "wg8DBQABAgMEoaKjpKWmp6g=\0wg8DBQABAgMEsbKztLW2t7g=");
	ADD_TEXT(&rpm, 274, 8, 4,
		 "0302040102030400020000\0\0"
		 "030204aabbccdd0001ff\0"
		 "030204010203040001ff");
	end(&rpm);
	rpm.size = (rpm.size + 7) & ~7u;
	begin(&rpm);
	ADD_TEXT(&rpm, 1000, 6, 1, "kesl");
	ADD_TEXT(&rpm, 1001, 6, 1, "12.0");
	ADD_TEXT(&rpm, 1002, 6, 1, "3");
	ADD_TEXT(&rpm, 1004, 9, 1, "A summary");
	ADD_TEXT(&rpm, 1011, 6, 1, "AO Example");
	end(&rpm);
	memcpy(rpm.bytes + rpm.size, "payload", 7);
	rpm.size += 7;
	return rpm;
}

#define SIGNERS                                                                          \
	"openpgp 65646473616b6579; openpgp 7273616b65792e2e; openpgp 7067706b65792e2e; " \
	"openpgp 6770676b65792e2e; openpgp a1a2a3a4a5a6a7a8; openpgp b1b2b3b4b5b6b7b8; "
#define FILES	"ima-key 01020304; ima-key aabbccdd; "
#define PACKAGE "package name=kesl, vendor=AO Example, version=12.0-3; "

static struct embargo_specimen look(const struct rpm *rpm)
{
	return unit_read(embargo_rpm_read, EMBARGO_KIND_PACKAGE, rpm->bytes, rpm->size);
}

static void reads_package_and_signatures(void **state)
{
	struct rpm rpm = make_rpm();
	struct embargo_specimen specimen = look(&rpm);

	(void)state;
	assert_string_equal(unit_fault(&specimen), "");
	assert_string_equal(unit_identities(&specimen), SIGNERS FILES PACKAGE);
	embargo_specimen_free(&specimen);
}

#define SIGNATURES 96 /* where the signature header begins */
#define ENTRY(n)   (SIGNATURES + 16 + 16 * (n))
#define MAIN	   (make_rpm().header) /* the main one */

static void says_what_is_broken(void **state)
{
	const struct {
		const char *name, *fault;
		size_t at;
		uint32_t number;
		const char *identities; /* that are still found */
	} damages[] = {
		{ "no signature header", "RPM signature header: none is there", SIGNATURES, 0, "" },
		{ "33 signatures", "RPM signature header: larger than rpm takes", SIGNATURES + 8,
		  33, "" },
		{ "a store beyond rpm's bound", "RPM signature header: larger than rpm takes",
		  SIGNATURES + 12, (64 << 20) + 1, "" },
		{ "a store behind the file", "RPM signature header: ends behind the file",
		  SIGNATURES + 12, 4096, "" },
		{ "a signature of a wrong type", "RPM signature 267: of type 6, not 7",
		  ENTRY(0) + 4, 6, NULL },
		{ "a signature behind its header", "RPM signature: ends behind its header",
		  ENTRY(0) + 8, 2048, NULL },
		{ "a signature far behind", "RPM signature: ends behind its header", ENTRY(0) + 8,
		  UINT32_MAX, NULL },
		{ "a signature longer than its header", "RPM signature: ends behind its header",
		  ENTRY(0) + 12, 2048, NULL },
		{ "a signature cut off", "RPM signature: OpenPGP packet cut off or damaged",
		  ENTRY(0) + 12, 16, NULL },
		{ "texts that are not there", "RPM OpenPGP signatures: cut off, or too many",
		  ENTRY(4) + 8, 4096, NULL },
		{ "file signatures that are not there", "RPM file signatures: cut off, or too many",
		  ENTRY(5) + 12, UINT32_MAX, NULL },
		{ "no main header", "RPM header: none is there", MAIN, 0, SIGNERS FILES },
		{ "65,536 entries", "RPM header: larger than rpm takes", MAIN + 8, 0x10000,
		  SIGNERS FILES },
		{ "entries behind the file", "RPM header: ends behind the file", MAIN + 8, 0xffff,
		  SIGNERS FILES },
		{ "a name behind its header", "RPM tag 1000: no text, or one behind its header",
		  MAIN + 16 + 8, 1 << 20,
		  SIGNERS FILES "package vendor=AO Example, version=12.0-3; " },
		{ "a name of numbers", "RPM tag 1000: no text, or one behind its header",
		  MAIN + 16 + 4, 4, SIGNERS FILES "package vendor=AO Example, version=12.0-3; " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct rpm rpm = make_rpm();
		size_t size = rpm.size;
		struct embargo_specimen specimen;

		rpm.size = damages[i].at;
		put(&rpm, damages[i].number);
		rpm.size = size;
		specimen = look(&rpm);
		if (strcmp(unit_fault(&specimen), damages[i].fault) ||
		    (damages[i].identities &&
		     strcmp(unit_identities(&specimen), damages[i].identities)))
			fail_msg("%s: \"%s\", and %s", damages[i].name, unit_fault(&specimen),
				 unit_identities(&specimen));
		/* What is broken in one signature hides none of the others. */
		if (!damages[i].identities)
			assert_non_null(strstr(unit_identities(&specimen), PACKAGE));
		embargo_specimen_free(&specimen);
	}
}

/* Appends what rpmsign has for a file that @cn signed for fs-verity, with its NUL; the size. */
static size_t put_verity(uint8_t *text, const char *cn)
{
	struct unit_signer signer = unit_signer_named(cn);
	struct unit_bytes der = unit_detached(&signer, "a digest", 8, CMS_NOATTR);
	size_t size = (size_t)EVP_EncodeBlock(text, der.bytes, (int)der.size) + 1;

	unit_bytes_free(&der);
	unit_signer_free(&signer);
	return size;
}

/* An RPM whose only signatures are of four files: one by Vendor, a folder's, and two more. */
static struct rpm make_verity(const char *third)
{
	struct rpm rpm = { .size = 96 };
	uint8_t texts[2048];
	size_t size = put_verity(texts, "Vendor");

	memcpy(rpm.bytes, "\xed\xab\xee\xdb\3", 5);
	texts[size++] = '\0';
	size += put_verity(texts + size, third);
	size += put_verity(texts + size, "Vendor");
	begin(&rpm);
	add(&rpm, 276, 8, 4, texts, size);
	end(&rpm);
	rpm.size = (rpm.size + 7) & ~7u;
	begin(&rpm);
	ADD_TEXT(&rpm, 1000, 6, 1, "kesl");
	end(&rpm);
	return rpm;
}

#define VENDOR "x509 serial=1f, issuer=CN=Vendor, issuer-cn=Vendor; "

static void reads_who_signed_files_for_verity(void **state)
{
	struct rpm rpm = make_verity("Other");
	struct embargo_specimen specimen = look(&rpm);

	(void)state;
	assert_string_equal(unit_fault(&specimen), "");
	assert_string_equal(
		unit_identities(&specimen),
		VENDOR "x509 serial=1f, issuer=CN=Other, issuer-cn=Other; package name=kesl; ");
	assert_int_equal(specimen.identities.array[0].digest_ok, EMBARGO_VALIDITY_UNKNOWN);
	embargo_specimen_free(&specimen);
	/* What is broken is one file's. */
	rpm.bytes[96 + 16 + 16] = '?';
	specimen = look(&rpm);
	assert_string_equal(unit_fault(&specimen), "RPM verity signature: no base64");
	assert_string_equal(unit_identities(&specimen),
			    "x509 serial=1f, issuer=CN=Other, issuer-cn=Other; " VENDOR
			    "package name=kesl; ");
	embargo_specimen_free(&specimen);
	/* More files than there are. */
	rpm = make_verity("Vendor");
	rpm.bytes[96 + 16 + 15] = 9;
	specimen = look(&rpm);
	assert_string_equal(unit_fault(&specimen), "RPM verity signatures: cut off, or too many");
	assert_string_equal(unit_identities(&specimen), VENDOR "package name=kesl; ");
	embargo_specimen_free(&specimen);
}

static void survives_damage(void **state)
{
	struct rpm rpm = make_rpm();

	(void)state;
	unit_survive(embargo_rpm_read, EMBARGO_KIND_PACKAGE, rpm.bytes, rpm.size);
}

static void survives_damage_of_verity(void **state)
{
	struct rpm rpm = make_verity("Other");

	(void)state;
	unit_survive(embargo_rpm_read, EMBARGO_KIND_PACKAGE, rpm.bytes, rpm.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_package_and_signatures),
		cmocka_unit_test(says_what_is_broken),
		cmocka_unit_test(reads_who_signed_files_for_verity),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(survives_damage_of_verity),
	};

	return cmocka_run_group_tests_name("rpm", tests, NULL, NULL);
}
