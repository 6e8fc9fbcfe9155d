// SPDX-License-Identifier: GPL-2.0-or-later
/* Contents of files that run: each is hashed once, and again when it has changed. */
#include "loader/sweep/contents.h"

#include <errno.h>
#include <sys/mman.h>

#include "loader/crypto/sha256.h"

#include "tests/unit/unit.h"

struct asked {
	size_t count;
	uint64_t size; /* of files whose digest matters */
	uint32_t scopes;
};

static bool is_asked(const void *context, uint64_t size, uint32_t scopes)
{
	struct asked *asked = (struct asked *)context;

	asked->count++;
	return size == asked->size && (asked->scopes & scopes);
}

static void name(int fd, char path[64])
{
	snprintf(path, 64, "/proc/self/fd/%d", fd);
}

static int find(struct embargo_contents *contents, int fd, bool is_program,
		struct embargo_file_content *content)
{
	struct stat status;
	char path[64];

	name(fd, path);
	return embargo_contents_find(contents, path, is_program, &status, content);
}

static void assert_digest_of(const struct embargo_file_content *content, const char *text)
{
	struct embargo_digest digest;

	assert_true(content->is_hashed);
	assert_int_equal(embargo_sha256_memory(text, strlen(text), &digest), 0);
	assert_memory_equal(&content->digest, &digest, sizeof(digest));
}

static void only_what_matters_is_hashed(void **state)
{
	struct asked asked = { .size = 4, .scopes = EMBARGO_SCOPE_MAP_EXEC };
	struct embargo_file_content content;
	struct embargo_contents *contents;
	int four = unit_file("four", 4), other = unit_file("others", 6);

	(void)state;
	assert_int_equal(embargo_contents_open(is_asked, &asked, &contents), 0);
	assert_int_equal(find(contents, four, true, &content), 0);
	assert_false(content.is_hashed);
	assert_int_equal(find(contents, four, false, &content), 0);
	assert_digest_of(&content, "four");
	assert_int_equal(find(contents, other, false, &content), 0);
	assert_false(content.is_hashed);
	assert_int_equal(content.size, 6);
	embargo_contents_close(contents);
	close(four);
	close(other);
}

/* Nobody is asked about a file whose digest is known. */
static void each_is_hashed_once(void **state)
{
	struct asked asked = { .size = 4, .scopes = EMBARGO_SCOPE_MAP_EXEC };
	struct embargo_file_content content;
	struct embargo_contents *contents;
	int fd = unit_file("four", 4);
	size_t before;

	(void)state;
	assert_int_equal(embargo_contents_open(is_asked, &asked, &contents), 0);
	assert_int_equal(find(contents, fd, false, &content), 0);
	before = asked.count;
	for (int i = 0; i < 10; i++)
		assert_int_equal(find(contents, fd, false, &content), 0);
	assert_int_equal(asked.count, before);
	assert_digest_of(&content, "four");
	embargo_contents_close(contents);
	close(fd);
}

static void a_changed_file_is_hashed_again(void **state)
{
	struct asked asked = { .size = 4, .scopes = EMBARGO_SCOPE_MAP_EXEC };
	char path[] = "/tmp/embargo-unit-XXXXXX";
	struct embargo_file_content content;
	struct embargo_contents *contents;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "four", 4), 4);
	assert_int_equal(embargo_contents_open(is_asked, &asked, &contents), 0);
	assert_int_equal(find(contents, fd, false, &content), 0);
	usleep(20000); /* the clock of change times has a granule */
	assert_int_equal(pwrite(fd, "five", 4, 0), 4);
	assert_int_equal(find(contents, fd, false, &content), 0);
	assert_digest_of(&content, "five");
	embargo_contents_close(contents);
	unlink(path);
	close(fd);
}

/* Through a shared mapping bytes in memory change while no time does. */
static void memory_is_hashed_again_each_time(void **state)
{
	struct asked asked = { .size = 4, .scopes = EMBARGO_SCOPE_MAP_EXEC };
	int fd = memfd_create("contents", MFD_CLOEXEC);
	struct embargo_file_content content;
	struct embargo_contents *contents;
	char *memory;

	(void)state;
	assert_int_equal(write(fd, "four", 4), 4);
	memory = mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	memcpy(memory, "four", 4);
	assert_int_equal(embargo_contents_open(is_asked, &asked, &contents), 0);
	assert_int_equal(find(contents, fd, false, &content), 0);
	assert_digest_of(&content, "four");
	memcpy(memory, "five", 4);
	embargo_contents_renew(contents);
	assert_int_equal(find(contents, fd, false, &content), 0);
	assert_digest_of(&content, "five");
	embargo_contents_close(contents);
	munmap(memory, 4);
	close(fd);
}

static void only_regular_files_are_read(void **state)
{
	struct asked asked = { .size = 0 };
	struct embargo_file_content content;
	struct embargo_contents *contents;
	struct stat status;

	(void)state;
	assert_int_equal(embargo_contents_open(is_asked, &asked, &contents), 0);
	assert_int_equal(embargo_contents_find(contents, "/dev/null", true, &status, &content),
			 -EINVAL);
	assert_int_equal(embargo_contents_find(contents, "/", true, &status, &content), -EINVAL);
	assert_int_equal(embargo_contents_find(contents, "/nowhere", true, &status, &content),
			 -ENOENT);
	embargo_contents_close(contents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_matters_is_hashed),
		cmocka_unit_test(each_is_hashed_once),
		cmocka_unit_test(a_changed_file_is_hashed_again),
		cmocka_unit_test(memory_is_hashed_again_each_time),
		cmocka_unit_test(only_regular_files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
