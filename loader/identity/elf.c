// SPDX-License-Identifier: GPL-2.0-or-later
/* What an ELF file says of itself: build id, package, its name as a library, those it needs and
 * where they are sought. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "loader/identity/claim.h"
#include "loader/identity/elf_file.h"
#include "loader/identity/package_note.h"
#include "loader/identity/specimen.h"

/* All notes of a file: linkers write some hundred bytes. Blocks may lie over one another. */
#define NOTES_MAX (1u << 20)

/* Linkers write build ids of 16 or 20 bytes, and up to 64 where somebody asks for a longer hash. */
#define BUILD_ID_MAX 64

/* A dynamic section has some dozen entries of 16 bytes, and one for each library. */
#define DYNAMIC_MAX (1u << 20)

/* Of each kind: what crowds must leave room for what another reader finds. */
#define NEEDED_MAX 256
#define CLAIMS_MAX 16

struct reading {
	const struct embargo_elf_file *file;
	struct embargo_specimen *specimen;
	size_t notes_left;
	unsigned build_ids, packages, needed;
	bool is_dynamic;
	uint64_t rpath, runpath; /* addresses of their texts; 0: none */
};

struct note {
	uint32_t type;
	const uint8_t *owner, *content;
	uint32_t owner_size, content_size;
	uint64_t at; /* of the content */
};

static bool is_note(const struct note *note, uint32_t type, const char *owner)
{
	return note->type == type && note->owner_size == strlen(owner) + 1 &&
	       !memcmp(note->owner, owner, note->owner_size);
}

static void take_note(struct reading *reading, const struct note *note)
{
	struct embargo_claim_place place = { note->at, "ELF build id" };

	if (is_note(note, NT_GNU_BUILD_ID, ELF_NOTE_GNU)) {
		if (!note->content_size || note->content_size > BUILD_ID_MAX ||
		    reading->build_ids++ == CLAIMS_MAX)
			embargo_specimen_fault(reading->specimen, note->at,
					       "ELF build id: empty, too long, or one too many");
		else
			embargo_claim_add_hex(reading->specimen, EMBARGO_IDENTITY_BUILD_ID,
					      EMBARGO_ATTRIBUTE_VALUE, note->content,
					      note->content_size, place);
	} else if (is_note(note, EMBARGO_PACKAGE_NOTE_TYPE, EMBARGO_PACKAGE_NOTE_OWNER) &&
		   reading->packages++ < CLAIMS_MAX) {
		embargo_package_note_read(note->content, note->content_size, note->at,
					  reading->specimen);
	}
}

/* The padding after the last note may be missing. */
static void skip_padding(struct embargo_cursor *cursor, uint64_t alignment)
{
	size_t padding = -cursor->at & (alignment - 1);
	size_t left = embargo_cursor_left(cursor);

	embargo_cursor_take(cursor, padding < left ? padding : left);
}

/*
 *  owner's size 4 | content's size 4 | type 4 | owner, NUL, padding | content, padding
 */
static void read_note(struct reading *reading, struct embargo_cursor *cursor, uint64_t at,
		      uint64_t alignment)
{
	struct note note;

	note.owner_size = embargo_elf_u32(reading->file, cursor);
	note.content_size = embargo_elf_u32(reading->file, cursor);
	note.type = embargo_elf_u32(reading->file, cursor);
	note.owner = embargo_cursor_take(cursor, note.owner_size);
	skip_padding(cursor, alignment);
	note.at = at + cursor->at;
	note.content = embargo_cursor_take(cursor, note.content_size);
	skip_padding(cursor, alignment);
	if (cursor->failed)
		embargo_specimen_fault(reading->specimen, at + cursor->at,
				       "ELF note: ends behind its block");
	else
		take_note(reading, &note);
}

