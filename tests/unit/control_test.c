// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket's bytes: hostile requests and answers, and an exchange over a real socket. */
#include "loader/control/client.h"
#include "loader/control/server.h"
#include "loader/steward/steward.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"

struct hostile {
	const char *what;
	int error;
	size_t size;
	size_t descriptors;
	uint8_t bytes[20];
};

#define STATUS 'E', 'M', 'B', 'C', 1, 0, 0, 0, 1, 0, 0, 0

static const struct hostile requests[] = {
	{ "as it should be", 0, 16, 0, { STATUS, 1, 0, 0, 0 } },
	{ "nothing", -EPROTO, 0, 0, { 0 } },
	{ "cut off", -EPROTO, 15, 0, { STATUS, 0, 0, 0 } },
	{ "longer", -EPROTO, 17, 0, { STATUS, 0, 0, 0, 0, 0 } },
	{ "an answer", -EPROTO, 16, 0, { 'E', 'M', 'B', 'A', 1, 0, 0, 0, 1 } },
	{ "of version 0", -EPROTONOSUPPORT, 16, 0, { 'E', 'M', 'B', 'C', 0, 0, 0, 0, 1 } },
	{ "of a later version", -EPROTONOSUPPORT, 16, 0, { 'E', 'M', 'B', 'C', 2, 0, 0, 0, 1 } },
	{ "big-endian", -EPROTONOSUPPORT, 16, 0, { 'E', 'M', 'B', 'C', 0, 0, 0, 1, 0, 0, 0, 1 } },
	{ "no verb", -EOPNOTSUPP, 16, 0, { 'E', 'M', 'B', 'C', 1, 0, 0, 0, 0 } },
	{ "the verb behind the last",
	  -EOPNOTSUPP,
	  16,
	  0,
	  { 'E', 'M', 'B', 'C', 1, 0, 0, 0, EMBARGO_CONTROL_VERBS } },
	{ "a verb of all bits",
	  -EOPNOTSUPP,
	  16,
	  0,
	  { 'E', 'M', 'B', 'C', 1, 0, 0, 0, 255, 255, 255, 255 } },
	{ "a form that is none", -EINVAL, 16, 0, { STATUS, 3, 0, 0, 0 } },
	{ "a form of all bits", -EINVAL, 16, 0, { STATUS, 255, 255, 255, 255 } },
	{ "a reload with an argument",
	  -EINVAL,
	  16,
	  0,
	  { 'E', 'M', 'B', 'C', 1, 0, 0, 0, 2, 0, 0, 0, 1 } },
	{ "a descriptor too many", -EBADMSG, 16, 1, { STATUS, 0, 0, 0, 0 } },
};

static void hostile_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		const struct hostile *row = &requests[i];
		struct embargo_control_request request = { EMBARGO_CONTROL_UNKNOWN, 77 };
		int error = embargo_control_request_read(row->bytes, row->size, row->descriptors,
							 &request);

		if (error != row->error)
			fail_msg("%s: %d instead of %d", row->what, error, row->error);
		assert_int_equal(request.argument, error ? 77 : 1);
	}
}

static void requests_come_back(void **state)
{
	const struct embargo_control_request said = { EMBARGO_CONTROL_RELOAD, 0 };
	uint8_t bytes[EMBARGO_CONTROL_REQUEST_SIZE];
	struct embargo_control_request heard;

	(void)state;
	embargo_control_request_write(&said, bytes);
	assert_int_equal(embargo_control_request_read(bytes, sizeof(bytes), 0, &heard), 0);
	assert_int_equal(heard.verb, EMBARGO_CONTROL_RELOAD);
}

