/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling kernel modules, plain or compressed, by their content. */
#ifndef EMBARGO_IDENTITY_MODULE_H
#define EMBARGO_IDENTITY_MODULE_H

#include "loader/identity/specimen.h"

/* Could something that begins with these bytes be a module? Then it takes all of it to tell. */
bool embargo_module_is_likely(const uint8_t *head, size_t size);

/*
 * Are @bytes, all of a file, a module? Returns 1; or 0. In a compressed one @inner gets what is in
 * it, which is what the kernel compares; otherwise its size is 0. Errors: -EBADMSG or -EFBIG where
 * it begins like one and is damaged or too large, -ENOMEM, -EIO.
 */
int embargo_module_tell(const uint8_t *bytes, size_t size, struct embargo_content *inner);

/* "x.ko" for "x.ko.xz", as the name of what is in it; @path as it is where it has no such ending.
 * The caller's to free(); NULL: no memory. */
char *embargo_module_inner_name(const char *path);

#endif
