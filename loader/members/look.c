// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking at a file that comes as a stream: in one pass, and in memory only where it may be a
 * module. */
#include "loader/members/look.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/kind.h"
#include "loader/identity/module.h"

#define CHUNK (64 * 1024)

/* What has been read of the file. */
struct reading {
	struct embargo_members *members;
	struct embargo_sha256 *sum; /* NULL: nobody asks for the digest */
	uint64_t size;
	bool keeps; /* all of it, in @bytes */
	uint8_t *bytes;
	size_t room;
	size_t used; /* of @bytes; the last part of it where it is not kept */
};

static void free_reading(struct reading *reading)
{
	embargo_sha256_free(reading->sum);
	free(reading->bytes);
}

/* Room for another part behind what is kept. */
static int make_room(struct reading *reading)
{
	uint8_t *larger;

	if (!reading->keeps)
		reading->used = 0;
	if (reading->room - reading->used >= CHUNK)
		return 0;
	larger = realloc(reading->bytes, 2 * reading->room + CHUNK);
	if (!larger)
		return -ENOMEM;
	reading->bytes = larger;
	reading->room = 2 * reading->room + CHUNK;
	return 0;
}

/* Returns how many bytes there were, 0 at the end, or -errno. */
static ssize_t read_part(struct reading *reading)
{
	ssize_t got;

	if (reading->keeps && reading->used > EMBARGO_LOOK_MODULE - CHUNK)
		reading->keeps = false;
	if (make_room(reading))
		return -ENOMEM;
	got = embargo_members_read(reading->members, reading->bytes + reading->used, CHUNK);
	if (got <= 0)
		return got;
	if (reading->sum && embargo_sha256_add(reading->sum, reading->bytes + reading->used, got))
		return -EIO;
	reading->used += (size_t)got;
	reading->size += (uint64_t)got;
	return got;
}

/* As much as there is of the beginning, up to one part. */
static int read_head(struct reading *reading)
{
	ssize_t got;

	reading->keeps = true;
	do
		got = read_part(reading);
	while (got > 0 && reading->used < CHUNK);
	return got < 0 ? (int)got : 0;
}

static int read_rest(struct reading *reading)
{
	ssize_t got;

	do
		got = read_part(reading);
	while (got > 0);
	return (int)got;
}

static int tell_module(struct reading *reading, struct embargo_look *look)
{
	int is_module = -EFBIG;

	if (reading->keeps)
		is_module = embargo_module_tell(reading->bytes, reading->used, &look->inner);
	if (is_module > 0)
		look->kind = EMBARGO_KIND_MODULE;
	/* What is not compressed is an object file then, of whatever size. */
	look->is_damaged = is_module == -EFBIG || is_module == -EBADMSG;
	look->is_damaged &= look->kind != EMBARGO_KIND_ELF;
	look->is_code |= is_module > 0 || look->is_damaged;
	return is_module < 0 && !look->is_damaged && look->kind != EMBARGO_KIND_ELF ? is_module : 0;
}

int embargo_look(struct embargo_members *members, const struct embargo_member *member,
		 bool wants_all, struct embargo_look *look)
{
	_cleanup_(free_reading) struct reading reading = {
		.members = members,
		.sum = embargo_sha256_begin(),
	};
	struct embargo_look found = { .kind = EMBARGO_KIND_UNKNOWN };
	bool may_be_module;
	int error = reading.sum ? read_head(&reading) : -ENOMEM;

	if (error)
		return error;
	found.kind = embargo_kind_detect(reading.bytes, reading.used);
	found.is_code = member->is_executable || found.kind != EMBARGO_KIND_UNKNOWN;
	may_be_module = embargo_module_is_likely(reading.bytes, reading.used);
	reading.keeps = may_be_module;
	if (found.is_code || may_be_module || wants_all)
		error = read_rest(&reading);
	if (!error && may_be_module)
		error = tell_module(&reading, &found);
	if (!error)
		error = embargo_sha256_end(reading.sum, &found.file.digest);
	found.file.size = reading.size;
	if (!error)
		*look = found;
	return error;
}
