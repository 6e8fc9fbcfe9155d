// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting suppliers, and listing them. */
#include "loader/cli/suppliers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/utf8.h"

/* As they come: the same name may come again and again until they are sorted. */
struct embargo_supplier {
	char *name;
	uint64_t count;
};

static int by_name(const void *left, const void *right)
{
	const struct embargo_supplier *one = left, *other = right;

	return strcmp(one->name, other->name);
}

static int by_count(const void *left, const void *right)
{
	const struct embargo_supplier *one = left, *other = right;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* Makes one of those that have one name. */
static void merge(struct embargo_suppliers *suppliers)
{
	size_t used = 0;

	if (!suppliers->count)
		return;
	qsort(suppliers->list, suppliers->count, sizeof(*suppliers->list), by_name);
	for (size_t i = 1; i < suppliers->count; i++) {
		if (!strcmp(suppliers->list[i].name, suppliers->list[used].name)) {
			suppliers->list[used].count += suppliers->list[i].count;
			free(suppliers->list[i].name);
		} else {
			suppliers->list[++used] = suppliers->list[i];
		}
	}
	suppliers->count = used + 1;
}

static int grow(struct embargo_suppliers *suppliers)
{
	size_t room = suppliers->room ? 2 * suppliers->room : 256;
	struct embargo_supplier *list = reallocarray(suppliers->list, room, sizeof(*list));

	if (!list)
		return -ENOMEM;
	suppliers->list = list;
	suppliers->room = room;
	return 0;
}

int embargo_suppliers_add(struct embargo_suppliers *suppliers, const char *name, uint64_t count)
{
	char *copy;

	if (suppliers->count == suppliers->room) {
		merge(suppliers);
		/* Half of it free at least, or merging comes again too soon. */
		if (suppliers->count >= EMBARGO_SUPPLIERS_MAX) {
			suppliers->left_out += count;
			return 0;
		}
		if (suppliers->count * 2 >= suppliers->room && grow(suppliers))
			return -ENOMEM;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	suppliers->list[suppliers->count++] = (struct embargo_supplier) { copy, count };
	return 0;
}

void embargo_suppliers_tell(struct embargo_suppliers *suppliers)
{
	char name[1024];

	merge(suppliers);
	if (suppliers->count)
		qsort(suppliers->list, suppliers->count, sizeof(*suppliers->list), by_count);
	for (size_t i = 0; i < suppliers->count; i++)
		fprintf(stderr, "%10" PRIu64 "  %s\n", suppliers->list[i].count,
			embargo_utf8_printable(suppliers->list[i].name, name, sizeof(name)));
	if (suppliers->left_out)
		fprintf(stderr, "%10" PRIu64 "  of others\n", suppliers->left_out);
}

void embargo_suppliers_free(struct embargo_suppliers *suppliers)
{
	for (size_t i = 0; i < suppliers->count; i++)
		free(suppliers->list[i].name);
	free(suppliers->list);
	*suppliers = (struct embargo_suppliers) { .list = NULL };
}
