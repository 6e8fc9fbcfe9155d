/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities: what is known of a file beside its bytes, and when one is what a rule names. */
#ifndef EMBARGO_MODEL_IDENTITY_H
#define EMBARGO_MODEL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/base/arena.h"

enum embargo_identity_kind {
	EMBARGO_IDENTITY_UNKNOWN,
	EMBARGO_IDENTITY_SHA256,
	EMBARGO_IDENTITY_PATH,
	EMBARGO_IDENTITY_MEMORY,	/* kexec_load(2), which has no file */
	EMBARGO_IDENTITY_FSVERITY,	/* the fs-verity digest: value */
	EMBARGO_IDENTITY_X509,		/* one certificate whose key signed the file */
	EMBARGO_IDENTITY_MODULE_SIGNER, /* a SignerInfo without its certificate */
	EMBARGO_IDENTITY_IMA_KEY,	/* of a signature in IMA's form: key-id */
	EMBARGO_IDENTITY_OPENPGP,	/* of a signature: key-id or the whole fingerprint */
	EMBARGO_IDENTITY_PACKAGE,	/* that owns the file, or that it is */
	EMBARGO_IDENTITY_BUILD_ID,	/* value */
	EMBARGO_IDENTITY_SONAME,	/* DT_SONAME: value */
	EMBARGO_IDENTITY_NEEDED,	/* DT_NEEDED, an identity each: value */
	EMBARGO_IDENTITY_MODINFO,	/* of a kernel module: author, name */
	EMBARGO_IDENTITY_DYNAMIC, /* where an ELF file has its libraries sought; to be read, not
				     matched */
	EMBARGO_IDENTITY_COUNT,
};

enum embargo_attribute {
	EMBARGO_ATTRIBUTE_UNKNOWN,
	EMBARGO_ATTRIBUTE_VALUE,   /* the only one of its kind */
	EMBARGO_ATTRIBUTE_SUBJECT, /* a whole name as RFC 4514 writes it; to be read, not matched */
	EMBARGO_ATTRIBUTE_CN,
	EMBARGO_ATTRIBUTE_O,
	EMBARGO_ATTRIBUTE_SUBJECT_SERIAL, /* serialNumber of the subject: a company's number */
	EMBARGO_ATTRIBUTE_ISSUER,	  /* as SUBJECT */
	EMBARGO_ATTRIBUTE_ISSUER_CN,
	EMBARGO_ATTRIBUTE_SERIAL, /* of the certificate, hex without leading zeros */
	EMBARGO_ATTRIBUTE_SHA256, /* of the certificate, hex */
	EMBARGO_ATTRIBUTE_KEY_ID, /* hex: subject key identifier, or OpenPGP's id or fingerprint */
	EMBARGO_ATTRIBUTE_NAME,
	EMBARGO_ATTRIBUTE_VERSION,	/* to be read, not matched */
	EMBARGO_ATTRIBUTE_ARCHITECTURE, /* of a package; to be read, not matched */
	EMBARGO_ATTRIBUTE_VENDOR,
	EMBARGO_ATTRIBUTE_MAINTAINER,
	EMBARGO_ATTRIBUTE_AUTHOR,
	EMBARGO_ATTRIBUTE_SRCVERSION,  /* of a module: which sources; to be read, not matched */
	EMBARGO_ATTRIBUTE_PATH,	       /* of the file that the package owns, resolved */
	EMBARGO_ATTRIBUTE_INTERPRETER, /* these, of DYNAMIC: the dynamic loader */
	EMBARGO_ATTRIBUTE_RPATH,       /* DT_RPATH, as it stands there */
	EMBARGO_ATTRIBUTE_RUNPATH,     /* DT_RUNPATH */
	EMBARGO_ATTRIBUTE_COUNT,
};

enum embargo_validity {
	EMBARGO_VALIDITY_UNKNOWN, /* not looked at, or nothing to hold it against */
	EMBARGO_VALIDITY_NO,
	EMBARGO_VALIDITY_YES,
};

/* Bounds. What a hostile file can make anybody keep is at most their product, and a fault says so.
 */
#define EMBARGO_IDENTITIES_MAX 512  /* of one file: a program may need hundreds of libraries */
#define EMBARGO_ATTRIBUTES_MAX 32   /* of one identity: a name may have several CNs */
#define EMBARGO_ATTRIBUTE_SIZE 1024 /* bytes of a value, NUL included; PKIX ends names at 64 */

