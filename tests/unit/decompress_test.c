// SPDX-License-Identifier: GPL-2.0-or-later
/* Decompression: each method by its own tool, streams in a row, cuts, damage and bombs. */
#include "loader/archive/decompress.h"

#include <errno.h>
#include <zlib.h>

#include "tests/unit/unit.h"

#define CONTENT_SIZE (300 * 1024)
#define ROOM	     (4 * CONTENT_SIZE)

static const char *const tools[] = { "gzip", "xz", "zstd" };

struct bytes {
	uint8_t *data;
	size_t size;
};

/* Neither zeros nor noise: what repeats now and then, over several chunks. */
static uint8_t *make_content(void)
{
	uint8_t *content = malloc(CONTENT_SIZE);
	uint32_t state = 1;

	assert_non_null(content);
	for (size_t i = 0; i < CONTENT_SIZE; i++) {
		state = state * 1103515245 + 12345;
		content[i] = state >> 28;
	}
	return content;
}

static struct bytes run(const char *command)
{
	struct bytes bytes = { .data = malloc(ROOM) };
	FILE *pipe = popen(command, "r");

	assert_non_null(bytes.data);
	assert_non_null(pipe);
	bytes.size = fread(bytes.data, 1, ROOM, pipe);
	assert_int_equal(pclose(pipe), 0);
	return bytes;
}

static struct bytes compress_with(const char *tool, const uint8_t *content)
{
	int fd = unit_file(content, CONTENT_SIZE);
	char command[128];
	struct bytes bytes;

	snprintf(command, sizeof(command), "%s -c < /proc/%d/fd/%d", tool, getpid(), fd);
	bytes = run(command);
	close(fd);
	return bytes;
}

static bool want(const void *head, size_t size)
{
	(void)head;
	return size >= EMBARGO_DECOMPRESS_HEAD;
}

static bool refuse(const void *head, size_t size)
{
	(void)head;
	(void)size;
	return false;
}

/* Only the first @cut bytes, which end where their memory ends. */
static int decompress(const struct bytes *bytes, size_t cut, uint8_t **data, size_t *size)
{
	uint8_t *copy = malloc(cut);
	int error;

	assert_non_null(copy);
	memcpy(copy, bytes->data, cut);
	error = embargo_decompress(copy, cut, EMBARGO_DECOMPRESS_MAX, want, data, size);
	free(copy);
	return error;
}

static void needs_tools(void)
{
	for (size_t i = 0; i < 3; i++) {
		char command[64];

		snprintf(command, sizeof(command), "command -v %s >/dev/null", tools[i]);
		if (system(command))
			skip();
	}
}

/* Shows @look the content as each tool compresses it. */
static void with_each_tool(void (*look)(struct bytes *bytes, const uint8_t *content))
{
	uint8_t *content = make_content();

	needs_tools();
	for (size_t i = 0; i < 3; i++) {
		struct bytes bytes = compress_with(tools[i], content);

		look(&bytes, content);
		free(bytes.data);
	}
	free(content);
}

static void look_at_content(struct bytes *bytes, const uint8_t *content)
{
	uint8_t *data;
	size_t size;

	assert_true(embargo_decompress_detect(bytes->data, bytes->size));
	assert_int_equal(decompress(bytes, bytes->size, &data, &size), 0);
	assert_int_equal(size, CONTENT_SIZE);
	assert_memory_equal(data, content, CONTENT_SIZE);
	free(data);
}

static void gives_what_was_compressed(void **state)
{
	(void)state;
	with_each_tool(look_at_content);
}

static void look_at_two(struct bytes *bytes, const uint8_t *content)
{
	uint8_t *data;
	size_t size;

	assert_true(2 * bytes->size <= ROOM);
	memcpy(bytes->data + bytes->size, bytes->data, bytes->size);
	assert_int_equal(decompress(bytes, 2 * bytes->size, &data, &size), 0);
	assert_int_equal(size, 2 * CONTENT_SIZE);
	assert_memory_equal(data + CONTENT_SIZE, content, CONTENT_SIZE);
	free(data);
}

/* kmod reads streams in a row as one; who saw only the first would miss the rest. */
static void streams_in_a_row_are_one(void **state)
{
	(void)state;
	with_each_tool(look_at_two);
}

static void look_at_cuts(struct bytes *bytes, const uint8_t *content)
{
	uint8_t *data = NULL;
	size_t size = 0;

	(void)content;
	assert_int_equal(decompress(bytes, bytes->size - 1, &data, &size), -EBADMSG);
	assert_int_equal(decompress(bytes, 128 * 1024, &data, &size), -EBADMSG);
	assert_int_equal(decompress(bytes, 6, &data, &size), -ENODATA);
	assert_null(data);
}

