// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what is to be known of one file: once into memory, then each reader of its format. */
#include "loader/identity/specimen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/archive/decompress.h"
#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/elf.h"
#include "loader/identity/kind.h"

void embargo_specimen_fault(struct embargo_specimen *specimen, uint64_t at, const char *format, ...)
{
	struct embargo_fault *fault;
	va_list arguments;

	if (specimen->fault_count++ >= EMBARGO_FAULTS_MAX)
		return;
	fault = &specimen->faults[specimen->fault_count - 1];
	fault->at = at;
	va_start(arguments, format);
	vsnprintf(fault->what, sizeof(fault->what), format, arguments);
	va_end(arguments);
}

void embargo_specimen_free(struct embargo_specimen *specimen)
{
	embargo_identities_free(&specimen->identities);
}

static void take_elf(const struct embargo_elf *elf, struct embargo_specimen *specimen)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_BUILD_ID_MAX)];
	struct embargo_identity *identity;

	if (elf->is_module)
		specimen->kind = EMBARGO_KIND_MODULE;
	if (!elf->build_id_size)
		return;
	identity = embargo_identities_add(&specimen->identities, EMBARGO_IDENTITY_BUILD_ID);
	embargo_hex_format(elf->build_id, elf->build_id_size, hex);
	if (identity && embargo_identities_set(&specimen->identities, identity,
					       EMBARGO_ATTRIBUTE_VALUE, hex, strlen(hex)))
		embargo_identities_drop(&specimen->identities);
}

/* A damaged ELF file is still an ELF file to the kernel's first look: it keeps its kind. */
static void read_elf(int fd, struct embargo_specimen *specimen)
{
	struct embargo_elf elf;

	if (!embargo_elf_read_file(fd, &elf))
		take_elf(&elf, specimen);
}

/* What is compressed is a module where its content begins like one and has a .modinfo. */
static int read_compressed(int fd, struct embargo_specimen *specimen)
{
	_cleanup_free_
	char *data = NULL;
	struct embargo_elf elf;
	size_t size;
	int error;

	error = embargo_decompress_file(fd, embargo_elf_is_relocatable, &data, &size);
	if (error == -ENOMEM)
		return error;
	if (error) {
		specimen->inner_error = error == -ENODATA ? 0 : error;
		return 0;
	}
	if (embargo_elf_read_memory(data, size, &elf) || !elf.is_module)
		return 0;
	error = embargo_sha256_memory(data, size, &specimen->inner.digest);
	if (error)
		return error;
	specimen->inner.size = size;
	specimen->has_inner = true;
	take_elf(&elf, specimen);
	return 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int embargo_specimen_read(int fd, struct embargo_specimen *specimen)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen found = {};
	char head[EMBARGO_KIND_HEAD];
	struct stat before, after;
	ssize_t size;
	int error = 0;

	if (fstat(fd, &before))
		return -errno;
	size = embargo_file_pread(fd, head, sizeof(head), 0);
	if (size < 0)
		return size;
	found.kind = embargo_kind_detect(head, size);
	found.exec_scope = embargo_kind_exec_scope(head, size);
	if (found.kind == EMBARGO_KIND_ELF)
		read_elf(fd, &found);
	else if (embargo_decompress_detect(head, size))
		error = read_compressed(fd, &found);
	if (!error)
		error = embargo_sha256_file(fd, &found.file.digest, &found.file.size);
	if (error)
		return error;
	if (fstat(fd, &after) || !is_same(&before, &after))
		return -EAGAIN;
	*specimen = found;
	found.identities = (struct embargo_identities) { 0 };
	return 0;
}
