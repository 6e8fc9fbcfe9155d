// SPDX-License-Identifier: GPL-2.0-or-later
/* Moments: one strict reader and one writer of RFC 3339, without the C library's time zones. */
#include "time.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct fields {
	int year, month, day, hour, minute, second;
	int64_t fraction; /* ns */
	int offset;	  /* seconds east of UTC */
};

/* Takes exactly @digits digits off @text. */
static bool take_number(const char **text, int digits, int *value)
{
	int result = 0;

	for (int i = 0; i < digits; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		result = result * 10 + (c - '0');
	}
	*text += digits;
	*value = result;
	return true;
}

static bool take_char(const char **text, const char *any_of)
{
	if (!**text || !strchr(any_of, **text))
		return false;
	(*text)++;
	return true;
}

/* One to nine digits; more would be a precision that nothing here can hold. */
static bool take_fraction(const char **text, int64_t *ns)
{
	int64_t unit = EMBARGO_SECOND_NS, result = 0;
	int digits = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
		if (digits == 9)
			return false;
		unit /= 10;
		result += (**text - '0') * unit;
	}
	*ns = result;
	return digits > 0;
}

static int take_offset(const char **text, int *offset)
{
	int hours, minutes;
	bool west = **text == '-';

	if (!**text)
		return -ENODATA;
	if (take_char(text, "Zz")) {
		*offset = 0;
		return 0;
	}
	if (!take_char(text, "+-") || !take_number(text, 2, &hours) || !take_char(text, ":") ||
	    !take_number(text, 2, &minutes))
		return -EINVAL;
	if (hours > 23 || minutes > 59)
		return -EDOM;
	*offset = (hours * 60 + minutes) * 60;
	if (west)
		*offset = -*offset;
	return 0;
}

static int take_fields(const char *text, struct fields *fields)
{
	int error;

	if (!take_number(&text, 4, &fields->year) || !take_char(&text, "-") ||
	    !take_number(&text, 2, &fields->month) || !take_char(&text, "-") ||
	    !take_number(&text, 2, &fields->day))
		return -EINVAL;
	if (!*text)
		return -ENODATA;
	if (!take_char(&text, "Tt") || !take_number(&text, 2, &fields->hour) ||
	    !take_char(&text, ":") || !take_number(&text, 2, &fields->minute) ||
	    !take_char(&text, ":") || !take_number(&text, 2, &fields->second))
		return -EINVAL;
	if (take_char(&text, ".") && !take_fraction(&text, &fields->fraction))
		return -EINVAL;
	error = take_offset(&text, &fields->offset);
	if (error)
		return error;
	return *text ? -EINVAL : 0;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool in_calendar(const struct fields *fields)
{
	return fields->month >= 1 && fields->month <= 12 && fields->day >= 1 &&
	       fields->day <= days_of_month(fields->year, fields->month) && fields->hour <= 23 &&
	       fields->minute <= 59 && fields->second <= 59;
}

/* Days from 1970-01-01; years are counted from March, so that the leap day is the last. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

int embargo_time_parse(const char *text, int64_t *ns)
{
	struct fields fields = { 0 };
	int64_t seconds, result;
	int error;

	error = take_fields(text, &fields);
	if (error)
		return error;
	if (!in_calendar(&fields))
		return -EDOM;
	seconds = days_from_civil(fields.year, fields.month, fields.day) * 86400 +
		  fields.hour * 3600 + fields.minute * 60 + fields.second - fields.offset;
	if (__builtin_mul_overflow(seconds, EMBARGO_SECOND_NS, &result) ||
	    __builtin_add_overflow(result, fields.fraction, &result))
		return -ERANGE;
	*ns = result;
	return 0;
}

char *embargo_time_format(int64_t ns, char *text, size_t size)
{
	int64_t seconds = ns / EMBARGO_SECOND_NS - (ns % EMBARGO_SECOND_NS < 0);
	int64_t days = seconds / 86400 - (seconds % 86400 < 0);
	int in_day = (int)(seconds - days * 86400);
	int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int day_of_era = (int)(shifted - era * 146097);
	int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int from_march = (5 * day_of_year + 2) / 153;
	int month = from_march + (from_march < 10 ? 3 : -9);
	int year = (int)(year_of_era + era * 400) + (month <= 2);

	snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month,
		 day_of_year - (153 * from_march + 2) / 5 + 1, in_day / 3600, in_day / 60 % 60,
		 in_day % 60);
	return text;
}
