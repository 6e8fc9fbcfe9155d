// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a damaged index of classified files: it is set aside, and a new one made. */
#include "tests/unit/index_fixture.h"

static void overwrite(off_t at, const void *bytes, size_t size)
{
	const int fd = open("index", O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, size, at), size);
	close(fd);
}

static void be_text(void)
{
	assert_int_equal(truncate("index", 0), 0);
	overwrite(0, "this is no database at all, but a text", 38);
}

static void be_zeros(void)
{
	assert_int_equal(truncate("index", 0), 0);
	assert_int_equal(truncate("index", 65536), 0);
}

static void be_half(void)
{
	struct stat status;

	assert_int_equal(stat("index", &status), 0);
	assert_int_equal(truncate("index", status.st_size / 2), 0);
}

static void be_too_large(void)
{
	assert_int_equal(truncate("index", (off_t)EMBARGO_INDEX_SIZE + 1), 0);
}

static void have_a_bad_page(void)
{
	struct stat status;
	char page[4096];

	memset(page, 0x5a, sizeof(page));
	assert_int_equal(stat("index", &status), 0);
	for (off_t at = 2 * sizeof(page); at < status.st_size; at += sizeof(page))
		overwrite(at, page, sizeof(page));
}

static void be_another_program(void)
{
	alter("PRAGMA application_id = 1");
}

static void be_another_version(void)
{
	alter("PRAGMA user_version = 1");
}

static void have_a_trigger(void)
{
	alter("CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM file; END");
}

static void have_a_view(void)
{
	alter("DROP INDEX file_seen; CREATE VIEW file_seen AS SELECT 1");
}

static void have_another_table(void)
{
	alter("DROP TABLE file; CREATE TABLE file (device, inode)");
}

static void be_a_folder(void)
{
	assert_int_equal(unlink("index"), 0);
	assert_int_equal(mkdir("index", 0700), 0);
}

static void be_a_link(void)
{
	assert_int_equal(unlink("index"), 0);
	assert_int_equal(symlink("elsewhere", "index"), 0);
}

static void be_a_fifo(void)
{
	assert_int_equal(unlink("index"), 0);
	assert_int_equal(mkfifo("index", 0600), 0);
}

static void have_a_folder_for_a_log(void)
{
	assert_int_equal(mkdir("index-wal", 0700), 0);
}

static void damaged_ones_are_set_aside(void **state)
{
	static void (*const damages[])(void) = {
		be_text,
		be_zeros,
		be_half,
		be_too_large,
		have_a_bad_page,
		be_another_program,
		be_another_version,
		have_a_trigger,
		have_a_view,
		have_another_table,
		be_a_folder,
		be_a_link,
		be_a_fifo,
		have_a_folder_for_a_log,
	};
	struct embargo_index *index;
	struct stat status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		index = open_index(false);
		for (uint64_t inode = 1; inode <= 500; inode++)
			assert_int_equal(put(index, inode, "[]"), 0);
		embargo_index_close(index);
		damages[i]();
		print_message("damage %zu\n", i);
		index = open_index(true);
		assert_int_equal(embargo_index_count(index), 0);
		assert_int_equal(put(index, 1, "[]"), 0);
		embargo_index_close(index);
		assert_int_equal(lstat("index.damaged", &status), 0);
		assert_int_equal(lstat("index", &status), 0);
		assert_true(S_ISREG(status.st_mode));
	}
	assert_int_equal(stat("elsewhere", &status), -1);
}

/* Whatever single byte is wrong, nothing crashes, and the next opening finds a good one. */
static void wrong_bytes_are_survived(void **state)
{
	struct embargo_diagnostic diagnostic;
	struct embargo_index *index = open_index(false);
	bool was_damaged;
	uint64_t sum;

	(void)state;
	for (uint64_t inode = 1; inode <= 200; inode++)
		assert_int_equal(put(index, inode, "[]"), 0);
	embargo_index_close(index);
	assert_int_equal(system("cp index good"), 0);
	for (off_t at = 0; at < 16384; at += at < 100 ? 7 : 499) {
		assert_int_equal(system("cp good index"), 0);
		overwrite(at, "\xee", 1);
		index = NULL;
		diagnostic.what[0] = '\0';
		assert_int_equal(embargo_index_open("index", &index, &was_damaged, &diagnostic), 0);
		sum = 0;
		embargo_index_each(index, sum_inodes, &sum);
		put(index, 1, "[1]");
		embargo_index_close(index);
		embargo_index_close(open_index(false));
	}
}

/* Damage that shows while the index is in use ends its use, and no more. */
static void damage_in_use_ends_the_use(void **state)
{
	struct embargo_index *index = open_index(false);
	struct stat status;
	uint64_t sum = 0;

	(void)state;
	for (uint64_t inode = 1; inode <= 80000; inode++)
		assert_int_equal(put(index, inode, "[]"), 0);
	embargo_index_close(index);
	index = open_index(false);
	have_a_bad_page();
	assert_true(embargo_index_each(index, sum_inodes, &sum) < 0);
	assert_false(has(index, 79999, "[]"));
	assert_int_equal(put(index, 1, "[]"), -EIO);
	assert_int_equal(stat("index.damaged", &status), 0);
	embargo_index_close(index);
	index = open_index(false);
	assert_int_equal(embargo_index_count(index), 0);
	embargo_index_close(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(damaged_ones_are_set_aside),
		IN_FOLDER(wrong_bytes_are_survived),
		IN_FOLDER(damage_in_use_ends_the_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
