// SPDX-License-Identifier: GPL-2.0-or-later
/* Waivers from the policy to the verdict: in force by date, for what they name, and for whose
 * rules. */
#include "loader/crypto/sha256.h"
#include "loader/model/digest.h"
#include "loader/model/time.h"
#include "loader/policy/match.h"
#include "loader/verdict/verdict.h"
#include "tests/unit/policy_fixture.h"

#define A "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define B "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"

#define WAIVER(identity, from, until, ticket)                                               \
	"  - { " identity ", " from "until: \"" until "\", ticket: " ticket ", reason: r, " \
	"by: b }\n"
#define FOR_A(until, ticket) WAIVER("sha256: " A, "", until, ticket)

/* A policy of its own, that denies by digest and by path. */
#define SECOND                                                                           \
	"policy: second\nversion: 1\nvendors: [ { id: v } ]\n"                           \
	"schedules: { s: [ { at: \"2019-01-01T00:00:00Z\", action: deny } ] }\nrules:\n" \
	"  - { id: theirs, vendor: v, schedule: s, any: [ { sha256: " A ", size: 7 } ] }\n"

static int64_t time_of(const char *text)
{
	int64_t ns;

	assert_int_equal(embargo_time_parse(text, &ns), 0);
	return ns;
}

static void compile_all(struct embargo_tables *tables)
{
	const char *files[] = { "." };
	struct embargo_policy_request request = { .files = files, .count = 1 };
	struct embargo_diagnostic diagnostic = { 0 };
	char text[2048];

	if (embargo_policy_compile_host(&request, tables, &diagnostic))
		fail_msg("%s", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
}

static struct embargo_answer ask(const struct embargo_tables *tables, const char *digest,
				 const char *path, const char *time)
{
	struct embargo_question question = {
		.operation = EMBARGO_OPERATION_EXEC,
		.scope = EMBARGO_SCOPE_EXEC_ELF,
		.candidates = { { .size = 7 } },
		.candidate_count = 1,
		.path = path,
	};
	struct embargo_answer answer;

	assert_int_equal(
		embargo_digest_parse(digest, strlen(digest), &question.candidates[0].digest), 0);
	assert_int_equal(embargo_question_answer(&question, tables, time_of(time), &answer), 0);
	return answer;
}

/* "deny", "audit SEC-1", ... */
static void assert_answer(const struct embargo_tables *tables, const char *digest, const char *path,
			  const char *time, const char *expected)
{
	struct embargo_answer answer = ask(tables, digest, path, time);
	char found[128];

	snprintf(found, sizeof(found), "%s%s%s",
		 answer.decision.verdict == EMBARGO_VERDICT_DENY    ? "deny"
		 : answer.decision.verdict == EMBARGO_VERDICT_AUDIT ? "audit"
								    : "allow",
		 answer.waiver ? " " : "", answer.waiver ? answer.waiver->ticket : "");
	assert_string_equal(found, expected);
}

static void a_waiver_is_in_force_from_and_until_its_second(void **state)
{
	struct embargo_tables tables;
	struct embargo_answer answer;

	(void)state;
	write_file(
		"p.yaml",
		HEAD RULE("r", "early", "any: [ { sha256: " A ", size: 7 } ]") "waivers:\n" WAIVER(
			"sha256: " A, "from: \"2021-01-01T00:00:00Z\", ", "2022-01-01T00:00:00Z",
			"SEC-1"));
	compile_all(&tables);
	assert_answer(&tables, A, NULL, "2019-12-31T23:59:59Z", "allow");
	assert_answer(&tables, A, NULL, "2020-12-31T23:59:59Z", "deny");
	assert_answer(&tables, A, NULL, "2021-01-01T00:00:00Z", "audit SEC-1");
	assert_answer(&tables, A, NULL, "2021-12-31T23:59:59Z", "audit SEC-1");
	assert_answer(&tables, A, NULL, "2022-01-01T00:00:00Z", "deny");
	answer = ask(&tables, A, NULL, "2020-06-01T00:00:00Z");
	assert_true(answer.has_next);
	assert_int_equal(answer.next_at, time_of("2021-01-01T00:00:00Z"));
	assert_int_equal(answer.next.verdict, EMBARGO_VERDICT_AUDIT);
	answer = ask(&tables, A, NULL, "2021-06-01T00:00:00Z");
	assert_int_equal(answer.next_at, time_of("2022-01-01T00:00:00Z"));
	assert_int_equal(answer.next.verdict, EMBARGO_VERDICT_DENY);
	assert_int_equal(answer.decision.action, EMBARGO_ACTION_DENY);
	assert_string_equal(tables.reasons[answer.decision.reason].rule, "r");
	assert_false(ask(&tables, A, NULL, "2022-06-01T00:00:00Z").has_next);
	embargo_tables_free(&tables);
}

static void a_digest_is_waived_for_rules_of_any_kind(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("r", "early", "any: [ { path: /opt/v/ } ]") "waivers:\n" FOR_A(
			   "2030-01-01T00:00:00Z", "SEC-1"));
	compile_all(&tables);
	assert_answer(&tables, A, "/opt/v/x", "2021-01-01T00:00:00Z", "audit SEC-1");
	assert_answer(&tables, B, "/opt/v/x", "2021-01-01T00:00:00Z", "deny");
	/* For its sake alone nothing is hashed, and no path is looked at. */
	assert_int_equal(tables.head.sized_scopes | tables.head.unsized_scopes, 0);
	assert_int_equal(tables.digest_count, 0);
	assert_true(tables.head.waived_digests);
	embargo_tables_free(&tables);
}

