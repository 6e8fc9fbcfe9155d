/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ELF file says of itself: its build id, and whether it is a kernel module. */
#ifndef EMBARGO_IDENTITY_ELF_H
#define EMBARGO_IDENTITY_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linkers write 16 or 20 bytes, and up to 64 where somebody asks for a longer hash. */
#define EMBARGO_BUILD_ID_MAX 64

/* A section of notes or of names that is larger was not written by a linker: it is left alone. */
#define EMBARGO_ELF_NOTES_MAX (1u << 20)
#define EMBARGO_ELF_NAMES_MAX (16u << 20)

struct embargo_elf {
	bool is_module;	      /* relocatable, with a section .modinfo */
	size_t build_id_size; /* 0: none */
	uint8_t build_id[EMBARGO_BUILD_ID_MAX];
};

/* Do these first bytes begin a relocatable ELF file, as every module is? */
bool embargo_elf_is_relocatable(const void *head, size_t size);

#endif
