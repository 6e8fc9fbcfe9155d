// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a file to identify, an ELF file or a compressed module; what was found can
 * always be told. Build with libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/classify/specimen_json.h"
#include "loader/identity/module.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As a classifier answers, and as its answer is read. */
static void tell(const struct embargo_specimen *specimen)
{
	struct embargo_specimen told;
	json_t *object;

	if (embargo_specimen_to_json(specimen, &object))
		abort();
	if (embargo_specimen_from_json(object, &told) ||
	    told.identities.count != specimen->identities.count)
		abort();
	embargo_specimen_free(&told);
	json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct embargo_specimen specimen;
	struct embargo_content inner;
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("specimen", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	/* Whatever it holds, it is a file with a digest. */
	if (embargo_specimen_read(fd, &specimen) || specimen.file.size != size)
		abort();
	tell(&specimen);
	embargo_specimen_free(&specimen);
	/* What is a module begins like one. */
	if (embargo_module_tell(data, size, &inner) == 1 && !embargo_module_is_likely(data, size))
		abort();
	return 0;
}
