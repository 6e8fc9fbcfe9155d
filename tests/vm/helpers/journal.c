// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listens as the journal does, or as the service manager: the first line of each datagram, or all
 * of it, goes to a file. Stopped by SIGSTOP it is one that hangs.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "helper.h"

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char datagram[65536];
	int fd, out;

	if (argc != 3 && (argc != 4 || strcmp(argv[3], "whole"))) {
		fprintf(stderr, "usage: journal SOCKET FILE [whole]\n");
		return 2;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	out = open_or_refuse(argv[2], O_WRONLY | O_CREAT | O_APPEND);
	unlink(argv[1]);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		refuse(argv[1]);
	for (;;) {
		ssize_t length = recv(fd, datagram, sizeof(datagram) - 1, 0);
		char *end;

		if (length < 0)
			refuse("recv");
		datagram[length] = '\0';
		end = argc == 4 ? datagram + length : strchrnul(datagram, '\n');
		*end = '\n';
		write_whole(out, datagram, (size_t)(end - datagram) + 1);
	}
}
