/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run-time record: what was loaded last, for `status`. Nothing that decides reads it. */
#ifndef EMBARGO_KERNEL_RECORD_H
#define EMBARGO_KERNEL_RECORD_H

#include "loader/kernel/enforcement.h"

#define EMBARGO_RECORD_FOLDER "/run/embargo"
#define EMBARGO_RECORD_FILE   EMBARGO_RECORD_FOLDER "/loaded"

/* A record that cannot be written is no reason not to enforce: status then shows less. @first:
 * nothing was in force before. */
void embargo_record_write(const struct embargo_load *load, uint64_t load_ms, bool first);
void embargo_record_remove(void);

#endif
