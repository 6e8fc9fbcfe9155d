// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: hostile records are refused, fields survive the way there and back, lines are printable.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "loader/base/cleanup.h"
#include "loader/event/event.h"
#include "loader/event/format.h"
#include "loader/event/format_json.h"
#include "loader/event/repeat.h"
#include "loader/event/to_terminal.h"

#include "tests/unit/unit.h"

#define SINCE_NS INT64_C(1727582400000000000) /* 2024-09-29T04:00:00Z */
#define PATH	 "/opt/vendor/app"

/* A record as the ring buffer hands it out: no byte behind its end. */
static struct embargo_event *make_event(const char *path, size_t *size)
{
	struct embargo_event *event;

	*size = sizeof(*event) + strlen(path) + 1;
	event = calloc(1, *size);
	assert_non_null(event);
	event->time = SINCE_NS + 1500000;
	event->since = SINCE_NS;
	event->count = 1;
	event->operation = EMBARGO_OPERATION_EXEC;
	event->verdict = EMBARGO_VERDICT_DENY;
	event->action = EMBARGO_ACTION_DENY;
	event->flags = EMBARGO_EVENT_DIGEST | EMBARGO_EVENT_HOST_MOUNTS;
	event->pid = 123;
	event->ppid = 12;
	event->uid = 1000;
	event->auid = UINT32_MAX;
	event->device = 8 << 20 | 1;
	event->tty = 136 << 20 | 3;
	event->path_length = strlen(path);
	memset(event->digest, 0xab, sizeof(event->digest));
	strcpy(event->comm, "bash");
	strcpy(event->reason.policy, "us-vendor");
	strcpy(event->reason.rule, "vendor-paths");
	strcpy(event->reason.vendor, "vendor");
	strcpy(event->reason.authority, "order");
	strcpy(event->reason.cite, "89 FR 52434");
	strcpy(event->path, path);
	return event;
}

static void good_record_passes(void **state)
{
	const struct embargo_event *checked = NULL;
	_cleanup_free_
	struct embargo_event *event = NULL;
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
	assert_int_equal(embargo_event_check(event, size, &checked), 0);
	assert_ptr_equal(checked, event);
}

static void fill_comm(struct embargo_event *event)
{
	memset(event->comm, 'x', sizeof(event->comm));
}

static void fill_policy(struct embargo_event *event)
{
	memset(event->reason.policy, 'x', sizeof(event->reason.policy));
}

static void fill_cite(struct embargo_event *event)
{
	memset(event->reason.cite, 'x', sizeof(event->reason.cite));
}

static void break_path(struct embargo_event *event)
{
	event->path[3] = 0;
}

static void lengthen_path(struct embargo_event *event)
{
	event->path_length++;
}

static void shorten_path(struct embargo_event *event)
{
	event->path_length--;
}

static void exaggerate_path(struct embargo_event *event)
{
	event->path_length = UINT32_MAX;
}

static void forget_operation(struct embargo_event *event)
{
	event->operation = EMBARGO_OPERATION_UNKNOWN;
}

static void invent_operation(struct embargo_event *event)
{
	event->operation = EMBARGO_OPERATION_COUNT;
}

static void invent_verdict(struct embargo_event *event)
{
	event->verdict = UINT32_MAX;
}

static void forget_action(struct embargo_event *event)
{
	event->action = EMBARGO_ACTION_UNKNOWN;
}

static void count_none(struct embargo_event *event)
{
	event->count = 0;
}

static void bad_records_are_refused(void **state)
{
	static const struct {
		const char *why;
		void (*spoil)(struct embargo_event *event);
	} cases[] = {
		{ "comm without NUL", fill_comm },
		{ "policy without NUL", fill_policy },
		{ "citation without NUL", fill_cite },
		{ "NUL within the path", break_path },
		{ "path longer than the record", lengthen_path },
		{ "path longer than stated", shorten_path },
		{ "a length that wraps", exaggerate_path },
		{ "no operation", forget_operation },
		{ "an operation that is none", invent_operation },
		{ "a verdict that is none", invent_verdict },
		{ "no action", forget_action },
		{ "stands for nothing", count_none },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_
		struct embargo_event *event = NULL;
		const struct embargo_event *checked = NULL;
		size_t size;

		event = make_event(PATH, &size);
		cases[i].spoil(event);
		if (embargo_event_check(event, size, &checked) != -EBADMSG || checked)
			fail_msg("passed: %s", cases[i].why);
	}
}

/* Each shorter record is a heap block of its own, so that a sanitizer sees a step too far. */
static void cut_records_are_refused(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL;
	const struct embargo_event *checked = NULL;
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
	for (size_t length = 0; length < size; length++) {
		_cleanup_free_
		void *cut = malloc(length ? length : 1);

		assert_non_null(cut);
		memcpy(cut, event, length);
		assert_int_equal(embargo_event_check(cut, length, &checked), -EBADMSG);
	}
}

