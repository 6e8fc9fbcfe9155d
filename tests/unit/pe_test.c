// SPDX-License-Identifier: GPL-2.0-or-later
/* PE files: who signed them, whether that holds, and damaged ones. */
#include "loader/identity/pe.h"

#include <errno.h>

#include "tests/unit/signers_fixture.h"

static struct unit_pe pe;

static int setup(void **state)
{
	X509_NAME *name = unit_name("Vendor");

	(void)state;
	unit_name_add(name, "O", V_ASN1_PRINTABLESTRING, "AO Vendor", 9);
	unit_name_add(name, "serialNumber", V_ASN1_PRINTABLESTRING, "1027739867473", 13);
	vendor = unit_signer(name, NULL, 0x1f, UNIT_USE_CODE);
	other = unit_signer_named("Other");
	return 0;
}

static void look(void)
{
	look_at(embargo_pe_read, EMBARGO_KIND_PE, pe.bytes, pe.size);
}

/* The SignedData over the file as it is. */
static struct unit_bytes sign(const struct unit_signer *signer, const EVP_MD *method)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct unit_authenticode how = { .signer = signer, .method = method, .digest = digest };

	unit_pe_digest(&pe, method, digest);
	return unit_authenticode(&how);
}

static void append(const struct unit_signer *signer, const EVP_MD *method)
{
	struct unit_bytes der = sign(signer, method);

	unit_pe_append(&pe, der);
	unit_bytes_free(&der);
}

static void make_signed(void)
{
	unit_pe_make(&pe, true);
	append(&vendor, EVP_sha256());
}

/* A file signed in this way, which has @digest for the file's own. */
static void make_as(const struct unit_authenticode *how, uint8_t digest[EVP_MAX_MD_SIZE])
{
	struct unit_bytes der;

	unit_pe_make(&pe, true);
	unit_pe_digest(&pe, how->method, digest);
	der = unit_authenticode(how);
	unit_pe_append(&pe, der);
	unit_bytes_free(&der);
}

static void is_signed_by(size_t index, const char *cn, enum embargo_validity digest_ok)
{
	const struct embargo_identity *identity = &specimen.identities.array[index];

	assert_true(index < specimen.identities.count);
	assert_int_equal(identity->kind, EMBARGO_IDENTITY_X509);
	assert_string_equal(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_CN), cn);
	assert_int_equal(identity->digest_ok, digest_ok);
}

static void no_signature_is_no_fault(void **state)
{
	(void)state;
	for (int plus = 0; plus < 2; plus++) {
		unit_pe_make(&pe, plus);
		look();
		assert_int_equal(specimen.identities.count, 0);
		assert_int_equal(specimen.fault_count, 0);
	}
	/* Fewer data directories than have a place for the table. */
	unit_put(pe.bytes + unit_pe_optional() + 108, 4, 4);
	look();
	assert_int_equal(specimen.fault_count, 0);
}

static void tells_the_signer(void **state)
{
	const struct embargo_identity *identity;
	const EVP_MD *methods[] = { EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512() };

	(void)state;
	for (int plus = 0; plus < 2; plus++)
		for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
			unit_pe_make(&pe, plus);
			append(&vendor, methods[i]);
			look();
			assert_int_equal(specimen.fault_count, 0);
			assert_int_equal(specimen.identities.count, 1);
			is_signed_by(0, "Vendor", EMBARGO_VALIDITY_YES);
		}
	identity = &specimen.identities.array[0];
	assert_string_equal(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_O), "AO Vendor");
	assert_string_equal(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_SUBJECT_SERIAL),
			    "1027739867473");
	assert_string_equal(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_SERIAL), "1f");
	assert_string_equal(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_ISSUER_CN),
			    "Vendor");
	assert_int_equal(identity->chain_ok, EMBARGO_VALIDITY_UNKNOWN);
}

