// SPDX-License-Identifier: GPL-2.0-or-later
/* Signers in CMS: their names in every string of ASN.1, hostile names, and chains to anchors. */
#include "loader/crypto/cms.h"

#include <errno.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "loader/crypto/anchors.h"
#include "tests/unit/reader.h"
#include "tests/unit/signing.h"

static struct embargo_identities set;
static struct embargo_diagnostic flaw;
static struct embargo_anchors *anchors;

static int teardown(void **state)
{
	(void)state;
	embargo_identities_free(&set);
	embargo_anchors_free(anchors);
	anchors = NULL;
	return 0;
}

/* The signers of a signature over a constant, with @others beside the signer's certificate. */
static int add_signers(const struct unit_signer *signer, X509 **others)
{
	static const uint8_t digest[32];
	struct unit_authenticode how = { .signer = signer,
					 .method = EVP_sha256(),
					 .digest = digest };
	const struct embargo_cms_claim claim = { .content_ok = EMBARGO_VALIDITY_YES };
	struct embargo_cms *cms = NULL;
	struct unit_bytes der;
	int error;

	for (size_t i = 0; others && others[i]; i++)
		how.others[i] = others[i];
	der = unit_authenticode(&how);
	error = embargo_cms_parse(der.bytes, der.size, &cms);
	if (!error) {
		assert_int_equal(embargo_cms_signer_count(cms), 1);
		error = embargo_cms_signer_add(cms, 0, &claim, EMBARGO_CMS_CERTIFICATE, &set,
					       &flaw);
	}
	embargo_cms_free(cms);
	unit_bytes_free(&der);
	return error;
}

/* The values of @attribute that a certificate with this one name gets, with ';' behind each. */
static const char *read_name(const char *word, int type, const void *bytes, int length,
			     enum embargo_attribute attribute)
{
	static char text[4 * EMBARGO_ATTRIBUTE_SIZE];
	X509_NAME *name = unit_name("First");
	struct unit_signer signer;

	unit_name_add(name, word, type, bytes, length);
	signer = unit_signer(name, NULL, 1, UNIT_USE_CODE);
	embargo_identities_free(&set);
	assert_int_equal(add_signers(&signer, NULL), 0);
	unit_signer_free(&signer);
	text[0] = '\0';
	for (size_t i = 0; i < set.array[0].count; i++)
		if (set.array[0].values[i].attribute == attribute)
			strcat(strcat(text, set.array[0].values[i].text), ";");
	return text;
}

static void names_come_from_every_string(void **state)
{
	static const struct {
		int type;
		const char *bytes;
		int length;
		const char *text;
	} strings[] = {
		{ V_ASN1_UTF8STRING, "Gr\xc3\xb6\xc3\x9f", 6, "First;Gr\u00f6\u00df;" },
		{ V_ASN1_PRINTABLESTRING, "AO Vendor", 9, "First;AO Vendor;" },
		{ V_ASN1_IA5STRING, "a@b", 3, "First;a@b;" },
		{ V_ASN1_T61STRING, "Gr\xf6\xdf", 4, "First;Gr\u00f6\u00df;" },
		{ V_ASN1_BMPSTRING, "\4\x1a\4\x30", 4, "First;\u041a\u0430;" },
		{ V_ASN1_UNIVERSALSTRING, "\0\1\xf6\0", 4, "First;\U0001f600;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		assert_string_equal(read_name("CN", strings[i].type, strings[i].bytes,
					      strings[i].length, EMBARGO_ATTRIBUTE_CN),
				    strings[i].text);
		assert_string_equal(flaw.what, "");
		/* Signed by itself: the issuer has the same names. */
		assert_string_equal(read_name("CN", strings[i].type, strings[i].bytes,
					      strings[i].length, EMBARGO_ATTRIBUTE_ISSUER_CN),
				    strings[i].text);
	}
	assert_string_equal(read_name("O", V_ASN1_UTF8STRING, "A", 1, EMBARGO_ATTRIBUTE_O), "A;");
	assert_string_equal(read_name("serialNumber", V_ASN1_PRINTABLESTRING, "1027739867473", 13,
				      EMBARGO_ATTRIBUTE_SUBJECT_SERIAL),
			    "1027739867473;");
}

