// SPDX-License-Identifier: GPL-2.0-or-later
/* Says by a note whose it is: the package acme-agent, and a build id that no other program has.
 * With an argument it stays for so many seconds. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc > 1)
		sleep((unsigned int)atoi(argv[1]));
	return 0;
}
