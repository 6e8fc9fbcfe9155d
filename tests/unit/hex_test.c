// SPDX-License-Identifier: GPL-2.0-or-later
/* Hexadecimal text: both ways, and what is none. */
#include "loader/base/hex.h"

#include <errno.h>

#include "tests/unit/unit.h"

static void formats_in_lower_case(void **state)
{
	char text[EMBARGO_HEX_SIZE(3)];

	(void)state;
	assert_string_equal(embargo_hex_format("\x00\xab\xff", 3, text), "00abff");
	assert_string_equal(embargo_hex_format("", 0, text), "");
}

static void parses_either_case(void **state)
{
	uint8_t bytes[3];

	(void)state;
	assert_int_equal(embargo_hex_parse("00aBfFrest", bytes, 3), 0);
	assert_memory_equal(bytes, "\x00\xab\xff", 3);
}

static void refuses_and_leaves_the_output(void **state)
{
	static const char *const refused[] = {
		"",   "0",     "00a",	 "0g",	   "g0",     " 0",
		"0x", "00ab0", "00ab0/", "00ab0:", "00ab0@", "00ab0`"
	};
	uint8_t bytes[3];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		memset(bytes, 7, 3);
		assert_int_equal(embargo_hex_parse(refused[i], bytes, 3), -EINVAL);
		assert_memory_equal(bytes, "\7\7\7", 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_in_lower_case),
		cmocka_unit_test(parses_either_case),
		cmocka_unit_test(refuses_and_leaves_the_output),
	};

	return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
