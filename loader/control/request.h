/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be asked over the control socket: its requests as bytes, and who may ask which. */
#ifndef EMBARGO_CONTROL_REQUEST_H
#define EMBARGO_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The socket is EMBARGO_CONTROL_SOCKET, SOCK_SEQPACKET: one packet is one request, one connection
 * has one request. Numbers are little-endian.
 *
 *    0        4         8        12         16
 *   +--------+---------+--------+----------+
 *   | "EMBC" | version | verb   | argument |
 *   +--------+---------+--------+----------+
 *
 * A verb whose terms name a file comes with one descriptor (SCM_RIGHTS) of a regular file, which is
 * read from its start, to its end and no further than the terms say; any other comes with none.
 *
 * To add a verb: its number below and its row in request.c; what it does goes into the table of
 * loader/steward/steward.c, as an embargo_control_handler (server.h), with the rights that it
 * needs; a caller asks with embargo_control_ask() (client.h). The bytes that a handler gets are
 * hostile, though root handed them over.
 */
#define EMBARGO_CONTROL_REQUEST_SIZE 16
#define EMBARGO_CONTROL_VERSION	     1

/* A token for the guard, of some lines, a NUL, and a signature as a policy's. */
#define EMBARGO_CONTROL_TOKEN ((16 << 10) + 1 + (256 << 10))

enum embargo_control_verb {
	EMBARGO_CONTROL_UNKNOWN = 0,
	EMBARGO_CONTROL_STATUS = 1, /* argument: enum embargo_status_form; answers that document */
	EMBARGO_CONTROL_RELOAD = 2, /* the host's own policies; answers struct embargo_enacted */
	EMBARGO_CONTROL_UNLOCK = 3, /* with a token and its signature; answers nothing more */
	EMBARGO_CONTROL_VERBS,
};

struct embargo_control_terms {
	const char *name;
	bool is_roots;	       /* nobody but root may ask */
	uint32_t argument_end; /* the argument is below this */
	size_t file_most;      /* bytes of the file that comes with it; 0: none does */
};

/* By the verb; that of EMBARGO_CONTROL_UNKNOWN is empty. */
extern const struct embargo_control_terms embargo_control_terms[EMBARGO_CONTROL_VERBS];

struct embargo_control_request {
	enum embargo_control_verb verb;
	uint32_t argument;
};

/*
 * Reads the @size hostile bytes of a packet that came with @descriptors descriptors. Errors, with
 * @request untouched: -EPROTO it is no request, -EPROTONOSUPPORT of another version, -EOPNOTSUPP of
 * a verb that is not known, -EINVAL its argument is none, -EBADMSG more or fewer descriptors than
 * its verb wants.
 */
int embargo_control_request_read(const void *bytes, size_t size, size_t descriptors,
				 struct embargo_control_request *request);

/* Writes @request. */
void embargo_control_request_write(const struct embargo_control_request *request,
				   uint8_t bytes[static EMBARGO_CONTROL_REQUEST_SIZE]);

#endif
