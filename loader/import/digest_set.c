// SPDX-License-Identifier: GPL-2.0-or-later
/* Open addressing, at most three quarters full. */
#include "loader/import/digest_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct embargo_digest_place {
	struct embargo_digest digest;
	uint8_t mark;
};

#define FIRST_ROOM 4096

/*
 * Sums of products with secret odd numbers: who writes the digests does not choose where they go.
 */
static size_t first_place(const struct embargo_digest_set *set, const struct embargo_digest *digest)
{
	uint64_t words[4], sum = 0;

	memcpy(words, digest->bytes, sizeof(words));
	for (size_t i = 0; i < 4; i++)
		sum += (words[i] ^ (words[i] >> 32)) * set->key[i];
	return (size_t)(sum >> 32) & (set->room - 1);
}

static struct embargo_digest_place *find_place(const struct embargo_digest_set *set,
					       const struct embargo_digest *digest)
{
	size_t at = first_place(set, digest);

	while (set->places[at].mark &&
	       memcmp(&set->places[at].digest, digest, sizeof(*digest)) != 0)
		at = (at + 1) & (set->room - 1);
	return &set->places[at];
}

static int grow(struct embargo_digest_set *set)
{
	struct embargo_digest_set grown = *set;

	grown.room = set->room ? 2 * set->room : FIRST_ROOM;
	if (!set->room && getrandom(grown.key, sizeof(grown.key), 0) != sizeof(grown.key))
		return -EIO;
	for (size_t i = 0; i < 4; i++)
		grown.key[i] |= 1;
	grown.places = calloc(grown.room, sizeof(*grown.places));
	if (!grown.places)
		return -ENOMEM;
	for (size_t i = 0; i < set->room; i++)
		if (set->places[i].mark)
			*find_place(&grown, &set->places[i].digest) = set->places[i];
	free(set->places);
	*set = grown;
	return 0;
}

int embargo_digest_set_add(struct embargo_digest_set *set, const struct embargo_digest *digest)
{
	struct embargo_digest_place *place;
	int error = set->count * 4 >= set->room * 3 ? grow(set) : 0;

	if (error)
		return error;
	place = find_place(set, digest);
	if (place->mark)
		return 0;
	*place = (struct embargo_digest_place) { *digest, EMBARGO_MARK_IN };
	set->count++;
	return 0;
}

uint8_t *embargo_digest_set_find(const struct embargo_digest_set *set,
				 const struct embargo_digest *digest)
{
	struct embargo_digest_place *place = set->room ? find_place(set, digest) : NULL;

	return place && place->mark ? &place->mark : NULL;
}

void embargo_digest_set_free(struct embargo_digest_set *set)
{
	free(set->places);
	*set = (struct embargo_digest_set) { .places = NULL };
}
