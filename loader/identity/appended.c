// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the signatures that the kernel knows, each held against the bytes that it is over. */
#include "loader/identity/appended.h"

#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/identity/signature.h"

static const char marker[] = "~Module signature appended~\n";

#define MARKER_SIZE (sizeof(marker) - 1)
#define HEAD_SIZE   12
#define ID_PKCS7    2

static void free_cms(struct embargo_cms **cms)
{
	embargo_cms_free(*cms);
}

/* A detached signature over @content. */
static void read_detached(const struct embargo_signature *signature, struct embargo_extent content,
			  enum embargo_cms_form form, struct embargo_specimen *specimen)
{
	_cleanup_(free_cms) struct embargo_cms *cms = embargo_signature_parse(signature, specimen);
	struct embargo_covered covered = { .extents = { content }, .count = 1 };
	const struct embargo_cms_claim claim = { .covered = &covered };

	if (cms)
		embargo_signature_take(signature, cms, &claim, form, specimen);
}

static bool ends_in_marker(const uint8_t *bytes, size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);

	if (size < MARKER_SIZE)
		return false;
	embargo_cursor_seek(&cursor, size - MARKER_SIZE);
	return embargo_cursor_starts(&cursor, marker, MARKER_SIZE);
}

/* The size of the SignedData before the head at @at; 0, with a fault, where that is broken. */
static size_t read_head(const uint8_t *bytes, size_t at, struct embargo_specimen *specimen)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes + at, HEAD_SIZE);
	const uint8_t *head = embargo_cursor_take(&cursor, HEAD_SIZE - 4);
	size_t size = embargo_cursor_be32(&cursor);

	if (head[2] != ID_PKCS7)
		embargo_specimen_fault(specimen, at, "module signature: of type %u, not PKCS #7",
				       head[2]);
	else if (head[0] || head[1] || head[3] || head[4] || head[5] || head[6] || head[7])
		embargo_specimen_fault(specimen, at, "module signature: fields that must be 0");
	else if (!size || size > at)
		embargo_specimen_fault(specimen, at, "module signature: begins before the file");
	else
		return size;
	return 0;
}

void embargo_appended_read(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	/* What else is signed by the kernel's tool is no module to the rules. */
	enum embargo_cms_form form =
		specimen->kind == EMBARGO_KIND_MODULE ? EMBARGO_CMS_MODULE : EMBARGO_CMS_BOTH;

	for (unsigned int i = 0; i < EMBARGO_APPENDED_MAX; i++) {
		struct embargo_signature signature = { .what = "module signature" };

		if (!ends_in_marker(bytes, size))
			return;
		size -= MARKER_SIZE;
		if (size < HEAD_SIZE) {
			embargo_specimen_fault(specimen, 0, "module signature: cut off");
			return;
		}
		size -= HEAD_SIZE;
		signature.size = read_head(bytes, size, specimen);
		if (!signature.size)
			return;
		size -= signature.size;
		signature.at = size;
		signature.bytes = bytes + size;
		read_detached(&signature, (struct embargo_extent) { bytes, size }, form, specimen);
	}
}

static bool is_repeated(const struct embargo_identities *identities, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (embargo_identity_equal(&identities->array[i], &identities->array[index]))
			return true;
	return false;
}

void embargo_verity_signer_read(const struct embargo_signature *signature,
				struct embargo_specimen *specimen)
{
	_cleanup_(free_cms) struct embargo_cms *cms = embargo_signature_parse(signature, specimen);
	const struct embargo_cms_claim claim = { .is_elsewhere = true };
	struct embargo_identities *identities = &specimen->identities;
	size_t before = identities->count;

	if (cms)
		embargo_signature_take(signature, cms, &claim, EMBARGO_CMS_CERTIFICATE, specimen);
	while (identities->count > before && is_repeated(identities, identities->count - 1))
		embargo_identities_drop(identities);
}

void embargo_verity_signature_read(const uint8_t *signature, size_t size, const uint8_t *digest,
				   size_t digest_size, struct embargo_specimen *specimen)
{
	const struct embargo_signature found = { signature, size, 0, "fs-verity signature" };
	uint8_t formatted[12 + 64] = "FSVerity";

	/* SHA-256 is the first algorithm, SHA-512 the second; there is no third. */
	if (digest_size != 32 && digest_size != 64) {
		embargo_specimen_fault(specimen, 0, "fs-verity digest: of unknown length");
		return;
	}
	formatted[8] = digest_size == 32 ? 1 : 2;
	formatted[10] = (uint8_t)digest_size;
	memcpy(formatted + 12, digest, digest_size);
	read_detached(&found, (struct embargo_extent) { formatted, 12 + digest_size },
		      EMBARGO_CMS_CERTIFICATE, specimen);
}
