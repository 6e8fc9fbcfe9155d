/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signed policies to test with: those who sign them, and rows of what comes with a policy and what
 * a host must make of it, reason, remedy and all. */
#ifndef EMBARGO_TESTS_UNIT_SIGNATURE_H
#define EMBARGO_TESTS_UNIT_SIGNATURE_H

#include <openssl/core_names.h>

#include "tests/unit/hostile_fixture.h"
#include "tests/unit/parties.h"

#define POLICY WITH(GOOD_RULE)
#define BY(party)              \
	{                      \
		.by = &(party) \
	}

/* By what they are. The authorities: the host's, one below it, and one of a stranger's. */
static struct party root, middle, stranger, no_authority, no_signatures, weak_middle, middle_cross;
/* Who signs: those whom the host trusts, and others. */
static struct party alice, alice_again, alice_compressed, alice_cross, bob, carol, mallory, server,
	no_use, encipherer, expired, future, by_bob, by_no_authority, by_no_signatures,
	by_weak_middle, weak, strong_rsa, own_anchor, own_server, root_of_old, by_old, old_form,
	by_old_form;

/* Mallory, who has the certificate of Alice, as everybody has. */
static struct party forger;

static const struct {
	struct party *party;
	struct certificate how;
} parties[] = {
	{ &root, { .name = "Root", .is_authority = true } },
	{ &stranger, { .name = "Root", .is_authority = true } },
	{ &root_of_old, { .name = "Old", .is_authority = true, .from = -90, .to = -30 } },
	{ &middle, { .name = "Middle", .issuer = &root, .is_authority = true } },
	{ &middle_cross, { .name = "Middle", .issuer = &stranger, .is_authority = true } },
	{ &weak_middle,
	  { .name = "Weak", .issuer = &root, .is_authority = true, .method = EVP_sha1 } },
	{ &no_authority,
	  { .name = "No authority", .issuer = &root, .usage = "keyCertSign,digitalSignature" } },
	{ &no_signatures,
	  { .name = "No signatures", .issuer = &root, .is_authority = true, .usage = "cRLSign" } },
	{ &alice, { .name = "Alice", .issuer = &root } },
	{ &alice_again, { .name = "Alice again", .issuer = &root } },
	{ &alice_compressed, { .name = "Alice, compressed", .issuer = &root } },
	{ &alice_cross, { .name = "Alice", .issuer = &stranger } },
	{ &bob, { .name = "Bob", .issuer = &root } },
	{ &carol, { .name = "Carol", .issuer = &middle } },
	{ &mallory, { .name = "Alice", .issuer = &stranger } },
	{ &server, { .name = "Server", .issuer = &root, .extended = "serverAuth" } },
	{ &no_use, { .name = "No use", .issuer = &root, .extended = "" } },
	{ &encipherer, { .name = "Encipherer", .issuer = &root, .usage = "keyEncipherment" } },
	{ &expired, { .name = "Expired", .issuer = &root, .from = -100, .to = -50 } },
	{ &future, { .name = "Future", .issuer = &root, .from = 50, .to = 100 } },
	{ &by_bob, { .name = "By Bob", .issuer = &bob } },
	{ &by_no_authority, { .name = "By no authority", .issuer = &no_authority } },
	{ &by_no_signatures, { .name = "By no signatures", .issuer = &no_signatures } },
	{ &by_weak_middle, { .name = "By weak", .issuer = &weak_middle } },
	{ &weak, { .name = "Weak key", .issuer = &root, .bits = 1024 } },
	{ &strong_rsa, { .name = "RSA", .issuer = &root, .bits = 2048 } },
	{ &own_anchor, { .name = "Own anchor", .extended = "", .usage = "" } },
	{ &own_server, { .name = "Own server", .extended = "serverAuth" } },
	{ &old_form, { .name = "Old form", .is_version_one = true } },
	{ &by_old_form, { .name = "By old form", .issuer = &old_form } },
	{ &by_old, { .name = "By old", .issuer = &root_of_old, .from = -90, .to = 90 } },
};

struct row {
	const char *name;
	struct signer signers[3];
	const struct party *others[3];
	void (*spoil)(void); /* what happens to the files then */
	const char *text;    /* of p.yaml, which is signed; NULL: POLICY */
	unsigned int required;
	const char *file; /* that is blamed; NULL: p.yaml.p7s */
	const char *what; /* NULL: it is believed */
	const char *remedy;
};

/* The same point, written down in another way. */
static inline EVP_PKEY *compress_key(EVP_PKEY *key)
{
	EVP_PKEY *compressed = EVP_PKEY_dup(key);

	assert_int_equal(EVP_PKEY_set_utf8_string_param(compressed,
							OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
							"compressed"),
			 1);
	return compressed;
}

static inline int make_parties(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parties); i++) {
		struct certificate how = parties[i].how;

		if (parties[i].party == &alice_again || parties[i].party == &alice_cross)
			how.key = alice.key;
		if (parties[i].party == &middle_cross)
			how.key = middle.key;
		if (parties[i].party == &alice_compressed)
			how.key = compress_key(alice.key);
		*parties[i].party = make_party(&how);
	}
	forger = (struct party) { mallory.key, alice.certificate };
	return 0;
}

static inline int free_parties(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parties); i++)
		free_party(parties[i].party);
	return 0;
}

#define ONE_OF_ONE "0 of the 1 signatures that this host requires: "

static inline void make_files(const struct row *row, const char *text)
{
	unsigned char *der;
	char settings[64] = "";
	int size = make_signature(row->signers, ARRAY_SIZE(row->signers), row->others, text, &der);

	assert_int_equal(mkdir("trust", 0700), 0);
	write_certificate("trust/root.pem", &root);
	write_file("p.yaml", text, strlen(text));
	write_file("p.yaml.p7s", (char *)der, (size_t)size);
	OPENSSL_free(der);
	if (row->required)
		snprintf(settings, sizeof(settings), "signatures-required: %u\n", row->required);
	write_file("settings", settings, strlen(settings));
	if (row->spoil)
		row->spoil();
}

static inline void holds(void **state)
{
	const struct row *row = *state;
	const char *const files[] = { "p.yaml" };
	const struct embargo_policy_request request = {
		.files = files,
		.count = 1,
		.settings = "settings",
		.trust = "trust",
	};
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables, before;
	char text[2048];
	int error;

	make_files(row, row->text ? row->text : POLICY);
	memset(&tables, 0x5a, sizeof(tables));
	before = tables;
	error = embargo_policy_compile_host(&request, &tables, &diagnostic);
	embargo_diagnostic_format(&diagnostic, text, sizeof(text));
	if (!row->what) {
		if (error)
			fail_msg("refused: %s", text);
		embargo_tables_free(&tables);
		return;
	}
	if (!error)
		fail_msg("believed");
	if (!strstr(diagnostic.what, row->what) || !strstr(diagnostic.remedy, row->remedy) ||
	    strcmp(diagnostic.file, row->file ? row->file : "p.yaml.p7s"))
		fail_msg("refused otherwise: %s", text);
	assert_true(diagnostic.remedy[0]);
	assert_memory_equal(&tables, &before, sizeof(tables));
}

/* Each row is a test, in a folder of its own. */
static inline int run_rows(const char *name, const struct row *rows, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	int failed;

	assert_non_null(tests);
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest) { rows[i].name, holds, enter_folder, leave_folder,
						 (void *)&rows[i] };
	failed = _cmocka_run_group_tests(name, tests, count, make_parties, free_parties);
	free(tests);
	return failed;
}

#endif
