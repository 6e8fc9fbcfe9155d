/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames that a guest sends its host through one virtio port: one stream, so that order and end
 * are certain. */

#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdint.h>

#define CHANNEL_PORT_NAME "embargo.vm"

/*
 * The port's driver takes at most 32 KiB in one write. A frame that fits in it
 * is never torn by the driver, header included.
 *
 *   0        1..3      4..7       8..
 *   +--------+---------+----------+-------------------+
 *   | kind   | zero    | length   | length bytes      |
 *   +--------+---------+----------+-------------------+
 */
#define CHANNEL_PAYLOAD_MAX (32 * 1024 - 8)

enum channel_kind {
	CHANNEL_BEGIN = 'b',  /* the command is about to be started */
	CHANNEL_OUTPUT = 'o', /* bytes of its standard output */
	CHANNEL_ERROR = 'e',  /* bytes of its standard error */
	CHANNEL_EXIT = 'x',   /* it ended: one byte, its exit status */
};

/* Host and guest run on the same kind of machine: no byte order to mind. */
struct channel_header {
	uint8_t kind;
	uint8_t zero[3];
	uint32_t length;
};

_Static_assert(sizeof(struct channel_header) == 8, "a frame's header is 8 bytes");

#endif
