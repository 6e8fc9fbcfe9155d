// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a name that is folded, as a time, and as a file of which the first bytes
 * are looked at. Build with libFuzzer. */
#include <stdlib.h>
#include <string.h>

#include "loader/base/base64.h"
#include "loader/base/utf8.h"
#include "loader/identity/kind.h"
#include "loader/model/time.h"
#include "loader/text/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is folded is folded: once more changes nothing. */
static void fold(const char *name, size_t length)
{
	char folded[512], again[512];
	int made = embargo_name_fold(name, length, folded, sizeof(folded));

	if (made < 0)
		return;
	if ((size_t)made != strlen(folded) || made >= (int)sizeof(folded) || !made)
		abort();
	if (embargo_name_fold(folded, (size_t)made, again, sizeof(again)) != made ||
	    strcmp(folded, again))
		abort();
	if (!embargo_name_equal(folded, folded))
		abort();
}

static void read_time(const char *text)
{
	char written[EMBARGO_TIME_TEXT];
	int64_t ns, again;

	if (embargo_time_parse(text, &ns))
		return;
	embargo_time_format(ns, written, sizeof(written));
	if (embargo_time_parse(written, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), printable[256];

	if (!text)
		abort();
	fold((const char *)data, size);
	read_time(text);
	embargo_utf8_printable(text, printable, sizeof(printable));
	for (const char *at = printable; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			abort();
	if (embargo_kind_detect(data, size) >= EMBARGO_KIND_COUNT ||
	    !(embargo_kind_exec_scope(data, size) & EMBARGO_SCOPES_EXEC))
		abort();
	free(text);
	return 0;
}
