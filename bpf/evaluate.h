/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one path of every request: label, size filter, digest, look-up, decision, event, errno. */
#ifndef EMBARGO_EVALUATE_H
#define EMBARGO_EVALUATE_H

#include "digest.h"
#include "event.h"
#include "path.h"
#include "sighting.h"
#include "stage.h"
#include "waive.h"

/* Look-ups begun anew because a reload came between; two reloads within microseconds are rare. */
#define RELOAD_TRIES 8

static __always_inline void facts_gather(struct inode *inode, struct embargo_facts *facts)
{
	bool behind;
	__u32 nsec;
	__s64 sec;

	facts->now = clock_now(&behind);
	facts->clock_behind = behind;
	facts->ctime = 0;
	facts->arrival_unknown = 1;
	if (!inode)
		return;
	ctime_read(inode, &sec, &nsec);
	facts->ctime = sec * 1000000000LL + nsec;
	facts->arrival_unknown =
		!embargo_filesystem_dates_arrival(BPF_CORE_READ(inode, i_sb, s_magic),
						  BPF_CORE_READ(inode, i_sb, s_flags) & SB_RDONLY);
}

/* Path rules speak of running and loading: a mapping that merely reads is none of theirs. The warm
 * path of open(2) goes by its own word, and costs the others nothing. */
static __always_inline bool paths_count(const struct embargo_generation *head, __u32 scope)
{
#ifdef JUDGES_OPEN
	return head->open_paths;
#else
	return head->path_count && scope != EMBARGO_SCOPE_MAP_DATA;
#endif
}

/* The same where all of them meet. */
static __always_inline bool paths_judge(const struct embargo_generation *head, __u32 scope)
{
	if (scope == EMBARGO_SCOPE_OPEN)
		return head->open_paths;
	return head->path_count && scope != EMBARGO_SCOPE_MAP_DATA;
}

/* Are paths to be looked at: for rules, or at least for waivers of what is denied already? */
static __always_inline bool paths_matter(struct judgement *judgement,
					 const struct embargo_generation *head)
{
	judgement->waivers_only = !paths_judge(head, judgement->request.scope);
	return !judgement->waivers_only ||
	       (head->waived_paths && judgement->decision.verdict == EMBARGO_VERDICT_DENY);
}

/*
 * What is opened and cannot be hashed. A caller who brought that about (O_DIRECT) counts as one
 * who evades only where the file has the very size of a listed one: databases and virtual machines
 * open all that they have so.
 */
static __always_inline __u32 open_undigested(const struct embargo_generation *head, __u64 number,
					     const struct request *request)
{
	__u64 size = request->size;
	__u32 *scopes;

	if (request->state == DIGEST_FAILED)
		return head->open_error;
	scopes = table_find(sizes, number, &size);
	if ((scopes && (*scopes & EMBARGO_SCOPE_OPEN)) ||
	    (learned_size_scopes(number, size) & EMBARGO_SCOPE_OPEN))
		return head->open_evasion;
	return head->open_error;
}

/* The timeline that the digest's state calls for; 0 is none. */
static __always_inline __u32 digest_decides(const struct embargo_generation *head, __u64 number,
					    const struct request *request)
{
	if (request->state == DIGEST_KNOWN)
		return digest_timeline(number, &request->digest, request->scope);
	if (request->scope == EMBARGO_SCOPE_OPEN &&
	    (request->state == DIGEST_FAILED || request->state == DIGEST_EVADED))
		return open_undigested(head, number, request);
	if (request->state == DIGEST_FAILED)
		return head->on_error;
	if (request->state == DIGEST_EVADED)
		return head->on_evasion;
	if (request->state == DIGEST_UNSEEN)
		return head->kexec_load;
	return 0;
}

/* A newer generation than the one whose size filter was asked may want what that did not. */
static __always_inline void digest_reconsider(const struct embargo_generation *head, __u64 number,
					      struct request *request)
{
	if (request->state != DIGEST_NOT_WANTED && request->state != DIGEST_MISSING)
		return;
	request->state = digest_wanted(head, number, request->size, request->scope)
				 ? DIGEST_MISSING
				 : DIGEST_NOT_WANTED;
}

/* Judges by the generation in force now; 1, the end of the loop, where that is still in force
 * afterwards. */
