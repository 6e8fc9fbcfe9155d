// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiling: what policies and lists on disk become in the tables. */
#include <errno.h>
#include <sys/stat.h>

#include "loader/model/time.h"
#include "loader/policy/digest_table.h"
#include "tests/unit/policy_fixture.h"

#define ONE   "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO   "2222222222222222222222222222222222222222222222222222222222222222"
#define THREE "3333333333333333333333333333333333333333333333333333333333333333"

static struct embargo_digest digest_of(unsigned char byte)
{
	struct embargo_digest digest;

	memset(&digest, byte, sizeof(digest));
	return digest;
}

static const struct embargo_listed *look_up(const struct embargo_tables *tables, unsigned char byte)
{
	struct embargo_digest digest = digest_of(byte);

	return embargo_tables_digest(tables, &digest);
}

static void note_path(void *context, __u32 timeline, __u32 waived)
{
	(void)context;
	(void)timeline;
	(void)waived;
}

static void kinds_have_their_scopes(void **state)
{
	static const struct {
		enum embargo_kind kind;
		__u32 unsized, sized;
	} expected[] = {
		{ EMBARGO_KIND_ANY, 0x1df, 0x1ff },  { EMBARGO_KIND_ELF, 0x11, 0x31 },
		{ EMBARGO_KIND_PE, 0x02, 0x32 },     { EMBARGO_KIND_SCRIPT, 0x04, 0x34 },
		{ EMBARGO_KIND_MODULE, 0x40, 0x40 }, { EMBARGO_KIND_PACKAGE, 0, 0 },
		{ EMBARGO_KIND_UNKNOWN, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(embargo_kind_scopes(expected[i].kind, false), expected[i].unsized);
		assert_int_equal(embargo_kind_scopes(expected[i].kind, true), expected[i].sized);
	}
}

/* Both forms, comments, upper case, both line ends, levels, escapes, no line end at the end. */
static void lists_have_many_forms(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml", HEAD RULE("r", "early", "digests: { file: list, of: elf }"));
	write_file(
		"list",
		"# comment\r\n\n" ONE ":77:Name with spaces:73\n"
		"\\" TWO " *a\\nb\r\n"
		"ABCDEFabcdef1111111111111111111111111111111111111111111111111111  up\n"
		"4444444444444444444444444444444444444444444444444444444444444444:*:x:73:90\n" THREE
		"  last");
	compile("p.yaml", NULL, &tables);
	assert_int_equal(tables.digest_count, 5);
	assert_int_equal(look_up(&tables, 0x11)->scopes, 0x31);
	assert_int_equal(look_up(&tables, 0x22)->scopes, 0x11);
	assert_int_equal(look_up(&tables, 0x33)->scopes, 0x11);
	assert_int_equal(look_up(&tables, 0x44)->scopes, 0x11);
	assert_null(look_up(&tables, 0x55));
	assert_int_equal(embargo_tables_size(&tables, 77), 0x31);
	assert_int_equal(embargo_tables_size(&tables, 78), 0);
	assert_int_equal(tables.head.unsized_scopes, 0x11);
	assert_int_equal(tables.head.sized_scopes, 0x31);
	for (size_t i = 1; i < tables.digest_count; i++)
		assert_true(memcmp(&tables.digests[i - 1].digest, &tables.digests[i].digest, 32) <
			    0);
	embargo_tables_free(&tables);
}

/* A link puts a policy in force; its lists are where the policy itself is. */
static void lists_are_beside_the_policy_that_a_link_leads_to(void **state)
{
	struct embargo_tables tables;

	(void)state;
	assert_int_equal(mkdir("shipped", 0700), 0);
	assert_int_equal(symlink("shipped/p.yaml", "link.yaml"), 0);
	write_file("shipped/p.yaml", HEAD RULE("r", "early", "digests: { file: list }"));
	write_file("shipped/list", ONE "  x\n");
	compile("link.yaml", NULL, &tables);
	assert_int_equal(tables.digest_count, 1);
	embargo_tables_free(&tables);
}

/* One digest on several lists: scopes are united, and every rule has its say. */
static void duplicates_are_united(void **state)
{
	const struct embargo_listed *listed;
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("a", "late",
			     "digests: [ { file: l1, of: elf }, { file: l2, of: pe } ]")
			   RULE("b", "early", "digests: { file: l2, of: module }")
				   RULE("c", "early", "digests: { file: l3, of: package }"));
	write_file("l1", ONE ":5:x\n" ONE ":5:y\n");
	write_file("l2", ONE "  x\n");
	write_file("l3", TWO ":9:x\n");
	compile("p.yaml", NULL, &tables);
	assert_int_equal(tables.digest_count, 2);
	listed = look_up(&tables, 0x11);
	assert_int_equal(listed->scopes, 0x31 | 0x02 | 0x40);
	assert_int_equal(tables.timelines[listed->timeline].count, 1);
	assert_string_equal(rule_of(&tables, listed->timeline), "b");
	assert_int_equal(look_up(&tables, 0x22)->scopes, 0);
	assert_string_equal(rule_of(&tables, look_up(&tables, 0x22)->timeline), "c");
	/* A size that only packages have makes nobody hash. */
	assert_int_equal(tables.size_count, 1);
	assert_int_equal(tables.head.unsized_scopes, 0x42);
	embargo_tables_free(&tables);
}

