/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signers of a kernel module in the kernel's buffer: whom its appended signature names, and whether
 * a rule names them. The hooks run before the kernel verifies: it is what the signature claims.
 */
#ifndef EMBARGO_BPF_SIGNER_H
#define EMBARGO_BPF_SIGNER_H

#include "request.h"
#include "stage.h"
#include "waive.h"

/*
 * The end of a signed module (include/linux/module_signature.h, scripts/sign-file.c):
 *
 *   | the module | PKCS#7, DER | struct module_signature | "~Module signature appended~\n" |
 *                 \_ `length` _/
 */
#define MODULE_MARK_SIZE     28
#define MODULE_ID_TYPE_PKCS7 2

struct module_end {
	__u8 algorithm;
	__u8 hash;
	__u8 id_type;
	__u8 signer_length;
	__u8 key_id_length;
	__u8 reserved[3];
	__u32 length; /* big endian */
	char mark[MODULE_MARK_SIZE];
};

/* Not a string: its section would be one whose BTF 6.1 refuses. */
static const char module_mark[MODULE_MARK_SIZE] = { '~', 'M', 'o', 'd', 'u', 'l', 'e',
						    ' ', 's', 'i', 'g', 'n', 'a', 't',
						    'u', 'r', 'e', ' ', 'a', 'p', 'p',
						    'e', 'n', 'd', 'e', 'd', '~', '\n' };

/* What is looked at of a signature; the kernel's own tools write one signer with one name. */
#define SIGNERS_MAX	 4
#define SIGNER_PARTS_MAX 32 /* attributes of an issuer's name, in all */
#define SIGNER_ZEROS_MAX 8  /* leading zeros of a number that are left out */

/* Tags of X.690, as one byte with class and form. */
enum der_tag {
	DER_INTEGER = 0x02,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_VISIBLE_STRING = 0x1a,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0_PRIMITIVE = 0x80,
	DER_CONTEXT_0 = 0xa0,
	DER_CONTEXT_1 = 0xa1,
};

#define DER_TAG_LONG	0x1f /* more bytes of the tag follow: nothing here has that */
#define DER_LENGTH_LONG 0x80
#define DER_HEADER_MAX	6 /* the tag, and a length of four bytes */

/*
 * Reads the next element: its tag, where its value is, and moves behind it. What does not lie
 * within, or has no definite length, is -EINVAL. A header may be read across the end: the module's
 * own end is behind it.
 */
VERIFIED_ONCE int der_next(struct der *der)
{
	__u8 head[DER_HEADER_MAX] = {};
	__u64 length, used = 2;
	__u32 more;

	if (!der || der->at >= der->end ||
	    bpf_probe_read_kernel(head, sizeof(head), (void *)der->at))
		return -EINVAL;
	if ((head[0] & DER_TAG_LONG) == DER_TAG_LONG)
		return -EINVAL;
	length = head[1];
	if (length & DER_LENGTH_LONG) {
		more = length & ~DER_LENGTH_LONG;
		if (!more || more > DER_HEADER_MAX - 2)
			return -EINVAL;
		length = 0;
		for (__u32 i = 0; i < DER_HEADER_MAX - 2; i++)
			if (i < more)
				length = length << 8 | head[2 + i];
		used += more;
	}
	if (used + length > der->end - der->at)
		return -EINVAL;
	der->value = der->at + used;
	der->length = length;
	der->tag = head[0];
	der->at = der->value + length;
	return 0;
}

/* The next element, which must have @tag. */
static __always_inline bool der_expect(struct der *der, __u32 tag)
{
	return !der_next(der) && der->tag == tag;
}

/* @inner is what the element read last holds; it may be @outer itself. */
static __always_inline void der_enter(struct der *inner, const struct der *outer)
{
	__u64 value = outer->value;

	inner->end = value + outer->length;
	inner->at = value;
}

