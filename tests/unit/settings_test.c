// SPDX-License-Identifier: GPL-2.0-or-later
/* The host's settings: what they say, and what is refused. */
#include <errno.h>

#include "tests/unit/policy_fixture.h"

static void settings_are_read(void **state)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_settings settings;

	(void)state;
	write_file("s.yaml",
		   "profile: one\nmax-hash: 2 MiB\nterminal: no\ngate: exec\n"
		   "gate-wait: 4\nguard: locked\nsignatures-required: 8\npolicies: [ /a, /b/ ]\n");
	assert_int_equal(embargo_settings_read("s.yaml", &settings, &diagnostic), 0);
	assert_string_equal(settings.profile, "one");
	assert_int_equal(settings.max_hash, 2 << 20);
	assert_false(settings.terminal);
	assert_true(settings.gate);
	assert_int_equal(settings.gate_wait, 4);
	assert_int_equal(settings.guard, EMBARGO_GUARD_LOCKED);
	assert_int_equal(settings.signatures_required, 8);
	assert_int_equal(settings.policy_count, 2);
	assert_string_equal(settings.policies[1], "/b/");
	embargo_settings_free(&settings);
	write_file("s.yaml", "# all at its default\n");
	assert_int_equal(embargo_settings_read("s.yaml", &settings, &diagnostic), 0);
	assert_null(settings.profile);
	assert_int_equal(settings.max_hash, 512 << 20);
	assert_true(settings.terminal);
	assert_false(settings.gate);
	assert_int_equal(settings.gate_wait, 2);
	assert_int_equal(settings.guard, EMBARGO_GUARD_OFF);
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
		{ "gate: yes\n", "gate of 'yes'", 1, 7 },
		{ "guard: yes\n", "guard of 'yes'", 1, 8 },
		{ "guard: unknown\n", "guard of 'unknown'", 1, 8 },
		{ "gate-wait: 5\n", "gate-wait of '5'", 1, 12 },
		{ "signatures-required: 9\n", "signatures-required of '9'", 1, 22 },
		{ "signatures-required: 0\n", "'0' is not a number that can stand here", 1, 22 },
		{ "gate-wait: 0\n", "'0' is not a number that can stand here", 1, 12 },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(settings_are_read),
		IN_FOLDER(wrong_settings_are_refused),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
