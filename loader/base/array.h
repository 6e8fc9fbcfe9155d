/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays that grow while they are filled. */
#ifndef EMBARGO_BASE_ARRAY_H
#define EMBARGO_BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room in @array, of @room elements of @size bytes with @count in use, for one more; it may
 * move. Returns 0 or -ENOMEM, and then all is as it was.
 */
int embargo_array_grow(void **array, size_t count, size_t *room, size_t size);

#endif
