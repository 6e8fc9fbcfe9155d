// SPDX-License-Identifier: GPL-2.0-or-later
/* Entering what a file says of itself: each text whole, or a fault in its place. */
#include "loader/identity/claim.h"

#include <errno.h>
#include <string.h>

#include "loader/base/hex.h"

struct embargo_identity *embargo_claim_begin(struct embargo_specimen *specimen,
					     enum embargo_identity_kind kind,
					     struct embargo_claim_place place)
{
	struct embargo_identity *identity = embargo_identities_add(&specimen->identities, kind);

	if (!identity)
		embargo_specimen_fault(specimen, place.at, "%s: one identity more than can be kept",
				       place.structure);
	return identity;
}

void embargo_claim_set(struct embargo_specimen *specimen, struct embargo_identity *identity,
		       enum embargo_attribute attribute, const char *text, size_t length,
		       struct embargo_claim_place place)
{
	int error =
		embargo_identities_set(&specimen->identities, identity, attribute, text, length);

	if (error == -EBADMSG)
		embargo_specimen_fault(specimen, place.at, "%s: its %s is no printable UTF-8",
				       place.structure, embargo_attribute_name(attribute));
	else if (error == -E2BIG)
		embargo_specimen_fault(specimen, place.at,
				       "%s: its %s is too long, or one too many", place.structure,
				       embargo_attribute_name(attribute));
	else if (error)
		embargo_specimen_fault(specimen, place.at, "%s: no memory for its %s",
				       place.structure, embargo_attribute_name(attribute));
}

void embargo_claim_end(struct embargo_specimen *specimen, struct embargo_identity *identity)
{
	if (!identity->count)
		embargo_identities_drop(&specimen->identities);
}

size_t embargo_claim_count(const struct embargo_specimen *specimen, enum embargo_identity_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < specimen->identities.count; i++)
		count += specimen->identities.array[i].kind == kind;
	return count;
}

static bool is_there(const struct embargo_specimen *specimen, enum embargo_identity_kind kind,
		     enum embargo_attribute attribute, const char *text, size_t length)
{
	for (size_t i = 0; i < specimen->identities.count; i++) {
		const struct embargo_identity *identity = &specimen->identities.array[i];
		const char *value =
			identity->kind == kind ? embargo_identity_value(identity, attribute) : NULL;

		if (value && strlen(value) == length && !memcmp(value, text, length))
			return true;
	}
	return false;
}

void embargo_claim_add(struct embargo_specimen *specimen, enum embargo_identity_kind kind,
		       enum embargo_attribute attribute, const char *text, size_t length,
		       struct embargo_claim_place place)
{
	struct embargo_identity *identity;

	if (is_there(specimen, kind, attribute, text, length))
		return;
	identity = embargo_claim_begin(specimen, kind, place);
	if (!identity)
		return;
	embargo_claim_set(specimen, identity, attribute, text, length, place);
	embargo_claim_end(specimen, identity);
}

void embargo_claim_add_hex(struct embargo_specimen *specimen, enum embargo_identity_kind kind,
			   enum embargo_attribute attribute, const uint8_t *bytes, size_t size,
			   struct embargo_claim_place place)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_CLAIM_HEX_MAX)];

	if (size > EMBARGO_CLAIM_HEX_MAX) {
		embargo_specimen_fault(specimen, place.at, "%s: longer than %d bytes",
				       place.structure, EMBARGO_CLAIM_HEX_MAX);
		return;
	}
	if (!size)
		return;
	embargo_hex_format(bytes, size, hex);
	embargo_claim_add(specimen, kind, attribute, hex, 2 * size, place);
}
