// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps a file as code again and again for a time, and counts how often that is refused. */
#include <sys/mman.h>
#include <time.h>

#include "helper.h"

int main(int argc, char **argv)
{
	long mapped = 0, refused = 0;
	time_t end;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: remap FILE SECONDS\n");
		return 2;
	}
	fd = open_or_refuse(argv[1], O_RDONLY);
	end = time(NULL) + strtol(argv[2], NULL, 10);
	while (time(NULL) < end) {
		void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

		if (memory != MAP_FAILED) {
			mapped++;
			munmap(memory, 4096);
		} else if (errno == EPERM) {
			refused++;
		} else {
			refuse("mmap");
		}
	}
	printf("mapped=%ld refused=%ld\n", mapped, refused);
	return 0;
}
