// SPDX-License-Identifier: GPL-2.0-or-later
/* The signatures that the kernel knows: of modules and images, and of fs-verity. */
#include "loader/identity/appended.h"

#include "loader/crypto/cms.h"

#include "tests/unit/signers_fixture.h"

#define MARKER "~Module signature appended~\n"

static uint8_t module[8192];
static size_t size;

static int setup(void **state)
{
	(void)state;
	vendor = unit_signer_named("Vendor");
	other = unit_signer_named("Other");
	return 0;
}

static void look(void)
{
	look_at(embargo_appended_read, EMBARGO_KIND_MODULE, module, size);
}

static void append(const void *bytes, size_t count)
{
	assert_true(size + count < sizeof(module));
	memcpy(module + size, bytes, count);
	size += count;
}

/* As sign-file does: at the end of whatever is there. */
static void sign(const struct unit_signer *signer, unsigned int flags, X509 *certificate)
{
	struct unit_bytes der = unit_detached(signer, module, size, CMS_NOATTR | flags);
	uint8_t head[12] = { 0, 0, 2 };

	if (certificate) {
		const unsigned char *at = der.bytes;
		CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);
		unsigned char *encoded = NULL;

		CMS_add1_cert(cms, certificate);
		unit_bytes_free(&der);
		der.size = (size_t)i2d_CMS_ContentInfo(cms, &encoded);
		der.bytes = malloc(der.size);
		memcpy(der.bytes, encoded, der.size);
		OPENSSL_free(encoded);
		CMS_ContentInfo_free(cms);
	}
	append(der.bytes, der.size);
	head[10] = (uint8_t)(der.size >> 8);
	head[11] = (uint8_t)der.size;
	append(head, sizeof(head));
	append(MARKER, strlen(MARKER));
	unit_bytes_free(&der);
}

static void make_signed(void)
{
	size = 0;
	append("a module", 8);
	sign(&vendor, 0, NULL);
}

static void tells_the_signer_by_issuer_and_serial(void **state)
{
	(void)state;
	make_signed();
	look();
	assert_string_equal(unit_identities(&specimen),
			    "module-signer serial=1f, issuer=CN=Vendor, issuer-cn=Vendor; ");
	assert_int_equal(specimen.identities.array[0].digest_ok, EMBARGO_VALIDITY_UNKNOWN);
	assert_int_equal(specimen.fault_count, 0);
}

static void what_is_no_module_has_a_certificate_too(void **state)
{
	(void)state;
	make_signed();
	look_at(embargo_appended_read, EMBARGO_KIND_ELF, module, size);
	assert_string_equal(unit_identities(&specimen),
			    "x509 serial=1f, issuer=CN=Vendor, issuer-cn=Vendor; "
			    "module-signer serial=1f, issuer=CN=Vendor, issuer-cn=Vendor; ");
	for (int i = 0; i < 2; i++)
		assert_int_equal(specimen.identities.array[i].digest_ok, EMBARGO_VALIDITY_UNKNOWN);
	append("behind", 6);
	sign(&vendor, 0, vendor.certificate);
	look_at(embargo_appended_read, EMBARGO_KIND_ELF, module, size);
	assert_int_equal(specimen.identities.count, 2);
	assert_int_equal(specimen.identities.array[0].digest_ok, EMBARGO_VALIDITY_YES);
}

static void tells_the_signer_by_key(void **state)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(vendor.certificate);
	char expected[128] = "module-signer key-id=";

	(void)state;
	for (int i = 0; i < ASN1_STRING_length(id); i++)
		sprintf(expected + strlen(expected), "%02x", ASN1_STRING_get0_data(id)[i]);
	strcat(expected, "; ");
	size = 0;
	append("a module", 8);
	sign(&vendor, CMS_USE_KEYID, NULL);
	look();
	assert_string_equal(unit_identities(&specimen), expected);
}

static void checks_where_the_certificate_is_there(void **state)
{
	(void)state;
	for (int by_key = 0; by_key < 2; by_key++) {
		size = 0;
		append("a module", 8);
		sign(&vendor, by_key ? CMS_USE_KEYID : 0, vendor.certificate);
		look();
		assert_int_equal(specimen.identities.count, 2);
		assert_int_equal(specimen.identities.array[0].kind, EMBARGO_IDENTITY_X509);
		assert_int_equal(specimen.identities.array[1].kind, EMBARGO_IDENTITY_MODULE_SIGNER);
		for (int i = 0; i < 2; i++)
			assert_int_equal(specimen.identities.array[i].digest_ok,
					 EMBARGO_VALIDITY_YES);
		module[0] ^= 1;
		look();
		for (int i = 0; i < 2; i++)
			assert_int_equal(specimen.identities.array[i].digest_ok,
					 EMBARGO_VALIDITY_NO);
	}
	/* A certificate of somebody else says nothing of the signer. */
	size = 0;
	append("a module", 8);
	sign(&vendor, CMS_USE_KEYID, other.certificate);
	look();
	assert_int_equal(specimen.identities.count, 1);
	assert_int_equal(specimen.identities.array[0].kind, EMBARGO_IDENTITY_MODULE_SIGNER);
}

static void who_signed_first_is_told_too(void **state)
{
	(void)state;
	make_signed();
	sign(&other, 0, NULL);
	look();
	assert_string_equal(unit_identities(&specimen),
			    "module-signer serial=1f, issuer=CN=Other, issuer-cn=Other; "
			    "module-signer serial=1f, issuer=CN=Vendor, issuer-cn=Vendor; ");
	for (int i = 0; i < EMBARGO_APPENDED_MAX; i++)
		sign(&other, 0, NULL);
	look();
	assert_int_equal(specimen.identities.count, EMBARGO_APPENDED_MAX);
}

