/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Those whose files a source has, counted, for people to choose from. */
#ifndef EMBARGO_CLI_SUPPLIERS_H
#define EMBARGO_CLI_SUPPLIERS_H

#include <stddef.h>
#include <stdint.h>

/* More names than that are no help to anybody; NSRL's whole set has some ten thousand. */
#define EMBARGO_SUPPLIERS_MAX 65536

struct embargo_suppliers {
	struct embargo_supplier *list;
	size_t count, room;
	uint64_t left_out;
};

/* Adds @count files of @name. Errors: -ENOMEM. */
int embargo_suppliers_add(struct embargo_suppliers *suppliers, const char *name, uint64_t count);

/* Prints them to standard error, those with the most first; nothing where there is none. */
void embargo_suppliers_tell(struct embargo_suppliers *suppliers);

void embargo_suppliers_free(struct embargo_suppliers *suppliers);

#endif
