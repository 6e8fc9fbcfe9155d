// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo status`: enforcing or not, and everything about it, in three forms. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "loader/base/log.h"
#include "loader/cli/cmd_gate.h"
#include "loader/cli/commands.h"
#include "loader/cli/status.h"
#include "loader/json/json.h"
#include "loader/model/names.h"
#include "loader/model/time.h"

struct options {
	bool json;
	bool openmetrics;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "openmetrics",
	  .summary = "print OpenMetrics, for a collector's text files",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, openmetrics) },
	EMBARGO_OPTIONS_END,
};

static const char *moment(int64_t ns, char text[static EMBARGO_TIME_TEXT])
{
	return embargo_time_format(ns, text, EMBARGO_TIME_TEXT);
}

static void print_next(const struct embargo_status *status)
{
	char text[EMBARGO_TIME_TEXT];

	if (status->next.at == INT64_MAX)
		puts("next        no date lies ahead");
	else
		printf("next        %s: %s\n", moment(status->next.at, text),
		       embargo_action_name(status->next.action));
}

static void print_waivers(const struct embargo_status *status)
{
	char text[EMBARGO_TIME_TEXT];

	if (!status->head.waiver_count)
		return;
	if (status->next_waiver.until == INT64_MAX)
		printf("waivers     %u, all of them ended\n", status->head.waiver_count);
	else
		printf("waivers     %u; the next to end is %s, on %s\n", status->head.waiver_count,
		       status->next_waiver.ticket, moment(status->next_waiver.until, text));
}

static void print_hooks(const struct embargo_status *status)
{
	fputs("hooks      ", stdout);
	for (size_t i = 0; i < status->hook_count; i++)
		if (status->hooks[i].attached)
			printf(" %s", status->hooks[i].name);
	putchar('\n');
	for (size_t i = 0; i < status->hook_count; i++)
		if (status->hooks[i].missed)
			printf("            %s was skipped by the kernel %" PRIu64
			       " times and did not enforce then\n",
			       status->hooks[i].name, status->hooks[i].missed);
}

static bool has_expired(const struct embargo_status *status, size_t i)
{
	return status->record.policies[i].expires <= status->now;
}

static void print_expired(const struct embargo_status *status)
{
	char text[EMBARGO_TIME_TEXT];

	for (size_t i = 0; i < status->record.policy_count; i++)
		if (has_expired(status, i))
			printf("            %s expired on %s: look for a newer one; it stays in "
			       "force\n",
			       status->record.policies[i].id,
			       moment(status->record.policies[i].expires, text));
}

static void print_watch(const struct embargo_status *status)
{
	const struct embargo_inventory_progress *inventory = &status->watch.inventory;
	const struct embargo_examiner_counts *counts = &status->watch.counts;

	if (!status->head.classifies)
		return;
	if (!status->is_watched) {
		puts("watch       not running: new files are not looked into");
		return;
	}
	printf("watch       %" PRIu64 " files looked into, %" PRIu64 " known before, %" PRIu64
	       " learned, %" PRIu64 " failed\n",
	       counts->classified, counts->remembered, counts->learned, counts->failed);
	if (inventory->is_done)
		puts("inventory   done");
	else if (inventory->expected)
		printf("inventory   %" PRIu64 " of about %" PRIu64 " files\n", inventory->seen,
		       inventory->expected);
	else
		printf("inventory   %" PRIu64 " files\n", inventory->seen);
}

static void print_learned(const struct embargo_status *status)
{
	printf("learned     %zu digests since then, room for %zu more\n", status->learned,
	       status->learnable);
	for (size_t i = 0; i < status->rule_count; i++)
		printf("            %zu in all by rule %s of %s\n", status->rules[i].digests,
		       status->rules[i].rule, status->rules[i].policy);
}

static void print_generation(const struct embargo_status *status)
{
	printf("generation  %" PRIu64 ": %u digests, %u sizes, %u path components\n",
	       (uint64_t)status->head.number, status->head.digest_count, status->head.size_count,
	       status->head.path_count);
	print_learned(status);
	print_watch(status);
	fputs("policies   ", stdout);
	for (size_t i = 0; i < status->record.policy_count; i++)
		printf(" %s", status->record.policies[i].id);
	puts(status->record.policy_count ? "" : " not recorded");
	print_expired(status);
	print_next(status);
	print_waivers(status);
	print_hooks(status);
	printf("memory      %" PRIu64 " KiB\nload        %" PRIu64 " ms\n", status->memory >> 10,
	       status->record.load_ms);
	for (size_t i = 0; i < EMBARGO_COUNTER_COUNT; i++)
		if (status->counters[i])
			printf("%-14s  %" PRIu64 "\n", embargo_status_counters[i].name,
			       status->counters[i]);
}

