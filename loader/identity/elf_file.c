// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding an ELF file's tables: in the layout in which they fit, whatever the first bytes say. */
#include "loader/identity/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"

bool embargo_elf_is_relocatable(const void *head, size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(head, size);
	uint16_t type;

	if (!embargo_cursor_starts(&cursor, ELFMAG, SELFMAG))
		return false;
	embargo_cursor_seek(&cursor, EI_NIDENT);
	type = embargo_cursor_u16(&cursor);
	return type == ET_REL || type == ET_REL << 8;
}

static uint16_t read_u16(const struct embargo_elf_file *file, struct embargo_cursor *cursor)
{
	return file->is_big ? embargo_cursor_be16(cursor) : embargo_cursor_u16(cursor);
}

uint32_t embargo_elf_u32(const struct embargo_elf_file *file, struct embargo_cursor *cursor)
{
	return file->is_big ? embargo_cursor_be32(cursor) : embargo_cursor_u32(cursor);
}

uint64_t embargo_elf_word(const struct embargo_elf_file *file, struct embargo_cursor *cursor)
{
	if (!file->is_64)
		return embargo_elf_u32(file, cursor);
	return file->is_big ? embargo_cursor_be64(cursor) : embargo_cursor_u64(cursor);
}

struct embargo_cursor embargo_elf_part(const struct embargo_elf_file *file, uint64_t offset,
				       uint64_t size)
{
	struct embargo_cursor cursor = { .bytes = file->bytes, .failed = true };

	if (offset > file->size || size > file->size - offset)
		return cursor;
	return embargo_cursor_make(file->bytes + offset, size);
}