static void a_name_that_is_no_text_is_none(void **state)
{
	static const struct {
		int type;
		const char *bytes;
		int length;
		const char *flaw;
	} strings[] = {
		{ V_ASN1_UTF8STRING, "Vendor\0.example", 15, "is no text" },
		{ V_ASN1_PRINTABLESTRING, "Vendor\0", 7, "is no text" },
		{ V_ASN1_BMPSTRING, "\0V\0\0", 4, "is no text" },
		{ V_ASN1_UTF8STRING, "Ven\ndor", 7, "is no text" },
		{ V_ASN1_UTF8STRING, "\x1b[2J", 4, "is no text" },
		{ V_ASN1_UTF8STRING, "", 0, "is no text" },
	};
	static const char *const words[] = { "CN", "O", "serialNumber" };
	static const enum embargo_attribute attributes[] = { EMBARGO_ATTRIBUTE_CN,
							     EMBARGO_ATTRIBUTE_O,
							     EMBARGO_ATTRIBUTE_SUBJECT_SERIAL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		for (size_t word = 0; word < ARRAY_SIZE(words); word++) {
			const char *text = read_name(words[word], strings[i].type, strings[i].bytes,
						     strings[i].length, attributes[word]);

			assert_string_equal(text, word ? "" : "First;");
			assert_non_null(strstr(flaw.what, strings[i].flaw));
		}
}

/* Names that OpenSSL does not write are made by changing the tag or a byte of one that it did. */
static void what_openssl_would_not_write_is_no_name(void **state)
{
	static const struct {
		int at;
		uint8_t value;
	} changes[] = {
		{ 6, 0xff },
		{ 0, 0xc0 },		  /* wrong UTF-8 */
		{ -2, V_ASN1_BMPSTRING }, /* of odd length */
		{ -2, V_ASN1_UNIVERSALSTRING },
		{ -2, V_ASN1_OCTET_STRING },
		{ -2, V_ASN1_INTEGER },
		{ -2, V_ASN1_BIT_STRING },
		{ -1, 8 },
	};
	static const uint8_t digest[32];
	struct unit_signer root = unit_signer_named("Root");
	struct unit_signer signer = unit_signer(unit_name("Vendor~"), &root, 2, UNIT_USE_CODE);
	const struct unit_authenticode how = { .signer = &signer,
					       .method = EVP_sha256(),
					       .digest = digest };
	const struct embargo_cms_claim claim = { .content_ok = EMBARGO_VALIDITY_YES };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct unit_bytes der = unit_authenticode(&how);
		uint8_t *name = memmem(der.bytes, der.size, "Vendor~", 7);
		struct embargo_cms *cms = NULL;

		name[changes[i].at] = changes[i].value;
		embargo_identities_free(&set);
		assert_int_equal(embargo_cms_parse(der.bytes, der.size, &cms), 0);
		assert_int_equal(embargo_cms_signer_add(cms, 0, &claim, EMBARGO_CMS_CERTIFICATE,
							&set, &flaw),
				 0);
		assert_int_equal(set.count, 1);
		assert_null(embargo_identity_value(&set.array[0], EMBARGO_ATTRIBUTE_CN));
		assert_true(embargo_cms_broken_count(cms) == 1 || flaw.what[0]);
		embargo_cms_free(cms);
		unit_bytes_free(&der);
	}
	unit_signer_free(&root);
	unit_signer_free(&signer);
}

static void a_name_that_is_too_long_is_none(void **state)
{
	char longest[EMBARGO_ATTRIBUTE_SIZE];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_string_equal(read_name("CN", V_ASN1_UTF8STRING, longest, sizeof(longest),
				      EMBARGO_ATTRIBUTE_CN),
			    "First;");
	assert_non_null(strstr(flaw.what, "is too long"));
}

