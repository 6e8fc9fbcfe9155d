// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading ELF files, by libelf; every size is checked before libelf makes room for it. */
#include "loader/identity/elf.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/hex.h"
#include "loader/identity/specimen.h"

bool embargo_elf_is_relocatable(const void *head, size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(head, size);
	const uint8_t *ident, *type;

	if (!embargo_cursor_starts(&cursor, ELFMAG, SELFMAG))
		return false;
	ident = embargo_cursor_take(&cursor, EI_NIDENT);
	type = embargo_cursor_take(&cursor, 2);
	if (!ident || !type)
		return false;
	return ident[EI_DATA] == ELFDATA2MSB ? type[1] == ET_REL && !type[0]
					     : type[0] == ET_REL && !type[1];
}

/* Takes the build id out of one block of notes, where it holds one. */
static bool take_build_id(Elf_Data *notes, struct embargo_elf *result)
{
	size_t at = 0, next, name, content;
	GElf_Nhdr note;

	while (notes && (next = gelf_getnote(notes, at, &note, &name, &content)) > 0) {
		at = next;
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp((char *)notes->d_buf + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)))
			continue;
		if (!note.n_descsz || note.n_descsz > EMBARGO_BUILD_ID_MAX)
			continue;
		memcpy(result->build_id, (char *)notes->d_buf + content, note.n_descsz);
		result->build_id_size = note.n_descsz;
		return true;
	}
	return false;
}

/* By segments: what the kernel and debuggers go by, and what a stripped file still has. */
static bool search_segments(Elf *elf, struct embargo_elf *result)
{
	size_t count;
	GElf_Phdr segment;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count && gelf_getphdr(elf, i, &segment); i++) {
		Elf_Type type = segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;

		if (segment.p_type != PT_NOTE || segment.p_filesz > EMBARGO_ELF_NOTES_MAX)
			continue;
		if (take_build_id(elf_getdata_rawchunk(elf, segment.p_offset, segment.p_filesz,
						       type),
				  result))
			return true;
	}
	return false;
}

/* The sections: names for .modinfo, notes for files without segments. */
static void search_sections(Elf *elf, bool is_relocatable, struct embargo_elf *result)
{
	size_t names;
	Elf_Scn *section;
	GElf_Shdr header;

	if (elf_getshdrstrndx(elf, &names))
		return;
	section = elf_getscn(elf, names);
	if (!section || !gelf_getshdr(section, &header) || header.sh_size > EMBARGO_ELF_NAMES_MAX)
		return;
	for (section = NULL; (section = elf_nextscn(elf, section));) {
		const char *name;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (is_relocatable && name && !strcmp(name, ".modinfo"))
			result->is_module = true;
		if (header.sh_type == SHT_NOTE && header.sh_size <= EMBARGO_ELF_NOTES_MAX &&
		    !result->build_id_size)
			take_build_id(elf_getdata(section, NULL), result);
	}
}

static void take(const struct embargo_elf *elf, struct embargo_specimen *specimen)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_BUILD_ID_MAX)];
	struct embargo_identity *identity;

	if (elf->is_module)
		specimen->kind = EMBARGO_KIND_MODULE;
	if (!elf->build_id_size)
		return;
	identity = embargo_identities_add(&specimen->identities, EMBARGO_IDENTITY_BUILD_ID);
	embargo_hex_format(elf->build_id, elf->build_id_size, hex);
	if (identity && embargo_identities_set(&specimen->identities, identity,
					       EMBARGO_ATTRIBUTE_VALUE, hex, strlen(hex)))
		embargo_identities_drop(&specimen->identities);
}

static void end(Elf **elf)
{
	elf_end(*elf);
}

static int read_elf(Elf *elf, struct embargo_elf *result)
{
	struct embargo_elf found = {};
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return -EBADMSG;
	search_segments(elf, &found);
	search_sections(elf, header.e_type == ET_REL, &found);
	*result = found;
	return 0;
}

void embargo_elf_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	_cleanup_(end) Elf *elf = NULL;
	struct embargo_elf found;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return;
	/* libelf takes what it may change, and changes nothing of what it only reads. */
	elf = elf_memory((char *)bytes, size);
	if (!read_elf(elf, &found))
		take(&found, specimen);
}
