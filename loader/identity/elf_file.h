/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The structure of an ELF file: segments, sections and strings, as the kernel would find them. */
#ifndef EMBARGO_IDENTITY_ELF_FILE_H
#define EMBARGO_IDENTITY_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/base/cursor.h"
#include "loader/identity/specimen.h"

/* The kernel loads nothing whose program headers take more than 64 KiB: 2,048 of 32 bits. */
#define EMBARGO_ELF_SEGMENTS_MAX 2048u

/* The largest objects of compilers have some hundred thousand; more only takes time to look at. */
#define EMBARGO_ELF_SECTIONS_MAX (1u << 20)

/*
 *  e_ident: 7f E L F | class | data | ... 16 bytes
 *  type 2 | machine 2 | version 4 | entry, segments at, sections at: 4 or 8 each | flags 4 |
 *  sizes and counts: ehsize, phentsize, phnum, shentsize, shnum, shstrndx: 2 each
 *
 * elf(5), and fs/binfmt_elf.c for what counts: the kernel looks at type, machine and the sizes of
 * table entries, not at class, data and version. Nor does this, where they disagree: a file that
 * libelf takes for no ELF runs.
 */
struct embargo_elf_file {
	const uint8_t *bytes;
	size_t size;
	bool is_64, is_big;
	uint16_t type, machine;
	uint64_t segments_at, sections_at;
	uint64_t segment_count, section_count;
	uint64_t names_at, names_size; /* of sections */
};

struct embargo_elf_segment {
	uint32_t type;
	uint64_t offset, address, size, alignment; /* size: in the file */
};

struct embargo_elf_section {
	uint32_t name, type;
	uint64_t offset, size, alignment;
};

/* Do these first bytes begin a relocatable ELF file, as every module is? */
bool embargo_elf_is_relocatable(const void *head, size_t size);

/* Is it a module: a relocatable file with a section .modinfo? */
bool embargo_elf_is_module(const struct embargo_elf_file *file);

/*
 * What is broken in the headers is a fault, and the tables end where the file does. Errors:
 * -EBADMSG where there is no whole header.
 */
int embargo_elf_open(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen,
		     struct embargo_elf_file *file);

/* Numbers and tables beyond the counts are no concern: all of these say false then. */
bool embargo_elf_segment(const struct embargo_elf_file *file, uint64_t index,
			 struct embargo_elf_segment *segment);
bool embargo_elf_section(const struct embargo_elf_file *file, uint64_t index,
			 struct embargo_elf_section *section);

/* The next section of this name, from number *@next on, which moves behind it. */
bool embargo_elf_find(const struct embargo_elf_file *file, const char *name, uint64_t *next,
		      struct embargo_elf_section *section);

/* Where in the file a loaded program has what lies at @address. */
bool embargo_elf_locate(const struct embargo_elf_file *file, uint64_t address, uint64_t *offset);

/* Numbers in the file's own order, and of its own width. */
uint32_t embargo_elf_u32(const struct embargo_elf_file *file, struct embargo_cursor *cursor);
uint64_t embargo_elf_word(const struct embargo_elf_file *file, struct embargo_cursor *cursor);

/* @size bytes at @offset; a failed cursor where the file has not as many. */
struct embargo_cursor embargo_elf_part(const struct embargo_elf_file *file, uint64_t offset,
				       uint64_t size);

#endif
