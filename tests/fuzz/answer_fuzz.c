// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as what comes back from the processes that read hostile files, which such a
 * file may have taken over. Build with libFuzzer. */
#include <sys/mman.h>

/* Those who listen, with all that only they know. */
#include "loader/classify/classifier.c"
#include "loader/import/confined.c"
#include "loader/import/package.c"
#define list	     rpm_list
#define read_record  rpm_read_record
#define read_records rpm_read_records
#include "loader/packages/rpm.c"
#undef list
#undef read_record
#undef read_records

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was said is text that ends; reading each to its end shows it to the sanitizer. */
static int hear_entry(void *context, const struct embargo_import_entry *entry)
{
	(void)context;
	if (entry->kind >= EMBARGO_KIND_COUNT || !entry->name)
		abort();
	return strlen(entry->name) > UINT32_MAX ||
	       (entry->supplier && strlen(entry->supplier) >= EMBARGO_IMPORT_TEXT);
}

static int hear_package(void *context, const struct embargo_import_package *package)
{
	(void)context;
	return strlen(package->name) + strlen(package->type) > UINT32_MAX;
}

static int hear_supplier(void *context, const char *name, uint64_t count)
{
	(void)context, (void)count;
	return strlen(name) >= EMBARGO_IMPORT_TEXT;
}

static int hear_note(void *context, const char *text)
{
	(void)context;
	return strlen(text) >= EMBARGO_IMPORT_TEXT;
}

static int hear_progress(void *context, uint64_t done, uint64_t total)
{
	(void)context, (void)done, (void)total;
	return 0;
}

static const struct embargo_import_taker taker = {
	.entry = hear_entry,
	.package = hear_package,
	.supplier = hear_supplier,
	.note = hear_note,
	.progress = hear_progress,
};

/* The process that reads a source. */
static void take_source(FILE *from, struct embargo_import *import)
{
	bool is_told;
	int error = listen_to(from, import, &is_told);

	/* Whoever is refused must be told why. */
	if (error && !is_told && error != -EPIPE)
		abort();
}

/* The one that takes packages apart. */
static void take_members(FILE *from, struct embargo_import *import)
{
	_cleanup_(free_package) struct package package = { .import = import };

	if (read_records(&package, from) && !import->diagnostic->what[0])
		abort();
}

static int see_file(void *context, const struct embargo_package_file *file)
{
	(void)context;
	return file->path[0] != '/' || !file->name;
}

/* The one that reads the RPM database. */
static void take_rpm(FILE *from, struct embargo_import *import)
{
	static struct embargo_package_walk walk = { .root = "/proc/self/fdinfo",
						    .visit = see_file };

	walk.diagnostic = import->diagnostic;
	if (!walk.rooted.root && embargo_rooted_open(walk.root, &walk.rooted))
		abort();
	rpm_read_records(&walk, from);
}

/* The one that looks into a file. */
static void take_specimen(const uint8_t *data, size_t size)
{
	static const struct embargo_classifier_meanwhile nothing;
	struct waiting waiting = { .meanwhile = &nothing, .fd = -1 };
	struct embargo_specimen specimen;
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("answer", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET))
		abort();
	waiting.fd = fd;
	waiting.deadline = now_ms() + 60000;
	if (take_answer(&waiting, &specimen))
		return;
	if (specimen.kind >= EMBARGO_KIND_COUNT)
		abort();
	embargo_specimen_free(&specimen);
}

/* The first byte says who speaks. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const listeners[])(FILE * from, struct embargo_import * import) = {
		take_source, take_members, take_rpm
	};
	static const struct embargo_import_choice choice;
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_import import = {
		.path = "source",
		.fd = -1,
		.choice = &choice,
		.taker = &taker,
		.diagnostic = &diagnostic,
	};
	FILE *from;

	json_object_seed(1);
	if (size < 2)
		return 0;
	if (data[0] % 4 == 3) {
		take_specimen(data + 1, size - 1);
		return 0;
	}
	from = fmemopen((void *)(data + 1), size - 1, "r");
	if (!from)
		abort();
	listeners[data[0] % 4](from, &import);
	fclose(from);
	return 0;
}
