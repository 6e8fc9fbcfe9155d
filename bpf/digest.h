/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests: when one is needed (the size filter), how a file's is had, and whether it is listed. */
#ifndef EMBARGO_BPF_DIGEST_H
#define EMBARGO_BPF_DIGEST_H

#include "label.h"
#include "learned.h"
#include "overlay.h"
#include "request.h"

/* The size filter: can content of @size bytes match a digest that is listed for @scope? */
static __always_inline bool digest_wanted(const struct embargo_generation *head, __u64 number,
					  __u64 size, __u32 scope)
{
	__u32 *scopes;

	if (head->unsized_scopes & scope)
		return true;
	if (!(head->sized_scopes & scope) ||
	    !embargo_filter_has(head->size_filter, embargo_size_bit(size)))
		return false;
	scopes = table_find(sizes, number, &size);
	if (scopes && (*scopes & scope))
		return true;
	return learned_epoch(head) != number && (learned_size_scopes(number, size) & scope);
}

/* The timeline of @digest in @scope; 0 where it is not listed there. */
static __always_inline __u32 digest_timeline(__u64 number, const struct embargo_digest *digest,
					     __u32 scope)
{
	struct embargo_listed *listed = table_find(digests, number, digest);

	if (!listed || !(listed->scopes & scope))
		return 0;
	return scope == EMBARGO_SCOPE_OPEN ? listed->opens : listed->timeline;
}

/*
 * Is the digest of @label on no list of generation @number at all, and not learned in it? The label
 * remembers that; and where files are told of, only of one that @is_told by this request, so that
 * what it remembers is enough for the next.
 */
static __always_inline enum label_look label_look(struct label *label,
						  const struct embargo_generation *head,
						  __u64 number, bool is_told)
{
	__u64 epoch = learned_epoch(head), key = sight_key;
	__u64 unlisted = label_unlisted(&label->digest, epoch, key);

	if (label->unlisted == unlisted)
		return LABEL_REMEMBERS;
	if (table_find(digests, number, &label->digest) ||
	    (epoch != number && learned_scopes(number, &label->digest)))
		return LABEL_LISTED;
	if (is_told || !key)
		*(volatile __u64 *)&label->unlisted = unlisted;
	return LABEL_UNLISTED;
}

/* Does IMA digest files here? The loader's trial has the answer. Where it does not, modules are
 * hashed in their buffer. */
static __always_inline bool ima_digests(void)
{
	__u32 zero = 0;
	struct embargo_probe *tried = bpf_map_lookup_elem(&probe, &zero);

	return tried && tried->algorithm == HASH_ALGO_SHA256;
}

#ifdef MAY_SLEEP
/* Once an IMA policy is loaded, IMA may answer from its cache while a file is being written. */
static __always_inline bool ima_answers_from_cache(void)
{
	int policy = 0;

	if (!ima_policy_flag ||
	    bpf_probe_read_kernel(&policy, sizeof(policy), (void *)ima_policy_flag))
		return ima_policy_assumed;
	return policy;
}

static __always_inline void digest_fail(struct request *request, __u32 state, __s32 error)
{
	request->state = state;
	request->error = error;
}

/*
 * IMA does not say why it refuses. Whoever shares the descriptor can have O_DIRECT on while IMA
 * looks and off again when we look, but hardly so many times in a row. A refusal takes no reading.
 */
#define HASH_TRIES 8

/* Asks IMA for the digest of @file; what IMA refuses to a descriptor opened O_DIRECT is its
 * opener's doing. */
static __noinline void digest_hash(struct file *file, struct inode *content, __u64 max_hash,
				   struct request *request)
{
	long algorithm = -EOPNOTSUPP;
	bool direct = false;

	if (request->size > max_hash) {
		digest_fail(request, DIGEST_FAILED, -EFBIG);
		return;
	}
	if (embargo_filesystem_class(BPF_CORE_READ(content, i_sb, s_magic)) ==
	    EMBARGO_FILESYSTEM_FUSE) {
		digest_fail(request, DIGEST_FAILED,
			    -EOPNOTSUPP); /* a server that hangs would park us */
		return;
	}
	if (BPF_CORE_READ(content, i_writecount.counter) > own_writers(file) &&
	    ima_answers_from_cache()) {
		digest_fail(request, DIGEST_FAILED, -EOPNOTSUPP);
		return;
	}
	for (int i = 0; i < HASH_TRIES && algorithm < 0 && !direct; i++) {
		algorithm = bpf_ima_file_hash(file, &request->digest, sizeof(request->digest));
		direct = file->f_flags & O_DIRECT;
	}
	if (algorithm == HASH_ALGO_SHA256) {
		request->state = DIGEST_KNOWN;
		count(EMBARGO_COUNTER_HASHED);
	} else if (direct) {
		digest_fail(request, DIGEST_EVADED, algorithm < 0 ? algorithm : -EOPNOTSUPP);
	} else {
		digest_fail(request, DIGEST_FAILED, algorithm < 0 ? algorithm : -EOPNOTSUPP);
	}
}

/* Hashes a file that has no label, and labels it where that will hold. */
static __noinline void digest_file(struct file *file, struct inode *inode, __u64 max_hash,
				   struct request *request)
{
	struct label label = {};
	__u32 seen = stamp_sight(inode, &label.stamp);

	digest_hash(file, inode, max_hash, request);
	if (request->state != DIGEST_KNOWN ||
	    !stamp_lasts(inode_address(file), &label.stamp,
			 seen | SIGHT_COUNTED)) /* the hash asked */
		return;
	label.digest = request->digest;
	label_keep(inode, &label);
}

/*
 * The same for a file of an overlay, by its real inode; without one it is hashed each time. IMA
 * reads as far as the overlay's own size goes: where that is not the real one, there is no digest.
 */
static __noinline void digest_overlay_file(struct file *file, struct inode *inode, __u64 max_hash,
					   struct request *request)
{
	struct inode *real = file_real_inode(file);
	struct label label = {};
	__u32 seen = 0;

	if (real && overlay_label_get(real, own_writers(file), &request->digest)) {
		request->state = DIGEST_KNOWN;
		count(EMBARGO_COUNTER_LABEL_HIT);
		return;
	}
	if (real)
		seen = stamp_sight(real, &label.stamp);
	if (overlay_counted)
		seen |= SIGHT_COUNTED; /* the hash asks */
	digest_hash(file, real ?: inode, max_hash, request);
	if (!real || request->state != DIGEST_KNOWN)
		return;
	if (BPF_CORE_READ(inode, i_size) != BPF_CORE_READ(real, i_size)) {
		digest_fail(request, overlay_is_users(inode) ? DIGEST_EVADED : DIGEST_FAILED,
			    -ESTALE);
		return;
	}
	if (real != file_real_inode(file) || !stamp_lasts((__u64)real, &label.stamp, seen))
		return;
	label.digest = request->digest;
	overlay_label_keep(real, &label);
}
#endif

#endif
