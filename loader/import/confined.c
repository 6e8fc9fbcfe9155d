// SPDX-License-Identifier: GPL-2.0-or-later
/* The process in which a source is read, and what it says. */
#include "loader/import/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/json/json.h"
#include "loader/sandbox/sandbox.h"

/* Standard input, output and error, the source, the pipe, and what a library needs at once. */
#define DESCRIPTORS 8

static const char *const calls[] = {
	"brk",	 "clock_gettime",   "close",	      "exit",	      "exit_group", "fstat",
	"futex", "getpid",	    "getrandom",      "gettid",	      "lseek",	    "madvise",
	"mmap",	 "mprotect",	    "mremap",	      "munmap",	      "newfstatat", "pread64",
	"read",	 "restart_syscall", "rt_sigprocmask", "rt_sigreturn", "write",	    NULL,
};

static const struct embargo_sandbox sandbox = { calls, NULL };

enum saying {
	SAYING_UNKNOWN,
	SAYING_ENTRY,
	SAYING_PACKAGE,
	SAYING_SUPPLIER,
	SAYING_NOTE,
	SAYING_PROGRESS,
	SAYING_RESULT,
};

#define TEXTS 4
#define NONE  UINT32_MAX /* the length of a text that is NULL */

/*
 * One saying; both sides are the same program. No member is of a type of which some bytes are no
 * value: the other side may have been taken over.
 *
 *   struct message | text 0 | text 1 | text 2 | text 3       each of its length, without a NUL
 */
struct message {
	uint32_t saying; /* enum saying */
	struct embargo_digest digest;
	uint32_t sized;
	uint32_t kind;
	uint64_t numbers[2]; /* size; count; done and total */
	int64_t from, until;
	int error;
	unsigned int line, column;
	uint32_t lengths[TEXTS];
};

typedef const char *const texts_t[TEXTS];

static int say(FILE *pipe, struct message *message, texts_t texts)
{
	for (size_t i = 0; i < TEXTS; i++)
		message->lengths[i] =
			texts[i] ? (uint32_t)strnlen(texts[i], EMBARGO_IMPORT_TEXT - 1) : NONE;
	if (fwrite(message, sizeof(*message), 1, pipe) != 1)
		return -EPIPE;
	for (size_t i = 0; i < TEXTS; i++)
		if (texts[i] && message->lengths[i] &&
		    fwrite(texts[i], message->lengths[i], 1, pipe) != 1)
			return -EPIPE;
	return 0;
}

static int say_entry(void *context, const struct embargo_import_entry *entry)
{
	struct message message = {
		.saying = SAYING_ENTRY,
		.digest = entry->digest,
		.sized = entry->sized,
		.kind = entry->kind,
		.numbers = { entry->size },
		.from = entry->from,
		.until = entry->until,
	};

	return say(context, &message,
		   (texts_t) { entry->name, entry->provenance, entry->supplier });
}

static int say_package(void *context, const struct embargo_import_package *package)
{
	struct message message = { .saying = SAYING_PACKAGE };

	return say(context, &message,
		   (texts_t) { package->name, package->provenance, package->supplier,
			       package->type });
}

static int say_supplier(void *context, const char *name, uint64_t count)
{
	struct message message = { .saying = SAYING_SUPPLIER, .numbers = { count } };

	return say(context, &message, (texts_t) { name });
}

static int say_note(void *context, const char *text)
{
	struct message message = { .saying = SAYING_NOTE };

	return say(context, &message, (texts_t) { text });
}

static int say_progress(void *context, uint64_t done, uint64_t total)
{
	struct message message = { .saying = SAYING_PROGRESS, .numbers = { done, total } };

	/* At once: what shows it waits for it. */
	return say(context, &message, (texts_t) { NULL }) || fflush(context) ? -EPIPE : 0;
}

static int say_result(FILE *pipe, int error, const struct embargo_diagnostic *diagnostic)
{
	struct message message = {
		.saying = SAYING_RESULT,
		.error = error,
		.line = diagnostic->line,
		.column = diagnostic->column,
	};

	return say(pipe, &message,
		   (texts_t) { diagnostic->file, diagnostic->what, diagnostic->remedy }) ||
			       fflush(pipe)
		       ? -EPIPE
		       : 0;
}

static int give_up_privileges(void)
{
	int error = embargo_sandbox_bound(DESCRIPTORS, EMBARGO_IMPORT_MEMORY);

	return error ? error : embargo_sandbox_enter(&sandbox);
}

/* Nothing stays open but the source and the pipe, which become 3 and 4. */
static int keep(int source, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high = fcntl(source, F_DUPFD_CLOEXEC, 5), pipe = fcntl(out, F_DUPFD_CLOEXEC, 5);

	if (null < 0 || high < 0 || pipe < 0)
		return -EMFILE;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) != fd)
			return -EMFILE;
	if (dup2(high, 3) != 3 || dup2(pipe, 4) != 4 || close_range(5, ~0U, 0))
		return -EMFILE;
	return 0;
}