static void a_cut_file_is_damaged(void **state)
{
	(void)state;
	with_each_tool(look_at_cuts);
}

static void look_at_damage(struct bytes *bytes, const uint8_t *content)
{
	uint8_t *data = NULL;
	size_t size;

	(void)content;
	bytes->data[bytes->size - 100] ^= 0x40;
	assert_int_equal(decompress(bytes, bytes->size, &data, &size), -EBADMSG);
	assert_null(data);
}

static void a_wrong_byte_is_noticed(void **state)
{
	(void)state;
	with_each_tool(look_at_damage);
}

static void look_unwillingly(struct bytes *bytes, const uint8_t *content)
{
	uint8_t *data = NULL;
	size_t size;

	(void)content;
	assert_int_equal(embargo_decompress(bytes->data, bytes->size, EMBARGO_DECOMPRESS_MAX,
					    refuse, &data, &size),
			 -ENODATA);
	assert_null(data);
}

static void look_within_a_limit(struct bytes *bytes, const uint8_t *content)
{
	uint8_t *data = NULL;
	size_t size;

	assert_int_equal(embargo_decompress(bytes->data, bytes->size, CONTENT_SIZE - 1, NULL, &data,
					    &size),
			 -EFBIG);
	assert_null(data);
	assert_int_equal(
		embargo_decompress(bytes->data, bytes->size, CONTENT_SIZE, NULL, &data, &size), 0);
	assert_int_equal(size, CONTENT_SIZE);
	assert_memory_equal(data, content, CONTENT_SIZE);
	free(data);
}

static void the_limit_is_what_still_fits(void **state)
{
	(void)state;
	with_each_tool(look_within_a_limit);
}

static void what_is_not_wanted_is_left(void **state)
{
	(void)state;
	with_each_tool(look_unwillingly);
}

static void padding_after_gzip_is_ignored(void **state)
{
	uint8_t *content = make_content();
	struct bytes bytes;
	uint8_t *data;
	size_t size;

	(void)state;
	needs_tools();
	bytes = compress_with("gzip", content);
	memset(bytes.data + bytes.size, 0, 512);
	assert_int_equal(decompress(&bytes, bytes.size + 512, &data, &size), 0);
	assert_int_equal(size, CONTENT_SIZE);
	free(data);
	free(bytes.data);
	free(content);
}

static void a_bomb_ends_at_the_bound(void **state)
{
	uint8_t *data = NULL;
	struct bytes bytes;
	size_t size;

	(void)state;
	needs_tools();
	bytes = run("head -c 300M /dev/zero | zstd -c");
	assert_int_equal(decompress(&bytes, bytes.size, &data, &size), -EFBIG);
	assert_null(data);
	free(bytes.data);
}

/*
 *  xz: header of 12 bytes | block: its size / 4 - 1, flags, ..., 0x21 1 DICTIONARY, padding, CRC-32
 */
static void xz_that_asks_for_a_gibibyte_gets_none(void **state)
{
	uint8_t *content = make_content(), *block, *filter;
	struct bytes bytes;
	uint32_t sum;
	uint8_t *data = NULL;
	size_t size;

	(void)state;
	needs_tools();
	bytes = compress_with("xz", content);
	block = bytes.data + 12;
	size = (block[0] + 1) * 4;
	filter = memmem(block, size, "\x21\1", 2);
	assert_non_null(filter);
	filter[2] = 36; /* 1 GiB */
	sum = crc32(0, block, size - 4);
	memcpy(block + size - 4, &sum, 4);
	assert_int_equal(decompress(&bytes, bytes.size, &data, &size), -EFBIG);
	assert_null(data);
	free(bytes.data);
	free(content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_what_was_compressed),
		cmocka_unit_test(streams_in_a_row_are_one),
		cmocka_unit_test(a_cut_file_is_damaged),
		cmocka_unit_test(a_wrong_byte_is_noticed),
		cmocka_unit_test(what_is_not_wanted_is_left),
		cmocka_unit_test(the_limit_is_what_still_fits),
		cmocka_unit_test(padding_after_gzip_is_ignored),
		cmocka_unit_test(a_bomb_ends_at_the_bound),
		cmocka_unit_test(xz_that_asks_for_a_gibibyte_gets_none),
	};

	return cmocka_run_group_tests_name("decompress", tests, NULL, NULL);
}
