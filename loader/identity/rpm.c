// SPDX-License-Identifier: GPL-2.0-or-later
/* What an RPM says of itself: its package, the keys of its signatures, and those of its files'. */
#include <string.h>

#include "loader/base/base64.h"
#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/hex.h"
#include "loader/identity/appended.h"
#include "loader/identity/claim.h"
#include "loader/identity/ima.h"
#include "loader/identity/openpgp.h"

/*
 *  lead 96 | signature header | padding to 8 | main header | payload
 *
 *  a header: 8e ad e8 01 | 0 4 | entries 4 | bytes of the store 4 | entries | store
 *  an entry: tag 4 | type 4 | offset in the store 4 | count 4
 *
 * Big-endian; docs/manual/format.md of rpm. The bounds are those of rpm itself (lib/header.c,
 * hdrblobInit()): it installs nothing that is beyond them.
 */
#define LEAD_SIZE	 96
#define ENTRY_SIZE	 16
#define SIGNATURES_MAX	 32
#define SIGNATURES_STORE (64u << 20)
#define ENTRIES_MAX	 0xffff
#define STORE_MAX	 0x0fffffff

/* Of all arrays: as many files as a package may sensibly have, each with its signature. */
#define TEXTS_MAX (1u << 20)

/* Keys that the files of one package are signed with. It is one; crowds leave room for others. */
#define FILE_KEYS_MAX 32

enum type {
	TYPE_STRING = 6,
	TYPE_BINARY = 7,
	TYPE_STRINGS = 8,
	TYPE_TRANSLATED = 9,
};

/* include/rpm/rpmtag.h; of these, RSA and DSA (which is also EdDSA's) sign only the main header. */
enum tag {
	TAG_DSA = 267,
	TAG_RSA = 268,
	TAG_FILE_SIGNATURES = 274,
	TAG_VERITY_SIGNATURES = 276,
	TAG_OPENPGP = 278,
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_VENDOR = 1011,
	TAG_ARCHITECTURE = 1022,
	/* The same numbers in a signature header: of header and payload together. */
	TAG_PGP = 1002,
	TAG_GPG = 1005,
};

struct entry {
	uint32_t tag, type, offset, count;
};

struct header {
	uint64_t at; /* of the store */
	struct embargo_cursor entries, store;
	uint32_t texts_left; /* TEXTS_MAX for all arrays: they may lie over one another */
};

static bool next_entry(struct embargo_cursor *entries, struct entry *entry)
{
	entry->tag = embargo_cursor_be32(entries);
	entry->type = embargo_cursor_be32(entries);
	entry->offset = embargo_cursor_be32(entries);
	entry->count = embargo_cursor_be32(entries);
	return !entries->failed;
}

static bool open_header(struct embargo_cursor *file, struct embargo_specimen *specimen,
			const char *name, uint32_t most_entries, uint32_t most_store,
			struct header *header)
{
	const uint64_t at = file->at;
	bool is_one = embargo_cursor_starts(file, "\x8e\xad\xe8\x01", 4);
	const uint8_t *entries, *store;
	uint32_t count, size;

	embargo_cursor_take(file, 8);
	count = embargo_cursor_be32(file);
	size = embargo_cursor_be32(file);
	if (!is_one || file->failed || count > most_entries || size > most_store) {
		embargo_specimen_fault(specimen, at, "RPM %s: %s", name,
				       is_one && !file->failed ? "larger than rpm takes"
							       : "none is there");
		return false;
	}
	entries = embargo_cursor_take(file, (size_t)count * ENTRY_SIZE);
	header->at = file->at;
	store = embargo_cursor_take(file, size);
	if (!store) {
		embargo_specimen_fault(specimen, at, "RPM %s: ends behind the file", name);
		return false;
	}
	header->entries = embargo_cursor_make(entries, (size_t)count * ENTRY_SIZE);
	header->store = embargo_cursor_make(store, size);
	header->texts_left = TEXTS_MAX;
	return true;
}

/* Takes a text with its NUL; NULL where the store ends before. */
static const char *take_text(struct embargo_cursor *store)
{
	const char *text = (const char *)store->bytes + store->at;
	size_t left = embargo_cursor_left(store), length = strnlen(text, left);

	return length < left ? (const char *)embargo_cursor_take(store, length + 1) : NULL;
}

static struct embargo_cursor content_of(const struct header *header, const struct entry *entry)
{
	struct embargo_cursor store = header->store;

	embargo_cursor_seek(&store, entry->offset);
	return store;
}

