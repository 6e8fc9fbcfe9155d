// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as the host's settings, and as a token that opens the guard. Build with
 * libFuzzer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/guard/token.h"
#include "loader/policy/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whoever is refused must be told why. */
static void check_refusal(const struct embargo_diagnostic *diagnostic)
{
	if (!diagnostic->what[0])
		abort();
}

static void read_settings(const uint8_t *data, size_t size)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_settings settings;
	static char path[64];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("settings", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (embargo_settings_read(path, &settings, &diagnostic)) {
		check_refusal(&diagnostic);
		return;
	}
	if (settings.max_hash < EMBARGO_SETTINGS_MAX_HASH_LEAST ||
	    settings.max_hash > EMBARGO_SETTINGS_MAX_HASH_MOST ||
	    settings.gate_wait > EMBARGO_SETTINGS_GATE_WAIT_MOST ||
	    settings.stricter_count > EMBARGO_SETTINGS_STRICTER)
		abort();
	embargo_settings_free(&settings);
}

static void read_token(const uint8_t *data, size_t size)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_token token;

	if (embargo_token_read("the token", (const char *)data, size, &token, &diagnostic)) {
		check_refusal(&diagnostic);
		return;
	}
	if (strlen(token.machine) != 32 || token.until.ns <= token.from.ns ||
	    token.until.ns - token.from.ns > EMBARGO_TOKEN_HOURS_MOST * 3600 * INT64_C(1000000000))
		abort();
	if (embargo_token_check(&token, token.machine, token.from.ns, &diagnostic) ||
	    !embargo_token_check(&token, token.machine, token.until.ns, &diagnostic) ||
	    !embargo_token_check(&token, "another", token.from.ns, &diagnostic))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_settings(data, size);
	if (size <= EMBARGO_TOKEN_SIZE)
		read_token(data, size);
	return 0;
}
