// SPDX-License-Identifier: GPL-2.0-or-later
/* Asks over the control socket as the program would, and as it never does. */
#include <sys/socket.h>
#include <sys/wait.h>

#include "helper.h"
#include "loader/base/socket.h"
#include "loader/control/client.h"

static const struct embargo_control_request status = { EMBARGO_CONTROL_STATUS, 1 };
static const struct embargo_control_request reload = { EMBARGO_CONTROL_RELOAD, 0 };

static int told(int error, const struct embargo_control_answer *answer)
{
	if (error)
		printf("no answer: %s\n", strerrorname_np(-error));
	else
		printf("answer: %s, %zu bytes\n",
		       answer->error ? strerrorname_np(-answer->error) : "0", answer->size);
	return error || answer->error;
}

static int ask(const struct embargo_control_request *request, int file)
{
	struct embargo_control_answer answer = { .document = NULL };

	return told(embargo_control_ask(EMBARGO_CONTROL_SOCKET, request, file, &answer), &answer);
}

/* @count connections that send @size bytes of a request and read nothing, for @seconds. */
static int hold(int count, unsigned int seconds, size_t size)
{
	uint8_t bytes[EMBARGO_CONTROL_REQUEST_SIZE];
	int held = 0, fd;

	embargo_control_request_write(&status, bytes);
	for (int i = 0; i < count; i++) {
		if (embargo_socket_connect(EMBARGO_CONTROL_SOCKET, &fd))
			continue;
		held += !size || send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
	}
	printf("held %d\n", held);
	fflush(stdout);
	sleep(seconds);
	return 0;
}

static int crowd(int count)
{
	int answered = 0, left;

	for (int i = 0; i < count; i++)
		if (!fork()) {
			struct embargo_control_answer answer = { .document = NULL };
			int error =
				embargo_control_ask(EMBARGO_CONTROL_SOCKET, &status, -1, &answer);

			_exit(error || answer.error || answer.size < 100);
		}
	for (int child; wait(&child) > 0;)
		answered += WIFEXITED(child) && !WEXITSTATUS(child);
	left = count - answered;
	printf("answered=%d failed=%d\n", answered, left);
	return left != 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (!strcmp(word, "status"))
		return ask(&status, -1);
	if (!strcmp(word, "reload"))
		return ask(&reload, -1);
	if (!strcmp(word, "descriptor"))
		return ask(&reload, 0);
	if (!strcmp(word, "hold") && argc == 5)
		return hold(atoi(argv[2]), (unsigned int)atoi(argv[3]), (size_t)atoi(argv[4]));
	if (!strcmp(word, "crowd") && argc == 3)
		return crowd(atoi(argv[2]));
	fputs("ask status | reload | descriptor | hold COUNT SECONDS BYTES | crowd COUNT\n",
	      stderr);
	return 2;
}