/* Finds the SignerInfos of the signature at the end of the buffer. */
static __always_inline bool signers_find(struct signing *signing)
{
	struct der *at = &signing->signers;
	struct module_end end;
	__u64 length;

	if (signing->size < sizeof(end) ||
	    bpf_probe_read_kernel(&end, sizeof(end),
				  (void *)signing->buffer + signing->size - sizeof(end)))
		return false;
	for (int i = 0; i < MODULE_MARK_SIZE; i++)
		if (end.mark[i] != module_mark[i])
			return false;
	length = __builtin_bswap32(end.length);
	if (end.id_type != MODULE_ID_TYPE_PKCS7 || length > signing->size - sizeof(end))
		return false;
	at->end = signing->buffer + signing->size - sizeof(end);
	at->at = at->end - length;
	/* ContentInfo: the type, [0] with SignedData: version, digest algorithms, content, [0]
	 * certificates, [1] revocation lists, signers. RFC 5652, 3 and 5.1. */
	if (!der_expect(at, DER_SEQUENCE))
		return false;
	der_enter(at, at);
	if (!der_expect(at, DER_OID) || !der_expect(at, DER_CONTEXT_0))
		return false;
	der_enter(at, at);
	if (!der_expect(at, DER_SEQUENCE))
		return false;
	der_enter(at, at);
	if (!der_expect(at, DER_INTEGER) || !der_expect(at, DER_SET) ||
	    !der_expect(at, DER_SEQUENCE) || der_next(at))
		return false;
	if (at->tag == DER_CONTEXT_0 && der_next(at))
		return false;
	if (at->tag == DER_CONTEXT_1 && der_next(at))
		return false;
	if (at->tag != DER_SET)
		return false;
	der_enter(at, at);
	return true;
}

/* Takes a serial or a key id into `whole`, without leading zeros; false where it is too long. */
static __noinline bool signer_take_number(struct signing *signing, __u64 at, __u64 length,
					  __u8 part)
{
	__u8 first;

	for (int i = 0; i < SIGNER_ZEROS_MAX && length; i++) {
		if (bpf_probe_read_kernel(&first, sizeof(first), (void *)at))
			return false;
		if (first)
			break;
		at++;
		length--;
	}
	barrier_var(length); /* the verifier sees the bound only if nothing is known of it here */
	if (length > EMBARGO_SIGNER_NUMBER_SIZE)
		return false;
	if (length && bpf_probe_read_kernel(signing->whole.number, length, (void *)at))
		return false;
	signing->whole.number_length = length;
	signing->whole.parts = part;
	return true;
}

/*
 * The signer's identifier (RFC 5652, 5.3): into `whole` and `name`, which is left empty where it is
 * a key id.
 */
static __always_inline bool signer_identify(struct signing *signing)
{
	struct der info = {};

	__builtin_memset(&signing->whole, 0, sizeof(signing->whole));
	signing->name.at = signing->name.end = 0;
	signing->part.at = signing->part.end = 0;
	der_enter(&info, &signing->signers);
	if (!der_expect(&info, DER_INTEGER) || der_next(&info))
		return false;
	if (info.tag == DER_CONTEXT_0_PRIMITIVE)
		return signer_take_number(signing, info.value, info.length, EMBARGO_SIGNER_KEY_ID);
	if (info.tag != DER_SEQUENCE)
		return false;
	der_enter(&info, &info);
	if (!der_expect(&info, DER_SEQUENCE))
		return false;
	der_enter(&signing->name, &info);
	return der_expect(&info, DER_INTEGER) &&
	       signer_take_number(signing, info.value, info.length, EMBARGO_SIGNER_SERIAL);
}

