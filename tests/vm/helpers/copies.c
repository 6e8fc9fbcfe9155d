// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes many copies of a program into a folder, each called by its number and 1 to 50 bytes longer
 * than the program. */
#include "helper.h"

#define SIZES 50

int main(int argc, char **argv)
{
	static const char padding[SIZES] = { 0 };
	long count = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
	size_t size;
	char *bytes;

	if (count <= 0) {
		fprintf(stderr, "usage: copies COUNT PROGRAM FOLDER\n");
		return 2;
	}
	bytes = read_whole(argv[2], &size);
	if (chdir(argv[3]))
		refuse(argv[3]);
	for (long i = 0; i < count; i++) {
		char name[24];
		int fd;

		snprintf(name, sizeof(name), "%ld", i);
		fd = open_or_refuse(name, O_WRONLY | O_CREAT | O_TRUNC);
		write_whole(fd, bytes, size);
		write_whole(fd, padding, i % SIZES + 1);
		close(fd);
	}
	free(bytes);
	return 0;
}
