// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose key signed an AppImage. */
#include "loader/identity/elf_file.h"
#include "loader/identity/openpgp.h"

/*
 *  7f E L F | class | data | version | ABI | A I 2 | ...
 *
 * The AppImage specification, type 2: an ELF program with a file system behind it. Its section
 * .sha256_sig has room for a detached OpenPGP signature over all the rest, and is full of zeros
 * where there is none. .sig_key has the public key: a signature names its key, so that is not read.
 */
#define MARK_AT 8
#define MARK	"AI\x02"

/* appimagetool leaves 1 KiB. */
#define SECTIONS_MAX 4

static void read_section(struct embargo_specimen *specimen, const struct embargo_elf_file *file,
			 const struct embargo_elf_section *section)
{
	struct embargo_claim_place place = { section->offset, "AppImage signature" };
	struct embargo_cursor cursor = embargo_elf_part(file, section->offset, section->size);
	static const uint8_t nothing[64];

	if (cursor.failed) {
		embargo_specimen_fault(specimen, place.at,
				       "AppImage signature: ends behind the file");
		return;
	}
	/* Neither a packet nor armor begins with zeros. */
	if (!embargo_cursor_starts(&cursor, nothing, sizeof(nothing)))
		embargo_openpgp_read(cursor.bytes, cursor.size, place, specimen);
}

void embargo_appimage_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	struct embargo_specimen again = {}; /* what is broken in the headers has been said */
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);
	struct embargo_elf_file file;
	struct embargo_elf_section section;
	uint64_t next = 0;

	embargo_cursor_seek(&cursor, MARK_AT);
	if (!embargo_cursor_starts(&cursor, MARK, sizeof(MARK) - 1) ||
	    embargo_elf_open(bytes, size, &again, &file))
		return;
	for (int i = 0; i < SECTIONS_MAX && embargo_elf_find(&file, ".sha256_sig", &next, &section);
	     i++)
		read_section(specimen, &file, &section);
}