static void fields_survive_both_ways(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL, *copy = embargo_event_new();
	char text[EMBARGO_EVENT_FIELD_TEXT], again[EMBARGO_EVENT_FIELD_TEXT];
	const struct embargo_event *checked;
	size_t size, length;

	(void)state;
	assert_non_null(copy);
	event = make_event("/odd\n\xff\x1b]0;name\a/file", &size);
	event->flags |= EMBARGO_EVENT_NEW | EMBARGO_EVENT_NO_DIGEST | EMBARGO_EVENT_EVASION;
	event->error = -EIO;
	for (size_t i = 0; embargo_event_fields[i].name; i++) {
		length = embargo_event_field_get(event, i, text);
		assert_int_equal(embargo_event_field_set(copy, i, text, length), 0);
		assert_int_equal(embargo_event_field_get(copy, i, again), length);
		assert_string_equal(text, again);
	}
	assert_int_equal(embargo_event_check(copy, sizeof(*copy) + EMBARGO_PATH_LONG, &checked), 0);
	copy->tty = event->tty; /* these two are told to nobody */
	copy->flags |= EMBARGO_EVENT_HOST_MOUNTS;
	copy->time = event->time;
	assert_memory_equal(copy, event, size);
}

static size_t field_named(const char *name)
{
	for (size_t i = 0; embargo_event_fields[i].name; i++)
		if (!strcmp(embargo_event_fields[i].name, name))
			return i;
	fail_msg("no field %s", name);
	return 0;
}

static void bad_field_texts_are_refused(void **state)
{
	static const struct {
		const char *field, *text;
	} cases[] = {
		{ "time", "yesterday" },
		{ "time", "2024-09-29" },
		{ "verdict", "forgive" },
		{ "verdict", "" },
		{ "operation", "unknown" },
		{ "action", "DENY" },
		{ "sha256", "ab" },
		{ "sha256", "zzababababababababababababababababababababababababababababababab" },
		{ "new", "yes" },
		{ "digest_error", "EIO" },
		{ "digest_error", "--5" },
		{ "count", "-1" },
		{ "count", "18446744073709551616" },
		{ "pid", "4294967296" },
		{ "pid", " 1" },
		{ "uid", "root" },
		{ "comm", "longer-than-sixteen" },
		{ "device", "8" },
		{ "device", "4096:0" },
		{ "device", "8:1:2" },
	};
	_cleanup_free_
	struct embargo_event *event = embargo_event_new();
	struct embargo_event before = { 0 };

	(void)state;
	assert_non_null(event);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (embargo_event_field_set(event, field_named(cases[i].field), cases[i].text,
					    strlen(cases[i].text)) != -EINVAL)
			fail_msg("%s took '%s'", cases[i].field, cases[i].text);
		assert_memory_equal(event, &before, sizeof(before));
	}
	assert_int_equal(embargo_event_field_set(event, field_named("path"), "/a\0b", 4), -EINVAL);
}

static void report_names_the_rule_and_its_source(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL;
	struct embargo_line line;
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
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
	size_t size;

	(void)state;
	event = make_event("", &size);
	event->count = 14;
	embargo_format_report(event, &line);
	assert_non_null(strstr(line.text, "exec of sha256 abababab"));
	assert_non_null(strstr(line.text, "; 14 times"));
}

static void report_says_why_there_is_no_digest(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL;
	struct embargo_line line;
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
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
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
	embargo_format_notice(event, &line);
	assert_string_equal(line.text,
			    "embargo: /opt/vendor/app: refused (rule vendor-paths of us-vendor, in "
			    "force since 2024-09-29, authority 89 FR 52434)");
	free(TAKE_PTR(event));
	event = make_event("/a\x1b[2J\r\nroot# \xe2\x80\xae\xc2\x9b\xff", &size);
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
	size_t size;

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	event = make_event(path, &size);
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
					    "reason" };
	_cleanup_free_
	struct embargo_event *event = NULL;
	_cleanup_json_ json_t *object = NULL;
	size_t size;

	(void)state;
	event = make_event("/bad\xff", &size);
	object = embargo_format_json(event, "/user.slice");
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
	assert_true(json_is_null(json_object_get(object, "reason")));
	assert_true(json_is_false(json_object_get(object, "new")));
}

static void only_the_right_person_is_told(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL;
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
	assert_true(embargo_terminal_concerns(event));
	event->verdict = EMBARGO_VERDICT_AUDIT;
	assert_false(embargo_terminal_concerns(event));
	event->verdict = EMBARGO_VERDICT_DENY;
	event->flags &= ~(__u32)EMBARGO_EVENT_HOST_MOUNTS;
	assert_false(embargo_terminal_concerns(event));
	event->flags |= EMBARGO_EVENT_HOST_MOUNTS;
	event->tty = 0;
	assert_false(embargo_terminal_concerns(event));
	/* /dev/null is no terminal, and there is no pts of that number */
	event->tty = 1 << 20 | 3;
	assert_int_equal(embargo_terminal_tell(event), -ENXIO);
	event->tty = 136 << 20 | 0xfffff;
	assert_in_range(-embargo_terminal_tell(event), 1, 133);
}

