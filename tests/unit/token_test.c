// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens: what they say, what is refused, and when and where they count. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "loader/guard/spent.h"
#include "loader/guard/token.h"
#include "loader/model/time.h"

#define MACHINE "0123456789abcdef0123456789abcdef"
#define HEAD	"unlock: guard\nmachine-id: \"" MACHINE "\"\n"
#define REST	"ticket: OPS-17\nreason: new policy\n"

static const char good[] = HEAD "from: 2026-11-22T16:00:00Z\nuntil: 2026-11-22T18:00:00Z\n" REST;

static void read_good(struct embargo_token *token)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };

	assert_int_equal(embargo_token_read("token", good, strlen(good), token, &diagnostic), 0);
}

static void a_token_is_read(void **state)
{
	struct embargo_token token;

	(void)state;
	read_good(&token);
	assert_string_equal(token.machine, MACHINE);
	assert_string_equal(token.ticket, "OPS-17");
	assert_string_equal(token.reason, "new policy");
	assert_int_equal(token.until.ns - token.from.ns, INT64_C(7200000000000));
}

static void wrong_tokens_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"unlock: guard\n",
		"policy: p\nversion: 1\n",
		"unlock: gate\nmachine-id: \"" MACHINE
		"\"\nfrom: 2026-11-22T16:00:00Z\nuntil: 2026-11-22T18:00:00Z\n" REST,
		"unlock: guard\nmachine-id: \"0123\"\nfrom: 2026-11-22T16:00:00Z\n"
		"until: 2026-11-22T18:00:00Z\n" REST,
		HEAD "from: 2026-11-22T18:00:00Z\nuntil: 2026-11-22T18:00:00Z\n" REST,
		HEAD "from: 2026-11-22T18:00:00Z\nuntil: 2026-11-22T16:00:00Z\n" REST,
		HEAD "from: 2026-11-22T16:00:00Z\nuntil: 2026-11-23T16:00:01Z\n" REST,
		HEAD "from: 1700-01-01T00:00:00Z\nuntil: 2250-01-01T00:00:00Z\n" REST,
		HEAD "from: 2026-11-22\nuntil: 2026-11-22T18:00:00Z\n" REST,
		HEAD "from: 2026-11-22T16:00:00Z\nuntil: 2026-11-22T18:00:00Z\nreason: x\n",
		HEAD "from: 2026-11-22T16:00:00Z\nuntil: 2026-11-22T18:00:00Z\nmore: x\n" REST,
		HEAD HEAD "from: 2026-11-22T16:00:00Z\nuntil: 2026-11-22T18:00:00Z\n" REST,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct embargo_diagnostic diagnostic = { .line = 0 };
		struct embargo_token token = { .machine = "untouched" };

		assert_true(embargo_token_read("token", wrong[i], strlen(wrong[i]), &token,
					       &diagnostic) < 0);
		assert_string_equal(token.machine, "untouched");
		assert_true(diagnostic.what[0]);
	}
}

static void it_counts_there_and_then(void **state)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_token token;

	(void)state;
	read_good(&token);
	assert_int_equal(embargo_token_check(&token, MACHINE, token.from.ns, &diagnostic), 0);
	assert_int_equal(embargo_token_check(&token, MACHINE, token.until.ns - 1, &diagnostic), 0);
	assert_int_equal(embargo_token_check(&token, MACHINE, token.from.ns - 1, &diagnostic),
			 -EPERM);
	assert_int_equal(embargo_token_check(&token, MACHINE, token.until.ns, &diagnostic), -EPERM);
	assert_int_equal(embargo_token_check(&token, "f" MACHINE, token.from.ns, &diagnostic),
			 -EPERM);
	assert_int_equal(embargo_token_check(&token, "", token.from.ns, &diagnostic), -EPERM);
}

/* In another boot than that which saw it, only what ends later counts. */
static void a_token_is_spent(void **state)
{
	struct embargo_guard_tokens tokens = { .until = 0 };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_token token;
	char file[] = "/tmp/embargo-spent-XXXXXX";
	int fd = mkstemp(file);
	int64_t kept;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	read_good(&token);
	assert_int_equal(embargo_spent_read("/nowhere"), INT64_MIN);
	assert_int_equal(embargo_spent_read(file), INT64_MIN);
	assert_int_equal(embargo_spent_check(&token, &tokens, INT64_MIN, &diagnostic), 0);
	assert_int_equal(embargo_spent_keep(file, &token, INT64_MIN, token.from.ns, &tokens,
					    &diagnostic),
			 0);
	kept = embargo_spent_read(file);
	assert_int_equal(kept, token.until.ns);
	assert_int_equal(tokens.until, token.until.ns);
	assert_true(embargo_spent_now(&tokens) >= token.from.ns);
	assert_int_equal(embargo_spent_check(&token, &tokens, kept, &diagnostic), 0);
	tokens = (struct embargo_guard_tokens) { .until = 0 };
	assert_int_equal(embargo_spent_check(&token, &tokens, kept, &diagnostic), -EPERM);
	token.until.ns++;
	assert_int_equal(embargo_spent_check(&token, &tokens, kept, &diagnostic), 0);
	/* An earlier end does not take the place of a later one. */
	token.until.ns -= EMBARGO_SECOND_NS;
	assert_int_equal(
		embargo_spent_keep(file, &token, kept, token.from.ns, &tokens, &diagnostic), 0);
	assert_int_equal(embargo_spent_read(file), kept);
	assert_true(embargo_spent_keep("/nowhere/tokens", &token, INT64_MIN, token.from.ns, &tokens,
				       &diagnostic) < 0);
	assert_int_equal(unlink(file), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_read),
		cmocka_unit_test(wrong_tokens_are_refused),
		cmocka_unit_test(it_counts_there_and_then),
		cmocka_unit_test(a_token_is_spent),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
