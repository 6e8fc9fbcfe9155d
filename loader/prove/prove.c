// SPDX-License-Identifier: GPL-2.0-or-later
/* The proof: makes the canaries, bans them in a private slot, and tries each way with a twin. */
#include "loader/prove/prove.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/sha256.h"
#include "loader/host/host.h"
#include "loader/kernel/slot.h"
#include "loader/prove/attempt.h"

/* What scripts among the canaries name: no canary itself, and listed nowhere. */
#define INTERPRETER "interpreter"

/* In the order of a report; what is attached is attached by their operations, in this order too. */
static const struct embargo_ways *const all[] = {
	&embargo_ways_exec,   &embargo_ways_place,  &embargo_ways_map,
	&embargo_ways_change, &embargo_ways_kernel, &embargo_ways_told,
};

/* A way on trial. Until it is banned a content of the same size is, which nobody has. */
struct trial {
	const struct embargo_way *way;
	struct embargo_canary canary;
	struct embargo_slot_ban ban;
	bool is_banned;
};

struct prover {
	struct embargo_ground ground;
	struct embargo_slot *slot; /* NULL: the kernel asks no program */
	struct trial *trials;
	size_t count;
	int algorithm;
	struct embargo_diagnostic *diagnostic;
};

static void cleanup_prover(struct prover *prover)
{
	for (size_t i = 0; i < prover->count; i++)
		embargo_canary_free(&prover->trials[i].canary);
	free(prover->trials);
	embargo_slot_close(prover->slot);
	if (prover->ground.labelled >= 0)
		close(prover->ground.labelled);
}

static const __u32 scopes[EMBARGO_OPERATION_COUNT] = {
	[EMBARGO_OPERATION_EXEC] = EMBARGO_SCOPES_EXEC | EMBARGO_SCOPES_MAP,
	[EMBARGO_OPERATION_MAP] = EMBARGO_SCOPES_EXEC | EMBARGO_SCOPES_MAP,
	[EMBARGO_OPERATION_MODULE] = EMBARGO_SCOPE_MODULE,
	[EMBARGO_OPERATION_KEXEC] = EMBARGO_SCOPE_KEXEC,
};

/* Two of one size would share what the size filter says of them. */
static bool size_is_taken(const struct prover *prover, size_t size)
{
	for (size_t i = 0; i < prover->count; i++)
		if (prover->trials[i].canary.size == size)
			return true;
	return false;
}

static int make_trial(struct prover *prover, const struct embargo_way *way)
{
	struct trial *trial = &prover->trials[prover->count];
	size_t size;
	int error;

	do {
		error = embargo_canary_size(&size);
	} while (!error && size_is_taken(prover, size));
	if (!error)
		error = embargo_canary_make(way->kind, size, EMBARGO_GROUND "/" INTERPRETER,
					    &trial->canary);
	if (error)
		return error;
	trial->way = way;
	trial->is_banned = !way->is_banned_later;
	trial->ban.size = size;
	prover->count++;
	return embargo_sha256_memory(trial->canary.listed, size, &trial->ban.digest);
}

static size_t count_ways(void)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		count += all[i]->count;
	return count;
}

static int make_trials(struct prover *prover)
{
	int error = 0;

	prover->trials = calloc(count_ways(), sizeof(*prover->trials));
	if (!prover->trials)
		return -ENOMEM;
	for (size_t i = 0; !error && i < ARRAY_SIZE(all); i++)
		for (size_t j = 0; !error && j < all[i]->count; j++)
			if (all[i]->row[j].attempt)
				error = make_trial(prover, &all[i]->row[j]);
	return error;
}

static int install(struct prover *prover)
{
	_cleanup_free_
	struct embargo_slot_ban *bans = calloc(prover->count, sizeof(*bans));

	if (!bans)
		return -ENOMEM;
	for (size_t i = 0; i < prover->count; i++) {
		bans[i] = prover->trials[i].ban;
		if (!prover->trials[i].is_banned)
			bans[i].digest.bytes[0] ^= 1;
	}
	return embargo_slot_install(prover->slot, bans, prover->count, prover->diagnostic);
}

struct banning {
	struct prover *prover;
	struct trial *trial;
};

static int ban(void *context)
{
	struct banning *banning = context;

	if (!banning->prover->slot || banning->trial->is_banned)
		return 0;
	banning->trial->is_banned = true;
	return install(banning->prover);
}

