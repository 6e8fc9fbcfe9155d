// SPDX-License-Identifier: GPL-2.0-or-later
/* The classifier as verbs use it. */
#include "loader/cli/reading.h"

#include <errno.h>
#include <string.h>

#include "loader/base/log.h"
#include "loader/classify/classifier.h"
#include "loader/kernel/opener.h"

/* To give up everything takes milliseconds; a machine that is emulated and busy takes its time. */
#define START_MS 20000

/* The largest file takes some seconds. */
#define READ_MS 60000

/* Who writes to a file whenever it is read has it told as changing. */
#define TRIES 3

static int start(struct embargo_reading *reading)
{
	int error = embargo_classifier_start(NULL, &reading->classifier);

	if (error)
		return error;
	error = embargo_classifier_await(reading->classifier, START_MS);
	if (!error)
		return 0;
	embargo_classifier_stop(reading->classifier);
	reading->classifier = NULL;
	return error;
}

int embargo_reading_start(struct embargo_reading *reading, bool is_unconfined)
{
	int error;

	*reading = (struct embargo_reading) { .is_started = false };
	embargo_opener_exempt(); /* as root: to others a file that cannot be opened is one */
	error = is_unconfined ? 0 : start(reading);
	if (error == -EPIPE)
		embargo_log_error("sandbox",
				  "the processes that look into files cannot give up their "
				  "privileges here (seccomp); --unconfined reads files without, "
				  "which is for files that you trust");
	else if (error)
		embargo_log_error("sandbox",
				  "the processes that look into files cannot be started: %s",
				  strerror(-error));
	reading->is_started = !error;
	return error;
}

void embargo_reading_stop(struct embargo_reading *reading)
{
	embargo_classifier_stop(reading->classifier);
	*reading = (struct embargo_reading) { .is_started = false };
}

/* What a file does to the processes that look into it, no other file meets. */
static void start_again(struct embargo_reading *reading)
{
	embargo_classifier_stop(reading->classifier);
	reading->classifier = NULL;
	reading->is_started = !start(reading);
}

int embargo_reading_read(struct embargo_reading *reading, int fd, struct embargo_specimen *specimen)
{
	int error = -EAGAIN;

	if (!reading->is_started)
		return -EPIPE;
	for (int i = 0; i < TRIES && error == -EAGAIN; i++)
		error = reading->classifier ? embargo_classifier_read(reading->classifier, fd,
								      READ_MS, specimen)
					    : embargo_specimen_read(fd, specimen);
	if (error == -ETIMEDOUT || error == -EPIPE)
		start_again(reading);
	return error;
}

const char *embargo_reading_error(int error)
{
	return embargo_classifier_error(error);
}