/* A file's IMA signature, in hex; directories have an empty one. */
static void read_file_signature(const char *hex, struct embargo_claim_place place,
				struct embargo_specimen *specimen)
{
	_cleanup_free_
	uint8_t *bytes = NULL;
	size_t length = strlen(hex);

	if (length && length % 2 == 0 && length / 2 <= EMBARGO_IMA_SIZE_MAX)
		bytes = malloc(length / 2);
	if (bytes && !embargo_hex_parse(hex, bytes, length / 2))
		embargo_ima_read(bytes, length / 2, place, specimen);
	else if (length)
		embargo_specimen_fault(specimen, place.at, "%s: no hex", place.structure);
}

/* A file's built-in signature of fs-verity (sign/rpmsignverity.c), in base64. */
static void read_verity_signature(const char *text, struct embargo_claim_place place,
				  struct embargo_specimen *specimen)
{
	struct embargo_signature signature = { .at = place.at, .what = place.structure };
	size_t length = strlen(text);
	_cleanup_free_
	uint8_t *bytes = NULL;
	long size = -1;

	if (length && EMBARGO_BASE64_ROOM(length) <= EMBARGO_CMS_SIZE_MAX)
		bytes = malloc(EMBARGO_BASE64_ROOM(length));
	if (bytes)
		size = embargo_base64_decode(text, length, bytes);
	if (size > 0) {
		signature.bytes = bytes;
		signature.size = (size_t)size;
		embargo_verity_signer_read(&signature, specimen);
	} else if (length) {
		embargo_specimen_fault(specimen, place.at, "%s: no base64", place.structure);
	}
}

/* What is told of each file, as texts. */
struct file_texts {
	const char *name, *names; /* for faults */
	enum embargo_identity_kind kind;
	void (*read)(const char *text, struct embargo_claim_place place,
		     struct embargo_specimen *specimen);
};

static void read_file_texts(struct header *header, const struct entry *entry,
			    const struct file_texts *texts, struct embargo_specimen *specimen)
{
	struct embargo_claim_place place = { .structure = texts->name };
	struct embargo_cursor store = content_of(header, entry);

	for (uint32_t i = 0; i < entry->count; i++) {
		const char *text;

		place.at = header->at + store.at;
		text = header->texts_left ? take_text(&store) : NULL;
		if (!text || embargo_claim_count(specimen, texts->kind) >= FILE_KEYS_MAX) {
			embargo_specimen_fault(specimen, place.at, "%s: cut off, or too many",
					       texts->names);
			return;
		}
		header->texts_left--;
		texts->read(text, place, specimen);
	}
}

static void read_file_signatures(struct header *header, const struct entry *entry,
				 struct embargo_specimen *specimen)
{
	static const struct file_texts texts = { "RPM file signature", "RPM file signatures",
						 EMBARGO_IDENTITY_IMA_KEY, read_file_signature };

	read_file_texts(header, entry, &texts, specimen);
}

static void read_verity_signatures(struct header *header, const struct entry *entry,
				   struct embargo_specimen *specimen)
{
	static const struct file_texts texts = { "RPM verity signature", "RPM verity signatures",
						 EMBARGO_IDENTITY_X509, read_verity_signature };

	read_file_texts(header, entry, &texts, specimen);
}

/* rpm 6 has any number of signatures here, in base64. */
static void read_openpgp_texts(struct header *header, const struct entry *entry,
			       struct embargo_specimen *specimen)
{
	struct embargo_claim_place place = { .structure = "RPM OpenPGP signature" };
	struct embargo_cursor store = content_of(header, entry);

	for (uint32_t i = 0; i < entry->count; i++) {
		const char *text;

		place.at = header->at + store.at;
		text = i < EMBARGO_OPENPGP_PACKETS_MAX ? take_text(&store) : NULL;
		if (!text) {
			embargo_specimen_fault(specimen, place.at,
					       "RPM OpenPGP signatures: cut off, or too many");
			return;
		}
		embargo_openpgp_read_base64(text, strlen(text), place, specimen);
	}
}

static void read_openpgp(struct header *header, const struct entry *entry,
			 struct embargo_specimen *specimen)
{
	struct embargo_claim_place place = { header->at + entry->offset, "RPM signature" };
	struct embargo_cursor store = content_of(header, entry);
	const uint8_t *bytes = embargo_cursor_take(&store, entry->count);

	if (!bytes)
		embargo_specimen_fault(specimen, place.at, "RPM signature: ends behind its header");
	else
		embargo_openpgp_read(bytes, entry->count, place, specimen);
}

