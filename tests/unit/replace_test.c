// SPDX-License-Identifier: GPL-2.0-or-later
/* Replacing a file: whole, under its mode, whatever lies in the way. */
#include "loader/base/replace.h"

#include <errno.h>
#include <glob.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

static char folder[] = "/tmp/embargo-replace-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder);
}

static int tear_down(void **state)
{
	static const char *const names[] = { "file", "file.new", "other", "file.new/inside" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rmdir("file.new");
	rmdir("file");
	return rmdir(folder);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_text(const char *name, const char *expected)
{
	char text[64] = "";
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, expected);
}

/* What is beside the file. */
static size_t left_beside(void)
{
	glob_t found;
	size_t count = 0;

	if (!glob("file.*", 0, NULL, &found)) {
		count = found.gl_pathc;
		globfree(&found);
	}
	return count;
}

static void replaces_under_its_mode(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(embargo_file_replace("file", "one", 3, 0640), 0);
	assert_text("file", "one");
	assert_int_equal(stat("file", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(embargo_file_replace("file", "another", 7, 0600), 0);
	assert_text("file", "another");
	assert_int_equal(stat("file", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(left_beside(), 0);
}

static void nothing_lies_in_the_way(void **state)
{
	(void)state;
	put("file.new", "of a power cut");
	assert_int_equal(embargo_file_replace("file", "second", 6, 0600), 0);
	assert_text("file", "second");
	put("other", "another's");
	assert_int_equal(symlink("other", "file.new"), 0);
	assert_int_equal(embargo_file_replace("file", "third", 5, 0600), 0);
	assert_text("file", "third");
	assert_text("other", "another's");
	assert_int_equal(left_beside(), 0);
	assert_int_equal(mkdir("file.new", 0700), 0);
	put("file.new/inside", "x");
	assert_int_equal(embargo_file_replace("file", "fourth", 6, 0600), 0);
	assert_text("file", "fourth");
	assert_int_equal(left_beside(), 1);
	assert_int_equal(unlink("file.new/inside") || rmdir("file.new"), 0);
}

static void failure_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(unlink("file") || mkdir("file", 0700), 0);
	assert_int_equal(embargo_file_replace("file", "fifth", 5, 0600), -EISDIR);
	assert_int_equal(left_beside(), 0);
	assert_int_equal(embargo_file_replace("none/file", "x", 1, 0600), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_under_its_mode),
		cmocka_unit_test(nothing_lies_in_the_way),
		cmocka_unit_test(failure_changes_nothing),
	};

	return cmocka_run_group_tests_name("replace", tests, set_up, tear_down);
}