static void become_reader(const struct embargo_import_format *format,
			  const struct embargo_import *asked, int out, pid_t parent)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_import import = *asked;
	FILE *pipe;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent || keep(import.fd, out))
		_exit(1);
	pipe = fdopen(4, "w");
	/* Who provokes collisions has to know the seed, and there is none to be had later. */
	json_object_seed(0);
	if (!pipe || give_up_privileges())
		_exit(1);
	import.fd = 3;
	import.diagnostic = &diagnostic;
	import.taker = &(const struct embargo_import_taker) {
		.context = pipe,
		.entry = say_entry,
		.package = say_package,
		.supplier = say_supplier,
		.note = say_note,
		.progress = say_progress,
	};
	_exit(say_result(pipe, format->read(&import), &diagnostic) != 0);
}

/* The texts of a message, each with a NUL. */
struct texts {
	char room[TEXTS][EMBARGO_IMPORT_TEXT];
	const char *text[TEXTS];
};

/* What was said is believed as little as the source itself. */
static int hear(FILE *pipe, struct message *message, struct texts *texts)
{
	if (fread(message, sizeof(*message), 1, pipe) != 1)
		return -EPIPE;
	for (size_t i = 0; i < TEXTS; i++) {
		uint32_t length = message->lengths[i];

		texts->text[i] = length == NONE ? NULL : texts->room[i];
		if (length == NONE)
			continue;
		if (length >= EMBARGO_IMPORT_TEXT ||
		    (length && fread(texts->room[i], length, 1, pipe) != 1))
			return -EPIPE;
		texts->room[i][length] = '\0';
	}
	return message->kind < EMBARGO_KIND_COUNT ? 0 : -EPIPE;
}

static int pass_on(const struct embargo_import_taker *taker, const struct message *message,
		   const char *const *text)
{
	const struct embargo_import_entry entry = {
		.digest = message->digest,
		.sized = message->sized != 0,
		.size = message->numbers[0],
		.kind = message->kind,
		.name = text[0],
		.provenance = text[1],
		.supplier = text[2],
		.from = message->from,
		.until = message->until,
	};
	const struct embargo_import_package package = {
		.type = text[3],
		.name = text[0],
		.provenance = text[1],
		.supplier = text[2],
	};
	const bool is_whole = text[0] && text[1];

	switch ((enum saying)message->saying) {
	case SAYING_ENTRY:
		return is_whole ? taker->entry(taker->context, &entry) : -EPIPE;
	case SAYING_PACKAGE:
		return is_whole && text[3] ? taker->package(taker->context, &package) : -EPIPE;
	case SAYING_SUPPLIER:
		return text[0] ? taker->supplier(taker->context, text[0], message->numbers[0])
			       : -EPIPE;
	case SAYING_NOTE:
		return text[0] ? taker->note(taker->context, text[0]) : -EPIPE;
	case SAYING_PROGRESS:
		return taker->progress(taker->context, message->numbers[0], message->numbers[1]);
	default:
		return -EPIPE;
	}
}

/* The outcome of the reading, with what is wrong. */
static int take_result(struct embargo_diagnostic *diagnostic, const struct message *message,
		       const char *const *text)
{
	if (!text[0] || !text[1] || !text[2])
		return -EPIPE;
	embargo_diagnostic_at(diagnostic, text[0], message->line, message->column);
	embargo_diagnostic_remedy(diagnostic, "%s", text[2]);
	return message->error ? embargo_diagnostic_what(diagnostic, message->error, "%s", text[1])
			      : 0;
}

/* Until the result is there; *@is_told: the diagnostic says what is wrong. */
static int listen_to(FILE *pipe, struct embargo_import *import, bool *is_told)
{
	_cleanup_free_
	struct texts *texts = malloc(sizeof(*texts));
	struct message message;
	int error = texts ? 0 : -ENOMEM;

	*is_told = false;
	while (!error) {
		error = hear(pipe, &message, texts);
		if (!error && message.saying == SAYING_RESULT) {
			error = take_result(import->diagnostic, &message, texts->text);
			*is_told = error && error == message.error;
			break;
		}
		if (!error) {
			error = pass_on(import->taker, &message, texts->text);
			*is_told = error && error != -EPIPE;
		}
	}
	return error;
}

static int refuse_process(struct embargo_import *import)
{
	embargo_diagnostic_at(import->diagnostic, import->path, 0, 0);
	embargo_diagnostic_remedy(import->diagnostic,
				  "where there can be no such process (seccomp), --unconfined "
				  "reads without, which is for files that you trust");
	return embargo_diagnostic_what(
		import->diagnostic, -EPIPE,
		"the process without privileges that reads it came to no end");
}

int embargo_import_read_confined(const struct embargo_import_format *format,
				 struct embargo_import *import)
{
	_cleanup_fclose_ FILE *pipe = NULL;
	pid_t parent = getpid(), child;
	bool is_told;
	int ends[2], error;

	fflush(NULL); /* what is not written yet is not for the process to write again */
	if (pipe2(ends, O_CLOEXEC))
		return embargo_diagnostic_what(import->diagnostic, -errno, "no pipe: %s",
					       strerror(errno));
	child = fork();
	if (!child)
		become_reader(format, import, ends[1], parent);
	close(ends[1]);
	pipe = fdopen(ends[0], "r");
	if (!pipe)
		close(ends[0]);
	error = child > 0 && pipe ? listen_to(pipe, import, &is_told) : -EPIPE;
	if (error == -EPIPE)
		is_told = false;
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return error && !is_told ? refuse_process(import) : error;
}
