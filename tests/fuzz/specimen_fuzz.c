// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a file to identify, an ELF file or a compressed module. Build with
 * libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/identity/specimen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct embargo_specimen specimen;
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("specimen", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	/* Whatever it holds, it is a file with a digest. */
	if (embargo_specimen_read(fd, &specimen) || specimen.file.size != size)
		abort();
	embargo_specimen_free(&specimen);
	return 0;
}
