// SPDX-License-Identifier: GPL-2.0-or-later
/* Moments: the forms that are read, those that are refused and why, and the way back. */
#include "loader/model/time.h"

#include <errno.h>
#include <time.h>

#include "tests/unit/unit.h"

static const struct {
	const char *text;
	int error;
	int64_t ns;
} moments[] = {
	{ "1970-01-01T00:00:00Z", 0, 0 },
	{ "2024-09-29T00:00:00-04:00", 0, INT64_C(1727582400) * EMBARGO_SECOND_NS },
	{ "2024-09-29T09:30:00+05:30", 0, INT64_C(1727582400) * EMBARGO_SECOND_NS },
	{ "2024-09-29t04:00:00z", 0, INT64_C(1727582400) * EMBARGO_SECOND_NS },
	{ "1969-12-31T23:59:59.5Z", 0, -500000000 },
	{ "1970-01-01T00:00:00.000000001Z", 0, 1 },
	{ "2000-02-29T00:00:00Z", 0, INT64_C(951782400) * EMBARGO_SECOND_NS },
	{ "2262-04-11T23:47:16.854775807Z", 0, INT64_MAX },
	{ "2262-04-11T23:47:16.854775808Z", -ERANGE, 0 },
	{ "0001-01-01T00:00:00Z", -ERANGE, 0 },
	{ "9999-12-31T23:59:59Z", -ERANGE, 0 },
	{ "2024-09-29", -ENODATA, 0 },
	{ "2024-09-29T00:00:00", -ENODATA, 0 },
	{ "2024-09-29T00:00:00.25", -ENODATA, 0 },
	{ "1900-02-29T00:00:00Z", -EDOM, 0 },
	{ "2024-00-01T00:00:00Z", -EDOM, 0 },
	{ "2024-13-01T00:00:00Z", -EDOM, 0 },
	{ "2024-04-31T00:00:00Z", -EDOM, 0 },
	{ "2024-09-00T00:00:00Z", -EDOM, 0 },
	{ "2024-09-29T24:00:00Z", -EDOM, 0 },
	{ "2024-09-29T00:60:00Z", -EDOM, 0 },
	{ "2016-12-31T23:59:60Z", -EDOM, 0 },
	{ "2024-09-29T00:00:00+24:00", -EDOM, 0 },
	{ "2024-09-29T00:00:00+00:60", -EDOM, 0 },
	{ "", -EINVAL, 0 },
	{ "tomorrow", -EINVAL, 0 },
	{ "24-09-29T00:00:00Z", -EINVAL, 0 },
	{ "2024-9-29T00:00:00Z", -EINVAL, 0 },
	{ "2024-09-29 00:00:00Z", -EINVAL, 0 },
	{ "2024-09-29T00:00Z", -EINVAL, 0 },
	{ "2024-09-29T00:00:00.Z", -EINVAL, 0 },
	{ "2024-09-29T00:00:00.1234567890Z", -EINVAL, 0 },
	{ "2024-09-29T00:00:00-0400", -EINVAL, 0 },
	{ "2024-09-29T00:00:00-4:00", -EINVAL, 0 },
	{ "2024-09-29T00:00:00EDT", -EINVAL, 0 },
	{ "2024-09-29T00:00:00Zz", -EINVAL, 0 },
	{ "-2024-09-29T00:00:00Z", -EINVAL, 0 },
	{ "+024-09-29T00:00:00Z", -EINVAL, 0 },
};

static void reads_and_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		int64_t ns = 4711;
		int error = embargo_time_parse(moments[i].text, &ns);

		if (error != moments[i].error || ns != (error ? 4711 : moments[i].ns))
			fail_msg("'%s': %d, %lld", moments[i].text, error, (long long)ns);
	}
}

/* Against the C library, every 12 days and some over all that nanoseconds can say. */
static void agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t second = -INT64_C(9223372036); second <= INT64_C(9223372036);
	     second += 1048583) {
		char expected[EMBARGO_TIME_TEXT], found[EMBARGO_TIME_TEXT];
		time_t time = second;
		struct tm fields;
		int64_t ns;

		assert_non_null(gmtime_r(&time, &fields));
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &fields);
		embargo_time_format(second * EMBARGO_SECOND_NS, found, sizeof(found));
		assert_string_equal(found, expected);
		assert_int_equal(embargo_time_parse(found, &ns), 0);
		assert_true(ns == second * EMBARGO_SECOND_NS);
	}
}

static void rounds_down_before_1970_too(void **state)
{
	char text[EMBARGO_TIME_TEXT];

	(void)state;
	assert_string_equal(embargo_time_format(-1, text, sizeof(text)), "1969-12-31T23:59:59Z");
	assert_string_equal(embargo_time_format(INT64_MIN, text, sizeof(text)),
			    "1677-09-21T00:12:43Z");
	assert_string_equal(embargo_time_format(INT64_MAX, text, sizeof(text)),
			    "2262-04-11T23:47:16Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_refuses),
		cmocka_unit_test(agrees_with_the_c_library),
		cmocka_unit_test(rounds_down_before_1970_too),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
