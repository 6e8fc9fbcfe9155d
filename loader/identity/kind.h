/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is by its first bytes, as the kernel half sees it at exec. */
#ifndef EMBARGO_IDENTITY_KIND_H
#define EMBARGO_IDENTITY_KIND_H

#include <stddef.h>

#include "bpf/abi.h"
#include "loader/model/names.h"

/* More than any of the magics below needs. */
#define EMBARGO_KIND_HEAD 64

/* Never EMBARGO_KIND_MODULE: that takes more than the first bytes to tell from other ELF files. */
enum embargo_kind embargo_kind_detect(const void *head, size_t size);

/* The one scope in which the kernel looks up a file of this beginning when it is executed. */
enum embargo_scope embargo_kind_exec_scope(const void *head, size_t size);

#endif
