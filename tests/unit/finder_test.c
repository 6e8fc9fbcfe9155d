// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding learned digests: in a list that grows, is cut off, and is written anew. */
#include "loader/learned/finder.h"

#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/policy_fixture.h"

static struct embargo_finder *finder;

static int note(void *context, const struct embargo_learned_entry *entry)
{
	*(uint64_t *)context = entry->size;
	return 0;
}

/* The size that was learned with the digest of this first byte; 0 where it is not found. */
static uint64_t find(unsigned char first)
{
	const struct embargo_digest digest = { .bytes = { first, 1, 2, 3, 4, 5, 6, 7, first } };
	uint64_t size = 0;
	int error = embargo_finder_find(finder, &digest, note, &size);

	if (error)
		assert_int_equal(error, -ENOENT);
	return size;
}

static void append(unsigned char first, uint64_t size)
{
	const struct embargo_learned_entry entry = {
		.digest = { .bytes = { first, 1, 2, 3, 4, 5, 6, 7, first } },
		.size = size,
		.kind = EMBARGO_KIND_ELF,
		.at = 1700000000000000000,
		.path = "/a \"sha256\":\"b\"",
	};

	assert_int_equal(embargo_learned_list_append("learned", &entry), 0);
}

static void it_follows_what_is_added(void **state)
{
	(void)state;
	assert_int_equal(find(1), 0);
	append(1, 10);
	assert_int_equal(find(1), 10);
	assert_int_equal(find(2), 0);
	append(2, 20);
	append(3, 30);
	assert_int_equal(find(2), 20);
	assert_int_equal(find(3), 30);
	assert_int_equal(find(1), 10);
}

static int refuse_first(void *context, const struct embargo_learned_entry *entry)
{
	*(uint64_t *)context += entry->size;
	return entry->size == 10 ? -ENOENT : -ECANCELED;
}

static void all_of_a_digest_are_looked_at_until_one_will_do(void **state)
{
	const struct embargo_digest digest = { .bytes = { 1, 1, 2, 3, 4, 5, 6, 7, 1 } };
	uint64_t sizes = 0;

	(void)state;
	append(1, 10);
	append(2, 20);
	append(1, 100);
	append(1, 1000);
	assert_int_equal(find(1), 10);
	assert_int_equal(find(2), 20);
	assert_int_equal(embargo_finder_find(finder, &digest, refuse_first, &sizes), -ECANCELED);
	assert_int_equal(sizes, 110);
}

/* The first eight bytes are the same. */
static void digests_that_begin_alike_are_told_apart(void **state)
{
	const struct embargo_digest other = { .bytes = { 1, 1, 2, 3, 4, 5, 6, 7, 99 } };
	uint64_t size = 0;

	(void)state;
	append(1, 10);
	assert_int_equal(embargo_finder_find(finder, &other, note, &size), -ENOENT);
	assert_int_equal(size, 0);
}

static void half_a_line_waits_for_its_rest(void **state)
{
	struct stat status;

	(void)state;
	append(1, 10);
	assert_int_equal(stat("learned", &status), 0);
	assert_int_equal(truncate("learned", status.st_size - 5), 0);
	assert_int_equal(find(1), 0);
	append(2, 20);
	assert_int_equal(find(1), 0);
	assert_int_equal(find(2), 20);
}

static bool keep_second(void *context, const struct embargo_learned_entry *entry)
{
	(void)context;
	return entry->size == 20;
}

static void a_list_written_anew_is_read_anew(void **state)
{
	(void)state;
	append(1, 10);
	append(2, 20);
	append(3, 30);
	assert_int_equal(find(3), 30);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(embargo_learned_list_filter("learned", keep_second, NULL), 0);
		assert_int_equal(find(1), 0);
		assert_int_equal(find(2), 20);
		append(4, 40);
		append(5, 50);
		assert_int_equal(find(4), 40);
	}
}

static void lines_that_are_no_entries_are_passed_over(void **state)
{
	FILE *list = fopen("learned", "w");

	(void)state;
	assert_non_null(list);
	fputs("\n{\"sha256\"\n{\"sha256\":\"", list);
	for (int i = 0; i < 64; i++)
		fputs("g", list);
	fputs("\"}\n{\"sha256\":"
	      "\"0101020304050607010000000000000000000000000000000000000000000000\"}"
	      "\n\"sha256\"",
	      list);
	for (int i = 0; i < 3 << 20; i++)
		fputc(' ', list);
	fputc('\n', list);
	fclose(list);
	append(2, 20);
	assert_int_equal(find(1), 0);
	assert_int_equal(find(2), 20);
}

static void many_are_found(void **state)
{
	FILE *list = fopen("learned", "w");

	(void)state;
	assert_non_null(list);
	for (unsigned int i = 0; i < 70000; i++)
		fprintf(list,
			"{\"sha256\":\"%08x%056x\",\"size\":%u,\"kind\":\"elf\",\"at\":\"2020-01-"
			"01T00:00:00Z\","
			"\"path\":null,\"identities\":[]}\n",
			i * 2654435761U, i, i + 1);
	fclose(list);
	for (unsigned int i = 0; i < 70000; i += 997) {
		struct embargo_digest digest = { 0 };
		const uint32_t head = i * 2654435761U;
		uint64_t size = 0;

		for (int j = 0; j < 4; j++) {
			digest.bytes[j] = head >> (24 - 8 * j);
			digest.bytes[28 + j] = i >> (24 - 8 * j);
		}
		assert_int_equal(embargo_finder_find(finder, &digest, note, &size), 0);
		assert_int_equal(size, i + 1);
	}
}

static int set_up(void **state)
{
	return enter_folder(state) || embargo_finder_open("learned", &finder);
}

static int tear_down(void **state)
{
	embargo_finder_close(finder);
	finder = NULL;
	return leave_folder(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_follows_what_is_added),
		TEST(all_of_a_digest_are_looked_at_until_one_will_do),
		TEST(digests_that_begin_alike_are_told_apart),
		TEST(half_a_line_waits_for_its_rest),
		TEST(a_list_written_anew_is_read_anew),
		TEST(lines_that_are_no_entries_are_passed_over),
		TEST(many_are_found),
	};

	return cmocka_run_group_tests_name("finder", tests, NULL, NULL);
}