static void another_byte_is_another_file(void **state)
{
	/* The first byte, before and behind the checksum and the directory entry, the last. */
	const size_t signed_bytes[] = { 2, unit_pe_optional() + 63, unit_pe_optional() + 68,
					UNIT_PE_CONTENT - 1 };
	const size_t unsigned_bytes[] = { unit_pe_optional() + 64, unit_pe_optional() + 67 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signed_bytes); i++) {
		make_signed();
		pe.bytes[signed_bytes[i]] ^= 1;
		look();
		is_signed_by(0, "Vendor", EMBARGO_VALIDITY_NO);
	}
	make_signed();
	for (size_t i = 0; i < ARRAY_SIZE(unsigned_bytes); i++)
		pe.bytes[unsigned_bytes[i]] ^= 1;
	look();
	is_signed_by(0, "Vendor", EMBARGO_VALIDITY_YES);
	/* What follows the certificate table is part of the file. */
	pe.size += 8;
	look();
	is_signed_by(0, "Vendor", EMBARGO_VALIDITY_NO);
}

static void finds_every_entry(void **state)
{
	(void)state;
	make_signed();
	append(&other, EVP_sha1());
	append(&vendor, EVP_sha512());
	look();
	assert_int_equal(specimen.identities.count, 3);
	is_signed_by(0, "Vendor", EMBARGO_VALIDITY_YES);
	is_signed_by(1, "Other", EMBARGO_VALIDITY_YES);
	is_signed_by(2, "Vendor", EMBARGO_VALIDITY_YES);
	assert_int_equal(specimen.fault_count, 0);
}

/* A signature by @other that holds @depth more, the innermost by @vendor. */
static struct unit_bytes nest(unsigned int depth, const char *attribute)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct unit_authenticode how = {
		.signer = &other, .method = EVP_sha256(), .digest = digest, .attribute = attribute
	};
	struct unit_bytes outer;

	if (!depth)
		return sign(&vendor, EVP_sha256());
	unit_pe_digest(&pe, EVP_sha256(), digest);
	how.value = nest(depth - 1, attribute);
	outer = unit_authenticode(&how);
	unit_bytes_free(&how.value);
	return outer;
}

static void append_nested(unsigned int depth, const char *attribute)
{
	struct unit_bytes der;

	unit_pe_make(&pe, true);
	der = nest(depth, attribute);
	unit_pe_append(&pe, der);
	unit_bytes_free(&der);
	look();
}

static void finds_nested_signatures(void **state)
{
	(void)state;
	append_nested(1, UNIT_NESTED);
	assert_int_equal(specimen.identities.count, 2);
	is_signed_by(0, "Other", EMBARGO_VALIDITY_YES);
	is_signed_by(1, "Vendor", EMBARGO_VALIDITY_YES);
	assert_int_equal(specimen.fault_count, 0);
	append_nested(EMBARGO_PE_NESTED_MAX, UNIT_NESTED);
	assert_int_equal(specimen.identities.count, EMBARGO_PE_NESTED_MAX + 1);
	is_signed_by(EMBARGO_PE_NESTED_MAX, "Vendor", EMBARGO_VALIDITY_YES);
	append_nested(EMBARGO_PE_NESTED_MAX + 1, UNIT_NESTED);
	assert_int_equal(specimen.identities.count, EMBARGO_PE_NESTED_MAX + 1);
	assert_string_equal(unit_fault(&specimen), "PE nested signature: deeper than any real one");
}

static void who_stamped_the_time_did_not_sign(void **state)
{
	(void)state;
	append_nested(1, UNIT_TIME_STAMP);
	assert_int_equal(specimen.identities.count, 1);
	is_signed_by(0, "Other", EMBARGO_VALIDITY_YES);
}

static void signatures_are_bounded(void **state)
{
	(void)state;
	unit_pe_make(&pe, true);
	for (int i = 0; i <= EMBARGO_PE_SIGNATURES_MAX; i++)
		append(&vendor, EVP_sha256());
	look();
	assert_int_equal(specimen.identities.count, EMBARGO_PE_SIGNATURES_MAX);
	assert_string_equal(unit_fault(&specimen), "PE signature: more than any real file has");
}

