/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a policy or of the settings, read with bounds and known to be text. */
#ifndef EMBARGO_POLICY_SOURCE_H
#define EMBARGO_POLICY_SOURCE_H

#include <stddef.h>

#include "loader/base/diagnostic.h"

/*
 * Reads @file: at most EMBARGO_POLICY_BYTES, UTF-8, nothing that embargo_source_forbidden() names
 * but tabs and line ends. The caller frees @text, which ends in a NUL that @length does not count.
 */
int embargo_source_read(const char *file, char **text, size_t *length,
			struct embargo_diagnostic *diagnostic);

/* The two halves of it: the bytes of @file as they are, whatever they are; and what text may not
 * be. Whoever asks for a signature asks between them. */
int embargo_source_bytes(const char *file, char **bytes, size_t *length,
			 struct embargo_diagnostic *diagnostic);
int embargo_source_check(const char *file, const char *text, size_t length,
			 struct embargo_diagnostic *diagnostic);

/* Says that @file could not be read, and what to do; returns @error. */
int embargo_source_refuse(const char *file, int error, struct embargo_diagnostic *diagnostic);

/*
 * What is wrong with the character that the @left bytes at @text begin with (not UTF-8, a NUL, a
 * control character, one that turns the direction of text), or NULL; @used gets its bytes.
 */
const char *embargo_source_forbidden(const char *text, size_t left, size_t *used);

#endif
