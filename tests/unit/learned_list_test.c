// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of learned digests: kept whole, read as far as it is whole. */
#include "loader/learned/list.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/policy_fixture.h"

static char seen[256]; /* the first byte of each digest, and what it is */

static int note(void *context, const struct embargo_learned_entry *entry)
{
	size_t used = strlen(seen);

	(void)context;
	snprintf(seen + used, sizeof(seen) - used, "%d:%llu:%s:%s ", entry->digest.bytes[0],
		 (unsigned long long)entry->size, entry->path ? entry->path : "-",
		 embargo_identity_value(&entry->identities.array[0], EMBARGO_ATTRIBUTE_VALUE));
	return 0;
}

static const char *read_list(void)
{
	seen[0] = '\0';
	assert_int_equal(embargo_learned_list_each("learned", note, NULL), 0);
	return seen;
}

static void append(unsigned char first, const char *path, const char *build_id)
{
	struct embargo_learned_entry entry = {
		.digest = { .bytes = { first } },
		.size = 7,
		.kind = EMBARGO_KIND_ELF,
		.at = 1700000000000000000,
		.path = path,
	};
	struct embargo_identity *identity =
		embargo_identities_add(&entry.identities, EMBARGO_IDENTITY_BUILD_ID);

	assert_int_equal(embargo_identities_set(&entry.identities, identity,
						EMBARGO_ATTRIBUTE_VALUE, build_id,
						strlen(build_id)),
			 0);
	assert_int_equal(embargo_learned_list_append("learned", &entry), 0);
	embargo_identities_free(&entry.identities);
}

static void what_is_added_is_read(void **state)
{
	(void)state;
	assert_string_equal(read_list(), "");
	append(1, "/a \"b\"", "abcd");
	append(2, NULL, "ef");
	assert_string_equal(read_list(), "1:7:/a \"b\":abcd 2:7:-:ef ");
}

/* As the power fails: the cut line is none, and the next is whole again. */
static void a_cut_line_costs_only_itself(void **state)
{
	struct stat status;

	(void)state;
	append(1, NULL, "ab");
	append(2, NULL, "cd");
	assert_int_equal(stat("learned", &status), 0);
	assert_int_equal(truncate("learned", status.st_size - 5), 0);
	assert_string_equal(read_list(), "1:7:-:ab ");
	append(3, NULL, "ef");
	assert_string_equal(read_list(), "1:7:-:ab 3:7:-:ef ");
}

static enum embargo_validity heard;

static int rest(void *context, const struct embargo_learned_entry *entry)
{
	embargo_learned_entry_rest(entry, *(uint64_t *)context);
	heard = entry->identities.array[0].chain_ok;
	return 0;
}

static enum embargo_validity chain_under(uint64_t anchors)
{
	heard = EMBARGO_VALIDITY_UNKNOWN;
	assert_int_equal(embargo_learned_list_each("learned", rest, &anchors), 0);
	return heard;
}

static void append_chain(enum embargo_validity chain_ok, uint64_t anchors)
{
	struct embargo_learned_entry entry = {
		.digest = { .bytes = { 1 } },
		.size = 7,
		.kind = EMBARGO_KIND_PE,
		.at = 1700000000000000000,
		.anchors = anchors,
	};
	struct embargo_identity *identity =
		embargo_identities_add(&entry.identities, EMBARGO_IDENTITY_X509);

	unlink("learned");
	assert_int_equal(embargo_identities_set(&entry.identities, identity, EMBARGO_ATTRIBUTE_O,
						"Acme", 4),
			 0);
	identity->chain_ok = chain_ok;
	assert_int_equal(embargo_learned_list_append("learned", &entry), 0);
	embargo_identities_free(&entry.identities);
}

/* Who was vouched for by an anchor that has gone is vouched for by nobody; who was by none stays
 * so. */
static void chains_rest_on_anchors(void **state)
{
	FILE *old;

	(void)state;
	append_chain(EMBARGO_VALIDITY_YES, 0xfedcba9876543210);
	assert_int_equal(chain_under(0xfedcba9876543210), EMBARGO_VALIDITY_YES);
	assert_int_equal(chain_under(0), EMBARGO_VALIDITY_UNKNOWN);
	append_chain(EMBARGO_VALIDITY_NO, 5);
	assert_int_equal(chain_under(6), EMBARGO_VALIDITY_NO);
	old = fopen("learned", "w");
	assert_non_null(old);
	fprintf(old,
		"{\"sha256\":\"%064d\",\"size\":7,\"kind\":\"pe\",\"at\":\"2024-01-01T00:00:00Z\","
		"\"identities\":[{\"kind\":\"x509\",\"value\":\"Acme\",\"attributes\":{\"o\":"
		"[\"Acme\"]},\"chain_ok\":true}]}\n",
		1);
	fclose(old);
	assert_int_equal(chain_under(0), EMBARGO_VALIDITY_UNKNOWN);
}

static void lines_that_are_no_entries_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"",
		"{}",
		"[1]",
		"nonsense",
		"{\"sha256\":\"00\",\"size\":1,\"kind\":\"elf\"}",
		/* The empty file, which would be every empty file. */
		"{\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
		"\"size\":7,\"kind\":\"elf\",\"at\":\"2024-01-01T00:00:00Z\",\"path\":null,"
		"\"identities\":[{\"kind\":\"build-id\",\"value\":\"ab\"}]}",
	};
	FILE *file;

	(void)state;
	append(1, NULL, "ab");
	file = fopen("learned", "ae");
	assert_non_null(file);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fprintf(file, "%s\n", lines[i]);
	fclose(file);
	append(2, NULL, "cd");
	assert_string_equal(read_list(), "1:7:-:ab 2:7:-:cd ");
}

static bool is_odd(void *context, const struct embargo_learned_entry *entry)
{
	(void)context;
	return entry->digest.bytes[0] & 1;
}

static void a_filtered_list_keeps_what_is_kept(void **state)
{
	(void)state;
	assert_int_equal(embargo_learned_list_filter("learned", is_odd, NULL), 0);
	for (unsigned char i = 1; i < 6; i++)
		append(i, NULL, "ab");
	assert_int_equal(embargo_learned_list_filter("learned", is_odd, NULL), 0);
	assert_string_equal(read_list(), "1:7:-:ab 3:7:-:ab 5:7:-:ab ");
	assert_int_equal(access("learned.new", F_OK), -1);
}

static void the_lock_is_one_processes(void **state)
{
	int fd, status;
	pid_t child;

	(void)state;
	assert_int_equal(embargo_learned_list_lock("learned", 0, &fd), 0);
	child = fork();
	if (!child) {
		int other;

		_exit(embargo_learned_list_lock("learned", 30, &other) == -EAGAIN ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(fd);
	assert_int_equal(embargo_learned_list_lock("learned", 0, &fd), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_added_is_read),
		IN_FOLDER(a_cut_line_costs_only_itself),
		IN_FOLDER(chains_rest_on_anchors),
		IN_FOLDER(lines_that_are_no_entries_are_passed_over),
		IN_FOLDER(a_filtered_list_keeps_what_is_kept),
		IN_FOLDER(the_lock_is_one_processes),
	};

	return cmocka_run_group_tests_name("learned_list", tests, NULL, NULL);
}
