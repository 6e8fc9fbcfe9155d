/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trial: can this kernel digest a file? Asked of it, not read out of its configuration. */
#ifndef EMBARGO_KERNEL_TRIAL_H
#define EMBARGO_KERNEL_TRIAL_H

#include "loader/base/diagnostic.h"
#include "loader/model/tables.h"

#define EMBARGO_ALGORITHM_SHA256 4 /* include/uapi/linux/hash_info.h: HASH_ALGO_SHA256 */

/*
 * Attaches @program (try_digest) for one mapping of our own and reads its answer from @map (probe):
 * an algorithm (4 is SHA-256), or -errno.
 */
int embargo_trial_digest(int program, int map);

/*
 * Refuses (-ENOTSUP) tables that need a digest of every file where @algorithm, the trial's answer,
 * is none or another: better no start than a host that believes itself protected. Sized lists may
 * go on: their misses are told one by one.
 */
int embargo_trial_judge(const struct embargo_tables *tables, int algorithm,
			struct embargo_diagnostic *diagnostic);

#endif
