// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo guard unlock|status`: the guard, and how it is opened for a while. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/guard/token.h"
#include "loader/json/json.h"
#include "loader/model/time.h"
#include "loader/status/guard.h"
#include "loader/steward/steward.h"
#include "loader/trust/trust.h"

static const struct embargo_verb verb_status, verb_unlock;

struct options {
	bool json;
};

static const struct embargo_option status_table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

static int print_view(const struct embargo_guard_view *view, bool json)
{
	_cleanup_json_ json_t *object = json ? embargo_guard_to_json(view) : NULL;

	if (json)
		return object ? embargo_json_print(object, stdout) : -ENOMEM;
	embargo_guard_print(view, "", 0, stdout);
	return 0;
}

static int run_status(int argc, char **argv)
{
	struct options options = { 0 };
	struct embargo_guard_view view;
	int status = embargo_options_parse(&verb_status, &argc, &argv, &options);
	int error;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&verb_status, argv[0]);
	error = embargo_guard_look(&view);
	if (error) {
		embargo_log_error("guard", "cannot be seen: %s%s", strerror(-error),
				  error == -EPERM || error == -EACCES ? "; run as root"
								      : "; see embargo doctor");
		return EMBARGO_EXIT_FAILURE;
	}
	error = print_view(&view, options.json);
	if (error) {
		embargo_log_error("guard", "cannot be printed: %s; see that there is room",
				  strerror(-error));
		return EMBARGO_EXIT_FAILURE;
	}
	return embargo_guard_is_closed(&view) ? EMBARGO_EXIT_YES : EMBARGO_EXIT_NO;
}

/* A file of a token's, of @most bytes. */
static int read_part(const char *file, size_t most, const char *remedy, char **bytes, size_t *size,
		     struct embargo_diagnostic *diagnostic)
{
	int error = embargo_file_read(file, most, bytes, size);

	if (!error)
		return 0;
	embargo_diagnostic_at(diagnostic, file, 0, 0);
	if (error == -EACCES || error == -EPERM)
		embargo_diagnostic_remedy(diagnostic, "run as root");
	else if (error == -EFBIG)
		embargo_diagnostic_remedy(
			diagnostic, "name another file: this one may have %zu bytes at most", most);
	else
		embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	return embargo_diagnostic_what(diagnostic, error, "%s", embargo_file_error(error));
}

/* The token, a NUL and its signature. */
static int read_message(const char *file, char *message, size_t *size,
			struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	char *text = NULL;
	_cleanup_free_
	char *der = NULL;
	char path[PATH_MAX];
	size_t length = 0, der_size = 0;
	int error;

	snprintf(path, sizeof(path), "%s" EMBARGO_TRUST_SUFFIX, file);
	error = read_part(file, EMBARGO_TOKEN_SIZE,
			  "name the file that has the token; embargo(8) says what is in it", &text,
			  &length, diagnostic);
	if (!error)
		error = read_part(path, EMBARGO_SIGNED_SIZE,
				  "put the token's signature there: `openssl cms -sign` makes it, "
				  "as embargo-policy(5) shows",
				  &der, &der_size, diagnostic);
	if (error)
		return error;
	memcpy(message, text, length);
	message[length] = '\0';
	memcpy(message + length + 1, der, der_size);
	*size = length + 1 + der_size;
	return 0;
}

static int run_unlock(int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	_cleanup_free_
	char *message = malloc(EMBARGO_TOKEN_MESSAGE);
	int status = embargo_options_parse(&verb_unlock, &argc, &argv, NULL);
	struct embargo_guard_view view;
	size_t size;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc != 1)
		return embargo_options_refuse(&verb_unlock, argc ? argv[1] : NULL);
	if (!message)
		embargo_diagnostic_what(&diagnostic, -ENOMEM, "out of memory");
	if (!message || read_message(argv[0], message, &size, &diagnostic) ||
	    embargo_steward_unlock(message, size, &diagnostic)) {
		embargo_log_diagnostic(argv[0], &diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	if (!embargo_guard_look(&view))
		embargo_guard_print(&view, "", 0, stdout);
	return EMBARGO_EXIT_YES;
}

static const struct embargo_verb verb_unlock = {
	.name = "guard unlock",
	.operands = "TOKEN",
	.summary = "open the guard until the date in a token that is signed for this host",
	.details = "TOKEN is a YAML file; its signatures lie beside it in TOKEN.p7s, as a "
		   "policy's do.\nembargo(8) has its form.",
	.run = run_unlock,
};

static const struct embargo_verb verb_status = {
	.name = "guard status",
	.summary = "say whether the guard is closed, and what it refused",
	.details = "Exits with 1 where it is off or open.",
	.options = status_table,
	.run = run_status,
};

static const struct embargo_verb *const verbs[] = { &verb_unlock, &verb_status, NULL };

const struct embargo_verb embargo_verb_guard = {
	.name = "guard",
	.operands = "unlock|status",
	.summary = "who may switch enforcement off: nobody, or who has a token",
	.verbs = verbs,
};
