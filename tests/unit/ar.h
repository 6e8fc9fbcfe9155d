/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of an ar, as a Debian package has them. */
#ifndef EMBARGO_TESTS_AR_H
#define EMBARGO_TESTS_AR_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Without its content, which may want a byte behind it. */
#define AR_MEMBER 61

/* Writes a member to @at, where there is room. Returns how many bytes it has. */
static inline size_t ar_member(uint8_t *at, const char *name, const void *content, size_t size)
{
	char header[AR_MEMBER];

	snprintf(header, sizeof(header), "%-16s%-12d%-6d%-6d%-8d%-10zu`\n", name, 0, 0, 0, 100644,
		 size);
	memcpy(at, header, AR_MEMBER - 1);
	memcpy(at + AR_MEMBER - 1, content, size);
	if (size % 2)
		at[AR_MEMBER - 1 + size] = '\n';
	return AR_MEMBER - 1 + size + size % 2;
}

#endif
