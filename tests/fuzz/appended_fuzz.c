// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a module with a signature at its end, and as the signature of an fs-verity
 * digest. Build with libFuzzer. */
#include <stdlib.h>

#include "loader/identity/appended.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every identity has a value. */
static void check(struct embargo_specimen *specimen)
{
	for (size_t i = 0; i < specimen->identities.count; i++)
		if (!specimen->identities.array[i].count)
			abort();
	embargo_specimen_free(specimen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t digest[32];
	struct embargo_specimen module = {}, verity = {};

	embargo_appended_read(data, size, &module);
	check(&module);
	embargo_verity_signature_read(data, size, digest, sizeof(digest), &verity);
	check(&verity);
	return 0;
}
