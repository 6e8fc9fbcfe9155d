/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of readers share: bytes that end where their memory ends, and what was found. */
#ifndef EMBARGO_TESTS_READER_H
#define EMBARGO_TESTS_READER_H

#include "loader/base/cleanup.h"
#include "loader/identity/specimen.h"
#include "tests/unit/unit.h"

/* Reads a copy of @bytes, so that a sanitizer sees each step beyond them; the caller frees. */
static inline struct embargo_specimen unit_read(embargo_format_reader *read, enum embargo_kind kind,
						const void *bytes, size_t size)
{
	struct embargo_specimen specimen = { .kind = kind };
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	read(copy, size, &specimen);
	free(copy);
	return specimen;
}

/* Every cut, and each byte wrong in several ways: none may crash, or find what is not printable. */
static inline void unit_survive(embargo_format_reader *read, enum embargo_kind kind,
				const void *bytes, size_t size)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	uint8_t *damaged = malloc(size);

	assert_non_null(damaged);
	memcpy(damaged, bytes, size);
	for (size_t cut = 0; cut < size; cut++) {
		struct embargo_specimen specimen = unit_read(read, kind, bytes, cut);

		embargo_specimen_free(&specimen);
	}
	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			struct embargo_specimen specimen;

			damaged[at] = values[i];
			specimen = unit_read(read, kind, damaged, size);
			embargo_specimen_free(&specimen);
		}
		damaged[at] = ((const uint8_t *)bytes)[at];
	}
	free(damaged);
}

/* The identities as one text: "build-id ab; needed libc.so.6; ". */
static inline const char *unit_identities(const struct embargo_specimen *specimen)
{
	static char text[65536];
	char one[4096];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < specimen->identities.count; i++) {
		const struct embargo_identity *identity = &specimen->identities.array[i];

		used += snprintf(text + used, sizeof(text) - used, "%s %s; ",
				 embargo_identity_kind_name(identity->kind),
				 embargo_identity_format(identity, one, sizeof(one)));
		assert_true(used < sizeof(text));
	}
	return text;
}

/* The first fault; "" where there is none. */
static inline const char *unit_fault(const struct embargo_specimen *specimen)
{
	return specimen->fault_count ? specimen->faults[0].what : "";
}

#endif
