// SPDX-License-Identifier: GPL-2.0-or-later
/* A line to a terminal: found by its number, opened without blocking, written once. */
#include "loader/event/to_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "loader/base/cleanup.h"

/* linux/major.h: the slaves of pseudo terminals, whose number in /dev/pts is the minor. */
#define PTS_MAJOR      136
#define TTY_MINOR_BITS 20

#define NODE_TEXT 64

/* The kernel's own name of the device, from sysfs: "ttyS0". */
static int name_of_console(unsigned int major, unsigned int minor, char *name)
{
	char path[NODE_TEXT], line[NODE_TEXT];
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/uevent", major, minor);
	file = fopen(path, "re");
	if (!file)
		return -ENXIO;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "DEVNAME=", 8) || strchr(line + 8, '/') || line[8] == '.')
			continue;
		snprintf(name, NODE_TEXT, "/dev/%s", line + 8);
		return 0;
	}
	return -ENXIO;
}

/* The node, opened; only when it is the very device. */
static int open_terminal(__u32 device)
{
	unsigned int major = device >> TTY_MINOR_BITS, minor = device & ((1 << TTY_MINOR_BITS) - 1);
	_cleanup_close_ int fd = -1;
	char name[NODE_TEXT];
	struct stat status;

	if (major == PTS_MAJOR)
		snprintf(name, sizeof(name), "/dev/pts/%u", minor);
	else if (name_of_console(major, minor, name))
		return -ENXIO;
	fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) || !S_ISCHR(status.st_mode) ||
	    status.st_rdev != makedev(major, minor) || !isatty(fd))
		return -ENXIO;
	return TAKE_FD(fd);
}

bool embargo_terminal_concerns(const struct embargo_event *event)
{
	return event->verdict == EMBARGO_VERDICT_DENY && event->tty &&
	       event->flags & EMBARGO_EVENT_HOST_MOUNTS;
}

int embargo_terminal_tell(__u32 device, const struct embargo_line *line)
{
	char edge[] = "\r\n"; /* the terminal may be in raw mode */
	struct iovec parts[] = { { edge, 2 }, { (char *)line->text, line->length }, { edge, 2 } };
	_cleanup_close_ int fd = open_terminal(device);

	if (fd < 0)
		return fd;
	return writev(fd, parts, ARRAY_SIZE(parts)) < 0 ? -errno : 0;
}
