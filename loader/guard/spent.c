// SPDX-License-Identifier: GPL-2.0-or-later
/* The clock of tokens within a boot, and the file that counts over boots. */
#include "loader/guard/spent.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/replace.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/time.h"

/* Digits of seconds, and a newline. */
#define FILE_SIZE 32

static int64_t boot_time(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec * EMBARGO_SECOND_NS + time.tv_nsec;
}

int64_t embargo_spent_now(const struct embargo_guard_tokens *tokens)
{
	int64_t now = embargo_clock_now(), in_force = embargo_enforcement_floor();

	if (in_force > now)
		now = in_force;
	if (tokens->until && tokens->base + boot_time() > now)
		now = tokens->base + boot_time();
	return now;
}

int embargo_spent_check(const struct embargo_token *token,
			const struct embargo_guard_tokens *tokens, int64_t kept,
			struct embargo_diagnostic *diagnostic)
{
	char time[EMBARGO_TIME_TEXT];

	if (token->until.ns > kept || token->until.ns <= tokens->until)
		return 0;
	embargo_time_format(kept, time, sizeof(time));
	embargo_diagnostic_remedy(diagnostic, "have one signed that ends later than %s", time);
	return embargo_diagnostic_what(diagnostic, -EPERM,
				       "a token that may be spent: one that ended on %s opened the "
				       "guard before this boot",
				       time);
}

int64_t embargo_spent_read(const char *file)
{
	_cleanup_free_
	char *text = NULL;
	size_t size;
	char *end;
	long long seconds;

	if (embargo_file_read(file, FILE_SIZE, &text, &size))
		return INT64_MIN;
	errno = 0;
	seconds = strtoll(text, &end, 10);
	if (errno || end == text || strcmp(end, "\n") || seconds < 0 ||
	    seconds > INT64_MAX / EMBARGO_SECOND_NS)
		return INT64_MIN;
	return seconds * EMBARGO_SECOND_NS;
}

int embargo_spent_keep(const char *file, const struct embargo_token *token, int64_t kept,
		       int64_t now, struct embargo_guard_tokens *tokens,
		       struct embargo_diagnostic *diagnostic)
{
	char text[FILE_SIZE];
	int size =
		snprintf(text, sizeof(text), "%" PRId64 "\n", token->until.ns / EMBARGO_SECOND_NS);
	int error = 0;

	if (token->until.ns > kept)
		error = embargo_file_replace(file, text, (size_t)size, 0600);
	if (error) {
		embargo_diagnostic_remedy(diagnostic,
					  "see that there is room, and that it can be written");
		return embargo_diagnostic_what(diagnostic, error,
					       "cannot write %.200s, and the token would not be "
					       "spent: %s",
					       file, strerror(-error));
	}
	if (now - boot_time() > tokens->base || !tokens->until)
		tokens->base = now - boot_time();
	if (token->until.ns > tokens->until)
		tokens->until = token->until.ns;
	return 0;
}
