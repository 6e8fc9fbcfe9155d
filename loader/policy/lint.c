// SPDX-License-Identifier: GPL-2.0-or-later
/* Lint: what is allowed in a policy and yet is hardly meant. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/host/host.h"
#include "loader/policy/list.h"
#include "loader/policy/policy.h"
#include "loader/policy/resolve.h"

/* A JIT's memory is a file, also where no disk has it: .NET maps a memfd of up to 2 GiB. */
#define UNSIZED_COST                                                                            \
	"each program, library and module of the host will be hashed once, and what a runtime " \
	"like .NET compiles into a memfd each time that it is mapped"

#define OPENED_COST                                                                            \
	"each file of the host that anybody opens to read will be hashed first, and where no " \
	"label is kept (tmpfs, the network) at each open"

struct lint {
	const struct embargo_policy *policy;
	void (*warn)(void *context, const struct embargo_diagnostic *warning);
	void *context;
	struct embargo_host host;
	struct embargo_diagnostic *diagnostic; /* where the policy has to be refused after all */
};

__attribute__((format(printf, 4, 5))) static void say(const struct lint *lint,
						      struct embargo_mark mark, const char *remedy,
						      const char *format, ...)
{
	struct embargo_diagnostic warning = { 0 };
	va_list arguments;

	embargo_diagnostic_at(&warning, lint->policy->file, mark.line, mark.column);
	embargo_diagnostic_remedy(&warning, "%s", remedy);
	va_start(arguments, format);
	vsnprintf(warning.what, sizeof(warning.what), format, arguments);
	va_end(arguments);
	lint->warn(lint->context, &warning);
}

static void look_at_dates(const struct lint *lint, int64_t now)
{
	const struct embargo_policy *policy = lint->policy;

	if (policy->expires.set && policy->expires.ns <= now)
		say(lint, policy->mark, "look for a newer one; it stays in force meanwhile",
		    "policy '%s' has expired", policy->id);
	if (policy->issued.set && policy->issued.ns > now)
		say(lint, policy->mark, "the clock's floor would rise to that date: correct it",
		    "policy '%s' is issued in the future", policy->id);
}

static void look_at_stages(const struct lint *lint, const struct embargo_schedule *schedule)
{
	for (size_t i = 0; i < schedule->stage_count; i++) {
		const struct embargo_stage *stage = &schedule->stages[i];

		if (stage->authority && stage->authority->from.set &&
		    stage->at < stage->authority->from.ns)
			say(lint, stage->mark, "correct one of the two dates",
			    "a stage earlier than its authority '%s'", stage->authority->id);
	}
}

static bool has_authority(const struct embargo_policy *policy,
			  const struct embargo_authority *authority)
{
	for (size_t i = 0; i < policy->schedule_count; i++)
		for (size_t j = 0; j < policy->schedules[i].stage_count; j++)
			if (policy->schedules[i].stages[j].authority == authority)
				return true;
	return false;
}

static bool has_vendor(const struct embargo_policy *policy, const struct embargo_vendor *vendor)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (policy->rules[i].vendor == vendor)
			return true;
	return false;
}

static bool has_schedule(const struct embargo_policy *policy,
			 const struct embargo_schedule *schedule)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		for (size_t j = 0; j < policy->rules[i].choice_count; j++)
			if (policy->rules[i].choices[j].schedule == schedule)
				return true;
	return false;
}

static void look_for_unused(const struct lint *lint)
{
	static const char remedy[] = "use it or take it out";
	const struct embargo_policy *policy = lint->policy;

	for (size_t i = 0; i < policy->authority_count; i++)
		if (!has_authority(policy, &policy->authorities[i]))
			say(lint, policy->authorities[i].mark, remedy,
			    "no stage is under the authority '%s'", policy->authorities[i].id);
	for (size_t i = 0; i < policy->vendor_count; i++)
		if (!has_vendor(policy, &policy->vendors[i]))
			say(lint, policy->vendors[i].mark, remedy, "no rule is for the vendor '%s'",
			    policy->vendors[i].id);
	for (size_t i = 0; i < policy->schedule_count; i++)
		if (!has_schedule(policy, &policy->schedules[i]))
			say(lint, policy->schedules[i].mark, remedy,
			    "no rule follows the schedule '%s'", policy->schedules[i].id);
}

/* Ends the reading at the first entry without a size: one is enough. */
static int find_unsized(void *context, const struct embargo_list_entry *entry)
{
	unsigned int *line = context;

	if (entry->sized)
		return 0;
	*line = entry->line;
	return -ECANCELED;
}