static void a_path_is_waived_below_and_exactly(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file(
		"p.yaml",
		HEAD RULE("r", "early", "any: [ { sha256: " A ", size: 7 } ]") "waivers:\n" WAIVER(
			"path: /srv/desk/", "", "2030-01-01T00:00:00Z", "SEC-1")
			WAIVER("path: /srv/one", "", "2030-01-01T00:00:00Z", "SEC-2"));
	compile_all(&tables);
	assert_answer(&tables, A, "/srv/desk/x", "2021-01-01T00:00:00Z", "audit SEC-1");
	assert_answer(&tables, A, "/srv/one", "2021-01-01T00:00:00Z", "audit SEC-2");
	assert_answer(&tables, A, "/srv/one/x", "2021-01-01T00:00:00Z", "deny");
	assert_answer(&tables, A, "/srv/desk", "2021-01-01T00:00:00Z", "deny");
	assert_answer(&tables, B, "/srv/desk/x", "2021-01-01T00:00:00Z", "allow");
	assert_int_equal(tables.head.path_count, 0);
	assert_int_equal(tables.head.path_lengths, 0);
	assert_true(tables.head.waived_paths);
	embargo_tables_free(&tables);
}

/* One timeline holds the rules of both policies; each waiver speaks for one. */
static void a_waiver_speaks_for_its_policies_only(void **state)
{
	struct embargo_tables tables;
	struct embargo_answer answer;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("r", "early",
			     "any: [ { sha256: " A
			     ", size: 7 } ]") "waivers:\n" FOR_A("2030-01-01T00:00:00Z", "SEC-1"));
	write_file("second.yaml", SECOND);
	compile_all(&tables);
	answer = ask(&tables, A, NULL, "2021-01-01T00:00:00Z");
	assert_int_equal(answer.decision.verdict, EMBARGO_VERDICT_DENY);
	assert_string_equal(tables.reasons[answer.decision.reason].policy, "second");
	assert_null(answer.waiver);
	embargo_tables_free(&tables);
	/* Together they cover all of it, until the first of them ends. */
	write_file("third.yaml",
		   "policy: third\nversion: 1\nwaives: [ second, absent ]\nwaivers:\n" FOR_A(
			   "2025-01-01T00:00:00Z", "SEC-2"));
	compile_all(&tables);
	assert_answer(&tables, A, NULL, "2021-01-01T00:00:00Z", "audit SEC-2");
	assert_answer(&tables, A, NULL, "2024-12-31T23:59:59Z", "audit SEC-2");
	assert_answer(&tables, A, NULL, "2025-01-01T00:00:00Z", "deny");
	embargo_tables_free(&tables);
	write_file("third.yaml", "policy: third\nversion: 1\nwaives: any\nwaivers:\n" FOR_A(
					 "2031-01-01T00:00:00Z", "SEC-3"));
	compile_all(&tables);
	assert_answer(&tables, A, NULL, "2021-01-01T00:00:00Z", "audit SEC-3");
	assert_answer(&tables, A, NULL, "2030-06-01T00:00:00Z", "audit SEC-3");
	embargo_tables_free(&tables);
}

static void of_several_the_last_to_end_is_named(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("r", "early",
			     "any: [ { sha256: " A
			     ", size: 7 } ]") "waivers:\n" FOR_A("2022-01-01T00:00:00Z", "SEC-1")
			   FOR_A("2024-01-01T00:00:00Z", "SEC-2")
				   FOR_A("2023-01-01T00:00:00Z", "SEC-3"));
	compile_all(&tables);
	assert_answer(&tables, A, NULL, "2021-01-01T00:00:00Z", "audit SEC-2");
	assert_answer(&tables, A, NULL, "2024-01-01T00:00:00Z", "deny");
	embargo_tables_free(&tables);
}

