// SPDX-License-Identifier: GPL-2.0-or-later
/* A table of where each digest stands in the list of learned digests. */
#include "loader/learned/finder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/model/digest.h"

/* Open addressing, never more than half full. */
#define SLOTS (2 * EMBARGO_FINDER_MAX)

/* As list.c writes it, the first key of each line. */
static const char key[] = "\"sha256\"";

/* The first bytes of a digest are as good as a hash of it. */
struct slot {
	uint64_t digest;
	uint64_t line; /* where it begins, from 1; 0: free */
};

struct embargo_finder {
	const char *file;
	struct slot *slots;
	size_t count;
	/* The file that was read. When it was made, too: an inode's number is used again. */
	uint64_t inode, made;
	uint64_t read; /* bytes, up to the end of a line */
};

/* What a read of the list brings: lines, and the beginning of one. */
#define CHUNK (1u << 20)
_Static_assert(CHUNK > EMBARGO_LEARNED_LINE, "a line fits");

int embargo_finder_open(const char *file, struct embargo_finder **finder)
{
	struct embargo_finder *made = calloc(1, sizeof(*made));

	if (!made || !(made->slots = calloc(SLOTS, sizeof(*made->slots)))) {
		free(made);
		return -ENOMEM;
	}
	made->file = file;
	*finder = made;
	return 0;
}

void embargo_finder_close(struct embargo_finder *finder)
{
	if (!finder)
		return;
	free(finder->slots);
	free(finder);
}

static uint64_t head_of(const struct embargo_digest *digest)
{
	uint64_t head;

	memcpy(&head, digest->bytes, sizeof(head));
	return head;
}

static void note(struct embargo_finder *finder, const char *line, size_t length, uint64_t at)
{
	const char *end = line + length, *text = memmem(line, length, key, strlen(key));
	struct embargo_digest digest;
	size_t slot;

	for (text = text ? text + strlen(key) : end; text < end && strchr(" :\"", *text); text++)
		;
	if (end - text < 2 * EMBARGO_SHA256_SIZE ||
	    embargo_digest_parse(text, 2 * EMBARGO_SHA256_SIZE, &digest))
		return;
	if (finder->count == EMBARGO_FINDER_MAX)
		return;
	for (slot = head_of(&digest) % SLOTS; finder->slots[slot].line; slot = (slot + 1) % SLOTS)
		;
	finder->slots[slot] = (struct slot) { head_of(&digest), at + 1 };
	finder->count++;
}

/* Notes the whole lines of @text, which begins at @at of the file; returns how much that was. */
static size_t note_lines(struct embargo_finder *finder, const char *text, size_t size, uint64_t at)
{
	const char *line = text, *end;

	while ((end = memchr(line, '\n', size - (size_t)(line - text)))) {
		note(finder, line, (size_t)(end - line), at + (uint64_t)(line - text));
		line = end + 1;
	}
	return (size_t)(line - text);
}

static int read_on(struct embargo_finder *finder, int fd)
{
	_cleanup_free_
	char *text = malloc(CHUNK);
	size_t whole;
	ssize_t got;

	if (!text)
		return -ENOMEM;
	while ((got = embargo_file_pread(fd, text, CHUNK, finder->read)) > 0) {
		whole = note_lines(finder, text, (size_t)got, finder->read);
		/* A line that is longer than any entry is none. */
		if (!whole && got == CHUNK)
			whole = CHUNK;
		finder->read += whole;
		if (got < CHUNK)
			break;
	}
	return got < 0 ? (int)got : 0;
}

static void begin_anew(struct embargo_finder *finder)
{
	memset(finder->slots, 0, SLOTS * sizeof(*finder->slots));
	finder->count = finder->read = 0;
}

static int follow(struct embargo_finder *finder, int fd)
{
	struct statx status;
	uint64_t made;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_SIZE | STATX_BTIME, &status))
		return -errno;
	made = status.stx_mask & STATX_BTIME
		       ? (uint64_t)status.stx_btime.tv_sec << 30 | status.stx_btime.tv_nsec
		       : 0;
	if (status.stx_ino != finder->inode || made != finder->made ||
	    status.stx_size < finder->read)
		begin_anew(finder);
	finder->inode = status.stx_ino;
	finder->made = made;
	return status.stx_size == finder->read ? 0 : read_on(finder, fd);
}

struct wanted {
	const struct embargo_digest *digest;
	int (*each)(void *context, const struct embargo_learned_entry *entry);
	void *context;
};

/* Two digests may begin alike. */
static int check(void *context, const struct embargo_learned_entry *entry)
{
	const struct wanted *wanted = context;

	if (memcmp(&entry->digest, wanted->digest, sizeof(entry->digest)))
		return -ENOENT;
	return wanted->each(wanted->context, entry);
}

static int read_line(int fd, uint64_t at, char *line, struct wanted *wanted)
{
	const ssize_t got = embargo_file_pread(fd, line, EMBARGO_LEARNED_LINE, at);
	const char *end = got > 0 ? memchr(line, '\n', (size_t)got) : NULL;
	int result;

	if (!end)
		return got < 0 ? (int)got : -ENOENT;
	result = embargo_learned_list_line(line, (size_t)(end - line), check, wanted);
	return result == -EBADMSG ? -ENOENT : result;
}

static int read_lines(const struct embargo_finder *finder, int fd, struct wanted *wanted)
{
	const uint64_t head = head_of(wanted->digest);
	_cleanup_free_
	char *line = malloc(EMBARGO_LEARNED_LINE);
	int result = -ENOENT;

	if (!line)
		return -ENOMEM;
	for (size_t slot = head % SLOTS; finder->slots[slot].line && result == -ENOENT;
	     slot = (slot + 1) % SLOTS)
		if (finder->slots[slot].digest == head)
			result = read_line(fd, finder->slots[slot].line - 1, line, wanted);
	return result;
}

int embargo_finder_find(struct embargo_finder *finder, const struct embargo_digest *digest,
			int (*each)(void *context, const struct embargo_learned_entry *entry),
			void *context)
{
	struct wanted wanted = { digest, each, context };
	_cleanup_close_ int fd = open(finder->file, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = follow(finder, fd);
	return error ? error : read_lines(finder, fd, &wanted);
}