static int look_at_list(const struct lint *lint, const struct embargo_rule *rule,
			const struct embargo_list *list)
{
	unsigned int line = 0;
	int error = embargo_list_read(lint->policy, list, find_unsized, &line, lint->diagnostic);

	if (error == -ECANCELED && rule->opens)
		say(lint, list->mark, "give sizes, or take out reach: open",
		    "the list '%.200s' has digests without a size (line %u): " OPENED_COST,
		    list->file, line);
	else if (error == -ECANCELED && list->of == EMBARGO_KIND_ANY)
		say(lint, list->mark,
		    "say what its files are (of: elf, pe, script, module or package), or give "
		    "sizes",
		    "the list '%.200s' has digests without a size (line %u): " UNSIZED_COST,
		    list->file, line);
	return error == -ECANCELED ? 0 : error;
}

static void look_at_path(const struct lint *lint, const struct embargo_pattern *pattern)
{
	bool is_prefix = pattern->path[strlen(pattern->path) - 1] == '/';
	char resolved[EMBARGO_POLICY_PATH + 2];
	struct stat status;
	bool left_link = false;

	if (embargo_path_resolve(pattern->path, resolved, sizeof(resolved), &left_link))
		return;
	if (left_link)
		say(lint, pattern->mark, "name the path that it leads to",
		    "on the path '%.200s' is a symbolic link of another user: it is not followed",
		    pattern->path);
	if (stat(resolved, &status))
		return;
	if (!is_prefix && S_ISDIR(status.st_mode))
		say(lint, pattern->mark, "put a slash at its end, for all that is below it",
		    "the path '%.200s' is a folder on this host: as it stands it names one file",
		    pattern->path);
}

static void look_at_identity(const struct lint *lint, const struct embargo_rule *rule,
			     const struct embargo_pattern *pattern)
{
	if (pattern->identity.kind == EMBARGO_IDENTITY_PATH)
		look_at_path(lint, pattern);
	if (pattern->identity.kind == EMBARGO_IDENTITY_SHA256 && !pattern->sized)
		say(lint, pattern->mark, "add its size, as embargo hash prints it",
		    "a sha256 without a size: %s", rule->opens ? OPENED_COST : UNSIZED_COST);
}

static bool denies(const struct embargo_schedule *schedule)
{
	for (size_t i = 0; i < schedule->stage_count; i++)
		if (schedule->stages[i].action >= EMBARGO_ACTION_DENY_NEW)
			return true;
	return false;
}

static void look_at_running(const struct lint *lint, const struct embargo_rule *rule)
{
	if (!rule->terminates)
		return;
	for (size_t i = 0; i < rule->choice_count; i++)
		if (denies(rule->choices[i].schedule))
			return;
	say(lint, rule->mark, "take it out, or add a stage that denies",
	    "running: terminate in the rule '%s', which never denies", rule->id);
}

/* A year: who needs longer than that wants another rule. */
#define WAIVER_LONG (366 * 86400 * INT64_C(1000000000))

static void look_at_waiver_dates(const struct lint *lint, const struct embargo_waiver *waiver,
				 int64_t now)
{
	if (waiver->until <= now)
		say(lint, waiver->mark, "take it out", "the waiver %s has ended", waiver->ticket);
	else if (waiver->until - now > WAIVER_LONG)
		say(lint, waiver->mark, "choose an earlier end, or change the rule",
		    "the waiver %s ends more than a year from now", waiver->ticket);
}

/* What anybody who writes a file can give it, whatever else is in it. */
static bool is_claim(enum embargo_identity_kind kind)
{
	return kind != EMBARGO_IDENTITY_SHA256 && kind != EMBARGO_IDENTITY_PATH &&
	       kind != EMBARGO_IDENTITY_MEMORY && kind != EMBARGO_IDENTITY_FSVERITY &&
	       kind != EMBARGO_IDENTITY_X509;
}

static bool is_writable(const char *path)
{
	struct stat status;

	return !stat(path, &status) && (status.st_uid || (status.st_mode & (S_IWGRP | S_IWOTH)));
}

static void look_at_waiver(const struct lint *lint, const struct embargo_waiver *waiver,
			   int64_t now)
{
	const struct embargo_pattern *identity = &waiver->identity;

	look_at_waiver_dates(lint, waiver, now);
	if (identity->identity.kind == EMBARGO_IDENTITY_PATH)
		look_at_path(lint, identity);
	if (identity->identity.kind == EMBARGO_IDENTITY_PATH && is_writable(identity->path))
		say(lint, waiver->mark, "name what root alone may write, or the file's sha256",
		    "the waiver %s is for a path that others than root may write: whatever they "
		    "put there is let through",
		    waiver->ticket);
	if (is_claim(identity->identity.kind))
		say(lint, waiver->mark, "name the file's sha256",
		    "the waiver %s goes by what a file says of itself: who makes one can have it "
		    "say that",
		    waiver->ticket);
}