static void answers_come_back(void **state)
{
	struct embargo_diagnostic diagnostic = { "a file", 3, 4, "what is wrong", "what to do" };
	struct embargo_control_answer answer = { .document = NULL };
	uint8_t packet[EMBARGO_CONTROL_PACKET];
	size_t size = embargo_control_answer_piece(packet);

	(void)state;
	memset(packet + size, 'x', 100);
	for (int i = 0; i < 2; i++)
		assert_int_equal(embargo_control_answer_take(&answer, packet, size + 100), 0);
	assert_int_equal(answer.size, 200);
	assert_int_equal(strlen(answer.document), 200);
	memset(diagnostic.remedy, 'y', sizeof(diagnostic.remedy) - 1);
	diagnostic.remedy[sizeof(diagnostic.remedy) - 1] = '\0';
	size = embargo_control_answer_end(-ESTALE, &diagnostic, packet);
	assert_int_equal(embargo_control_answer_take(&answer, packet, size), 1);
	assert_int_equal(answer.error, -ESTALE);
	assert_memory_equal(&answer.diagnostic, &diagnostic, sizeof(diagnostic));
	embargo_control_answer_free(&answer);
}

/* Every cut of it, every byte more, and what no server sends. */
static void hostile_answers(void **state)
{
	struct embargo_diagnostic diagnostic = { "a file", 3, 4, "what", "remedy" };
	struct embargo_control_answer answer = { .error = 7 };
	uint8_t packet[EMBARGO_CONTROL_PACKET];
	size_t size = embargo_control_answer_end(-ESTALE, &diagnostic, packet);

	(void)state;
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(embargo_control_answer_take(&answer, packet, cut), -EPROTO);
	assert_int_equal(embargo_control_answer_take(&answer, packet, size + 1), -EPROTO);
	packet[22] = '\0'; /* within a text */
	assert_int_equal(embargo_control_answer_take(&answer, packet, size), -EPROTO);
	packet[22] = 'x';
	packet[10] = 1; /* an error that the kernel has not */
	assert_int_equal(embargo_control_answer_take(&answer, packet, size), -EPROTO);
	packet[10] = 0;
	packet[21] = 2; /* a text longer than it may be */
	assert_int_equal(embargo_control_answer_take(&answer, packet, sizeof(packet)), -EPROTO);
	packet[4] = 3;
	assert_int_equal(embargo_control_answer_take(&answer, packet, size), -EPROTO);
	size = embargo_control_answer_piece(packet);
	assert_int_equal(embargo_control_answer_take(&answer, packet, size), -EPROTO);
	assert_int_equal(answer.error, 7);
	assert_null(answer.document);
}

/* A text that would not fit, in a packet that is else as it should be. */
static void texts_have_a_bound(void **state)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_control_answer answer = { .error = 7 };
	uint8_t packet[EMBARGO_CONTROL_PACKET];
	size_t size = embargo_control_answer_end(0, &diagnostic, packet);

	(void)state;
	memmove(packet + 22 + EMBARGO_DIAGNOSTIC_TEXT, packet + 22, size - 22);
	memset(packet + 22, 'x', EMBARGO_DIAGNOSTIC_TEXT);
	size += EMBARGO_DIAGNOSTIC_TEXT;
	packet[21] = EMBARGO_DIAGNOSTIC_TEXT >> 8;
	assert_int_equal(embargo_control_answer_take(&answer, packet, size), -EPROTO);
	packet[20] = 255;
	packet[21] = 1;
	memmove(packet + 22 + 511, packet + 22 + 512, 4);
	assert_int_equal(embargo_control_answer_take(&answer, packet, size - 1), 1);
}

static void documents_have_a_bound(void **state)
{
	static uint8_t packet[EMBARGO_CONTROL_PACKET];
	struct embargo_control_answer answer = { .document = NULL };
	size_t rounds = 0;
	int error;

	(void)state;
	embargo_control_answer_piece(packet);
	while (!(error = embargo_control_answer_take(&answer, packet, sizeof(packet))) &&
	       rounds < 1000)
		rounds++;
	assert_int_equal(error, -EFBIG);
	assert_true(answer.size <= EMBARGO_CONTROL_DOCUMENT && rounds > 500);
	embargo_control_answer_free(&answer);
}

