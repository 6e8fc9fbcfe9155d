/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What embargo-member-list prints: records of texts, each ended by a NUL. */
#ifndef EMBARGO_MEMBERS_LIST_H
#define EMBARGO_MEMBERS_LIST_H

#define EMBARGO_MEMBER_LIST "embargo-member-list"

/*
 *   what      number         word      text                     more
 *   file      its size       its kind  its path, as installed   its SHA-256 in hex
 *   left      how many       why       -                        -
 *   refused   errno          -         what is wrong            what to do
 *   end       -              -         -                        -
 *
 * One "refused" or "end" is last, and without it what came before is worth nothing.
 */
enum {
	EMBARGO_MEMBER_LIST_WHAT,
	EMBARGO_MEMBER_LIST_NUMBER, /* decimal */
	EMBARGO_MEMBER_LIST_WORD,
	EMBARGO_MEMBER_LIST_TEXT, /* any bytes but NUL */
	EMBARGO_MEMBER_LIST_MORE,
	EMBARGO_MEMBER_LIST_FIELDS,
};

#define EMBARGO_MEMBER_LIST_FILE    "file"
#define EMBARGO_MEMBER_LIST_LEFT    "left"
#define EMBARGO_MEMBER_LIST_REFUSED "refused"
#define EMBARGO_MEMBER_LIST_END	    "end"

/*
 * Why files are left out: read by an interpreter, no code; or of a compressed module, which cannot
 * be read, what is in it.
 */
#define EMBARGO_MEMBER_LIST_INTERPRETED "interpreted"
#define EMBARGO_MEMBER_LIST_DAMAGED	"damaged"
#define EMBARGO_MEMBER_LIST_OTHER	"other"

#endif
