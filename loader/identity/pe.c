// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading PE files: every Authenticode signature, each held against the bytes of the file. */
#include "loader/identity/pe.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/crypto/authenticode.h"
#include "loader/identity/signature.h"

#define PE32	  0x10b
#define PE32_PLUS 0x20b

/* Into the optional header. */
#define CHECKSUM	   64
#define CHECKSUM_SIZE	   4
#define DIRECTORIES	   96 /* of PE32; the count stands in the 4 bytes before */
#define DIRECTORIES_PLUS   112
#define CERTIFICATES	   4 /* the directory's number */
#define DIRECTORY_SIZE	   8
#define ENTRY_HEAD	   8
#define ENTRY_ALIGN	   8
#define ENTRY_PKCS_SIGNED  2
#define ENTRY_REVISION_1_0 0x0100
#define ENTRY_REVISION_2_0 0x0200

struct pe {
	struct embargo_specimen *specimen;
	const uint8_t *bytes;
	size_t size;
	size_t checksum;  /* offsets in the file */
	size_t directory; /* of the certificate table's */
	size_t headers;	  /* where the optional header ends */
	size_t table, table_size;
	struct embargo_covered covered;
	size_t signatures, signatures_size; /* read so far */
};

static void free_cms(struct embargo_cms **cms)
{
	embargo_cms_free(*cms);
}

static bool refuse(const struct pe *pe, uint64_t at, const char *what)
{
	embargo_specimen_fault(pe->specimen, at, "%s", what);
	return false;
}

/* Finds the places of the optional header; false where there can be no signature. */
static bool read_optional_header(struct pe *pe, struct embargo_cursor *cursor, size_t size)
{
	size_t start = cursor->at, directories;
	uint16_t magic = embargo_cursor_u16(cursor);

	if (size > pe->size - start)
		return refuse(pe, start, "PE optional header: ends behind the file");
	if (magic != PE32 && magic != PE32_PLUS)
		return refuse(pe, start, "PE optional header: neither PE32 nor PE32+");
	directories = magic == PE32 ? DIRECTORIES : DIRECTORIES_PLUS;
	if (size < directories)
		return refuse(pe, start, "PE optional header: too short");
	embargo_cursor_seek(cursor, start + directories - 4);
	if (embargo_cursor_u32(cursor) <= CERTIFICATES)
		return false;
	directories += CERTIFICATES * DIRECTORY_SIZE;
	if (size < directories + DIRECTORY_SIZE)
		return refuse(pe, start, "PE optional header: shorter than its data directories");
	pe->checksum = start + CHECKSUM;
	pe->directory = start + directories;
	pe->headers = start + size;
	return true;
}

/* Follows the headers to the certificate table; false where there is none. */
static bool find_table(struct pe *pe)
{
	struct embargo_cursor cursor = embargo_cursor_make(pe->bytes, pe->size);
	uint32_t start;
	uint16_t size;

	embargo_cursor_seek(&cursor, 0x3c);
	start = embargo_cursor_u32(&cursor);
	embargo_cursor_seek(&cursor, start);
	if (cursor.failed)
		return refuse(pe, 0x3c, "PE header: lies behind the file");
	if (!embargo_cursor_starts(&cursor, "PE\0\0", 4))
		return refuse(pe, start, "PE header: is none");
	embargo_cursor_take(&cursor, 4 + 16);
	size = embargo_cursor_u16(&cursor);
	embargo_cursor_u16(&cursor);
	if (cursor.failed)
		return refuse(pe, start, "PE header: cut off");
	if (!read_optional_header(pe, &cursor, size))
		return false;
	embargo_cursor_seek(&cursor, pe->directory);
	pe->table = embargo_cursor_u32(&cursor);
	pe->table_size = embargo_cursor_u32(&cursor);
	if (!pe->table && !pe->table_size)
		return false;
	if (pe->table > pe->size || pe->table_size > pe->size - pe->table)
		return refuse(pe, pe->table, "PE certificate table: ends behind the file");
	if (pe->table < pe->headers)
		return refuse(pe, pe->table, "PE certificate table: overlaps the headers");
	/* Nothing goes by these two, so they hide no signature. */
	if (pe->table % ENTRY_ALIGN)
		refuse(pe, pe->table, "PE certificate table: not at a multiple of 8");
	if (pe->table_size % ENTRY_ALIGN)
		refuse(pe, pe->table, "PE certificate table: its size is no multiple of 8");
	return true;
}

