// SPDX-License-Identifier: GPL-2.0-or-later
/* What a Debian package says of itself: its control file, and the keys of its signatures. */
#include <string.h>

#include "loader/archive/decompress.h"
#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/identity/claim.h"
#include "loader/identity/openpgp.h"
#include "loader/text/stanza.h"

/*
 *  "!<arch>\n" | members: header 60 | content | a line break where its size is odd
 *
 *  a header: name 16 | time 12 | owner 6 | group 6 | mode 8 | size 10 | "`\n", all of it text
 *
 * ar(5), deb(5): debian-binary, control.tar*, data.tar*; debsigs(1) adds _gpgorigin and the like.
 */
#define AR_MAGIC  "!<arch>\n"
#define AR_HEADER 60
#define AR_NAME	  16

/* Three are there by rule, and a signature for each role. */
#define MEMBERS_MAX 64

/* Of linux-headers, mostly digests of files, it has 3 MiB. */
#define CONTROL_MAX (64u << 20)

/*
 *  name 100 | mode, owner, group 8 each | size 12 | time 12 | sum 8 | type 1 | ..., 512 in all
 */
#define TAR_BLOCK   512
#define TAR_NAME    100
#define TAR_SIZE_AT 124
#define TAR_SIZE    12
#define TAR_TYPE_AT 156

/* dpkg unpacks all of them, so that the last one counts: all are claims. */
#define CONTROL_FILES_MAX 4

static const struct {
	const char *field;
	enum embargo_attribute attribute;
} fields[] = {
	{ "Package", EMBARGO_ATTRIBUTE_NAME },
	{ "Version", EMBARGO_ATTRIBUTE_VERSION },
	{ "Architecture", EMBARGO_ATTRIBUTE_ARCHITECTURE },
	{ "Maintainer", EMBARGO_ATTRIBUTE_MAINTAINER },
	{ "Vendor", EMBARGO_ATTRIBUTE_VENDOR }, /* fpm(1) writes it */
};

struct member {
	struct embargo_span name;
	struct embargo_cursor content;
	uint64_t at;
};

static void read_control(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
			 struct embargo_specimen *specimen)
{
	struct embargo_span text = { (const char *)bytes, size };
	struct embargo_field field;
	struct embargo_identity *package =
		embargo_claim_begin(specimen, EMBARGO_IDENTITY_PACKAGE, place);

	if (!package)
		return;
	while (embargo_stanza_next(&text, &field))
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			if (embargo_field_is(&field, fields[i].field))
				embargo_claim_set(specimen, package, fields[i].attribute,
						  field.value.text, field.value.length, place);
	embargo_claim_end(specimen, package);
}

/* A number in text, octal or decimal, with blanks around it; SIZE_MAX for what is none. */
static size_t parse(const uint8_t *digits, size_t count, unsigned base)
{
	size_t at = 0, number = 0;

	while (at < count && digits[at] == ' ')
		at++;
	for (; at < count && digits[at] >= '0' && digits[at] < '0' + base; at++)
		number = number * base + (digits[at] - '0');
	while (at < count && (digits[at] == ' ' || digits[at] == '\0'))
		at++;
	return at == count ? number : SIZE_MAX;
}

/* "./control", "control", ".//control": what tar makes the same file of. */
static bool is_control(const uint8_t *name)
{
	size_t length = strnlen((const char *)name, TAR_NAME);
	static const char control[] = "control";

	for (;;) {
		if (length >= 2 && name[0] == '.' && name[1] == '/') {
			name += 2;
			length -= 2;
		} else if (length && name[0] == '/') {
			name++;
			length--;
		} else {
			return length == strlen(control) && !memcmp(name, control, length);
		}
	}
}

/* One entry of the tar, of which the control file is read; false at its end, and where it is
 * broken. */
static bool read_entry(struct embargo_cursor *tar, unsigned *found,
		       struct embargo_claim_place place, struct embargo_specimen *specimen)
{
	static const char regular[] = { '0', '\0', '7' }; /* types of entries */
	const uint8_t *header = embargo_cursor_take(tar, TAR_BLOCK), *content;
	size_t size;

