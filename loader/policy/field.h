/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values out of nodes: a table names the keys of a mapping, and a taker reads each. */
#ifndef EMBARGO_POLICY_FIELD_H
#define EMBARGO_POLICY_FIELD_H

#include "loader/policy/tree.h"

/* What a taker needs to know besides the node. */
struct embargo_reader {
	const char *file;
	struct embargo_arena *arena;
	struct embargo_diagnostic *diagnostic;
	const char *base; /* relative names are seen from this file's folder */
};

/* Reads @node into @target, untouched on failure; 0 or -errno with the diagnostic filled. */
typedef int embargo_taker(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target);

struct embargo_field {
	const char *key; /* NULL ends a table */
	embargo_taker *take;
	size_t offset; /* of the target, in what is being filled */
	bool required;
};

/* Fills the diagnostic and returns @error; @remedy may be "". */
int embargo_reader_refuse(const struct embargo_reader *reader, struct embargo_mark mark, int error,
			  const char *remedy, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
int embargo_reader_no_memory(const struct embargo_reader *reader);

/* Takes the mapping @node, which is called @what ("a rule"): no other keys, none missing. */
int embargo_fields_take(const struct embargo_reader *reader, const struct embargo_node *node,
			const char *what, const struct embargo_field *fields, void *into);

/* Takes the sequence @node, of 1 to @most elements of @size bytes, into a new array. */
int embargo_elements_take(const struct embargo_reader *reader, const struct embargo_node *node,
			  const char *what, size_t most, size_t size, embargo_taker *take,
			  void *array, size_t *count);

/* Is @node a scalar that is not empty? Otherwise refuses it. */
int embargo_scalar_check(const struct embargo_reader *reader, const struct embargo_node *node);

embargo_taker embargo_text_take;   /* const char *: any text */
embargo_taker embargo_id_take;	   /* const char *: letters, digits, . _ -; below 64 bytes */
embargo_taker embargo_moment_take; /* struct embargo_moment: RFC 3339 with its offset */
embargo_taker embargo_number_take; /* uint64_t: decimal, from 1 */
embargo_taker embargo_bytes_take;  /* uint64_t: decimal, with KiB, MiB or GiB after it or none */
embargo_taker embargo_switch_take; /* bool: yes or no */
embargo_taker embargo_sha256_take; /* struct embargo_digest */

#endif
