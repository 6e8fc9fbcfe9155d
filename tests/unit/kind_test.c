// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of files by their first bytes, and the scope that the kernel gives them at exec. */
#include "loader/identity/kind.h"
#include "tests/unit/unit.h"

static const struct {
	const char *bytes;
	size_t size;
	enum embargo_kind kind;
	enum embargo_scope scope;
} cases[] = {
	{ "\177ELF\2\1\1", 7, EMBARGO_KIND_ELF, EMBARGO_SCOPE_EXEC_ELF },
	{ "\177ELF", 4, EMBARGO_KIND_ELF, EMBARGO_SCOPE_EXEC_ELF },
	{ "\177EL", 3, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "MZ", 2, EMBARGO_KIND_PE, EMBARGO_SCOPE_EXEC_PE },
	{ "M", 1, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "ZM", 2, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "#!/bin/sh\n", 10, EMBARGO_KIND_SCRIPT, EMBARGO_SCOPE_EXEC_SCRIPT },
	{ "#!", 2, EMBARGO_KIND_SCRIPT, EMBARGO_SCOPE_EXEC_SCRIPT },
	{ "#", 1, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "# !", 3, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "!<arch>\ndebian-binary   ", 24, EMBARGO_KIND_PACKAGE, EMBARGO_SCOPE_EXEC_OTHER },
	{ "!<arch>\nfoo.o/          ", 24, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "\xed\xab\xee\xdb\3\0", 6, EMBARGO_KIND_PACKAGE, EMBARGO_SCOPE_EXEC_OTHER },
	{ "", 0, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
	{ "\0\0\0\0", 4, EMBARGO_KIND_UNKNOWN, EMBARGO_SCOPE_EXEC_OTHER },
};

static void tells_kinds_by_the_first_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(embargo_kind_detect(cases[i].bytes, cases[i].size), cases[i].kind);
		assert_int_equal(embargo_kind_exec_scope(cases[i].bytes, cases[i].size),
				 cases[i].scope);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tells_kinds_by_the_first_bytes) };

	return cmocka_run_group_tests_name("kind", tests, NULL, NULL);
}
