/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Examining one file: what is known of it, what the classifier finds, what is to be learned. */
#ifndef EMBARGO_WATCH_EXAMINER_H
#define EMBARGO_WATCH_EXAMINER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/classify/classifier.h"
#include "loader/watch/learner.h"
#include "loader/watch/owners.h"

/* Where word of a file came from. */
enum embargo_origin {
	EMBARGO_ORIGIN_UNKNOWN,
	EMBARGO_ORIGIN_INVENTORY, /* the index may know it; it can wait */
	EMBARGO_ORIGIN_NOTICE,	  /* it was written just now: nothing that is known counts */
	EMBARGO_ORIGIN_SIGHTING,  /* the kernel half met it */
	EMBARGO_ORIGIN_ASKED,	  /* the gate holds somebody until it is examined */
	EMBARGO_ORIGIN_LARGE,	  /* and it is a large one, in the midst of which others are */
	EMBARGO_ORIGIN_COUNT,
};

/* For `status`: since the process began. */
struct embargo_examiner_counts {
	uint64_t classified; /* files that were looked into */
	uint64_t remembered; /* files that the index knew */
	uint64_t learned;    /* contents */
	uint64_t failed;     /* files that could not be classified */
};

struct embargo_examiner_callbacks {
	/* @lesson was learned of the file at @path; NULL: of one that has none. */
	void (*lesson)(void *context, const char *path, const struct embargo_lesson *lesson);

	/* The file at @path could not be classified; @error: -errno. */
	void (*failed)(void *context, const char *path, int error);

	/* Other rules are in force: all files have to be examined anew. */
	void (*changed)(void *context);
};

struct embargo_examiner;

/*
 * Starts the classifiers: two for the gate, which no other file is in the way of, one for the
 * inventory with the lowest priorities, and one for the rest. @callbacks and
 * @context outlive the examiner. Fills @diagnostic with what is no reason to fail, as an index that
 * was damaged. Returns 0 or -errno.
 */
int embargo_examiner_open(const struct embargo_examiner_callbacks *callbacks, void *context,
			  struct embargo_examiner **examiner,
			  struct embargo_diagnostic *diagnostic);
void embargo_examiner_close(struct embargo_examiner *examiner);

/*
 * Takes up other anchors, where there are any. Not while a file is examined. Errors: as
 * embargo_anchors_load(), told in @diagnostic; then there are none.
 */
int embargo_examiner_renew(struct embargo_examiner *examiner,
			   struct embargo_diagnostic *diagnostic);

/* Files of packages have the packages' identities from now on; @owners (or NULL) stays the
 * caller's. */
void embargo_examiner_own(struct embargo_examiner *examiner, const struct embargo_owners *owners);

struct embargo_learner *embargo_examiner_learner(struct embargo_examiner *examiner);
const struct embargo_examiner_counts *embargo_examiner_counts(
	const struct embargo_examiner *examiner);

/*
 * From now on @meanwhile is served while a file of any other origin than EMBARGO_ORIGIN_ASKED is
 * examined. It may have files of that origin examined, and one of EMBARGO_ORIGIN_LARGE in the midst
 * of one that is of neither.
 */
void embargo_examiner_serve(struct embargo_examiner *examiner,
			    const struct embargo_classifier_meanwhile *meanwhile);

/*
 * Examines the file @fd, which was met under @path. Takes as long as EMBARGO_EXAMINER_MS at most,
 * if the file system answers; where the gate asks, as long as it can be set to wait, which is
 * shorter than it takes the watch for hung.
 *
 * Returns 0 where all that rules ask for was looked for, and what they match is refused by now.
 * Errors: -ESTALE where the rules could not be followed, or changed too often: the file is examined
 * again with all others. -EFBIG where it is too large to be looked into: its digest and its path
 * were gone by. As embargo_classifier_read() and embargo_learner_consider(): it is counted as
 * failed, and may be any of the files that rules ask for.
 */
#define EMBARGO_EXAMINER_MS	  60000
#define EMBARGO_EXAMINER_ASKED_MS 4000

int embargo_examiner_look(struct embargo_examiner *examiner, int fd, const char *path,
			  enum embargo_origin origin);

/* Opens an index that broke, or could not be opened, once more. Returns 0 where there is one now,
 * or -errno, told in @diagnostic. Not while a file is examined. */
int embargo_examiner_reopen(struct embargo_examiner *examiner,
			    struct embargo_diagnostic *diagnostic);

/* Closes the index, so that nothing of it is open on a file system that is broken. Not while a file
 * is examined. */
void embargo_examiner_let_go(struct embargo_examiner *examiner);

/* Makes last what the index got; for when there is nothing else to do. */
void embargo_examiner_rest(struct embargo_examiner *examiner);

#endif
