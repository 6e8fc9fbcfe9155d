// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's keyring .blacklist, as /proc/keys shows it. */
#include "loader/host/blacklist.h"

#include "tests/unit/tree_fixture.h"

#define EMPTY "1c9f3f1c I------     1 perm 0f0b0000     0     0 keyring   .blacklist: empty\n"
#define TWO   "1c9f3f1c I------     1 perm 0f0b0000     0     0 keyring   .blacklist: 4\n"
#define OTHER "08c8105e I--Q---     1 perm 1f3f0000     0 65534 keyring   _uid_ses.0: 1\n"
#define BIN   "2a6b1f07 I------     1 perm 0d090000     0     0 blacklist bin:9f86d081\n"
#define TBS   "2a6b1f08 I------     1 perm 0d090000     0     0 blacklist tbs:9f86d081\n"

static struct embargo_blacklist read_keys(const char *text)
{
	struct embargo_blacklist blacklist;

	put("proc/keys", text);
	embargo_blacklist_read(root, &blacklist);
	return blacklist;
}

static void nobody_sees_what_is_hidden(void **state)
{
	struct embargo_blacklist blacklist;

	(void)state;
	embargo_blacklist_read(root, &blacklist);
	assert_false(blacklist.is_known);
	embargo_blacklist_read("/nowhere/at/all", &blacklist);
	assert_false(blacklist.is_known);
	assert_false(read_keys(OTHER).is_known);
	/* Entries without the keyring are somebody's else. */
	assert_int_equal(read_keys(BIN).files, 0);
}

static void an_empty_one_is_known(void **state)
{
	struct embargo_blacklist blacklist = read_keys(OTHER EMPTY);

	(void)state;
	assert_true(blacklist.is_known);
	assert_int_equal(blacklist.entries, 0);
}

static void entries_are_counted_by_what_they_are_of(void **state)
{
	struct embargo_blacklist blacklist = read_keys(BIN OTHER TWO TBS BIN);

	(void)state;
	assert_true(blacklist.is_known);
	assert_int_equal(blacklist.entries, 4);
	assert_int_equal(blacklist.files, 2);
	assert_int_equal(blacklist.issued, 1);
}

static void another_users_keyring_is_not_the_kernels(void **state)
{
	(void)state;
	assert_false(read_keys("1c9f3f1c I--Q---     1  10w 3f3f0000  1000  1000 keyring   "
			       ".blacklist: 4\n")
			     .is_known);
}

static void broken_lines_are_none(void **state)
{
	(void)state;
	assert_false(read_keys("\n").is_known);
	assert_false(read_keys("1c9f3f1c I------ 1 perm\n").is_known);
	assert_false(read_keys("keyring .blacklist: 4\n").is_known);
	assert_false(read_keys("1c9f3f1c I------ 1 perm 0f0b0000 0 0 keyring").is_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_sees_what_is_hidden, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_one_is_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(entries_are_counted_by_what_they_are_of, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_users_keyring_is_not_the_kernels, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(broken_lines_are_none, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
