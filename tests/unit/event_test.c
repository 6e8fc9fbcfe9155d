// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: hostile records are refused, and fields survive the way there and back. */
#include <errno.h>

#include "loader/base/cleanup.h"
#include "tests/unit/event_fixture.h"

static void good_record_passes(void **state)
{
	const struct embargo_event *checked = NULL;
	struct embargo_event *event = *state;

	assert_int_equal(embargo_event_check(event, event_size(event), &checked), 0);
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

static void fill_ticket(struct embargo_event *event)
{
	memset(event->ticket, 'x', sizeof(event->ticket));
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
		{ "ticket without NUL", fill_ticket },
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

		event = make_event(PATH);
		size = event_size(event);
		cases[i].spoil(event);
		if (embargo_event_check(event, size, &checked) != -EBADMSG || checked)
			fail_msg("passed: %s", cases[i].why);
	}
}

/* Each shorter record is a heap block of its own, so that a sanitizer sees a step too far. */
static void cut_records_are_refused(void **state)
{
	struct embargo_event *event = *state;
	const struct embargo_event *checked = NULL;

	for (size_t length = 0; length < event_size(event); length++) {
		_cleanup_free_
		void *cut = malloc(length ? length : 1);

		assert_non_null(cut);
		memcpy(cut, event, length);
		assert_int_equal(embargo_event_check(cut, length, &checked), -EBADMSG);
	}
}

static void cut_sightings_are_refused(void **state)
{
	static const char path[] = "/opt/vendor/app";
	const size_t size = sizeof(struct embargo_sighting) + sizeof(path);
	const struct embargo_sighting *checked = NULL;
	_cleanup_free_
	struct embargo_sighting *sighting = calloc(1, size);

	(void)state;
	assert_non_null(sighting);
	sighting->path_length = sizeof(path) - 1;
	memcpy(sighting->path, path, sizeof(path));
	for (size_t length = 0; length < size; length++) {
		_cleanup_free_
		void *cut = malloc(length ? length : 1);

		assert_non_null(cut);
		memcpy(cut, sighting, length);
		assert_int_equal(embargo_sighting_check(cut, length, &checked), -EBADMSG);
	}
	sighting->path_length--;
	assert_int_equal(embargo_sighting_check(sighting, size, &checked), -EBADMSG);
	sighting->path_length = UINT32_MAX;
	assert_int_equal(embargo_sighting_check(sighting, size, &checked), -EBADMSG);
	assert_null(checked);
	sighting->path_length = sizeof(path) - 1;
	assert_int_equal(embargo_sighting_check(sighting, size, &checked), 0);
	assert_ptr_equal(checked, sighting);
}

static void fields_survive_both_ways(void **state)
{
	_cleanup_free_
	struct embargo_event *event = NULL, *copy = embargo_event_new();
	char text[EMBARGO_EVENT_FIELD_TEXT], again[EMBARGO_EVENT_FIELD_TEXT];
	const struct embargo_event *checked;
	size_t length;

	(void)state;
	assert_non_null(copy);
	event = make_event("/odd\n\xff\x1b]0;name\a/file");
	event->flags |= EMBARGO_EVENT_NEW | EMBARGO_EVENT_NO_DIGEST | EMBARGO_EVENT_EVASION;
	event->error = -EIO;
	event->waived_until = SINCE_NS;
	strcpy(event->ticket, "SEC-1");
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
	assert_memory_equal(copy, event, event_size(event));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EVENT(good_record_passes),
		cmocka_unit_test(bad_records_are_refused),
		WITH_EVENT(cut_records_are_refused),
		cmocka_unit_test(cut_sightings_are_refused),
		cmocka_unit_test(fields_survive_both_ways),
		cmocka_unit_test(bad_field_texts_are_refused),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
