/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding of names in ASCII, byte by byte. No helper, no map: it gives what user space's
 * embargo_name_fold() gives, and a test says so. */
#ifndef EMBARGO_FOLD_H
#define EMBARGO_FOLD_H

#include "abi.h"

/* A name in the making; zeroed memory is the empty one. */
struct embargo_fold {
	char text[EMBARGO_SIGNER_CN_SIZE];
	__u32 length;
	__u32 gap;   /* something that is no word stood since the last word */
	__u32 lacks; /* it cannot be folded here: not ASCII, a NUL, or too long */
};

/*
 * Is this ASCII character of Unicode's category P, Z or Cc? Of what is neither a letter nor a digit
 * only the symbols (category S) are part of a word.
 */
static inline int embargo_fold_separates(__u8 byte)
{
	if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	    (byte >= 'A' && byte <= 'Z'))
		return 0;
	switch (byte) {
	case '$':
	case '+':
	case '<':
	case '=':
	case '>':
	case '^':
	case '`':
	case '|':
	case '~':
		return 0;
	default:
		return 1;
	}
}

static inline void embargo_fold_put(struct embargo_fold *fold, __u8 byte)
{
	__u32 at = fold->length;

	if (at >= EMBARGO_SIGNER_CN_SIZE) {
		fold->lacks = 1;
		return;
	}
	fold->text[at] = (char)byte;
	fold->length = at + 1;
}

/* The next byte of the name: a run of spaces and punctuation becomes one space, none at the ends.
 */
static inline void embargo_fold_add(struct embargo_fold *fold, __u8 byte)
{
	if (!byte || byte >= 0x80) {
		fold->lacks = 1;
		return;
	}
	if (embargo_fold_separates(byte)) {
		fold->gap = fold->length > 0;
		return;
	}
	if (fold->gap)
		embargo_fold_put(fold, ' ');
	fold->gap = 0;
	embargo_fold_put(fold, byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

/* Is there a name, and is it whole? */
static inline int embargo_fold_is_whole(const struct embargo_fold *fold)
{
	return !fold->lacks && fold->length;
}

#endif