	if (header && !header[0])
		return false;
	size = header ? parse(header + TAR_SIZE_AT, TAR_SIZE, 8) : SIZE_MAX;
	content = embargo_cursor_take(tar, size);
	if (!content) {
		embargo_specimen_fault(specimen, place.at, "DEB control.tar: cut off or damaged");
		return false;
	}
	if (memchr(regular, header[TAR_TYPE_AT], sizeof(regular)) && is_control(header)) {
		if ((*found)++ < CONTROL_FILES_MAX)
			read_control(content, size, place, specimen);
	} else if (memchr("LxX", header[TAR_TYPE_AT], 3)) {
		embargo_specimen_fault(specimen, place.at,
				       "DEB control.tar: a long name, which is not read");
	}
	size = -size % TAR_BLOCK;
	embargo_cursor_take(tar, size < embargo_cursor_left(tar) ? size : embargo_cursor_left(tar));
	return true;
}

static void read_tar(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
		     struct embargo_specimen *specimen)
{
	struct embargo_cursor tar = embargo_cursor_make(bytes, size);
	unsigned found = 0;

	while (embargo_cursor_left(&tar) && read_entry(&tar, &found, place, specimen))
		;
	if (!found || found > CONTROL_FILES_MAX)
		embargo_specimen_fault(specimen, place.at, "DEB control.tar: %s",
				       found ? "too many control files" : "without a control file");
}

static void read_control_member(const struct member *member, struct embargo_specimen *specimen)
{
	const struct embargo_claim_place place = { member->at, "DEB control" };
	_cleanup_free_
	uint8_t *content = NULL;
	size_t size;

	if (!embargo_decompress_detect(member->content.bytes, member->content.size)) {
		read_tar(member->content.bytes, member->content.size, place, specimen);
		return;
	}
	if (embargo_decompress(member->content.bytes, member->content.size, CONTROL_MAX, NULL,
			       &content, &size))
		embargo_specimen_fault(specimen, place.at,
				       "DEB control.tar: damaged, or too large");
	else
		read_tar(content, size, place, specimen);
}

static bool begins(struct embargo_span span, const char *prefix)
{
	return span.length >= strlen(prefix) && !memcmp(span.text, prefix, strlen(prefix));
}

/* dpkg takes the first control.tar, and so many are not taken apart here. */
static void read_member(const struct member *member, bool *has_control,
			struct embargo_specimen *specimen)
{
	const bool is_control = begins(member->name, "control.tar");

	if (is_control && *has_control)
		embargo_specimen_fault(specimen, member->at, "DEB archive: a second control.tar");
	else if (is_control)
		read_control_member(member, specimen);
	else if (begins(member->name, "_gpg"))
		embargo_openpgp_read(member->content.bytes, member->content.size,
				     (struct embargo_claim_place) { member->at, "DEB signature" },
				     specimen);
	*has_control |= is_control;
}

/* False where the archive ends; what is broken is a fault. */
static bool next_member(struct embargo_cursor *archive, struct member *member,
			struct embargo_specimen *specimen)
{
	const uint64_t at = archive->at;
	const uint8_t *header, *content;
	size_t size;

	if (!embargo_cursor_left(archive))
		return false;
	header = embargo_cursor_take(archive, AR_HEADER);
	size = header ? parse(header + 48, 10, 10) : SIZE_MAX;
	if (!header || memcmp(header + 58, "`\n", 2) || size == SIZE_MAX) {
		embargo_specimen_fault(specimen, at, "DEB archive: no header of a member");
		return false;
	}
	member->at = archive->at;
	content = embargo_cursor_take(archive, size);
	if (!content) {
		embargo_specimen_fault(specimen, at, "DEB archive: a member ends behind the file");
		return false;
	}
	member->name = (struct embargo_span) { (const char *)header, AR_NAME };
	member->content = embargo_cursor_make(content, size);
	if (size % 2 && embargo_cursor_left(archive))
		embargo_cursor_take(archive, 1);
	return true;
}

void embargo_deb_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	struct embargo_cursor archive = embargo_cursor_make(bytes, size);
	struct member member;
	bool has_control = false;

	if (!embargo_cursor_starts(&archive, AR_MAGIC, strlen(AR_MAGIC)))
		return;
	embargo_cursor_take(&archive, strlen(AR_MAGIC));
	for (int i = 0; next_member(&archive, &member, specimen); i++) {
		if (i == MEMBERS_MAX) {
			embargo_specimen_fault(specimen, member.at,
					       "DEB archive: more than %d members", MEMBERS_MAX);
			return;
		}
		read_member(&member, &has_control, specimen);
	}
}
