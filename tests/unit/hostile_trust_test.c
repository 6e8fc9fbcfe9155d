// SPDX-License-Identifier: GPL-2.0-or-later
/* Anchors that are broken, signed policies that are no good, and where signatures are looked for.
 */
#include "tests/unit/signature_fixture.h"

#define WITH_LIST(of) WITH(RULE("digests: { file: list" of ", of: elf }"))
#define LIST_TEXT     HEX ":4:name\n"
/* Of LIST_TEXT. */
#define LIST_SHA256 "28ea811550ba06a64ff561a17470e2003dda3f807e801a220645f37444d6fb1c"

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

static const struct row rows[] = {
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
	{ "signer_that_is_an_anchor_is_believed", .signers = { BY(own_anchor) },
	  .spoil = trust_own },
	{ "anchor_below_an_unknown_authority_is_believed", .signers = { BY(mallory) },
	  .spoil = trust_mallory },
	{ "anchors_own_certificate_may_be_left_out",
	  .signers = { { .by = &own_anchor, .without_certificate = true } }, .spoil = trust_own },
	{ "list_with_its_sha256_is_believed", .signers = { BY(alice) },
	  .text = WITH_LIST(", sha256: " LIST_SHA256), .spoil = write_list },
	{ "linked_policy_is_believed", .signers = { BY(alice) }, .spoil = link_policy },
	{ "no_anchor_demands_nothing", .signers = { BY(mallory) }, .spoil = trust_nobody },
};

int main(void)
{
	return run_rows("hostile_trust", rows, ARRAY_SIZE(rows));
}
