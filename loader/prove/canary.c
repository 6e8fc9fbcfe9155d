// SPDX-License-Identifier: GPL-2.0-or-later
/* Canaries: tiny static programs, scripts and junk, made of random bytes behind a few that count.
 */
#include "loader/prove/canary.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "loader/base/cleanup.h"

/* What each machine needs to leave with EMBARGO_CANARY_STATUS, by exit_group(2). */
static const struct {
	uint16_t machine;
	uint8_t code[16];
} programs[] = {
	/* mov $97,%edi; mov $231,%eax; syscall */
	{ EM_X86_64, { 0xbf, EMBARGO_CANARY_STATUS, 0, 0, 0, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05 } },
	/* mov x0,#97; mov x8,#94; svc #0 */
	{ EM_AARCH64, { 0x20, 0x0c, 0x80, 0xd2, 0xc8, 0x0b, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4 } },
	/* li a0,97; li a7,94; ecall */
	{ EM_RISCV, { 0x13, 0x05, 0x10, 0x06, 0x93, 0x08, 0xe0, 0x05, 0x73, 0x00, 0x00, 0x00 } },
};

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE EM_RISCV
#else
#define MACHINE EM_NONE
#endif

#define ADDRESS 0x10000000UL /* where a static program lies: free in a new process */

/*
 *   0    ELF header
 *   64   one program header: the whole file, readable and executable
 *   120  the code
 *   136  random bytes to the end
 */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	uint8_t code[sizeof(programs[0].code)];
};

static int fill_random(uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t got = getrandom(bytes, size, 0);

		if (got < 0 && errno != EINTR)
			return -EIO;
		if (got > 0) {
			bytes += got;
			size -= got;
		}
	}
	return 0;
}

static int put_program(uint8_t *bytes, size_t size)
{
	struct image image = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = MACHINE,
			.e_version = EV_CURRENT,
			.e_entry = ADDRESS + offsetof(struct image, code),
			.e_phoff = offsetof(struct image, segment),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = ADDRESS,
			.p_filesz = size,
			.p_memsz = size,
			.p_align = 0x10000,
		},
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (programs[i].machine != MACHINE)
			continue;
		memcpy(image.code, programs[i].code, sizeof(image.code));
		memcpy(bytes, &image, sizeof(image));
		return 0;
	}
	return -ENOTSUP;
}

/* What begins a file is what the kernel goes by. */
static int put_start(enum embargo_canary_kind kind, const char *interpreter, uint8_t *bytes,
		     size_t size)
{
	char line[256];
	int length;

	if (kind == EMBARGO_CANARY_PROGRAM)
		return put_program(bytes, size);
	length = kind == EMBARGO_CANARY_SCRIPT
			 ? snprintf(line, sizeof(line), "#!%s\n", interpreter)
			 : snprintf(line, sizeof(line), "neither module nor kernel\n");
	if (length < 0 || (size_t)length >= sizeof(line))
		return -ENAMETOOLONG;
	memcpy(bytes, line, length);
	return 0;
}

int embargo_canary_make(enum embargo_canary_kind kind, size_t size, const char *interpreter,
			struct embargo_canary *canary)
{
	_cleanup_free_
	uint8_t *listed = malloc(size);
	_cleanup_free_
	uint8_t *twin = malloc(size);
	_cleanup_free_
	uint8_t *harmless = malloc(size);
	int error;

	if (!listed || !twin || !harmless)
		return -ENOMEM;
	error = fill_random(listed, size);
	if (!error)
		error = put_start(kind, interpreter, listed, size);
	if (error)
		return error;
	memcpy(twin, listed, size);
	memcpy(harmless, listed, size);
	twin[size - 1] ^= 1;
	harmless[size - 1] ^= 2;
	*canary = (struct embargo_canary) {
		.kind = kind,
		.size = size,
		.listed = TAKE_PTR(listed),
		.twin = TAKE_PTR(twin),
		.harmless = TAKE_PTR(harmless),
	};
	return 0;
}

void embargo_canary_free(struct embargo_canary *canary)
{
	free(canary->listed);
	free(canary->twin);
	free(canary->harmless);
	*canary = (struct embargo_canary) { .kind = EMBARGO_CANARY_UNKNOWN };
}

int embargo_canary_size(size_t *size)
{
	uint16_t random;
	int error = fill_random((uint8_t *)&random, sizeof(random));

	if (error)
		return error;
	*size = EMBARGO_CANARY_LEAST +
		2 * (random % ((EMBARGO_CANARY_MOST - EMBARGO_CANARY_LEAST) / 2 + 1));
	return 0;
}