static void print_gate(const struct embargo_gate_report *gate)
{
	printf("gate        %s\n           ", embargo_gate_state_text(gate->state));
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++)
		printf(" %s %" PRIu64, embargo_gate_count_name(i), gate->counts[i]);
	putchar('\n');
}

static void print_blacklist(const struct embargo_blacklist *blacklist)
{
	if (blacklist->is_known)
		printf("blacklist   %zu in the kernel's own keyring: %zu files, %zu certificates\n",
		       blacklist->entries, blacklist->files, blacklist->entries - blacklist->files);
	else
		puts("blacklist   unknown to this user, or this kernel has no keyring of that "
		     "name");
}

static void print_text(const struct embargo_status *status)
{
	char text[3 * EMBARGO_DIAGNOSTIC_TEXT];

	if (status->enforcing)
		puts("enforcing   yes");
	else
		printf("enforcing   NO: %s\n",
		       embargo_diagnostic_format(&status->why, text, sizeof(text)));
	printf("kernel      %s\n", status->host.release);
	if (status->daemon > 0)
		printf("daemon      process %d\n", status->daemon);
	else
		puts(status->daemon ? "daemon      unknown to this user"
				    : "daemon      not running");
	printf("now         %s\n", moment(status->now, text));
	printf("floor       %s%s\n", moment(status->floor, text),
	       status->behind ? " (the clock was set back below it)" : "");
	print_blacklist(&status->blacklist);
	if (status->gate.state)
		print_gate(&status->gate);
	if (status->enforcing)
		print_generation(status);
}

static json_t *hooks_as_json(const struct embargo_status *status)
{
	json_t *hooks = json_array();

	for (size_t i = 0; hooks && i < status->hook_count; i++) {
		json_t *hook = json_object();

		if (!hook)
			break;
		embargo_json_set_text(hook, "name", status->hooks[i].name);
		embargo_json_set(hook, "attached", json_boolean(status->hooks[i].attached));
		embargo_json_set_number(hook, "recursion_misses", status->hooks[i].missed);
		json_array_append_new(hooks, hook);
	}
	return hooks;
}

static json_t *counters_as_json(const struct embargo_status *status)
{
	json_t *counters = json_object();

	for (size_t i = 0; counters && i < EMBARGO_COUNTER_COUNT; i++)
		embargo_json_set_number(counters, embargo_status_counters[i].name,
					status->counters[i]);
	return counters;
}

static json_t *rules_as_json(const struct embargo_status *status)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < status->rule_count; i++) {
		json_t *rule = json_object();

		embargo_json_set_text(rule, "policy", status->rules[i].policy);
		embargo_json_set_text(rule, "rule", status->rules[i].rule);
		embargo_json_set_number(rule, "digests", status->rules[i].digests);
		json_array_append_new(rules, rule);
	}
	return rules;
}

/* Their ids: all, or those of the expired ones alone. */
static json_t *policies_as_json(const struct embargo_status *status, bool is_expired_only)
{
	json_t *policies = json_array();

	for (size_t i = 0; policies && i < status->record.policy_count; i++)
		if (!is_expired_only || has_expired(status, i))
			json_array_append_new(policies, json_string(status->record.policies[i].id));
	return policies;
}

static json_t *next_as_json(const struct embargo_status *status)
{
	json_t *next;

	if (status->next.at == INT64_MAX)
		return json_null();
	next = json_object();
	if (next) {
		embargo_json_set_time(next, "at", status->next.at);
		embargo_json_set_text(next, "action", embargo_action_name(status->next.action));
	}
	return next;
}

static json_t *waivers_as_json(const struct embargo_status *status)
{
	json_t *waivers = json_object(), *next;

	embargo_json_set_number(waivers, "count", status->head.waiver_count);
	if (status->next_waiver.until == INT64_MAX) {
		embargo_json_set(waivers, "next", json_null());
		return waivers;
	}
	next = json_object();
	embargo_json_set_text(next, "ticket", status->next_waiver.ticket);
	embargo_json_set_time(next, "until", status->next_waiver.until);
	embargo_json_set(waivers, "next", next);
	return waivers;
}

