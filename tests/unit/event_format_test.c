// SPDX-License-Identifier: GPL-2.0-or-later
/* Events in words: reports and notices are one printable line, JSON has its keys. */
#include <errno.h>

#include "loader/base/cleanup.h"
#include "loader/event/format.h"
#include "loader/event/format_json.h"
#include "tests/unit/event_fixture.h"

static void report_names_the_rule_and_its_source(void **state)
{
	struct embargo_event *event = *state;
	struct embargo_line line;

	embargo_format_report(event, &line);
	assert_string_equal(
		line.text,
		"denied exec of /opt/vendor/app: rule vendor-paths of us-vendor (deny since "
		"2024-09-29T04:00:00Z), authority order (89 FR 52434); uid 1000, pid 123 "
		"(bash)");
	assert_int_equal(line.length, strlen(line.text));
}

static void report_of_a_repetition_names_the_digest(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL;
	struct embargo_line line;

	(void)state;
	event = make_event("");
	event->count = 14;
	embargo_format_report(event, &line);
	assert_non_null(strstr(line.text, "exec of sha256 abababab"));
	assert_non_null(strstr(line.text, "; 14 times"));
}

static void report_says_why_there_is_no_digest(void **state)
{
	struct embargo_event *event = *state;
	struct embargo_line line;

	event->flags = EMBARGO_EVENT_NO_DIGEST | EMBARGO_EVENT_EVASION;
	event->error = -EINVAL;
	embargo_format_report(event, &line);
	assert_non_null(strstr(line.text, "its digest cannot be had: Invalid argument, by the "
					  "caller's doing"));
}

static void notice_is_one_printable_line(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL;
	struct embargo_line line;

	(void)state;
	event = make_event(PATH);
	embargo_format_notice(event, &line);
	assert_string_equal(line.text,
			    "embargo: /opt/vendor/app: refused (rule vendor-paths of us-vendor, in "
			    "force since 2024-09-29, authority 89 FR 52434)");
	free(TAKE_PTR(event));
	event = make_event("/a\x1b[2J\r\nroot# \xe2\x80\xae\xc2\x9b\xff");
	embargo_format_notice(event, &line);
	for (size_t i = 0; i < line.length; i++)
		assert_in_range((unsigned char)line.text[i], ' ', '~');
}

static void longest_path_fits(void **state)
{
	char path[EMBARGO_PATH_LONG];
	_cleanup_free_
	struct embargo_event *event = NULL;
	struct embargo_line line;

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	event = make_event(path);
	embargo_format_report(event, &line);
	assert_non_null(strstr(line.text, "(bash)"));
	embargo_format_notice(event, &line);
	assert_in_range(line.length, 512, 1024);
}

static void json_has_the_keys_that_tools_rely_on(void **state)
{
	static const char *const keys[] = { "time",   "verdict", "operation", "path",	   "sha256",
					    "policy", "rule",	 "vendor",    "authority", "count",
					    "pid",    "ppid",	 "uid",	      "auid",	   "comm",
					    "cgroup", "since",	 "cite",      "action",	   "new",
					    "reason", "identity" };
	_cleanup_free_
	struct embargo_event *event = NULL;
	const struct embargo_event_findings findings = { "/user.slice", "package name=acme" };
	_cleanup_json_ json_t *object = NULL;

	(void)state;
	event = make_event("/bad\xff");
	object = embargo_format_json(event, &findings);
	assert_non_null(object);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!json_object_get(object, keys[i]))
			fail_msg("no key %s", keys[i]);
	assert_string_equal(json_string_value(json_object_get(object, "time")),
			    "2024-09-29T04:00:00.001500Z");
	assert_string_equal(json_string_value(json_object_get(object, "path")), "/bad\xef\xbf\xbd");
	assert_string_equal(json_string_value(json_object_get(object, "path_hex")), "2f626164ff");
	assert_int_equal(json_integer_value(json_object_get(object, "uid")), 1000);
	assert_true(json_is_null(json_object_get(object, "auid")));
	assert_string_equal(json_string_value(json_object_get(object, "identity")),
			    "package name=acme");
	assert_true(json_is_null(json_object_get(object, "reason")));
	assert_true(json_is_false(json_object_get(object, "new")));
}

static void a_waiver_is_told_with_its_end(void **state)
{
	static const struct embargo_event_findings none = { "", "" };
	_cleanup_json_ json_t *object = NULL, *plain = NULL;
	struct embargo_event *event = *state;
	struct embargo_line line;
	const json_t *waiver;

	plain = embargo_format_json(event, &none);
	assert_true(json_is_null(json_object_get(plain, "waiver")));
	event->verdict = EMBARGO_VERDICT_AUDIT;
	event->waived_until = SINCE_NS + INT64_C(86400000000000);
	strcpy(event->ticket, "SEC-1");
	embargo_format_report(event, &line);
	assert_non_null(strstr(line.text, "audited exec of /opt/vendor/app: rule vendor-paths"));
	assert_non_null(strstr(line.text, "; waived until 2024-09-30T04:00:00Z by ticket SEC-1;"));
	object = embargo_format_json(event, &none);
	waiver = json_object_get(object, "waiver");
	assert_string_equal(json_string_value(json_object_get(waiver, "ticket")), "SEC-1");
	assert_string_equal(json_string_value(json_object_get(waiver, "until")),
			    "2024-09-30T04:00:00Z");
	assert_null(json_object_get(object, "waiver_ticket"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EVENT(report_names_the_rule_and_its_source),
		cmocka_unit_test(report_of_a_repetition_names_the_digest),
		WITH_EVENT(report_says_why_there_is_no_digest),
		cmocka_unit_test(notice_is_one_printable_line),
		cmocka_unit_test(longest_path_fits),
		cmocka_unit_test(json_has_the_keys_that_tools_rely_on),
		WITH_EVENT(a_waiver_is_told_with_its_end),
	};

	return cmocka_run_group_tests_name("event_format", tests, NULL, NULL);
}
