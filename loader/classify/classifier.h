/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The classifier: files are looked into by processes that can do nothing else. */
#ifndef EMBARGO_CLASSIFY_CLASSIFIER_H
#define EMBARGO_CLASSIFY_CLASSIFIER_H

#include "loader/identity/specimen.h"

/*
 * Two processes stand between a hostile file and whoever asks. The nursery has given up every
 * privilege and may only receive descriptors and fork; it never looks at a file. For each file it
 * forks a reader, which may read that one descriptor and answer, and ends with its answer: what a
 * file does to its reader, no later file meets.
 *
 * Whoever asks computes the digest again, so that a reader can only tell lies about its own file.
 * (Of a compressed module it may lie about the content's digest, which only counts for modules.)
 */
struct embargo_classifier;

/* Bounds of one reader: the file, what is in it once decompressed, and what OpenSSL makes of them.
 */
#define EMBARGO_CLASSIFIER_MEMORY (768u << 20)

/* Seconds of processor time; 256 MiB take about 3. */
#define EMBARGO_CLASSIFIER_SECONDS 30

/* Bytes of an answer; EMBARGO_IDENTITIES_MAX of them make some hundred KiB. */
#define EMBARGO_CLASSIFIER_ANSWER (8u << 20)

/*
 * Starts the nursery, which closes all descriptors but its own and reads the anchors of this host,
 * where the caller has chosen none, before it gives up everything; @prepare (or NULL) is called
 * there first. The caller stops @classifier. Returns 0 or -errno.
 */
int embargo_classifier_start(int (*prepare)(void), struct embargo_classifier **classifier);

/*
 * Waits until the nursery has given up everything, once after the start. Nobody has to: a file is
 * never looked into before. Errors: -EPIPE where it could not, and is gone; -ETIMEDOUT.
 */
int embargo_classifier_await(struct embargo_classifier *classifier, unsigned int wait_ms);

/* Ends it and its reader. */
void embargo_classifier_stop(struct embargo_classifier *classifier);

#define EMBARGO_CLASSIFIER_SERVE_MS 1000

/* What else its caller serves while embargo_classifier_read() waits, or computes a digest. */
struct embargo_classifier_meanwhile {
	int fd;			      /* readable whenever there is something to do */
	void (*serve)(void *context); /* called then, and every EMBARGO_CLASSIFIER_SERVE_MS */
	void *context;
};

/* Serves @meanwhile from now on; that itself must not use @classifier. */
void embargo_classifier_serve(struct embargo_classifier *classifier,
			      const struct embargo_classifier_meanwhile *meanwhile);

/*
 * Has @fd, a regular file open for reading, looked into, and waits @wait_ms at most. The caller
 * frees @specimen. Errors: -ETIMEDOUT, -EPROTO where the reader ended without an answer or gave one
 * that is none, -EAGAIN where the file changed meanwhile, -EPIPE where the nursery is gone, or what
 * reading the file gave.
 */
int embargo_classifier_read(struct embargo_classifier *classifier, int fd, unsigned int wait_ms,
			    struct embargo_specimen *specimen);

/* The sentence for an error of these functions. */
const char *embargo_classifier_error(int error);

#endif