/* Looks up those of the signer's parts that are in @parts, and decides by what is found. */
static __noinline int signer_look_up(struct judgement *judgement, __u32 parts)
{
	struct embargo_generation *head = generation_head(judgement->number);
	struct signing *signing = &judgement->signing;
	struct embargo_named_signer *found;

	if (!head || !((head->signer_combinations | head->waived_combinations) &
		       embargo_signer_combination(parts)))
		return 0;
	signing->key = signing->whole;
	signing->key.parts = parts;
	if (!(parts & EMBARGO_SIGNER_ISSUER_CN)) {
		signing->key.cn_length = 0;
		__builtin_memset(signing->key.issuer_cn, 0, sizeof(signing->key.issuer_cn));
	}
	if (!(parts & (EMBARGO_SIGNER_SERIAL | EMBARGO_SIGNER_KEY_ID))) {
		signing->key.number_length = 0;
		__builtin_memset(signing->key.number, 0, sizeof(signing->key.number));
	}
	found = table_find(signers, judgement->number, &signing->key);
	if (!found)
		return 0;
	waived_add(judgement, found->waived);
	if (decide_timeline(judgement, found->timeline, EMBARGO_EVENT_SIGNER))
		signing->found = signing->whole;
	return 0;
}

static long name_fold(__u32 index, struct judgement **held)
{
	struct signing *signing = &(*held)->signing;

	if (index >= SIGNER_NAME_RAW)
		return 1;
	embargo_fold_add(&signing->fold, signing->raw[index]);
	return 0;
}

static __always_inline bool is_text(__u32 tag)
{
	return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_T61_STRING ||
	       tag == DER_IA5_STRING || tag == DER_VISIBLE_STRING;
}

/* Is @attribute a common name, 2.5.4.3? Then its text goes, folded, into `whole`. */
static __always_inline bool name_take(struct judgement *judgement, struct der *attribute)
{
	struct signing *signing = &judgement->signing;
	__u8 type[3] = {};
	__u64 length;

	if (!der_expect(attribute, DER_OID) || attribute->length != sizeof(type) ||
	    bpf_probe_read_kernel(type, sizeof(type), (void *)attribute->value) ||
	    type[0] != 0x55 || type[1] != 4 || type[2] != 3)
		return false;
	if (der_next(attribute) || !is_text(attribute->tag))
		return false;
	length = attribute->length;
	barrier_var(length);
	if (!length || length > sizeof(signing->raw) ||
	    bpf_probe_read_kernel(signing->raw, length, (void *)attribute->value))
		return false;
	__builtin_memset(&signing->fold, 0, sizeof(signing->fold));
	bpf_loop(length, name_fold, &judgement, 0);
	if (!embargo_fold_is_whole(&signing->fold))
		return false;
	__builtin_memcpy(signing->whole.issuer_cn, signing->fold.text,
			 sizeof(signing->whole.issuer_cn));
	signing->whole.cn_length = signing->fold.length;
	signing->whole.parts |= EMBARGO_SIGNER_ISSUER_CN;
	return true;
}

/* The next attribute of the issuer's name; several may stand side by side. */
static long name_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct signing *signing = &judgement->signing;
	struct der attribute = {};

	if (signing->part.at >= signing->part.end) {
		if (!der_expect(&signing->name, DER_SET))
			return 1;
		der_enter(&signing->part, &signing->name);
	}
	if (!der_expect(&signing->part, DER_SEQUENCE))
		return 1;
	der_enter(&attribute, &signing->part);
	if (!name_take(judgement, &attribute))
		return 0;
	signer_look_up(judgement, any_value(EMBARGO_SIGNER_ISSUER_CN));
	signer_look_up(judgement, any_value(EMBARGO_SIGNER_ISSUER_CN | EMBARGO_SIGNER_SERIAL));
	return 0;
}

static long signer_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct signing *signing = &judgement->signing;

	if (!der_expect(&signing->signers, DER_SEQUENCE))
		return 1;
	if (!signer_identify(signing))
		return 0;
	bpf_loop(SIGNER_PARTS_MAX, name_each, &judgement, 0);
	signer_look_up(judgement, signing->whole.parts & ~EMBARGO_SIGNER_ISSUER_CN);
	return 0;
}

/* Takes the rules about any signer of the module in the buffer into the decision in @slot. */
VERIFIED_ONCE int signers_match(__u32 slot)
{
	struct judgement *judgement = bpf_map_lookup_elem(&judgements, &slot);

	if (judgement && signers_find(&judgement->signing))
		bpf_loop(SIGNERS_MAX, signer_each, &judgement, 0);
	return 0;
}

#endif