static void read_notes(struct reading *reading, uint64_t offset, uint64_t size, uint64_t alignment)
{
	struct embargo_cursor cursor = embargo_elf_part(reading->file, offset, size);

	if (cursor.failed || size > reading->notes_left) {
		embargo_specimen_fault(reading->specimen, offset, "ELF notes: %s",
				       cursor.failed ? "end behind the file"
						     : "more than can be read");
		return;
	}
	reading->notes_left -= size;
	while (embargo_cursor_left(&cursor))
		read_note(reading, &cursor, offset, alignment == 8 ? 8 : 4);
}

/* By segments, as the kernel and debuggers do: a stripped file still has them. */
static void read_note_segments(struct reading *reading)
{
	struct embargo_elf_segment segment;

	for (uint64_t i = 0; embargo_elf_segment(reading->file, i, &segment); i++)
		if (segment.type == PT_NOTE)
			read_notes(reading, segment.offset, segment.size, segment.alignment);
}

/* For what has no segments: object files and modules. */
static void read_note_sections(struct reading *reading)
{
	struct embargo_elf_section section;

	for (uint64_t i = 0; embargo_elf_section(reading->file, i, &section); i++)
		if (section.type == SHT_NOTE)
			read_notes(reading, section.offset, section.size, section.alignment);
}

/*
 * A string of the dynamic section, by its address: that is how the dynamic loader finds it, and it
 * looks at no size of the table. NULL, and a fault, where it is not whole; else its place is
 * *@place.
 */
static const char *find_string(struct reading *reading, uint64_t address,
			       struct embargo_claim_place *place)
{
	const struct embargo_elf_file *file = reading->file;
	const char *text;
	size_t most;

	if (!embargo_elf_locate(file, address, &place->at) || place->at >= file->size) {
		embargo_specimen_fault(reading->specimen, 0, "%s: its text is not in the file",
				       place->structure);
		return NULL;
	}
	text = (const char *)file->bytes + place->at;
	most = file->size - place->at;
	if (most > EMBARGO_ATTRIBUTE_SIZE)
		most = EMBARGO_ATTRIBUTE_SIZE;
	if (memchr(text, '\0', most))
		return text;
	embargo_specimen_fault(reading->specimen, place->at, "%s: its text is too long, or cut off",
			       place->structure);
	return NULL;
}

static void take_string(struct reading *reading, uint64_t address, enum embargo_identity_kind kind,
			const char *structure)
{
	struct embargo_claim_place place = { .structure = structure };
	const char *text = find_string(reading, address, &place);

	if (text)
		embargo_claim_add(reading->specimen, kind, EMBARGO_ATTRIBUTE_VALUE, text,
				  strlen(text), place);
}

/* One of the texts that say where libraries are sought; an empty one says nothing. */
static void take_search(struct reading *reading, struct embargo_identity *identity,
			uint64_t address, enum embargo_attribute attribute)
{
	struct embargo_claim_place place = { .structure = "ELF search path" };
	const char *text = address ? find_string(reading, address, &place) : NULL;

	if (text && *text)
		embargo_claim_set(reading->specimen, identity, attribute, text, strlen(text),
				  place);
}

/* The first counts, as for the kernel. */
static void take_interpreter(struct reading *reading, struct embargo_identity *identity,
			     const struct embargo_elf_segment *segment)
{
	struct embargo_claim_place place = { segment->offset, "ELF interpreter" };
	struct embargo_cursor cursor =
		embargo_elf_part(reading->file, segment->offset, segment->size);
	const char *text = (const char *)embargo_cursor_take(&cursor, segment->size);
	size_t length = text ? strnlen(text, segment->size) : 0;

	if (!length || length == segment->size)
		embargo_specimen_fault(reading->specimen, segment->offset,
				       "ELF interpreter: its name is cut off");
	else
		embargo_claim_set(reading->specimen, identity, EMBARGO_ATTRIBUTE_INTERPRETER, text,
				  length, place);
}

