// SPDX-License-Identifier: GPL-2.0-or-later
/* The last good generation: read back as it was written; cut, changed or another program's, never
 * in part. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/enact/last.h"
#include "tests/unit/policy_fixture.h"

#define VERSION_AT 12

static void keep(void)
{
	_cleanup_(embargo_last_free) struct embargo_last last = {
		.rule_count = 1, .made = 5, .issued = 4, .policy_count = 1
	};

	write_file("p.yaml", HEAD RULE("a", "early", "any: [ { path: /opt/x/ } ]"));
	compile("p.yaml", NULL, &last.tables);
	last.policies = calloc(1, sizeof(*last.policies));
	assert_non_null(last.policies);
	*last.policies = (struct embargo_last_policy) { .id = "p", .version = 7, .expires = 9 };
	assert_int_equal(embargo_last_write("last", &last), 0);
}

static int read_last(struct embargo_last *last)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };

	return embargo_last_read("last", last, &diagnostic);
}

/* Writes @size of @bytes, with a sum that is right where @sums. */
static void damage(char *bytes, size_t size, bool sums)
{
	struct embargo_digest sum;
	FILE *file = fopen("last", "we");

	if (sums) {
		assert_int_equal(embargo_sha256_memory(bytes, size - sizeof(sum), &sum), 0);
		memcpy(bytes + size - sizeof(sum), &sum, sizeof(sum));
	}
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void count(void *context, __u32 timeline, __u32 waived)
{
	(void)waived;
	*(__u32 *)context += timeline;
}

static void reads_back(void **state)
{
	_cleanup_(embargo_last_free) struct embargo_last last = { .policies = NULL };
	struct stat status;
	__u32 found = 0;

	(void)state;
	keep();
	assert_int_equal(read_last(&last), 0);
	assert_int_equal(last.policy_count, 1);
	assert_string_equal(last.policies[0].id, "p");
	assert_int_equal(last.policies[0].version, 7);
	assert_int_equal(last.policies[0].expires, 9);
	assert_int_equal(last.made, 5);
	assert_int_equal(last.issued, 4);
	assert_int_equal(last.rule_count, 1);
	assert_int_equal(last.tables.head.path_count, last.tables.path_count);
	assert_int_equal(embargo_tables_path(&last.tables, "/opt/x/y", 0, count, &found), 1);
	assert_true(found);
	assert_int_equal(stat("last", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(access("last.new", F_OK), -1);
}

static void absent(void **state)
{
	struct embargo_last last = { .policies = NULL };

	(void)state;
	assert_int_equal(read_last(&last), -ENOENT);
	assert_null(last.policies);
}

/* Each cut and each wrong byte: refused, set aside, and nothing of it handed out. */
static void damaged(void **state)
{
	_cleanup_free_
	char *bytes = NULL;
	struct embargo_last last = { .policies = NULL };
	size_t size;

	(void)state;
	keep();
	assert_int_equal(embargo_file_read("last", 1 << 20, &bytes, &size), 0);
	for (size_t i = 0; i < size; i += i < 256 ? 1 : 97) {
		damage(bytes, i, false);
		assert_int_equal(read_last(&last), -EBADMSG);
		bytes[i] ^= 1;
		damage(bytes, size, false);
		assert_int_equal(read_last(&last), -EBADMSG);
		bytes[i] ^= 1;
	}
	assert_null(last.policies);
	assert_null(last.tables.timelines);
	assert_int_equal(access("last", F_OK), -1);
	assert_int_equal(access("last.damaged", F_OK), 0);
}

/* The sum holds, and yet what is in it does not fit: no byte of the head or the tables breaks a
 * reader. */
static void forged(void **state)
{
	_cleanup_free_
	char *bytes = NULL;
	size_t size;

	(void)state;
	keep();
	assert_int_equal(embargo_file_read("last", 1 << 20, &bytes, &size), 0);
	for (size_t i = 8; i + 32 < size; i += i < 256 ? 1 : 3) {
		_cleanup_(embargo_last_free) struct embargo_last last = { .policies = NULL };
		char was = bytes[i];
		__u32 found = 0;
		int error;

		bytes[i] = (char)(was ^ 0xff);
		damage(bytes, size, true);
		error = read_last(&last);
		assert_true(!error || error == -EBADMSG || error == -EPROTO);
		for (size_t entry = 0; !error && entry < last.tables.path_count; entry++)
			assert_true(last.tables.paths[entry].node.below <
				    last.tables.timeline_count);
		if (!error)
			embargo_tables_path(&last.tables, "/opt/x/y", 0, count, &found);
		bytes[i] = was;
	}
}

static void cut_with_a_sum(void **state)
{
	_cleanup_free_
	char *bytes = NULL;
	size_t size;

	(void)state;
	keep();
	assert_int_equal(embargo_file_read("last", 1 << 20, &bytes, &size), 0);
	for (size_t i = 40; i < size; i += i < 256 ? 1 : 97) {
		_cleanup_(embargo_last_free) struct embargo_last last = { .policies = NULL };
		_cleanup_free_
		char *copy = malloc(i);
		int error;

		assert_non_null(copy);
		memcpy(copy, bytes, i);
		damage(copy, i, true);
		error = read_last(&last);
		assert_true(error == -EBADMSG || error == -EPROTO);
		assert_null(last.policies);
	}
}

static void more_with_a_sum(void **state)
{
	_cleanup_(embargo_last_free) struct embargo_last last = { .policies = NULL };
	_cleanup_free_
	char *bytes = NULL;
	size_t size;

	(void)state;
	keep();
	assert_int_equal(embargo_file_read("last", 1 << 20, &bytes, &size), 0);
	bytes = realloc(bytes, size + 8);
	assert_non_null(bytes);
	memset(bytes + size, 0, 8);
	damage(bytes, size + 8, true);
	assert_int_equal(read_last(&last), -EBADMSG);
}

static void of_another_version(void **state)
{
	_cleanup_free_
	char *bytes = NULL;
	struct embargo_last last = { .policies = NULL };
	size_t size;

	(void)state;
	keep();
	assert_int_equal(embargo_file_read("last", 1 << 20, &bytes, &size), 0);
	bytes[VERSION_AT] ^= 1;
	damage(bytes, size, true);
	assert_int_equal(read_last(&last), -EPROTO);
	bytes[VERSION_AT] ^= 1;
	bytes[VERSION_AT - 4]++;
	damage(bytes, size, true);
	assert_int_equal(read_last(&last), -EPROTO);
	/* It is whole: an older program may be put back. */
	assert_int_equal(access("last", F_OK), 0);
}

static void old_or_new(void **state)
{
	_cleanup_(embargo_last_free) struct embargo_last last = { .policies = NULL };
	const struct embargo_last other = { .made = 6 };

	(void)state;
	keep();
	assert_int_equal(mkdir("last.new", 0700), 0); /* in the way of writing */
	assert_true(embargo_last_write("last", &other) < 0);
	assert_int_equal(read_last(&last), 0);
	assert_int_equal(last.made, 5);
	assert_int_equal(rmdir("last.new"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(reads_back),
		IN_FOLDER(absent),
		IN_FOLDER(damaged),
		IN_FOLDER(forged),
		IN_FOLDER(cut_with_a_sum),
		IN_FOLDER(more_with_a_sum),
		IN_FOLDER(of_another_version),
		IN_FOLDER(old_or_new),
	};

	return cmocka_run_group_tests_name("last", tests, NULL, NULL);
}
