// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking the steward, from the verbs. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/control/client.h"
#include "loader/steward/steward.h"

static int ask_with(const struct embargo_control_request *request, int file,
		    struct embargo_control_answer *answer, struct embargo_diagnostic *diagnostic)
{
	int error = embargo_control_ask(EMBARGO_CONTROL_SOCKET, request, file, answer);

	if (!error)
		return 0;
	embargo_diagnostic_at(diagnostic, EMBARGO_CONTROL_SOCKET, 0, 0);
	embargo_diagnostic_remedy(diagnostic, "try again; `embargo status` says what is in force");
	return embargo_diagnostic_what(
		diagnostic, error, "the daemon's steward does not answer: %s", strerror(-error));
}

static int ask(const struct embargo_control_request *request, struct embargo_control_answer *answer,
	       struct embargo_diagnostic *diagnostic)
{
	return ask_with(request, -1, answer, diagnostic);
}

/* Nobody is there, or nobody who would talk to this user: what they may do by hand, they may. */
static bool is_nobody(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED || error == -EACCES || error == -EPERM;
}

int embargo_steward_reload(struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	const struct embargo_control_request request = { EMBARGO_CONTROL_RELOAD, 0 };
	_cleanup_(embargo_control_answer_free) struct embargo_control_answer answer = { 0 };
	struct embargo_diagnostic unheard = { .line = 0 };
	int error = ask(&request, &answer, &unheard);

	if (is_nobody(error) || (!error && answer.error == -EOPNOTSUPP))
		return -ECONNREFUSED;
	if (!error && !answer.error) {
		error = embargo_steward_enacted_read(answer.document, answer.size, enacted);
		if (error)
			embargo_diagnostic_what(&unheard, error,
						"the daemon's steward answers "
						"what is no answer");
	}
	if (error || answer.error)
		*diagnostic = error ? unheard : answer.diagnostic;
	return error ? error : answer.error;
}

int embargo_steward_status(enum embargo_status_form form, struct embargo_control_answer *answer,
			   struct embargo_diagnostic *diagnostic)
{
	const struct embargo_control_request request = { EMBARGO_CONTROL_STATUS, form };

	return ask(&request, answer, diagnostic);
}

/* The guard outlives its daemon; only a daemon reads a token. */
static void advise(int error, struct embargo_diagnostic *diagnostic)
{
	if (error == -ENOENT || error == -ECONNREFUSED)
		embargo_diagnostic_remedy(diagnostic,
					  "only the daemon that closed the guard takes tokens: "
					  "where it runs no more, boot anew");
	else if (error == -EACCES || error == -EPERM)
		embargo_diagnostic_remedy(diagnostic, "run as root");
}

int embargo_steward_unlock(const void *message, size_t size, struct embargo_diagnostic *diagnostic)
{
	const struct embargo_control_request request = { EMBARGO_CONTROL_UNLOCK, 0 };
	_cleanup_(embargo_control_answer_free) struct embargo_control_answer answer = { 0 };
	_cleanup_close_ int file = memfd_create("token", MFD_CLOEXEC);
	int error = file < 0 ? -errno : embargo_file_write(file, message, size);

	if (error) {
		embargo_diagnostic_remedy(diagnostic, "see that there is memory, and try again");
		return embargo_diagnostic_what(diagnostic, error, "the token cannot be sent: %s",
					       strerror(-error));
	}
	error = ask_with(&request, file, &answer, diagnostic);
	advise(error, diagnostic);
	if (!error && answer.error)
		*diagnostic = answer.diagnostic;
	return error ? error : answer.error;
}