struct embargo_value {
	enum embargo_attribute attribute;
	const char *text; /* UTF-8, printable, never empty */
};

/*
 * One identity, found in a file or named by a rule. An attribute may stand there several times: a
 * certificate with two CNs has both.
 */
struct embargo_identity {
	enum embargo_identity_kind kind;
	struct embargo_value *values;
	size_t count;
	enum embargo_validity digest_ok; /* the signature's digest is the file's */
	enum embargo_validity chain_ok;	 /* its certificates lead to an anchor of this host */
};

struct embargo_identities {
	struct embargo_arena *arena; /* owns all texts; made by the first addition */
	struct embargo_identity *array;
	size_t count, room;
};

/* Zeroed memory is an empty set. */
void embargo_identities_free(struct embargo_identities *identities);

/*
 * Adds an identity without values and returns it, good until the next addition; NULL where
 * EMBARGO_IDENTITIES_MAX are there already or memory is out.
 */
struct embargo_identity *embargo_identities_add(struct embargo_identities *identities,
						enum embargo_identity_kind kind);

/*
 * Gives @identity, the last one added, one more value: @length bytes, which are copied. A value
 * that cannot be told from another once it is printed is none: an empty one, one that is not UTF-8,
 * one with control characters (a NUL among them). Errors: -EBADMSG for those, -E2BIG for what is
 * too long or one too many, -ENOMEM. An identity that gets no value at all should be dropped again.
 */
int embargo_identities_set(struct embargo_identities *identities, struct embargo_identity *identity,
			   enum embargo_attribute attribute, const char *text, size_t length);

/* Adds a copy of @identity. Errors: -E2BIG, -ENOMEM; then nothing is added. */
int embargo_identities_copy(struct embargo_identities *identities,
			    const struct embargo_identity *identity);

/* Takes the last one added away again. */
void embargo_identities_drop(struct embargo_identities *identities);

/* Are both of one kind, with the same values in the same order? */
bool embargo_identity_equal(const struct embargo_identity *left,
			    const struct embargo_identity *right);

/* The first value of @attribute, or NULL. */
const char *embargo_identity_value(const struct embargo_identity *identity,
				   enum embargo_attribute attribute);

/*
 * Is @found what @named asks for? The kinds are the same, and each value of @named is that of some
 * value of the same attribute of @found, compared as embargo_attribute_compare() says for the kind.
 */
bool embargo_identity_matches(const struct embargo_identity *found,
			      const struct embargo_identity *named);

/* How values are compared. */
enum embargo_comparison {
	EMBARGO_COMPARISON_UNKNOWN, /* never equal: to be read only */
	EMBARGO_COMPARISON_NAME,    /* folded, see loader/text/name.h */
	EMBARGO_COMPARISON_EXACT,
	EMBARGO_COMPARISON_HEX,	 /* digits, whatever their case; leading zeros do not count */
	EMBARGO_COMPARISON_TAIL, /* hex: one is the end of the other, as key ids of fingerprints */
	EMBARGO_COMPARISON_GLOB, /* the rule's * stands for any characters */
	EMBARGO_COMPARISON_PREFIX, /* the rule's is a folder, or the very path */
	EMBARGO_COMPARISON_MODULE, /* exact, but - and _ are the same, as modprobe has it */
};

/* How @attribute of @kind is compared; UNKNOWN: a rule may not name it. */
enum embargo_comparison embargo_attribute_comparison(enum embargo_identity_kind kind,
						     enum embargo_attribute attribute);

/* May a rule name identities of this kind at all? */
bool embargo_identity_is_named(enum embargo_identity_kind kind);

/* The words of policies and output: "x509", "subject-serial". NULL/UNKNOWN for what is none. */
const char *embargo_identity_kind_name(enum embargo_identity_kind kind);
enum embargo_identity_kind embargo_identity_kind_parse(const char *word);
const char *embargo_attribute_name(enum embargo_attribute attribute);
enum embargo_attribute embargo_attribute_parse(const char *word);

/* The attribute that a kind of one value has; UNKNOWN: the kind has several. */
enum embargo_attribute embargo_identity_single(enum embargo_identity_kind kind);

/*
 * "VALUE", or "cn=..., o=..., serial=..." for a kind of several attributes, into @text, cut where
 * it does not fit; returns @text.
 */
char *embargo_identity_format(const struct embargo_identity *identity, char *text, size_t size);

#endif
