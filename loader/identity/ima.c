// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading IMA signatures. */
#include "loader/identity/ima.h"

#include "loader/base/cursor.h"

/* enum evm_ima_xattr_type of security/integrity/integrity.h */
enum {
	IMA_DIGEST = 0x01,
	EVM_HMAC = 0x02,
	SIGNATURE = 0x03, /* of a file, or EVM's that is not portable */
	IMA_DIGEST_NG = 0x04,
	PORTABLE_SIGNATURE = 0x05,
	VERITY_SIGNATURE = 0x06, /* over the fs-verity digest, always version 3 */
};

/*
 * struct signature_v2_hdr of the same header, and digsig_verify_v2() for what must hold:
 *
 *  type | version 2 or 3 | digest's algorithm | key id 4 | size of the signature 2 | that, to the
 * end
 *
 * The numbers are big-endian.
 */
void embargo_ima_read(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
		      struct embargo_specimen *specimen)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);
	const uint8_t *type = embargo_cursor_take(&cursor, 1);
	const uint8_t *version = embargo_cursor_take(&cursor, 1);
	const uint8_t *key_id;
	uint16_t length;

	if (type && (*type == IMA_DIGEST || *type == EVM_HMAC || *type == IMA_DIGEST_NG))
		return;
	embargo_cursor_take(&cursor, 1);
	key_id = embargo_cursor_take(&cursor, 4);
	length = embargo_cursor_be16(&cursor);
	if (!key_id || cursor.failed || !length || length != embargo_cursor_left(&cursor))
		embargo_specimen_fault(specimen, place.at, "%s: IMA signature cut off or too long",
				       place.structure);
	else if (*type < SIGNATURE || *type > VERITY_SIGNATURE)
		embargo_specimen_fault(specimen, place.at, "%s: IMA value of unknown type %u",
				       place.structure, *type);
	else if (*version != 2 && *version != 3)
		embargo_specimen_fault(specimen, place.at, "%s: IMA signature of version %u",
				       place.structure, *version);
	else
		embargo_claim_add_hex(specimen, EMBARGO_IDENTITY_IMA_KEY, EMBARGO_ATTRIBUTE_KEY_ID,
				      key_id, 4, place);
}