/* Everything but the three holes. */
static void cover(struct pe *pe)
{
	const size_t holes[][2] = {
		{ pe->checksum, CHECKSUM_SIZE },
		{ pe->directory, DIRECTORY_SIZE },
		{ pe->table, pe->table_size },
		{ pe->size, 0 },
	};
	size_t at = 0;

	_Static_assert(ARRAY_SIZE(holes) == EMBARGO_COVERED_EXTENTS, "an extent before each hole");
	for (size_t i = 0; i < ARRAY_SIZE(holes); i++) {
		pe->covered.extents[i] =
			(struct embargo_extent) { pe->bytes + at, holes[i][0] - at };
		at = holes[i][0] + holes[i][1];
	}
	pe->covered.count = ARRAY_SIZE(holes);
}

static bool read_signature(struct pe *pe, struct embargo_extent der, uint64_t at,
			   unsigned int depth);

static void read_nested(struct pe *pe, const struct embargo_cms *cms, uint64_t at,
			unsigned int depth)
{
	struct embargo_extent nested;
	int error;

	for (size_t i = 0; (error = embargo_cms_nested(cms, i, &nested)) != -ENODATA; i++) {
		if (error) {
			refuse(pe, at, "PE nested signature: is none");
			return;
		} else if (depth == EMBARGO_PE_NESTED_MAX) {
			refuse(pe, at, "PE nested signature: deeper than any real one");
			return;
		} else if (!read_signature(pe, nested, at, depth + 1)) {
			return;
		}
	}
}

/*
 * False where there is to be no further one. A nested signature is known by the place of the
 * outermost: the decoder gives no other.
 */
static bool read_signature(struct pe *pe, struct embargo_extent der, uint64_t at,
			   unsigned int depth)
{
	const struct embargo_signature signature = {
		.bytes = der.bytes,
		.size = der.size,
		.at = at,
		.what = depth ? "PE nested signature" : "PE signature",
	};
	_cleanup_(free_cms) struct embargo_cms *cms = NULL;
	struct embargo_cms_claim claim = {};

	if (pe->signatures == EMBARGO_PE_SIGNATURES_MAX ||
	    der.size > EMBARGO_PE_SIGNATURES_SIZE_MAX - pe->signatures_size)
		return refuse(pe, at, "PE signature: more than any real file has");
	pe->signatures++;
	pe->signatures_size += der.size;
	cms = embargo_signature_parse(&signature, pe->specimen);
	if (!cms)
		return true;
	claim.content_ok = embargo_authenticode_check(cms, &pe->covered);
	embargo_signature_take(&signature, cms, &claim, EMBARGO_CMS_CERTIFICATE, pe->specimen);
	read_nested(pe, cms, at, depth);
	return true;
}

/* Reads the entry at @cursor and moves to the next; false where the table is broken. */
static bool read_entry(struct pe *pe, struct embargo_cursor *cursor)
{
	uint64_t at = pe->table + cursor->at;
	size_t left = cursor->size - cursor->at;
	uint32_t length = embargo_cursor_u32(cursor);
	uint16_t revision = embargo_cursor_u16(cursor);
	uint16_t type = embargo_cursor_u16(cursor);
	struct embargo_extent der;

	if (cursor->failed)
		return refuse(pe, at, "PE certificate entry: cut off");
	if (length < ENTRY_HEAD)
		return refuse(pe, at, "PE certificate entry: shorter than its head");
	if (length > left)
		return refuse(pe, at, "PE certificate entry: ends behind the table");
	der.size = length - ENTRY_HEAD;
	der.bytes = embargo_cursor_take(cursor, der.size);
	if (type != ENTRY_PKCS_SIGNED ||
	    (revision != ENTRY_REVISION_1_0 && revision != ENTRY_REVISION_2_0))
		embargo_specimen_fault(pe->specimen, at,
				       "PE certificate entry: of type %u, revision 0x%x: not read",
				       type, revision);
	else if (!read_signature(pe, der, at + ENTRY_HEAD, 0))
		return false;
	/* The last one may go without the padding. */
	length = -length % ENTRY_ALIGN;
	left = cursor->size - cursor->at;
	embargo_cursor_take(cursor, length < left ? length : left);
	return true;
}

void embargo_pe_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	struct pe pe = { .specimen = specimen, .bytes = bytes, .size = size };
	struct embargo_cursor cursor;

	if (!find_table(&pe))
		return;
	cover(&pe);
	cursor = embargo_cursor_make(bytes + pe.table, pe.table_size);
	while (cursor.at < cursor.size && read_entry(&pe, &cursor))
		;
}
