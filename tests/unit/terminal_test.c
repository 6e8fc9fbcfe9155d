// SPDX-License-Identifier: GPL-2.0-or-later
/* The terminal of who was refused: the right one, and nobody waits for it. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-event.h>

#include "loader/daemon/terminals.h"
#include "loader/event/to_terminal.h"
#include "tests/unit/event_fixture.h"

static void only_the_right_person_is_told(void **state)
{
	const struct embargo_line line = { 1, "x" };
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
	assert_int_equal(embargo_terminal_tell(1 << 20 | 3, &line), -ENXIO);
	assert_in_range(-embargo_terminal_tell(136 << 20 | 0xfffff, &line), 1, 133);
}

/* A pseudo terminal of our own; @event is made to name it. Returns the master, the slave in @slave.
 */
static int open_terminal(struct embargo_event *event, int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (master < 0 || grantpt(master) || unlockpt(master))
		skip();
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*slave < 0 || fstat(*slave, &status))
		skip();
	event->tty = major(status.st_rdev) << 20 | minor(status.st_rdev);
	return master;
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

/* What the terminal shows by now, without the bytes that filled it: how many notices. */
static int notices(int master, char *last, size_t size)
{
	char shown[4096];
	int count = 0;
	ssize_t got;

	while ((got = read(master, shown, sizeof(shown))) > 0)
		for (ssize_t i = 0; i < got; i++) {
			size_t length = strlen(last);

			if (shown[i] && length + 1 < size)
				last[length] = shown[i];
		}
	for (const char *at = last; (at = strstr(at, ": refused")); at++)
		count++;
	return count;
}

static void run_for(sd_event *loop, unsigned int milliseconds)
{
	for (unsigned int i = 0; i < milliseconds / 10; i++)
		assert_true(sd_event_run(loop, 10000) >= 0);
}

struct daemon {
	struct embargo_event *event;
	struct embargo_terminals *terminals;
	sd_event *loop;
	int master, slave;
};

static struct daemon begin(void **state)
{
	struct daemon daemon = { .event = *state };

	daemon.master = open_terminal(daemon.event, &daemon.slave);
	assert_true(sd_event_new(&daemon.loop) >= 0);
	assert_int_equal(embargo_terminals_create(daemon.loop, &daemon.terminals), 0);
	return daemon;
}

static void end(struct daemon *daemon)
{
	embargo_terminals_free(daemon->terminals);
	sd_event_unref(daemon->loop);
	close(daemon->master);
	close(daemon->slave);
}

static void notice_reaches_the_terminal(void **state)
{
	struct daemon daemon = begin(state);
	char shown[8192] = "";

	embargo_terminals_tell(daemon.terminals, daemon.event);
	assert_int_equal(notices(daemon.master, shown, sizeof(shown)), 1);
	assert_non_null(strstr(shown, "embargo: /opt/vendor/app: refused"));
	run_for(daemon.loop, 100);
	assert_int_equal(notices(daemon.master, shown, sizeof(shown)), 1);
	end(&daemon);
}

/* The kernel gives the same answer where another process is just writing to the terminal. */
static void busy_terminal_is_told_later(void **state)
{
	struct daemon daemon = begin(state);
	char shown[8192] = "";

	fill(daemon.slave);
	alarm(10);
	embargo_terminals_tell(daemon.terminals, daemon.event);
	run_for(daemon.loop, 100);
	assert_int_equal(notices(daemon.master, shown, sizeof(shown)), 0);
	for (int i = 0; i < 20 && !notices(daemon.master, shown, sizeof(shown)); i++)
		run_for(daemon.loop, 100);
	run_for(daemon.loop, 1000);
	assert_int_equal(notices(daemon.master, shown, sizeof(shown)), 1);
	assert_non_null(strstr(shown, "embargo: /opt/vendor/app: refused"));
	alarm(0);
	end(&daemon);
}

/* Not for ever, and not for however many. */
static void stopped_terminal_is_given_up(void **state)
{
	struct daemon daemon = begin(state);
	char shown[8192] = "";
	int told;

	fill(daemon.slave);
	alarm(30);
	for (int i = 0; i < 20; i++)
		embargo_terminals_tell(daemon.terminals, daemon.event);
	run_for(daemon.loop, 100);
	notices(daemon.master, shown, sizeof(shown));
	run_for(daemon.loop, 1500);
	told = notices(daemon.master, shown, sizeof(shown));
	assert_in_range(told, 1, 8);
	memset(shown, 0, sizeof(shown));
	fill(daemon.slave);
	embargo_terminals_tell(daemon.terminals, daemon.event);
	run_for(daemon.loop, 6500);
	notices(daemon.master, shown, sizeof(shown));
	run_for(daemon.loop, 4500); /* were it tried on: 10.2 s */
	assert_int_equal(notices(daemon.master, shown, sizeof(shown)), 0);
	alarm(0);
	end(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EVENT(only_the_right_person_is_told),
		WITH_EVENT(notice_reaches_the_terminal),
		WITH_EVENT(busy_terminal_is_told_later),
		WITH_EVENT(stopped_terminal_is_given_up),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
