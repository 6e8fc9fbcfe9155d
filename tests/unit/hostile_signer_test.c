// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile signers: those who may not sign policies, and too few of those who may. */
#include "tests/unit/signature_fixture.h"

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

static void trust_own(void)
{
	write_certificate("trust/own.pem", &own_anchor);
	write_certificate("trust/own.pem", &own_server);
}

static void trust_old(void)
{
	write_certificate("trust/old.pem", &root_of_old);
}

static void trust_old_form(void)
{
	write_certificate("trust/old.pem", &old_form);
}

static const struct row rows[] = {
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

	/* And what must go well. */
	{ "authority_in_between_is_believed", .signers = { BY(carol) }, .others = { &middle } },
	{ "authority_certified_twice_is_believed", .signers = { BY(carol) },
	  .others = { &middle_cross, &middle, &stranger } },
	{ "certificate_expired_since_is_believed", .signers = { { .by = &expired, .day = -60 } } },
	{ "authority_expired_since_is_believed", .signers = { { .by = &by_old, .day = -60 } },
	  .spoil = trust_old },
	{ "signed_in_the_future_is_believed", .signers = { { .by = &future, .day = 60 } } },
	{ "two_signers_are_two", .signers = { BY(alice), BY(bob) }, .required = 2 },
	{ "a_bad_signer_beside_enough_does_no_harm", .signers = { BY(mallory), BY(alice), BY(bob) },
	  .required = 2 },
	{ "revoked_by_a_stranger_is_not_revoked", .signers = { BY(alice) },
	  .spoil = revoke_alice_falsely },
	{ "anothers_revocation_does_no_harm", .signers = { BY(bob) }, .spoil = revoke_alice },
};

int main(void)
{
	return run_rows("hostile_signer", rows, ARRAY_SIZE(rows));
}
