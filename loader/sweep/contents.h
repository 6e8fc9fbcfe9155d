/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the files that are run: each is hashed once, however many processes have it. */
#ifndef EMBARGO_SWEEP_CONTENTS_H
#define EMBARGO_SWEEP_CONTENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "bpf/abi.h"
#include "loader/verdict/arrival.h"

/* Files that are remembered; beyond, they are looked at again and again. 160 bytes each. */
#define EMBARGO_CONTENTS_MOST 262144

struct embargo_contents;

/* One file as it was when it was looked at. */
struct embargo_file_content {
	uint64_t size;
	enum embargo_scope exec_scope;
	struct embargo_arrival arrival;
	bool is_hashed;
	struct embargo_digest digest;
};

/* Needs the digest be known of a file of @size bytes in the @scopes? */
typedef bool embargo_contents_asker(const void *context, uint64_t size, uint32_t scopes);

/* The caller closes @contents; NULL may be closed. Returns 0 or -errno. */
int embargo_contents_open(embargo_contents_asker *is_asked, const void *context,
			  struct embargo_contents **contents);
void embargo_contents_close(struct embargo_contents *contents);

/*
 * From now on what was hashed before counts only where no byte can have changed unseen (see
 * bpf/filesystem.h): files in memory are hashed again, each once.
 */
void embargo_contents_renew(struct embargo_contents *contents);

/*
 * What is in the file at @path, which is @status. @is_program: it is executed, else mapped. Errors:
 * -EINVAL for what is no regular file, -EAGAIN where it changed meanwhile, or as reading it.
 */
int embargo_contents_find(struct embargo_contents *contents, const char *path, bool is_program,
			  struct stat *status, struct embargo_file_content *content);

/* The same, and its digest in any case. */
int embargo_contents_hash(struct embargo_contents *contents, const char *path, bool is_program,
			  struct stat *status, struct embargo_file_content *content);

#endif
