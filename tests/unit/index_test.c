// SPDX-License-Identifier: GPL-2.0-or-later
/* The index of classified files: what is kept, under which key, and what is forgotten. */
#include <sys/mman.h>
#include <time.h>

#include "tests/unit/index_fixture.h"

static void what_is_put_is_found(void **state)
{
	struct embargo_index *index = open_index(false);
	struct embargo_index_key key = key_of(1);
	struct embargo_index_entry entry;
	struct stat status;

	(void)state;
	assert_false(has(index, 1, "[]"));
	assert_int_equal(put(index, 1, "[{\"a\":1}]"), 0);
	assert_true(has(index, 1, "[{\"a\":1}]"));
	assert_int_equal(embargo_index_count(index), 1);
	embargo_index_close(index);
	index = open_index(false);
	assert_true(has(index, 1, "[{\"a\":1}]"));

	/* Each part of the key counts. */
	for (size_t i = 0; i < 5; i++) {
		uint64_t parts[5];

		memcpy(parts, &key, sizeof(parts));
		parts[i]++;
		assert_int_equal(embargo_index_find(index, (struct embargo_index_key *)parts,
						    &entry),
				 -ENOENT);
	}
	/* A new content of the inode takes the place of the old. */
	assert_int_equal(put(index, 1, "[2]"), 0);
	assert_true(has(index, 1, "[2]"));
	assert_int_equal(embargo_index_count(index), 1);
	embargo_index_close(index);
	assert_int_equal(stat("index", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void a_visitor_changes_no_ground(void **state)
{
	struct embargo_index *visitor = open_index(false), *index;

	(void)state;
	/* An index that nobody had has no ground yet. */
	assert_int_equal(embargo_index_visit(visitor, 7), 0);
	assert_int_equal(put(visitor, 1, "[1]"), 0);
	index = open_index(false);
	assert_int_equal(embargo_index_ground(index, 7), 0);
	assert_true(has(index, 1, "[1]"));
	/* What it keeps is there at once, and holds up nobody. */
	assert_int_equal(put(visitor, 2, "[2]"), 0);
	assert_true(has(index, 2, "[2]"));
	assert_int_equal(put(index, 3, "[3]"), 0);
	assert_int_equal(embargo_index_flush(index), 0);
	assert_true(has(visitor, 3, "[3]"));
	/* Where the index has another ground, nothing is kept, and nothing forgotten. */
	assert_int_equal(embargo_index_ground(index, 8), 0);
	assert_int_equal(put(index, 4, "[4]"), 0);
	assert_int_equal(embargo_index_flush(index), 0);
	assert_int_equal(put(visitor, 5, "[5]"), -ESTALE);
	assert_false(has(index, 5, "[5]"));
	assert_int_equal(embargo_index_visit(visitor, 7), -ESTALE);
	assert_true(has(index, 4, "[4]"));
	embargo_index_close(visitor);
	embargo_index_close(index);
}

static void other_ground_forgets_all(void **state)
{
	struct embargo_index *index = open_index(false);

	(void)state;
	assert_int_equal(embargo_index_ground(index, 7), 0);
	assert_int_equal(put(index, 1, "[]"), 0);
	assert_int_equal(embargo_index_ground(index, 7), 0);
	assert_true(has(index, 1, "[]"));
	embargo_index_close(index);
	index = open_index(false);
	assert_int_equal(embargo_index_ground(index, 7), 0);
	assert_true(has(index, 1, "[]"));
	assert_int_equal(embargo_index_ground(index, UINT64_MAX), 0);
	assert_false(has(index, 1, "[]"));
	assert_int_equal(embargo_index_count(index), 0);
	assert_int_equal(put(index, 1, "[]"), 0);
	embargo_index_close(index);
	index = open_index(false);
	assert_int_equal(embargo_index_ground(index, UINT64_MAX), 0);
	assert_true(has(index, 1, "[]"));
	/* Back again is another one too. */
	assert_int_equal(embargo_index_ground(index, 7), 0);
	assert_false(has(index, 1, "[]"));
	embargo_index_close(index);
	assert_int_equal(embargo_index_ground(NULL, 7), 0);
}

static void what_may_have_changed_unseen_is_not_kept(void **state)
{
	struct embargo_index *index = open_index(false);
	struct embargo_index_key key = key_of(1);
	struct embargo_index_entry entry = { .kind = EMBARGO_KIND_ELF, .identities = "" };

	(void)state;
	key.changed = (int64_t)time(NULL) * 1000000000;
	assert_int_equal(embargo_index_put(index, &key, &entry), -EAGAIN);
	key.changed += 3600 * 1000000000LL;
	assert_int_equal(embargo_index_put(index, &key, &entry), -EAGAIN);
	key.changed = INT64_MAX;
	assert_int_equal(embargo_index_put(index, &key, &entry), -EAGAIN);
	key.changed = INT64_MIN;
	assert_int_equal(embargo_index_put(index, &key, &entry), 0);
	entry.identities_size = EMBARGO_INDEX_TEXT + 1;
	assert_int_equal(embargo_index_put(index, &key, &entry), -E2BIG);
	embargo_index_close(index);
}

static void the_largest_text_is_kept(void **state)
{
	struct embargo_index *index = open_index(false);
	_cleanup_free_
	char *text = malloc(EMBARGO_INDEX_TEXT + 1);

	(void)state;
	memset(text, 'a', EMBARGO_INDEX_TEXT);
	text[EMBARGO_INDEX_TEXT] = '\0';
	assert_int_equal(put(index, 1, text), 0);
	embargo_index_close(index);
	index = open_index(false);
	assert_true(has(index, 1, text));
	embargo_index_close(index);
}

static void no_index_holds_nothing(void **state)
{
	const struct embargo_index_key key = key_of(1);
	struct embargo_index_entry entry;

	(void)state;
	assert_int_equal(embargo_index_find(NULL, &key, &entry), -ENOENT);
	assert_int_equal(put(NULL, 1, ""), -EIO);
	assert_int_equal(embargo_index_flush(NULL), 0);
	assert_int_equal(embargo_index_prune(NULL, 0), 0);
	assert_int_equal(embargo_index_each(NULL, NULL, NULL), 0);
	assert_int_equal(embargo_index_count(NULL), 0);
	embargo_index_close(NULL);
}

static void where_none_can_be_made_says_so(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_index *index = NULL;
	bool was_damaged = true;

	(void)state;
	assert_int_equal(embargo_index_open("absent/index", &index, &was_damaged, &diagnostic),
			 -ENOENT);
	assert_null(index);
	assert_string_equal(diagnostic.file, "absent/index");
	assert_non_null(strstr(diagnostic.what, "No such file"));
}

static void each_entry_is_told(void **state)
{
	struct embargo_index *index = open_index(false);
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++)
		assert_int_equal(put(index, i, "[]"), 0);
	assert_int_equal(embargo_index_each(index, sum_inodes, &sum), 0);
	assert_int_equal(sum, 500500);
	assert_int_equal(put(index, 1, "[1]"), 0);
	assert_int_equal(embargo_index_each(index, sum_inodes, &sum), 5);
	embargo_index_close(index);
}

static void what_was_not_seen_is_forgotten(void **state)
{
	struct embargo_index *index = open_index(false);
	const int64_t today = time(NULL);

	(void)state;
	assert_int_equal(put(index, 1, "[]"), 0);
	assert_int_equal(put(index, 2, "[]"), 0);
	assert_int_equal(put(index, 3, "[]"), 0);
	embargo_index_close(index);
	alter("UPDATE file SET seen = 100 WHERE inode < 3");
	index = open_index(false);
	/* To be asked for is to be seen. */
	assert_true(has(index, 2, "[]"));
	assert_int_equal(embargo_index_prune(index, today), 0);
	assert_int_equal(embargo_index_count(index), 2);
	assert_false(has(index, 1, "[]"));
	assert_true(has(index, 2, "[]"));
	assert_true(has(index, 3, "[]"));
	assert_int_equal(embargo_index_prune(index, today + 86400), 0);
	assert_int_equal(embargo_index_count(index), 0);
	embargo_index_close(index);
}

static void one_too_many_costs_the_oldest(void **state)
{
	struct embargo_index *index = open_index(false);

	(void)state;
	embargo_index_close(index);
	/* The device as a number of SQLite's: -8. */
	alter("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) "
	      "INSERT INTO file SELECT -8, i, 3, 1700000000000000000, 7, zeroblob(32), 2, '[]', "
	      "CASE i WHEN 500000 THEN 9999999 ELSE i / 1000 END FROM n");
	index = open_index(false);
	assert_int_equal(embargo_index_count(index), EMBARGO_INDEX_ROWS);
	assert_int_equal(put(index, EMBARGO_INDEX_ROWS + 1, "[]"), 0);
	assert_in_range(embargo_index_count(index), EMBARGO_INDEX_ROWS / 2, EMBARGO_INDEX_ROWS - 1);
	assert_false(has(index, 0x100, "[]"));
	assert_true(has(index, EMBARGO_INDEX_ROWS + 1, "[]"));
	embargo_index_close(index);
}

static void the_key_follows_the_content(void **state)
{
	struct embargo_index_key before, after;
	const int fd = open("file", O_RDWR | O_CREAT, 0600);
	int error;

	(void)state;
	assert_true(fd >= 0);
	error = embargo_index_key_read(fd, &before);
	if (error == -EOPNOTSUPP) {
		print_message("the temporary folder is on a file system without keys\n");
		close(fd);
		skip();
	}
	assert_int_equal(error, 0);
	assert_int_equal(embargo_index_key_read(fd, &after), 0);
	assert_true(embargo_index_key_is(&before, &after));
	usleep(20000);
	assert_int_equal(write(fd, "a", 1), 1);
	assert_int_equal(embargo_index_key_read(fd, &after), 0);
	assert_false(embargo_index_key_is(&before, &after));
	before = after;
	usleep(20000);
	assert_int_equal(pwrite(fd, "b", 1, 0), 1);
	assert_int_equal(futimens(fd, (struct timespec[2]) { { 1, 0 }, { 1, 0 } }), 0);
	assert_int_equal(embargo_index_key_read(fd, &after), 0);
	assert_false(embargo_index_key_is(&before, &after));
	close(fd);
}

static void only_files_with_a_history_have_a_key(void **state)
{
	struct embargo_index_key key;
	const int folder_fd = open(".", O_RDONLY | O_DIRECTORY);
	const int memory = memfd_create("m", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(embargo_index_key_read(folder_fd, &key), -EINVAL);
	assert_int_equal(embargo_index_key_read(memory, &key), -EOPNOTSUPP);
	assert_int_equal(embargo_index_key_read(-1, &key), -EBADF);
	close(folder_fd);
	close(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_put_is_found),
		IN_FOLDER(a_visitor_changes_no_ground),
		IN_FOLDER(other_ground_forgets_all),
		IN_FOLDER(what_may_have_changed_unseen_is_not_kept),
		IN_FOLDER(the_largest_text_is_kept),
		IN_FOLDER(no_index_holds_nothing),
		IN_FOLDER(where_none_can_be_made_says_so),
		IN_FOLDER(each_entry_is_told),
		IN_FOLDER(what_was_not_seen_is_forgotten),
		IN_FOLDER(one_too_many_costs_the_oldest),
		IN_FOLDER(the_key_follows_the_content),
		IN_FOLDER(only_files_with_a_history_have_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
