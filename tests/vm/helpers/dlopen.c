// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads a library with dlopen; the loader's own message says why it could not. */
#include <dlfcn.h>

#include "helper.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: dlopen LIBRARY\n");
		return 2;
	}
	if (!dlopen(argv[1], RTLD_NOW)) {
		fprintf(stderr, "%s\n", dlerror());
		return REFUSED;
	}
	return 0;
}
