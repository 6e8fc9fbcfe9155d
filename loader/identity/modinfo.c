// SPDX-License-Identifier: GPL-2.0-or-later
/* Who a kernel module says wrote it, what it is called and made of: its section .modinfo. */
#include <string.h>

#include "loader/identity/claim.h"
#include "loader/identity/elf_file.h"

/* The largest, of aliases for thousands of devices, has some 200 KiB. */
#define MODINFO_MAX (4u << 20)

/* The kernel reads one, which another may only pretend to be. */
#define SECTIONS_MAX 4

static const struct embargo_claim_place nowhere = { 0, "modinfo" };

/* Gives @identity what each "KEY=..." in the section says. */
static void take(struct embargo_specimen *specimen, struct embargo_identity *identity,
		 struct embargo_cursor info, uint64_t at, const char *key,
		 enum embargo_attribute attribute)
{
	size_t left, length, skip = strlen(key) + 1;
	const char *line;

	while ((left = embargo_cursor_left(&info))) {
		struct embargo_claim_place place = { at + info.at, "modinfo" };

		line = (const char *)info.bytes + info.at;
		length = strnlen(line, left);
		if (length == left) {
			embargo_specimen_fault(specimen, place.at, "modinfo: cut off");
			return;
		}
		if (length >= skip && line[skip - 1] == '=' && !memcmp(line, key, skip - 1))
			embargo_claim_set(specimen, identity, attribute, line + skip, length - skip,
					  place);
		embargo_cursor_take(&info, length + 1);
	}
}

/*
 *  "author=Linus" NUL "author=..." NUL "name=msdos" NUL "srcversion=0123456789ABCDEF" NUL ...
 */
static void read_section(struct embargo_specimen *specimen, const struct embargo_elf_file *file,
			 const struct embargo_elf_section *section)
{
	struct embargo_cursor info = embargo_elf_part(file, section->offset, section->size);
	struct embargo_identity *identity;

	if (info.failed || section->size > MODINFO_MAX) {
		embargo_specimen_fault(specimen, section->offset, "modinfo: %s",
				       info.failed ? "ends behind the file" : "too large");
		return;
	}
	identity = embargo_claim_begin(specimen, EMBARGO_IDENTITY_MODINFO, nowhere);
	if (!identity)
		return;
	take(specimen, identity, info, section->offset, "name", EMBARGO_ATTRIBUTE_NAME);
	take(specimen, identity, info, section->offset, "author", EMBARGO_ATTRIBUTE_AUTHOR);
	take(specimen, identity, info, section->offset, "srcversion", EMBARGO_ATTRIBUTE_SRCVERSION);
	embargo_claim_end(specimen, identity);
}

void embargo_modinfo_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	struct embargo_specimen again = {}; /* what is broken in the headers has been said */
	struct embargo_elf_file file;
	struct embargo_elf_section section;
	uint64_t next = 0;

	if (embargo_elf_open(bytes, size, &again, &file))
		return;
	for (int i = 0; i < SECTIONS_MAX && embargo_elf_find(&file, ".modinfo", &next, &section);
	     i++)
		read_section(specimen, &file, &section);
}
