// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking the signers of a signature into a specimen. */
#include "loader/identity/signature.h"

#include <errno.h>

struct embargo_cms *embargo_signature_parse(const struct embargo_signature *signature,
					    struct embargo_specimen *specimen)
{
	struct embargo_cms *cms = NULL;
	int error = embargo_cms_parse(signature->bytes, signature->size, &cms);

	if (error)
		embargo_specimen_fault(specimen, signature->at, "%s: %s", signature->what,
				       error == -EBADMSG ? "is no PKCS #7 SignedData"
				       : error == -E2BIG ? "larger than any real one"
							 : "out of memory");
	else if (embargo_cms_broken_count(cms))
		embargo_specimen_fault(specimen, signature->at,
				       "%s: %zu certificates cannot be read", signature->what,
				       embargo_cms_broken_count(cms));
	if (!error && !embargo_cms_signer_count(cms))
		embargo_specimen_fault(specimen, signature->at, "%s: nobody signed",
				       signature->what);
	return cms;
}

void embargo_signature_take(const struct embargo_signature *signature,
			    const struct embargo_cms *cms, const struct embargo_cms_claim *claim,
			    enum embargo_cms_form form, struct embargo_specimen *specimen)
{
	struct embargo_diagnostic flaw = {};

	for (size_t i = 0; i < embargo_cms_signer_count(cms); i++) {
		int error =
			embargo_cms_signer_add(cms, i, claim, form, &specimen->identities, &flaw);

		if (error)
			embargo_specimen_fault(
				specimen, signature->at, "%s: signer %zu: %s", signature->what,
				i + 1, error == -E2BIG ? "one identity too many" : "out of memory");
		else if (flaw.what[0])
			embargo_specimen_fault(specimen, signature->at, "%s: signer %zu: %s",
					       signature->what, i + 1, flaw.what);
	}
}