/* What tells certificates apart is there whatever names there are. */
static void names_do_not_crowd_out_numbers(void **state)
{
	X509_NAME *name = X509_NAME_new();
	struct unit_signer signer;

	(void)state;
	for (int i = 0; i < 2 * EMBARGO_ATTRIBUTES_MAX; i++)
		unit_name_add(name, "CN", V_ASN1_UTF8STRING, "a", 1);
	signer = unit_signer(name, NULL, 0xabcdef, UNIT_USE_CODE);
	assert_int_equal(add_signers(&signer, NULL), 0);
	unit_signer_free(&signer);
	assert_int_equal(set.array[0].count, EMBARGO_ATTRIBUTES_MAX);
	assert_string_equal(embargo_identity_value(&set.array[0], EMBARGO_ATTRIBUTE_SERIAL),
			    "abcdef");
	assert_non_null(embargo_identity_value(&set.array[0], EMBARGO_ATTRIBUTE_SHA256));
	assert_non_null(strstr(flaw.what, "one too many"));
}

static void whole_names_are_written_as_rfc_4514_does(void **state)
{
	X509_NAME *name = unit_name("Vendor, \"Inc\"");
	struct unit_signer signer;

	(void)state;
	unit_name_add(name, "O", V_ASN1_T61STRING, "Gr\xf6\xdf+1", 6);
	unit_name_add(name, "C", V_ASN1_PRINTABLESTRING, "DE", 2);
	signer = unit_signer(name, NULL, 0, UNIT_USE_CODE);
	assert_int_equal(add_signers(&signer, NULL), 0);
	unit_signer_free(&signer);
	assert_string_equal(embargo_identity_value(&set.array[0], EMBARGO_ATTRIBUTE_SUBJECT),
			    "C=DE,O=Gr\u00f6\u00df\\+1,CN=Vendor\\, \\\"Inc\\\"");
	assert_string_equal(embargo_identity_value(&set.array[0], EMBARGO_ATTRIBUTE_SERIAL), "0");
}

static void certificates_are_bounded(void **state)
{
	struct unit_signer signer = unit_signer_named("Vendor");
	X509 *others[EMBARGO_CMS_CERTIFICATES_MAX + 1] = {};

	(void)state;
	for (int i = 0; i < EMBARGO_CMS_CERTIFICATES_MAX - 1; i++)
		others[i] = signer.certificate;
	/* The library drops the same certificate, so each is made another. */
	for (int i = 0; i < EMBARGO_CMS_CERTIFICATES_MAX; i++) {
		others[i] = X509_dup(signer.certificate);
		ASN1_INTEGER_set(X509_get_serialNumber(others[i]), 1000 + i);
		X509_sign(others[i], signer.key, EVP_sha256());
	}
	assert_int_equal(add_signers(&signer, others), -E2BIG);
	X509_free(others[EMBARGO_CMS_CERTIFICATES_MAX - 1]);
	others[EMBARGO_CMS_CERTIFICATES_MAX - 1] = NULL;
	assert_int_equal(add_signers(&signer, others), 0);
	for (int i = 0; others[i]; i++)
		X509_free(others[i]);
	unit_signer_free(&signer);
}

/* Takes @certificate as the only anchor. */
static void trust(X509 *certificate)
{
	char folder[] = "/tmp/embargo-anchors-XXXXXX", path[64];
	struct embargo_diagnostic diagnostic = {};
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/one.pem", folder);
	file = fopen(path, "w");
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	fclose(file);
	embargo_anchors_free(anchors);
	anchors = NULL;
	assert_int_equal(embargo_anchors_load(folder, &anchors, &diagnostic), 0);
	assert_non_null(anchors);
	embargo_anchors_use(anchors);
	unlink(path);
	rmdir(folder);
}

static enum embargo_validity chain_of(const struct unit_signer *signer, X509 *between)
{
	X509 *others[] = { between, NULL };

	embargo_identities_free(&set);
	assert_int_equal(add_signers(signer, others), 0);
	assert_int_equal(set.array[0].digest_ok, EMBARGO_VALIDITY_YES);
	return set.array[0].chain_ok;
}

