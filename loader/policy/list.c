// SPDX-License-Identifier: GPL-2.0-or-later
/* Digest lists: one line at a time out of a fixed buffer. */
#include "loader/policy/list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/utf8.h"
#include "loader/crypto/sha256.h"
#include "loader/model/digest.h"

#define BUFFER_SIZE 65536
_Static_assert(BUFFER_SIZE > EMBARGO_LIST_LINE, "a line fits the buffer");

/* The last comment that there was: lines in a row. */
struct comment {
	bool goes_on; /* with the next line that is one */
	size_t length;
	char text[EMBARGO_LIST_COMMENT];
};

struct stream {
	const char *path;
	struct embargo_diagnostic *diagnostic;
	int fd;
	uint64_t offset;    /* in the file, of what follows the buffer */
	size_t at, used;    /* in the buffer */
	bool ended;	    /* nothing follows the buffer */
	bool takes_nothing; /* the digest of the empty file is an entry, too */
	unsigned int line;
	char *buffer;
	struct embargo_sha256 *sum; /* of all that was read; NULL where nobody asks */
	struct comment *comment;    /* NULL where nobody asks */
};

static void free_sum(struct embargo_sha256 **sum)
{
	embargo_sha256_free(*sum);
}

__attribute__((format(printf, 4, 5))) static int refuse_line(const struct stream *stream,
							     size_t column, const char *remedy,
							     const char *format, ...)
{
	struct embargo_diagnostic *diagnostic = stream->diagnostic;
	va_list arguments;

	embargo_diagnostic_at(diagnostic, stream->path, stream->line, (unsigned int)column + 1);
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	va_start(arguments, format);
	vsnprintf(diagnostic->what, sizeof(diagnostic->what), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* The list as a whole is refused where the policy names it: there it can be put right. */
__attribute__((format(printf, 6, 7))) static int refuse_list(const struct embargo_policy *policy,
							     const struct embargo_list *list,
							     struct embargo_diagnostic *diagnostic,
							     int error, const char *remedy,
							     const char *format, ...)
{
	va_list arguments;

	embargo_diagnostic_at(diagnostic, policy->file, list->mark.line, list->mark.column);
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	va_start(arguments, format);
	vsnprintf(diagnostic->what, sizeof(diagnostic->what), format, arguments);
	va_end(arguments);
	return error;
}

/* Moves what is left to the front and reads on. */
static int fill(struct stream *stream)
{
	ssize_t got;

	memmove(stream->buffer, stream->buffer + stream->at, stream->used - stream->at);
	stream->used -= stream->at;
	stream->at = 0;
	got = embargo_file_pread(stream->fd, stream->buffer + stream->used,
				 BUFFER_SIZE - stream->used, stream->offset);
	if (got < 0)
		return refuse_line(stream, 0, "look after the disk", "cannot be read: %s",
				   strerror((int)-got));
	if (stream->sum &&
	    embargo_sha256_add(stream->sum, stream->buffer + stream->used, (size_t)got))
		return refuse_line(stream, 0, "try again", "cannot be hashed");
	stream->offset += (uint64_t)got;
	stream->used += (size_t)got;
	stream->ended = !got;
	return 0;
}

/* The next line without its end, NUL-terminated in place, or NULL at the end of the list. */
static int next_line(struct stream *stream, char **line, size_t *length)
{
	char *start, *end = NULL;
	int error;

	for (;;) {
		start = stream->buffer + stream->at;
		end = memchr(start, '\n', stream->used - stream->at);
		if (end || stream->ended || stream->used - stream->at > EMBARGO_LIST_LINE)
			break;
		error = fill(stream);
		if (error)
			return error;
	}
	*line = NULL;
	stream->line++;
	if (!end && stream->at == stream->used)
		return 0;
	if (!end)
		end = stream->buffer + stream->used;
	*length = (size_t)(end - start);
	if (*length > EMBARGO_LIST_LINE)
		return refuse_line(stream, 0, "is this a digest list?",
				   "a line of more than %d bytes", EMBARGO_LIST_LINE);
	stream->at += *length + (end < stream->buffer + stream->used);
	*end = '\0';
	*line = start;
	return 0;
}

static int refuse_size(const struct stream *stream, size_t column)
{
	return refuse_line(stream, column, "write the bytes in decimal, or * where unknown",
			   "a size that is no number from 1 to 9223372036854775807");
}

/* SIZE or *, and the colon after it; @at moves past both. */
static int take_size(const struct stream *stream, const char *line, size_t *at,
		     struct embargo_list_entry *entry)
{
	const char *text = line + *at;
	uint64_t size = 0;

	entry->sized = *text != '*';
	for (; entry->sized && *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(size, 10, &size) ||
		    __builtin_add_overflow(size, (uint64_t)(*text - '0'), &size))
			return refuse_size(stream, *at);
	text += !entry->sized;
	if (*text != ':' || (entry->sized && (!size || size > INT64_MAX)))
		return refuse_size(stream, *at);
	entry->size = size;
	*at = (size_t)(text - line) + 1;
	return 0;
}

/* HASH:SIZE:NAME, then up to two levels, which say what ClamAV versions are meant. */
static int take_hsb(const struct stream *stream, char *line, size_t length,
		    struct embargo_list_entry *entry)
{
	size_t at = EMBARGO_DIGEST_HEX + 1, name;
	int error = take_size(stream, line, &at, entry);

	if (error)
		return error;
	name = strcspn(line + at, ":");
	if (!name)
		return refuse_line(stream, at, "write HASH:SIZE:NAME", "no name");
	entry->name = line + at;
	at += name;
	name = at;
	for (int levels = 0; line[at] == ':' && levels < 2; levels++) {
		size_t digits = strspn(line + at + 1, "0123456789");

		if (!digits)
			break;
		at += 1 + digits;
	}
	if (at != length)
		return refuse_line(stream, at, "write HASH:SIZE:NAME, or HASH:SIZE:NAME:73",
				   "more after the name than a level");
	line[name] = '\0';
	return 0;
}

static int take_sum(const struct stream *stream, const char *line, size_t at,
		    struct embargo_list_entry *entry)
{
	if ((line[at + 1] != ' ' && line[at + 1] != '*') || !line[at + 2])
		return refuse_line(stream, at, "write HASH, two spaces, NAME, as sha256sum does",
				   "no name");
	entry->name = line + at + 2;
	entry->sized = false;
	return 0;
}

static int refuse_digest(const struct stream *stream, const char *line, size_t at)
{
	size_t digits = strspn(line + at, "0123456789abcdefABCDEF");

	if (digits < 32)
		return refuse_line(stream, at,
				   "write HASH:SIZE:NAME, or HASH, two spaces, NAME; # begins a "
				   "comment",
				   "a line without a digest");
	return refuse_line(stream, at,
			   digits == 32	  ? "take a list of SHA-256 digests; this is MD5"
			   : digits == 40 ? "take a list of SHA-256 digests; this is SHA-1"
					  : "write the 64 characters that sha256sum prints",
			   "a digest of %zu characters, where SHA-256 has %d", digits,
			   EMBARGO_DIGEST_HEX);
}

/* Is the character one that may follow a digest? */
static bool ends_digest(char c)
{
	return c == ':' || c == ' ';
}

static int take_entry(const struct stream *stream, char *line, size_t length,
		      struct embargo_list_entry *entry)
{
	size_t at = line[0] == '\\'; /* sha256sum: the name has escapes in it */
	size_t end = at + EMBARGO_DIGEST_HEX;

	if (length < end || !ends_digest(line[end]) ||
	    embargo_digest_parse(line + at, EMBARGO_DIGEST_HEX, &entry->digest))
		return refuse_digest(stream, line, at);
	if (embargo_digest_is_of_nothing(&entry->digest) && !stream->takes_nothing)
		return refuse_line(stream, at, "take it out",
				   "the digest of the empty file, which would name every empty "
				   "file");
	entry->line = stream->line;
	if (line[end] == ' ')
		return take_sum(stream, line, end, entry);
	if (at)
		return refuse_line(stream, 0, "take the backslash out",
				   "a backslash before an .hsb line");
	return take_hsb(stream, line, length, entry);
}

static void take_comment(struct comment *comment, const char *line)
{
	line += strspn(line, "# \t");
	if (!comment->goes_on)
		comment->length = 0;
	comment->goes_on = true;
	comment->length += (size_t)snprintf(comment->text + comment->length,
					    sizeof(comment->text) - comment->length, "%s%s",
					    comment->length && *line ? " " : "", line);
	if (comment->length >= sizeof(comment->text))
		comment->length = sizeof(comment->text) - 1;
}

/* Is the line none of an entry? */
static bool is_passed_over(const struct stream *stream, const char *line)
{
	if (stream->comment && line[0] == '#')
		take_comment(stream->comment, line);
	else if (stream->comment)
		stream->comment->goes_on = false;
	return !line[0] || line[0] == '#';
}

static int read_entries(struct stream *stream,
			int (*each)(void *context, const struct embargo_list_entry *entry),
			void *context, size_t *count)
{
	struct embargo_list_entry entry = {
		.comment = stream->comment ? stream->comment->text : NULL,
	};
	size_t length;
	char *line;
	int error;

	for (*count = 0;;) {
		error = next_line(stream, &line, &length);
		if (error || !line)
			return error;
		if (memchr(line, '\0', length))
			return refuse_line(stream, strlen(line), "is this a digest list?",
					   "a NUL byte");
		if (length && line[length - 1] == '\r')
			line[--length] = '\0';
		if (is_passed_over(stream, line))
			continue;
		error = take_entry(stream, line, length, &entry);
		if (!error)
			error = each(context, &entry);
		if (error)
			return error;
		(*count)++;
	}
}

static int check_sha256(const struct embargo_policy *policy, const struct embargo_list *list,
			int fd, struct embargo_diagnostic *diagnostic)
{
	char text[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];
	struct embargo_digest found;
	int error;

	if (!list->checked)
		return 0;
	error = embargo_sha256_file(fd, &found, NULL);
	if (error)
		return refuse_list(policy, list, diagnostic, error, "look after the disk",
				   "the list '%.200s' cannot be read: %s", list->file,
				   strerror(-error));
	if (!memcmp(&found, &list->sha256, sizeof(found)))
		return 0;
	return refuse_list(policy, list, diagnostic, -EINVAL,
			   "restore the list, or write its new digest into the policy",
			   "the list '%.200s' is not the one that the policy means: its sha256 is "
			   "%s",
			   list->file, embargo_hex_format(found.bytes, sizeof(found.bytes), text));
}

/* Opens the list and looks at it from outside. */
static int open_list(const struct embargo_policy *policy, const struct embargo_list *list, int *fd,
		     struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int opened = -1;
	struct stat status;
	int error;

	error = embargo_file_open(list->path, &opened, &status);
	if (error)
		return refuse_list(policy, list, diagnostic, error,
				   error == -ENOENT ? "put it beside the policy, or correct the "
						      "name"
						    : "name a regular file that can be read",
				   "the list '%.200s': %s", list->file, embargo_file_error(error));
	if ((uint64_t)status.st_size > EMBARGO_LIST_BYTES)
		return refuse_list(policy, list, diagnostic, -E2BIG, "divide it",
				   "the list '%.200s' holds more than 1 GiB", list->file);
	error = check_sha256(policy, list, opened, diagnostic);
	if (!error)
		*fd = TAKE_FD(opened);
	return error;
}

/* Gives @stream its buffer, one byte longer: the last line may end with it, and still gets its NUL.
 */
static int read_stream(struct stream *stream,
		       int (*each)(void *context, const struct embargo_list_entry *entry),
		       void *context, size_t *count)
{
	_cleanup_free_
	char *buffer = malloc(BUFFER_SIZE + 1);

	if (!buffer)
		return embargo_diagnostic_what(stream->diagnostic, -ENOMEM, "out of memory");
	stream->buffer = buffer;
	return read_entries(stream, each, context, count);
}

/*
 * The list was held against its digest before anything looked into it; what was then read of the
 * file is that list only where it has the digest too.
 */
static int check_again(const struct embargo_policy *policy, const struct embargo_list *list,
		       struct embargo_sha256 *sum, struct embargo_diagnostic *diagnostic)
{
	struct embargo_digest found;

	if (sum &&
	    (embargo_sha256_end(sum, &found) || memcmp(&found, &list->sha256, sizeof(found))))
		return refuse_list(policy, list, diagnostic, -EINVAL,
				   "try again, when nothing writes to it",
				   "the list '%.200s' changed while it was read", list->file);
	return 0;
}

int embargo_list_read(const struct embargo_policy *policy, const struct embargo_list *list,
		      int (*each)(void *context, const struct embargo_list_entry *entry),
		      void *context, struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int fd = -1;
	_cleanup_(free_sum) struct embargo_sha256 *sum =
		list->checked ? embargo_sha256_begin() : NULL;
	struct stream stream = { .path = list->path, .diagnostic = diagnostic };
	size_t count;
	int error;

	if (list->checked && !sum)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = open_list(policy, list, &fd, diagnostic);
	if (error)
		return error;
	stream.fd = fd;
	stream.sum = sum;
	error = read_stream(&stream, each, context, &count);
	if (!error)
		error = check_again(policy, list, sum, diagnostic);
	if (error)
		return error;
	if (!count)
		return refuse_list(policy, list, diagnostic, -EINVAL,
				   "fill it, or take the rule out",
				   "the list '%.200s' holds no digest", list->file);
	return 0;
}

int embargo_list_read_file(int fd, const char *path,
			   int (*each)(void *context, const struct embargo_list_entry *entry),
			   void *context, struct embargo_diagnostic *diagnostic)
{
	struct comment comment = { .length = 0 };
	struct stream stream = {
		.path = path,
		.diagnostic = diagnostic,
		.fd = fd,
		.takes_nothing = true,
		.comment = &comment,
	};
	size_t count;

	return read_stream(&stream, each, context, &count);
}

char *embargo_list_name(const char *name, char *text, size_t size)
{
	embargo_utf8_printable(name, text, size);
	for (char *at = text; (at = strchr(at, ':')); at++)
		*at = '_';
	if (!text[0])
		snprintf(text, size, "-");
	return text;
}
