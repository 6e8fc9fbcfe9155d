/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The roots of the file systems that the gate marks: found by the watchdog, which may wait for
 * one that does not answer. */
#ifndef EMBARGO_GATE_ROOTS_H
#define EMBARGO_GATE_ROOTS_H

#include <stdbool.h>

/*
 * Sends @gate the root of each local file system of this mount namespace, and of the others where
 * @everywhere, and then word that this is all. Errors: -EAGAIN where the socket stays full, and all
 * have to be sent again later; -errno.
 */
int embargo_roots_send(int gate, bool everywhere);

#endif