/* What reaches so far has a timeline of its own where it is opened; others have none there. */
static void reach_is_a_timeline_of_its_own(void **state)
{
	const struct embargo_listed *listed;
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("a", "early", "digests: { file: l1, of: elf }")
			   RULE("b", "late", "digests: { file: l1, of: elf }, reach: open") RULE(
				   "c", "late",
				   "digests: { file: l2, of: package }, reach: "
				   "open") RULE("d", "late", "any: [ { path: /opt/d/ } ]")
				   RULE("e", "late", "any: [ { path: /opt/e } ], reach: open"));
	write_file("l1", ONE ":5:x\n");
	write_file("l2", TWO "  x\n");
	compile("p.yaml", NULL, &tables);
	listed = look_up(&tables, 0x11);
	assert_int_equal(listed->scopes, 0x31 | EMBARGO_SCOPE_OPEN);
	assert_string_equal(rule_of(&tables, listed->timeline), "a");
	assert_string_equal(rule_of(&tables, listed->opens), "b");
	listed = look_up(&tables, 0x22);
	assert_int_equal(listed->scopes, EMBARGO_SCOPE_OPEN);
	assert_string_equal(rule_of(&tables, listed->opens), "c");
	assert_int_equal(tables.head.unsized_scopes, EMBARGO_SCOPE_OPEN);
	assert_int_equal(embargo_tables_size(&tables, 5), 0x31 | EMBARGO_SCOPE_OPEN);
	assert_int_equal(tables.head.open_paths, 1);
	assert_int_equal(embargo_tables_path(&tables, "/opt/d/x", EMBARGO_SCOPE_EXEC_ELF, note_path,
					     NULL),
			 1);
	assert_int_equal(
		embargo_tables_path(&tables, "/opt/d/x", EMBARGO_SCOPE_OPEN, note_path, NULL), 0);
	assert_int_equal(
		embargo_tables_path(&tables, "/opt/e", EMBARGO_SCOPE_OPEN, note_path, NULL), 1);
	/* Where a digest cannot be had: only rules that reach so far are asked. */
	assert_string_equal(rule_of(&tables, tables.head.on_error), "a");
	assert_string_equal(rule_of(&tables, tables.head.open_error), "b");
	embargo_tables_free(&tables);
}

static void sizes_are_united(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("a", "early",
			     "digests: [ { file: l1, of: elf }, { file: l2, of: script } ]")
			   RULE("b", "early", "any: [ { sha256: " TWO ", size: 7 } ]"));
	write_file("l1", ONE ":5:x\n" THREE ":3:x\n");
	write_file("l2", TWO ":5:x\n");
	compile("p.yaml", NULL, &tables);
	assert_int_equal(tables.size_count, 3);
	for (size_t i = 0; i < tables.size_count; i++)
		assert_true(embargo_filter_has(tables.head.size_filter,
					       embargo_size_bit(tables.sizes[i].size)));
	assert_false(embargo_filter_has(tables.head.size_filter, embargo_size_bit(4)));
	assert_int_equal(tables.sizes[0].size, 3);
	assert_int_equal(embargo_tables_size(&tables, 5), 0x31 | 0x34);
	assert_int_equal(embargo_tables_size(&tables, 7), 0x1ff);
	assert_int_equal(embargo_tables_size(&tables, 3), 0x31);
	assert_int_equal(tables.head.unsized_scopes, 0);
	embargo_tables_free(&tables);
}

static void on_error_is_capped_unless_the_policy_says_deny(void **state)
{
	struct embargo_tables tables;
	const struct embargo_step *step;

	(void)state;
	write_file("p.yaml", HEAD RULE("a", "early", "any: [ { sha256: " ONE " } ]"));
	compile("p.yaml", NULL, &tables);
	step = &tables.timelines[tables.head.on_error].steps[0];
	assert_int_equal(step->action, EMBARGO_ACTION_AUDIT);
	step = &tables.timelines[tables.head.on_evasion].steps[0];
	assert_int_equal(step->action, EMBARGO_ACTION_DENY);
	embargo_tables_free(&tables);

	write_file("p.yaml",
		   "on-error: deny\n" HEAD RULE("a", "early", "any: [ { sha256: " ONE " } ]"));
	compile("p.yaml", NULL, &tables);
	step = &tables.timelines[tables.head.on_error].steps[0];
	assert_int_equal(step->action, EMBARGO_ACTION_DENY);
	embargo_tables_free(&tables);

	/* Packages are never executed, and paths need no digest: nothing can go wrong with one. */
	write_file("p.yaml", HEAD RULE("a", "early", "digests: { file: l, of: package }")
				     RULE("b", "early", "any: [ { path: /opt/v/ } ]"));
	write_file("l", ONE "  x\n");
	compile("p.yaml", NULL, &tables);
	assert_int_equal(tables.head.on_error, 0);
	assert_int_equal(tables.head.on_evasion, 0);
	embargo_tables_free(&tables);
}

