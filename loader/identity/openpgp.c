// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading OpenPGP signature packets for the keys that they name. */
#include "loader/identity/openpgp.h"

#include <string.h>

#include "loader/base/base64.h"
#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"

#define SIGNATURE_TAG 2 /* of packets */

/* Types of subpackets. */
#define ISSUER		   16
#define ISSUER_FINGERPRINT 33

#define KEY_ID_SIZE 8

#define ARMOR "-----BEGIN PGP SIGNATURE-----"

struct signature {
	struct embargo_specimen *specimen;
	struct embargo_claim_place place;
	bool has_key;
	const uint8_t *fingerprint; /* the last one */
	size_t fingerprint_size;
};

static void claim(struct signature *signature, const uint8_t *key, size_t size)
{
	signature->has_key = true;
	if (embargo_claim_count(signature->specimen, EMBARGO_IDENTITY_OPENPGP) >=
	    EMBARGO_OPENPGP_KEYS_MAX) {
		embargo_specimen_fault(signature->specimen, signature->place.at,
				       "%s: more keys than are kept", signature->place.structure);
		return;
	}
	embargo_claim_add_hex(signature->specimen, EMBARGO_IDENTITY_OPENPGP,
			      EMBARGO_ATTRIBUTE_KEY_ID, key, size, signature->place);
}

/* A fingerprint of version 4 ends in the key id, a longer one of later versions begins with it. */
static void take_fingerprint(struct signature *signature, const uint8_t *bytes, size_t size)
{
	if (size != 20 && size != 32)
		return;
	claim(signature, bytes, size);
	if (size == 32)
		claim(signature, bytes, KEY_ID_SIZE);
	signature->fingerprint = bytes;
	signature->fingerprint_size = size;
}

static bool is_of_fingerprint(const struct signature *signature, const uint8_t *key_id)
{
	size_t size = signature->fingerprint_size;

	return size == 20 &&
	       !memcmp(signature->fingerprint + size - KEY_ID_SIZE, key_id, KEY_ID_SIZE);
}

/* The length before a subpacket, or before a packet of the newer form: one, two or five bytes. */
static uint32_t read_length(struct embargo_cursor *cursor, unsigned two_until)
{
	const uint8_t *first = embargo_cursor_take(cursor, 1);
	const uint8_t *second;

	if (!first || *first < 192)
		return first ? *first : 0;
	if (*first == 255)
		return embargo_cursor_be32(cursor);
	if (*first >= two_until) {
		cursor->failed = true;
		return 0;
	}
	second = embargo_cursor_take(cursor, 1);
	return second ? ((*first - 192u) << 8) + *second + 192 : 0;
}

/*
 * Once for fingerprints, once for ids: what is the end of a fingerprint is no second key.
 *
 *  length 1, 2 or 5 | type 1, of which the highest bit says "critical" | content
 */
static bool read_subpackets(struct signature *signature, struct embargo_cursor area, uint8_t wanted)
{
	while (embargo_cursor_left(&area)) {
		uint32_t length = read_length(&area, 255);
		const uint8_t *bytes = length ? embargo_cursor_take(&area, length) : NULL;

		if (!bytes)
			return false;
		if ((bytes[0] & 0x7f) != wanted)
			continue;
		/* A fingerprint has its key's version before it. */
		if (wanted == ISSUER_FINGERPRINT && length > 2)
			take_fingerprint(signature, bytes + 2, length - 2);
		else if (wanted == ISSUER && length == 1 + KEY_ID_SIZE &&
			 !is_of_fingerprint(signature, bytes + 1))
			claim(signature, bytes + 1, KEY_ID_SIZE);
	}
	return true;
}

/*
 *  version 4 or 6 | type | key's algorithm | digest's | size of the hashed subpackets 2 (6: 4) |
 *  those | size of the others | those | ...
 */
static bool read_v4(struct signature *signature, struct embargo_cursor *cursor, uint8_t version)
{
	struct embargo_cursor areas[2];

	embargo_cursor_take(cursor, 3);
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++) {
		uint32_t size =
			version == 6 ? embargo_cursor_be32(cursor) : embargo_cursor_be16(cursor);
		const uint8_t *bytes = embargo_cursor_take(cursor, size);

		if (!bytes)
			return false;
		areas[i] = embargo_cursor_make(bytes, size);
	}
	/* Whoever made it put the key into one of them; only the first cannot be changed later. */
	return read_subpackets(signature, areas[0], ISSUER_FINGERPRINT) &&
	       read_subpackets(signature, areas[1], ISSUER_FINGERPRINT) &&
	       read_subpackets(signature, areas[0], ISSUER) &&
	       read_subpackets(signature, areas[1], ISSUER);
}

/*
 *  version 2 or 3 | 5 | type | time 4 | key id 8 | ...
 */
static bool read_v3(struct signature *signature, struct embargo_cursor *cursor)
{
	const uint8_t *key_id;

	embargo_cursor_take(cursor, 6);
	key_id = embargo_cursor_take(cursor, KEY_ID_SIZE);
	if (key_id)
		claim(signature, key_id, KEY_ID_SIZE);
	return key_id;
}

static void read_signature(struct embargo_specimen *specimen, struct embargo_claim_place place,
			   struct embargo_cursor *cursor)
{
	struct signature signature = { .specimen = specimen, .place = place };
	const uint8_t *version = embargo_cursor_take(cursor, 1);
	bool is_whole;

