/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digest that an RPM's header has of its payload, held against what is there. */
#ifndef EMBARGO_ARCHIVE_PAYLOAD_H
#define EMBARGO_ARCHIVE_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

struct embargo_sha256;

/*
 *  lead 96 | signature header | padding to 8 | header | payload, as it is compressed
 *
 *  a header: 8e ad e8 01 | 0 4 | entries 4 | bytes of the store 4 | entries | store
 *  an entry: tag 4 | type 4 | offset in the store 4 | count 4
 *
 * Big-endian; docs/manual/format_v4.md and tags.md of rpm, which refuses to install what differs.
 * It has the digest since 4.14: a package without one says nothing of its payload. The bounds are
 * rpm's own.
 */
#define EMBARGO_PAYLOAD_ENTRIES 0xffff
#define EMBARGO_PAYLOAD_STORE	0x0fffffff

enum embargo_payload_step {
	EMBARGO_PAYLOAD_LEAD,  /* and the beginning of the signature header */
	EMBARGO_PAYLOAD_BEGIN, /* of the header */
	EMBARGO_PAYLOAD_HEADER,
	EMBARGO_PAYLOAD_SUM,
	EMBARGO_PAYLOAD_IDLE, /* no RPM, or none that has a SHA-256 of its payload */
};

/* Zeroed memory: nothing has come yet. */
struct embargo_payload {
	enum embargo_payload_step step;
	uint64_t skip; /* bytes that nobody asks for */
	uint8_t *head; /* what a step is about, of which */
	size_t used;   /* are here */
	uint32_t entries, store;
	struct embargo_digest stated;
	struct embargo_sha256 *sum;
};

/* The next bytes of a package. Errors: -ENOMEM, -EIO, -EBADMSG the digest in the header is none. */
int embargo_payload_add(struct embargo_payload *payload, const uint8_t *bytes, size_t size);

/* There are no more. Errors: -EBADMSG another payload than the header speaks of, -EIO. */
int embargo_payload_end(struct embargo_payload *payload);

void embargo_payload_free(struct embargo_payload *payload);

#endif