static void kexec_from_memory_has_a_timeline(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml", HEAD RULE("a", "early", "any: [ { memory: kexec } ]")
				     RULE("b", "early", "any: [ { path: /opt/v/ } ]"));
	compile("p.yaml", NULL, &tables);
	assert_string_equal(rule_of(&tables, tables.head.kexec_load), "a");
	embargo_tables_free(&tables);
}

static void profiles_choose_schedules(void **state)
{
	struct embargo_tables tables;
	const struct embargo_reason *reason;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("a", "{ one: early, two: late }", "any: [ { path: /opt/v/ } ]"));
	compile("p.yaml", "one", &tables);
	assert_int_equal(tables.timelines[1].steps[0].action, EMBARGO_ACTION_DENY);
	reason = &tables.reasons[tables.timelines[1].steps[0].reason];
	assert_string_equal(reason->policy, "p");
	assert_string_equal(reason->vendor, "v");
	assert_string_equal(reason->authority, "law");
	assert_string_equal(reason->cite, "The Law");
	embargo_tables_free(&tables);
	compile("p.yaml", "two", &tables);
	assert_int_equal(tables.timelines[1].steps[0].action, EMBARGO_ACTION_AUDIT);
	reason = &tables.reasons[tables.timelines[1].steps[0].reason];
	assert_string_equal(reason->authority, "");
	embargo_tables_free(&tables);
}

/* Folders: *.yaml in the order of their bytes, nothing else, no id twice. */
static void folders_hold_policies(void **state)
{
	static const char *const files[] = { "d" };
	struct embargo_policy_request request = { .files = files, .count = 1 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_policy_set *set = NULL;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	write_file("d/b.yaml", HEAD RULE("r", "early", "any: [ { path: /a } ]"));
	write_file("d/a.yaml", "issued: 2026-01-01T00:00:00Z\n" HEAD RULE("r", "early",
									  "any: [ { path: /a } ]"));
	write_file("d/.hidden.yaml", "not read");
	write_file("d/a.yaml~", "not read");
	assert_int_equal(embargo_policy_set_read(&request, &set, &diagnostic), -EINVAL);
	assert_null(set);
	assert_string_equal(diagnostic.file, "d/b.yaml");
	assert_string_equal(diagnostic.what, "policy 'p' a second time; the first is d/a.yaml");
	assert_int_equal(unlink("d/b.yaml"), 0);
	assert_int_equal(embargo_policy_set_read(&request, &set, &diagnostic), 0);
	assert_int_equal(set->count, 1);
	assert_true(embargo_policy_set_issued(set) == INT64_C(1767225600) * EMBARGO_SECOND_NS);
	embargo_policy_set_free(set);
}

/* Two policies on one file: the stricter counts, and names itself. */
static void policies_are_merged(void **state)
{
	static const char *const files[] = { "p.yaml", "q.yaml" };
	struct embargo_policy_request request = { .files = files, .count = 2 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;
	const struct embargo_step *step;

	(void)state;
	write_file("p.yaml", HEAD RULE("mild", "late", "any: [ { sha256: " ONE ", size: 1 } ]"));
	write_file("q.yaml",
		   "policy: q\nversion: 1\nvendors: [ { id: w } ]\nschedules: { s: [ { at: "
		   "\"2031-01-01T00:00:00Z\", action: deny } ] }\nrules: [ { id: strict, "
		   "vendor: w, schedule: s, any: [ { sha256: " ONE " } ] } ]\n");
	assert_int_equal(embargo_policy_compile_host(&request, &tables, &diagnostic), 0);
	assert_int_equal(tables.digest_count, 1);
	step = tables.timelines[look_up(&tables, 0x11)->timeline].steps;
	assert_string_equal(tables.reasons[step[0].reason].rule, "mild");
	assert_string_equal(tables.reasons[step[1].reason].rule, "strict");
	assert_string_equal(tables.reasons[step[1].reason].policy, "q");
	assert_string_equal(tables.reasons[step[1].reason].vendor, "w");
	embargo_tables_free(&tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_their_scopes),
		IN_FOLDER(lists_have_many_forms),
		IN_FOLDER(lists_are_beside_the_policy_that_a_link_leads_to),
		IN_FOLDER(duplicates_are_united),
		IN_FOLDER(sizes_are_united),
		IN_FOLDER(reach_is_a_timeline_of_its_own),
		IN_FOLDER(on_error_is_capped_unless_the_policy_says_deny),
		IN_FOLDER(kexec_from_memory_has_a_timeline),
		IN_FOLDER(profiles_choose_schedules),
		IN_FOLDER(folders_hold_policies),
		IN_FOLDER(policies_are_merged),
	};

	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
