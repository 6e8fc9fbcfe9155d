// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-256, by OpenSSL. */
#include "loader/crypto/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

static void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static void free_sum(struct embargo_sha256 **sum)
{
	embargo_sha256_free(*sum);
}

static int finish(EVP_MD_CTX *context, struct embargo_digest *digest)
{
	struct embargo_digest result;
	unsigned int length = 0;

	if (EVP_DigestFinal_ex(context, result.bytes, &length) != 1 ||
	    length != sizeof(result.bytes))
		return -EIO;
	*digest = result;
	return 0;
}

int embargo_sha256_file_between(int fd, int (*between)(void *context), void *context,
				struct embargo_digest *digest, uint64_t *size)
{
	_cleanup_(free_context) EVP_MD_CTX *sum = EVP_MD_CTX_new();
	_cleanup_free_
	char *part = malloc(EMBARGO_SHA256_PART);
	uint64_t done = 0;
	ssize_t got;
	int error = 0;

	if (!sum || !part)
		return -ENOMEM;
	if (EVP_DigestInit_ex(sum, EVP_sha256(), NULL) != 1)
		return -EIO;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	do {
		got = embargo_file_pread(fd, part, EMBARGO_SHA256_PART, done);
		if (got < 0)
			return got;
		if (EVP_DigestUpdate(sum, part, got) != 1)
			return -EIO;
		done += got;
		if (got == EMBARGO_SHA256_PART && between)
			error = between(context);
	} while (got == EMBARGO_SHA256_PART && !error);
	if (!error)
		error = finish(sum, digest);
	if (!error && size)
		*size = done;
	return error;
}

int embargo_sha256_file(int fd, struct embargo_digest *digest, uint64_t *size)
{
	return embargo_sha256_file_between(fd, NULL, NULL, digest, size);
}

int embargo_sha256_memory(const void *bytes, size_t size, struct embargo_digest *digest)
{
	_cleanup_(free_sum) struct embargo_sha256 *sum = embargo_sha256_begin();

	if (!sum)
		return -ENOMEM;
	if (embargo_sha256_add(sum, bytes, size))
		return -EIO;
	return embargo_sha256_end(sum, digest);
}

/* OpenSSL's own, under a name that its headers are not needed for. */
struct embargo_sha256 *embargo_sha256_begin(void)
{
	_cleanup_(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return NULL;
	return (struct embargo_sha256 *)TAKE_PTR(context);
}

int embargo_sha256_add(struct embargo_sha256 *sum, const void *bytes, size_t size)
{
	return EVP_DigestUpdate((EVP_MD_CTX *)sum, bytes, size) == 1 ? 0 : -EIO;
}

int embargo_sha256_end(struct embargo_sha256 *sum, struct embargo_digest *digest)
{
	return finish((EVP_MD_CTX *)sum, digest);
}

void embargo_sha256_free(struct embargo_sha256 *sum)
{
	EVP_MD_CTX_free((EVP_MD_CTX *)sum);
}