	if (!version)
		is_whole = false;
	else if (*version == 2 || *version == 3)
		is_whole = read_v3(&signature, cursor);
	else if (*version >= 4 && *version <= 6)
		is_whole = read_v4(&signature, cursor, *version);
	else
		is_whole = false;
	if (!is_whole || !signature.has_key)
		embargo_specimen_fault(specimen, place.at, "%s: OpenPGP signature %s",
				       place.structure,
				       is_whole ? "without a key's name" : "cut off or damaged");
}

/*
 *  1 0 tag:4 length-of-length:2 | length 1, 2, 4 or none     the older form
 *  1 1 tag:6 | length 1, 2 or 5                              the newer one
 */
static bool read_packet(struct embargo_cursor *cursor, uint8_t *tag, struct embargo_cursor *content)
{
	const uint8_t *head = embargo_cursor_take(cursor, 1);
	const uint8_t *bytes;
	uint32_t length = 0;

	if (!head || !(*head & 0x80))
		return false;
	if (*head & 0x40) {
		*tag = *head & 0x3f;
		/* From 224 on: a packet in parts, which no signature may be. */
		length = read_length(cursor, 224);
	} else {
		*tag = *head >> 2 & 0xf;
		switch (*head & 3) {
		case 0:
			bytes = embargo_cursor_take(cursor, 1);
			length = bytes ? *bytes : 0;
			break;
		case 1:
			length = embargo_cursor_be16(cursor);
			break;
		case 2:
			length = embargo_cursor_be32(cursor);
			break;
		default:
			length = embargo_cursor_left(cursor);
		}
	}
	bytes = embargo_cursor_take(cursor, length);
	if (bytes)
		*content = embargo_cursor_make(bytes, length);
	return bytes;
}

static bool is_padding(const struct embargo_cursor *cursor)
{
	for (size_t at = cursor->at; at < cursor->size; at++)
		if (cursor->bytes[at])
			return false;
	return true;
}

static void read_packets(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
			 struct embargo_specimen *specimen)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);

	/* An AppImage's section is larger than its signature. */
	for (int i = 0; embargo_cursor_left(&cursor) && !(i && is_padding(&cursor)); i++) {
		struct embargo_cursor content;
		uint8_t tag;

		if (i == EMBARGO_OPENPGP_PACKETS_MAX || !read_packet(&cursor, &tag, &content)) {
			embargo_specimen_fault(specimen, place.at,
					       "%s: OpenPGP packet cut off or damaged",
					       place.structure);
			return;
		}
		if (tag == SIGNATURE_TAG)
			read_signature(specimen, place, &content);
	}
}

void embargo_openpgp_read_base64(const char *text, size_t length, struct embargo_claim_place place,
				 struct embargo_specimen *specimen)
{
	_cleanup_free_
	uint8_t *bytes = NULL;
	long size = -1;

	if (length <= EMBARGO_OPENPGP_SIZE_MAX)
		bytes = malloc(EMBARGO_BASE64_ROOM(length));
	if (bytes)
		size = embargo_base64_decode(text, length, bytes);
	if (size < 0)
		embargo_specimen_fault(specimen, place.at, "%s: no base64", place.structure);
	else
		read_packets(bytes, size, place, specimen);
}

/* The end of the line that begins at @text, behind its line break. */
static const char *skip_line(const char *text, const char *end)
{
	const char *line_break = memchr(text, '\n', end - text);

	return line_break ? line_break + 1 : end;
}

static bool is_empty_line(const char *text, const char *end)
{
	while (text < end && (*text == ' ' || *text == '\t' || *text == '\r'))
		text++;
	return text < end && *text == '\n';
}

/*
 *  -----BEGIN PGP SIGNATURE----- | Version: ... | an empty line | base64 | =CRC | -----END ...
 */
static const char *read_armor(const char *text, const char *end, struct embargo_claim_place place,
			      struct embargo_specimen *specimen)
{
	const char *body, *after;

	text = skip_line(text, end);
	while (text < end && !is_empty_line(text, end) && *text != '-')
		text = skip_line(text, end);
	body = skip_line(text, end);
	for (after = body; after < end && *after != '=' && *after != '-';)
		after = skip_line(after, end);
	if (after == end)
		embargo_specimen_fault(specimen, place.at, "%s: armor without an end",
				       place.structure);
	else
		embargo_openpgp_read_base64(body, after - body, place, specimen);
	return after;
}

void embargo_openpgp_read(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
			  struct embargo_specimen *specimen)
{
	const char *text = (const char *)bytes, *end = text + size, *armor;

	if (size > EMBARGO_OPENPGP_SIZE_MAX) {
		embargo_specimen_fault(specimen, place.at, "%s: too large for a signature",
				       place.structure);
		return;
	}
	/* A packet begins with a byte that no text has. */
	if (size && bytes[0] & 0x80) {
		read_packets(bytes, size, place, specimen);
		return;
	}
	armor = memmem(text, end - text, ARMOR, strlen(ARMOR));
	if (!armor)
		embargo_specimen_fault(specimen, place.at, "%s: no OpenPGP signature",
				       place.structure);
	for (int i = 0; armor && i < EMBARGO_OPENPGP_PACKETS_MAX; i++) {
		text = read_armor(armor, end, place, specimen);
		armor = memmem(text, end - text, ARMOR, strlen(ARMOR));
	}
}
