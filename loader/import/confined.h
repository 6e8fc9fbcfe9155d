/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a source in a process without any privilege: an administrator's shell is root. */
#ifndef EMBARGO_IMPORT_CONFINED_H
#define EMBARGO_IMPORT_CONFINED_H

#include "loader/import/import.h"

/*
 * Address space of such a process. JSON is the hungry one: 64 MiB of it, the most that is read, are
 * 7 times that in memory as bills of materials are written, and 70 times where somebody means it.
 */
#define EMBARGO_IMPORT_MEMORY (UINT64_C(1) << 30)

/*
 * As @format's own read, which runs where nothing can be opened or written; what it finds comes
 * through a pipe and is checked here. Errors: also -EPIPE where there can be no such process, or it
 * was ended.
 */
int embargo_import_read_confined(const struct embargo_import_format *format,
				 struct embargo_import *import);

#endif
