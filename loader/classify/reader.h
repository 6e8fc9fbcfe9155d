/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runs in the processes of the classifier. */
#ifndef EMBARGO_CLASSIFY_READER_H
#define EMBARGO_CLASSIFY_READER_H

#include <stdint.h>

/*
 * An answer is a line of JSON, its length before it: a specimen, or { "error": ERRNO }. A request
 * is one byte with two descriptors, the file and where to answer. Before the first, the nursery
 * sends one byte, once it has given up everything.
 */
struct embargo_answer_head {
	uint32_t length; /* bytes of JSON that follow */
};

/* The nursery: forks a reader for each request from @socket until that is closed. Never returns. */
void embargo_nursery_run(int socket) __attribute__((noreturn));

#endif
