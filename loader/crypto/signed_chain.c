// SPDX-License-Identifier: GPL-2.0-or-later
/* From a signer's certificate to an anchor: X509_verify_cert(), and what it leaves to its caller.
 */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/signed_form.h"

/* OpenSSL's level of 112 bits: RSA of 2048, and no MD5 or SHA-1 in a chain. */
#define AUTH_LEVEL 2

static void free_context(X509_STORE_CTX **context)
{
	X509_STORE_CTX_free(*context);
}

static void free_stack(STACK_OF(X509) * *stack)
{
	sk_X509_free(*stack);
}

static bool is_in(STACK_OF(X509) * certificates, X509 *certificate)
{
	for (int i = 0; i < sk_X509_num(certificates); i++)
		if (!X509_cmp(sk_X509_value(certificates, i), certificate))
			return true;
	return false;
}

enum embargo_signed_fault embargo_signed_usage_check(X509 *certificate, bool is_anchor)
{
	uint32_t flags = X509_get_extension_flags(certificate);
	uint32_t extended = X509_get_extended_key_usage(certificate);

	if (flags & EXFLAG_INVALID)
		return EMBARGO_SIGNED_WRONG_USAGE;
	if ((flags & EXFLAG_KUSAGE) && !(X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE))
		return EMBARGO_SIGNED_WRONG_KEY_USAGE;
	if (!(flags & EXFLAG_XKUSAGE))
		return is_anchor ? EMBARGO_SIGNED_COUNTS : EMBARGO_SIGNED_WRONG_USAGE;
	if (extended & (is_anchor ? XKU_CODE_SIGN | XKU_ANYEKU : XKU_CODE_SIGN))
		return EMBARGO_SIGNED_COUNTS;
	return EMBARGO_SIGNED_WRONG_USAGE;
}

static enum embargo_signed_fault fault_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return EMBARGO_SIGNED_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return EMBARGO_SIGNED_NOT_YET_VALID;
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
		return EMBARGO_SIGNED_NO_ISSUER;
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return EMBARGO_SIGNED_WEAK_CHAIN;
	default:
		return EMBARGO_SIGNED_STRANGER;
	}
}

/* Whoever issued must say in so many words that it may: OpenSSL takes some old forms as well. */
static enum embargo_signed_fault check_chain(const struct embargo_signed_work *work,
					     STACK_OF(X509) * chain)
{
	for (int i = 1; i < sk_X509_num(chain); i++)
		if (X509_check_ca(sk_X509_value(chain, i)) != 1)
			return EMBARGO_SIGNED_NO_ISSUER;
	return embargo_signed_is_revoked(work->anchors, chain) ? EMBARGO_SIGNED_REVOKED
							       : EMBARGO_SIGNED_COUNTS;
}

/* One attempt, over the certificates in @others. @dead_end gets the first of these that the attempt
 * went over. */
static enum embargo_signed_fault attempt(const struct embargo_signed_work *work, X509 *certificate,
					 STACK_OF(X509) * trusted, STACK_OF(X509) * others,
					 int64_t at, X509 **dead_end)
{
	_cleanup_(free_context) X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *parameters;
	STACK_OF(X509) * chain;

	*dead_end = NULL;
	if (!context || !X509_STORE_CTX_init(context, NULL, certificate, others))
		return EMBARGO_SIGNED_UNKNOWN;
	X509_STORE_CTX_set0_trusted_stack(context, trusted);
	parameters = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_time(parameters, at);
	X509_VERIFY_PARAM_set_depth(parameters, EMBARGO_SIGNED_DEPTH);
	X509_VERIFY_PARAM_set_auth_level(parameters, AUTH_LEVEL);
	if (X509_verify_cert(context) == 1)
		return check_chain(work, X509_STORE_CTX_get0_chain(context));
	chain = X509_STORE_CTX_get0_chain(context);
	if (sk_X509_num(chain) > 1)
		*dead_end = sk_X509_value(chain, 1);
	return fault_of(X509_STORE_CTX_get_error(context));
}

static bool take_out(STACK_OF(X509) * certificates, X509 *certificate)
{
	for (int i = 0; certificate && i < sk_X509_num(certificates); i++)
		if (!X509_cmp(sk_X509_value(certificates, i), certificate)) {
			sk_X509_delete(certificates, i);
			return true;
		}
	return false;
}

/*
 * An authority may have several certificates, issued by this host's anchor and by others. OpenSSL
 * goes over one of those that came along; where that leads nowhere, it is left out and the next one
 * tried. The fault is the first attempt's.
 */
static enum embargo_signed_fault find_chain(const struct embargo_signed_work *work,
					    X509 *certificate, STACK_OF(X509) * trusted, int64_t at)
{
	_cleanup_(free_stack) STACK_OF(X509) *others = sk_X509_dup(work->certificates);
	enum embargo_signed_fault first = EMBARGO_SIGNED_UNKNOWN, fault;
	X509 *dead_end;

	if (work->certificates && !others)
		return EMBARGO_SIGNED_UNKNOWN;
	for (int attempts = 0; attempts < EMBARGO_SIGNED_DEPTH; attempts++) {
		fault = attempt(work, certificate, trusted, others, at, &dead_end);
		if (fault == EMBARGO_SIGNED_COUNTS)
			return fault;
		if (!attempts)
			first = fault;
		if (fault != EMBARGO_SIGNED_STRANGER || !take_out(others, dead_end))
			break;
	}
	return first;
}

enum embargo_signed_fault embargo_signed_chain_check(const struct embargo_signed_work *work,
						     X509 *certificate, int64_t at)
{
	bool is_anchor = is_in(work->anchors->certificates, certificate);
	_cleanup_(free_stack) STACK_OF(X509) *alone = sk_X509_new_null();
	enum embargo_signed_fault fault, usage;

	if (!alone || !sk_X509_push(alone, certificate))
		return EMBARGO_SIGNED_UNKNOWN;
	/* Whom it was issued by no longer matters to what an administrator trusts by itself. */
	fault = find_chain(work, certificate, is_anchor ? alone : work->anchors->certificates, at);
	/* A stranger is called one, whatever else is wrong with it. */
	if (fault == EMBARGO_SIGNED_STRANGER)
		return fault;
	usage = embargo_signed_usage_check(certificate, is_anchor);
	return usage == EMBARGO_SIGNED_COUNTS ? fault : usage;
}
