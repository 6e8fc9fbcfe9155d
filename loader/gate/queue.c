// SPDX-License-Identifier: GPL-2.0-or-later
/* The queue of held executions. */
#include "loader/gate/queue.h"

#include <errno.h>

void embargo_held_file_read(const struct stat *status, struct embargo_held_file *file)
{
	*file = (struct embargo_held_file) {
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = (uint64_t)status->st_size,
		.changed = status->st_ctim,
	};
}

bool embargo_held_file_is(const struct embargo_held_file *a, const struct embargo_held_file *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

int embargo_queue_add(struct embargo_queue *queue, int fd, const struct embargo_held_file *file,
		      uint64_t now_ms)
{
	if (queue->count == EMBARGO_QUEUE_MAX)
		return -ENOSPC;
	queue->entries[queue->count++] = (struct embargo_held) {
		.fd = fd,
		.since_ms = now_ms,
		.file = *file,
	};
	return 0;
}

enum embargo_asked_lane embargo_held_file_lane(const struct embargo_held_file *file)
{
	return file->size <= EMBARGO_QUEUE_SMALL ? EMBARGO_ASKED_SMALL : EMBARGO_ASKED_LARGE;
}

static struct embargo_held *find_first(struct embargo_queue *queue, enum embargo_asked_lane lane)
{
	for (size_t i = 0; i < queue->count; i++)
		if (embargo_held_file_lane(&queue->entries[i].file) == lane)
			return &queue->entries[i];
	return NULL;
}

int embargo_queue_ask(struct embargo_queue *queue, enum embargo_asked_lane lane, uint64_t now_ms)
{
	struct embargo_held *first = NULL;

	if (!queue->questions[lane].is_open)
		first = find_first(queue, lane);
	if (!first)
		return -EAGAIN;
	for (size_t i = 0; i < queue->count; i++)
		if (embargo_held_file_is(&queue->entries[i].file, &first->file))
			queue->entries[i].is_asked = true;
	queue->questions[lane] = (struct embargo_question) { true, now_ms };
	return first->fd;
}

/* Takes out those that @is_due says of; the others keep their order. */
static void take_out(struct embargo_queue *queue,
		     bool (*is_due)(const struct embargo_held *held, uint64_t limit),
		     uint64_t limit, embargo_queue_release *release, void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < queue->count; i++) {
		const struct embargo_held held = queue->entries[i];

		if (is_due(&held, limit))
			release(context, &held);
		else
			queue->entries[kept++] = held;
	}
	queue->count = kept;
}

static bool is_asked(const struct embargo_held *held, uint64_t lane)
{
	return held->is_asked && embargo_held_file_lane(&held->file) == lane;
}

static bool is_old(const struct embargo_held *held, uint64_t limit)
{
	return held->since_ms <= limit;
}

void embargo_queue_answer(struct embargo_queue *queue, enum embargo_asked_lane lane,
			  embargo_queue_release *release, void *context)
{
	if (!queue->questions[lane].is_open)
		return;
	queue->questions[lane].is_open = false;
	take_out(queue, is_asked, lane, release, context);
}

void embargo_queue_expire(struct embargo_queue *queue, uint64_t wait_ms, uint64_t now_ms,
			  embargo_queue_release *release, void *context)
{
	if (now_ms >= wait_ms)
		take_out(queue, is_old, now_ms - wait_ms, release, context);
}

bool embargo_queue_drop(struct embargo_queue *queue, embargo_queue_release *release, void *context)
{
	if (!queue->count)
		return false;
	take_out(queue, is_old, queue->entries[0].since_ms, release, context);
	return true;
}

void embargo_queue_empty(struct embargo_queue *queue, embargo_queue_release *release, void *context)
{
	for (size_t lane = 0; lane < EMBARGO_ASKED_LANES; lane++)
		queue->questions[lane].is_open = false;
	take_out(queue, is_old, UINT64_MAX, release, context);
}

static bool is_open_for_long(const struct embargo_question *question, uint64_t now_ms)
{
	return question->is_open && now_ms >= question->asked_ms + EMBARGO_QUEUE_HUNG_MS;
}

bool embargo_queue_is_hung(const struct embargo_queue *queue, enum embargo_asked_lane lane,
			   uint64_t now_ms)
{
	return is_open_for_long(&queue->questions[lane], now_ms) ||
	       is_open_for_long(&queue->questions[EMBARGO_ASKED_SMALL], now_ms);
}

int embargo_queue_rest(const struct embargo_queue *queue, uint64_t wait_ms, uint64_t now_ms,
		       int most_ms)
{
	uint64_t due;

	if (!queue->count)
		return most_ms;
	due = queue->entries[0].since_ms + wait_ms;
	if (due <= now_ms)
		return 0;
	return due - now_ms < (uint64_t)most_ms ? (int)(due - now_ms) : most_ms;
}