static const struct {
	uint32_t tag, type;
	void (*read)(struct header *header, const struct entry *entry,
		     struct embargo_specimen *specimen);
} signatures[] = {
	{ TAG_DSA, TYPE_BINARY, read_openpgp },
	{ TAG_RSA, TYPE_BINARY, read_openpgp },
	{ TAG_PGP, TYPE_BINARY, read_openpgp },
	{ TAG_GPG, TYPE_BINARY, read_openpgp },
	{ TAG_OPENPGP, TYPE_STRINGS, read_openpgp_texts },
	{ TAG_FILE_SIGNATURES, TYPE_STRINGS, read_file_signatures },
	{ TAG_VERITY_SIGNATURES, TYPE_STRINGS, read_verity_signatures },
};

static void read_signatures(struct header *header, struct embargo_specimen *specimen)
{
	struct embargo_cursor entries = header->entries;
	struct entry entry;

	while (next_entry(&entries, &entry))
		for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
			if (signatures[i].tag != entry.tag)
				continue;
			if (signatures[i].type == entry.type)
				signatures[i].read(header, &entry, specimen);
			else
				embargo_specimen_fault(specimen, header->at,
						       "RPM signature %u: of type %u, not %u",
						       entry.tag, entry.type, signatures[i].type);
		}
}

/* The text of @entry; NULL, and a fault, where it is none. */
static const char *find_text(const struct header *header, const struct entry *entry,
			     struct embargo_specimen *specimen)
{
	struct embargo_cursor store = content_of(header, entry);
	const char *text = NULL;

	if (entry->type == TYPE_STRING || entry->type == TYPE_TRANSLATED ||
	    (entry->type == TYPE_STRINGS && entry->count))
		text = take_text(&store);
	if (!text)
		embargo_specimen_fault(specimen, header->at,
				       "RPM tag %u: no text, or one behind its header", entry->tag);
	return text;
}

/* "VERSION-RELEASE", as `rpm -q` has it. */
static void set_version(struct embargo_specimen *specimen, struct embargo_identity *package,
			const char *version, const char *release, struct embargo_claim_place place)
{
	char text[EMBARGO_ATTRIBUTE_SIZE];

	if (version && snprintf(text, sizeof(text), "%s%s%s", version, release ? "-" : "",
				release ? release : "") < (int)sizeof(text))
		embargo_claim_set(specimen, package, EMBARGO_ATTRIBUTE_VERSION, text, strlen(text),
				  place);
}

/* The attribute that is a tag's text as it stands; UNKNOWN: there is none. */
static enum embargo_attribute attribute_of(uint32_t tag)
{
	switch (tag) {
	case TAG_NAME:
		return EMBARGO_ATTRIBUTE_NAME;
	case TAG_VENDOR:
		return EMBARGO_ATTRIBUTE_VENDOR;
	case TAG_ARCHITECTURE:
		return EMBARGO_ATTRIBUTE_ARCHITECTURE;
	default:
		return EMBARGO_ATTRIBUTE_UNKNOWN;
	}
}

static void read_package(const struct header *header, struct embargo_specimen *specimen)
{
	const struct embargo_claim_place place = { header->at, "RPM package" };
	struct embargo_identity *package =
		embargo_claim_begin(specimen, EMBARGO_IDENTITY_PACKAGE, place);
	struct embargo_cursor entries = header->entries;
	const char *version = NULL, *release = NULL, *text;
	struct entry entry;

	if (!package)
		return;
	while (next_entry(&entries, &entry)) {
		if (!attribute_of(entry.tag) && entry.tag != TAG_VERSION &&
		    entry.tag != TAG_RELEASE)
			continue;
		text = find_text(header, &entry, specimen);
		if (entry.tag == TAG_VERSION)
			version = text;
		else if (entry.tag == TAG_RELEASE)
			release = text;
		else if (text)
			embargo_claim_set(specimen, package, attribute_of(entry.tag), text,
					  strlen(text), place);
	}
	set_version(specimen, package, version, release, place);
	embargo_claim_end(specimen, package);
}

void embargo_rpm_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	struct embargo_cursor file = embargo_cursor_make(bytes, size);
	struct header header;

	if (!embargo_cursor_starts(&file, "\xed\xab\xee\xdb", 4))
		return;
	if (!embargo_cursor_take(&file, LEAD_SIZE)) {
		embargo_specimen_fault(specimen, 0, "RPM lead: cut off");
		return;
	}
	if (!open_header(&file, specimen, "signature header", SIGNATURES_MAX, SIGNATURES_STORE,
			 &header))
		return;
	read_signatures(&header, specimen);
	embargo_cursor_take(&file, -file.at & 7);
	if (open_header(&file, specimen, "header", ENTRIES_MAX, STORE_MAX, &header))
		read_package(&header, specimen);
}
