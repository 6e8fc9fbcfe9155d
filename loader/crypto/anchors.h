/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anchors: the certificates that chains of code signatures must lead to. */
#ifndef EMBARGO_CRYPTO_ANCHORS_H
#define EMBARGO_CRYPTO_ANCHORS_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"

/* A folder of certificates is a page of names; whole root programs have some 200 and 1 MiB. */
#define EMBARGO_ANCHORS_MAX  1024
#define EMBARGO_ANCHORS_FILE (4u << 20) /* bytes of one file of them */

struct embargo_anchors;

/*
 * Reads all certificates of all *.pem in @folder. A folder that is not there, or an empty one,
 * gives none: *@anchors is NULL. Errors, with @diagnostic: what embargo_file_read() says, -EBADMSG
 * for a file that holds no certificate or a broken one, -E2BIG, -ENOMEM.
 */
int embargo_anchors_load(const char *folder, struct embargo_anchors **anchors,
			 struct embargo_diagnostic *diagnostic);
void embargo_anchors_free(struct embargo_anchors *anchors);

/* A number that is another one for other certificates; 0 for none (@anchors is NULL). */
uint64_t embargo_anchors_number(const struct embargo_anchors *anchors);

/* The number of those in @folder. Errors: as embargo_anchors_load(); @number is then that of none.
 */
int embargo_anchors_number_in(const char *folder, uint64_t *number,
			      struct embargo_diagnostic *diagnostic);

/*
 * From now on the chains of this process are held against @anchors, which stay the caller's; NULL,
 * as in the beginning: against nothing, and chain_ok is unknown. Not while another thread reads.
 */
void embargo_anchors_use(struct embargo_anchors *anchors);

/* Was the above called, be it with NULL, in this process or in the one that it was forked from? */
bool embargo_anchors_are_chosen(void);

#endif
