/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which maps and programs the guard knows as ours: by their numbers, in the map guard_objects. */
#ifndef EMBARGO_KERNEL_GUARD_OBJECTS_H
#define EMBARGO_KERNEL_GUARD_OBJECTS_H

#include <stdbool.h>

#include "bpf/guard_abi.h"

/* Adds the map or program numbered @id to the map open as @objects; what was said of it first
 * stays. Errors: -errno. */
int embargo_guard_objects_add(int objects, bool is_program, __u32 id, enum embargo_guard_use use);

/* The same for the map open as @map. */
int embargo_guard_objects_add_map(int objects, int map, enum embargo_guard_use use);

/* The same for the tables of both generations, as their outer maps name them. */
int embargo_guard_objects_add_tables(int objects);

/*
 * After a reload: the pinned guard learns the tables that have come, and forgets the maps that have
 * gone. Those that the daemon made it knows since they were made; this is for a reload by others
 * while it was open. 0 too where there is no guard. Errors: -errno.
 */
int embargo_guard_objects_renew(void);

#endif
