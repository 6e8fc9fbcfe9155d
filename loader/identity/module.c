// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules among what is relocatable and what is compressed. */
#include "loader/identity/module.h"

#include <errno.h>
#include <string.h>

#include "loader/archive/decompress.h"
#include "loader/base/cleanup.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/elf_file.h"

bool embargo_module_is_likely(const uint8_t *head, size_t size)
{
	_cleanup_free_
	uint8_t *content = NULL;
	size_t content_size;

	if (embargo_elf_is_relocatable(head, size))
		return true;
	/* Only the beginning is there: a module fails for what is missing, anything else before. */
	return embargo_decompress_detect(head, size) &&
	       embargo_decompress(head, size, EMBARGO_DECOMPRESS_MAX, embargo_elf_is_relocatable,
				  &content, &content_size) != -ENODATA;
}

static bool is_module(const uint8_t *bytes, size_t size)
{
	struct embargo_specimen faults = { .kind = EMBARGO_KIND_ELF };
	struct embargo_elf_file file;

	return !embargo_elf_open(bytes, size, &faults, &file) && embargo_elf_is_module(&file);
}

int embargo_module_tell(const uint8_t *bytes, size_t size, struct embargo_content *inner)
{
	struct embargo_content found = { .size = 0 };
	_cleanup_free_
	uint8_t *content = NULL;
	size_t content_size;
	int error;

	if (!embargo_decompress_detect(bytes, size)) {
		*inner = found;
		return is_module(bytes, size);
	}
	error = embargo_decompress(bytes, size, EMBARGO_DECOMPRESS_MAX, embargo_elf_is_relocatable,
				   &content, &content_size);
	if (error)
		return error == -ENODATA ? 0 : error;
	if (!is_module(content, content_size))
		return 0;
	error = embargo_sha256_memory(content, content_size, &found.digest);
	if (error)
		return error;
	found.size = content_size;
	*inner = found;
	return 1;
}

char *embargo_module_inner_name(const char *path)
{
	char *name = strdup(path);
	char *dot = name ? strrchr(name, '.') : NULL;

	if (dot && !strchr(dot, '/') && strcmp(dot, ".ko"))
		*dot = '\0';
	return name;
}
