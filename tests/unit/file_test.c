// SPDX-License-Identifier: GPL-2.0-or-later
/* Bounded reading: regular files only, nothing that hangs, no more than the limit. */
#include "loader/base/file.h"

#include <errno.h>

#include "tests/unit/unit.h"

static char folder[] = "/tmp/embargo-file-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder) || mkfifo("fifo", 0600) || mkdir("folder", 0700) ||
	       symlink("missing", "dangling") || symlink("file", "link");
}

static int tear_down(void **state)
{
	static const char *const names[] = { "fifo", "dangling", "link", "file" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	return rmdir("folder") || rmdir(folder);
}

static void write_file(size_t size)
{
	FILE *file = fopen("file", "w");

	assert_non_null(file);
	for (size_t i = 0; i < size; i++)
		fputc('a' + i % 26, file);
	assert_int_equal(fclose(file), 0);
}

static void opens_regular_files_only(void **state)
{
	struct stat status;
	int fd = -7;

	(void)state;
	write_file(3);
	assert_int_equal(embargo_file_open("fifo", &fd, NULL), -EINVAL);
	assert_int_equal(embargo_file_open("folder", &fd, NULL), -EISDIR);
	assert_int_equal(embargo_file_open("/dev/null", &fd, NULL), -EINVAL);
	assert_int_equal(embargo_file_open("dangling", &fd, NULL), -ENOENT);
	assert_int_equal(embargo_file_open("", &fd, NULL), -ENOENT);
	assert_int_equal(fd, -7);
	assert_int_equal(embargo_file_open("link", &fd, &status), 0);
	assert_int_equal(status.st_size, 3);
	close(fd);
}

static void reads_up_to_the_limit(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 100000 };
	char *data;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		write_file(sizes[i]);
		assert_int_equal(embargo_file_read("file", sizes[i], &data, &size), 0);
		assert_int_equal(size, sizes[i]);
		assert_int_equal(data[size], '\0');
		assert_true(!size || data[size - 1] == (char)('a' + (size - 1) % 26));
		free(data);
		if (sizes[i])
			assert_int_equal(embargo_file_read("file", sizes[i] - 1, &data, &size),
					 -EFBIG);
	}
}

static void reads_files_that_say_they_are_empty(void **state)
{
	char *data;
	size_t size;

	(void)state;
	assert_int_equal(embargo_file_read("/proc/self/maps", 1 << 20, &data, &size), 0);
	assert_true(size > 0);
	free(data);
}

static void opens_regular_files_anew(void **state)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{ "file", 0 }, { "fifo", -EINVAL }, { "folder", -EINVAL }, { "/dev/null", -EINVAL }
	};
	char bytes[3];
	int fd;

	(void)state;
	write_file(3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int path = open(cases[i].path, O_PATH | O_CLOEXEC);

		fd = -7;
		assert_true(path >= 0);
		assert_int_equal(embargo_file_reopen(path, &fd), cases[i].error);
		close(path);
		if (cases[i].error) {
			assert_int_equal(fd, -7);
			continue;
		}
		assert_int_equal(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
		close(fd);
	}
	assert_int_equal(embargo_file_reopen(-1, &fd), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_regular_files_only),
		cmocka_unit_test(opens_regular_files_anew),
		cmocka_unit_test(reads_up_to_the_limit),
		cmocka_unit_test(reads_files_that_say_they_are_empty),
	};

	return cmocka_run_group_tests_name("file", tests, set_up, tear_down);
}
