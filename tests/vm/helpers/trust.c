// SPDX-License-Identifier: GPL-2.0-or-later
/* Puts a certificate (DER) into the kernel's keyring whose keys built-in fs-verity signatures need.
 */
#include <sys/syscall.h>

#include "tests/vm/helpers/helper.h"

/* The keyring's number, as /proc/keys has it: hex, first on its line. */
static int find_keyring(const char *name)
{
	FILE *keys = fopen("/proc/keys", "r");
	char line[512];
	unsigned int number;

	if (!keys)
		refuse("/proc/keys");
	while (fgets(line, sizeof(line), keys))
		if (strstr(line, name) && sscanf(line, "%x", &number) == 1) {
			fclose(keys);
			return (int)number;
		}
	errno = ENOKEY;
	refuse(name);
}

int main(int argc, char **argv)
{
	size_t size;
	char *certificate;

	if (argc != 3)
		return 2;
	certificate = read_whole(argv[2], &size);
	/* Of two keys of one name the second takes the place of the first. */
	if (syscall(SYS_add_key, "asymmetric", argv[2], certificate, size, find_keyring(argv[1])) <
	    0)
		refuse("add_key");
	free(certificate);
	return 0;
}
