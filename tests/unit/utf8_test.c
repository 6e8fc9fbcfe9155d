// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of any bytes: told from UTF-8, repaired, made printable. */
#include "loader/base/utf8.h"
#include "tests/unit/unit.h"

#define BAD "\xef\xbf\xbd"

static const struct {
	const char *text, *repaired, *printable;
} cases[] = {
	{ "", "", "" },
	{ "plain", "plain", "plain" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "a\xff"
	  "b",
	  "a" BAD "b", "a?b" },
	{ "\xc0\x80", BAD BAD, "??" },			 /* overlong NUL */
	{ "\xe0\x80\x80", BAD BAD BAD, "???" },		 /* overlong */
	{ "\xed\xa0\x80", BAD BAD BAD, "???" },		 /* a surrogate */
	{ "\xf4\x90\x80\x80", BAD BAD BAD BAD, "????" }, /* above U+10FFFF */
	{ "\xe2\x82", BAD BAD, "??" },			 /* cut off */
	{ "\x1b[2J\n\x7f", "\x1b[2J\n\x7f", "?[2J??" },
	{ "\xc2\x9b", "\xc2\x9b", "?" },	 /* CSI in one character */
	{ "\xe2\x80\xae", "\xe2\x80\xae", "?" }, /* right-to-left override */
};

static void repairs_and_prints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *repaired = embargo_utf8_repair(cases[i].text), printable[64];

		assert_string_equal(repaired, cases[i].repaired);
		assert_true(embargo_utf8_is_valid(repaired));
		assert_int_equal(embargo_utf8_is_valid(cases[i].text),
				 !strcmp(repaired, cases[i].text));
		assert_string_equal(embargo_utf8_printable(cases[i].text, printable,
							   sizeof(printable)),
				    cases[i].printable);
		free(repaired);
	}
}

static void cuts_off_between_characters(void **state)
{
	char out[4];

	(void)state;
	assert_string_equal(embargo_utf8_printable("ab\xc3\xa9", out, sizeof(out)), "ab");
	assert_string_equal(embargo_utf8_printable("abc", out, 1), "");
}

static void prints_in_place(void **state)
{
	char text[] = "\xc2\x9b\xffx\xc3\xa9";

	(void)state;
	assert_string_equal(embargo_utf8_printable(text, text, sizeof(text)), "??x\xc3\xa9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repairs_and_prints),
		cmocka_unit_test(cuts_off_between_characters),
		cmocka_unit_test(prints_in_place),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