static long judge_once(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	__u64 number = current_generation;
	struct embargo_generation *head = generation_head(number);

	if (!head)
		return number == current_generation;
	judgement->number = number;
	judgement->flags = 0;
	judgement->waiver = 0;
	judgement->denial.count = 0;
	judgement->denial.sets = 0;
	digest_reconsider(head, number, &judgement->request);
	__builtin_memset(&judgement->decision, 0, sizeof(judgement->decision));
	decide_timeline(judgement, digest_decides(head, number, &judgement->request), 0);
	if (learned_epoch(head) != number && judgement->request.state == DIGEST_KNOWN &&
	    !learned_decide(judgement)) {
		count(EMBARGO_COUNTER_RETRIED);
		return 0;
	}
	if (judgement->dentry && paths_matter(judgement, head))
		path_match(judgement);
	if (current_generation == number)
		return 1;
	count(EMBARGO_COUNTER_RETRIED);
	return 0;
}

/* Reaches the decision of the judgement in @slot, from its request and its facts. */
VERIFIED_ONCE int judgement_decide(__u32 slot)
{
	struct judgement *judgement = bpf_map_lookup_elem(&judgements, &slot);

	if (judgement)
		bpf_loop(RELOAD_TRIES, judge_once, &judgement, 0);
	return 0;
}

static long judgement_try(__u32 index, __u32 *slot)
{
	struct judgement *judgement;

	*slot = (*slot + 1) % JUDGEMENTS;
	judgement = bpf_map_lookup_elem(&judgements, slot);
	return judgement && !__sync_val_compare_and_swap(&judgement->taken, 0, 1);
}

/*
 * A free slot, its number in @slot, or NULL where hundreds are taken. It must be given back before
 * anything sleeps. The search begins at a place of the task's own. A place of the CPU's own would
 * be one number on a host with a single CPU, and a verifier that knows it (7.x) goes through the
 * loop turn by turn.
 */
static __always_inline struct judgement *judgement_take(__u32 *slot)
{
	*slot = bpf_get_current_pid_tgid() % JUDGEMENTS;
	if (bpf_loop(JUDGEMENTS, judgement_try, slot, 0) == JUDGEMENTS)
		return NULL;
	return bpf_map_lookup_elem(&judgements, slot);
}

static __always_inline int conclude(struct file *file, struct judgement *judgement, __u32 slot)
{
	struct embargo_decision *decision = &judgement->decision;

	if (judgement->request.state == DIGEST_FAILED ||
	    judgement->request.state == DIGEST_EVADED) {
		judgement->flags |= EMBARGO_EVENT_NO_DIGEST;
		count(EMBARGO_COUNTER_DIGEST_FAILED);
	}
	if (judgement->request.state == DIGEST_EVADED)
		judgement->flags |= EMBARGO_EVENT_EVASION;
	if (decision->verdict < EMBARGO_VERDICT_AUDIT)
		return 0;
	if (decision->verdict == EMBARGO_VERDICT_DENY && bpf_get_current_pid_tgid() >> 32 == 1) {
		decision->verdict = EMBARGO_VERDICT_AUDIT; /* a host without PID 1 is a dead host */
		judgement->flags |= EMBARGO_EVENT_EXEMPT;
	}
	count(decision->verdict == EMBARGO_VERDICT_DENY ? EMBARGO_COUNTER_DENIED
							: EMBARGO_COUNTER_AUDITED);
	event_send(file, slot);
	return decision->verdict == EMBARGO_VERDICT_DENY ? -EPERM : 0;
}

/* The judgement of @request in a slot, whose number goes to @slot; NULL, counted: there is none. */
static __always_inline struct judgement *judgement_begin(struct file *file, struct request *request,
							 __u32 *slot)
{
	struct judgement *judgement = judgement_take(slot);

	if (!judgement) {
		count(EMBARGO_COUNTER_UNJUDGED);
		return NULL;
	}
	judgement->request = *request;
	facts_gather(file ? file->f_inode : NULL, &judgement->facts);
	__builtin_memset(&judgement->decision, 0, sizeof(judgement->decision));
	return judgement;
}

/* Is the digest to be had before anything is decided? */
static __always_inline bool digest_lacks(const struct request *request)
{
	return request->state == DIGEST_MISSING || request->state == DIGEST_SOUGHT;
}

