/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes back over the control socket: a document in pieces, then how it went. */
#ifndef EMBARGO_CONTROL_ANSWER_H
#define EMBARGO_CONTROL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"

/*
 * Packets, numbers little-endian. A piece of the document, any number of them, in their order:
 *
 *    0        4       8
 *   +--------+-------+---------------+
 *   | "EMBA" |   1   | its bytes ... |
 *   +--------+-------+---------------+
 *
 * And the end, one packet, after which nothing comes:
 *
 *    0        4       8       12     16       20
 *   +--------+-------+-------+------+--------+--------+------+-------+------+-----+--------+-----+
 *   | "EMBA" |   2   | error | line | column | length | file | length| what | len.| remedy | ... |
 *   +--------+-------+-------+------+--------+--------+------+-------+------+-----+--------+-----+
 *
 * The error is an errno number or 0; a length is of 2 bytes; the texts are those of a diagnostic.
 */

/* A packet: what hangs on a connection that nobody reads any more is two of these at most. */
#define EMBARGO_CONTROL_PACKET 8192

/* A document: a status that names each of 4,096 rules is below 1 MiB. */
#define EMBARGO_CONTROL_DOCUMENT (4 << 20)

struct embargo_control_answer {
	char *document; /* with a NUL behind it; NULL: none came */
	size_t size;
	int error; /* 0 or negative */
	struct embargo_diagnostic diagnostic;
};

/*
 * Adds the hostile packet of @size bytes to @answer, all zero to begin with. Returns whether it was
 * the end, or, with @answer as it was: -EPROTO, -EFBIG more document than there may be, -ENOMEM.
 */
int embargo_control_answer_take(struct embargo_control_answer *answer, const void *bytes,
				size_t size);
void embargo_control_answer_free(struct embargo_control_answer *answer);

/* Writes the head of a piece; the caller has its bytes follow. Returns how long it is. */
size_t embargo_control_answer_piece(uint8_t bytes[static EMBARGO_CONTROL_PACKET]);

/* Writes the end: @error as it is returned (0 or negative). Returns its length. */
size_t embargo_control_answer_end(int error, const struct embargo_diagnostic *diagnostic,
				  uint8_t bytes[static EMBARGO_CONTROL_PACKET]);

#endif
