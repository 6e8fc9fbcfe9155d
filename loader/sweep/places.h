/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a process's files lie: whether one may touch them without waiting for a server elsewhere.
 */
#ifndef EMBARGO_SWEEP_PLACES_H
#define EMBARGO_SWEEP_PLACES_H

#include <stdbool.h>

#include "loader/verdict/process.h"

/* The tables of mounts as they are now; device numbers are used again. */
struct embargo_places;

/* The caller closes @places; NULL may be closed. Returns 0 or -errno. */
int embargo_places_open(struct embargo_places **places);
void embargo_places_close(struct embargo_places *places);

/*
 * Does @file of process @pid lie on a local file system, or in memory? Asks the kernel's tables and
 * nobody else. What lies nowhere that is mounted is not local: it may be of a network.
 */
bool embargo_places_is_local(struct embargo_places *places, const char *pid,
			     const struct embargo_process_file *file);

#endif
