// SPDX-License-Identifier: GPL-2.0-or-later
/* The last good generation: read back as it was written; cut, changed or another program's, never
 * in part. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/enact/last.h"
#include "tests/unit/policy_fixture.h"

#define VERSION_AT 12

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

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
	char *longer;
	size_t size;

	(void)state;
	keep();
	assert_int_equal(embargo_file_read("last", 1 << 20, &bytes, &size), 0);
	longer = realloc(bytes, size + 8);
	assert_non_null(longer);
	bytes = longer;
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
	struct rlimit before, little;

	(void)state;
	keep();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 100; /* bytes: as on a disk that becomes full */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_int_equal(embargo_last_write("last", &other), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(access("last.new", F_OK), -1);
	assert_int_equal(read_last(&last), 0);
	assert_int_equal(last.made, 5);
}

/* One table that does not fit, each time: @place gets @value. */
static void refuses(const struct embargo_last *last, void *place, size_t size, const void *value)
{
	struct embargo_last read = { .policies = NULL };
	char was[256];

	assert_true(size <= sizeof(was));
	memcpy(was, place, size);
	memcpy(place, value, size);
	assert_int_equal(embargo_last_write("last", last), 0);
	assert_int_equal(read_last(&read), -EBADMSG);
	memcpy(place, was, size);
	assert_int_equal(embargo_last_write("last", last), 0);
	assert_int_equal(read_last(&read), 0);
	embargo_last_free(&read);
}

#define REFUSES(place, ...)                                              \
	do {                                                             \
		__typeof__(place) value = __VA_ARGS__;                   \
		refuses(&last, &(place), sizeof(value), (void *)&value); \
	} while (0)

static void no_number_leads_astray(void **state)
{
	_cleanup_(embargo_last_free) struct embargo_last last = { .policy_count = 0 };
	struct embargo_tables *tables = &last.tables;
	char endless[EMBARGO_CITE_SIZE];

	(void)state;
	write_file("p.yaml", HEAD RULE("a", "early", "any: [ { path: /opt/x/ } ]")
				     RULE("b", "early", "any: [ { sha256: " DIGEST ", size: 7 } ]")
					     RULE("c", "early",
						  "any: [ { module-signer: { issuer-cn: Kav } } "
						  "]") "waivers: [ { sha256: " DIGEST
						       ", until: \"2025-01-31T00:00:00Z\", "
						       "ticket: SEC-1, reason: r, by: b } ]\n");
	compile("p.yaml", NULL, tables);
	memset(endless, 'x', sizeof(endless));
	assert_true(tables->waived_count && tables->waiver_set_count > 1 &&
		    tables->waiver_count > 1 && tables->part_count && tables->signer_count &&
		    tables->digest_count && tables->path_count);
	REFUSES(tables->head.on_error, (__u32)tables->timeline_count);
	REFUSES(tables->head.open_evasion, (__u32)tables->timeline_count);
	REFUSES(tables->head.waived_kexec, (__u32)tables->waiver_set_count);
	REFUSES(tables->head.waiver_count, (__u32)tables->waiver_count);
	REFUSES(tables->digests[0].listed.timeline, (__u32)tables->timeline_count);
	REFUSES(tables->digests[0].listed.opens, (__u32)tables->timeline_count);
	REFUSES(tables->waived[0].set, (__u32)tables->waiver_set_count);
	REFUSES(tables->waiver_sets[1].number[0], (__u32)tables->waiver_count);
	REFUSES(tables->parts[1].timeline, (__u32)tables->timeline_count);
	REFUSES(tables->parts[1].policy, 64);
	REFUSES(tables->parts[1].next, 1);
	REFUSES(tables->parts[1].next, (__u32)tables->part_count);
	REFUSES(tables->paths[0].node.waived_below, (__u32)tables->waiver_set_count);
	REFUSES(tables->paths[0].node.opens_exact, (__u32)tables->timeline_count);
	REFUSES(tables->paths[0].key.length, EMBARGO_PATH_CHUNK + 1);
	REFUSES(tables->signers[0].key.cn_length, EMBARGO_SIGNER_CN_SIZE + 1);
	REFUSES(tables->signers[0].key.number_length, EMBARGO_SIGNER_NUMBER_SIZE + 1);
	REFUSES(tables->signers[0].is.timeline, (__u32)tables->timeline_count);
	REFUSES(tables->signers[0].is.waived, (__u32)tables->waiver_set_count);
	REFUSES(tables->timelines[1].count, EMBARGO_TIMELINE_STEPS + 1);
	REFUSES(tables->timelines[1].steps[0].reason, (__u32)tables->reason_count);
	refuses(&last, tables->waivers[1].ticket, EMBARGO_NAME_SIZE, endless);
	refuses(&last, tables->reasons[1].vendor, EMBARGO_NAME_SIZE, endless);
	refuses(&last, tables->reasons[1].authority, EMBARGO_NAME_SIZE, endless);
	refuses(&last, tables->reasons[1].cite, EMBARGO_CITE_SIZE, endless);
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
		IN_FOLDER(no_number_leads_astray),
	};

	return cmocka_run_group_tests_name("last", tests, NULL, NULL);
}
