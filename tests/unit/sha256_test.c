// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-256 against the vectors of FIPS 180-4, over files that end on and beside a chunk. */
#include "loader/crypto/sha256.h"

#include <errno.h>

#include "loader/base/hex.h"
#include "tests/unit/unit.h"

static const struct {
	char byte; /* repeated */
	size_t count;
	const char *hex;
} vectors[] = {
	{ 'a', 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ 'a', 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ '\0', 1 << 20, "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58" },
};

static void hashes_files_and_memory_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char *bytes = malloc(vectors[i].count + 1), hex[EMBARGO_HEX_SIZE(32)];
		struct embargo_digest digest;
		uint64_t size;
		int fd;

		assert_non_null(bytes);
		memset(bytes, vectors[i].byte, vectors[i].count);
		assert_int_equal(embargo_sha256_memory(bytes, vectors[i].count, &digest), 0);
		assert_string_equal(embargo_hex_format(digest.bytes, 32, hex), vectors[i].hex);
		fd = unit_file(bytes, vectors[i].count);
		memset(&digest, 0, sizeof(digest));
		assert_int_equal(embargo_sha256_file(fd, &digest, &size), 0);
		assert_string_equal(embargo_hex_format(digest.bytes, 32, hex), vectors[i].hex);
		assert_int_equal(size, vectors[i].count);
		close(fd);
		free(bytes);
	}
}

static void leaves_the_output_where_reading_fails(void **state)
{
	struct embargo_digest digest = { .bytes = { 1 } };

	(void)state;
	assert_int_equal(embargo_sha256_file(-1, &digest, NULL), -EBADF);
	assert_int_equal(digest.bytes[0], 1);
}

static int parts;

static int count_part(void *context)
{
	return ++parts < *(const int *)context ? 0 : -ETIMEDOUT;
}

static void is_told_between_two_parts_to_end(void **state)
{
	char *bytes = calloc(3, EMBARGO_SHA256_PART);
	struct embargo_digest whole, digest = { .bytes = { 1 } };
	int fd, most = 10;

	(void)state;
	assert_non_null(bytes);
	fd = unit_file(bytes, 3 * EMBARGO_SHA256_PART);
	assert_int_equal(embargo_sha256_file_between(fd, count_part, &most, &digest, NULL), 0);
	assert_int_equal(parts, 3);
	assert_int_equal(embargo_sha256_memory(bytes, 3 * EMBARGO_SHA256_PART, &whole), 0);
	assert_memory_equal(&digest, &whole, sizeof(digest));
	parts = 0;
	most = 2;
	digest.bytes[0] = 1;
	assert_int_equal(embargo_sha256_file_between(fd, count_part, &most, &digest, NULL),
			 -ETIMEDOUT);
	assert_int_equal(parts, 2);
	assert_int_equal(digest.bytes[0], 1);
	close(fd);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_files_and_memory_alike),
		cmocka_unit_test(leaves_the_output_where_reading_fails),
		cmocka_unit_test(is_told_between_two_parts_to_end),
	};

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
