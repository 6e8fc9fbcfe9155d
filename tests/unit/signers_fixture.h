/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two signers for a whole program of tests, and what was last read. */
#ifndef EMBARGO_TESTS_UNIT_SIGNERS_H
#define EMBARGO_TESTS_UNIT_SIGNERS_H

#include "tests/unit/reader.h"
#include "tests/unit/signing.h"

static struct unit_signer vendor, other;
static struct embargo_specimen specimen; /* of the last look */

static inline int teardown(void **state)
{
	(void)state;
	unit_signer_free(&vendor);
	unit_signer_free(&other);
	embargo_specimen_free(&specimen);
	return 0;
}

/* Reads again, in place of what was read before. */
static inline void look_at(embargo_format_reader *reader, enum embargo_kind kind,
			   const uint8_t *bytes, size_t size)
{
	embargo_specimen_free(&specimen);
	specimen = unit_read(reader, kind, bytes, size);
}

#endif