static json_t *watch_as_json(const struct embargo_status *status)
{
	const struct embargo_inventory_progress *inventory = &status->watch.inventory;
	const struct embargo_examiner_counts *counts = &status->watch.counts;
	json_t *object, *progress;

	if (!status->is_watched)
		return json_null();
	object = json_object();
	progress = json_object();
	embargo_json_set_number(object, "classified", counts->classified);
	embargo_json_set_number(object, "remembered", counts->remembered);
	embargo_json_set_number(object, "learned", counts->learned);
	embargo_json_set_number(object, "failed", counts->failed);
	embargo_json_set(progress, "done", json_boolean(inventory->is_done));
	embargo_json_set_number(progress, "seen", inventory->seen);
	embargo_json_set_number(progress, "expected", inventory->expected);
	embargo_json_set_number(progress, "skipped", inventory->skipped);
	embargo_json_set(object, "inventory", progress);
	return object;
}

static json_t *blacklist_as_json(const struct embargo_blacklist *blacklist)
{
	json_t *object;

	if (!blacklist->is_known)
		return json_null();
	object = json_object();
	embargo_json_set_number(object, "entries", blacklist->entries);
	embargo_json_set_number(object, "bin", blacklist->files);
	embargo_json_set_number(object, "tbs", blacklist->issued);
	return object;
}

static int print_json(const struct embargo_status *status)
{
	_cleanup_json_ json_t *object = json_object();
	char text[3 * EMBARGO_DIAGNOSTIC_TEXT];

	if (!object)
		return -ENOMEM;
	embargo_json_set(object, "enforcing", json_boolean(status->enforcing));
	embargo_diagnostic_format(&status->why, text, sizeof(text));
	embargo_json_set_text(object, "why", status->enforcing ? NULL : text);
	embargo_json_set_text(object, "kernel", status->host.release);
	embargo_json_set(object, "daemon",
			 status->daemon > 0 ? json_integer(status->daemon) : json_null());
	embargo_json_set_time(object, "now", status->now);
	embargo_json_set_time(object, "floor", status->floor);
	embargo_json_set(object, "clock_behind", json_boolean(status->behind));
	embargo_json_set_number(object, "generation", status->head.number);
	embargo_json_set_number(object, "digests", status->head.digest_count);
	embargo_json_set_number(object, "learned", status->learned);
	embargo_json_set_number(object, "learnable", status->learnable);
	embargo_json_set_number(object, "learned_in_all", status->kept);
	embargo_json_set(object, "learned_by", rules_as_json(status));
	embargo_json_set(object, "watch", watch_as_json(status));
	embargo_json_set(object, "policies", policies_as_json(status, false));
	embargo_json_set(object, "expired", policies_as_json(status, true));
	embargo_json_set(object, "hooks", hooks_as_json(status));
	embargo_json_set(object, "next", next_as_json(status));
	embargo_json_set(object, "waivers", waivers_as_json(status));
	embargo_json_set(object, "counters", counters_as_json(status));
	embargo_json_set(object, "blacklist", blacklist_as_json(&status->blacklist));
	embargo_json_set(object, "gate", embargo_gate_report_to_json(&status->gate));
	embargo_json_set_number(object, "memory", status->memory);
	embargo_json_set_number(object, "load_ms", status->record.load_ms);
	return embargo_json_print(object, stdout);
}

int embargo_cmd_status(int argc, char **argv)
{
	struct options options = { 0 };
	struct embargo_status status;
	int result = embargo_options_parse(&embargo_verb_status, &argc, &argv, &options);
	int error;

	if (result != EMBARGO_OPTIONS_PARSED)
		return result;
	if (argc)
		return embargo_options_refuse(&embargo_verb_status, argv[0]);
	error = embargo_status_gather(&status);
	if (error && error != -ENOENT) {
		embargo_log_diagnostic(NULL, &status.why);
		embargo_status_free(&status);
		return EMBARGO_EXIT_FAILURE;
	}
	if (options.json)
		print_json(&status);
	else if (options.openmetrics)
		embargo_status_metrics(&status);
	else
		print_text(&status);
	embargo_status_free(&status);
	return error ? EMBARGO_EXIT_NO : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_status = {
	.name = "status",
	.summary = "say whether policies are in force, and how it goes",
	.details = "Exits with 1 where nothing is in force.",
	.options = table,
	.run = embargo_cmd_status,
};