static void no_marker_is_no_fault(void **state)
{
	(void)state;
	make_signed();
	size--;
	look();
	assert_int_equal(specimen.identities.count + specimen.fault_count, 0);
	size = 0;
	look();
	assert_int_equal(specimen.identities.count + specimen.fault_count, 0);
}

static void damage_is_named(void **state)
{
	make_signed();
	const size_t head = size - strlen(MARKER) - 12;
	const struct {
		size_t at;
		uint8_t value;
		const char *fault;
		uint64_t where;
	} damages[] = {
		{ head + 2, 0, "module signature: of type 0, not PKCS #7", head },
		{ head + 2, 1, "module signature: of type 1, not PKCS #7", head },
		{ head, 1, "module signature: fields that must be 0", head },
		{ head + 1, 4, "module signature: fields that must be 0", head },
		{ head + 3, 1, "module signature: fields that must be 0", head },
		{ head + 4, 1, "module signature: fields that must be 0", head },
		{ head + 7, 1, "module signature: fields that must be 0", head },
		{ head + 8, 0xff, "module signature: begins before the file", head },
		{ head + 10, 0x7f, "module signature: begins before the file", head },
		{ 8, 0x31, "module signature: is no PKCS #7 SignedData", 8 },
		{ 9, 0xff, "module signature: is no PKCS #7 SignedData", 8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		uint8_t right = module[damages[i].at];

		module[damages[i].at] = damages[i].value;
		look();
		assert_string_equal(unit_fault(&specimen), damages[i].fault);
		assert_int_equal(specimen.faults[0].at, damages[i].where);
		assert_int_equal(specimen.identities.count, 0);
		module[damages[i].at] = right;
	}
	memcpy(module, MARKER, strlen(MARKER));
	size = strlen(MARKER);
	look();
	assert_string_equal(unit_fault(&specimen), "module signature: cut off");
}

/* Larger than any file of tests/unit/signing.h: built by hand. */
static void a_size_beyond_the_bound_is_refused(void **state)
{
	const size_t large = EMBARGO_CMS_SIZE_MAX + 100;
	uint8_t *bytes = calloc(1, large);
	uint8_t *end = bytes + large - strlen(MARKER);
	size_t claimed = large - strlen(MARKER) - 12;

	(void)state;
	memcpy(end, MARKER, strlen(MARKER));
	end[-10] = 2;
	for (int i = 0; i < 4; i++)
		end[-1 - i] = (uint8_t)(claimed >> 8 * i);
	embargo_specimen_free(&specimen);
	specimen = unit_read(embargo_appended_read, EMBARGO_KIND_UNKNOWN, bytes, large);
	assert_string_equal(unit_fault(&specimen), "module signature: larger than any real one");
	free(bytes);
}

static void survives_damage(void **state)
{
	(void)state;
	make_signed();
	sign(&other, CMS_USE_KEYID, other.certificate);
	unit_survive(embargo_appended_read, EMBARGO_KIND_MODULE, module, size);
}

static void look_at_verity(const struct unit_bytes *der, const uint8_t *digest, size_t digest_size)
{
	embargo_specimen_free(&specimen);
	specimen = (struct embargo_specimen) {};
	embargo_verity_signature_read(der->bytes, der->size, digest, digest_size, &specimen);
}

static void reads_the_signature_of_fsverity(void **state)
{
	uint8_t formatted[12 + 32] = "FSVerity\1\0\x20", digest[32];
	const unsigned char *at;
	unsigned char *encoded = NULL;
	struct unit_bytes der;
	CMS_ContentInfo *cms;

	(void)state;
	memset(digest, 0xab, sizeof(digest));
	memcpy(formatted + 12, digest, sizeof(digest));
	der = unit_detached(&vendor, formatted, sizeof(formatted), CMS_NOATTR);
	look_at_verity(&der, digest, sizeof(digest));
	/* As all tools make them: without the certificate. */
	assert_string_equal(unit_identities(&specimen),
			    "x509 serial=1f, issuer=CN=Vendor, issuer-cn=Vendor; ");
	at = der.bytes;
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);
	unit_bytes_free(&der);
	CMS_add1_cert(cms, vendor.certificate);
	der.size = (size_t)i2d_CMS_ContentInfo(cms, &encoded);
	der.bytes = encoded;
	look_at_verity(&der, digest, sizeof(digest));
	assert_int_equal(specimen.identities.count, 1);
	assert_int_equal(specimen.identities.array[0].kind, EMBARGO_IDENTITY_X509);
	assert_int_equal(specimen.identities.array[0].digest_ok, EMBARGO_VALIDITY_YES);
	digest[0] ^= 1;
	look_at_verity(&der, digest, sizeof(digest));
	assert_int_equal(specimen.identities.array[0].digest_ok, EMBARGO_VALIDITY_NO);
	look_at_verity(&der, digest, 20);
	assert_string_equal(unit_fault(&specimen), "fs-verity digest: of unknown length");
	der.size = 10;
	look_at_verity(&der, digest, sizeof(digest));
	assert_string_equal(unit_fault(&specimen), "fs-verity signature: is no PKCS #7 SignedData");
	CMS_ContentInfo_free(cms);
	OPENSSL_free(encoded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_signer_by_issuer_and_serial),
		cmocka_unit_test(what_is_no_module_has_a_certificate_too),
		cmocka_unit_test(tells_the_signer_by_key),
		cmocka_unit_test(checks_where_the_certificate_is_there),
		cmocka_unit_test(who_signed_first_is_told_too),
		cmocka_unit_test(no_marker_is_no_fault),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(a_size_beyond_the_bound_is_refused),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(reads_the_signature_of_fsverity),
	};

	return cmocka_run_group_tests_name("appended", tests, setup, teardown);
}
