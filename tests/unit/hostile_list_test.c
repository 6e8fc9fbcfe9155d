// SPDX-License-Identifier: GPL-2.0-or-later
/* Hostile digest lists: each is refused, as a whole or in the line that is wrong. */
#include "loader/crypto/sha256.h"
#include "loader/policy/list.h"
#include "tests/unit/hostile_fixture.h"

static void make_list_folder(void)
{
	write_file("p.yaml", LIST, strlen(LIST));
	assert_int_equal(mkdir("list", 0700), 0);
}

static void make_list_fifo(void)
{
	write_file("p.yaml", LIST, strlen(LIST));
	assert_int_equal(mkfifo("list", 0600), 0);
}

static void make_list_of_nul(void)
{
	write_file("p.yaml", LIST, strlen(LIST));
	write_file("list", "# a\n" HEX "  n\0ame\n", 4 + 64 + 8);
}

static void make_list_long_line(void)
{
	static char text[100000];

	write_file("p.yaml", LIST, strlen(LIST));
	memset(text, 'a', sizeof(text));
	write_file("list", text, sizeof(text));
}

static const struct hostile hostile[] = {
	/* Digest lists: as a whole, then their lines. */
	{ "a_missing_list", TEXT(LIST), .line = 6, .column = 55,
	  .what = "the list 'list': No such file or directory" },
	{ "a_list_that_is_a_folder", .make = make_list_folder, .line = 6, .column = 55,
	  .what = "the list 'list': is a directory, not a file" },
	{ "a_list_that_is_a_fifo", .make = make_list_fifo, .line = 6, .column = 55,
	  .what = "the list 'list': is no regular file" },
	{ "an_empty_list", TEXT(LIST), .list = "# nothing\n\n", .line = 6, .column = 55,
	  .what = "the list 'list' holds no digest" },
	{ "a_list_of_another_digest", TEXT(WITH(RULE("digests: { file: list, sha256: " HEX " }"))),
	  .list = HEX ":1:x\n", .line = 6, .column = 55,
	  .what = "the list 'list' is not the one that the policy means: its sha256 is "
		  "294a4a6f4f399cd18a7c00769831d217af1f9b49a4eff2a7dc1a23be86703a08" },
	{ "an_unknown_kind_of_list", TEXT(WITH(RULE("digests: { file: list, of: exe }"))),
	  .line = 6, .column = 65, .what = "unknown kind of file 'exe'" },
	{ "a_nul_in_a_list", .make = make_list_of_nul, .file = "list", .line = 2, .column = 68,
	  .what = "a NUL byte" },
	{ "a_line_of_100000_bytes", .make = make_list_long_line, .file = "list", .line = 1,
	  .column = 1, .what = "a line of more than 8259 bytes" },
	{ "a_short_digest_in_a_list", TEXT(LIST),
	  .list = "# c\n" HEX ":1:x\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c:1:x\n",
	  .file = "list", .line = 3, .column = 1,
	  .what = "a digest of 48 characters, where SHA-256 has 64" },
	{ "an_md5_list", TEXT(LIST), .list = "d41d8cd98f00b204e9800998ecf8427e  x\n",
	  .file = "list", .line = 1, .column = 1,
	  .what = "a digest of 32 characters, where SHA-256 has 64" },
	{ "a_long_digest_in_a_list", TEXT(LIST), .list = HEX "0  x\n", .file = "list", .line = 1,
	  .column = 1, .what = "a digest of 65 characters, where SHA-256 has 64" },
	{ "prose_in_a_list", TEXT(LIST), .list = "hello\n", .file = "list", .line = 1, .column = 1,
	  .what = "a line without a digest" },
	{ "the_digest_of_nothing_in_a_list", TEXT(LIST), .list = EMPTY_HEX "  empty\n",
	  .file = "list", .line = 1, .column = 1,
	  .what = "the digest of the empty file, which would name every empty file" },
	{ "a_sum_without_a_name", TEXT(LIST), .list = HEX "  \n", .file = "list", .line = 1,
	  .column = 65, .what = "no name" },
	{ "an_hsb_without_a_name", TEXT(LIST), .list = HEX ":12:\n", .file = "list", .line = 1,
	  .column = 69, .what = "no name" },
	{ "an_hsb_without_a_size", TEXT(LIST), .list = HEX ":x\n", .file = "list", .line = 1,
	  .column = 66, .what = "a size that is no number from 1 to 9223372036854775807" },
	{ "an_hsb_of_size_zero", TEXT(LIST), .list = HEX ":0:x\n", .file = "list", .line = 1,
	  .column = 66, .what = "a size that is no number from 1 to 9223372036854775807" },
	{ "an_hsb_of_a_huge_size", TEXT(LIST), .list = HEX ":99999999999999999999:x\n",
	  .file = "list", .line = 1, .column = 66,
	  .what = "a size that is no number from 1 to 9223372036854775807" },
	{ "an_hsb_with_more_behind", TEXT(LIST), .list = HEX ":1:x:73:y\n", .file = "list",
	  .line = 1, .column = 72, .what = "more after the name than a level" },
	{ "an_escaped_hsb", TEXT(LIST), .list = "\\" HEX ":1:x\n", .file = "list", .line = 1,
	  .column = 1, .what = "a backslash before an .hsb line" },
};

/* More than is read at once, so that its end can change after its beginning was handed on. */
#define LINES 2000

/* At the first entry, another digest comes into the last line. */
static int change_list(void *context, const struct embargo_list_entry *entry)
{
	size_t *count = context;
	int fd;

	if (entry->line == 1) {
		fd = open("list", O_WRONLY | O_CLOEXEC);
		assert_int_equal(pwrite(fd, "0", 1, (LINES - 1) * (sizeof(HEX ":4:n\n") - 1)), 1);
		close(fd);
	}
	(*count)++;
	return 0;
}

static void refuses_a_list_that_changes(void **state)
{
	struct embargo_list list = { .file = "list", .path = "list", .checked = true };
	struct embargo_policy policy = { .file = "p.yaml" };
	struct embargo_diagnostic diagnostic = { 0 };
	FILE *file = fopen("list", "we");
	size_t count = 0;
	int fd;

	(void)state;
	for (int i = 0; i < LINES; i++)
		fputs(HEX ":4:n\n", file);
	fclose(file);
	fd = open("list", O_RDONLY | O_CLOEXEC);
	assert_int_equal(embargo_sha256_file(fd, &list.sha256, NULL), 0);
	close(fd);
	assert_int_equal(embargo_list_read(&policy, &list, change_list, &count, &diagnostic),
			 -EINVAL);
	assert_int_equal(count, LINES);
	assert_string_equal(diagnostic.what, "the list 'list' changed while it was read");
	assert_true(diagnostic.remedy[0]);
}

int main(void)
{
	const struct CMUnitTest changing[] = {
		cmocka_unit_test_setup_teardown(refuses_a_list_that_changes, enter_folder,
						leave_folder),
	};

	return RUN_HOSTILE("hostile_list", hostile, NULL) +
	       cmocka_run_group_tests_name("hostile_list_changing", changing, NULL, NULL);
}
