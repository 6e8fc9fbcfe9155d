// SPDX-License-Identifier: GPL-2.0-or-later
/* Telling the service manager, without waiting for it. sd_notify(3) waits until it listens. */
#include "loader/daemon/manager.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "loader/base/cleanup.h"

#define MESSAGE_SIZE 2048

/* sd_notify(3): a path, or '@' and a name of the abstract namespace. Returns the size, or 0. */
static socklen_t find_socket(struct sockaddr_un *address)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t length = name ? strlen(name) : 0;

	if (length < 2 || length >= sizeof(address->sun_path) || !strchr("/@", name[0]))
		return 0;
	*address = (struct sockaddr_un) { .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int embargo_manager_tell(const char *format, ...)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;
	socklen_t size = find_socket(&address);
	char text[MESSAGE_SIZE];
	va_list arguments;

	if (!size)
		return 0;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
			     (const struct sockaddr *)&address, size) < 0)
		return -errno;
	return 0;
}

void embargo_manager_tell_alive(void)
{
	if (sd_watchdog_enabled(0, NULL) > 0)
		embargo_manager_tell("WATCHDOG=1");
}
