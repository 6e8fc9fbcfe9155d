// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile signatures: each policy that is not to be believed is refused for its reason, with a
 * remedy, and nothing made of it; and what must be believed is. */
#include "tests/unit/hostile_fixture.h"
#include <openssl/core_names.h>

#include "tests/unit/parties.h"

#define POLICY WITH(GOOD_RULE)
#define BY(party)              \
	{                      \
		.by = &(party) \
	}
#define WITH_LIST(of) WITH(RULE("digests: { file: list" of ", of: elf }"))
#define LIST_TEXT     HEX ":4:name\n"
/* Of LIST_TEXT. */
#define LIST_SHA256 "28ea811550ba06a64ff561a17470e2003dda3f807e801a220645f37444d6fb1c"

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
static EVP_PKEY *compress_key(EVP_PKEY *key)
{
	EVP_PKEY *compressed = EVP_PKEY_dup(key);

	assert_int_equal(EVP_PKEY_set_utf8_string_param(compressed,
							OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
							"compressed"),
			 1);
	return compressed;
}

static int make_parties(void **state)
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

static void trust_old_form(void)
{
	write_certificate("trust/old.pem", &old_form);
}

static int free_parties(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parties); i++)
		free_party(parties[i].party);
	return 0;
}

/* --- what happens to the files -----------------------------------------------------------------
 */

static void unsign(void)
{
	assert_int_equal(unlink("p.yaml.p7s"), 0);
}

static void change_policy(void)
{
	write_file("p.yaml", POLICY "#\n", strlen(POLICY) + 2);
}

/* What nobody may look into before it is believed: it would be refused for what it is. */
static void write_garbage(void)
{
	write_file("p.yaml", "\0\xff", 2);
}

static void cut(void)
{
	struct stat status;

	assert_int_equal(stat("p.yaml.p7s", &status), 0);
	assert_int_equal(truncate("p.yaml.p7s", status.st_size - 20), 0);
}

static void empty(void)
{
	assert_int_equal(truncate("p.yaml.p7s", 0), 0);
}