/* Entries that are large, and no signatures: the second is not even looked at. */
static void their_size_is_bounded(void **state)
{
	const uint32_t entry = EMBARGO_PE_SIGNATURES_SIZE_MAX / 2 + 16;
	const size_t size = UNIT_PE_CONTENT + 2 * entry;
	uint8_t *bytes = calloc(1, size);

	(void)state;
	unit_pe_make(&pe, true);
	memcpy(bytes, pe.bytes, UNIT_PE_CONTENT);
	unit_put(bytes + unit_pe_directory(&pe), UNIT_PE_CONTENT, 4);
	unit_put(bytes + unit_pe_directory(&pe) + 4, 2 * entry, 4);
	for (int i = 0; i < 2; i++) {
		unit_put(bytes + UNIT_PE_CONTENT + i * entry, entry, 4);
		unit_put(bytes + UNIT_PE_CONTENT + i * entry + 4, 0x00020200, 4);
	}
	embargo_specimen_free(&specimen);
	specimen = unit_read(embargo_pe_read, EMBARGO_KIND_PE, bytes, size);
	assert_int_equal(specimen.fault_count, 2);
	assert_string_equal(specimen.faults[0].what, "PE signature: larger than any real one");
	assert_string_equal(specimen.faults[1].what, "PE signature: more than any real file has");
	free(bytes);
}

/* Issuer and serial are claims: who adds a certificate that has both does not become the signer. */
static void a_forged_certificate_does_not_hide_the_signer(void **state)
{
	struct unit_signer forger = unit_signer(
		X509_NAME_dup(X509_get_subject_name(other.certificate)), NULL, 0x1f, UNIT_USE_CODE);
	struct unit_signer forged =
		unit_signer(unit_name("Harmless"), &forger, 0x1f, UNIT_USE_CODE);
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct unit_authenticode how = { .signer = &other,
					 .method = EVP_sha256(),
					 .digest = digest,
					 .others = { forged.certificate } };

	(void)state;
	make_as(&how, digest);
	look();
	assert_int_equal(specimen.identities.count, 1);
	is_signed_by(0, "Other", EMBARGO_VALIDITY_YES);
	unit_signer_free(&forger);
	unit_signer_free(&forged);
}

static void a_signature_of_something_else_does_not_hold(void **state)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct unit_authenticode how = { .signer = &vendor,
					 .method = EVP_sha256(),
					 .digest = digest,
					 .type = "1.3.6.1.4.1.311.10.1" };

	(void)state;
	make_as(&how, digest);
	look();
	is_signed_by(0, "Vendor", EMBARGO_VALIDITY_NO);
}

static void without_its_certificate_a_signer_is_told_by_number(void **state)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct unit_authenticode how = { .signer = &vendor,
					 .method = EVP_sha256(),
					 .digest = digest,
					 .without_certificate = true };
	const struct embargo_identity *identity;

	(void)state;
	make_as(&how, digest);
	look();
	assert_int_equal(specimen.identities.count, 1);
	identity = &specimen.identities.array[0];
	assert_int_equal(identity->kind, EMBARGO_IDENTITY_X509);
	assert_string_equal(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_ISSUER_CN),
			    "Vendor");
	assert_null(embargo_identity_value(identity, EMBARGO_ATTRIBUTE_CN));
	assert_int_equal(identity->digest_ok, EMBARGO_VALIDITY_UNKNOWN);
}

