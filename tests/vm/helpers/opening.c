// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens a file in one of many ways, and reads it where that way can. */
#include <linux/openat2.h>

#include "ring.h"

static void read_some(int fd)
{
	char bytes[64];

	if (pread(fd, bytes, sizeof(bytes), 0) <= 0)
		refuse("pread");
}

static void open_and_read(const char *path, int flags)
{
	read_some(open_or_refuse(path, flags));
}

/* The same file once more, through the descriptor @fd. */
static void reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	open_and_read(path, O_RDONLY);
}

/* One that has a name for every byte that it holds, so that no reader of it knows what comes out.
 */
static char *unmask(const char *path, size_t *size)
{
	char *bytes = read_whole(path, size);

	for (size_t i = 0; i < *size; i++)
		bytes[i] ^= 0x5a;
	return bytes;
}

static void write_unmasked(const char *path, int fd)
{
	size_t size;
	char *bytes = unmask(path, &size);

	write_whole(fd, bytes, size);
	free(bytes);
}

/* @flags of the entry: IOSQE_ASYNC has a thread of the kernel's open it. */
static void open_by_ring(const char *path, unsigned int flags)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };
	struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT2,
				      .flags = flags,
				      .fd = AT_FDCWD,
				      .addr = (unsigned long)path,
				      .len = sizeof(how),
				      .off = (unsigned long)&how };
	char bytes[64];
	struct ring ring;
	int fd;

	open_ring(&ring);
	fd = submit(&ring, &entry, "OPENAT2");
	entry = (struct io_uring_sqe) { .opcode = IORING_OP_READ,
					.fd = fd,
					.addr = (unsigned long)bytes,
					.len = sizeof(bytes) };
	if (!submit(&ring, &entry, "READ"))
		refuse("READ of nothing");
}

static void open_by_handle(const char *path)
{
	char place[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	struct file_handle *handle = (struct file_handle *)place;
	int mount, fd;

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, path, handle, &mount, 0))
		refuse("name_to_handle_at");
	fd = open_by_handle_at(open_or_refuse(".", O_RDONLY | O_DIRECTORY), handle,
			       O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		refuse("open_by_handle_at");
	read_some(fd);
}

/* Holds the file open, and reads it at the end of standard input. */
static void read_later(const char *path)
{
	int fd = open_or_refuse(path, O_RDONLY);
	char byte;

	puts("open");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	read_some(fd);
}

/* Opens each of @paths in turn, @count times in all: none may be refused. */
static void storm(long count, char **paths, int number)
{
	for (long i = 0; i < count; i++) {
		int fd = open(paths[i % number], i % 3 ? O_RDONLY : O_RDWR);

		if (fd < 0)
			refuse(paths[i % number]);
		close(fd);
	}
}

static void in_memory(const char *path)
{
	int fd = memfd_create("opening", MFD_CLOEXEC);

	if (fd < 0)
		refuse("memfd_create");
	write_unmasked(path, fd);
	reopen(fd);
}

static void masked(const char *path, const char *to)
{
	int fd = open_or_refuse(to, O_WRONLY | O_CREAT | O_TRUNC);

	write_unmasked(path, fd);
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[1] : "", *path = argc > 2 ? argv[2] : "";

	if (!strcmp(how, "read"))
		open_and_read(path, O_RDONLY);
	else if (!strcmp(how, "readwrite"))
		open_and_read(path, O_RDWR);
	else if (!strcmp(how, "direct"))
		close(open_or_refuse(path, O_RDONLY | O_DIRECT));
	else if (!strcmp(how, "handle"))
		open_by_handle(path);
	else if (!strcmp(how, "ring"))
		open_by_ring(path, 0);
	else if (!strcmp(how, "ring-thread"))
		open_by_ring(path, IOSQE_ASYNC);
	else if (!strcmp(how, "again"))
		reopen(open_or_refuse(path, O_PATH));
	else if (!strcmp(how, "written"))
		reopen(open_or_refuse(path, O_WRONLY));
	else if (!strcmp(how, "name"))
		close(open_or_refuse(path, O_PATH));
	else if (!strcmp(how, "write"))
		close(open_or_refuse(path, O_WRONLY));
	else if (!strcmp(how, "cut"))
		close(open_or_refuse(path, O_RDWR | O_TRUNC));
	else if (!strcmp(how, "memory"))
		in_memory(path);
	else if (!strcmp(how, "mask") && argc == 4)
		masked(path, argv[3]);
	else if (!strcmp(how, "later"))
		read_later(path);
	else if (!strcmp(how, "storm") && argc > 3)
		storm(atol(path), argv + 3, argc - 3);
	else {
		fprintf(stderr, "usage: opening HOW FILE [TO]\n");
		return 2;
	}
	return 0;
}
