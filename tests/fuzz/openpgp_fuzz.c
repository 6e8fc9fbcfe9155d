// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a signature of OpenPGP or of IMA. Build with libFuzzer. */
#include <stdlib.h>

#include "loader/identity/ima.h"
#include "loader/identity/openpgp.h"
#include "loader/identity/specimen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct embargo_specimen specimen = { .kind = EMBARGO_KIND_UNKNOWN };

	embargo_openpgp_read(data, size, (struct embargo_claim_place) { 0, "signature" },
			     &specimen);
	embargo_ima_read(data, size, (struct embargo_claim_place) { 0, "signature" }, &specimen);
	for (size_t i = 0; i < specimen.identities.count; i++)
		if (!specimen.identities.array[i].count)
			abort();
	embargo_specimen_free(&specimen);
	return 0;
}
