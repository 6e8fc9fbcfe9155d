// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile signatures: files that are none, and signatures that do not hold. */
#include "tests/unit/signature_fixture.h"

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

	/* And what must go well. */
	{ "signed_policy_is_believed", .signers = { BY(alice) } },
	{ "rsa_is_believed", .signers = { BY(strong_rsa) } },
};

int main(void)
{
	return run_rows("hostile_signature", rows, ARRAY_SIZE(rows));
}
