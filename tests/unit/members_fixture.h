/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages made byte by byte, and what is found in them. */
#ifndef EMBARGO_TESTS_MEMBERS_FIXTURE_H
#define EMBARGO_TESTS_MEMBERS_FIXTURE_H

#include "loader/archive/members.h"

#include "loader/base/cleanup.h"
#include "tests/unit/ar.h"
#include "tests/unit/unit.h"

#define ROOM (512 * 1024)

struct bytes {
	uint8_t *data;
	size_t size;
};

static inline void put(struct bytes *bytes, const void *content, size_t size)
{
	if (!bytes->data)
		bytes->data = calloc(1, ROOM);
	assert_true(bytes->size + size <= ROOM);
	if (size)
		memcpy(bytes->data + bytes->size, content, size);
	bytes->size += size;
}

static inline void free_bytes(struct bytes *bytes)
{
	free(bytes->data);
}

static inline void pad(struct bytes *bytes, size_t to)
{
	static const uint8_t zeros[1024];

	put(bytes, zeros, -bytes->size % to);
}

/* --- tar, cpio, ar, and what is before an RPM's payload ----------------------------------------
 */

struct entry {
	const char *path;
	unsigned int mode; /* with its type */
	const char *content;
};

static inline void put_tar(struct bytes *tar, const struct entry *entry)
{
	const size_t size = strlen(entry->content);
	char header[512] = "";
	unsigned int sum = 8 * ' ';

	assert_true(strlen(entry->path) < 100);
	memcpy(header, entry->path, strlen(entry->path));
	snprintf(header + 100, 8, "%07o", entry->mode & 07777);
	snprintf(header + 124, 12, "%011o", (unsigned int)size & 07777777);
	memcpy(header + 257,
	       "ustar\0"
	       "00",
	       8);
	header[156] = entry->mode >> 12 == 4 ? '5' : entry->mode >> 12 == 012 ? '2' : '0';
	for (size_t i = 0; i < sizeof(header); i++)
		sum += i >= 148 && i < 156 ? 0 : (uint8_t)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	put(tar, header, sizeof(header));
	put(tar, entry->content, size);
	pad(tar, 512);
}

static inline void put_cpio(struct bytes *cpio, const struct entry *entry)
{
	char header[111];

	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, entry->mode, 0, 0,
		 1, 0, (unsigned int)strlen(entry->content), 0, 0, 0, 0,
		 (unsigned int)strlen(entry->path) + 1, 0);
	put(cpio, header, 110);
	put(cpio, entry->path, strlen(entry->path) + 1);
	pad(cpio, 4);
	put(cpio, entry->content, strlen(entry->content));
	pad(cpio, 4);
}

static inline struct bytes make_tar(const struct entry *entries, size_t count)
{
	struct bytes tar = {};

	for (size_t i = 0; i < count; i++)
		put_tar(&tar, &entries[i]);
	put(&tar, (uint8_t[1024]) { 0 }, 1024);
	return tar;
}

static inline struct bytes make_cpio(const struct entry *entries, size_t count)
{
	struct bytes cpio = {};

	for (size_t i = 0; i < count; i++)
		put_cpio(&cpio, &entries[i]);
	put_cpio(&cpio, &(const struct entry) { "TRAILER!!!", 0, "" });
	return cpio;
}

static inline void put_member(struct bytes *deb, const char *name, const void *content, size_t size)
{
	assert_true(deb->size + AR_MEMBER + size <= ROOM);
	deb->size += ar_member(deb->data + deb->size, name, content, size);
}

/* @data under @name, or nothing where that is NULL. */
static inline struct bytes make_deb(const char *name, struct bytes data)
{
	struct bytes deb = {};

	put(&deb, "!<arch>\n", 8);
	put_member(&deb, "debian-binary", "2.0\n", 4);
	put_member(&deb, "control.tar", "x", 1);
	if (name)
		put_member(&deb, name, data.data, data.size);
	free(data.data);
	return deb;
}

static inline struct bytes make_rpm(struct bytes payload)
{
	static const uint8_t header[16] = { 0x8e, 0xad, 0xe8, 1 };
	struct bytes rpm = {};
	uint8_t lead[96] = { 0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1, 'a' };

	lead[79] = 5; /* of signatures: a header */
	put(&rpm, lead, sizeof(lead));
	put(&rpm, header, sizeof(header));
	put(&rpm, header, sizeof(header));
	put(&rpm, payload.data, payload.size);
	free(payload.data);
	return rpm;
}

