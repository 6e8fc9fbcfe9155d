// SPDX-License-Identifier: GPL-2.0-or-later
/* What the file system knows of a file beside its bytes: IMA's signature, fs-verity's digest. */
#include <errno.h>
#include <linux/fsverity.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#include "loader/base/cleanup.h"
#include "loader/identity/appended.h"
#include "loader/identity/ima.h"

/* FS_VERITY_MAX_SIGNATURE_SIZE of fs/verity/fsverity_private.h. */
#define VERITY_SIGNATURE_MAX 16128

/* EVM's signature, where it is a portable one (of type 05), is over what IMA's holds. */
static const char *const attributes[] = { "security.ima", "security.evm" };

static void read_attribute(int fd, const char *name, struct embargo_specimen *specimen)
{
	const struct embargo_claim_place place = { 0, name };
	_cleanup_free_
	uint8_t *bytes = NULL;
	ssize_t size = fgetxattr(fd, name, NULL, 0);

	/* None is there, or the file system has no such things. */
	if (size <= 0)
		return;
	if (size <= (ssize_t)EMBARGO_IMA_SIZE_MAX)
		bytes = malloc(size);
	size = bytes ? fgetxattr(fd, name, bytes, size) : -1;
	if (size < 0)
		embargo_specimen_fault(specimen, 0, "%s: cannot be read", name);
	else
		embargo_ima_read(bytes, size, place, specimen);
}

/*
 * The signature that the kernel checks when the file is opened, where it was told to; from 5.12 on.
 * It may come in parts.
 */
static void read_verity_signature(int fd, const struct fsverity_digest *digest,
				  struct embargo_specimen *specimen)
{
	_cleanup_free_
	uint8_t *bytes = malloc(VERITY_SIGNATURE_MAX);
	struct fsverity_read_metadata_arg request = {
		.metadata_type = FS_VERITY_METADATA_TYPE_SIGNATURE,
	};
	int got;

	if (!bytes)
		return;
	do {
		request.length = VERITY_SIGNATURE_MAX - request.offset;
		request.buf_ptr = (uintptr_t)(bytes + request.offset);
		got = ioctl(fd, FS_IOC_READ_VERITY_METADATA, &request);
		if (got < 0 || (uint64_t)got > request.length)
			break;
		request.offset += got;
	} while (got && request.offset < VERITY_SIGNATURE_MAX);
	/* ENODATA: none; ENOTTY: an older kernel. */
	if (got < 0 && errno != ENODATA && errno != ENOTTY)
		embargo_specimen_fault(specimen, 0, "fs-verity signature: cannot be read");
	else if (got >= 0 && request.offset)
		embargo_verity_signature_read(bytes, request.offset, digest->digest,
					      digest->digest_size, specimen);
}

static void read_verity(int fd, struct embargo_specimen *specimen)
{
	const struct embargo_claim_place place = { 0, "fs-verity digest" };
	union {
		struct fsverity_digest digest;
		uint8_t room[sizeof(struct fsverity_digest) + EMBARGO_CLAIM_HEX_MAX];
	} found = { .digest = { .digest_size = EMBARGO_CLAIM_HEX_MAX } };

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &found) ||
	    found.digest.digest_size > EMBARGO_CLAIM_HEX_MAX)
		return;
	embargo_claim_add_hex(specimen, EMBARGO_IDENTITY_FSVERITY, EMBARGO_ATTRIBUTE_VALUE,
			      found.digest.digest, found.digest.digest_size, place);
	read_verity_signature(fd, &found.digest, specimen);
}

void embargo_attributes_read(int fd, struct embargo_specimen *specimen)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		read_attribute(fd, attributes[i], specimen);
	read_verity(fd, specimen);
}