static size_t segment_size(const struct embargo_elf_file *file)
{
	return file->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static size_t section_size(const struct embargo_elf_file *file)
{
	return file->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

/* Header fields that only finding the tables needs. */
struct header {
	uint16_t segment_size, section_size, names;
};

/* Reads the header in the layout that @file has; false where it is cut off. */
static bool read_header(struct embargo_elf_file *file, struct header *header)
{
	struct embargo_cursor cursor = embargo_cursor_make(file->bytes, file->size);

	embargo_cursor_seek(&cursor, EI_NIDENT);
	file->type = read_u16(file, &cursor);
	file->machine = read_u16(file, &cursor);
	embargo_elf_u32(file, &cursor);	 /* version */
	embargo_elf_word(file, &cursor); /* entry */
	file->segments_at = embargo_elf_word(file, &cursor);
	file->sections_at = embargo_elf_word(file, &cursor);
	embargo_elf_u32(file, &cursor); /* flags */
	read_u16(file, &cursor);	/* size of the header */
	header->segment_size = read_u16(file, &cursor);
	file->segment_count = read_u16(file, &cursor);
	header->section_size = read_u16(file, &cursor);
	file->section_count = read_u16(file, &cursor);
	header->names = read_u16(file, &cursor);
	return !cursor.failed;
}

static bool is_inside(const struct embargo_elf_file *file, uint64_t at, uint64_t count, size_t each)
{
	return at <= file->size && count <= (file->size - at) / each;
}

static bool fits_segments(const struct embargo_elf_file *file, const struct header *header)
{
	return file->segment_count && header->segment_size == segment_size(file) &&
	       is_inside(file, file->segments_at, file->segment_count, segment_size(file));
}

/* More than 65,279 are counted elsewhere: the header says 0 then. */
static bool fits_sections(const struct embargo_elf_file *file, const struct header *header)
{
	return file->sections_at && header->section_size == section_size(file) &&
	       is_inside(file, file->sections_at, file->section_count ? file->section_count : 1,
			 section_size(file));
}

/*
 * The layout in which a table fits: by segments, which the kernel runs, then by sections, which
 * modules have. Where none does, what the first bytes say.
 */
static bool find_layout(struct embargo_elf_file *file, struct header *header)
{
	static bool (*const fits[])(const struct embargo_elf_file *, const struct header *) = {
		fits_segments,
		fits_sections,
	};

	for (size_t by = 0; by < ARRAY_SIZE(fits); by++)
		for (unsigned layout = 0; layout < 4; layout++) {
			file->is_64 = !(layout & 1);
			file->is_big = layout & 2;
			if (read_header(file, header) && fits[by](file, header))
				return true;
		}
	file->is_64 = file->bytes[EI_CLASS] != ELFCLASS32;
	file->is_big = file->bytes[EI_DATA] == ELFDATA2MSB;
	return read_header(file, header);
}

/* What does not fit into 16 bits stands in the first section header. */
static void read_extension(struct embargo_elf_file *file, struct header *header, uint64_t *names)
{
	struct embargo_cursor cursor =
		embargo_elf_part(file, file->sections_at, section_size(file));
	uint64_t size;
	uint32_t link, info;

	*names = header->names;
	if (!fits_sections(file, header))
		return;
	embargo_elf_u32(file, &cursor); /* name */
	embargo_elf_u32(file, &cursor); /* type */
	for (int i = 0; i < 3; i++)
		embargo_elf_word(file, &cursor); /* flags, address, offset */
	size = embargo_elf_word(file, &cursor);
	link = embargo_elf_u32(file, &cursor);
	info = embargo_elf_u32(file, &cursor);
	if (!file->section_count)
		file->section_count = size;
	if (header->names == SHN_XINDEX)
		*names = link;
	if (file->segment_count == PN_XNUM)
		file->segment_count = info;
}

/* Leaves of a table what can be read, and says what cannot. */
static void clip(struct embargo_specimen *specimen, const struct embargo_elf_file *file,
		 uint64_t at, uint64_t *count, size_t each, size_t told, uint64_t most,
		 const char *name)
{
	uint64_t inside = at < file->size ? (file->size - at) / each : 0;

	if (!*count)
		return;
	if (told != each) {
		embargo_specimen_fault(specimen, at, "ELF %s headers: of %zu bytes each, not %zu",
				       name, told, each);
		*count = 0;
	}
	if (*count > inside) {
		embargo_specimen_fault(specimen, at, "ELF %s headers: end behind the file", name);
		*count = inside;
	}
	if (*count > most) {
		embargo_specimen_fault(specimen, at, "ELF %s headers: more than %u", name,
				       (unsigned)most);
		*count = most;
	}
}

int embargo_elf_open(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen,
		     struct embargo_elf_file *file)
{
	struct embargo_elf_file found = { .bytes = bytes, .size = size };
	struct embargo_elf_section section;
	struct header header;
	uint64_t names;

	if (size < EI_NIDENT || !find_layout(&found, &header)) {
		embargo_specimen_fault(specimen, 0, "ELF header: cut off");
		return -EBADMSG;
	}
	read_extension(&found, &header, &names);
	clip(specimen, &found, found.segments_at, &found.segment_count, segment_size(&found),
	     header.segment_size, EMBARGO_ELF_SEGMENTS_MAX, "program");
	clip(specimen, &found, found.sections_at, &found.section_count, section_size(&found),
	     header.section_size, EMBARGO_ELF_SECTIONS_MAX, "section");
	if (embargo_elf_section(&found, names, &section)) {
		found.names_at = section.offset;
		found.names_size = section.size;
	}
	*file = found;
	return 0;
}

bool embargo_elf_segment(const struct embargo_elf_file *file, uint64_t index,
			 struct embargo_elf_segment *segment)
{
	struct embargo_cursor cursor;

	if (index >= file->segment_count)
		return false;
	cursor = embargo_elf_part(file, file->segments_at + index * segment_size(file),
				  segment_size(file));
	segment->type = embargo_elf_u32(file, &cursor);
	if (file->is_64)
		embargo_elf_u32(file, &cursor); /* flags, which come later in 32 bits */
	segment->offset = embargo_elf_word(file, &cursor);
	segment->address = embargo_elf_word(file, &cursor);
	embargo_elf_word(file, &cursor); /* physical address */
	segment->size = embargo_elf_word(file, &cursor);
	embargo_elf_word(file, &cursor); /* size in memory */
	if (!file->is_64)
		embargo_elf_u32(file, &cursor);
	segment->alignment = embargo_elf_word(file, &cursor);
	return !cursor.failed;
}

bool embargo_elf_section(const struct embargo_elf_file *file, uint64_t index,
			 struct embargo_elf_section *section)
{
	struct embargo_cursor cursor;

	if (index >= file->section_count)
		return false;
	cursor = embargo_elf_part(file, file->sections_at + index * section_size(file),
				  section_size(file));
	section->name = embargo_elf_u32(file, &cursor);
	section->type = embargo_elf_u32(file, &cursor);
	embargo_elf_word(file, &cursor); /* flags */
	embargo_elf_word(file, &cursor); /* address */
	section->offset = embargo_elf_word(file, &cursor);
	section->size = embargo_elf_word(file, &cursor);
	embargo_elf_u32(file, &cursor); /* link */
	embargo_elf_u32(file, &cursor); /* info */
	section->alignment = embargo_elf_word(file, &cursor);
	return !cursor.failed;
}

bool embargo_elf_find(const struct embargo_elf_file *file, const char *name, uint64_t *next,
		      struct embargo_elf_section *section)
{
	const struct embargo_cursor names =
		embargo_elf_part(file, file->names_at, file->names_size);

	while (*next < file->section_count) {
		struct embargo_elf_section found;
		struct embargo_cursor cursor = names;

		if (!embargo_elf_section(file, (*next)++, &found) || found.name >= cursor.size)
			continue;
		embargo_cursor_seek(&cursor, found.name);
		/* With its NUL; never further than what is sought. */
		if (embargo_cursor_starts(&cursor, name, strlen(name) + 1)) {
			*section = found;
			return true;
		}
	}
	return false;
}

bool embargo_elf_locate(const struct embargo_elf_file *file, uint64_t address, uint64_t *offset)
{
	struct embargo_elf_segment segment;

	for (uint64_t i = 0; embargo_elf_segment(file, i, &segment); i++) {
		if (segment.type != PT_LOAD || address < segment.address ||
		    address - segment.address >= segment.size ||
		    address - segment.address > UINT64_MAX - segment.offset)
			continue;
		*offset = segment.offset + (address - segment.address);
		return true;
	}
	return false;
}

bool embargo_elf_is_module(const struct embargo_elf_file *file)
{
	struct embargo_elf_section modinfo;
	uint64_t next = 0;

	return file->type == ET_REL && embargo_elf_find(file, ".modinfo", &next, &modinfo);
}
