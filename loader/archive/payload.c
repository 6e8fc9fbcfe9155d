// SPDX-License-Identifier: GPL-2.0-or-later
/* An RPM's payload and its digest: found in the header as it comes by. */
#include "loader/archive/payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/crypto/sha256.h"
#include "loader/model/digest.h"

#define LEAD_SIZE  96
#define BEGIN_SIZE 16
#define ENTRY_SIZE 16

/* include/rpm/rpmtag.h; the digest is a text of its own, or the first of several. */
enum {
	TAG_PAYLOAD_DIGEST = 5092,
	TAG_PAYLOAD_DIGEST_ALGORITHM = 5093,
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_STRINGS = 8,
	ALGORITHM_SHA256 = 8, /* RFC 4880, 9.4 */
};

struct entry {
	uint32_t tag, type, offset, count;
};

static size_t wanted(const struct embargo_payload *payload)
{
	switch (payload->step) {
	case EMBARGO_PAYLOAD_LEAD:
		return LEAD_SIZE + BEGIN_SIZE;
	case EMBARGO_PAYLOAD_BEGIN:
		return BEGIN_SIZE;
	default:
		return (size_t)payload->entries * ENTRY_SIZE + payload->store;
	}
}

/* What is no header is for those to refuse who read the package. */
static bool begin_header(struct embargo_payload *payload, struct embargo_cursor head)
{
	bool is_one = embargo_cursor_starts(&head, "\x8e\xad\xe8\x01", 4);

	embargo_cursor_take(&head, 8);
	payload->entries = embargo_cursor_be32(&head);
	payload->store = embargo_cursor_be32(&head);
	return is_one && !head.failed && payload->entries <= EMBARGO_PAYLOAD_ENTRIES &&
	       payload->store <= EMBARGO_PAYLOAD_STORE;
}

static enum embargo_payload_step take_lead(struct embargo_payload *payload,
					   struct embargo_cursor head)
{
	if (!embargo_cursor_starts(&head, "\xed\xab\xee\xdb", 4))
		return EMBARGO_PAYLOAD_IDLE;
	embargo_cursor_seek(&head, LEAD_SIZE);
	if (!begin_header(payload, head))
		return EMBARGO_PAYLOAD_IDLE;
	payload->skip = (uint64_t)payload->entries * ENTRY_SIZE + payload->store;
	payload->skip += -payload->skip % 8;
	return EMBARGO_PAYLOAD_BEGIN;
}

static enum embargo_payload_step take_beginning(struct embargo_payload *payload,
						struct embargo_cursor head)
{
	return begin_header(payload, head) && payload->entries ? EMBARGO_PAYLOAD_HEADER
							       : EMBARGO_PAYLOAD_IDLE;
}

static bool find(const struct embargo_payload *payload, struct embargo_cursor head, uint32_t tag,
		 struct entry *found)
{
	for (uint32_t i = 0; i < payload->entries; i++) {
		found->tag = embargo_cursor_be32(&head);
		found->type = embargo_cursor_be32(&head);
		found->offset = embargo_cursor_be32(&head);
		found->count = embargo_cursor_be32(&head);
		if (found->tag == tag && found->count)
			return true;
	}
	return false;
}

static struct embargo_cursor content_of(const struct embargo_payload *payload,
					struct embargo_cursor head, const struct entry *entry)
{
	embargo_cursor_seek(&head, (size_t)payload->entries * ENTRY_SIZE);
	embargo_cursor_take(&head, entry->offset);
	return head;
}

static bool is_sha256(const struct embargo_payload *payload, struct embargo_cursor head)
{
	struct entry entry;
	struct embargo_cursor content;

	if (!find(payload, head, TAG_PAYLOAD_DIGEST_ALGORITHM, &entry))
		return true;
	content = content_of(payload, head, &entry);
	return entry.type == TYPE_INT32 && embargo_cursor_be32(&content) == ALGORITHM_SHA256;
}

static int take_header(struct embargo_payload *payload, struct embargo_cursor head,
		       enum embargo_payload_step *next)
{
	struct entry entry;
	struct embargo_cursor content;
	const uint8_t *text;

	*next = EMBARGO_PAYLOAD_IDLE;
	if (!find(payload, head, TAG_PAYLOAD_DIGEST, &entry) || !is_sha256(payload, head))
		return 0;
	content = content_of(payload, head, &entry);
	text = embargo_cursor_take(&content, EMBARGO_DIGEST_HEX + 1);
	if ((entry.type != TYPE_STRING && entry.type != TYPE_STRINGS) || !text ||
	    text[EMBARGO_DIGEST_HEX] ||
	    embargo_digest_parse((const char *)text, EMBARGO_DIGEST_HEX, &payload->stated))
		return -EBADMSG;
	payload->sum = embargo_sha256_begin();
	*next = EMBARGO_PAYLOAD_SUM;
	return payload->sum ? 0 : -ENOMEM;
}

/* All of what the step is about is here. */
static int take_step(struct embargo_payload *payload)
{
	const struct embargo_cursor head = embargo_cursor_make(payload->head, payload->used);
	enum embargo_payload_step next = EMBARGO_PAYLOAD_IDLE;
	int error = 0;

	if (payload->step == EMBARGO_PAYLOAD_LEAD)
		next = take_lead(payload, head);
	else if (payload->step == EMBARGO_PAYLOAD_BEGIN)
		next = take_beginning(payload, head);
	else
		error = take_header(payload, head, &next);
	payload->step = next;
	payload->used = 0;
	free(TAKE_PTR(payload->head));
	return error;
}

static int collect(struct embargo_payload *payload, const uint8_t *bytes, size_t size, size_t *took)
{
	const size_t all = wanted(payload), left = all - payload->used;

	if (!payload->head)
		payload->head = malloc(all);
	if (!payload->head)
		return -ENOMEM;
	*took = size < left ? size : left;
	memcpy(payload->head + payload->used, bytes, *took);
	payload->used += *took;
	return payload->used == all ? take_step(payload) : 0;
}

int embargo_payload_add(struct embargo_payload *payload, const uint8_t *bytes, size_t size)
{
	size_t took;
	int error = 0;

	for (; size && !error && payload->step != EMBARGO_PAYLOAD_IDLE;
	     bytes += took, size -= took) {
		took = size;
		if (payload->skip) {
			took = size < payload->skip ? size : (size_t)payload->skip;
			payload->skip -= took;
		} else if (payload->step == EMBARGO_PAYLOAD_SUM) {
			error = embargo_sha256_add(payload->sum, bytes, size);
		} else {
			error = collect(payload, bytes, size, &took);
		}
	}
	return error;
}

int embargo_payload_end(struct embargo_payload *payload)
{
	struct embargo_digest found;
	int error;

	if (payload->step != EMBARGO_PAYLOAD_SUM)
		return 0;
	error = embargo_sha256_end(payload->sum, &found);
	if (error)
		return error;
	return memcmp(&found, &payload->stated, sizeof(found)) ? -EBADMSG : 0;
}

void embargo_payload_free(struct embargo_payload *payload)
{
	embargo_sha256_free(payload->sum);
	free(payload->head);
	*payload = (struct embargo_payload) { .sum = NULL };
}
