// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading and writing the list of learned digests. */
#include "loader/learned/list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/replace.h"
#include "loader/json/identity.h"
#include "loader/json/json.h"
#include "loader/model/digest.h"
#include "loader/model/time.h"

#define LOCK_STEP_MS 10

static int decode_digest(const json_t *object, struct embargo_digest *digest)
{
	const char *text = json_string_value(json_object_get(object, "sha256"));

	if (!text || embargo_digest_parse(text, strlen(text), digest) ||
	    embargo_digest_is_of_nothing(digest))
		return -EBADMSG;
	return 0;
}

/* Earlier versions told none: then they are others than any. */
static uint64_t decode_anchors(const json_t *object)
{
	const char *text = json_string_value(json_object_get(object, "anchors"));
	uint64_t anchors = UINT64_MAX;

	if (text)
		embargo_hex_parse(text, &anchors, sizeof(anchors));
	return anchors;
}

/* @object has to outlive @entry, whose path lies in it. */
static int decode(const json_t *object, struct embargo_learned_entry *entry)
{
	const char *at = json_string_value(json_object_get(object, "at"));
	const char *kind = json_string_value(json_object_get(object, "kind"));
	json_int_t size = json_integer_value(json_object_get(object, "size"));

	if (!at || !kind || size <= 0 || decode_digest(object, &entry->digest) ||
	    embargo_time_parse(at, &entry->at))
		return -EBADMSG;
	entry->size = (uint64_t)size;
	entry->kind = embargo_kind_parse(kind);
	entry->path = json_string_value(json_object_get(object, "path"));
	entry->anchors = decode_anchors(object);
	if (entry->kind == EMBARGO_KIND_UNKNOWN)
		return -EBADMSG;
	return embargo_identities_from_json(json_object_get(object, "identities"),
					    &entry->identities);
}

void embargo_learned_entry_rest(const struct embargo_learned_entry *entry, uint64_t anchors)
{
	for (size_t i = 0; entry->anchors != anchors && i < entry->identities.count; i++)
		if (entry->identities.array[i].chain_ok == EMBARGO_VALIDITY_YES)
			entry->identities.array[i].chain_ok = EMBARGO_VALIDITY_UNKNOWN;
}

int embargo_learned_list_line(const char *text, size_t length,
			      int (*each)(void *context, const struct embargo_learned_entry *entry),
			      void *context)
{
	_cleanup_json_ json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	struct embargo_learned_entry entry = { .size = 0 };
	int error = object ? decode(object, &entry) : -EBADMSG;

	if (!error)
		error = each(context, &entry);
	embargo_identities_free(&entry.identities);
	return error;
}

int embargo_learned_list_each(const char *file,
			      int (*each)(void *context, const struct embargo_learned_entry *entry),
			      void *context)
{
	_cleanup_fclose_ FILE *stream = fopen(file, "re");
	_cleanup_free_
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int error = 0;

	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	while (!error && (length = getline(&line, &room, stream)) > 0) {
		if (length > EMBARGO_LEARNED_LINE)
			continue;
		error = embargo_learned_list_line(line, (size_t)length, each, context);
		if (error == -EBADMSG)
			error = 0;
	}
	return error ? error : ferror(stream) ? -EIO : 0;
}

static int encode(const struct embargo_learned_entry *entry, json_t *object)
{
	json_t *identities = NULL;
	int failed =
		embargo_json_set_hex(object, "sha256", entry->digest.bytes, EMBARGO_SHA256_SIZE);

	failed |= embargo_json_set_number(object, "size", entry->size);
	failed |= embargo_json_set_text(object, "kind", embargo_kind_name(entry->kind));
	failed |= embargo_json_set_time(object, "at", entry->at);
	failed |= embargo_json_set_text(object, "path", entry->path);
	failed |= embargo_json_set_hex(object, "anchors", (const uint8_t *)&entry->anchors,
				       sizeof(entry->anchors));
	failed |= embargo_identities_to_json(&entry->identities, &identities);
	if (identities)
		failed |= embargo_json_set(object, "identities", identities);
	return failed ? -ENOMEM : 0;
}

static int write_entry(FILE *stream, const struct embargo_learned_entry *entry)
{
	_cleanup_json_ json_t *object = json_object();

	if (!object || encode(entry, object))
		return -ENOMEM;
	return embargo_json_print_line(object, stream);
}

/* A list that was cut off in the middle of a line goes on with a new one. */
static int end_last_line(int fd, off_t size)
{
	char last;

	if (!size)
		return 0;
	if (pread(fd, &last, 1, size - 1) != 1)
		return -EIO;
	return last == '\n' ? 0 : embargo_file_write(fd, "\n", 1);
}

int embargo_learned_list_encode(const struct embargo_learned_entry *entry, char **line)
{
	_cleanup_free_
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int error = stream ? write_entry(stream, entry) : -ENOMEM;

	if (stream && fclose(stream) && !error)
		error = -ENOMEM;
	if (!error)
		*line = TAKE_PTR(text);
	return error;
}

int embargo_learned_list_append_line(const char *file, const char *line)
{
	_cleanup_close_ int fd = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	struct stat status;
	int error;

	if (fd < 0 || fstat(fd, &status))
		return -errno;
	error = end_last_line(fd, status.st_size);
	if (!error)
		error = embargo_file_write(fd, line, strlen(line));
	if (!error && fdatasync(fd))
		error = -errno;
	/* Half of a line on a full disk would be there again at each try. */
	if (error && ftruncate(fd, status.st_size))
		return error;
	return error;
}

int embargo_learned_list_append(const char *file, const struct embargo_learned_entry *entry)
{
	_cleanup_free_
	char *line = NULL;
	int error = embargo_learned_list_encode(entry, &line);

	return error ? error : embargo_learned_list_append_line(file, line);
}

struct filter {
	FILE *stream;
	bool (*keep)(void *context, const struct embargo_learned_entry *entry);
	void *context;
};

static int copy_kept(void *context, const struct embargo_learned_entry *entry)
{
	const struct filter *filter = context;

	return filter->keep(filter->context, entry) ? write_entry(filter->stream, entry) : 0;
}

int embargo_learned_list_filter(const char *file,
				bool (*keep)(void *context,
					     const struct embargo_learned_entry *entry),
				void *context)
{
	struct filter filter = { .keep = keep, .context = context };
	_cleanup_fclose_ FILE *stream = NULL;
	char anew[PATH_MAX];
	int error, fd;

	if (access(file, F_OK))
		return errno == ENOENT ? 0 : -errno;
	fd = embargo_file_open_beside(file, anew, 0644);
	if (fd < 0)
		return fd;
	stream = fdopen(fd, "w");
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	filter.stream = stream;
	error = embargo_learned_list_each(file, copy_kept, &filter);
	if (!error && (fflush(stream) || fsync(fileno(stream)) || rename(anew, file)))
		error = -errno;
	if (error)
		unlink(anew);
	return error;
}

int embargo_learned_list_lock(const char *file, unsigned int wait_ms, int *fd)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };
	_cleanup_free_
	char *name = NULL;
	_cleanup_close_ int lock = -1;

	if (asprintf(&name, "%s.lock", file) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0)
		return -errno;
	for (unsigned int waited = 0; flock(lock, LOCK_EX | LOCK_NB); waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (waited >= wait_ms)
			return -EAGAIN;
		nanosleep(&step, NULL);
	}
	*fd = TAKE_FD(lock);
	return 0;
}