/* What the dynamic loader goes by; of what it has no part in, nothing. */
static void take_dynamic(struct reading *reading)
{
	const struct embargo_elf_file *file = reading->file;
	struct embargo_claim_place place = { 0, "ELF dynamic linking" };
	struct embargo_elf_segment segment, interpreter = {};
	struct embargo_identity *identity;
	char text[32];
	int length;

	for (uint64_t i = 0; embargo_elf_segment(file, i, &segment); i++)
		if (segment.type == PT_INTERP && !interpreter.size)
			interpreter = segment;
	if (!interpreter.size && !reading->is_dynamic)
		return;
	identity = embargo_claim_begin(reading->specimen, EMBARGO_IDENTITY_DYNAMIC, place);
	if (!identity)
		return;
	length = snprintf(text, sizeof(text), "elf%d%s-%u", file->is_64 ? 64 : 32,
			  file->is_big ? "be" : "", file->machine);
	embargo_claim_set(reading->specimen, identity, EMBARGO_ATTRIBUTE_ARCHITECTURE, text,
			  (size_t)length, place);
	if (interpreter.size)
		take_interpreter(reading, identity, &interpreter);
	take_search(reading, identity, reading->rpath, EMBARGO_ATTRIBUTE_RPATH);
	take_search(reading, identity, reading->runpath, EMBARGO_ATTRIBUTE_RUNPATH);
}

/* The next entry; false at the end of the table. */
static bool read_entry(const struct embargo_elf_file *file, struct embargo_cursor *cursor,
		       uint64_t *tag, uint64_t *value)
{
	*tag = embargo_elf_word(file, cursor);
	*value = embargo_elf_word(file, cursor);
	return !cursor->failed && *tag != DT_NULL;
}

static void read_dynamic(struct reading *reading, uint64_t offset, uint64_t size)
{
	struct embargo_cursor cursor = embargo_elf_part(reading->file, offset, size);
	struct embargo_cursor again = cursor;
	uint64_t tag, value, strings = 0;
	unsigned names = 0;

	if (cursor.failed || size > DYNAMIC_MAX) {
		embargo_specimen_fault(reading->specimen, offset, "ELF dynamic section: %s",
				       cursor.failed ? "ends behind the file" : "too large");
		return;
	}
	/* The last counts, as in the dynamic loader. */
	while (read_entry(reading->file, &cursor, &tag, &value))
		if (tag == DT_STRTAB)
			strings = value;
	while (read_entry(reading->file, &again, &tag, &value)) {
		if (tag == DT_NEEDED && reading->needed++ < NEEDED_MAX)
			take_string(reading, strings + value, EMBARGO_IDENTITY_NEEDED,
				    "ELF needed library");
		else if (tag == DT_SONAME && names++ < CLAIMS_MAX)
			take_string(reading, strings + value, EMBARGO_IDENTITY_SONAME,
				    "ELF soname");
		else if (tag == DT_RPATH)
			reading->rpath = strings + value;
		else if (tag == DT_RUNPATH)
			reading->runpath = strings + value;
	}
	if (reading->needed > NEEDED_MAX || names > CLAIMS_MAX)
		embargo_specimen_fault(reading->specimen, offset,
				       "ELF dynamic section: more names than are read");
}

/* The last one counts, and its address rather than its offset: so the dynamic loader finds it. */
static void find_dynamic(struct reading *reading)
{
	struct embargo_elf_segment segment, found = {};
	uint64_t offset;

	for (uint64_t i = 0; embargo_elf_segment(reading->file, i, &segment); i++)
		if (segment.type == PT_DYNAMIC && segment.size)
			found = segment;
	reading->is_dynamic = found.size != 0;
	if (!found.size)
		return;
	if (!embargo_elf_locate(reading->file, found.address, &offset))
		offset = found.offset;
	read_dynamic(reading, offset, found.size);
}

void embargo_elf_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	struct embargo_elf_file file;
	struct reading reading = {
		.file = &file,
		.specimen = specimen,
		.notes_left = NOTES_MAX,
	};

	if (embargo_elf_open(bytes, size, specimen, &file))
		return;
	if (embargo_elf_is_module(&file))
		specimen->kind = EMBARGO_KIND_MODULE;
	read_note_segments(&reading);
	if (!reading.build_ids && !reading.packages)
		read_note_sections(&reading);
	find_dynamic(&reading);
	take_dynamic(&reading);
}
