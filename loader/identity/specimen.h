/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file as it lies on the table: its kind, its digests, its identities, what is broken in it. */
#ifndef EMBARGO_IDENTITY_SPECIMEN_H
#define EMBARGO_IDENTITY_SPECIMEN_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/model/identity.h"
#include "loader/model/names.h"

struct embargo_content {
	uint64_t size; /* bytes */
	struct embargo_digest digest;
};

/* A structure of the file that is not as its format has it. */
#define EMBARGO_FAULTS_MAX 16
#define EMBARGO_FAULT_TEXT 128

struct embargo_fault {
	uint64_t at;		       /* bytes from the beginning of the content */
	char what[EMBARGO_FAULT_TEXT]; /* "PE certificate table: ends behind the file" */
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
	struct embargo_identities identities; /* all but sha256 and path */
	struct embargo_fault faults[EMBARGO_FAULTS_MAX];
	size_t fault_count; /* all that there were; beyond EMBARGO_FAULTS_MAX they are only counted
			     */
};

/*
 * A file is read once, whole, and everything is taken from those bytes: digest and identities that
 * came from different readings of a file that somebody changes could name an innocent content. Of a
 * larger file there is only the digest, and a fault that says so.
 */
#define EMBARGO_SPECIMEN_BYTES (256u << 20)

/*
 * It is read again where it changed meanwhile: whoever installs a file writes it, and sets its
 * owner, mode, times and attributes just behind. One that somebody never leaves alone is given up.
 */
#define EMBARGO_SPECIMEN_READS 4

/*
 * Reads all of @fd, a regular file. The caller frees @specimen. Errors: -EAGAIN where it changed
 * each time that it was read, or as embargo_sha256_file().
 */
int embargo_specimen_read(int fd, struct embargo_specimen *specimen);
void embargo_specimen_free(struct embargo_specimen *specimen);

/*
 * What the readers of formats do: look at all the bytes of a file (@bytes, in memory) and add to
 * the identities and faults of @specimen, whose kind and digests stand. A reader never fails: what
 * it cannot read is a fault, and what it has not read whole is no identity.
 */
typedef void embargo_format_reader(const uint8_t *bytes, size_t size,
				   struct embargo_specimen *specimen);

embargo_format_reader embargo_elf_read;	     /* build-id, soname, needed, dynamic, package; elf.c */
embargo_format_reader embargo_modinfo_read;  /* what a module says of itself; modinfo.c */
embargo_format_reader embargo_pe_read;	     /* x509; pe.c */
embargo_format_reader embargo_appended_read; /* x509, module-signer: CMS at the end; appended.c */
embargo_format_reader embargo_rpm_read;	     /* package, openpgp, ima-key, fsverity; rpm.c */
embargo_format_reader embargo_deb_read;	     /* package, openpgp; deb.c */
embargo_format_reader embargo_appimage_read; /* openpgp; appimage.c */

/* The same for what the file system knows of @fd: security.ima, fs-verity; attributes.c. */
void embargo_attributes_read(int fd, struct embargo_specimen *specimen);

/* Notes that something at @at is broken. */
void embargo_specimen_fault(struct embargo_specimen *specimen, uint64_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The folder of certificates (PEM) that chains of code signatures must lead to; none: chain_ok is
 * unknown. */
#define EMBARGO_ANCHORS_FOLDER "/etc/embargo/signers.d"

#endif
