// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as the signature of a policy, by a host with anchors and revocation lists, and
 * as its anchors. Build with libFuzzer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/signed.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the seeds are signatures over: see tests/fuzz/seeds. */
#define CONTENT "policy: p\n"

static struct embargo_bundle *anchors;

/* Beside the program lies what its seeds lead to. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct embargo_diagnostic diagnostic = { 0 };
	_cleanup_free_
	char *path = NULL;
	_cleanup_free_
	char *pem = NULL;
	size_t size;

	(void)argc;
	if (asprintf(&path, "%.*s-anchors/all.pem", (int)strlen((*argv)[0]) - 5, (*argv)[0]) < 0)
		abort();
	if (embargo_bundle_new(&anchors))
		abort();
	if (embargo_file_read(path, EMBARGO_BUNDLE_FILE, &pem, &size) ||
	    embargo_bundle_add(anchors, pem, size, &diagnostic)) {
		fprintf(stderr, "%s: no anchors; run tests/fuzz/seeds first\n", path);
		exit(1);
	}
	return 0;
}

/* Whoever is refused must be told why. */
static void look_at(const struct embargo_signed *result)
{
	size_t counting = 0;

	for (size_t i = 0; i < result->count; i++) {
		if (result->signers[i].fault == EMBARGO_SIGNED_UNKNOWN)
			abort();
		counting += result->signers[i].fault == EMBARGO_SIGNED_COUNTS;
	}
	if (counting != result->counting || !result->count)
		abort();
}

static void read_anchors(const uint8_t *data, size_t size)
{
	struct embargo_diagnostic diagnostic = { 0 };
	_cleanup_free_
	char *pem = strndup((const char *)data, size);
	struct embargo_bundle *bundle;

	if (!pem || embargo_bundle_new(&bundle))
		abort();
	if (embargo_bundle_add(bundle, pem, strlen(pem), &diagnostic) && !diagnostic.what[0])
		abort();
	embargo_bundle_free(bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct embargo_signed result;
	struct embargo_diagnostic diagnostic = { 0 };

	if (size && data[0] == '-') {
		read_anchors(data, size);
		return 0;
	}
	if (!embargo_signed_verify(anchors, data, size, CONTENT, strlen(CONTENT), &result,
				   &diagnostic))
		look_at(&result);
	else if (!diagnostic.what[0] || !diagnostic.remedy[0])
		abort();
	return 0;
}