/* Tells of the decision, and gives the slot back. */
static __always_inline int judgement_end(struct file *file, struct judgement *judgement, __u32 slot,
					 struct request *request)
{
	int result;

	request->state = judgement->request.state;
	result = digest_lacks(request) ? 0 : conclude(file, judgement, slot);
	__sync_lock_test_and_set(&judgement->taken, 0);
	return result;
}

/*
 * Judges @request by one generation, whole, and tells of it. Returns 0 or -EPERM; or 0 with a state
 * of DIGEST_MISSING or DIGEST_SOUGHT, and then has neither judged nor told.
 */
static __always_inline int judge(struct file *file, struct request *request)
{
	__u32 slot;
	struct judgement *judgement = judgement_begin(file, request, &slot);

	if (!judgement)
		return 0;
	judgement->mount = file ? mount_of(file->f_path.mnt) : NULL;
	judgement->dentry = file ? file->f_path.dentry : NULL;
	for (int i = 0; i < RELOAD_TRIES; i++) {
		judgement_decide(slot);
		if (judgement->decision.verdict != EMBARGO_VERDICT_DENY || waivers_settle(slot))
			break;
		count(EMBARGO_COUNTER_RETRIED);
	}
	return judgement_end(file, judgement, slot, request);
}

#if !defined(MAY_SLEEP) && defined(JUDGES_OPEN)
/* What can be known without hashing: the label on a real inode beneath overlay. A stale one proves
 * nothing: the file may hold anything by now. */
static __always_inline void digest_remembered(struct file *file, struct inode *inode,
					      struct request *request)
{
	request->state = DIGEST_UNLABELLED;
	if (overlay_label_get(inode, own_writers(file), &request->digest)) {
		request->state = DIGEST_KNOWN;
		count(EMBARGO_COUNTER_LABEL_HIT);
	}
}
#elif !defined(MAY_SLEEP)
/*
 * What can be known without hashing: the label on a real inode beneath overlay, or a label that has
 * gone stale. A stale one counts only for a sized digest: every mapping of a file of that size was
 * hashed when it was made, so this mapping is older than the change, and shows what the label says.
 */
static __always_inline void digest_remembered(struct file *file, struct inode *inode,
					      struct request *request)
{
	request->state = DIGEST_UNLABELLED;
	if (overlay_label_get(inode, own_writers(file), &request->digest) ||
	    (label_last(inode, &request->digest) &&
	     (digest_timeline(current_generation, &request->digest, EMBARGO_SCOPE_MAP_DATA) ||
	      (learned_scopes(current_generation, &request->digest) & EMBARGO_SCOPE_MAP_DATA)))) {
		request->state = DIGEST_KNOWN;
		count(EMBARGO_COUNTER_LABEL_HIT);
	}
}
#endif

static __always_inline __u64 content_size(struct file *file, struct inode *inode)
{
	if (embargo_filesystem_class(inode->i_sb->s_magic) == EMBARGO_FILESYSTEM_OVERLAY)
		return overlay_size(file, inode);
	return inode->i_size;
}

/* Has the digest of @file, from its label or by hashing it. */
static __noinline void digest_have(struct file *file, __u64 max_hash, struct request *request)
{
	struct inode *inode = file->f_inode;
	struct label *label = label_get(inode, own_writers(file));

	if (label) {
		request->state = DIGEST_KNOWN;
		request->digest = label->digest;
		count(EMBARGO_COUNTER_LABEL_HIT);
		return;
	}
#ifdef MAY_SLEEP
	if (embargo_filesystem_class(inode->i_sb->s_magic) == EMBARGO_FILESYSTEM_OVERLAY)
		digest_overlay_file(file, inode, max_hash, request);
	else
		digest_file(file, inode, max_hash, request);
#else
	digest_remembered(file, inode, request);
#endif
	request->state = any_value(request->state);
	request->error = any_value(request->error);
}

/*
 * Out of line: the file must be hashed, or its digest or path may be listed. What was judged
 * without a digest is judged again with one where a generation that came between wants it, or a
 * waiver may be of it.
 */
