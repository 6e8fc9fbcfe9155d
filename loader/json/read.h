/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading JSON that somebody else wrote. */
#ifndef EMBARGO_JSON_READ_H
#define EMBARGO_JSON_READ_H

#include <stddef.h>

#include "loader/base/diagnostic.h"
#include "loader/json/json.h"

/*
 * The object that the @size bytes are, whole; NULL where they are none: no UTF-8, a key twice, a
 * NUL in a text, something behind the end. The caller bounds @size; jansson bounds the depth
 * (2,048).
 */
json_t *embargo_json_read_object(const char *bytes, size_t size);

/*
 * The value, an object or an array, that the open file @fd holds from its start to its end; as
 * above, and without the text in memory besides. The caller bounds the file's size, and seeds the
 * tables where it is no secret what the file can hold. Errors: -EINVAL, -ENOMEM, or of reading;
 * @diagnostic gets line, column, what is wrong and what to do.
 */
int embargo_json_read_file(int fd, json_t **value, struct embargo_diagnostic *diagnostic);

/* The text of a member, good as long as @object; NULL where it has none, or no text. */
const char *embargo_json_text(const json_t *object, const char *key);

#endif
