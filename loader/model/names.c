// SPDX-License-Identifier: GPL-2.0-or-later
/* The words for operations, actions, verdicts and file kinds: one table each. */
#include "loader/model/names.h"

#include <string.h>

#include "loader/base/cleanup.h"

static const char *const operations[] = {
	[EMBARGO_OPERATION_UNKNOWN] = "unknown", [EMBARGO_OPERATION_EXEC] = "exec",
	[EMBARGO_OPERATION_MAP] = "map",	 [EMBARGO_OPERATION_OPEN] = "open",
	[EMBARGO_OPERATION_MODULE] = "module",	 [EMBARGO_OPERATION_FIRMWARE] = "firmware",
	[EMBARGO_OPERATION_KEXEC] = "kexec",
};
_Static_assert(ARRAY_SIZE(operations) == EMBARGO_OPERATION_COUNT, "a word for each operation");

static const char *const actions[] = {
	[EMBARGO_ACTION_UNKNOWN] = "unknown", [EMBARGO_ACTION_OFF] = "off",
	[EMBARGO_ACTION_AUDIT] = "audit",     [EMBARGO_ACTION_DENY_NEW] = "deny-new",
	[EMBARGO_ACTION_DENY] = "deny",
};
_Static_assert(ARRAY_SIZE(actions) == EMBARGO_ACTION_COUNT, "a word for each action");

static const char *const verdicts[] = {
	[EMBARGO_VERDICT_UNKNOWN] = "unknown",
	[EMBARGO_VERDICT_ALLOW] = "allow",
	[EMBARGO_VERDICT_AUDIT] = "audit",
	[EMBARGO_VERDICT_DENY] = "deny",
};
_Static_assert(ARRAY_SIZE(verdicts) == EMBARGO_VERDICT_COUNT, "a word for each verdict");

static const char *const kinds[] = {
	[EMBARGO_KIND_UNKNOWN] = "unknown", [EMBARGO_KIND_ANY] = "any",
	[EMBARGO_KIND_ELF] = "elf",	    [EMBARGO_KIND_PE] = "pe",
	[EMBARGO_KIND_SCRIPT] = "script",   [EMBARGO_KIND_MODULE] = "module",
	[EMBARGO_KIND_PACKAGE] = "package",
};
_Static_assert(ARRAY_SIZE(kinds) == EMBARGO_KIND_COUNT, "a word for each kind");

static const char *name(const char *const *table, size_t count, unsigned int value)
{
	return table[value < count ? value : 0];
}

static unsigned int parse(const char *const *table, size_t count, const char *word)
{
	for (size_t i = 1; i < count; i++)
		if (!strcmp(table[i], word))
			return i;
	return 0;
}

const char *embargo_operation_name(enum embargo_operation operation)
{
	return name(operations, ARRAY_SIZE(operations), operation);
}

const char *embargo_action_name(enum embargo_action action)
{
	return name(actions, ARRAY_SIZE(actions), action);
}

const char *embargo_verdict_name(enum embargo_verdict verdict)
{
	return name(verdicts, ARRAY_SIZE(verdicts), verdict);
}

const char *embargo_kind_name(enum embargo_kind kind)
{
	return name(kinds, ARRAY_SIZE(kinds), kind);
}

enum embargo_operation embargo_operation_parse(const char *word)
{
	return parse(operations, ARRAY_SIZE(operations), word);
}

enum embargo_action embargo_action_parse(const char *word)
{
	return parse(actions, ARRAY_SIZE(actions), word);
}

enum embargo_kind embargo_kind_parse(const char *word)
{
	return parse(kinds, ARRAY_SIZE(kinds), word);
}
