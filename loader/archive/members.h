/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files in a Debian or RPM package, one after the other and each as a stream. */
#ifndef EMBARGO_ARCHIVE_MEMBERS_H
#define EMBARGO_ARCHIVE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/base/diagnostic.h"

/*
 *  DEB:  ar    debian-binary | control.tar* | data.tar*         data.tar*: a tar, compressed
 *  RPM:        lead | signature header | header | payload       payload: a cpio, compressed
 *
 * deb(5); docs/manual/format_v4.md of rpm. Nothing is ever written anywhere, so that a name that
 * climbs out of a folder is just a name. Nothing but a few buffers is held in memory.
 */
struct embargo_members;

/* Entries of any sort; texlive-fonts-extra, the largest of Debian's, has a hundred thousand. */
#define EMBARGO_MEMBERS_MAX (1u << 20)

/* Bytes that a package may decompress to, and that its files may have: three times those of a
 * kernel's debug symbols. A bomb ends here. */
#define EMBARGO_MEMBERS_BYTES (UINT64_C(16) << 30)

/* With its NUL: what is longer has no path on any host (PATH_MAX). */
#define EMBARGO_MEMBERS_PATH 4096

/* Members of the outer ar, of which three are there by rule. */
#define EMBARGO_MEMBERS_PARTS 64

/* Where the package's bytes come from, first to last. */
struct embargo_members_source {
	void *context;
	/* Up to @size bytes; returns how many, 0 at the end, or -errno. */
	ssize_t (*read)(void *context, void *buffer, size_t size);
};

/* A regular file with at least one byte in it. */
struct embargo_member {
	const char *path;   /* as it will be installed, from the root on; any bytes */
	bool is_executable; /* an x bit of anybody's */
};

/*
 * Opens the package of @source, which must last as long as @members, as must @diagnostic; of at
 * most
 * @limit bytes, which is at most EMBARGO_MEMBERS_BYTES, once it is decompressed. Errors,
 * of all these functions: -EBADMSG no package, damaged or cut off, -ENOTSUP a form that is not read
 * here, -EFBIG beyond a bound, -ENOMEM, or what the source said; @diagnostic says what and what to
 * do.
 */
int embargo_members_open(const struct embargo_members_source *source, uint64_t limit,
			 struct embargo_diagnostic *diagnostic, struct embargo_members **members);

/*
 * Goes on to the next file; what was not read of the last one is passed over. Returns 1 and fills
 * @member, whose path is good until the next call; or 0 when all the package has been read, to its
 * last checksum.
 */
int embargo_members_next(struct embargo_members *members, struct embargo_member *member);

/* Up to @size bytes of the file; returns how many, or 0 at its end. */
ssize_t embargo_members_read(struct embargo_members *members, void *buffer, size_t size);

void embargo_members_close(struct embargo_members *members);

#endif
