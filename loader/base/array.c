// SPDX-License-Identifier: GPL-2.0-or-later
/* Doubling, which costs each element one copy at most. */
#include "loader/base/array.h"

#include <errno.h>
#include <stdlib.h>

#define LEAST 32

int embargo_array_grow(void **array, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : LEAST;
	void *grown;

	if (count < *room)
		return 0;
	grown = reallocarray(*array, wanted, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*room = wanted;
	return 0;
}
