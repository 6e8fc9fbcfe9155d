// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints those of the files named on its input, a line each, that may not be mapped to be executed.
 */
#include <sys/mman.h>

#include "helper.h"

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		void *mapped;
		int fd;

		line[strcspn(line, "\n")] = '\0';
		fd = open(line, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		mapped = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
		if (mapped != MAP_FAILED)
			munmap(mapped, 4096);
		else if (errno == EPERM || errno == EACCES)
			puts(line);
		close(fd);
	}
	return 0;
}