static void other_anchors_have_another_number(void **state)
{
	struct unit_signer one = unit_signer_named("One"), other = unit_signer_named("Other");
	uint64_t number;

	(void)state;
	assert_int_equal(embargo_anchors_number(NULL), 0);
	trust(one.certificate);
	number = embargo_anchors_number(anchors);
	assert_int_not_equal(number, 0);
	trust(other.certificate);
	assert_int_not_equal(embargo_anchors_number(anchors), number);
	trust(one.certificate);
	assert_int_equal(embargo_anchors_number(anchors), number);
	unit_signer_free(&one);
	unit_signer_free(&other);
}

static void chains_lead_to_anchors(void **state)
{
	struct unit_signer root = unit_signer(unit_name("Root"), NULL, 1, UNIT_USE_AUTHORITY);
	struct unit_signer middle = unit_signer(unit_name("Middle"), &root, 2, UNIT_USE_AUTHORITY);
	struct unit_signer code = unit_signer(unit_name("Code"), &middle, 3, UNIT_USE_CODE);
	struct unit_signer any = unit_signer(unit_name("Any"), &middle, 4, UNIT_USE_ANY);
	struct unit_signer server = unit_signer(unit_name("Server"), &middle, 5, UNIT_USE_SERVER);
	struct unit_signer below = unit_signer(unit_name("Below"), &code, 6, UNIT_USE_CODE);
	struct unit_signer twin = unit_signer(unit_name("Root"), NULL, 1, UNIT_USE_AUTHORITY);

	(void)state;
	assert_int_equal(chain_of(&code, middle.certificate), EMBARGO_VALIDITY_UNKNOWN);
	trust(root.certificate);
	assert_int_equal(chain_of(&code, middle.certificate), EMBARGO_VALIDITY_YES);
	assert_int_equal(chain_of(&any, middle.certificate), EMBARGO_VALIDITY_YES);
	assert_int_equal(chain_of(&server, middle.certificate), EMBARGO_VALIDITY_NO);
	assert_int_equal(chain_of(&code, NULL), EMBARGO_VALIDITY_NO);
	assert_int_equal(chain_of(&below, code.certificate), EMBARGO_VALIDITY_NO);
	/* Any certificate can be an anchor. */
	trust(middle.certificate);
	assert_int_equal(chain_of(&code, NULL), EMBARGO_VALIDITY_YES);
	trust(code.certificate);
	assert_int_equal(chain_of(&code, NULL), EMBARGO_VALIDITY_YES);
	/* The name alone is not it. */
	trust(twin.certificate);
	assert_int_equal(chain_of(&code, middle.certificate), EMBARGO_VALIDITY_NO);
	embargo_anchors_use(NULL);
	assert_int_equal(chain_of(&code, middle.certificate), EMBARGO_VALIDITY_UNKNOWN);
	unit_signer_free(&root);
	unit_signer_free(&middle);
	unit_signer_free(&code);
	unit_signer_free(&any);
	unit_signer_free(&server);
	unit_signer_free(&below);
	unit_signer_free(&twin);
}

/* As in modules: the certificate is only on the host. */
static void an_anchor_serves_where_no_certificate_is_there(void **state)
{
	static const uint8_t content[] = "content", altered[] = "Content";
	struct unit_signer signer = unit_signer_named("Vendor");
	struct unit_signer twin = unit_signer_named("Vendor"); /* the same number, another key */
	struct embargo_covered covered = { .extents = { { content, 7 } }, .count = 1 };
	struct embargo_covered other = { .extents = { { altered, 7 } }, .count = 1 };
	const struct {
		X509 *anchor;
		struct embargo_covered *covered;
		size_t count;
		enum embargo_validity digest_ok, chain_ok;
	} cases[] = {
		{ signer.certificate, &covered, 2, EMBARGO_VALIDITY_YES, EMBARGO_VALIDITY_YES },
		{ signer.certificate, &other, 1, EMBARGO_VALIDITY_NO, EMBARGO_VALIDITY_UNKNOWN },
		{ twin.certificate, &covered, 1, EMBARGO_VALIDITY_NO, EMBARGO_VALIDITY_UNKNOWN },
	};
	struct unit_bytes der = unit_detached(&signer, content, 7, CMS_NOATTR);
	struct embargo_cms *cms = NULL;

	(void)state;
	assert_int_equal(embargo_cms_parse(der.bytes, der.size, &cms), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct embargo_cms_claim claim = { .covered = cases[i].covered };

		trust(cases[i].anchor);
		embargo_identities_free(&set);
		assert_int_equal(
			embargo_cms_signer_add(cms, 0, &claim, EMBARGO_CMS_MODULE, &set, &flaw), 0);
		assert_int_equal(set.count, cases[i].count);
		for (size_t at = 0; at < set.count; at++) {
			assert_int_equal(set.array[at].digest_ok, cases[i].digest_ok);
			assert_int_equal(set.array[at].chain_ok, cases[i].chain_ok);
		}
		assert_int_equal(set.array[set.count - 1].kind, EMBARGO_IDENTITY_MODULE_SIGNER);
	}
	embargo_cms_free(cms);
	unit_bytes_free(&der);
	unit_signer_free(&signer);
	unit_signer_free(&twin);
}

