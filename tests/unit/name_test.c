// SPDX-License-Identifier: GPL-2.0-or-later
/* Names: which spellings are one name, which are not, and what is no name at all. */
#include "loader/text/name.h"

#include <errno.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

static void folds_to(const char *name, const char *expected)
{
	char folded[256];

	assert_int_equal(embargo_name_fold(name, strlen(name), folded, sizeof(folded)),
			 strlen(expected));
	assert_string_equal(folded, expected);
}

static void is_one_text_for_all_spellings(void **state)
{
	(void)state;
	folds_to("Huawei Technologies Co.,Ltd.", "huawei technologies co ltd");
	folds_to("HUAWEI  TECHNOLOGIES CO., LTD", "huawei technologies co ltd");
	folds_to(" \t-- (Huawei) _Technologies_ ...", "huawei technologies");
	folds_to("AO Kaspersky Lab", "ao kaspersky lab");
	/* \"guillemets\", a no-break space, an en dash */
	folds_to("\u00abKaspersky\u00a0Lab\u00bb\u2013AO", "kaspersky lab ao");
	/* Full-width letters and their full stop; a ligature; a long s. */
	folds_to("\uff28\uff35\uff21\uff37\uff25\uff29\uff0e", "huawei");
	folds_to("O\ufb03ce \u017foft", "office soft");
	/* Composed and decomposed; sharp s; dotted I keeps its dot. */
	folds_to("A\u0308pfel", "\u00e4pfel");
	folds_to("STRA\u00dfE", "strasse");
	folds_to("\u0130", "i\u0307");
	/* Symbols are part of a word. */
	folds_to("AT&T + C++", "at t + c++");
}

static void equal_names(void **state)
{
	static const char *const pairs[][2] = {
		{ "Huawei Technologies Co.,Ltd.", "HUAWEI  TECHNOLOGIES CO., LTD" },
		{ "Kaspersky Lab", "\uff2b\uff21\uff33\uff30\uff25\uff32\uff33\uff2b\uff39 LAB" },
		/* A soft hyphen, a zero-width joiner and space, a variation selector: nobody sees
		 * them. */
		{ "Kaspersky Lab", "Kas\u00adper\u200dsky\u200b Lab\ufe0f" },
		{ "\u041a\u0430\u0441\u043f\u0435\u0440\u0441\u043a\u0438\u0439",
		  "\u041a\u0410\u0421\u041f\u0415\u0420\u0421\u041a\u0418\u0419" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_true(embargo_name_equal(pairs[i][0], pairs[i][1]));
		assert_true(embargo_name_equal(pairs[i][1], pairs[i][0]));
	}
}

static void different_names(void **state)
{
	static const char *const pairs[][2] = {
		/* A Cyrillic a and er look alike, and are other letters. */
		{ "Kaspersky Lab", "K\u0430spersky Lab" },
		{ "Kaspersky Lab", "Kas\u0440ersky Lab" },
		/* Words are words. */
		{ "Kaspersky Lab", "KasperskyLab" },
		{ "Kaspersky Lab", "Kaspersky Labs" },
		{ "Kaspersky Lab", "Kaspersky" },
		{ "Kaspersky Lab", "Lab Kaspersky" },
		/* What cannot be folded is the same as nothing, not even as itself. */
		{ "", "" },
		{ "...", "..." },
		{ "\u200b", "\u200b" },
		{ "Kaspersky\xff", "Kaspersky\xff" },
		{ "\xc0\x80", "\xc0\x80" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_false(embargo_name_equal(pairs[i][0], pairs[i][1]));
}

static void refuses_what_is_no_name(void **state)
{
	char folded[64] = "untouched";

	(void)state;
	assert_int_equal(embargo_name_fold("Kaspersky\0 Lab", 14, folded, sizeof(folded)),
			 -EBADMSG);
	assert_int_equal(embargo_name_fold("\0", 1, folded, sizeof(folded)), -EBADMSG);
	assert_int_equal(embargo_name_fold("a\x80", 2, folded, sizeof(folded)), -EBADMSG);
	/* Surrogates, an overlong form, half a character. */
	assert_int_equal(embargo_name_fold("\xed\xa0\x80", 3, folded, sizeof(folded)), -EBADMSG);
	assert_int_equal(embargo_name_fold("\xc1\x81", 2, folded, sizeof(folded)), -EBADMSG);
	assert_int_equal(embargo_name_fold("\xe2\x82", 2, folded, sizeof(folded)), -EBADMSG);
	assert_int_equal(embargo_name_fold("", 0, folded, sizeof(folded)), -ENODATA);
	assert_int_equal(embargo_name_fold("-.,", 3, folded, sizeof(folded)), -ENODATA);
	assert_int_equal(embargo_name_fold("\xc2\xad", 2, folded, sizeof(folded)), -ENODATA);
	assert_string_equal(folded, "untouched");
}

/* The length that is given counts, not a NUL behind it. */
static void reads_no_further_than_its_length(void **state)
{
	char folded[64];

	(void)state;
	assert_int_equal(embargo_name_fold("Kaspersky Lab", 9, folded, sizeof(folded)), 9);
	assert_string_equal(folded, "kaspersky");
}

static void never_cuts(void **state)
{
	char folded[6], grown[256];

	(void)state;
	assert_int_equal(embargo_name_fold("ABCDE", 5, folded, sizeof(folded)), 5);
	assert_string_equal(folded, "abcde");
	assert_int_equal(embargo_name_fold("ABCDEF", 6, folded, sizeof(folded)), -E2BIG);
	assert_int_equal(embargo_name_fold("A B C D", 7, folded, sizeof(folded)), -E2BIG);
	/* One character that becomes eighteen. */
	assert_true(embargo_name_fold("\ufdfa", 3, grown, sizeof(grown)) > 18);
	assert_int_equal(embargo_name_fold("\ufdfa", 3, folded, sizeof(folded)), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_one_text_for_all_spellings),
		cmocka_unit_test(equal_names),
		cmocka_unit_test(different_names),
		cmocka_unit_test(refuses_what_is_no_name),
		cmocka_unit_test(reads_no_further_than_its_length),
		cmocka_unit_test(never_cuts),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
