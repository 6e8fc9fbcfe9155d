/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An event to test with: one of PATH for each test, as its state. */
#ifndef EMBARGO_TESTS_UNIT_EVENT_H
#define EMBARGO_TESTS_UNIT_EVENT_H

#include "loader/event/event.h"
#include "tests/unit/unit.h"

#define SINCE_NS INT64_C(1727582400000000000) /* 2024-09-29T04:00:00Z */
#define PATH	 "/opt/vendor/app"

/* A record as the ring buffer hands it out: no byte behind its end. */
static inline struct embargo_event *make_event(const char *path)
{
	struct embargo_event *event = calloc(1, sizeof(*event) + strlen(path) + 1);

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

static inline size_t event_size(const struct embargo_event *event)
{
	return sizeof(*event) + event->path_length + 1;
}

static inline int set_up_event(void **state)
{
	*state = make_event(PATH);
	return 0;
}

static inline int tear_down_event(void **state)
{
	free(*state);
	return 0;
}

#define WITH_EVENT(test) cmocka_unit_test_setup_teardown(test, set_up_event, tear_down_event)

#endif