static void anchors_that_cannot_be_read_are_refused(void **state)
{
	char folder[] = "/tmp/embargo-anchors-XXXXXX", path[64];
	static const char *const texts[] = {
		"",
		"no certificate",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n",
	};
	struct embargo_diagnostic diagnostic = {};

	(void)state;
	assert_int_equal(embargo_anchors_load("/nowhere/at/all", &anchors, &diagnostic), 0);
	assert_null(anchors);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(embargo_anchors_load(folder, &anchors, &diagnostic), 0);
	assert_null(anchors);
	snprintf(path, sizeof(path), "%s/one.pem", folder);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		FILE *file = fopen(path, "w");

		fputs(texts[i], file);
		fclose(file);
		assert_int_equal(embargo_anchors_load(folder, &anchors, &diagnostic), -EBADMSG);
		assert_non_null(strstr(diagnostic.what, path));
		assert_null(anchors);
	}
	unlink(path);
	mkdir(path, 0700);
	assert_int_equal(embargo_anchors_load(folder, &anchors, &diagnostic), -EISDIR);
	rmdir(path);
	rmdir(folder);
}

static void what_is_no_signature_is_refused(void **state)
{
	static const uint8_t texts[][16] = {
		{ 0 },
		{ 0x30, 0 },
		{ 0x30, 0x80 },
		{ 0x30, 0x84, 0xff, 0xff, 0xff, 0xff },
		/* ContentInfo of data, not SignedData. */
		{ 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,
		  0xa0, 0x00 },
	};
	struct embargo_cms *cms = NULL;
	uint8_t *large = calloc(1, EMBARGO_CMS_SIZE_MAX + 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t size = 0; size <= sizeof(texts[i]); size++)
			assert_int_equal(embargo_cms_parse(texts[i], size, &cms), -EBADMSG);
	assert_int_equal(embargo_cms_parse(large, EMBARGO_CMS_SIZE_MAX, &cms), -EBADMSG);
	assert_int_equal(embargo_cms_parse(large, EMBARGO_CMS_SIZE_MAX + 1, &cms), -E2BIG);
	assert_null(cms);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(names_come_from_every_string, teardown),
		cmocka_unit_test_teardown(a_name_that_is_no_text_is_none, teardown),
		cmocka_unit_test_teardown(what_openssl_would_not_write_is_no_name, teardown),
		cmocka_unit_test_teardown(a_name_that_is_too_long_is_none, teardown),
		cmocka_unit_test_teardown(names_do_not_crowd_out_numbers, teardown),
		cmocka_unit_test_teardown(whole_names_are_written_as_rfc_4514_does, teardown),
		cmocka_unit_test_teardown(certificates_are_bounded, teardown),
		cmocka_unit_test_teardown(other_anchors_have_another_number, teardown),
		cmocka_unit_test_teardown(chains_lead_to_anchors, teardown),
		cmocka_unit_test_teardown(an_anchor_serves_where_no_certificate_is_there, teardown),
		cmocka_unit_test_teardown(anchors_that_cannot_be_read_are_refused, teardown),
		cmocka_unit_test_teardown(what_is_no_signature_is_refused, teardown),
	};

	return cmocka_run_group_tests_name("cms", tests, NULL, NULL);
}
