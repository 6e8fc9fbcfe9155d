/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of files and of memory. */
#ifndef EMBARGO_CRYPTO_SHA256_H
#define EMBARGO_CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

/*
 * The digest of all bytes of @fd and how many there were (@size may be NULL). Reads with pread(2):
 * the kernel half refuses to map a banned file. Errors: -errno of the read, -EIO from the library.
 */
int embargo_sha256_file(int fd, struct embargo_digest *digest, uint64_t *size);

/*
 * The same for a large file, with other work between its parts: @between is called every
 * EMBARGO_SHA256_PART bytes, and what it returns other than 0 ends it all and is returned.
 */
#define EMBARGO_SHA256_PART (256 * 1024)

int embargo_sha256_file_between(int fd, int (*between)(void *context), void *context,
				struct embargo_digest *digest, uint64_t *size);

int embargo_sha256_memory(const void *bytes, size_t size, struct embargo_digest *digest);

/*
 * The same of bytes that come part by part: begin() makes a sum, NULL where there is no memory;
 * add() and end() return 0 or -EIO; free() gives it back, also before the end.
 */
struct embargo_sha256;

struct embargo_sha256 *embargo_sha256_begin(void);
int embargo_sha256_add(struct embargo_sha256 *sum, const void *bytes, size_t size);
int embargo_sha256_end(struct embargo_sha256 *sum, struct embargo_digest *digest);
void embargo_sha256_free(struct embargo_sha256 *sum);

#endif
