// SPDX-License-Identifier: GPL-2.0-or-later
/* Examining files, one after another. */
#include "loader/watch/examiner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/archive/decompress.h"
#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/classify/classifier.h"
#include "loader/classify/recollection.h"
#include "loader/crypto/anchors.h"
#include "loader/identity/kind.h"
#include "loader/index/index.h"
#include "loader/watch/priority.h"

/* How often a file is held against rules that change meanwhile. */
#define RELOADS 3

enum lane {
	LANE_QUICK,
	LANE_PATIENT, /* for the inventory */
	LANE_ASKED,   /* for the gate */
	LANE_LARGE,   /* and its large files */
	LANE_COUNT,
};

struct embargo_examiner {
	const struct embargo_examiner_callbacks *callbacks;
	void *context;
	struct embargo_classifier *classifiers[LANE_COUNT]; /* NULL: could not be started */
	struct embargo_classifier_meanwhile meanwhile;
	struct embargo_index *index;
	uint64_t anchors; /* their number, found before any classifier that reads them */
	struct embargo_learner *learner;
	const struct embargo_owners *owners;
	struct embargo_examiner_counts counts;
};

static enum lane find_lane(enum embargo_origin origin)
{
	if (origin == EMBARGO_ORIGIN_ASKED || origin == EMBARGO_ORIGIN_LARGE)
		return origin == EMBARGO_ORIGIN_ASKED ? LANE_ASKED : LANE_LARGE;
	return origin == EMBARGO_ORIGIN_INVENTORY ? LANE_PATIENT : LANE_QUICK;
}

static int start_classifier(struct embargo_examiner *examiner, enum lane lane)
{
	int error = embargo_classifier_start(lane == LANE_PATIENT ? embargo_priority_lower : NULL,
					     &examiner->classifiers[lane]);

	if (!error && lane != LANE_ASKED)
		embargo_classifier_serve(examiner->classifiers[lane], &examiner->meanwhile);
	return error;
}

/* An index that cannot be cleared of what holds no more is done without. */
static void ground_index(struct embargo_examiner *examiner)
{
	if (!embargo_index_ground(examiner->index, embargo_recollection_ground(examiner->anchors)))
		return;
	embargo_index_close(examiner->index);
	examiner->index = NULL;
}

static void cleanup_examiner(struct embargo_examiner **examiner)
{
	embargo_examiner_close(*examiner);
}

int embargo_examiner_open(const struct embargo_examiner_callbacks *callbacks, void *context,
			  struct embargo_examiner **examiner, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_examiner) struct embargo_examiner *made = calloc(1, sizeof(*made));
	struct embargo_diagnostic ignored = { .line = 0 }; /* embargo_examiner_renew() tells */
	bool was_damaged;
	int error = 0;

	if (!made)
		return -ENOMEM;
	made->callbacks = callbacks;
	made->context = context;
	embargo_anchors_number_in(EMBARGO_ANCHORS_FOLDER, &made->anchors, &ignored);
	/* Before there is anything that a classifier must not inherit. */
	for (enum lane lane = 0; lane < LANE_COUNT && !error; lane++)
		error = start_classifier(made, lane);
	if (!error)
		error = embargo_learner_open(&made->learner);
	if (error)
		return error;
	embargo_learner_rest(made->learner, made->anchors);
	embargo_index_open(EMBARGO_INDEX_FILE, &made->index, &was_damaged, diagnostic);
	ground_index(made);
	*examiner = TAKE_PTR(made);
	return 0;
}

void embargo_examiner_close(struct embargo_examiner *examiner)
{
	if (!examiner)
		return;
	for (enum lane lane = 0; lane < LANE_COUNT; lane++)
		embargo_classifier_stop(examiner->classifiers[lane]);
	embargo_learner_close(examiner->learner);
	embargo_index_close(examiner->index);
	free(examiner);
}

int embargo_examiner_renew(struct embargo_examiner *examiner, struct embargo_diagnostic *diagnostic)
{
	uint64_t anchors;
	int error = embargo_anchors_number_in(EMBARGO_ANCHORS_FOLDER, &anchors, diagnostic);

	if (anchors == examiner->anchors)
		return error;
	examiner->anchors = anchors;
	embargo_learner_rest(examiner->learner, anchors);
	ground_index(examiner);
	for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
		embargo_classifier_stop(examiner->classifiers[lane]);
		examiner->classifiers[lane] = NULL;
		start_classifier(examiner, lane);
	}
	return error;
}

void embargo_examiner_own(struct embargo_examiner *examiner, const struct embargo_owners *owners)
{
	examiner->owners = owners;
}

void embargo_examiner_serve(struct embargo_examiner *examiner,
			    const struct embargo_classifier_meanwhile *meanwhile)
{
	examiner->meanwhile = *meanwhile;
	for (enum lane lane = 0; lane < LANE_COUNT; lane++)
		if (lane != LANE_ASKED && examiner->classifiers[lane])
			embargo_classifier_serve(examiner->classifiers[lane], meanwhile);
}

struct embargo_learner *embargo_examiner_learner(struct embargo_examiner *examiner)
{
	return examiner->learner;
}

const struct embargo_examiner_counts *embargo_examiner_counts(
	const struct embargo_examiner *examiner)
{
	return &examiner->counts;
}

