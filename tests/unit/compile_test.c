// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiling: what policies and lists on disk become in the tables. */
#include <errno.h>
#include <sys/stat.h>

#include "loader/crypto/sha256.h"
#include "loader/model/time.h"
#include "loader/policy/digest_table.h"
#include "loader/policy/policy.h"
#include "loader/policy/resolve.h"
#include "tests/unit/unit.h"

#define ONE   "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO   "2222222222222222222222222222222222222222222222222222222222222222"
#define THREE "3333333333333333333333333333333333333333333333333333333333333333"

#define HEAD                                                                            \
	"policy: p\nversion: 1\nvendors: [ { id: v } ]\n"                               \
	"authorities: [ { id: law, cite: The Law } ]\n"                                 \
	"schedules:\n"                                                                  \
	"  early: [ { at: \"2020-01-01T00:00:00Z\", action: deny, authority: law } ]\n" \
	"  late: [ { at: \"2030-01-01T00:00:00Z\", action: audit } ]\n"                 \
	"rules:\n"
#define RULE(id, schedule, matches) \
	"  - { id: " id ", vendor: v, schedule: " schedule ", " matches " }\n"

static char folder[] = "/tmp/embargo-compile-XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int leave_folder(void **state)
{
	char command[64];

	(void)state;
	if (chdir("/"))
		return -1;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Compiles the policy @name, which has to go well. */
static void compile(const char *name, const char *profile, struct embargo_tables *tables)
{
	struct embargo_policy_request request = { .files = &name, .count = 1, .profile = profile };
	struct embargo_diagnostic diagnostic = { 0 };
	char text[2048];

	if (embargo_policy_compile_host(&request, tables, &diagnostic))
		fail_msg("%s", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
}

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

static const char *rule_of(const struct embargo_tables *tables, __u32 timeline)
{
	assert_true(timeline && timeline < tables->timeline_count);
	return tables->reasons[tables->timelines[timeline].steps[0].reason].rule;
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

struct covering {
	__u32 timelines[8];
	size_t count;
};

static void note(void *context, __u32 timeline)
{
	struct covering *covering = context;

	covering->timelines[covering->count++] = timeline;
}

/* The rules that cover @path, from the root down, by their ids: "below/exact". */
static void assert_covered(const struct embargo_tables *tables, const char *path,
			   const char *expected)
{
	struct covering covering = { 0 };
	char rules[128] = "";
	size_t count = embargo_tables_path(tables, path, note, &covering);

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

static void settings_are_read(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_settings settings;

	(void)state;
	write_file("s.yaml",
		   "profile: one\nmax-hash: 2 MiB\nterminal: no\npolicies: [ /a, /b/ ]\n");
	assert_int_equal(embargo_settings_read("s.yaml", &settings, &diagnostic), 0);
	assert_string_equal(settings.profile, "one");
	assert_int_equal(settings.max_hash, 2 << 20);
	assert_false(settings.terminal);
	assert_int_equal(settings.policy_count, 2);
	assert_string_equal(settings.policies[1], "/b/");
	embargo_settings_free(&settings);
	write_file("s.yaml", "# all at its default\n");
	assert_int_equal(embargo_settings_read("s.yaml", &settings, &diagnostic), 0);
	assert_null(settings.profile);
	assert_int_equal(settings.max_hash, 512 << 20);
	assert_true(settings.terminal);
	embargo_settings_free(&settings);
}

static void wrong_settings_are_refused(void **state)
{
	static const struct {
		const char *text, *what;
		unsigned int line, column;
	} wrong[] = {
		{ "profil: one\n", "unknown key 'profil' in the settings", 1, 1 },
		{ "max-hash: 1023 KiB\n", "max-hash of '1023 KiB'", 1, 11 },
		{ "max-hash: 1025 GiB\n", "max-hash of '1025 GiB'", 1, 11 },
		{ "max-hash: 1 TB\n", "'1 TB' is not a number that can stand here", 1, 11 },
		{ "max-hash: 99999999999 GiB\n",
		  "'99999999999 GiB' is not a number that can stand here", 1, 11 },
		{ "terminal: true\n", "'true' is neither yes nor no", 1, 11 },
		{ "profile: a/b\n", "'a/b' cannot be an id", 1, 10 },
		{ "policies: /a\n", "expected a list of policies, not empty", 1, 11 },
		{ "- a\n", "the settings has to be a mapping", 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct embargo_diagnostic diagnostic = { 0 };
		struct embargo_settings settings;

		write_file("s.yaml", wrong[i].text);
		assert_int_equal(embargo_settings_read("s.yaml", &settings, &diagnostic), -EINVAL);
		assert_string_equal(diagnostic.what, wrong[i].what);
		assert_int_equal(diagnostic.line, wrong[i].line);
		assert_int_equal(diagnostic.column, wrong[i].column);
	}
}

/* A rule on this very program, by digest and by path, now or in years: never loaded. */
static void our_own_program_is_spared(void **state)
{
	bool unseen;
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_digest digest;
	char text[1024], hex[65], self[256];
	struct embargo_tables tables;
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(length > 0 && fd >= 0);
	self[length] = '\0';
	assert_int_equal(embargo_sha256_file(fd, &digest, NULL), 0);
	close(fd);
	for (int i = 0; i < 32; i++)
		sprintf(hex + 2 * i, "%02x", digest.bytes[i]);

	snprintf(text, sizeof(text), HEAD RULE("r", "early", "any: [ { sha256: %s } ]"), hex);
	write_file("p.yaml", text);
	compile("p.yaml", NULL, &tables);
	assert_int_equal(embargo_policy_harmless(&tables, &unseen, &diagnostic), -EPERM);
	assert_non_null(strstr(diagnostic.what, "rule 'r' of policy 'p' would stop "));
	embargo_tables_free(&tables);

	snprintf(text, sizeof(text), HEAD RULE("r", "early", "any: [ { path: %s } ]"), self);
	write_file("p.yaml", text);
	compile("p.yaml", NULL, &tables);
	assert_int_equal(embargo_policy_harmless(&tables, &unseen, &diagnostic), -EPERM);
	embargo_tables_free(&tables);

	/* An audit stops nobody. */
	snprintf(text, sizeof(text), HEAD RULE("r", "late", "any: [ { path: %s } ]"), self);
	write_file("p.yaml", text);
	compile("p.yaml", NULL, &tables);
	assert_int_equal(embargo_policy_harmless(&tables, &unseen, &diagnostic), 0);
	embargo_tables_free(&tables);
}

static void our_libraries_are_spared(void **state)
{
	bool unseen;
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml", HEAD RULE("r", "early", "any: [ { path: /usr/lib/ } ]"));
	compile("p.yaml", NULL, &tables);
	assert_int_equal(embargo_policy_harmless(&tables, &unseen, &diagnostic), -EPERM);
	embargo_tables_free(&tables);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_their_scopes),
		IN_FOLDER(lists_have_many_forms),
		IN_FOLDER(lists_are_beside_the_policy_that_a_link_leads_to),
		IN_FOLDER(duplicates_are_united),
		IN_FOLDER(sizes_are_united),
		IN_FOLDER(on_error_is_capped_unless_the_policy_says_deny),
		IN_FOLDER(kexec_from_memory_has_a_timeline),
		IN_FOLDER(profiles_choose_schedules),
		IN_FOLDER(paths_match_whole_components),
		IN_FOLDER(paths_are_entered_where_they_lead),
		IN_FOLDER(links_of_others_are_not_followed),
		IN_FOLDER(links_are_resolved_like_the_kernel_does),
		IN_FOLDER(folders_hold_policies),
		IN_FOLDER(policies_are_merged),
		IN_FOLDER(settings_are_read),
		IN_FOLDER(wrong_settings_are_refused),
		IN_FOLDER(our_own_program_is_spared),
		IN_FOLDER(our_libraries_are_spared),
	};

	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
