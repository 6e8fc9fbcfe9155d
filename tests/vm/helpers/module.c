// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads a kernel module by the bare system calls, which insmod programs choose among by themselves.
 */
#include <linux/module.h>
#include <sys/syscall.h>

#include "helper.h"

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

int main(int argc, char **argv)
{
	size_t size;
	char *bytes;
	int flags = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: module init|finit|compressed FILE\n");
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
