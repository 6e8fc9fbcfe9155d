/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A private slot: a second instance of the programs with maps of its own, beside what enforces.
 * Nothing of it is pinned: it is gone with the process, however that ends. */
#ifndef EMBARGO_KERNEL_SLOT_H
#define EMBARGO_KERNEL_SLOT_H

#include <stddef.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"

struct embargo_slot;

/* A content that is refused, whatever is done with it: what differs in one byte or in its size is
 * not meant. */
struct embargo_slot_ban {
	struct embargo_digest digest;
	__u64 size;
};

/* Loads the programs, attaches none. Errors: those of embargo_object_load(). */
int embargo_slot_open(struct embargo_slot **slot, struct embargo_diagnostic *diagnostic);
void embargo_slot_close(struct embargo_slot *slot);

/* What IMA answers here when it is asked for a digest: an algorithm (4 is SHA-256), or -errno. */
int embargo_slot_try_digest(const struct embargo_slot *slot);

/* Puts @bans, and nothing else, into force. */
int embargo_slot_install(struct embargo_slot *slot, const struct embargo_slot_ban *bans,
			 size_t count, struct embargo_diagnostic *diagnostic);

/*
 * Attaches what refuses in @scopes (enum embargo_scope), and stays attached. Not what keeps
 * others' labels sound: it would refuse an ioctl to somebody on this host.
 */
int embargo_slot_attach(struct embargo_slot *slot, __u32 scopes,
			struct embargo_diagnostic *diagnostic);

/* The strictest verdict that the slot has told of @digest so far; EMBARGO_VERDICT_UNKNOWN: none. */
enum embargo_verdict embargo_slot_told(struct embargo_slot *slot,
				       const struct embargo_digest *digest);

#endif
