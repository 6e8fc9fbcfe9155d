// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a list that is imported: the lines of sha256sum and ClamAV, NSRL's
 * database. Build with libFuzzer. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Which of the texts is there, the formats differ in; what is there ends. */
static int take_entry(void *context, const struct embargo_import_entry *entry)
{
	size_t *bytes = context;

	*bytes += strlen(entry->name);
	*bytes += entry->provenance ? strlen(entry->provenance) : 0;
	*bytes += entry->supplier ? strlen(entry->supplier) : 0;
	return 0;
}

static int take_package(void *context, const struct embargo_import_package *package)
{
	*(size_t *)context += strlen(package->name);
	return 0;
}

static int take_supplier(void *context, const char *name, uint64_t count)
{
	*(size_t *)context += strlen(name);
	return count ? 0 : -1;
}

static int take_note(void *context, const char *text)
{
	*(size_t *)context += strlen(text);
	return 0;
}

static int take_progress(void *context, uint64_t done, uint64_t total)
{
	(void)context, (void)done, (void)total;
	return 0;
}

static void read_source(int fd, int (*read)(struct embargo_import *import), size_t vendors)
{
	static const char *const everybody[] = { "*" };
	const struct embargo_import_choice choice = { everybody, vendors, true };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	size_t bytes = 0;
	const struct embargo_import_taker taker = {
		.context = &bytes,
		.entry = take_entry,
		.package = take_package,
		.supplier = take_supplier,
		.note = take_note,
		.progress = take_progress,
	};
	struct embargo_import import = {
		.path = "source",
		.fd = fd,
		.choice = &choice,
		.taker = &taker,
		.diagnostic = &diagnostic,
	};

	/* Whoever is refused must be told why. */
	if (lseek(fd, 0, SEEK_SET) || (read(&import) && !diagnostic.what[0]))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct embargo_import_head head = {
		S_IFREG, (const char *)data, size < EMBARGO_IMPORT_HEAD ? size : EMBARGO_IMPORT_HEAD
	};
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("source", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (embargo_import_is_nsrl(&head)) {
		read_source(fd, embargo_import_nsrl, 0);
		read_source(fd, embargo_import_nsrl, 1);
		return 0;
	}
	embargo_import_is_sums(&head);
	embargo_import_is_hsb(&head);
	read_source(fd, embargo_import_sums, 0);
	return 0;
}