/* No rule goes by anything but digests, and this one is on no list: then nothing is waived. */
static void look_for_idle_waivers(const struct lint *lint, const struct embargo_tables *tables)
{
	const struct embargo_policy *policy = lint->policy;

	if (tables->head.path_count || tables->head.signer_count || policy->waives.any ||
	    policy->waives.count)
		return;
	for (size_t i = 0; i < tables->rule_count; i++)
		if (tables->rule_timelines[i])
			return;
	for (size_t i = 0; i < policy->waiver_count; i++) {
		const struct embargo_waiver *waiver = &policy->waivers[i];

		if (waiver->identity.identity.kind == EMBARGO_IDENTITY_SHA256 &&
		    !embargo_tables_digest(tables, &waiver->identity.digest))
			say(lint, waiver->mark, "correct the digest, or take it out",
			    "the waiver %s is for a file that no rule of the policy names",
			    waiver->ticket);
	}
}

static int look_at_rule(const struct lint *lint, const struct embargo_rule *rule)
{
	int error = 0;

	for (size_t i = 0; i < rule->list_count && !error; i++)
		error = look_at_list(lint, rule, &rule->lists[i]);
	for (size_t i = 0; i < rule->pattern_count; i++)
		look_at_identity(lint, rule, &rule->patterns[i]);
	look_at_running(lint, rule);
	return error;
}

/* What a load here would refuse; what is unknown here may be known where it is loaded. */
static int look_at_modules(const struct lint *lint, const struct embargo_tables *tables)
{
	int error = embargo_policy_modules(tables, &lint->host, lint->diagnostic);

	if (!error || lint->host.modules_from_memory != EMBARGO_FROM_MEMORY_UNKNOWN)
		return error;
	lint->warn(lint->context, lint->diagnostic);
	*lint->diagnostic = (struct embargo_diagnostic) { 0 };
	return 0;
}

/* What no profile changes is said once. */
static const char *first_profile(const struct embargo_policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (policy->rules[i].choices[0].profile)
			return policy->rules[i].choices[0].profile;
	return NULL;
}

static int compile(const struct lint *lint, const char *profile)
{
	struct embargo_policy *policies[] = { (struct embargo_policy *)lint->policy };
	_cleanup_(embargo_tables_free) struct embargo_tables tables = { 0 };
	struct embargo_policy_set set = { .policies = policies, .count = 1 };
	int error;

	set.settings.max_hash = EMBARGO_SETTINGS_MAX_HASH;
	if (profile) {
		set.profile = strdup(profile);
		if (!set.profile)
			return embargo_diagnostic_what(lint->diagnostic, -ENOMEM, "out of memory");
	}
	error = embargo_policy_set_compile(&set, &tables, lint->diagnostic);
	free(set.profile);
	if (!error && (!profile || profile == first_profile(lint->policy)))
		look_for_idle_waivers(lint, &tables);
	return error ? error : look_at_modules(lint, &tables);
}

/* Every host must be able to compile it, whatever profile it has chosen. */
static int compile_all(const struct lint *lint)
{
	const struct embargo_policy *policy = lint->policy;
	size_t profiles = 0;
	int error = 0;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct embargo_rule *rule = &policy->rules[i];

		/* The first rule with profiles names them all, or another lacks one. */
		for (size_t j = 0; j < rule->choice_count && rule->choices[0].profile && !error;
		     j++, profiles++)
			error = compile(lint, rule->choices[j].profile);
		if (profiles)
			return error;
	}
	return compile(lint, NULL);
}

int embargo_policy_lint(const struct embargo_policy *policy, int64_t now,
			void (*warn)(void *context, const struct embargo_diagnostic *warning),
			void *context, struct embargo_diagnostic *diagnostic)
{
	struct lint lint = { policy, warn, context, .diagnostic = diagnostic };
	int error;

	embargo_host_read("/", &lint.host);
	error = compile_all(&lint);
	look_at_dates(&lint, now);
	for (size_t i = 0; i < policy->schedule_count; i++)
		look_at_stages(&lint, &policy->schedules[i]);
	look_for_unused(&lint);
	for (size_t i = 0; i < policy->waiver_count; i++)
		look_at_waiver(&lint, &policy->waivers[i], now);
	for (size_t i = 0; i < policy->rule_count && !error; i++)
		error = look_at_rule(&lint, &policy->rules[i]);
	return error;
}
