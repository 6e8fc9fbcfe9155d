// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the package note: those of its members that are identities. */
#include "loader/identity/package_note.h"

#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/identity/claim.h"
#include "loader/json/read.h"

static const struct {
	const char *member;
	enum embargo_attribute attribute;
} members[] = {
	{ "name", EMBARGO_ATTRIBUTE_NAME },
	{ "version", EMBARGO_ATTRIBUTE_VERSION },
	{ "vendor", EMBARGO_ATTRIBUTE_VENDOR },
};

void embargo_package_note_read(const uint8_t *json, size_t size, uint64_t at,
			       struct embargo_specimen *specimen)
{
	const struct embargo_claim_place place = { at, "ELF package note" };
	_cleanup_json_ json_t *note = NULL;
	struct embargo_identity *package;

	while (size && !json[size - 1])
		size--;
	if (size <= EMBARGO_PACKAGE_NOTE_MAX)
		note = embargo_json_read_object((const char *)json, size);
	if (!note) {
		embargo_specimen_fault(specimen, at, "ELF package note: no object of JSON");
		return;
	}
	package = embargo_claim_begin(specimen, EMBARGO_IDENTITY_PACKAGE, place);
	if (!package)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *text = embargo_json_text(note, members[i].member);

		if (text)
			embargo_claim_set(specimen, package, members[i].attribute, text,
					  strlen(text), place);
	}
	embargo_claim_end(specimen, package);
}
