// SPDX-License-Identifier: GPL-2.0-or-later
/* A package's own word about itself, out of the identities that the classifier finds. */
#include "loader/import/origin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/import/looking.h"

void embargo_origin_free(struct embargo_origin *origin)
{
	free(origin->supplier);
}

static void append(struct embargo_origin *origin, const char *before, const char *text)
{
	const size_t used = strlen(origin->text);

	if (text)
		snprintf(origin->text + used, sizeof(origin->text) - used, "%s%s", before, text);
}

/* "acme-agent 1.2-3 amd64; vendor: Acme; maintainer: Acme Ltd <acme@example.com>" */
static int describe(const struct embargo_identity *package, struct embargo_origin *origin)
{
	const char *name = embargo_identity_value(package, EMBARGO_ATTRIBUTE_NAME);
	const char *vendor = embargo_identity_value(package, EMBARGO_ATTRIBUTE_VENDOR);
	const char *maintainer = embargo_identity_value(package, EMBARGO_ATTRIBUTE_MAINTAINER);
	const char *supplier = vendor ? vendor : maintainer;

	append(origin, "", name ? name : "a package without a name");
	append(origin, " ", embargo_identity_value(package, EMBARGO_ATTRIBUTE_VERSION));
	append(origin, " ", embargo_identity_value(package, EMBARGO_ATTRIBUTE_ARCHITECTURE));
	append(origin, "; vendor: ", vendor);
	append(origin, "; maintainer: ", maintainer);
	origin->supplier = supplier ? strdup(supplier) : NULL;
	return supplier && !origin->supplier ? -ENOMEM : 0;
}

static int describe_first(const struct embargo_identities *identities,
			  struct embargo_origin *origin)
{
	for (size_t i = 0; i < identities->count; i++)
		if (identities->array[i].kind == EMBARGO_IDENTITY_PACKAGE)
			return describe(&identities->array[i], origin);
	return 0;
}

/* Of all the rest of a package nobody here wants to know: what is read is a copy of the beginning.
 */
static int copy_head(int from, int *head)
{
	_cleanup_close_ int copy = memfd_create("package", MFD_CLOEXEC);
	_cleanup_free_
	char *bytes = malloc(EMBARGO_ORIGIN_HEAD);
	ssize_t got;
	int error;

	if (copy < 0)
		return -errno;
	if (!bytes)
		return -ENOMEM;
	got = embargo_file_pread(from, bytes, EMBARGO_ORIGIN_HEAD, 0);
	error = got < 0 ? (int)got : embargo_file_write(copy, bytes, (size_t)got);
	if (!error)
		*head = TAKE_FD(copy);
	return error;
}

int embargo_origin_read(struct embargo_import *import, struct embargo_origin *origin)
{
	_cleanup_(embargo_looking_stop) struct embargo_looking looking = { .classifier = NULL };
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	_cleanup_close_ int head = -1;
	int error = embargo_looking_start(&looking, import->is_unconfined, import->diagnostic);

	if (error)
		return error;
	error = copy_head(import->fd, &head);
	if (!error)
		error = embargo_looking_look(&looking, head, &specimen);
	if (!error)
		error = describe_first(&specimen.identities, origin);
	if (!error)
		return 0;
	embargo_diagnostic_remedy(import->diagnostic, "unpack it where no harm is done, and import "
						      "the folder");
	return embargo_diagnostic_what(import->diagnostic, error, "%s",
				       embargo_classifier_error(error));
}