static __noinline int evaluate_fully(struct file *file, __u32 operation, __u32 scope, __u32 wanted)
{
	struct inode *inode = file->f_inode;
	struct request request = { .operation = any_value(operation), .scope = any_value(scope) };
	struct embargo_generation *head;
	int result = 0;
	bool is_sought;
	__u64 number;

	head = generation_current(&number);
	if (!head || (inode->i_mode & S_IFMT) != S_IFREG)
		return 0;
	count(EMBARGO_COUNTER_CHECKED);
	request.size = content_size(file, inode);
	request.state = any_value(wanted ? DIGEST_MISSING : DIGEST_NOT_WANTED);
	for (int i = 0; i < 2; i++) {
		is_sought = request.state == DIGEST_SOUGHT;
		if (digest_lacks(&request))
			digest_have(file, head->max_hash, &request);
		/* No rule wanted it: that it cannot be had is no error. */
		if (is_sought && request.state != DIGEST_KNOWN)
			request.state = DIGEST_UNLABELLED;
		result = judge(file, &request);
		if (!digest_lacks(&request))
			break;
	}
	return result;
}

/* What the warm path finds out. */
enum outlook {
	OUTLOOK_TOLD,  /* no rule touches the file, and who looks into files was told of it */
	OUTLOOK_CLEAR, /* no rule touches the file */
	OUTLOOK_PATH,  /* a path rule may; its digest matters to none */
	OUTLOOK_DIGEST,
};

/* Counts a file that the warm path clears, by @what cleared it: a constant, so that it costs two
 * additions. False where a reload came between. */
static __always_inline bool clear(__u64 number, const enum embargo_counter what)
{
	struct embargo_counters *row;

	if (current_generation != number)
		return false;
	row = counters_row();
	count_in(row, EMBARGO_COUNTER_CHECKED);
	if (what != EMBARGO_COUNTER_CHECKED)
		count_in(row, what);
	return true;
}

/* The same of one whose digest is wanted: its label may hold, and say that it is unlisted. */
static __always_inline enum outlook look_at_label(struct inode *inode,
						  const struct embargo_generation *head,
						  __u64 number, bool tells)
{
	struct label *label = label_get(inode, 0);
	enum label_look look;

	if (!label)
		return OUTLOOK_DIGEST;
	look = label_look(label, head, number, tells);
	if (look == LABEL_LISTED || !clear(number, EMBARGO_COUNTER_LABEL_HIT))
		return OUTLOOK_DIGEST;
	return look == LABEL_REMEMBERS ? OUTLOOK_TOLD : OUTLOOK_CLEAR;
}

/*
 * The warm path: is it certain that no rule touches @file in @scope? So it is with a file that the
 * size filter clears, and with one whose label still holds and is not listed, where no path rule
 * can match either.
 */
static __always_inline enum outlook look_at(struct file *file, struct inode *inode, __u32 scope,
					    bool tells)
{
	struct embargo_generation *head;
	__u64 number;
	bool wanted;

	head = generation_current(&number);
	if (!head)
		return OUTLOOK_CLEAR;
	/* How large an overlay's file really is costs some steps: asked only where sizes decide. */
	wanted = (head->unsized_scopes & scope) ||
		 ((head->sized_scopes & scope) &&
		  digest_wanted(head, number, content_size(file, inode), scope));
	if (paths_count(head, scope) && path_may_match(file, head))
		return wanted ? OUTLOOK_DIGEST : OUTLOOK_PATH;
	if (wanted)
		return look_at_label(inode, head, number, tells);
	if (head->sized_scopes & scope)
		return clear(number, EMBARGO_COUNTER_SIZE_FILTERED) ? OUTLOOK_CLEAR
								    : OUTLOOK_DIGEST;
	return clear(number, EMBARGO_COUNTER_CHECKED) ? OUTLOOK_CLEAR : OUTLOOK_DIGEST;
}

/*
 * Evaluates a request for @file in @scope. Returns 0 or -EPERM. @tells: it runs the file's bytes,
 * and who looks into files hears of it, whatever is decided.
 */
static __always_inline int evaluate(struct file *file, __u32 operation, __u32 scope, bool tells)
{
	struct inode *inode = file->f_inode;
	enum outlook outlook = look_at(file, inode, scope, tells);

	if (outlook == OUTLOOK_TOLD)
		return 0;
	if (tells)
		sighting_look(file, inode, operation);
	if (outlook == OUTLOOK_CLEAR)
		return 0;
	return evaluate_fully(file, operation, scope, outlook == OUTLOOK_DIGEST);
}

#endif