/* The same with a header that has the @digest of the payload, of @type, by @algorithm. */
static inline struct bytes make_stating_rpm(struct bytes payload, const char *digest, uint8_t type,
					    uint8_t algorithm)
{
	const size_t size = strlen(digest) + 1;
	const uint8_t header[48] = { 0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0,
				     (uint8_t)(4 + size),
				     /* a number, of 4 bytes at 0; a text at 4 */
				     0, 0, 0x13, 0xe5, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
				     0x13, 0xe4, 0, 0, 0, type, 0, 0, 0, 4, 0, 0, 0, 1 };
	struct bytes rpm = make_rpm((struct bytes) {});

	rpm.size -= 16;
	put(&rpm, header, sizeof(header));
	put(&rpm, (uint8_t[4]) { 0, 0, 0, algorithm }, 4);
	put(&rpm, digest, size);
	put(&rpm, payload.data, payload.size);
	free(payload.data);
	return rpm;
}

/* What @command makes of @bytes, which are given back. */
static inline struct bytes filter(const char *command, struct bytes bytes)
{
	int fd = unit_file(bytes.data, bytes.size);
	struct bytes made = { .data = bytes.data };
	char line[256];
	FILE *pipe;

	snprintf(line, sizeof(line), "%s < /proc/%d/fd/%d", command, getpid(), fd);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	made.size = fread(made.data, 1, ROOM, pipe);
	assert_int_equal(pclose(pipe), 0);
	close(fd);
	return made;
}

/* --- walking
 * --------------------------------------------------------------------------------------- */

struct stream {
	const struct bytes *bytes;
	size_t at, step;
	int error; /* after the bytes */
};

static inline ssize_t give(void *context, void *buffer, size_t size)
{
	struct stream *stream = context;
	size_t left = stream->bytes->size - stream->at;

	size = size < left ? size : left;
	size = size < stream->step ? size : stream->step;
	memcpy(buffer, stream->bytes->data + stream->at, size);
	stream->at += size;
	return size ? (ssize_t)size : stream->error;
}

struct walk {
	struct embargo_diagnostic diagnostic;
	char found[4096]; /* "PATH* CONTENT; " for each, * where it is executable */
	int result;
	unsigned int count;
};

static inline int walk_members(struct walk *walk, struct embargo_members *members)
{
	struct embargo_member member;
	char content[256];
	int more;

	while ((more = embargo_members_next(members, &member)) > 0) {
		const size_t used = strlen(walk->found);
		ssize_t got = embargo_members_read(members, content, sizeof(content) - 1);

		if (got < 0)
			return (int)got;
		content[got] = '\0';
		walk->count++;
		snprintf(walk->found + used, sizeof(walk->found) - used, "%s%s %s; ", member.path,
			 member.is_executable ? "*" : "", content);
	}
	/* An error stays one. */
	assert_int_equal(embargo_members_next(members, &member), more);
	return more;
}

static inline struct walk walk_stream(struct stream *stream, uint64_t limit)
{
	const struct embargo_members_source source = { .context = stream, .read = give };
	struct embargo_members *members = NULL;
	struct walk walk = { .result = 0 };

	walk.result = embargo_members_open(&source, limit, &walk.diagnostic, &members);
	if (!walk.result)
		walk.result = walk_members(&walk, members);
	embargo_members_close(members);
	assert_true(walk.result <= 0);
	if (walk.result && !(walk.diagnostic.what[0] && walk.diagnostic.remedy[0]))
		fail_msg("%d without a reason or a remedy", walk.result);
	return walk;
}

static inline struct walk walk(const struct bytes *package)
{
	struct stream stream = { .bytes = package, .step = SIZE_MAX };

	return walk_stream(&stream, UINT64_MAX);
}

static const struct entry tree[] = {
	{ "./", 040755, "" },
	{ "./opt/acme/agent", 0100755, "program" },
	{ "./opt/acme/empty", 0100755, "" },
	{ "./opt/acme/link", 0120777, "" },
	{ "./opt/acme/read", 0100644, "me" },
};

#define TREE "/opt/acme/agent* program; /opt/acme/read me; "

static const struct {
	const char *command, *name;
} methods[] = {
	{ "cat", "data.tar" },
	{ "gzip -nc", "data.tar.gz" },
	{ "xz -c", "data.tar.xz" },
	{ "zstd -qc", "data.tar.zst" },
	{ "bzip2 -c", "data.tar.bz2" },
	{ "xz -c --format=lzma", "data.tar.lzma" },
	{ "xz -c --check=crc32", "data.tar.xz" },
};

static inline bool has_tool(const char *command)
{
	char line[128];

	snprintf(line, sizeof(line), "command -v %.*s >/dev/null", (int)strcspn(command, " "),
		 command);
	return !system(line);
}

#endif
