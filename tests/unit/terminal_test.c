// SPDX-License-Identifier: GPL-2.0-or-later
/* The terminal of who was refused: the right one, and nobody waits for it. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "loader/base/cleanup.h"
#include "loader/event/to_terminal.h"
#include "tests/unit/event_fixture.h"

static void only_the_right_person_is_told(void **state)
{
	struct embargo_event *event = *state;

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
	struct embargo_event *event = *state;
	char shown[1024] = "";

	master = open_terminal(event, &slave);
	assert_int_equal(embargo_terminal_tell(event), 0);
	assert_true(read(master, shown, sizeof(shown) - 1) > 0);
	assert_non_null(strstr(shown, "embargo: /opt/vendor/app: refused"));
}

/* Fills the terminal. The kernel moves bytes on behind our back, so it is full when it stays so. */
static void fill(int slave)
{
	static const char block[4096];

	for (int full = 0; full < 5; full++) {
		while (write(slave, block, sizeof(block)) > 0 || write(slave, block, 1) > 0)
			full = 0;
		usleep(20000);
	}
}

static void full_terminal_is_not_waited_for(void **state)
{
	_cleanup_close_ int master = -1, slave = -1;
	struct embargo_event *event = *state;

	master = open_terminal(event, &slave);
	fill(slave);
	alarm(10);
	assert_int_equal(embargo_terminal_tell(event), -EAGAIN);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EVENT(only_the_right_person_is_told),
		WITH_EVENT(notice_reaches_the_terminal),
		WITH_EVENT(full_terminal_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
