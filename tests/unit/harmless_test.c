// SPDX-License-Identifier: GPL-2.0-or-later
/* Harmless: no rule may name what this host cannot do without. */
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "loader/crypto/sha256.h"
#include "loader/host/host.h"
#include "tests/unit/policy_fixture.h"

/* What is said of a policy of one rule that follows @schedule and matches @identity. */
static int judge(const char *schedule, const char *identity, bool *unseen,
		 struct embargo_diagnostic *diagnostic)
{
	const char *name = "p.yaml";
	struct embargo_policy_request request = { .files = &name, .count = 1 };
	struct embargo_policy_set *set;
	struct embargo_tables tables;
	char text[1024];
	int error;

	snprintf(text, sizeof(text), HEAD RULE("r", "%s", "any: [ { %s } ]"), schedule, identity);
	write_file("p.yaml", text);
	assert_int_equal(embargo_policy_set_read(&request, &set, diagnostic), 0);
	assert_int_equal(embargo_policy_set_compile(set, &tables, diagnostic), 0);
	error = embargo_policy_harmless(set, &tables, unseen, diagnostic);
	embargo_tables_free(&tables);
	embargo_policy_set_free(set);
	return error;
}

/* A rule on this very program, by digest and by path, now or in years: never loaded. */
static void our_own_program_is_spared(void **state)
{
	char identity[512], self[256];
	struct embargo_diagnostic diagnostic = { 0 };
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct embargo_digest digest;
	bool unseen;

	(void)state;
	assert_true(length > 0 && fd >= 0);
	self[length] = '\0';
	assert_int_equal(embargo_sha256_file(fd, &digest, NULL), 0);
	close(fd);
	length = sprintf(identity, "sha256: ");
	for (int i = 0; i < 32; i++)
		length += sprintf(identity + length, "%02x", digest.bytes[i]);
	assert_int_equal(judge("early", identity, &unseen, &diagnostic), -EPERM);
	assert_non_null(strstr(diagnostic.what, "rule 'r' of policy 'p' would stop "));
	snprintf(identity, sizeof(identity), "path: %s", self);
	assert_int_equal(judge("early", identity, &unseen, &diagnostic), -EPERM);
	/* An audit stops nobody. */
	assert_int_equal(judge("late", identity, &unseen, &diagnostic), 0);
}

static void our_libraries_are_spared(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	bool unseen;

	(void)state;
	assert_int_equal(judge("early", "path: /usr/lib/", &unseen, &diagnostic), -EPERM);
}

/* A waiver ends, and then nobody is left to repair the host. */
static void no_waiver_makes_up_for_it(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	bool unseen;

	(void)state;
	assert_int_equal(judge("early",
			       "path: /usr/lib/ } ] }\nwaivers:\n  - { path: /usr/lib/, until: "
			       "\"2199-01-01T00:00:00Z\", ticket: t, reason: r, by: b } #",
			       &unseen, &diagnostic),
			 -EPERM);
}

/* Who may not look at PID 1 is told so, and not that all is well; the rest is looked at all the
 * same. */
static void what_is_not_seen_is_said(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	bool unseen = true, is_hidden;
	char link[8];

	(void)state;
	if (readlink("/proc/1/exe", link, sizeof(link)) > 0) {
		assert_int_equal(judge("early", "path: /nowhere/", &unseen, &diagnostic), 0);
		assert_false(unseen);
	}
	assert_int_equal(chmod(folder, 0777), 0);
	if (!geteuid())
		assert_int_equal(seteuid(65534), 0);
	is_hidden = readlink("/proc/1/exe", link, sizeof(link)) < 0;
	if (is_hidden) {
		assert_int_equal(judge("early", "path: /nowhere/", &unseen, &diagnostic), 0);
		assert_true(unseen);
		assert_int_equal(judge("early", "path: /usr/lib/", &unseen, &diagnostic), -EPERM);
	}
	assert_int_equal(seteuid(getuid()), 0);
	if (!is_hidden)
		skip();
}

/* What a host on which compressed modules have no way in says of a rule that matches @identity. */
static int judge_modules(const char *identity, const struct embargo_host *host,
			 struct embargo_diagnostic *diagnostic)
{
	struct embargo_tables tables;
	char text[1024];
	int error;

	snprintf(text, sizeof(text), HEAD RULE("r", "late", "any: [ { %s } ]"), identity);
	write_file("p.yaml", text);
	compile("p.yaml", NULL, &tables);
	error = embargo_policy_modules(&tables, host, diagnostic);
	embargo_tables_free(&tables);
	return error;
}

static void compressed_modules_keep_a_way_in(void **state)
{
	static const char signer[] = "module-signer: { issuer-cn: acme }";
	static const char digest[] =
		"sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct embargo_host host = { .release = "6.12.1",
				     .modules_decompressed = EMBARGO_ANSWER_YES,
				     .modules_from_memory = EMBARGO_FROM_MEMORY_IMA };
	struct embargo_diagnostic diagnostic = { 0 };

	(void)state;
	assert_int_equal(judge_modules(signer, &host, &diagnostic), -EPERM);
	assert_non_null(strstr(diagnostic.what, "rule 'r' of policy 'p'"));
	assert_non_null(strstr(diagnostic.what, "IMA appraises modules"));
	assert_non_null(strstr(diagnostic.remedy, "module.sig_enforce=1"));
	assert_int_equal(judge_modules(digest, &host, &diagnostic), 0);
	host.modules_from_memory = EMBARGO_FROM_MEMORY_LOADPIN;
	assert_int_equal(judge_modules(signer, &host, &diagnostic), -EPERM);
	assert_non_null(strstr(diagnostic.what, "LoadPin"));
	host.modules_from_memory = EMBARGO_FROM_MEMORY_UNKNOWN;
	assert_int_equal(judge_modules(signer, &host, &diagnostic), -EPERM);
	strcpy(host.release, "6.19.1");
	assert_int_equal(judge_modules(signer, &host, &diagnostic), 0);
	strcpy(host.release, "6.12.1");
	host.modules_from_memory = EMBARGO_FROM_MEMORY_TAKEN;
	assert_int_equal(judge_modules(signer, &host, &diagnostic), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(compressed_modules_keep_a_way_in), IN_FOLDER(our_own_program_is_spared),
		IN_FOLDER(our_libraries_are_spared),	     IN_FOLDER(no_waiver_makes_up_for_it),
		IN_FOLDER(what_is_not_seen_is_said),
	};

	return cmocka_run_group_tests_name("harmless", tests, NULL, NULL);
}
