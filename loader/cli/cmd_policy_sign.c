// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy sign`: a signature beside a policy, over the bytes that were found good. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/base/replace.h"
#include "loader/cli/cmd_policy.h"
#include "loader/crypto/sign.h"
#include "loader/crypto/signed.h"
#include "loader/kernel/clock.h"
#include "loader/policy/policy.h"
#include "loader/trust/trust.h"

struct options {
	const char *key;
	const char *certificate;
	const char *passphrase_file;
	bool add;
};

static const struct embargo_option table[] = {
	{ .name = "key",
	  .argument = "FILE",
	  .summary = "the private key, in PEM",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, key) },
	{ .name = "certificate",
	  .argument = "FILE",
	  .summary = "its certificate, and those between it and the anchor, in PEM",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, certificate) },
	{ .name = "passphrase-file",
	  .argument = "FILE",
	  .summary = "the passphrase of the key is its first line; asked for otherwise",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, passphrase_file) },
	{ .name = "add",
	  .summary = "keep who has signed already",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, add) },
	EMBARGO_OPTIONS_END,
};

/* The first line of @file, without its end. */
static int read_line(FILE *file, char *buffer, int size)
{
	if (!fgets(buffer, size, file))
		return -ENODATA;
	buffer[strcspn(buffer, "\r\n")] = '\0';
	return (int)strlen(buffer);
}

static int ask_terminal(const char *key, char *buffer, int size)
{
	_cleanup_fclose_ FILE *terminal = fopen("/dev/tty", "r+e");
	struct termios shown, hidden;
	int length;

	if (!terminal || tcgetattr(fileno(terminal), &shown))
		return -ENOTTY;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(terminal, "Passphrase of %s: ", key);
	fflush(terminal);
	tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
	length = read_line(terminal, buffer, size);
	tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
	fputs("\n", terminal);
	return length;
}

static int ask(void *context, char *buffer, int size)
{
	const struct options *options = context;
	_cleanup_fclose_ FILE *file = NULL;

	if (!options->passphrase_file)
		return ask_terminal(options->key, buffer, size);
	file = fopen(options->passphrase_file, "re");
	return file ? read_line(file, buffer, size) : -errno;
}

static int read_pem(const char *path, char **pem, size_t *size)
{
	int error = embargo_file_read(path, EMBARGO_SIGNING_FILE, pem, size);

	if (error)
		embargo_log_error(path, "%s; name a file in PEM", embargo_file_error(error));
	return error;
}

static int open_signing(struct options *options, struct embargo_signing **signing)
{
	struct embargo_diagnostic diagnostic = { 0 };
	_cleanup_free_
	char *key = NULL;
	_cleanup_free_
	char *certificates = NULL;
	size_t key_size = 0, size = 0;
	int error = read_pem(options->key, &key, &key_size);

	if (!error)
		error = read_pem(options->certificate, &certificates, &size);
	if (error)
		return error;
	error = embargo_signing_open(key, key_size, certificates, size, ask, options, signing,
				     &diagnostic);
	explicit_bzero(key, key_size);
	if (error)
		embargo_log_diagnostic(error == -ENOKEY ? options->key : options->certificate,
				       &diagnostic);
	return error;
}

static void warn(void *context, const struct embargo_diagnostic *warning)
{
	struct embargo_diagnostic said = *warning;

	(void)context;
	snprintf(said.what, sizeof(said.what), "warning: %.480s", warning->what);
	embargo_log_diagnostic(NULL, &said);
}

/* What a host would refuse is not signed: whoever signs puts it in force on many. */
static int read_policy(const char *file, struct embargo_policy **policy,
		       struct embargo_diagnostic *diagnostic)
{
	int error = embargo_policy_read(file, policy, diagnostic);

	if (!error)
		error = embargo_policy_lint(*policy, embargo_clock_now(), warn, NULL, diagnostic);
	if (!error) {
		(*policy)->is_signed = true;
		error = embargo_policy_check_lists(*policy, diagnostic);
	}
	return error;
}

static int sign(const struct embargo_signing *signing, const struct embargo_policy *policy,
		const char *path, bool add, struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	char *former = NULL;
	_cleanup_free_
	uint8_t *der = NULL;
	size_t former_size = 0, size = 0;
	int error = 0;

	embargo_diagnostic_at(diagnostic, path, 0, 0);
	if (add)
		error = embargo_file_read(path, EMBARGO_SIGNED_SIZE, &former, &former_size);
	if (error) {
		embargo_diagnostic_remedy(diagnostic, "sign without --add first");
		return embargo_diagnostic_what(diagnostic, error, "%s", embargo_file_error(error));
	}
	error = embargo_signing_sign(signing, policy->text, policy->text_length, former,
				     former_size, &der, &size, diagnostic);
	if (error)
		return error;
	error = embargo_file_replace(path, der, size, 0644);
	if (error)
		embargo_diagnostic_what(diagnostic, error, "%s", strerror(-error));
	return error;
}

static int sign_file(const struct embargo_signing *signing, const char *file, bool add)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_policy *policy = NULL;
	char path[PATH_MAX];
	int error = read_policy(file, &policy, &diagnostic);

	snprintf(path, sizeof(path), "%s" EMBARGO_TRUST_SUFFIX, file);
	if (!error)
		error = sign(signing, policy, path, add, &diagnostic);
	embargo_policy_free(policy);
	if (error) {
		if (!diagnostic.what[0])
			embargo_diagnostic_what(&diagnostic, error, "%s", strerror(-error));
		embargo_log_diagnostic(file, &diagnostic);
		return error;
	}
	printf("%s\n", path);
	return 0;
}

static int run(int argc, char **argv)
{
	struct embargo_signing *signing = NULL;
	struct options options = { 0 };
	int status = embargo_options_parse(&embargo_verb_policy_sign, &argc, &argv, &options);
	int failed = 0;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc || !options.key || !options.certificate)
		return embargo_options_refuse(&embargo_verb_policy_sign, NULL);
	if (open_signing(&options, &signing))
		return EMBARGO_EXIT_FAILURE;
	for (int i = 0; i < argc; i++)
		failed |= sign_file(signing, argv[i], options.add);
	embargo_signing_close(signing);
	return failed ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_sign = {
	.name = "policy sign",
	.operands = "--key FILE --certificate FILE FILE...",
	.summary = "sign policies: FILE.p7s beside each",
	.details =
		"Refuses what `embargo policy lint` refuses, and a digest list without a sha256.",
	.options = table,
	.run = run,
};