/* Where the kernel runs without the bpf module, there is no slot: then all is open, and shown to
 * be. Nothing else of what can be missing is taken for that. */
static int open_slot(struct prover *prover)
{
	struct embargo_host host;
	int error = embargo_slot_open(&prover->slot, prover->diagnostic);

	embargo_host_read("/", &host);
	if (error == -ENOTSUP && host.bpf_listed == EMBARGO_ANSWER_NO)
		return 0;
	if (error)
		return error;
	prover->algorithm = embargo_slot_try_digest(prover->slot);
	return install(prover);
}

/* The twin first, in the same words: what it cannot do says nothing of the other. */
static int try(struct prover *prover, struct trial *trial, struct embargo_proof_way *result)
{
	struct banning banning = { prover, trial };
	struct embargo_attempt attempt = {
		.way = trial->way,
		.ground = &prover->ground,
		.canary = &trial->canary,
		.bytes = trial->canary.twin,
		.size = trial->canary.size,
	};
	enum embargo_verdict told = EMBARGO_VERDICT_UNKNOWN;
	int twin, listed = 0, error = 0;

	if (prover->slot)
		error = embargo_slot_attach(prover->slot, scopes[trial->way->operation],
					    prover->diagnostic);
	if (error)
		return error;
	twin = embargo_attempt_make(&attempt, ban, &banning);
	/* It was banned while the twin waited: the next one waits for the same. */
	if (trial->way->is_banned_later && prover->slot) {
		trial->is_banned = false;
		error = install(prover);
	}
	if (error)
		return error;
	if (!twin) {
		attempt.bytes = trial->canary.listed;
		listed = embargo_attempt_make(&attempt, ban, &banning);
		if (prover->slot)
			told = embargo_slot_told(prover->slot, &trial->ban.digest);
	}
	embargo_prove_judge(trial->way, twin, listed, told, prover->algorithm, result);
	if (!prover->slot && result->outcome == EMBARGO_OUTCOME_OPEN)
		snprintf(result->because, sizeof(result->because), "%s: %s",
			 prover->diagnostic->what, prover->diagnostic->remedy);
	return 0;
}

/* A program that scripts may name, with bytes of its own. */
static int put_interpreter(struct prover *prover)
{
	struct embargo_canary canary = { .kind = EMBARGO_CANARY_UNKNOWN };
	struct embargo_attempt attempt = { .ground = &prover->ground };
	int error = embargo_canary_make(EMBARGO_CANARY_PROGRAM, EMBARGO_CANARY_LEAST - 2, NULL,
					&canary);

	attempt.size = canary.size;
	if (!error)
		error = embargo_attempt_write(&attempt, INTERPRETER, canary.listed);
	embargo_canary_free(&canary);
	return error;
}

static int try_all(struct prover *prover, struct embargo_proof *proof)
{
	size_t next = 0;
	int error = 0;

	for (size_t i = 0; !error && i < ARRAY_SIZE(all); i++) {
		for (size_t j = 0; !error && j < all[i]->count; j++) {
			struct embargo_proof_way *result = &proof->ways[proof->count];

			if (all[i]->row[j].attempt)
				error = try(prover, &prover->trials[next++], result);
			else
				embargo_prove_judge(&all[i]->row[j], 0, 0, EMBARGO_VERDICT_UNKNOWN,
						    0, result);
			proof->count += !error;
		}
	}
	return error;
}

int embargo_prove(struct embargo_proof *proof, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_prover) struct prover prover = { .ground = { .labelled = -1 },
							   .diagnostic = diagnostic };
	struct embargo_proof made = { .ways = NULL };
	int error = make_trials(&prover);

	if (error == -ENOTSUP)
		return embargo_diagnostic_what(diagnostic, error,
					       "no canary is known for this machine");
	if (!error)
		error = open_slot(&prover);
	if (!error)
		error = embargo_ground_open(&prover.ground, diagnostic);
	if (!error)
		error = put_interpreter(&prover);
	if (error)
		return error;
	made.ways = calloc(count_ways(), sizeof(*made.ways));
	error = made.ways ? try_all(&prover, &made) : -ENOMEM;
	if (error) {
		embargo_proof_free(&made);
		return error;
	}
	*proof = made;
	return 0;
}

void embargo_proof_free(struct embargo_proof *proof)
{
	free(proof->ways);
	*proof = (struct embargo_proof) { .ways = NULL };
}
