// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as an ELF file: a program, an AppImage, a kernel module. Build with libFuzzer.
 */
#include <stdlib.h>

#include "loader/identity/specimen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct embargo_specimen specimen = { .kind = EMBARGO_KIND_ELF };

	embargo_elf_read(data, size, &specimen);
	embargo_appimage_read(data, size, &specimen);
	embargo_modinfo_read(data, size, &specimen);
	for (size_t i = 0; i < specimen.identities.count; i++)
		if (!specimen.identities.array[i].count)
			abort();
	embargo_specimen_free(&specimen);
	return 0;
}
