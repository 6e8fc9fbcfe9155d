/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own list of refused digests and certificates: the keyring .blacklist. */
#ifndef EMBARGO_HOST_BLACKLIST_H
#define EMBARGO_HOST_BLACKLIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * /proc/keys shows a key to whom its permissions let view it: the keyring and its keys to root
 * (certs/blacklist.c). Its lines, of Documentation/security/keys/core.rst:
 *
 *   ID FLAGS USAGE EXPIRY PERMISSIONS UID GID TYPE DESCRIPTION
 *   1c9f3f1c I------ 1 perm 0f0b0000 0 0 keyring   .blacklist: 2
 *   2a6b1f07 I------ 1 perm 0d090000 0 0 blacklist bin:9f86d0...
 */
struct embargo_blacklist {
	bool is_known;	/* false: this user may not see it, or the kernel has none */
	size_t entries; /* all of them: revoked certificates too, which have no line that tells */
	size_t files;	/* bin: digests of files */
	size_t issued;	/* tbs: digests of certificates, as they were to be signed */
};

/* Reads it below @root ("/" but in tests). Never fails: what cannot be read is unknown. */
void embargo_blacklist_read(const char *root, struct embargo_blacklist *blacklist);

#endif
