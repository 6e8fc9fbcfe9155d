// SPDX-License-Identifier: GPL-2.0-or-later
/* A file system server over /dev/fuse with one executable in it, "program"; ends when unmounted. */
#include <linux/fuse.h>
#include <stdbool.h>
#include <sys/mount.h>

#include "helper.h"

#define ROOT_NODE    1
#define PROGRAM_NODE 2
#define REQUEST_MAX  (1 << 18)

struct server {
	int fd;
	char *bytes;
	size_t size;
};

static void reply(struct server *s, const struct fuse_in_header *in, int error, const void *body,
		  size_t size)
{
	struct fuse_out_header out = { .len = sizeof(out) + size,
				       .error = error,
				       .unique = in->unique };
	char *message = malloc(out.len);

	if (!message)
		exit(REFUSED);
	memcpy(message, &out, sizeof(out));
	if (size)
		memcpy(message + sizeof(out), body, size);
	/* an interrupted request is gone: ENOENT */
	if (write(s->fd, message, out.len) < 0 && errno != ENOENT)
		exit(REFUSED);
	free(message);
}

static void fill_attributes(struct server *s, struct fuse_attr *a, bool directory)
{
	*a = (struct fuse_attr) {
		.ino = directory ? ROOT_NODE : PROGRAM_NODE,
		.size = directory ? 0 : s->size,
		.mode = directory ? S_IFDIR | 0755 : S_IFREG | 0755,
		.nlink = 1,
		.blksize = 4096,
	};
}

static void answer_lookup(struct server *s, const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out entry = { .nodeid = PROGRAM_NODE, .attr_valid = 1, .entry_valid = 1 };

	if (in->nodeid != ROOT_NODE || strcmp(name, "program")) {
		reply(s, in, -ENOENT, NULL, 0);
		return;
	}
	fill_attributes(s, &entry.attr, false);
	reply(s, in, 0, &entry, sizeof(entry));
}

static void answer_read(struct server *s, const struct fuse_in_header *in,
			const struct fuse_read_in *read)
{
	size_t left = read->offset < s->size ? s->size - read->offset : 0;

	reply(s, in, 0, s->bytes + s->size - left, left < read->size ? left : read->size);
}

static void answer(struct server *s, const struct fuse_in_header *in, const void *body)
{
	struct fuse_init_out init = {
		.major = 7, .minor = 31, .max_readahead = 65536, .max_write = 65536, .max_pages = 16
	};
	struct fuse_attr_out attributes = { .attr_valid = 1 };
	struct fuse_open_out open = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(s, in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		answer_lookup(s, in, body);
		break;
	case FUSE_GETATTR:
		fill_attributes(s, &attributes.attr, in->nodeid == ROOT_NODE);
		reply(s, in, 0, &attributes, sizeof(attributes));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		reply(s, in, 0, &open, sizeof(open));
		break;
	case FUSE_READ:
		answer_read(s, in, body);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		reply(s, in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_DESTROY:
		exit(0);
	default:
		reply(s, in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));
	struct server s = { 0 };
	char options[128];

	if (argc != 3) {
		fprintf(stderr, "usage: fuse DIRECTORY PROGRAM\n");
		return 2;
	}
	s.bytes = read_whole(argv[2], &s.size);
	s.fd = open_or_refuse("/dev/fuse", O_RDWR);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 s.fd);
	if (mount("fuse", argv[1], "fuse.program", 0, options))
		refuse("mount");
	if (fork())
		return 0;
	setsid();
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		return 1;
	for (;;) {
		ssize_t n = read(s.fd, request, sizeof(request));
		struct fuse_in_header *in = (void *)request;

		if (n >= (ssize_t)sizeof(*in))
			answer(&s, in, in + 1);
		else if (n < 0 && errno != EINTR && errno != ENOENT)
			return 0;
	}
}