/* A pseudo terminal of our own; @event is made to name it. Returns the master, the slave in @slave.
 */
static int open_terminal(struct embargo_event *event, int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (master < 0 || grantpt(master) || unlockpt(master))
		skip();
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*slave < 0 || fstat(*slave, &status))
		skip();
	event->tty = major(status.st_rdev) << 20 | minor(status.st_rdev);
	return master;
}

static void notice_reaches_the_terminal(void **state)
{
	_cleanup_close_ int master = -1, slave = -1;
	_cleanup_free_
	struct embargo_event *event = NULL;
	char shown[1024] = "";
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
	master = open_terminal(event, &slave);
	assert_int_equal(embargo_terminal_tell(event), 0);
	assert_true(read(master, shown, sizeof(shown) - 1) > 0);
	assert_non_null(strstr(shown, "embargo: /opt/vendor/app: refused"));
}

static void full_terminal_is_not_waited_for(void **state)
{
	static const char block[4096];
	_cleanup_close_ int master = -1, slave = -1;
	_cleanup_free_
	struct embargo_event *event = NULL;
	size_t size;

	(void)state;
	event = make_event(PATH, &size);
	master = open_terminal(event, &slave);
	while (write(slave, block, sizeof(block)) > 0 || write(slave, block, 1) > 0)
		;
	alarm(10);
	assert_int_equal(embargo_terminal_tell(event), -EAGAIN);
	alarm(0);
}

static void repetition_is_told_as_its_event(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL, *told = embargo_event_new();
	struct embargo_repeat_cache cache = { 0 };
	struct embargo_recent_key key = { .uid = 1000,
					  .operation = EMBARGO_OPERATION_EXEC,
					  .verdict = EMBARGO_VERDICT_DENY };
	const struct embargo_event *checked;
	size_t size;

	(void)state;
	assert_non_null(told);
	event = make_event(PATH, &size);
	embargo_repeat_remember(&cache, event);
	memcpy(key.subject, event->digest, sizeof(key.subject));
	embargo_repeat_tell(&cache, &key, &event->reason, 7, SINCE_NS + 9, told);
	assert_string_equal(told->path, PATH);
	assert_int_equal(told->count, 7);
	assert_int_equal(told->time, SINCE_NS + 9);
	assert_int_equal(told->tty, 0);
	key.uid = 1001;
	embargo_repeat_tell(&cache, &key, &event->reason, 7, SINCE_NS, told);
	assert_string_equal(told->path, "");
	assert_true(told->flags & EMBARGO_EVENT_DIGEST);
	assert_int_equal(embargo_event_check(told, sizeof(*told) + EMBARGO_PATH_LONG, &checked), 0);
	embargo_repeat_forget(&cache);
}

static void repetition_without_digest_names_the_inode(void **state)
{
	_cleanup_free_
	struct embargo_event *told = embargo_event_new();
	struct embargo_repeat_cache cache = { 0 };
	struct embargo_recent_key key = { .operation = EMBARGO_OPERATION_MAP,
					  .verdict = EMBARGO_VERDICT_AUDIT };
	const __u64 identity[] = { 77, 8 << 20 | 1 };
	struct embargo_reason reason = { .rule = "paths" };

	(void)state;
	assert_non_null(told);
	memcpy(key.subject, identity, sizeof(identity));
	embargo_repeat_tell(&cache, &key, &reason, 1, SINCE_NS, told);
	assert_int_equal(told->inode, 77);
	assert_int_equal(told->device, 8 << 20 | 1);
	assert_false(told->flags & EMBARGO_EVENT_DIGEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_record_passes),
		cmocka_unit_test(bad_records_are_refused),
		cmocka_unit_test(cut_records_are_refused),
		cmocka_unit_test(fields_survive_both_ways),
		cmocka_unit_test(bad_field_texts_are_refused),
		cmocka_unit_test(report_names_the_rule_and_its_source),
		cmocka_unit_test(report_of_a_repetition_names_the_digest),
		cmocka_unit_test(report_says_why_there_is_no_digest),
		cmocka_unit_test(notice_is_one_printable_line),
		cmocka_unit_test(longest_path_fits),
		cmocka_unit_test(json_has_the_keys_that_tools_rely_on),
		cmocka_unit_test(only_the_right_person_is_told),
		cmocka_unit_test(notice_reaches_the_terminal),
		cmocka_unit_test(full_terminal_is_not_waited_for),
		cmocka_unit_test(repetition_is_told_as_its_event),
		cmocka_unit_test(repetition_without_digest_names_the_inode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
