// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a package that is taken apart. Build with libFuzzer. */
#include <stdlib.h>
#include <string.h>

#include "loader/members/look.h"

/* What a decompressor makes of 16 KiB may take minutes to look at. */
#define LIMIT (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * libarchive takes a length that a header names for memory, up to 4 GiB. The process that does this
 * has 768 MiB, and is told that there is no more.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=768";
}

struct stream {
	const uint8_t *data;
	size_t left;
};

static ssize_t give(void *context, void *buffer, size_t size)
{
	struct stream *stream = context;

	size = size < stream->left ? size : stream->left;
	memcpy(buffer, stream->data, size);
	stream->data += size;
	stream->left -= size;
	return (ssize_t)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream stream = { data, size };
	const struct embargo_members_source source = { .context = &stream, .read = give };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_members *members = NULL;
	struct embargo_member member;
	struct embargo_look look;
	uint64_t total = 0;
	int error = embargo_members_open(&source, LIMIT, &diagnostic, &members);

	while (!error && (error = embargo_members_next(members, &member)) > 0) {
		if (member.path[0] != '/' || strlen(member.path) >= EMBARGO_MEMBERS_PATH)
			abort();
		error = embargo_look(members, &member, true, &look);
		total += error ? 0 : look.file.size;
	}
	/* What is refused says why; what is not has kept to the bound. */
	if (error > 0 || total > LIMIT || (error && !diagnostic.what[0]))
		abort();
	embargo_members_close(members);
	return 0;
}
