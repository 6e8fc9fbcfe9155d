// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a JSON document that is imported, or as a STIX pattern; what comes of it is
 * a list and a policy that are taken. Build with libFuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/import/document.h"
#include "loader/import/listing.h"
#include "loader/import/rules.h"
#include "loader/import/stix_pattern.h"
#include "loader/model/digest.h"
#include "loader/policy/list.h"
#include "loader/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct taken {
	struct embargo_listing listing;
	struct embargo_rules rules;
	size_t count;
	bool is_too_much;
};

static int take_entry(void *context, const struct embargo_import_entry *entry)
{
	struct taken *taken = context;

	if (embargo_digest_is_of_nothing(&entry->digest))
		return 0;
	taken->count++;
	taken->is_too_much |= embargo_rules_add(&taken->rules, entry) != 0;
	return embargo_listing_add(&taken->listing, entry);
}

static int take_package(void *context, const struct embargo_import_package *package)
{
	struct taken *taken = context;

	taken->is_too_much |= embargo_rules_add_package(&taken->rules, package) != 0;
	return 0;
}

static int take_supplier(void *context, const char *name, uint64_t count)
{
	(void)context, (void)count;
	return name ? 0 : -1;
}

static int take_note(void *context, const char *text)
{
	(void)context;
	return text[0] ? 0 : -1;
}

static int count_line(void *context, const struct embargo_list_entry *line)
{
	(void)line;
	--*(size_t *)context;
	return 0;
}

/* The list is read back, each entry of it. */
static void check_list(struct taken *taken)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	size_t left = taken->count;

	if (fflush(taken->listing.out) ||
	    embargo_list_read_file(fileno(taken->listing.out), "list", count_line, &left,
				   &diagnostic) ||
	    left)
		abort();
}

/* The policy is one, whatever the names in it were. */
static void check_policy(struct taken *taken)
{
	int fd = memfd_create("policy", MFD_CLOEXEC);
	FILE *out = fdopen(fd, "w");
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_policy *policy = NULL;
	char path[64], text[2048];

	if (!out)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!taken->is_too_much &&
	    !embargo_rules_write(&taken->rules, INT64_C(1700000000000000000), out) &&
	    (fflush(out) || embargo_policy_read(path, &policy, &diagnostic))) {
		fprintf(stderr, "%s\n", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
		abort();
	}
	embargo_policy_free(policy);
	fclose(out);
}

static void read_document(const json_t *document, const char *const *vendors, size_t count)
{
	const struct embargo_import_choice choice = { vendors, count, true };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct taken taken = {
		.listing.out = fdopen(memfd_create("list", MFD_CLOEXEC), "w"),
	};
	const struct embargo_import_taker taker = {
		.context = &taken,
		.entry = take_entry,
		.package = take_package,
		.supplier = take_supplier,
		.note = take_note,
	};
	struct embargo_import import = {
		.path = "document",
		.fd = -1,
		.choice = &choice,
		.taker = &taker,
		.diagnostic = &diagnostic,
	};

	if (!taken.listing.out)
		abort();
	/* Whoever is refused must be told why. */
	if (embargo_document_read(&import, NULL, document)) {
		if (!diagnostic.what[0] || !diagnostic.remedy[0])
			abort();
	} else {
		check_list(&taken);
		check_policy(&taken);
	}
	fclose(taken.listing.out);
	embargo_listing_free(&taken.listing);
	embargo_rules_free(&taken.rules);
}

static void read_pattern(const uint8_t *data, size_t size)
{
	char *pattern = strndup((const char *)data, size);
	struct embargo_stix_files files = { .digests = NULL };
	struct embargo_stix_fault fault = { .what = NULL };
	int error = pattern ? embargo_stix_pattern_read(pattern, &files, &fault) : 0;

	if (!pattern || (error && (!fault.what || fault.at > strlen(pattern))))
		abort();
	embargo_stix_files_free(&files);
	free(pattern);
}

/* What begins with a bracket of patterns is one; and every document is read as anybody's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const anybody[] = { "*" };
	json_t *document;

	json_object_seed(1);
	if (size && (data[0] == '[' || data[0] == '('))
		read_pattern(data, size);
	document = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	if (!document)
		return 0;
	read_document(document, anybody, 1);
	read_document(document, anybody, 0);
	json_decref(document);
	return 0;
}
