// SPDX-License-Identifier: GPL-2.0-or-later
/* Learning: first what is found, then the filter before it, last the word that says so. */
#include "loader/kernel/learned.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/heads.h"
#include "loader/kernel/pins.h"

struct embargo_learned {
	int digests;
	int sizes;
	int generations;
	int current;
	struct embargo_generation *heads;
};

static int open_maps(struct embargo_learned *learned)
{
	learned->digests = embargo_pins_open("maps", "learned");
	learned->sizes = embargo_pins_open("maps", "learned_sizes");
	learned->generations = embargo_pins_open("maps", "generations");
	learned->current = embargo_pins_open("maps", "current");
	if (learned->digests < 0)
		return learned->digests;
	if (learned->sizes < 0)
		return learned->sizes;
	if (learned->current < 0)
		return learned->current;
	if (learned->generations < 0)
		return learned->generations;
	return embargo_heads_open(learned->generations, &learned->heads);
}

int embargo_learned_open(struct embargo_learned **learned)
{
	struct embargo_learned *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	error = open_maps(made);
	if (error)
		embargo_learned_close(made);
	else
		*learned = made;
	return error;
}

static void close_map(int map)
{
	if (map >= 0)
		close(map);
}

void embargo_learned_close(struct embargo_learned *learned)
{
	if (!learned)
		return;
	embargo_heads_release(learned->heads);
	close_map(learned->digests);
	close_map(learned->sizes);
	close_map(learned->generations);
	close_map(learned->current);
	free(learned);
}

int embargo_learned_generation(const struct embargo_learned *learned, __u64 *number)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(learned->current, &zero, number) ? -errno : 0;
}

static int expect_generation(const struct embargo_learned *learned, __u64 number)
{
	__u64 now;
	int error = embargo_learned_generation(learned, &now);

	if (error)
		return error;
	return now == number && number ? 0 : -ESTALE;
}

/* Where it is full of what former generations learned, there is room. */
static int put_digest(struct embargo_learned *learned, const struct embargo_digest *digest,
		      const struct embargo_learned_digest *entry)
{
	if (!bpf_map_update_elem(learned->digests, digest, entry, BPF_ANY))
		return 0;
	if (errno != E2BIG)
		return -errno;
	if (embargo_learned_sweep(learned) <= 0)
		return -E2BIG;
	return bpf_map_update_elem(learned->digests, digest, entry, BPF_ANY) ? -errno : 0;
}

/* Files of one size may be learned for different scopes. */
static int put_size(struct embargo_learned *learned, __u64 number, __u64 size, __u32 scopes)
{
	struct embargo_learned_size entry, old;

	entry = (struct embargo_learned_size) {
		.size = size,
		.generation = number,
		.scopes = scopes,
	};
	if (!bpf_map_lookup_elem(learned->sizes, &size, &old) && old.generation == number)
		entry.scopes |= old.scopes;
	return bpf_map_update_elem(learned->sizes, &size, &entry, BPF_ANY) ? -errno : 0;
}

int embargo_learned_add(struct embargo_learned *learned, __u64 number,
			const struct embargo_digest *digest, __u64 size, __u32 scopes,
			const __u32 *timelines, size_t count, __u32 opens,
			const struct embargo_waiver_set *waived)
{
	struct embargo_learned_digest entry = {
		.generation = number,
		/* What is waived alone is not looked for: it counts where something else denies. */
		.scopes = count ? scopes : 0,
		.count = (__u32)count,
		.opens = opens,
		.waived = *waived,
	};
	int error;

	if ((!count && !waived->number[0]) || count > EMBARGO_LEARNED_TIMELINES)
		return -EINVAL;
	memcpy(&entry.word, digest->bytes, sizeof(entry.word));
	memcpy(entry.timelines, timelines, count * sizeof(*timelines));
	error = expect_generation(learned, number);
	if (!error)
		error = put_digest(learned, digest, &entry);
	if (!error && !count)
		return expect_generation(learned, number);
	if (!error)
		error = put_size(learned, number, size, scopes);
	if (error)
		return error;
	embargo_heads_learn(learned->heads, number, size, scopes);
	return expect_generation(learned, number);
}

/* A key and a value of either map: digests and sizes begin alike. */
union any_key {
	struct embargo_digest digest;
	__u64 size;
};

union any_value {
	struct embargo_learned_digest digest;
	struct embargo_learned_size size;
};
_Static_assert(offsetof(struct embargo_learned_digest, generation) ==
		       offsetof(struct embargo_learned_size, generation),
	       "the generation of either stands at one place");

/* Counts the entries of @map of generation @number; @others: takes all others away, and counts
 * those. */
static size_t go_through(int map, __u64 number, bool others)
{
	union any_key key, next;
	union any_value value;
	size_t count = 0;
	int more = bpf_map_get_next_key(map, NULL, &next);

	/* A key that somebody else removes begins it anew: twice the entries are enough. */
	for (size_t i = 0; !more && i < 2 * EMBARGO_LEARNED_MAX; i++) {
		key = next;
		more = bpf_map_get_next_key(map, &key, &next);
		if (bpf_map_lookup_elem(map, &key, &value) ||
		    (value.digest.generation == number) == others)
			continue;
		if (!others || !bpf_map_delete_elem(map, &key))
			count++;
	}
	return count;
}

int embargo_learned_sweep(struct embargo_learned *learned)
{
	__u64 number;
	int error = embargo_learned_generation(learned, &number);

	if (error)
		return error;
	go_through(learned->sizes, number, true);
	return (int)go_through(learned->digests, number, true);
}

int embargo_learned_count(const struct embargo_learned *learned, size_t *count, size_t *room)
{
	__u64 number;
	int error = embargo_learned_generation(learned, &number);

	if (error)
		return error;
	*count = go_through(learned->digests, number, false);
	*room = EMBARGO_LEARNED_MAX - *count;
	return 0;
}