static void what_was_enacted_comes_back(void **state)
{
	const struct embargo_enacted said = {
		.policy_count = 3,
		.rule_count = 4096,
		.digest_count = 1 << 22,
		.unseen = true,
		.unready = true,
		.editions.unremembered = true,
	};
	uint8_t bytes[EMBARGO_STEWARD_ENACTED_SIZE + 1] = { 0 };
	struct embargo_enacted heard;

	(void)state;
	embargo_steward_enacted_write(&said, bytes);
	assert_int_equal(embargo_steward_enacted_read(bytes, EMBARGO_STEWARD_ENACTED_SIZE, &heard),
			 0);
	assert_true(heard.policy_count == 3 && heard.rule_count == 4096 &&
		    heard.digest_count == 1 << 22 && heard.unseen && heard.unready &&
		    heard.editions.unremembered && !heard.editions.damaged && !heard.unkept &&
		    !heard.terminal);
	assert_int_equal(embargo_steward_enacted_read(bytes, sizeof(bytes), &heard), -EPROTO);
	assert_int_equal(embargo_steward_enacted_read(bytes, 27, &heard), -EPROTO);
	bytes[24] |= 128;
	assert_int_equal(embargo_steward_enacted_read(bytes, EMBARGO_STEWARD_ENACTED_SIZE, &heard),
			 -EPROTO);
}

/* --- over a socket; needs root ------------------------------------------------------------------
 */

static char folder[] = "/tmp/embargo-control-XXXXXX";
static char path[64];
static pid_t server;

/* More than fits into a socket's buffer, so that it takes many packets. */
#define LONG_TEXT 300000

static int say_much(const struct embargo_control_call *call, struct embargo_control_reply *reply)
{
	embargo_diagnostic_what(&reply->diagnostic, 0, "form %u", call->argument);
	reply->size = LONG_TEXT;
	reply->document = malloc(LONG_TEXT);
	memset(reply->document, 'x', LONG_TEXT);
	return -ENOENT;
}

static void serve(void)
{
	static const embargo_control_handler handlers[EMBARGO_CONTROL_VERBS] = {
		[EMBARGO_CONTROL_STATUS] = say_much,
	};
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (embargo_control_listen(path, EMBARGO_CONTROL_NO_GROUP, &listener))
		_exit(1);
	_exit(embargo_control_serve(listener, EMBARGO_CONTROL_NO_GROUP, handlers) ? 1 : 0);
}

static int start(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/c", folder);
	server = fork();
	if (!server)
		serve();
	for (int i = 0; i < 200 && access(path, F_OK); i++)
		usleep(10000);
	return 0;
}

static int stop(void **state)
{
	int status;

	(void)state;
	kill(server, SIGTERM);
	waitpid(server, &status, 0);
	unlink(path);
	rmdir(folder);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

static int ask(enum embargo_control_verb verb, int file, struct embargo_control_answer *answer)
{
	const struct embargo_control_request request = { verb, 0 };

	return embargo_control_ask(path, &request, file, answer);
}

static void an_exchange(void **state)
{
	struct embargo_control_answer answer = { .document = NULL };

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(ask(EMBARGO_CONTROL_STATUS, -1, &answer), 0);
	assert_int_equal(answer.error, -ENOENT);
	assert_int_equal(answer.size, LONG_TEXT);
	assert_string_equal(answer.diagnostic.what, "form 0");
	embargo_control_answer_free(&answer);
	assert_int_equal(ask(EMBARGO_CONTROL_RELOAD, -1, &answer), 0);
	assert_int_equal(answer.error, -EOPNOTSUPP);
	assert_int_equal(ask(EMBARGO_CONTROL_STATUS, STDIN_FILENO, &answer), 0);
	assert_int_equal(answer.error, -EBADMSG);
}

static void nobody_serves(void **state)
{
	struct embargo_control_answer answer = { .document = NULL };
	const struct embargo_control_request request = { EMBARGO_CONTROL_STATUS, 0 };

	(void)state;
	assert_int_equal(embargo_control_ask("/nonexistent/c", &request, -1, &answer), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_requests),
		cmocka_unit_test(requests_come_back),
		cmocka_unit_test(answers_come_back),
		cmocka_unit_test(hostile_answers),
		cmocka_unit_test(texts_have_a_bound),
		cmocka_unit_test(documents_have_a_bound),
		cmocka_unit_test(what_was_enacted_comes_back),
		cmocka_unit_test_setup_teardown(an_exchange, start, stop),
		cmocka_unit_test(nobody_serves),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
