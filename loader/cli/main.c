// SPDX-License-Identifier: GPL-2.0-or-later
/* The program: finds the verb and runs it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/cli/usage.h"
#include "loader/crypto/openssl.h"

#define ENTER(name) &embargo_verb_##name,
const struct embargo_verb *const embargo_verbs[] = { EMBARGO_VERBS(ENTER) NULL };
#undef ENTER

/* The verb of @verbs whose own word (the last of its name) is @word, or NULL. */
static const struct embargo_verb *find(const struct embargo_verb *const *verbs, const char *word)
{
	for (; *verbs; verbs++) {
		const char *space = strrchr((*verbs)->name, ' ');

		if (!strcmp(space ? space + 1 : (*verbs)->name, word))
			return *verbs;
	}
	return NULL;
}

static int refuse(const char *word, const char *help)
{
	embargo_log_error(word, "is no verb that embargo knows; see embargo %s", help);
	return EMBARGO_EXIT_FAILURE;
}

static bool asks_for_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* `embargo help [VERB [VERB]]` */
static int print_help(int argc, char **argv)
{
	const struct embargo_verb *verb;

	if (argc < 2) {
		embargo_usage_program(stdout, embargo_verbs);
		return EMBARGO_EXIT_YES;
	}
	verb = find(embargo_verbs, argv[1]);
	if (verb && argc > 2 && verb->verbs)
		verb = find(verb->verbs, argv[2]);
	if (!verb)
		return refuse(argv[argc > 2 ? 2 : 1], "help");
	embargo_usage_verb(stdout, verb);
	return EMBARGO_EXIT_YES;
}

/* Runs a verb that has verbs of its own. */
static int run_below(const struct embargo_verb *verb, int argc, char **argv)
{
	const struct embargo_verb *below;

	if (argc < 2) {
		embargo_usage_verb(stderr, verb);
		return EMBARGO_EXIT_FAILURE;
	}
	if (asks_for_help(argv[1])) {
		embargo_usage_verb(stdout, verb);
		return EMBARGO_EXIT_YES;
	}
	below = find(verb->verbs, argv[1]);
	if (!below) {
		embargo_log_error(argv[1], "is no verb of embargo %s; see embargo help %s",
				  verb->name, verb->name);
		return EMBARGO_EXIT_FAILURE;
	}
	return below->run(argc - 1, argv + 1);
}

static int run(int argc, char **argv)
{
	const struct embargo_verb *verb;

	if (argc < 2) {
		embargo_usage_program(stderr, embargo_verbs);
		return EMBARGO_EXIT_FAILURE;
	}
	if (asks_for_help(argv[1]) || !strcmp(argv[1], "help"))
		return print_help(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version")) {
		puts("embargo " EMBARGO_VERSION);
		return EMBARGO_EXIT_YES;
	}
	verb = find(embargo_verbs, argv[1]);
	if (!verb)
		return refuse(argv[1], "help");
	if (verb->verbs)
		return run_below(verb, argc - 1, argv + 1);
	return verb->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status;

	if (embargo_openssl_prepare()) {
		embargo_log_error("OpenSSL", "cannot be used");
		return EMBARGO_EXIT_FAILURE;
	}
	status = run(argc, argv);

	/* An answer that did not reach its reader was not given. */
	if (fflush(stdout) || ferror(stdout)) {
		embargo_log_error("standard output", "%s", strerror(errno));
		return EMBARGO_EXIT_FAILURE;
	}
	return status;
}
