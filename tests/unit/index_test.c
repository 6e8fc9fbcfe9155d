// SPDX-License-Identifier: GPL-2.0-or-later
/* The index of classified files: what is kept and forgotten, and what becomes of a damaged one. */
#include "loader/index/index.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "tests/unit/policy_fixture.h"

#define LONG_AGO 1700000000000000000

static struct embargo_index *open_index(bool was_damaged)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_index *index = NULL;
	bool is_damaged = false;
	const int error = embargo_index_open("index", &index, &is_damaged, &diagnostic);

	if (error || is_damaged != was_damaged)
		print_message("%d: %s\n", error, diagnostic.what);
	assert_int_equal(error, 0);
	assert_int_equal(is_damaged, was_damaged);
	assert_int_equal(is_damaged, diagnostic.what[0] != '\0');
	return index;
}

/* In a child, where a failed assertion would go on with the tests that follow. */
static struct embargo_index *open_in_child(void)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_index *index;
	bool is_damaged;

	if (embargo_index_open("index", &index, &is_damaged, &diagnostic) || is_damaged)
		_exit(100);
	return index;
}

static struct embargo_index_key key_of(uint64_t inode)
{
	return (struct embargo_index_key) { .device = UINT64_MAX - 7,
					    .inode = inode,
					    .generation = 3,
					    .changed = LONG_AGO,
					    .size = 7 };
}

static int put(struct embargo_index *index, uint64_t inode, const char *text)
{
	const struct embargo_index_key key = key_of(inode);
	const struct embargo_index_entry entry = { .digest = { .bytes = { inode & 0xff } },
						   .kind = EMBARGO_KIND_ELF,
						   .identities = text,
						   .identities_size = strlen(text) };

	return embargo_index_put(index, &key, &entry);
}

/* Is @inode there, and with @text? */
static bool has(struct embargo_index *index, uint64_t inode, const char *text)
{
	const struct embargo_index_key key = key_of(inode);
	struct embargo_index_entry entry;

	return !embargo_index_find(index, &key, &entry) &&
	       entry.digest.bytes[0] == (inode & 0xff) && entry.kind == EMBARGO_KIND_ELF &&
	       entry.identities_size == strlen(text) && !strcmp(entry.identities, text);
}

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

static int sum_inodes(void *context, const struct embargo_index_key *key,
		      const struct embargo_index_entry *entry)
{
	*(uint64_t *)context += key->inode;
	return entry->identities_size == 2 ? 0 : 5;
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

/* Runs @sql on the closed index. */
static void alter(const char *sql)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open("index", &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
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
	alter("PRAGMA user_version = 2");
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

static void a_kill_leaves_it_whole(void **state)
{
	struct embargo_index *index;
	uint64_t before = 0;

	(void)state;
	for (unsigned int round = 0; round < 20; round++) {
		const pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			index = open_in_child();
			for (uint64_t inode = 1;; inode++)
				if (put(index, round * 100000 + inode,
					"[\"a text of some length\"]"))
					_exit(1);
		}
		usleep(20000 + round * 7919 % 30000);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		index = open_index(false);
		assert_true(embargo_index_count(index) >= before);
		before = embargo_index_count(index);
		embargo_index_close(index);
	}
	assert_true(before > EMBARGO_INDEX_BATCH);
}

static void two_processes_share_it(void **state)
{
	struct embargo_index *index;
	pid_t children[2];
	unsigned int kept = 0;
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i])
			continue;
		index = open_in_child();
		for (uint64_t inode = 1; inode <= 300; inode++) {
			const int error = put(index, 1000 * i + inode, "[]");

			if (error && error != -EBUSY)
				_exit(1);
			if (inode % 10 == 0 && embargo_index_flush(index))
				_exit(2);
		}
		embargo_index_close(index);
		_exit(0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	index = open_index(false);
	for (uint64_t inode = 1; inode <= 300; inode++)
		kept += has(index, inode, "[]") + has(index, 1000 + inode, "[]");
	assert_int_equal(kept, embargo_index_count(index));
	/* One may have waited in vain now and then. */
	assert_true(kept > 300);
	embargo_index_close(index);
}

/* A full disk is what a bound on the size of files looks like from here. */
static void a_full_disk_is_no_damage(void **state)
{
	struct embargo_index *index = open_index(false);
	const pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (!child) {
		int error = 0;

		signal(SIGXFSZ, SIG_IGN);
		index = open_in_child();
		if (setrlimit(RLIMIT_FSIZE, &(struct rlimit) { 65536, 65536 }))
			_exit(1);
		for (uint64_t inode = 1; inode <= 20000 && !error; inode++)
			error = put(index, inode, "[]");
		if (!error)
			_exit(2);
		/* It goes on answering. */
		has(index, 1, "[]");
		embargo_index_close(index);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(put(index, 1, "[]") == 0);
	assert_true(has(index, 1, "[]"));
	embargo_index_close(index);
	embargo_index_close(open_index(false));
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
		IN_FOLDER(what_may_have_changed_unseen_is_not_kept),
		IN_FOLDER(the_largest_text_is_kept),
		IN_FOLDER(no_index_holds_nothing),
		IN_FOLDER(where_none_can_be_made_says_so),
		IN_FOLDER(each_entry_is_told),
		IN_FOLDER(what_was_not_seen_is_forgotten),
		IN_FOLDER(one_too_many_costs_the_oldest),
		IN_FOLDER(damaged_ones_are_set_aside),
		IN_FOLDER(wrong_bytes_are_survived),
		IN_FOLDER(damage_in_use_ends_the_use),
		IN_FOLDER(a_kill_leaves_it_whole),
		IN_FOLDER(two_processes_share_it),
		IN_FOLDER(a_full_disk_is_no_damage),
		IN_FOLDER(the_key_follows_the_content),
		IN_FOLDER(only_files_with_a_history_have_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
