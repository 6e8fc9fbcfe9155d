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

static const char *const guard_modes[] = {
	[EMBARGO_GUARD_UNKNOWN] = "unknown",
	[EMBARGO_GUARD_OFF] = "off",
	[EMBARGO_GUARD_ON] = "on",
	[EMBARGO_GUARD_LOCKED] = "locked",
};
_Static_assert(ARRAY_SIZE(guard_modes) == EMBARGO_GUARD_MODES, "a word for each mode");

static const char *const guard_refused[] = {
	[EMBARGO_GUARD_REFUSED_UNKNOWN] = "something",
	[EMBARGO_GUARD_REFUSED_MAP] = "a descriptor of a map, or a write to one",
	[EMBARGO_GUARD_REFUSED_PROGRAM] = "a descriptor of a program, or one that would change it",
	[EMBARGO_GUARD_REFUSED_PIN] = "a change to the pins",
	[EMBARGO_GUARD_REFUSED_FILE] = "a change to files of policy or state",
	[EMBARGO_GUARD_REFUSED_MOUNT] = "a mount or umount that would take the pins away",
	[EMBARGO_GUARD_REFUSED_SIGNAL] = "a signal or a limit to the daemon",
	[EMBARGO_GUARD_REFUSED_TRACE] = "tracing of the daemon",
	[EMBARGO_GUARD_REFUSED_TRACING] = "a write to kernel.ftrace_enabled",
};
_Static_assert(ARRAY_SIZE(guard_refused) == EMBARGO_GUARD_REFUSED_COUNT, "a name for each");

const char *embargo_guard_mode_name(enum embargo_guard_mode mode)
{
	return guard_modes[mode < EMBARGO_GUARD_MODES ? mode : EMBARGO_GUARD_UNKNOWN];
}

enum embargo_guard_mode embargo_guard_mode_parse(const char *word)
{
	for (enum embargo_guard_mode mode = EMBARGO_GUARD_OFF; mode < EMBARGO_GUARD_MODES; mode++)
		if (!strcmp(word, guard_modes[mode]))
			return mode;
	return EMBARGO_GUARD_UNKNOWN;
}

const char *embargo_guard_refused_name(enum embargo_guard_refused what)
{
	return guard_refused[what < EMBARGO_GUARD_REFUSED_COUNT ? what
								: EMBARGO_GUARD_REFUSED_UNKNOWN];
}
