// SPDX-License-Identifier: GPL-2.0-or-later
/* What is no text, and what is no document of YAML: each is refused where it is wrong. */
#include "tests/unit/hostile_fixture.h"

static void make_gigabyte(void)
{
	int fd = open("p.yaml", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	close(fd);
}

static void make_deep(void)
{
	static char text[20000];

	memset(text, '[', 10000);
	memset(text + 10000, ']', 10000);
	write_file("p.yaml", text, sizeof(text));
}

static void make_deep_block(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	for (int depth = 0; depth < 1000; depth++)
		fprintf(file, "%*sa:\n", depth, "");
	fclose(file);
}

static void make_many_keys(void)
{
	FILE *file = fopen("p.yaml", "we");

	assert_non_null(file);
	for (int key = 0; key < 100000; key++)
		fprintf(file, "k%d: 1\n", key);
	fclose(file);
}

static void make_policy_folder(void)
{
	assert_int_equal(mkdir("p.yaml", 0700), 0);
	assert_int_equal(mkdir("p.yaml/empty", 0700), 0);
}

static void make_policy_fifo(void)
{
	assert_int_equal(mkfifo("p.yaml", 0600), 0);
}

static void make_nothing(void)
{
}

static const struct hostile hostile[] = {
	/* What is no text. */
	{ "one_gigabyte", .make = make_gigabyte, .what = "holds more than 1048576 bytes" },
	{ "a_folder_without_policies", .make = make_policy_folder, .what = "holds no policy" },
	{ "a_fifo", .make = make_policy_fifo, .what = "is no regular file" },
	{ "a_missing_policy", .make = make_nothing, .what = "No such file or directory" },
	{ "a_nul_byte", TEXT("policy: p\nversion: 1\0\n"), .line = 2, .column = 11,
	  .what = "a NUL byte (0x00)" },
	{ "a_nul_escape", TEXT("policy: \"a\\0b\"\n"), .line = 1, .column = 9,
	  .what = "a value with a NUL byte in it (0x00)" },
	{ "a_nul_in_a_path", TEXT(WITH(RULE("any: [ { path: \"/opt/v\\0/\" } ]"))), .line = 6,
	  .column = 53, .what = "a value with a NUL byte in it (0x00)" },
	{ "a_lone_continuation", TEXT("# \x80\n"), .line = 1, .column = 3,
	  .what = "a byte that is not UTF-8 (0x80)" },
	{ "an_overlong_form", TEXT("policy: \xc0\xaf\n"), .line = 1, .column = 9,
	  .what = "a byte that is not UTF-8 (0xc0)" },
	{ "a_surrogate", TEXT("a\nb: \xed\xa0\x80\n"), .line = 2, .column = 4,
	  .what = "a byte that is not UTF-8 (0xed)" },
	{ "a_cut_sequence", TEXT("policy: \xe2\x82"), .line = 1, .column = 9,
	  .what = "a byte that is not UTF-8 (0xe2)" },
	{ "columns_are_characters", TEXT("# \xc3\xa9\xc3\xa9 \xff\n"), .line = 1, .column = 6,
	  .what = "a byte that is not UTF-8 (0xff)" },
	{ "an_escape_sequence", TEXT("policy: \x1b[2J\n"), .line = 1, .column = 9,
	  .what = "a control character (0x1b)" },
	{ "an_escaped_escape", TEXT("policy: \"\\e[2J\"\n"), .line = 1, .column = 9,
	  .what = "a value with a control character in it (0x1b)" },
	{ "a_c1_control", TEXT("policy: \xc2\x9b\n"), .line = 1, .column = 9,
	  .what = "a control character (0xc2)" },
	{ "a_text_that_turns",
	  TEXT("policy: \xe2\x80\xae"
	       "p\n"),
	  .line = 1, .column = 9, .what = "a character that turns the direction of text (0xe2)" },
	/* What is no document. */
	{ "nothing", TEXT(""), .line = 1, .column = 1, .what = "no YAML document in it" },
	{ "comments_alone", TEXT("# policy: p\n"), .line = 1, .column = 1,
	  .what = "no YAML document in it" },
	{ "no_yaml", TEXT("policy: [ p\n"), .line = 2, .column = 1,
	  .what = "is not YAML: did not find expected ',' or ']'" },
	{ "a_tab", TEXT("policy:\n\tp\n"), .line = 2, .column = 1,
	  .what = "is not YAML: found character that cannot start any token" },
	{ "nested_10000_deep", .make = make_deep, .line = 1, .column = 17,
	  .what = "nested more than 16 deep" },
	{ "nested_1000_deep_in_blocks", .make = make_deep_block, .line = 17, .column = 17,
	  .what = "nested more than 16 deep" },
	{ "100000_keys", .make = make_many_keys, .line = 1025, .column = 1,
	  .what = "more than 1024 keys in one mapping" },
	{ "a_second_document", TEXT("policy: p\n---\npolicy: q\n"), .line = 2, .column = 1,
	  .what = "a second document" },
	{ "an_alias", TEXT("policy: p\nversion: *a\n"), .line = 2, .column = 10,
	  .what = "an alias (*)" },
	{ "an_anchor", TEXT("policy: &a p\n"), .line = 1, .column = 9, .what = "an anchor (&)" },
	{ "an_anchor_on_a_mapping", TEXT("vendors: &a { id: v }\n"), .line = 1, .column = 10,
	  .what = "an anchor (&)" },
	{ "a_tag", TEXT("policy: !!str p\n"), .line = 1, .column = 9, .what = "a tag (!)" },
	{ "a_merge_key", TEXT("policy: p\n<<: { version: 1 }\n"), .line = 2, .column = 1,
	  .what = "unknown key '<<' in a policy" },
	{ "a_duplicate_key", TEXT("policy: p\nversion: 1\npolicy: q\n"), .line = 3, .column = 1,
	  .what = "key 'policy' a second time; the first is in line 1" },
	{ "a_duplicate_schedule", TEXT(HEAD "schedules:\n  s: []\n  s: []\n"), .line = 5,
	  .column = 3, .what = "key 's' a second time; the first is in line 4" },
	{ "a_key_that_is_a_list", TEXT("[ a ]: b\n"), .line = 1, .column = 1,
	  .what = "a key that is not a word" },
};

int main(void)
{
	return RUN_HOSTILE("hostile_text", hostile, NULL);
}