static void append(void)
{
	FILE *file = fopen("p.yaml.p7s", "ae");

	assert_int_equal(fwrite("\0", 1, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static void enlarge(void)
{
	assert_int_equal(truncate("p.yaml.p7s", (256 << 10) + 1), 0);
}

static void make_folder(void)
{
	unsign();
	assert_int_equal(mkdir("p.yaml.p7s", 0700), 0);
}

static void make_fifo(void)
{
	unsign();
	assert_int_equal(mkfifo("p.yaml.p7s", 0600), 0);
}

static void make_nonsense(void)
{
	write_file("p.yaml.p7s", "nonsense", 8);
}

/* As CMS_sign() makes it, with other flags than it should. */
static void sign_anew(unsigned int flags, int (*write)(BIO *bio, CMS_ContentInfo *cms))
{
	BIO *content = BIO_new_mem_buf(POLICY, -1), *out = BIO_new_file("p.yaml.p7s", "w");
	CMS_ContentInfo *cms =
		CMS_sign(alice.certificate, alice.key, NULL, content, CMS_BINARY | flags);

	assert_non_null(cms);
	assert_int_equal(write(out, cms), 1);
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	BIO_free(out);
}

static int write_pem(BIO *bio, CMS_ContentInfo *cms)
{
	return PEM_write_bio_CMS_stream(bio, cms, NULL, 0);
}

static int write_mime(BIO *bio, CMS_ContentInfo *cms)
{
	return SMIME_write_CMS(bio, cms, NULL, 0);
}

static void make_pem(void)
{
	sign_anew(CMS_DETACHED, write_pem);
}

static void make_mime(void)
{
	sign_anew(CMS_DETACHED, write_mime);
}

static void embed(void)
{
	sign_anew(0, i2d_CMS_bio);
}

static void compress_it(void)
{
	BIO *content = BIO_new_mem_buf(POLICY, -1), *out = BIO_new_file("p.yaml.p7s", "w");
	CMS_ContentInfo *cms = CMS_digest_create(content, EVP_sha256(), CMS_BINARY);

	assert_int_equal(i2d_CMS_bio(out, cms), 1);
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	BIO_free(out);
}

static void no_signer(void)
{
	unsigned char *der;
	const struct party *const others[] = { &alice, NULL };
	int size = make_signature(NULL, 0, others, POLICY, &der);

	write_file("p.yaml.p7s", (char *)der, (size_t)size);
	OPENSSL_free(der);
}

static void many_signers(void)
{
	struct signer signers[17];
	unsigned char *der;
	int size;

	for (size_t i = 0; i < ARRAY_SIZE(signers); i++)
		signers[i] = (struct signer)BY(alice);
	size = make_signature(signers, ARRAY_SIZE(signers), NULL, POLICY, &der);
	write_file("p.yaml.p7s", (char *)der, (size_t)size);
	OPENSSL_free(der);
}

static void revoke_alice(void)
{
	write_revocations("trust/alice.pem", &root, &alice);
}

static void revoke_alice_falsely(void)
{
	write_revocations("trust/alice.pem", &stranger, &alice);
}

static void revoke_middle(void)
{
	write_revocations("trust/middle.pem", &root, &middle);
}

static void revoke_carol(void)
{
	write_revocations("trust/carol.pem", &middle, &carol);
}

/* Of an authority that no certificate is known of: the anchor is the signer's own. */
static void revoke_anchor_of_unknown(void)
{
	assert_int_equal(unlink("trust/root.pem"), 0);
	write_certificate("trust/carol.pem", &carol);
	write_revocations("trust/list.pem", &middle, &carol);
}

static void trust_nobody(void)
{
	assert_int_equal(unlink("trust/root.pem"), 0);
}

static void break_anchor(void)
{
	write_file("trust/x.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		   59);
}

static void damage_begin(void)
{
	write_certificate("trust/x.pem", &bob);
	write_certificate("trust/x.pem", &alice);
	/* The second's first line. */
	assert_int_equal(
		system("awk '/BEGIN/ && n++ { sub(/-----$/, \"\") } { print }' trust/x.pem "
		       ">y && mv y trust/x.pem"),
		0);
}

static void cut_anchor(void)
{
	struct stat status;

	assert_int_equal(stat("trust/root.pem", &status), 0);
	assert_int_equal(truncate("trust/root.pem", status.st_size - 60), 0);
}

static void make_text_anchor(void)
{
	write_file("trust/x.pem", "nothing\n", 8);
}

static void make_key_anchor(void)
{
	FILE *file = fopen("trust/x.pem", "we");

	PEM_write_PrivateKey(file, alice.key, NULL, NULL, 0, NULL, NULL);
	assert_int_equal(fclose(file), 0);
}

static void make_fifo_anchor(void)
{
	assert_int_equal(mkfifo("trust/x.pem", 0600), 0);
}

static void trust_own(void)
{
	write_certificate("trust/own.pem", &own_anchor);
	write_certificate("trust/own.pem", &own_server);
}

static void trust_mallory(void)
{
	write_certificate("trust/mallory.pem", &mallory);
}

static void trust_old(void)
{
	write_certificate("trust/old.pem", &root_of_old);
}

static void write_list(void)
{
	write_file("list", LIST_TEXT, strlen(LIST_TEXT));
}

static void write_other_list(void)
{
	write_file("list", HEX ":5:name\n", strlen(LIST_TEXT));
}

static void write_twin(void)
{
	assert_int_equal(system("mkdir two && cp p.yaml two/a.yaml && cp p.yaml two/b.yaml && cp "
				"p.yaml.p7s two/a.yaml.p7s && cp p.yaml.p7s two/b.yaml.p7s && rm "
				"p.yaml && mv two p.yaml"),
			 0);
}

/* The shipped ones are put in force by links; beside which the signature is, is the fleet's choice.
 */
static void link_policy(void)
{
	assert_int_equal(system("mkdir real && mv p.yaml p.yaml.p7s real/ && ln -s real/p.yaml "
				"p.yaml"),
			 0);
}

static void link_policy_alone(void)
{
	assert_int_equal(system("mkdir real && mv p.yaml real/ && echo broken >real/p.yaml.p7s && "
				"ln -s real/p.yaml p.yaml"),
			 0);
}

/* --- the table -----------------------------------------------------------------------------------
 */

#define ONE_OF_ONE "0 of the 1 signatures that this host requires: "

static const struct row rows[] = {
	/* The file. */
	{ "unsigned_policy", .signers = { BY(alice) }, .spoil = unsign, .file = "p.yaml",
	  .what = "is not signed, and this host has anchors", .remedy = "(p.yaml.p7s)" },
	{ "empty_signature", .signers = { BY(alice) }, .spoil = empty, .what = "is empty",
	  .remedy = "sign the file again" },
	{ "signature_cut_off", .signers = { BY(alice) }, .spoil = cut, .what = "is cut off",
	  .remedy = "copy it anew, or sign the file again" },
	{ "bytes_after_the_signature", .signers = { BY(alice) }, .spoil = append,
	  .what = "has more bytes after the signature",
	  .remedy = "copy it anew, or sign the file again" },
	{ "signature_too_large", .signers = { BY(alice) }, .spoil = enlarge,
	  .what = "holds more than 256 KiB",
	  .remedy = "leave the certificates of its signers in it" },
	{ "signature_that_is_a_folder", .signers = { BY(alice) }, .spoil = make_folder,
	  .what = "is a directory, not a file", .remedy = "put the signature there" },
	{ "signature_that_is_a_fifo", .signers = { BY(alice) }, .spoil = make_fifo,
	  .what = "is no regular file", .remedy = "put the signature there" },
	{ "nonsense_for_a_signature", .signers = { BY(alice) }, .spoil = make_nonsense,
	  .what = "is no CMS signature", .remedy = "sign the file again" },
	{ "pem_signature", .signers = { BY(alice) }, .spoil = make_pem,
	  .what = "is PEM, where DER is expected", .remedy = "openssl cms -cmsout -inform PEM" },
	{ "mime_signature", .signers = { BY(alice) }, .spoil = make_mime,
	  .what = "is S/MIME, where DER is expected",
	  .remedy = "openssl cms -cmsout -inform SMIME" },
	{ "content_within", .signers = { BY(alice) }, .spoil = embed,
	  .what = "has its content within", .remedy = "sign without -nodetach" },
	{ "cms_that_is_no_signature", .signers = { BY(alice) }, .spoil = compress_it,
	  .what = "is CMS, but no signature", .remedy = "openssl cms -sign" },
	{ "no_signer", .signers = { BY(alice) }, .spoil = no_signer, .what = "has no signer",
	  .remedy = "sign the file again" },
	{ "too_many_signers", .signers = { BY(alice) }, .spoil = many_signers,
	  .what = "has more than 16 signers", .remedy = "have it signed by those who must" },

	/* The signature itself. */
	{ "signature_over_another_file", .signers = { { .by = &alice, .over_another = true } },
	  .what = ONE_OF_ONE "'CN=Alice' signed another file than this",
	  .remedy = "restore the file that was signed" },
	{ "policy_changed_since", .signers = { BY(alice) }, .spoil = change_policy,
	  .what = ONE_OF_ONE "'CN=Alice' signed another file than this",
	  .remedy = "restore the file that was signed" },
	{ "weak_digest", .signers = { { .by = &alice, .method = EVP_sha1 } },
	  .what = ONE_OF_ONE "'CN=Alice' signed by a digest weaker than SHA-256",
	  .remedy = "sign with -md sha256" },
	{ "weaker_digest", .signers = { { .by = &alice, .method = EVP_sha224 } },
	  .what = ONE_OF_ONE "'CN=Alice' signed by a digest weaker than SHA-256",
	  .remedy = "sign with -md sha256" },
	{ "another_key_under_a_certificate", .signers = { BY(forger) },
	  .what = ONE_OF_ONE "'CN=Alice' did not make this signature: it does not verify",
	  .remedy = "have the file signed again" },
	{ "time_changed_since", .signers = { { .by = &alice, .forged = true } },
	  .what = ONE_OF_ONE "'CN=Alice' did not make this signature: it does not verify",
	  .remedy = "have the file signed again" },
	{ "garbage_for_a_policy", .signers = { BY(alice) }, .spoil = write_garbage,
	  .what = ONE_OF_ONE "'CN=Alice' signed another file than this",
	  .remedy = "restore the file that was signed" },
	{ "no_signing_time", .signers = { { .by = &alice, .without_time = true } },
	  .what = ONE_OF_ONE "'CN=Alice' does not say when it signed",
	  .remedy = "sign with a signingTime attribute" },
	{ "no_signed_attributes", .signers = { { .by = &alice, .without_attributes = true } },
	  .what = ONE_OF_ONE "'CN=Alice' signed without signed attributes",
	  .remedy = "sign without -noattr" },
	{ "no_certificate", .signers = { { .by = &alice, .without_certificate = true } },
	  .what = ONE_OF_ONE "a signer has no certificate in the signature",
	  .remedy = "sign without -nocerts" },
	{ "weak_key", .signers = { BY(weak) },
	  .what = ONE_OF_ONE "'CN=Weak key' has a key that is too weak",
	  .remedy = "RSA of 2048 bits" },

	/* Who signed. */
	{ "signed_by_a_stranger", .signers = { BY(mallory) },
	  .what = ONE_OF_ONE "'CN=Alice' leads to no anchor of this host",
	  .remedy = "have the file signed by somebody whom the host trusts" },
	{ "signed_by_a_stranger_with_its_authority", .signers = { BY(mallory) },
	  .others = { &stranger }, .what = ONE_OF_ONE "'CN=Alice' leads to no anchor of this host",
	  .remedy = "have the file signed by somebody whom the host trusts" },
	{ "a_key_certified_by_a_stranger_too", .signers = { BY(alice_cross) },
	  .others = { &stranger, &root },
	  .what = ONE_OF_ONE "'CN=Alice' leads to no anchor of this host",
	  .remedy = "have the file signed by somebody whom the host trusts" },
	{ "authority_certified_by_a_stranger_alone", .signers = { BY(carol) },
	  .others = { &middle_cross, &stranger },
	  .what = ONE_OF_ONE "'CN=Carol' leads to no anchor of this host",
	  .remedy = "have the file signed by somebody whom the host trusts" },
	{ "authority_left_out", .signers = { BY(carol) },
	  .what = ONE_OF_ONE "'CN=Carol' leads to no anchor of this host",
	  .remedy = "have the file signed by somebody whom the host trusts" },
	{ "certificate_of_a_server", .signers = { BY(server) },
	  .what = ONE_OF_ONE "'CN=Server' has a certificate that is not for signing code",
	  .remedy = "extendedKeyUsage has codeSigning" },
	{ "certificate_without_its_use", .signers = { BY(no_use) },
	  .what = ONE_OF_ONE "'CN=No use' has a certificate that is not for signing code",
	  .remedy = "extendedKeyUsage has codeSigning" },
	{ "key_for_enciphering", .signers = { BY(encipherer) },
	  .what = ONE_OF_ONE "'CN=Encipherer' has a certificate that is not for signatures",
	  .remedy = "keyUsage has digitalSignature" },
	{ "expired_at_signing", .signers = { BY(expired) },
	  .what = ONE_OF_ONE
	  "'CN=Expired' signed when its certificate, or one above it, had expired",
	  .remedy = "have the file signed with a valid certificate" },
	{ "not_yet_valid_at_signing", .signers = { BY(future) },
	  .what = ONE_OF_ONE "'CN=Future' signed when its certificate, or one above it, was not "
			     "valid yet",
	  .remedy = "have the file signed with a valid certificate" },
	{ "authority_expired_at_signing", .signers = { BY(by_old) }, .spoil = trust_old,
	  .what = ONE_OF_ONE
	  "'CN=By old' signed when its certificate, or one above it, had expired",
	  .remedy = "have the file signed with a valid certificate" },
	{ "issued_by_a_signer", .signers = { BY(by_bob) }, .others = { &bob },
	  .what = ONE_OF_ONE "'CN=By Bob' has a certificate issued by one that may not issue any",
	  .remedy = "have a certificate issued by an authority" },
	{ "issued_by_one_that_is_no_authority", .signers = { BY(by_no_authority) },
	  .others = { &no_authority },
	  .what = ONE_OF_ONE "'CN=By no authority' has a certificate issued by one that may not "
			     "issue any",
	  .remedy = "have a certificate issued by an authority" },
	{ "issued_by_one_that_signs_no_certificates", .signers = { BY(by_no_signatures) },
	  .others = { &no_signatures },
	  .what = ONE_OF_ONE "'CN=By no signatures' has a certificate issued by one that may not "
			     "issue any",
	  .remedy = "have a certificate issued by an authority" },
	{ "issued_by_a_certificate_of_the_first_form", .signers = { BY(by_old_form) },
	  .spoil = trust_old_form,
	  .what = ONE_OF_ONE "'CN=By old form' has a certificate issued by one that may not issue "
			     "any",
	  .remedy = "have a certificate issued by an authority" },
	{ "authority_by_a_weak_digest", .signers = { BY(by_weak_middle) },
	  .others = { &weak_middle },
	  .what = ONE_OF_ONE "'CN=By weak' has a certificate above it signed by a weak digest",
	  .remedy = "have it issued anew, with SHA-256" },
	{ "revoked_signer", .signers = { BY(alice) }, .spoil = revoke_alice,
	  .what = ONE_OF_ONE "'CN=Alice' has a certificate that was revoked, or one above it was",
	  .remedy = "have the file signed with another" },
	{ "revoked_authority", .signers = { BY(carol) }, .others = { &middle },
	  .spoil = revoke_middle,
	  .what = ONE_OF_ONE "'CN=Carol' has a certificate that was revoked, or one above it was",
	  .remedy = "have the file signed with another" },
	{ "revoked_by_an_authority_in_between", .signers = { BY(carol) }, .others = { &middle },
	  .spoil = revoke_carol,
	  .what = ONE_OF_ONE "'CN=Carol' has a certificate that was revoked, or one above it was",
	  .remedy = "have the file signed with another" },
	{ "revoked_anchor_of_an_unknown_authority", .signers = { BY(carol) },
	  .spoil = revoke_anchor_of_unknown,
	  .what = ONE_OF_ONE "'CN=Carol' has a certificate that was revoked, or one above it was",
	  .remedy = "have the file signed with another" },
	{ "anchor_that_is_a_servers", .signers = { BY(own_server) }, .spoil = trust_own,
	  .what = ONE_OF_ONE "'CN=Own server' has a certificate that is not for signing code",
	  .remedy = "extendedKeyUsage has codeSigning" },

	/* How many. */
	{ "one_signer_of_two", .signers = { BY(alice) }, .required = 2,
	  .what = "1 of the 2 signatures that this host requires", .remedy = "sign --add" },
	{ "two_signers_with_one_key", .signers = { BY(alice), BY(alice_again) }, .required = 2,
	  .what = "has the key of a signer that counts already",
	  .remedy = "have somebody else sign too" },
	{ "two_forms_of_one_key", .signers = { BY(alice), BY(alice_compressed) }, .required = 2,
	  .what = "has the key of a signer that counts already",
	  .remedy = "have somebody else sign too" },
	{ "one_good_and_one_revoked", .signers = { BY(alice), BY(bob) }, .spoil = revoke_alice,
	  .required = 2,
	  .what = "1 of the 2 signatures that this host requires: 'CN=Alice' has a certificate "
		  "that "
		  "was revoked",
	  .remedy = "have the file signed with another" },

	/* The anchors. */
	{ "broken_anchor", .signers = { BY(alice) }, .spoil = break_anchor, .file = "trust/x.pem",
	  .what = "holds a certificate or a revocation list that is broken",
	  .remedy = "restore the file, or remove it" },
	{ "anchor_with_a_damaged_first_line", .signers = { BY(alice) }, .spoil = damage_begin,
	  .file = "trust/x.pem", .what = "holds a certificate or a revocation list that is broken",
	  .remedy = "restore the file, or remove it" },
	{ "anchor_cut_off", .signers = { BY(alice) }, .spoil = cut_anchor, .file = "trust/root.pem",
	  .what = "holds a certificate or a revocation list that is broken",
	  .remedy = "restore the file, or remove it" },
	{ "anchor_of_text", .signers = { BY(alice) }, .spoil = make_text_anchor,
	  .file = "trust/x.pem", .what = "holds no certificate and no revocation list",
	  .remedy = "remove the file" },
	{ "anchor_that_is_a_private_key", .signers = { BY(alice) }, .spoil = make_key_anchor,
	  .file = "trust/x.pem", .what = "holds a private key",
	  .remedy = "take it away from here" },
	{ "anchor_that_is_a_fifo", .signers = { BY(alice) }, .spoil = make_fifo_anchor,
	  .file = "trust/x.pem", .what = "is no regular file",
	  .remedy = "restore it, or remove it" },
	{ "signatures_required_without_an_anchor", .signers = { BY(alice) }, .spoil = trust_nobody,
	  .required = 1, .file = "trust", .what = "holds no anchor, and signatures are required",
	  .remedy = "take signatures-required out" },

	/* What is signed. */
	{ "signed_text_that_is_no_policy", .signers = { BY(alice) }, .text = "nonsense: 1\n",
	  .file = "p.yaml", .what = "unknown key 'nonsense' in a policy", .remedy = "" },
	{ "list_without_a_sha256", .signers = { BY(alice) }, .text = WITH_LIST(""),
	  .spoil = write_list, .file = "p.yaml",
	  .what = "the list 'list' without a sha256, in a policy that is signed",
	  .remedy = "sign the policy again" },
	{ "another_list", .signers = { BY(alice) }, .text = WITH_LIST(", sha256: " HEX),
	  .spoil = write_other_list, .file = "p.yaml",
	  .what = "the list 'list' is not the one that the policy means",
	  .remedy = "restore the list" },
	{ "two_policies_with_one_id", .signers = { BY(alice) }, .spoil = write_twin,
	  .file = "p.yaml/b.yaml", .what = "policy 'p' a second time; the first is p.yaml/a.yaml",
	  .remedy = "rename or remove one of them" },
	{ "link_with_a_broken_signature_beside_it", .signers = { BY(mallory) },
	  .spoil = link_policy_alone,
	  .what = ONE_OF_ONE "'CN=Alice' leads to no anchor of this host",
	  .remedy = "have the file signed by somebody whom the host trusts" },

	/* And what must go well. */
	{ "signed_policy_is_believed", .signers = { BY(alice) } },
	{ "authority_in_between_is_believed", .signers = { BY(carol) }, .others = { &middle } },
	{ "authority_certified_twice_is_believed", .signers = { BY(carol) },
	  .others = { &middle_cross, &middle, &stranger } },
	{ "certificate_expired_since_is_believed", .signers = { { .by = &expired, .day = -60 } } },
	{ "authority_expired_since_is_believed", .signers = { { .by = &by_old, .day = -60 } },
	  .spoil = trust_old },
	{ "signed_in_the_future_is_believed", .signers = { { .by = &future, .day = 60 } } },
	{ "signer_that_is_an_anchor_is_believed", .signers = { BY(own_anchor) },
	  .spoil = trust_own },
	{ "anchor_below_an_unknown_authority_is_believed", .signers = { BY(mallory) },
	  .spoil = trust_mallory },
	{ "anchors_own_certificate_may_be_left_out",
	  .signers = { { .by = &own_anchor, .without_certificate = true } }, .spoil = trust_own },
	{ "rsa_is_believed", .signers = { BY(strong_rsa) } },
	{ "two_signers_are_two", .signers = { BY(alice), BY(bob) }, .required = 2 },
	{ "a_bad_signer_beside_enough_does_no_harm", .signers = { BY(mallory), BY(alice), BY(bob) },
	  .required = 2 },
	{ "revoked_by_a_stranger_is_not_revoked", .signers = { BY(alice) },
	  .spoil = revoke_alice_falsely },
	{ "anothers_revocation_does_no_harm", .signers = { BY(bob) }, .spoil = revoke_alice },
	{ "list_with_its_sha256_is_believed", .signers = { BY(alice) },
	  .text = WITH_LIST(", sha256: " LIST_SHA256), .spoil = write_list },
	{ "linked_policy_is_believed", .signers = { BY(alice) }, .spoil = link_policy },
	{ "no_anchor_demands_nothing", .signers = { BY(mallory) }, .spoil = trust_nobody },
};

/* --- trying them ---------------------------------------------------------------------------------
 */

static void make_files(const struct row *row, const char *text)
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

static void holds(void **state)
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

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows)];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest) { rows[i].name, holds, enter_folder, leave_folder,
						 (void *)&rows[i] };
	return _cmocka_run_group_tests("hostile_signature", tests, ARRAY_SIZE(tests), make_parties,
				       free_parties);
}