/* An audit is what the rule asked for: no waiver has a part in it. */
static void what_is_not_denied_needs_no_waiver(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("r", "late", "any: [ { sha256: " A ", size: 7 } ]") "waivers:\n" FOR_A(
			   "2040-01-01T00:00:00Z", "SEC-1"));
	compile_all(&tables);
	assert_answer(&tables, A, NULL, "2031-01-01T00:00:00Z", "audit");
	embargo_tables_free(&tables);
}

struct noted {
	__u32 waivers[4];
	size_t count;
};

static void note(void *context, __u32 waiver, const struct embargo_identity *by)
{
	struct noted *noted = context;

	assert_non_null(by);
	assert_true(noted->count < 4);
	noted->waivers[noted->count++] = waiver;
}

/* The numbers of the waivers that match a file with @identity alone. */
static size_t match(const struct embargo_policy_set *set, const struct embargo_identity *identity,
		    struct noted *noted)
{
	struct embargo_identity copy = *identity;
	const struct embargo_identities identities = { .array = &copy, .count = 1 };
	static const struct embargo_digest digest;
	const struct embargo_evidence evidence = { &identities, &digest, 7, NULL };

	*noted = (struct noted) { .count = 0 };
	embargo_policy_set_match_waivers(set, &evidence, note, noted);
	return noted->count;
}

/* Whoever makes a certificate in another's name must not be let through by it. */
static void a_certificate_has_to_be_vouched_for(void **state)
{
	const char *files[] = { "." };
	struct embargo_policy_request request = { .files = files, .count = 1 };
	struct embargo_value values[] = {
		{ .attribute = EMBARGO_ATTRIBUTE_O, .text = "Acme" },
		{ .attribute = EMBARGO_ATTRIBUTE_SHA256, .text = B },
	};
	struct embargo_identity found = { .kind = EMBARGO_IDENTITY_X509,
					  .values = values,
					  .count = 2 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_policy_set *set;
	struct noted noted;

	(void)state;
	write_file("p.yaml",
		   HEAD RULE("r", "early", "any: [ { path: /opt/v/ } ]") "waivers:\n" FOR_A(
			   "2030-01-01T00:00:00Z", "SEC-1") WAIVER("x509: { o: Acme }", "",
								   "2030-01-01T00:00:00Z", "SEC-2")
			   WAIVER("x509: { sha256: " B " }", "", "2030-01-01T00:00:00Z", "SEC-3"));
	assert_int_equal(embargo_policy_set_read(&request, &set, &diagnostic), 0);
	assert_int_equal(match(set, &found, &noted), 0);
	found.digest_ok = EMBARGO_VALIDITY_YES;
	assert_int_equal(match(set, &found, &noted), 1);
	assert_int_equal(noted.waivers[0], 3);
	found.chain_ok = EMBARGO_VALIDITY_NO;
	assert_int_equal(match(set, &found, &noted), 0);
	found.chain_ok = EMBARGO_VALIDITY_YES;
	assert_int_equal(match(set, &found, &noted), 2);
	found.digest_ok = EMBARGO_VALIDITY_NO;
	assert_int_equal(match(set, &found, &noted), 0);
	embargo_policy_set_free(set);
}

static void a_policy_without_waivers_has_no_parts(void **state)
{
	struct embargo_tables tables;

	(void)state;
	write_file("second.yaml", SECOND);
	compile_all(&tables);
	assert_int_equal(tables.part_count, 0);
	assert_int_equal(tables.waiver_count, 0);
	assert_int_equal(tables.head.waiver_count, 0);
	assert_int_equal(tables.head.waived_digests | tables.head.waived_paths, 0);
	embargo_tables_free(&tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_waiver_is_in_force_from_and_until_its_second),
		IN_FOLDER(a_digest_is_waived_for_rules_of_any_kind),
		IN_FOLDER(a_path_is_waived_below_and_exactly),
		IN_FOLDER(a_waiver_speaks_for_its_policies_only),
		IN_FOLDER(of_several_the_last_to_end_is_named),
		IN_FOLDER(what_is_not_denied_needs_no_waiver),
		IN_FOLDER(a_certificate_has_to_be_vouched_for),
		IN_FOLDER(a_policy_without_waivers_has_no_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
