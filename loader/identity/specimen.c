// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what is to be known of one file: once into memory, then each reader of its format. */
#include "loader/identity/specimen.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/archive/decompress.h"
#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/elf_file.h"
#include "loader/identity/kind.h"

/*
 * Who reads what, in this order. A reader may tell the kind closer, as that of ELF files does for
 * modules: the rows of the new kind come after it.
 */
static const struct {
	enum embargo_kind kind;
	embargo_format_reader *read;
} readers[] = {
	{ EMBARGO_KIND_ELF, embargo_elf_read },	       { EMBARGO_KIND_ELF, embargo_appimage_read },
	{ EMBARGO_KIND_MODULE, embargo_modinfo_read }, { EMBARGO_KIND_PE, embargo_pe_read },
	{ EMBARGO_KIND_PACKAGE, embargo_deb_read },    { EMBARGO_KIND_PACKAGE, embargo_rpm_read },
};

void embargo_specimen_free(struct embargo_specimen *specimen)
{
	embargo_identities_free(&specimen->identities);
}

static void run_readers(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (readers[i].kind == specimen->kind)
			readers[i].read(bytes, size, specimen);
	/* Modules end in a signature, and on some machines kernels: of no magic of their own. */
	embargo_appended_read(bytes, size, specimen);
}

/* The file is a module: what its content says, it says. */
static void take_inner(struct embargo_specimen *inner, struct embargo_specimen *specimen)
{
	specimen->kind = inner->kind;
	specimen->identities = inner->identities;
	inner->identities = (struct embargo_identities) { 0 };
}

static void take_faults(const struct embargo_specimen *inner, struct embargo_specimen *specimen)
{
	memcpy(specimen->faults, inner->faults, sizeof(specimen->faults));
	specimen->fault_count = inner->fault_count;
}

/* What is compressed is a module where its content begins like one and has a .modinfo. */
static int read_compressed(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	_cleanup_(
		embargo_specimen_free) struct embargo_specimen inner = { .kind = EMBARGO_KIND_ELF };
	_cleanup_free_
	uint8_t *content = NULL;
	size_t content_size;
	int error;

	error = embargo_decompress(bytes, size, EMBARGO_DECOMPRESS_MAX, embargo_elf_is_relocatable,
				   &content, &content_size);
	if (error == -ENOMEM || error == -ENODATA)
		return error == -ENOMEM ? error : 0;
	if (error) {
		specimen->inner_error = error;
		embargo_specimen_fault(specimen, 0, "compressed module: %s",
				       error == -EFBIG ? "too large" : "damaged or cut off");
		return 0;
	}
	run_readers(content, content_size, &inner);
	take_faults(&inner, specimen);
	if (inner.kind != EMBARGO_KIND_MODULE)
		return 0;
	error = embargo_sha256_memory(content, content_size, &specimen->inner.digest);
	if (error)
		return error;
	specimen->inner.size = content_size;
	specimen->has_inner = true;
	take_inner(&inner, specimen);
	return 0;
}

/* The kind by the first bytes; a damaged ELF file keeps it, as it does in the kernel's first look.
 */
static void detect(const void *bytes, size_t size, struct embargo_specimen *specimen)
{
	size_t head = size < EMBARGO_KIND_HEAD ? size : EMBARGO_KIND_HEAD;

	specimen->kind = embargo_kind_detect(bytes, head);
	specimen->exec_scope = embargo_kind_exec_scope(bytes, head);
}

static int read_bytes(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	int error = embargo_sha256_memory(bytes, size, &specimen->file.digest);

	if (error)
		return error;
	specimen->file.size = size;
	detect(bytes, size, specimen);
	if (embargo_decompress_detect(bytes, size))
		return read_compressed(bytes, size, specimen);
	run_readers(bytes, size, specimen);
	return 0;
}

/* A file that is too large for memory still has a digest, and a kind. */
static int read_large(int fd, struct embargo_specimen *specimen)
{
	char head[EMBARGO_KIND_HEAD];
	ssize_t size = embargo_file_pread(fd, head, sizeof(head), 0);

	if (size < 0)
		return size;
	detect(head, size, specimen);
	embargo_specimen_fault(specimen, EMBARGO_SPECIMEN_BYTES,
			       "file: larger than %u MiB, so that only its digest was taken",
			       EMBARGO_SPECIMEN_BYTES >> 20);
	return embargo_sha256_file(fd, &specimen->file.digest, &specimen->file.size);
}

static int read_file(int fd, struct embargo_specimen *specimen)
{
	_cleanup_free_
	char *bytes = NULL;
	size_t size;
	int error = embargo_file_read_all(fd, EMBARGO_SPECIMEN_BYTES, &bytes, &size);

	if (error == -EFBIG)
		return read_large(fd, specimen);
	return error ? error : read_bytes((const uint8_t *)bytes, size, specimen);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int read_once(int fd, struct embargo_specimen *specimen)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen found = {};
	struct stat before, after;
	int error;

	if (fstat(fd, &before))
		return -errno;
	error = read_file(fd, &found);
	if (error)
		return error;
	embargo_attributes_read(fd, &found);
	if (fstat(fd, &after) || !is_same(&before, &after))
		return -EAGAIN;
	*specimen = found;
	found.identities = (struct embargo_identities) { 0 };
	return 0;
}

int embargo_specimen_read(int fd, struct embargo_specimen *specimen)
{
	int error = -EAGAIN;

	for (int i = 0; i < EMBARGO_SPECIMEN_READS && error == -EAGAIN; i++)
		error = read_once(fd, specimen);
	return error;
}