/* What could match a rule that looks into files: the rest is data. Returns 1, 0 or -errno. */
static int is_code(int fd, const struct stat *status)
{
	char head[EMBARGO_KIND_HEAD];
	ssize_t got = embargo_file_pread(fd, head, sizeof(head), 0);

	if (got < 4)
		return got < 0 ? (int)got : 0;
	return (status->st_mode & 0111) ||
	       embargo_kind_detect(head, (size_t)got) != EMBARGO_KIND_UNKNOWN ||
	       embargo_decompress_detect(head, (size_t)got);
}

/* A classifier that did not answer is replaced: what it chews on may never end. */
static int classify(struct embargo_examiner *examiner, int fd, enum embargo_origin origin,
		    struct embargo_specimen *specimen)
{
	const enum lane lane = find_lane(origin);
	const unsigned int wait_ms =
		lane >= LANE_ASKED ? EMBARGO_EXAMINER_ASKED_MS : EMBARGO_EXAMINER_MS;
	struct embargo_classifier *classifier = examiner->classifiers[lane];
	int error = -EPIPE;

	if (classifier)
		error = embargo_classifier_read(classifier, fd, wait_ms, specimen);
	if (error != -ETIMEDOUT && error != -EPIPE)
		return error;
	examiner->classifiers[lane] = NULL;
	embargo_classifier_stop(classifier);
	start_classifier(examiner, lane);
	return error;
}

static int find_out(struct embargo_examiner *examiner, int fd, enum embargo_origin origin,
		    struct embargo_specimen *specimen)
{
	struct embargo_index_key key;
	bool is_indexed = !embargo_index_key_read(fd, &key);
	int error;

	if (is_indexed && origin != EMBARGO_ORIGIN_NOTICE &&
	    !embargo_recollection_recall(examiner->index, fd, &key, specimen)) {
		examiner->counts.remembered++;
		return 0;
	}
	error = classify(examiner, fd, origin, specimen);
	if (error)
		return error;
	examiner->counts.classified++;
	if (is_indexed)
		embargo_recollection_keep(examiner->index, fd, &key, specimen);
	return 0;
}

/* A name counts where it leads to this very file, as this namespace sees it. */
static const char *confirm(int fd, const char *path)
{
	struct stat opened, named;

	if (!path || path[0] != '/' || fstat(fd, &opened) || lstat(path, &named))
		return NULL;
	return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino ? path : NULL;
}

static int consider(struct embargo_examiner *examiner, const char *path,
		    const struct embargo_specimen *specimen, struct embargo_lesson *lesson)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	bool changed;
	int result = -ESTALE;

	for (int i = 0; i < RELOADS && result == -ESTALE; i++) {
		if (embargo_learner_follow(examiner->learner, &changed, &ignored))
			return -ESTALE; /* nothing is in force, or not yet */
		if (changed)
			examiner->callbacks->changed(examiner->context);
		result = embargo_learner_consider(examiner->learner, path, specimen, lesson);
	}
	return result;
}

/* Returns how many rules match what is new, as embargo_learner_consider(). */
static int examine(struct embargo_examiner *examiner, int fd, const char *path,
		   enum embargo_origin origin, struct embargo_specimen *specimen,
		   struct embargo_lesson *lesson)
{
	const char *named = confirm(fd, path);
	int result = find_out(examiner, fd, origin, specimen);

	/* Said by a file system or a reader, it is not said of the rules. */
	if (result == -ESTALE)
		return -EIO;
	if (!result && named && examiner->owners)
		result = embargo_owners_add(examiner->owners, named, &specimen->identities);
	if (!result)
		result = consider(examiner, named, specimen, lesson);
	return result;
}

int embargo_examiner_look(struct embargo_examiner *examiner, int fd, const char *path,
			  enum embargo_origin origin)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	struct embargo_lesson lesson;
	struct stat status;
	int result;

	if (!embargo_learner_is_needed(examiner->learner))
		return 0;
	if (fstat(fd, &status))
		return -errno;
	result = S_ISREG(status.st_mode) ? is_code(fd, &status) : 0;
	if (!result)
		return 0;
	if (result > 0)
		result = examine(examiner, fd, path, origin, &specimen, &lesson);
	if (result == -ESTALE)
		return result;
	if (result < 0) {
		examiner->counts.failed++;
		examiner->callbacks->failed(examiner->context, path, result);
		return result;
	}
	if (result > 0) {
		examiner->counts.learned += !lesson.is_foundation && !lesson.is_full;
		examiner->callbacks->lesson(examiner->context, path, &lesson);
	}
	return specimen.file.size > EMBARGO_SPECIMEN_BYTES ? -EFBIG : 0;
}

void embargo_examiner_let_go(struct embargo_examiner *examiner)
{
	embargo_index_close(examiner->index);
	examiner->index = NULL;
}

int embargo_examiner_reopen(struct embargo_examiner *examiner,
			    struct embargo_diagnostic *diagnostic)
{
	bool was_damaged;
	int error;

	if (embargo_index_is_open(examiner->index))
		return 0;
	embargo_examiner_let_go(examiner);
	error = embargo_index_open(EMBARGO_INDEX_FILE, &examiner->index, &was_damaged, diagnostic);
	if (error)
		return error;
	ground_index(examiner);
	return embargo_index_is_open(examiner->index) ? 0 : -EIO;
}

void embargo_examiner_rest(struct embargo_examiner *examiner)
{
	embargo_index_flush(examiner->index);
}
