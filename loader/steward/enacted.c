// SPDX-License-Identifier: GPL-2.0-or-later
/* What was enacted, from the steward to whoever asked it. */
#include <errno.h>

#include "loader/base/cursor.h"
#include "loader/steward/steward.h"

/*
 *    0          8       16        24      28
 *   +----------+-------+---------+-------+
 *   | policies | rules | digests | flags |     little-endian
 *   +----------+-------+---------+-------+
 */
enum flag {
	FLAG_TERMINAL = 1 << 0,
	FLAG_CLASSIFIES = 1 << 1,
	FLAG_UNKEPT = 1 << 2,
	FLAG_DAMAGED = 1 << 3,
	FLAG_UNREMEMBERED = 1 << 4,
	FLAG_UNSEEN = 1 << 5,
	FLAG_UNREADY = 1 << 6,
	FLAG_ALL = (1 << 7) - 1,
};

static uint8_t *put(uint8_t *bytes, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	return bytes + size;
}

void embargo_steward_enacted_write(const struct embargo_enacted *enacted,
				   uint8_t bytes[static EMBARGO_STEWARD_ENACTED_SIZE])
{
	uint32_t flags = 0;

	flags |= enacted->terminal ? FLAG_TERMINAL : 0;
	flags |= enacted->classifies ? FLAG_CLASSIFIES : 0;
	flags |= enacted->unkept ? FLAG_UNKEPT : 0;
	flags |= enacted->editions.damaged ? FLAG_DAMAGED : 0;
	flags |= enacted->editions.unremembered ? FLAG_UNREMEMBERED : 0;
	flags |= enacted->unseen ? FLAG_UNSEEN : 0;
	flags |= enacted->unready ? FLAG_UNREADY : 0;
	bytes = put(bytes, enacted->policy_count, 8);
	bytes = put(bytes, enacted->rule_count, 8);
	bytes = put(bytes, enacted->digest_count, 8);
	put(bytes, flags, 4);
}

int embargo_steward_enacted_read(const void *bytes, size_t size, struct embargo_enacted *enacted)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);
	uint64_t policies = embargo_cursor_u64(&cursor);
	uint64_t rules = embargo_cursor_u64(&cursor);
	uint64_t digests = embargo_cursor_u64(&cursor);
	uint32_t flags = embargo_cursor_u32(&cursor);

	if (cursor.failed || embargo_cursor_left(&cursor) || flags & ~(uint32_t)FLAG_ALL)
		return -EPROTO;
	*enacted = (struct embargo_enacted) {
		.policy_count = policies,
		.rule_count = rules,
		.digest_count = digests,
		.terminal = flags & FLAG_TERMINAL,
		.classifies = flags & FLAG_CLASSIFIES,
		.unkept = flags & FLAG_UNKEPT,
		.editions.damaged = flags & FLAG_DAMAGED,
		.editions.unremembered = flags & FLAG_UNREMEMBERED,
		.unseen = flags & FLAG_UNSEEN,
		.unready = flags & FLAG_UNREADY,
	};
	return 0;
}
