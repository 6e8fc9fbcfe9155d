// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads a kernel module by the bare system calls, which insmod programs choose among by themselves.
 */
#include <linux/module.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helper.h"

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

/*
 * Hands each file named on standard input to the kernel in both ways, damaged, so that no hook
 * stops it and yet none is loaded, and counts what the hooks refused.
 */
static int count_refused(void)
{
	unsigned long asked = 0, refused = 0;
	char path[4096];

	while (fgets(path, sizeof(path), stdin)) {
		int file = memfd_create("module", MFD_CLOEXEC);
		size_t size;
		char *bytes;

		path[strcspn(path, "\n")] = 0;
		bytes = read_whole(path, &size);
		bytes[0] = 0;
		write_whole(file, bytes, size);
		asked += 2;
		refused += syscall(SYS_init_module, bytes, size, "") && errno == EPERM;
		refused += syscall(SYS_finit_module, file, "", 0) && errno == EPERM;
		close(file);
		free(bytes);
	}
	printf("asked=%lu refused=%lu\n", asked, refused);
	return 0;
}

int main(int argc, char **argv)
{
	size_t size;
	char *bytes;
	int flags = 0;

	if (argc == 2 && !strcmp(argv[1], "count"))
		return count_refused();
	if (argc != 3) {
		fprintf(stderr, "usage: module init|finit|compressed FILE, module count <FILES\n");
		return 2;
	}
	if (!strcmp(argv[1], "init")) {
		bytes = read_whole(argv[2], &size);
		if (syscall(SYS_init_module, bytes, size, ""))
			refuse("init_module");
		free(bytes);
		return 0;
	}
	if (!strcmp(argv[1], "compressed"))
		flags = MODULE_INIT_COMPRESSED_FILE;
	if (syscall(SYS_finit_module, open_or_refuse(argv[2], O_RDONLY), "", flags))
		refuse("finit_module");
	return 0;
}
