// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of signers: from rules, from identities, from events. */
#include "loader/model/signer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/hex.h"
#include "loader/text/name.h"

/* What a name may fold to and still be told apart from one that fits. */
#define FOLDED_SIZE 1024

static int set_cn(struct embargo_signer_key *key, const char *name)
{
	char folded[FOLDED_SIZE];
	int length = embargo_name_fold(name, strlen(name), folded, sizeof(folded));

	if (length == -E2BIG || length > EMBARGO_SIGNER_CN_SIZE)
		return -ENOTSUP;
	if (length < 0)
		return length == -ENOMEM ? length : -EINVAL;
	for (int i = 0; i < length; i++)
		if ((unsigned char)folded[i] >= 0x80)
			return -ENOTSUP;
	memcpy(key->issuer_cn, folded, (size_t)length);
	key->cn_length = (__u8)length;
	key->parts |= EMBARGO_SIGNER_ISSUER_CN;
	return 0;
}

/* Leading zeros do not count; one digit alone is a byte too. */
static int set_number(struct embargo_signer_key *key, const char *digits,
		      enum embargo_signer_part part)
{
	char even[2 * EMBARGO_SIGNER_NUMBER_SIZE + 2];
	size_t length;

	if (!digits[0] || digits[strspn(digits, "0123456789abcdefABCDEF")])
		return -EINVAL;
	digits += strspn(digits, "0");
	length = strlen(digits);
	if (length > 2 * EMBARGO_SIGNER_NUMBER_SIZE)
		return -ENOTSUP;
	snprintf(even, sizeof(even), "%s%s", length % 2 ? "0" : "", digits);
	key->number_length = (__u8)((length + 1) / 2);
	key->parts |= part;
	return embargo_hex_parse(even, key->number, key->number_length);
}

int embargo_signer_key_make(const char *issuer_cn, const char *serial, const char *key_id,
			    struct embargo_signer_key *key)
{
	struct embargo_signer_key made = { .parts = 0 };
	int error = 0;

	if (key_id ? issuer_cn || serial : !issuer_cn && !serial)
		return -EINVAL;
	if (issuer_cn)
		error = set_cn(&made, issuer_cn);
	if (!error && serial)
		error = set_number(&made, serial, EMBARGO_SIGNER_SERIAL);
	if (!error && key_id)
		error = set_number(&made, key_id, EMBARGO_SIGNER_KEY_ID);
	if (!error)
		*key = made;
	return error;
}

#define KIND_TEXT "module-signer "
#define CN_TEXT	  "issuer-cn="

static const char *number_word(const struct embargo_signer_key *key)
{
	return key->parts & EMBARGO_SIGNER_KEY_ID ? "key-id=" : "serial=";
}

size_t embargo_signer_key_format(const struct embargo_signer_key *key,
				 char text[static EMBARGO_SIGNER_TEXT])
{
	size_t cn =
		key->cn_length < EMBARGO_SIGNER_CN_SIZE ? key->cn_length : EMBARGO_SIGNER_CN_SIZE;
	size_t number = key->number_length < EMBARGO_SIGNER_NUMBER_SIZE
				? key->number_length
				: EMBARGO_SIGNER_NUMBER_SIZE;
	char digits[EMBARGO_HEX_SIZE(EMBARGO_SIGNER_NUMBER_SIZE)];
	size_t used = (size_t)sprintf(text, KIND_TEXT);
	bool bare;

	if (key->parts & EMBARGO_SIGNER_ISSUER_CN)
		used += (size_t)sprintf(text + used, CN_TEXT "%.*s", (int)cn, key->issuer_cn);
	if (!(key->parts & (EMBARGO_SIGNER_SERIAL | EMBARGO_SIGNER_KEY_ID)))
		return used;
	embargo_hex_format(key->number, number, digits);
	/* A key id is bytes; a serial is a number. */
	bare = !(key->parts & EMBARGO_SIGNER_KEY_ID) && digits[0] == '0';
	used += (size_t)sprintf(text + used, "%s%s%s",
				key->parts & EMBARGO_SIGNER_ISSUER_CN ? ", " : "", number_word(key),
				number ? digits + bare : "0");
	return used;
}

int embargo_signer_key_parse(const char *text, struct embargo_signer_key *key)
{
	char cn[EMBARGO_SIGNER_CN_SIZE + 1] = "", serial[EMBARGO_SIGNER_TEXT] = "";
	char key_id[EMBARGO_SIGNER_TEXT] = "";
	const char *at = text;

	if (strlen(text) >= EMBARGO_SIGNER_TEXT || strncmp(at, KIND_TEXT, strlen(KIND_TEXT)))
		return -EINVAL;
	at += strlen(KIND_TEXT);
	/* A folded name has no comma in it. */
	if (sscanf(at, CN_TEXT "%64[^,], serial=%255s", cn, serial) < 1 &&
	    sscanf(at, "serial=%255s", serial) < 1 && sscanf(at, "key-id=%255s", key_id) < 1)
		return -EINVAL;
	return embargo_signer_key_make(cn[0] ? cn : NULL, serial[0] ? serial : NULL,
				       key_id[0] ? key_id : NULL, key)
		       ? -EINVAL
		       : 0;
}
