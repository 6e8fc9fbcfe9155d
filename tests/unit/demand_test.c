// SPDX-License-Identifier: GPL-2.0-or-later
/* Of whom a signature is demanded: of what is put in force and of the host's own policies, not of
 * drafts, and not again of what was put in force. */
#include "tests/unit/hostile_fixture.h"
#include "tests/unit/parties.h"

#define POLICY WITH(GOOD_RULE)

static struct party root, stranger;

static void sign(const struct party *by)
{
	const struct signer signer = { .by = by };
	unsigned char *der;
	int size = make_signature(&signer, 1, NULL, POLICY, &der);

	write_file("p.yaml.p7s", (char *)der, (size_t)size);
	OPENSSL_free(der);
}

static int set_up(void **state)
{
	if (enter_folder(state))
		return -1;
	root = make_party(&(struct certificate) {
		.name = "Root", .is_authority = true, .usage = "digitalSignature,keyCertSign" });
	stranger = make_party(&(struct certificate) { .name = "Stranger" });
	write_file("p.yaml", POLICY, strlen(POLICY));
	write_file("settings", "policies: [ p.yaml ]\n", 21);
	return mkdir("trust", 0700);
}

static int tear_down(void **state)
{
	free_party(&root);
	free_party(&stranger);
	return leave_folder(state);
}

/* @named: the policy is named as a draft, not by the settings. */
static int try(enum embargo_policy_demand demand, bool named, struct embargo_policy_set **set)
{
	const char *const files[] = { "p.yaml" };
	const struct embargo_policy_request request = {
		.files = files,
		.count = named,
		.settings = "settings",
		.trust = "trust",
		.demand = demand,
	};
	struct embargo_diagnostic diagnostic = { 0 };
	int error = embargo_policy_set_read(&request, set, &diagnostic);

	assert_true(!error || (diagnostic.what[0] && diagnostic.remedy[0]));
	return error;
}

struct expected {
	enum embargo_policy_demand demand;
	bool named;
	int error;
	bool is_signed, is_anchored;
};

static void expect(const struct expected *expected, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct embargo_policy_set *set;
		int error = try(expected[i].demand, expected[i].named, &set);

		assert_int_equal(error, expected[i].error);
		if (error)
			continue;
		assert_int_equal(set->policies[0]->is_signed, expected[i].is_signed);
		assert_int_equal(set->is_anchored, expected[i].is_anchored);
		embargo_policy_set_free(set);
	}
}

#define EXPECT(...)                                       \
	expect((const struct expected[]) { __VA_ARGS__ }, \
	       sizeof((const struct expected[]) { __VA_ARGS__ }) / sizeof(struct expected))

static void without_an_anchor_nothing_is_demanded(void **state)
{
	(void)state;
	EXPECT({ EMBARGO_DEMAND_ALL, true, 0, false, false },
	       { EMBARGO_DEMAND_HOST, false, 0, false, false },
	       { EMBARGO_DEMAND_NONE, false, 0, true, false });
	/* No anchor: nobody can tell. */
	sign(&root);
	EXPECT({ EMBARGO_DEMAND_ALL, true, 0, false, false });
}

static void with_an_anchor_drafts_alone_pass_unsigned(void **state)
{
	(void)state;
	write_certificate("trust/root.pem", &root);
	EXPECT({ EMBARGO_DEMAND_ALL, true, -EKEYREJECTED, false, false },
	       { EMBARGO_DEMAND_ALL, false, -EKEYREJECTED, false, false },
	       { EMBARGO_DEMAND_HOST, false, -EKEYREJECTED, false, false },
	       { EMBARGO_DEMAND_HOST, true, 0, false, true },
	       { EMBARGO_DEMAND_NONE, true, 0, true, false });
	sign(&stranger);
	EXPECT({ EMBARGO_DEMAND_ALL, true, -EKEYREJECTED, false, false },
	       { EMBARGO_DEMAND_HOST, false, -EKEYREJECTED, false, false },
	       { EMBARGO_DEMAND_HOST, true, 0, false, true });
	sign(&root);
	EXPECT({ EMBARGO_DEMAND_ALL, true, 0, true, true },
	       { EMBARGO_DEMAND_HOST, false, 0, true, true },
	       { EMBARGO_DEMAND_HOST, true, 0, true, true });
}

static void a_broken_anchor_leaves_drafts(void **state)
{
	(void)state;
	sign(&root);
	write_certificate("trust/root.pem", &root);
	write_file("trust/x.pem", "x", 1);
	EXPECT({ EMBARGO_DEMAND_ALL, true, -EBADMSG, false, false },
	       { EMBARGO_DEMAND_HOST, false, -EBADMSG, false, false },
	       { EMBARGO_DEMAND_HOST, true, 0, false, true },
	       { EMBARGO_DEMAND_NONE, true, 0, true, false });
}

/* For whom the waiver of w.yaml, the only one, speaks: a bit for each policy. */
static __u64 waived(void)
{
	const char *const files[] = { "p.yaml", "w.yaml" };
	const struct embargo_policy_request request = {
		.files = files,
		.count = 2,
		.settings = "settings",
		.trust = "trust",
		.demand = EMBARGO_DEMAND_HOST,
	};
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables;
	__u64 policies;

	if (embargo_policy_compile_host(&request, &tables, &diagnostic))
		fail_msg("%s", diagnostic.what);
	policies = tables.waivers[1].policies;
	embargo_tables_free(&tables);
	return policies;
}

static void an_unsigned_draft_waives_nothing_of_others(void **state)
{
	static const char waiver[] = "policy: w\nversion: 1\nwaives: any\nwaivers:\n"
				     "  - { sha256: \"" HEX "\", until: \"2100-01-01T00:00:00Z\", "
				     "ticket: T-1, reason: because, by: me }\n";
	const struct signer signer = { .by = &root };
	unsigned char *der;
	int size = make_signature(&signer, 1, NULL, waiver, &der);

	(void)state;
	write_file("w.yaml", waiver, strlen(waiver));
	assert_int_equal(waived(), 3);
	write_certificate("trust/root.pem", &root);
	assert_int_equal(waived(), 2);
	write_file("w.yaml.p7s", (char *)der, (size_t)size);
	assert_int_equal(waived(), 3);
	OPENSSL_free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_an_anchor_nothing_is_demanded, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(with_an_anchor_drafts_alone_pass_unsigned, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_broken_anchor_leaves_drafts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_unsigned_draft_waives_nothing_of_others, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}
