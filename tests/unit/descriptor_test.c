// SPDX-License-Identifier: GPL-2.0-or-later
/* Open files from one process to another: as many as were asked for or none, and none left open. */
#include "loader/base/descriptor.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

static int ends[2];

static int set_up(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	return 0;
}

/* Wants no descriptor of its own. */
static int count_open(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What this room does not send: any bytes, any number of descriptors. */
static void send_any(const char *bytes, size_t size, const int *fds, size_t count)
{
	union {
		char buffer[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control = { .buffer = { 0 } };
	struct iovec data = { (void *)bytes, size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *header;

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(ends[0], &message, 0), size);
}

/* Nothing of a message that is refused is kept. */
static void expect_refused(int error, size_t count)
{
	int fds[EMBARGO_DESCRIPTORS_MAX] = { -7, -7 }, open = count_open();
	char byte = 'u';

	assert_int_equal(embargo_descriptor_receive(ends[1], MSG_DONTWAIT, &byte, fds, count),
			 error);
	assert_int_equal(count_open(), open);
	assert_int_equal(byte, 'u');
	assert_int_equal(fds[0], -7);
	assert_int_equal(fds[1], -7);
}

static void hands_files_over(void **state)
{
	const int sent[] = { unit_file("one", 3), unit_file("second", 6) };
	struct stat status;
	int got[2];
	char byte;

	(void)state;
	for (size_t count = 1; count <= 2; count++) {
		assert_int_equal(embargo_descriptor_send(ends[0], 0, 'q', sent, count), 0);
		assert_int_equal(embargo_descriptor_receive(ends[1], 0, &byte, got, count), count);
		assert_int_equal(byte, 'q');
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(fstat(got[i], &status), 0);
			assert_int_equal(status.st_size, i ? 6 : 3);
			assert_int_equal(fcntl(got[i], F_GETFD), FD_CLOEXEC);
			close(got[i]);
		}
	}
	close(sent[0]);
	close(sent[1]);
}

static void a_message_may_have_none(void **state)
{
	int fd = -7;
	char byte;

	(void)state;
	send_any("n", 1, NULL, 0);
	assert_int_equal(embargo_descriptor_receive(ends[1], 0, &byte, &fd, 1), 0);
	assert_int_equal(byte, 'n');
	assert_int_equal(fd, -7);
}

/* Two fit where there is room for one: CMSG_SPACE() rounds up. */
static void other_numbers_are_refused(void **state)
{
	static const struct {
		size_t sent, wanted;
	} cases[] = { { 2, 1 }, { 3, 1 }, { 8, 1 }, { 1, 2 }, { 3, 2 }, { 8, 2 } };
	int fds[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		fds[i] = ends[0];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		send_any("q", 1, fds, cases[i].sent);
		expect_refused(-EBADMSG, cases[i].wanted);
	}
}

static void longer_messages_are_refused(void **state)
{
	(void)state;
	send_any("qq", 2, ends, 1);
	expect_refused(-EBADMSG, 1);
	send_any("qq", 2, NULL, 0);
	expect_refused(-EBADMSG, 1);
}

/* The kernel then hands over what there is room for, and says that this was not all. */
static void no_room_is_not_none(void **state)
{
	struct rlimit limit, full;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	full = limit;
	for (rlim_t room = 0; room < 2; room++) {
		int lowest = dup(ends[0]);

		close(lowest);
		send_any("q", 1, ends, 2);
		full.rlim_cur = (rlim_t)lowest + room;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
		expect_refused(-EBADMSG, 2);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	}
}

static void a_peer_that_closed_is_told_of(void **state)
{
	(void)state;
	expect_refused(-EAGAIN, 1);
	close(ends[0]);
	ends[0] = -1;
	expect_refused(-EPIPE, 1);
	assert_int_equal(embargo_descriptor_send(ends[1], 0, 'q', ends + 1, 1), -EPIPE);
}

static void counts_are_bounded(void **state)
{
	int fds[3] = { 0, 1, 2 };
	char byte;

	(void)state;
	assert_int_equal(embargo_descriptor_send(ends[0], 0, 'q', fds, 0), -EINVAL);
	assert_int_equal(embargo_descriptor_send(ends[0], 0, 'q', fds, 3), -EINVAL);
	assert_int_equal(embargo_descriptor_receive(ends[1], 0, &byte, fds, 3), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_file_has_its_path(void **state)
{
	char name[] = "/tmp/embargo-descriptor-XXXXXX", path[PATH_MAX], gone[64];
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(embargo_descriptor_path(fd, path), 0);
	assert_string_equal(path, name);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(embargo_descriptor_path(fd, path), 0);
	snprintf(gone, sizeof(gone), "%s (deleted)", name);
	assert_string_equal(path, gone);
	close(fd);
	assert_int_equal(embargo_descriptor_path(fd, path), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hands_files_over),		 TEST(a_message_may_have_none),
		TEST(other_numbers_are_refused), TEST(longer_messages_are_refused),
		TEST(no_room_is_not_none),	 TEST(a_peer_that_closed_is_told_of),
		TEST(counts_are_bounded),	 TEST(a_file_has_its_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
