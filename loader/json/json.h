/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output as JSON: the values of embargo in the forms that other tools rely on. */
#ifndef EMBARGO_JSON_JSON_H
#define EMBARGO_JSON_JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* Each enters @key into @object and returns 0, or -ENOMEM. */

/* null for NULL; bytes that are not UTF-8 become U+FFFD. */
int embargo_json_set_text(json_t *object, const char *key, const char *text);

/* The same, with KEY_hex (the raw bytes) beside it where the path is not UTF-8. */
int embargo_json_set_path(json_t *object, const char *key, const char *path);

/* RFC 3339 in UTC; @ns since 1970. */
int embargo_json_set_time(json_t *object, const char *key, int64_t ns);

/* Lower-case hex. */
int embargo_json_set_hex(json_t *object, const char *key, const void *bytes, size_t size);

int embargo_json_set_number(json_t *object, const char *key, uint64_t number);

/* Takes @value over, whatever comes. */
int embargo_json_set(json_t *object, const char *key, json_t *value);

/* Prints @value, indented, and a line break. Errors: -EIO. */
int embargo_json_print(const json_t *value, FILE *out);

/* Prints @value on one line. Errors: -EIO. */
int embargo_json_print_line(const json_t *value, FILE *out);

static inline void embargo_json_cleanup(json_t **value)
{
	json_decref(*value);
}

#define _cleanup_json_ __attribute__((cleanup(embargo_json_cleanup)))

#endif
