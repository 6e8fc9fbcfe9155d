/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From memory: would the kernel take a module that is no file? */
#ifndef EMBARGO_HOST_FROM_MEMORY_H
#define EMBARGO_HOST_FROM_MEMORY_H

#include "loader/host/host.h"

/*
 * Told by the files below @root (a descriptor) and by what is already known of @host: its list of
 * security modules, IMA, and whether unsigned modules are refused.
 */
enum embargo_from_memory embargo_from_memory_read(int root, const struct embargo_host *host);

#endif
