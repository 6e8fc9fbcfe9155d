// SPDX-License-Identifier: GPL-2.0-or-later
/* Repetitions: told as the event that they repeat, or by what the key says. */
#include "loader/base/cleanup.h"
#include "loader/event/repeat.h"
#include "tests/unit/event_fixture.h"

static void repetition_is_told_as_its_event(void **state)
{
	struct embargo_event *event = *state;
	_cleanup_free_
	struct embargo_event *told = embargo_event_new();
	struct embargo_repeat_cache cache = { 0 };
	struct embargo_recent_key key = { .uid = 1000,
					  .operation = EMBARGO_OPERATION_EXEC,
					  .verdict = EMBARGO_VERDICT_DENY };
	const struct embargo_event *checked;

	assert_non_null(told);
	embargo_repeat_remember(&cache, event);
	memcpy(key.subject, event->digest, sizeof(key.subject));
	embargo_repeat_tell(&cache, &key, &event->reason, NULL, 7, SINCE_NS + 9, told);
	assert_string_equal(told->path, PATH);
	assert_int_equal(told->count, 7);
	assert_int_equal(told->time, SINCE_NS + 9);
	assert_int_equal(told->tty, 0);
	key.uid = 1001;
	embargo_repeat_tell(&cache, &key, &event->reason, NULL, 7, SINCE_NS, told);
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
	embargo_repeat_tell(&cache, &key, &reason, NULL, 1, SINCE_NS, told);
	assert_int_equal(told->inode, 77);
	assert_int_equal(told->device, 8 << 20 | 1);
	assert_false(told->flags & EMBARGO_EVENT_DIGEST);
}

/* Two waivers of one file are two: a repetition under the one is not told as the other's event. */
static void repetition_under_a_waiver_names_its_ticket(void **state)
{
	struct embargo_event *event = *state;
	_cleanup_free_
	struct embargo_event *told = embargo_event_new();
	struct embargo_repeat_cache cache = { 0 };
	struct embargo_recent_key key = { .uid = 1000,
					  .operation = EMBARGO_OPERATION_EXEC,
					  .verdict = EMBARGO_VERDICT_AUDIT,
					  .waiver = 2 };
	struct embargo_permit permit = { .until = SINCE_NS + 100, .ticket = "SEC-2" };

	assert_non_null(told);
	event->verdict = EMBARGO_VERDICT_AUDIT;
	strcpy(event->ticket, "SEC-1");
	embargo_repeat_remember(&cache, event);
	memcpy(key.subject, event->digest, sizeof(key.subject));
	embargo_repeat_tell(&cache, &key, &event->reason, &permit, 7, SINCE_NS + 9, told);
	assert_string_equal(told->ticket, "SEC-2");
	assert_int_equal(told->waived_until, SINCE_NS + 100);
	assert_int_equal(told->action, EMBARGO_ACTION_DENY);
	assert_string_equal(told->path, "");
	strcpy(permit.ticket, "SEC-1");
	embargo_repeat_tell(&cache, &key, &event->reason, &permit, 7, SINCE_NS + 9, told);
	assert_string_equal(told->path, PATH);
	embargo_repeat_forget(&cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EVENT(repetition_is_told_as_its_event),
		cmocka_unit_test(repetition_without_digest_names_the_inode),
		WITH_EVENT(repetition_under_a_waiver_names_its_ticket),
	};

	return cmocka_run_group_tests_name("repeat", tests, NULL, NULL);
}
