// SPDX-License-Identifier: GPL-2.0-or-later
/* Path rules: which paths they cover, and where links lead them. */
#include <sys/stat.h>

#include "loader/policy/resolve.h"
#include "tests/unit/policy_fixture.h"

struct covering {
	__u32 timelines[8];
	size_t count;
};

static void note(void *context, __u32 timeline, __u32 waived)
{
	struct covering *covering = context;

	(void)waived;
	covering->timelines[covering->count++] = timeline;
}

/* The rules that cover @path, from the root down, by their ids: "below/exact". */
static void assert_covered(const struct embargo_tables *tables, const char *path,
			   const char *expected)
{
	struct covering covering = { 0 };
	char rules[128] = "";
	size_t count = embargo_tables_path(tables, path, 0, note, &covering);

	assert_int_equal(count, covering.count);
	for (size_t i = 0; i < covering.count; i++) {
		strcat(rules, i ? " " : "");
		strcat(rules, rule_of(tables, covering.timelines[i]));
	}
	assert_string_equal(rules, expected);
}

#define LONG32 "abcdefghijklmnopqrstuvwxyz012345"

static void paths_match_whole_components(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("a", "early", "any: [ { path: /nowhere/vendor/ } ]")
			   RULE("b", "early", "any: [ { path: /nowhere/vendor/bin/tool } ]")
				   RULE("c", "early", "any: [ { path: /nowhere/" LONG32 "/ } ]")
					   RULE("d", "early",
						"any: [ { path: /nowhere/" LONG32 LONG32 "x } ]"));
	compile("p.yaml", NULL, &tables);
	assert_covered(&tables, "/nowhere/vendor/file", "a");
	assert_covered(&tables, "/nowhere/vendor/a/b/c/d", "a");
	assert_covered(&tables, "/nowhere/vendor/bin/tool", "a b");
	assert_covered(&tables, "/nowhere/vendor/bin/tool/below", "a");
	assert_covered(&tables, "/nowhere/vendor", "");
	assert_covered(&tables, "/nowhere/vendors/file", "");
	assert_covered(&tables, "/nowhere/vendo/file", "");
	assert_covered(&tables, "/vendor/file", "");
	assert_covered(&tables, "/", "");
	assert_covered(&tables, "/nowhere/" LONG32 "/x", "c");
	assert_covered(&tables, "/nowhere/" LONG32 "y/x", "");
	assert_covered(&tables, "/nowhere/" LONG32 LONG32 "x", "d");
	assert_covered(&tables, "/nowhere/" LONG32 LONG32, "");
	assert_covered(&tables, "/nowhere/" LONG32 LONG32 "xy", "");
	assert_true(tables.head.path_lengths ==
		    (1ULL << 6 | 1ULL << 4 | 1ULL << 32 | 1ULL << (65 - 64)));
	assert_int_equal(tables.head.path_count, tables.path_count);
	for (size_t i = 1; i < tables.path_count; i++)
		assert_true(memcmp(&tables.paths[i - 1].key, &tables.paths[i].key,
				   sizeof(tables.paths[i].key)) < 0);
	embargo_tables_free(&tables);
}

static bool name_passes(const struct embargo_tables *tables, const char *name)
{
	__u64 prefix = 0;

	memcpy(&prefix, name, strnlen(name, EMBARGO_NAME_PREFIX));
	return embargo_filter_has(tables->head.name_filter,
				  embargo_name_bit(prefix, (__u32)strlen(name)));
}

/* Each name that a rule ends in has its bit, and hardly anything else has one. */
static void last_names_are_in_the_filter(void **state)
{
	struct embargo_tables tables;
	char name[16];
	int passed = 0;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("a", "early", "any: [ { path: /nowhere/kesl/ } ]")
			   RULE("b", "early", "any: [ { path: /nowhere/bin/x } ]")
				   RULE("c", "early", "any: [ { path: /nowhere/klnagent64 } ]"));
	compile("p.yaml", NULL, &tables);
	assert_true(name_passes(&tables, "kesl"));
	assert_true(name_passes(&tables, "x"));
	assert_true(name_passes(&tables, "klnagent64"));
	assert_true(name_passes(&tables, "klnagent65")); /* same length and first bytes */
	assert_false(name_passes(&tables, "klnagent6"));
	assert_false(name_passes(&tables, "nowhere"));
	assert_false(name_passes(&tables, "sbin"));
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "%04d", i);
		passed += name_passes(&tables, name);
	}
	assert_in_range(passed, 0, 30); /* 3 bits of 4,096: 7 by chance */
	embargo_tables_free(&tables);
}

/* A link of our own is followed, and both forms count. */
static void paths_are_entered_where_they_lead(void **state)
{
	char text[1024], path[256];
	struct embargo_tables tables;

	(void)state;
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	snprintf(text, sizeof(text), HEAD RULE("a", "early", "any: [ { path: %s/link/deep/ } ]"),
		 folder);
	write_file("p.yaml", text);
	compile("p.yaml", NULL, &tables);
	snprintf(path, sizeof(path), "%s/link/deep/x", folder);
	assert_covered(&tables, path, "a");
	snprintf(path, sizeof(path), "%s/real/deep/x", folder);
	assert_covered(&tables, path, "a");
	snprintf(path, sizeof(path), "%s/real/x", folder);
	assert_covered(&tables, path, "");
	embargo_tables_free(&tables);
}

/* Somebody else's link could turn a rule against any program of the host. */
static void links_of_others_are_not_followed(void **state)
{
	char path[256], resolved[4096];
	bool left_link = false;

	(void)state;
	if (geteuid()) {
		print_message("# needs root, to own a link as another user\n");
		skip();
	}
	assert_int_equal(symlink("/usr/bin", "theirs"), 0);
	assert_int_equal(lchown("theirs", 12345, 12345), 0);
	snprintf(path, sizeof(path), "%s/theirs/", folder);
	assert_int_equal(embargo_path_resolve(path, resolved, sizeof(resolved), &left_link), 0);
	assert_string_equal(resolved, path);
	assert_true(left_link);
}

static void links_are_resolved_like_the_kernel_does(void **state)
{
	static const char *const links[][2] = {
		{ "..", "up" },
		{ "/", "root" },
		{ "a/./b/../c", "winding" },
		{ "up", "twice" },
	};
	char path[256], expected[256], resolved[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		assert_int_equal(symlink(links[i][0], links[i][1]), 0);
	snprintf(path, sizeof(path), "%s/root/x", folder);
	assert_int_equal(embargo_path_resolve(path, resolved, sizeof(resolved), NULL), 0);
	assert_string_equal(resolved, "/x");
	snprintf(path, sizeof(path), "%s/twice/x/", folder);
	assert_int_equal(embargo_path_resolve(path, resolved, sizeof(resolved), NULL), 0);
	assert_string_equal(resolved, "/tmp/x/");
	snprintf(path, sizeof(path), "%s/winding/x", folder);
	snprintf(expected, sizeof(expected), "%s/a/c/x", folder);
	assert_int_equal(embargo_path_resolve(path, resolved, sizeof(resolved), NULL), 0);
	assert_string_equal(resolved, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(paths_match_whole_components),
		IN_FOLDER(last_names_are_in_the_filter),
		IN_FOLDER(paths_are_entered_where_they_lead),
		IN_FOLDER(links_of_others_are_not_followed),
		IN_FOLDER(links_are_resolved_like_the_kernel_does),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