/* A signed file with one number changed: what must be said of it, and how many signers stay. */
static void damage_is_named(void **state)
{
	const size_t optional = unit_pe_optional(), entry = UNIT_PE_CONTENT;
	make_signed();
	const size_t directory = unit_pe_directory(&pe);
	const uint32_t table = (uint32_t)(pe.size - UNIT_PE_CONTENT);
	const struct {
		size_t at;
		uint32_t value;
		int size;
		const char *fault;
		uint64_t where;
		size_t signers;
	} damages[] = {
		{ 0x3c, 0x7fffffff, 4, "PE header: lies behind the file", 0x3c, 0 },
		{ 0x3c, 0xfffffff0, 4, "PE header: lies behind the file", 0x3c, 0 },
		{ 0x3c, 0x200, 4, "PE header: is none", 0x200, 0 },
		{ optional - 4, 0xffff, 2, "PE optional header: ends behind the file", optional,
		  0 },
		{ optional - 4, 100, 2, "PE optional header: too short", optional, 0 },
		{ optional - 4, 151, 2, "PE optional header: shorter than its data directories",
		  optional, 0 },
		{ optional, 0x107, 2, "PE optional header: neither PE32 nor PE32+", optional, 0 },
		{ directory, 0xfffffff8, 4, "PE certificate table: ends behind the file",
		  0xfffffff8, 0 },
		{ directory, 0x408, 4, "PE certificate table: ends behind the file", 0x408, 0 },
		{ directory + 4, table + 8, 4, "PE certificate table: ends behind the file", entry,
		  0 },
		{ directory + 4, 0xffffffff, 4, "PE certificate table: ends behind the file", entry,
		  0 },
		{ directory, 0x40, 4, "PE certificate table: overlaps the headers", 0x40, 0 },
		{ directory, 0, 4, "PE certificate table: overlaps the headers", 0, 0 },
		{ directory + 4, table + 3, 4, "PE certificate table: its size is no multiple of 8",
		  entry, 1 },
		{ directory + 4, 7, 4, "PE certificate table: its size is no multiple of 8", entry,
		  0 },
		{ entry, 7, 4, "PE certificate entry: shorter than its head", entry, 0 },
		{ entry, 0, 4, "PE certificate entry: shorter than its head", entry, 0 },
		{ entry, table + 8, 4, "PE certificate entry: ends behind the table", entry, 0 },
		{ entry, 0xffffffff, 4, "PE certificate entry: ends behind the table", entry, 0 },
		{ entry + 4, 0x0300, 2, "PE certificate entry: of type 2, revision 0x300: not read",
		  entry, 0 },
		{ entry + 6, 1, 2, "PE certificate entry: of type 1, revision 0x200: not read",
		  entry, 0 },
		{ entry + 8, 0x31, 1, "PE signature: is no PKCS #7 SignedData", entry + 8, 0 },
		{ entry, 8, 4, "PE signature: is no PKCS #7 SignedData", entry + 8, 0 },
		{ entry, 100, 4, "PE signature: is no PKCS #7 SignedData", entry + 8, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		make_signed();
		/* The same size each time, or `table` would be another's. */
		if (pe.size - UNIT_PE_CONTENT != table) {
			i--;
			continue;
		}
		/* The table ends there, and the signature, however long it is, before it. */
		if (damages[i].signers)
			pe.size += 8;
		unit_put(pe.bytes + damages[i].at, damages[i].value, damages[i].size);
		look();
		if (strcmp(unit_fault(&specimen), damages[i].fault) ||
		    specimen.faults[0].at != damages[i].where)
			fail_msg("%s at %llu, not %s at %llu", unit_fault(&specimen),
				 (unsigned long long)specimen.faults[0].at, damages[i].fault,
				 (unsigned long long)damages[i].where);
		assert_int_equal(specimen.identities.count, damages[i].signers);
	}
}

/* Half a name, or one of a broken certificate, would be another's. */
static void survives_damage(void **state)
{
	(void)state;
	make_signed();
	/* Without the bytes that mean nothing, for time. */
	unit_survive(embargo_pe_read, EMBARGO_KIND_PE, pe.bytes, 0x160);
	for (size_t size = UNIT_PE_CONTENT; size < pe.size; size += 7) {
		embargo_specimen_free(&specimen);
		specimen = unit_read(embargo_pe_read, EMBARGO_KIND_PE, pe.bytes, size);
		assert_int_equal(specimen.identities.count, 0);
		assert_true(specimen.fault_count > 0);
	}
	for (size_t at = 0; at < pe.size; at += at < UNIT_PE_CONTENT ? 5 : 1) {
		static const uint8_t values[] = { 0, 0x7f, 0x80, 0xff };

		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			uint8_t right = pe.bytes[at];

			pe.bytes[at] = values[i];
			look();
			pe.bytes[at] = right;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_signature_is_no_fault),
		cmocka_unit_test(tells_the_signer),
		cmocka_unit_test(another_byte_is_another_file),
		cmocka_unit_test(finds_every_entry),
		cmocka_unit_test(finds_nested_signatures),
		cmocka_unit_test(who_stamped_the_time_did_not_sign),
		cmocka_unit_test(signatures_are_bounded),
		cmocka_unit_test(their_size_is_bounded),
		cmocka_unit_test(a_forged_certificate_does_not_hide_the_signer),
		cmocka_unit_test(a_signature_of_something_else_does_not_hold),
		cmocka_unit_test(without_its_certificate_a_signer_is_told_by_number),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests_name("pe", tests, setup, teardown);
}
