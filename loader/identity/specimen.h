/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file as it lies on the table: its kind, its digests, its build id. */
#ifndef EMBARGO_IDENTITY_SPECIMEN_H
#define EMBARGO_IDENTITY_SPECIMEN_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/identity/elf.h"
#include "loader/model/names.h"

struct embargo_content {
	uint64_t size; /* bytes */
	struct embargo_digest digest;
};

struct embargo_specimen {
	enum embargo_kind kind;
	enum embargo_scope exec_scope; /* where the kernel looks the file up when it is executed */
	struct embargo_content file;
	/*
	 * A compressed module's content: what the kernel gets from kmod, and what digest lists
	 * `of: module` hold. `inner_error` says why it is missing from a file that begins like one.
	 */
	bool has_inner;
	int inner_error;
	struct embargo_content inner;
	size_t build_id_size; /* 0: none */
	uint8_t build_id[EMBARGO_BUILD_ID_MAX];
};

/*
 * Reads all of @fd, a regular file. Errors: -EAGAIN where it changed while it was read, or as
 * embargo_sha256_file().
 */
int embargo_specimen_read(int fd, struct embargo_specimen *specimen);

#endif
